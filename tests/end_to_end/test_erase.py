"""forget --erase with real processes: every file of the data root is looked through."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from slm.errors import DaemonUnavailable, NeedsUser, TimedOut
from tests.end_to_end.home import Home, on_a_small_disk, wait_until

OTHERS = [f"heron number {number} nests by the lake" for number in range(4)]

LONGEST_S = 0.12
"""Within which an erasing of a small store ends, more or less."""


def secret(number: int) -> str:
    return f"xylophonist{number} keeps quetzalcoatl{number} in the vault"


def left(home: Home, number: int) -> list[str]:
    """Files below the home, the log and the socket's folder among them, that hold a word of the secret."""
    words = [f"{word}{number}".encode(form) for word in ("xylophonist", "quetzalcoatl")
             for form in ("utf-8", "utf-16-le", "utf-16-be")]  # fmt: skip
    files = {path: path.read_bytes() for path in home.root.rglob("*") if path.is_file()}
    return [str(path) for path, body in files.items() if any(word in body for word in words)]


def erase(home: Home, *ids: str) -> dict[str, Any]:
    said = home.slm("--json", "forget", "--erase", "--yes", *ids)
    assert said.code == 0, said.err
    return dict(said.document)


def test_no_byte_of_it_is_left_below_the_home(home: Home) -> None:
    """trust.md: after it, no byte of the text is left; the daemon was restarted and killed in between."""
    kept = [home.remember(other) for other in OTHERS]
    first = home.remember(secret(0), "--tag", "xylophonist0")
    assert home.slm("correct", first, secret(0), "again").code == 0
    assert home.slm("recall", "xylophonist0").code == 0
    home.stop()
    assert home.slm("list").code == 0
    assert left(home, 0)

    receipt = erase(home, first)

    assert len(receipt["erased"]) == 2
    assert left(home, 0) == []
    assert home.slm("log", "--verify", "--head", receipt["journal"]["head"]).code == 0
    home.kill()
    assert [record["id"] for record in home.exported()] == kept
    assert left(home, 0) == []
    undone = home.slm("undo", "--yes")
    assert undone.code == 2
    assert "can't be undone" in undone.err
    assert home.slm("show", first).code == 4


def _kill_within(home: Home, gone: str, seconds: float) -> None:
    """Ask for an erasing, and kill the daemon after so many seconds or when it has answered."""
    with home.json() as client:

        def ask() -> None:
            with suppress(DaemonUnavailable, TimedOut):
                client.call("erase", id=[gone])

        client.call("ops")  # connected
        asking = threading.Thread(target=ask)
        asking.start()
        wait_until(lambda: not asking.is_alive(), seconds)
        home.kill()
        asking.join()


def _erase_through_kills(home: Home, n_kills: int) -> None:
    """Kill the daemon at random moments of erasings; after each start it is whole or wholly gone, and all else is."""
    draw = random.Random(5)
    kept = {home.remember(other): other for other in OTHERS}
    for number in range(n_kills):
        gone = home.remember(secret(number))
        _kill_within(home, gone, draw.uniform(0.0, LONGEST_S))
        records = {record["id"]: record["text"] for record in home.exported()}
        whole = gone in records
        assert records == {**kept, **({gone: secret(number)} if whole else {})}
        if whole:
            erase(home, gone)
        assert left(home, number) == []
        with home.json() as client:
            assert client.call("log", verify=True)["verified"] is True
            assert all(check["ok"] for check in client.call("doctor")["checks"])
        if number % 3 == 0:
            kept[home.remember(f"written after {number}")] = f"written after {number}"


def test_a_daemon_killed_while_it_erases_leaves_it_whole_or_gone(home: Home) -> None:
    """trust.md: kill -9 during erase."""
    _erase_through_kills(home, 5)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_kills_while_it_erases(home: Home) -> None:
    """The same for long."""
    _erase_through_kills(home, 200)


def test_a_client_killed_before_its_answer_changes_nothing_about_it(home: Home) -> None:
    """The daemon ends what was asked: there is no half of it."""
    kept = home.remember(OTHERS[0])
    gone = home.remember(secret(0))
    client = home.begin("forget", "--erase", "--yes", gone)
    assert wait_until(lambda: home.slm("show", gone).code == 4 or client.poll() is not None)
    client.kill()
    client.communicate()

    assert [record["id"] for record in home.exported()] == [kept]
    assert wait_until(lambda: left(home, 0) == [])  # what only reads is answered while the files are made anew


def test_agents_cannot_erase(home: Home) -> None:
    """experience.md: an injected agent must not be able to destroy; by whatever surface it comes."""
    kept = home.remember(OTHERS[0])

    for actor in ("mcp:claude-code", "llm", "hook"):
        with home.json() as client, pytest.raises(NeedsUser, match="agents can't erase"):
            client.call("erase", id=[kept], actor=actor)

    assert [record["id"] for record in home.exported()] == [kept]


def test_a_watched_note_is_not_taken_in_again(home: Home) -> None:
    """experience.md: watch doesn't take it in again, not even after a kill and an edit of another section."""
    notes = Path(home.env["HOME"], "notes")
    notes.mkdir()
    vault = f"# Vault\n\n{secret(0)} and nobody knows of it but us.\n\n"
    sections = vault + "# Lake\n\nHerons nest there in early spring, and swans do so in late autumn.\n"
    (notes / "a.md").write_text(sections)
    home.slm("watch", "add", "notes")
    (gone,) = [record["id"] for record in home.exported() if "xylophonist0" in record["text"]]

    receipt = erase(home, gone)

    assert receipt["sources"] == [str(notes / "a.md")]
    home.kill()
    (notes / "a.md").write_text(sections + "\n# Tea\n\nThere is tea on the second floor, and biscuits on most days.\n")
    home.slm("daemon", "start")
    assert wait_until(lambda: "Tea" in home.slm("list", "--all-scopes").out)
    assert "xylophonist0" not in home.slm("list", "--all-scopes").out
    assert left(home, 0) == [str(notes / "a.md")]


@pytest.fixture
def disk(home: Home) -> Iterator[Home]:
    """A home whose data lie on a file system of forty megabytes."""
    with on_a_small_disk(home, 40) as made:
        yield made


def test_without_room_nothing_is_erased_and_with_room_again_it_is(disk: Home) -> None:
    """experience.md: compaction checks its space first; exit code 8."""
    kept, gone = disk.remember(OTHERS[0]), disk.remember(secret(0))
    filler = disk.data / "filler"
    filler.write_bytes(bytes(24 << 20))

    refused = disk.slm("forget", "--erase", "--yes", gone)

    assert refused.code == 8
    assert "nothing was erased" in refused.err
    assert [record["id"] for record in disk.exported()] == [kept, gone]
    filler.unlink()
    erase(disk, gone)
    assert [record["id"] for record in disk.exported()] == [kept]
    assert left(disk, 0) == []

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from slm.model import FIELDS, ONLY_WHEN_SET
from tests.end_to_end.home import MODULE, SCRIPT, Home

PLURAL_OF_ONE = re.compile(
    r"(?<![\d.:])1 (?:memories|entries|claims|uses|calls|files|lines|records|checks|groups|chunks|texts|folders|times|"
    r"contradictions|passages|names|sessions|changes|journal entries|independent checks|watched folders)\b"
)


def test_the_first_five_minutes(home: Home) -> None:
    """experience.md: remember and recall without quotes, offline; a paraphrase is found; the old text is replaced."""
    remembered = home.slm("remember", "the", "api", "listens", "on", "5432")
    old = remembered.out.strip()
    assert (remembered.code, len(old), remembered.err) == (0, 12, "remembered\n")

    asked = home.slm("recall", "which", "port", "does", "our", "service", "use")
    assert asked.code == 0
    assert asked.out.splitlines()[0] == f"{old[:5]}  the api listens on 5432"
    assert " %) · global · " in asked.err

    corrected = home.slm("correct", old[:5], "the", "api", "listens", "on", "5433")
    assert corrected.code == 0
    assert f"replaces {old[:5]}" in corrected.err
    shown = home.slm("show", old, "--history")
    assert "the api listens on 5433" in shown.out
    assert "the api listens on 5432" in shown.out
    assert "5432" not in home.slm("recall", "api", "port").out

    refused = home.slm("remember", "the api listens on 5432")
    assert refused.code == 0
    assert "you corrected this" in refused.err
    assert home.slm("undo", "--yes").code == 0
    assert "5432" in home.slm("recall", "api", "port").out


def test_what_one_wrote_is_listed_logged_and_forgotten(home: Home) -> None:
    """client.md, Commands: each through a real process and the one daemon."""
    first = home.remember("olives are green", "--tag", "food", "--pin")
    second = home.remember("lunch is at noon", "--private")

    assert home.slm("list", "--ids").out.split() == [second, first]
    assert home.slm("tag", first, "+green", "-food").code == 0
    assert home.slm("list", "--tag", "green", "--ids").out.split() == [first]
    assert home.slm("unpin", first).code == 0
    assert home.slm("used", first[:6]).code == 0
    assert home.slm("list", "--unused", "--ids").out.split() == [second]
    assert home.slm("forget", second, "--reason", "moved").code == 0
    assert home.slm("list", "--ids").out.split() == [first]
    assert [line.split()[3] for line in home.slm("log").out.splitlines()] == [
        "forget", "unpin", "tag", "remember", "remember",
    ]  # fmt: skip
    verified = home.slm("log", "--verify")
    assert verified.code == 0
    assert home.slm("log", "--verify", "--head", verified.out.strip()).code == 0


@pytest.mark.parametrize("program", [[str(SCRIPT)], MODULE], ids=["thin client", "module"])
def test_both_ways_to_run_slm_print_the_same(lived_in: Home, program: list[str]) -> None:
    """client.md: one app, two hosts."""
    if program != MODULE and not SCRIPT.exists():
        pytest.skip("the slm script is not installed beside this interpreter")

    listed = lived_in.slm("list", "--ids", program=program)
    asked = lived_in.slm("recall", "--json", "which port", program=program)
    missing = lived_in.slm("show", "zzzz", program=program)

    assert (listed.code, len(listed.out.split())) == (0, 1)
    assert (asked.code, asked.document["hits"][0]["memory"]["id"]) == (0, listed.out.strip())
    assert (missing.code, missing.out) == (4, "")
    assert missing.err.startswith("slm: error: no memory with the id zzzz\n  fix: ")


def test_json_is_one_document_with_the_documented_fields(lived_in: Home) -> None:
    """client.md, Records and results."""
    answer = lived_in.slm("recall", "--json", "--why", "api port").document
    record = answer["hits"][0]["memory"]

    assert set(record) == set(FIELDS) - ONLY_WHEN_SET
    assert set(answer["hits"][0]) >= {"rank", "score", "memory", "phase", "flags", "why"}
    assert {"recall_id", "abstained", "reason", "probability", "near_misses", "scope", "timings_ms"} <= set(answer)
    assert round(sum(answer["hits"][0]["why"].values()), 6) == answer["hits"][0]["score"]
    listed = [json.loads(line) for line in lived_in.slm("list", "--json").out.splitlines()]
    assert listed == [record]
    entry = json.loads(lived_in.slm("log", "--json").out.splitlines()[0])
    assert set(entry) == {"seq", "time", "actor", "op", "summary", "hash"}


def test_why_explains_and_no_file_holds_the_question(home: Home) -> None:
    """experience.md: queries never reach the disk. Store, log and everything else of this home are read."""
    kept = home.remember("the API listens on 5433 since the PG16 move", "--source", "notes.md")
    other = home.remember("lunch is at noon")

    answer = home.slm("recall", "--json", "--why", "--min-confidence", "0", "which zyxomma port is the API on").document
    last = home.slm("why", "--json", "--last").document
    about = home.slm("why", kept[:6])
    lacking = home.slm("why", other, "-n", "1", "--min-confidence", "0", "--for", "which", "zyxomma", "port")
    home.slm("recall", "--since", "someday", "zyxomma")
    used = home.slm("used", kept)

    assert [hit["why"] for hit in last["hits"]] == [hit["why"] for hit in answer["hits"]]
    assert last["query"] == "which zyxomma port is the API on"
    assert "notes.md" in about.out
    assert 'the 1st hit for "which zyxomma port is the API on"' in about.out
    assert "limit: rank 2 of 2, at most 1 are shown  (--limit 2)" in lacking.out
    assert (about.code, lacking.code, used.code) == (0, 0, 0)
    running = _files_with(home, b"zyxomma")
    home.stop()
    assert (running, _files_with(home, b"zyxomma")) == ([], [])
    assert _files_with(home, b"PG16"), "the search itself works: texts are there"
    assert _files_with(home, b"listens on /"), "so is the log"
    assert home.slm("why", "--last").code == 4


def _files_with(home: Home, words: bytes) -> list[Path]:
    files = [path for path in home.root.rglob("*") if path.is_file()]
    return [path for path in files if words in path.read_bytes()]


def test_the_status_tells_of_the_daemon_and_its_store(lived_in: Home) -> None:
    """contract of ``status``: numbers a script can watch."""
    status = lived_in.slm("status", "--json").document

    assert status["pid"] == lived_in.pid()
    assert status["root"] == str(lived_in.data)
    assert status["memories"]["live"] == 1
    assert status["model"]["dims"] == 384


def test_an_export_moves_to_another_home_wholly(home: Home, lived_in: Home) -> None:
    """experience.md: ``ssh old slm export | slm import --from jsonl -``: merges, idempotent."""
    exported = lived_in.slm("export").out

    first = home.slm("import", "--json", "--from", "jsonl", "-", stdin=exported.encode())
    again = home.slm("import", "--json", "--from", "jsonl", "-", stdin=exported.encode())

    assert (first.code, first.document["stored"]) == (0, 1)
    assert (again.code, again.document["stored"], again.document["confirmed"]) == (0, 0, 1)
    assert home.slm("export").out.splitlines()[1:] == exported.splitlines()[1:]


def test_a_folder_inside_git_is_a_scope_of_its_own(home: Home) -> None:
    """experience.md: project = the git repository of the cwd; recall looks at project + global."""
    project = home.root / "home" / "api"
    for args in (["init", "-q"], ["remote", "add", "origin", "git@example.org:acme/api.git"]):
        project.mkdir(exist_ok=True)
        assert os.spawnvpe(os.P_WAIT, "git", ["git", "-C", str(project), *args], home.env) == 0
    home.env["HOME"] = str(project)  # commands run in their home
    inside = home.remember("the port is 5433")
    home.env["HOME"] = str(home.root / "home")

    elsewhere = home.slm("recall", "port")

    assert home.slm("show", "--json", inside).document["memories"][0]["scope"].endswith("acme/api")
    assert elsewhere.code == 1
    assert "acme/api" in elsewhere.err


EXIT_CODES = [
    (0, ["recall", "api"]),
    (1, ["recall", "giraffe"]),
    (1, ["list", "--tag", "absent"]),
    (2, ["recall"]),
    (2, ["remember", ""]),
    (2, ["rememer", "x"]),
    (2, ["recall", "--limit", "0", "x"]),
    (2, ["recall", "--since", "someday", "x"]),
    (2, ["why"]),
    (4, ["why", "zzzz", "--for", "x"]),
    (2, ["list", "--kind", "poem"]),
    (2, ["forget", "--tag", "api"]),
    (4, ["show", "zzzz"]),
    (4, ["undo", "99", "--yes"]),
    (4, ["profile", "delete", "absent", "--yes"]),
]


@pytest.mark.parametrize(("code", "argv"), EXIT_CODES, ids=[" ".join(argv) for _, argv in EXIT_CODES])
def test_exit_codes_are_those_of_the_table(lived_in: Home, code: int, argv: list[str]) -> None:
    """client.md, Exit codes; a failure says what on stderr, and with --json as JSON."""
    said, as_json = lived_in.slm(*argv), lived_in.slm("--json", *argv)

    assert (said.code, as_json.code) == (code, code)
    if code > 1:
        assert "slm: error: " in said.err
        assert (said.out, as_json.out) == ("", "")
        assert set(as_json.error) == {"type", "message", "hint"}


def test_one_thing_is_said_in_the_singular(home: Home) -> None:
    """English, whatever the command: "1 use", "1 memory". A store of one memory with one claim, used once."""
    one = home.remember("the port of the api is 5432")
    home.slm("used", one)
    notes = home.root / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("# Ports\n\nThe shop listens on 5433 since it moved to the new cluster.\n")
    commands = [
        "status", "stats", "stats weights", "doctor", "doctor --privacy", "list", f"show {one}", f"why {one}", "audit",
        "log", "log --verify", "recall --why which port does the api use", "scope list", "profile list", "undo --yes 1",
        f"watch add {notes}", "watch list", f"watch remove {notes} --forget", "list --similar",
        f"export -o {home.root}/x.jsonl", f"import {home.root}/x.jsonl --from jsonl --dry-run",
        f"import {home.root}/x.jsonl --from jsonl", f"backup create {home.root}/b", f"backup verify {home.root}/b",
        f"forget {one} --erase --dry-run", f"forget {one} --erase --yes",
    ]  # fmt: skip

    for command in commands:
        said = home.slm(*command.split())
        assert said.code in (0, 1), (command, said)
        assert not PLURAL_OF_ONE.search(said.out + said.err), (command, said.out + said.err)

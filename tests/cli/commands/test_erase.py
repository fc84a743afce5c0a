"""forget --erase: shown and asked, refused without either, and answered with a receipt."""

from __future__ import annotations

import json

import pytest

from slm.errors import StorageRefused
from tests.cli.canned import memory

IDS = ["k3m9q0000000", "p7d2x0000000"]
OUT_OF_REACH = ["exports", "transcripts"]
ABOUT = {
    "erased": IDS, "pinned": [], "entries": 3, "same_text": [], "backups": [], "sources": [],
    "out_of_reach": OUT_OF_REACH,
}  # fmt: skip
FOUND = ABOUT | {
    "memories": [memory(IDS[0]) | {"named": True}, memory(IDS[1], "it was 5432") | {"named": False}],
    "dry_run": True,
}
DONE = ABOUT | {
    "chunks": 2, "names": 1, "journal": {"entries": 41, "head": "ab" * 32}, "dry_run": False,
}  # fmt: skip
NONE = ABOUT | {"erased": [], "entries": 0, "memories": [], "dry_run": True}


def erasing(fields):
    return FOUND if fields.get("dry_run") else DONE


ANSWERS = {"erase": erasing}


@pytest.mark.parametrize(
    ("argv", "selector"),
    [
        (("k3m9q", "p7d2x"), {"id": ["k3m9q", "p7d2x"]}),
        (("--tag", "x"), {"tag": "x"}),
        (("--source", "n.md"), {"source": "n.md"}),
        (("--mentions", "Anna Berg"), {"mentions": "Anna Berg"}),
    ],
)
@pytest.mark.parametrize("reply", [b"y\n", b"yes\n"])
def test_it_is_shown_and_asked_even_by_id(client, argv, selector, reply):
    """A destructive verb asks; there is no undo, so ids that were typed are no exception."""
    ran = client("forget", *argv, "--erase", terminal=True, stdin=reply, answers=ANSWERS)

    assert ran.calls == [("erase", {"dry_run": True, **selector}), ("erase", {"id": IDS})]
    assert "it was 5432" in ran.stderr
    assert "1 is an earlier or later version of the same" in ran.stderr
    assert "erase 2 memories for good? [y/N] " in ran.stderr
    assert ran.code == 0


@pytest.mark.parametrize("reply", [b"n\n", b"\n", b"", b"k3m9q\n"])
def test_anything_but_yes_erases_nothing(client, reply):
    ran = client("forget", "k3m9q", "--erase", terminal=True, stdin=reply, answers=ANSWERS)

    assert [fields.get("dry_run") for _, fields in ran.calls] == [True]
    assert (ran.code, ran.stdout) == (1, "")
    assert ran.stderr.endswith("nothing was erased\n")


def test_a_script_needs_yes(client):
    """Nobody is there to be asked: exit 2, and the option is named."""
    ran = client("forget", "k3m9q", "--erase", answers=ANSWERS)

    assert (ran.code, len(ran.calls)) == (2, 1)
    assert "--yes" in ran.stderr


def test_nobody_is_asked_in_json(client):
    ran = client("--json", "forget", "k3m9q", "--erase", terminal=True, stdin=b"y\n", answers=ANSWERS)

    assert ran.code == 2
    assert json.loads(ran.stderr)["error"]["type"] == "usage"


def test_exactly_what_was_shown_is_erased(client):
    """A memory that came to match between question and answer was not agreed to."""
    ran = client("forget", "--tag", "x", "--erase", "--yes", answers=ANSWERS)

    assert ran.calls[1] == ("erase", {"id": IDS})
    assert "for good?" not in ran.stderr


def test_the_receipt_goes_to_stdout(client):
    """experience.md: what was erased, the head of the journal after it, what is out of reach; to be kept."""
    ran = client("forget", "k3m9q", "--erase", "--yes", answers=ANSWERS)

    assert ran.stdout.splitlines() == [
        "erased 2 memories, 2 passages, 3 journal entries, 1 name",
        "ids: k3m9q0000000 p7d2x0000000",
        f"journal: 41 entries, head {'ab' * 32}",
        "out of reach: exports; transcripts",
    ]
    assert ran.stderr == ""


def test_the_receipt_in_json_is_the_whole_answer(client):
    ran = client("--json", "forget", "k3m9q", "--erase", "--yes", answers=ANSWERS)

    assert json.loads(ran.stdout) == DONE


def test_what_keeps_the_text_all_the_same_is_named_before_and_after(client):
    """experience.md: slm's own backups that still hold it; sources; the same text elsewhere."""
    kept = {
        "backups": ["/b/old.slm"], "sources": ["notes/\x1b[31mports.md"], "same_text": ["w8c4t0000000"],
        "pinned": [IDS[0]],
    }  # fmt: skip
    answers = {"erase": [FOUND | kept, DONE | kept]}

    ran = client("forget", "k3m9q", "--erase", terminal=True, stdin=b"y\n", answers=answers)

    for said in (ran.stdout, ran.stderr):
        assert "backup that holds it: /b/old.slm" in said
        assert "source that may hold it: notes/" in said
        assert "the same text stays in: w8c4t" in said
        assert "\x1b[31mports" not in said
    assert "pinned: k3m9q" in ran.stderr


def test_a_dry_run_prints_what_would_go_and_asks_nothing(client):
    ran = client("forget", "k3m9q", "--erase", "--dry-run", terminal=True, answers=ANSWERS)

    assert ran.calls == [("erase", {"dry_run": True, "id": ["k3m9q"]})]
    assert "it was 5432" in ran.stdout
    assert ran.stderr == "would erase 2 memories\n"
    assert ran.code == 0


def test_a_dry_run_in_json_is_the_document(client):
    ran = client("--json", "forget", "k3m9q", "--erase", "--dry-run", answers=ANSWERS)

    assert json.loads(ran.stdout) == FOUND


def test_nothing_to_erase_ends_with_1(client):
    ran = client("forget", "--tag", "x", "--erase", "--yes", answers={"erase": NONE})

    assert (ran.code, ran.stderr, len(ran.calls)) == (1, "nothing to erase\n", 1)


def test_a_long_selection_is_asked_about_in_part(client):
    many = [memory(f"k3m9q{i:07d}", f"text {i}") | {"named": True} for i in range(30)]
    found = FOUND | {"memories": many, "erased": [each["id"] for each in many]}

    ran = client("forget", "--tag", "x", "--erase", terminal=True, stdin=b"n\n", answers={"erase": found})

    assert "… and 10 more" in ran.stderr
    assert "erase 30 memories for good?" in ran.stderr


def test_a_reason_is_refused(client):
    """It would be kept, and tell of what is gone."""
    ran = client("forget", "k3m9q", "--erase", "--reason", "private", answers=ANSWERS)

    assert (ran.code, ran.calls) == (2, [])
    assert "--erase keeps nothing" in ran.stderr


def test_ids_come_from_standard_input_with_yes(client):
    """Standard input can't be asked as well."""
    ran = client("forget", "-", "--erase", "--yes", stdin=b"k3m9q\np7d2x\n", answers=ANSWERS)

    assert ran.calls[0] == ("erase", {"dry_run": True, "id": ["k3m9q", "p7d2x"]})


def test_no_room_ends_with_8(client):
    """One exit code for a full disk, and what to do."""
    full = StorageRefused("needs 40 MiB, 1 MiB are free", hint="free some disk space, then repeat the command")

    ran = client("forget", "k3m9q", "--erase", "--yes", answers={"erase": [FOUND, full]})

    assert ran.code == 8
    assert "free some disk space" in ran.stderr


def test_the_daemon_leaves_it_to_the_client(daemon):
    """Prompts belong where the terminal is."""
    assert not daemon("forget", "k3m9q", "--erase", "--yes", answers=ANSWERS).reply

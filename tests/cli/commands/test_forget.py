"""forget and undo: shown, asked, and only then done."""

from __future__ import annotations

import json

import pytest

from tests.cli.canned import memory

FOUND = [memory(), memory("p7d2x0000000", "Anna Berg called")]
NONE = {"forgotten": [], "dry_run": True}
UNDO = {"entry": 41, "op": "forget", "time": "2024-11-03T10:00:00Z", "summary": "k3m9q forgotten_at", "undone": False}


def forgetting(fields):
    return {"forgotten": FOUND, "dry_run": bool(fields.get("dry_run"))}


def undoing(fields):
    return UNDO | {"undone": not fields.get("dry_run")}


def test_named_ids_are_forgotten_without_a_question(either):
    """They were named one by one, and undo brings them back."""
    ran = either("forget", "k3m9q", "p7d2x", "--reason", "private", answers={"forget": forgetting})

    assert ran.calls == [("forget", {"id": ["k3m9q", "p7d2x"], "reason": "private"})]
    assert ran.stdout.splitlines()[1] == "p7d2x  3 Nov 2024  Anna Berg called"
    assert ran.stderr == "forgot 2 memories; slm undo brings them back\n"


def test_a_dry_run_changes_nothing(either):
    ran = either("forget", "k3m9q", "--dry-run", answers={"forget": forgetting})

    assert ran.calls == [("forget", {"id": ["k3m9q"], "dry_run": True})]
    assert ran.stderr == "would forget 2 memories\n"


def test_ids_can_come_from_a_list(either):
    """``slm list --ids --unused | slm forget -``."""
    ran = either("forget", "-", stdin=b"k3m9q0000000\np7d2x0000000\n", answers={"forget": forgetting})

    assert ran.calls == [("forget", {"id": ["k3m9q0000000", "p7d2x0000000"]})]


def test_an_empty_list_of_ids_is_wrong_usage(either):
    ran = either("forget", "-", stdin=b"\n")

    assert (ran.code, ran.calls) == (2, [])


@pytest.mark.parametrize("selector", [("--tag", "tag"), ("--source", "source"), ("--mentions", "mentions")])
@pytest.mark.parametrize("reply", [b"y\n", b"YES\n"])
def test_a_selection_is_shown_and_asked_first(selector, reply, client):
    option, field = selector

    ran = client("forget", option, "Anna Berg", terminal=True, stdin=reply, answers={"forget": forgetting})

    assert ran.calls == [
        ("forget", {"dry_run": True, field: "Anna Berg"}),
        ("forget", {"id": ["k3m9q0000000", "p7d2x0000000"]}),
    ]
    assert "Anna Berg called" in ran.stderr
    assert "forget 2 memories? [y/N] " in ran.stderr
    assert ran.code == 0


@pytest.mark.parametrize("reply", [b"n\n", b"\n", b"", b"maybe\n"])
def test_anything_but_yes_forgets_nothing(reply, client):
    ran = client("forget", "--tag", "x", terminal=True, stdin=reply, answers={"forget": forgetting})

    assert ran.calls == [("forget", {"dry_run": True, "tag": "x"})]
    assert ran.code == 1
    assert ran.stderr.endswith("nothing was forgotten\n")


def test_exactly_what_was_shown_is_forgotten(client):
    """A memory that came to match between question and answer was not agreed to."""
    ran = client("forget", "--tag", "x", "--yes", answers={"forget": forgetting})

    assert ran.calls[1][1]["id"] == [each["id"] for each in FOUND]


def test_a_long_selection_is_shown_in_part(client):
    many = [memory(f"k3m9q{i:07d}", f"text {i}") for i in range(30)]
    ran = client(
        "forget", "--tag", "x", terminal=True, stdin=b"n\n", answers={"forget": {"forgotten": many, "dry_run": True}}
    )

    assert "… and 10 more" in ran.stderr
    assert "text 20" not in ran.stderr


def test_a_selection_in_a_script_needs_yes(client):
    ran = client("forget", "--tag", "x", answers={"forget": forgetting})

    assert ran.code == 2
    assert "--yes" in ran.stderr
    assert ran.calls == [("forget", {"dry_run": True, "tag": "x"})]


def test_nobody_is_asked_in_json(client):
    ran = client("forget", "--tag", "x", "--json", terminal=True, stdin=b"y\n", answers={"forget": forgetting})

    assert ran.code == 2
    assert json.loads(ran.stderr)["error"]["type"] == "usage"


def test_a_dry_run_of_a_selection_asks_nothing(client):
    ran = client("forget", "--mentions", "Anna Berg", "--dry-run", answers={"forget": forgetting})

    assert ran.calls == [("forget", {"dry_run": True, "mentions": "Anna Berg"})]
    assert ran.stderr == "would forget 2 memories\n"


def test_nothing_to_forget_ends_with_1(client):
    ran = client("forget", "--tag", "x", "--yes", answers={"forget": NONE})

    assert (ran.code, ran.stderr) == (1, "nothing to forget\n")


@pytest.mark.parametrize("argv", [[], ["k3m9q", "--tag", "x"], ["--tag", "x", "--source", "y"]])
def test_one_way_of_choosing_is_needed(argv, client):
    ran = client("forget", *argv)

    assert (ran.code, ran.calls) == (2, [])


def test_json_lists_what_was_forgotten(either):
    ran = either("forget", "k3m9q", "--json", answers={"forget": forgetting})

    assert json.loads(ran.stdout) == {"forgotten": FOUND, "dry_run": False}


def test_undo_shows_the_change_and_asks(client):
    ran = client("undo", terminal=True, stdin=b"y\n", answers={"undo": undoing})

    assert ran.calls == [("undo", {"dry_run": True}), ("undo", {"entry": 41})]
    assert "41  2024-11-03T10:00:00Z  forget  k3m9q forgotten_at" in ran.stderr
    assert "undo this? [y/N] " in ran.stderr
    assert "undid 41" in ran.stderr


def test_undo_can_be_declined(client):
    ran = client("undo", terminal=True, stdin=b"n\n", answers={"undo": undoing})

    assert ran.calls == [("undo", {"dry_run": True})]
    assert ran.code == 1


def test_undo_of_an_entry_names_it(client):
    assert client("undo", "41", "--yes", answers={"undo": undoing}).calls == [("undo", {"entry": 41})]


def test_undo_in_a_script_needs_yes(client):
    assert client("undo", answers={"undo": undoing}).code == 2


def test_a_dry_run_of_undo_says_what_it_would_be(either):
    ran = either("undo", "--dry-run", answers={"undo": undoing})

    assert ran.calls == [("undo", {"dry_run": True})]
    assert ran.stderr == "would undo 41  2024-11-03T10:00:00Z  forget  k3m9q forgotten_at\n"


def test_undo_in_json_is_the_result(client):
    assert json.loads(client("undo", "--yes", "--json", answers={"undo": undoing}).stdout)["undone"] is True


OF_AGENT = {
    "entries": [
        {"entry": n, "op": "remember", "time": "2024-11-03T10:00:00Z", "summary": f"k3m9q thing {n}"}
        for n in range(42, 20, -1)
    ],
    "kept": [{"entry": 20, "summary": "x", "reason": "entry 20 can't be undone: k3m9q was changed since (pinned)"}],
    "undone": True,
}


def test_all_of_an_agent_is_shown_and_asked_for_as_one(client):
    """The question says how much and whose; a script needs --yes."""
    argv = ("undo", "--actor", "mcp:x", "--since", "monday")
    ran = client(*argv, terminal=True, stdin=b"y\n", answers={"undo": OF_AGENT})

    fields = {"by_actor": "mcp:x", "since": "monday"}
    assert ran.calls == [("undo", {**fields, "dry_run": True}), ("undo", fields)]
    assert "42  2024-11-03T10:00:00Z  remember  k3m9q thing 42" in ran.stderr
    assert "… and 2 more" in ran.stderr
    assert "undo 22 changes of mcp:x? [y/N] " in ran.stderr
    assert "undid 22 changes" in ran.stderr
    assert "kept: entry 20 can't be undone" in ran.stderr
    assert client(*argv, answers={"undo": OF_AGENT}).code == 2


def test_all_of_an_agent_can_be_declined_and_tried_dry(client):
    declined = client("undo", "--actor", "mcp:x", terminal=True, stdin=b"n\n", answers={"undo": OF_AGENT})
    dry = client("undo", "--actor", "mcp:x", "--dry-run", answers={"undo": OF_AGENT})

    assert (declined.code, len(declined.calls)) == (1, 1)
    assert (dry.code, len(dry.calls), len(dry.stdout.splitlines())) == (0, 1, 21)
    assert "would undo 22 changes" in dry.stderr


def test_all_of_an_agent_in_json_is_the_result(client):
    ran = client("undo", "--actor", "mcp:x", "--yes", "--json", answers={"undo": OF_AGENT})

    assert json.loads(ran.stdout) == OF_AGENT


def test_where_all_was_taken_in_hand_nothing_is_asked(client):
    kept = {**OF_AGENT, "entries": []}
    ran = client("undo", "--actor", "mcp:x", terminal=True, answers={"undo": kept})

    assert (ran.code, len(ran.calls)) == (1, 1)
    assert "undid 0 changes\nkept: " in ran.stderr

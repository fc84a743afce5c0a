"""The stories of audit."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.cells import cell_len

from slm.cli.render.audit import conflict_names, coverage, explained, report, resolved, story
from slm.cli.render.claims import claim_rows, claimed
from slm.cli.render.memory import short_ids
from slm.cli.render.results import found_at_write
from slm.cli.render.text import Layout
from tests.cli.canned_audit import AUDIT, DEPLOY, EXPLAIN, MARCH, REPLACED, VIM, audited, claim, conflict

NOW = datetime(2024, 11, 3, 12, tzinfo=UTC)
WIDE, NARROW = Layout(None, False, NOW), Layout(44, False, NOW)


def told(layout=WIDE, **more):
    shown = conflict(**more)
    return story(shown, "c:4d1", short_ids(each["memory_id"] for each in shown["claims"]), layout)


def test_a_story_says_what_who_why_and_what_to_do():
    """Mock-up of the experience page."""
    assert told() == [
        "c:4d1  These three can't all be true",
        "  b2v8n  Audit is on 14 March",
        "         claude-code, 3 hours ago · audit.date=2025-03-14",
        "  k3m9q  Deploy is 2 days before the audit",
        "         you, 3 hours ago · deploy.date=audit.date-2d",
        "  w8c4t  Deploy is on 10 March",
        "         plan.md, 3 hours ago · deploy.date=2025-03-10",
        "  14 Mar 2025 − 2 days = 12 Mar 2025, not 10 Mar 2025: misses by 2 days",
        "  Any one may be wrong, no sum can tell them apart; least trusted: b2v8n",
        "  severity 0.50 · across 2 sources",
        "  fix: slm audit resolve c:4d1 --drop ID, --ends ID DATE or --accept",
    ]


def test_a_suspect_that_stands_alone_is_said_to_settle_it():
    """Design: never one culprit where the class is larger."""
    [line] = [line for line in told(suspects=[MARCH["id"]]) if "settles" in line]

    assert line == "  Only w8c4t settles it alone: without it the rest agrees"


def test_some_suspects_are_listed():
    """A series on the cycle can't be told apart."""
    [line] = [line for line in told(suspects=[AUDIT["id"], MARCH["id"]]) if "One of" in line]

    assert "One of b2v8n, w8c4t may be wrong" in line


def test_what_makes_the_first_suspect_first_is_said_only_where_it_does():
    """Equal trust is no reason: the order of the list is all that there is."""
    equal = [each | {"trust": 0.9} for each in (DEPLOY, AUDIT, MARCH)]
    confirmed = [each | {"confirmations": int(each is not equal[1])} for each in equal]
    explicit = [each | {"tier": "rule" if i == 1 else "explicit"} for i, each in enumerate(equal)]

    assert any("first to look at: b2v8n" in line for line in told(claims=equal))
    assert any("least confirmed: b2v8n" in line for line in told(claims=confirmed))
    assert any("not claimed in so many words: b2v8n" in line for line in told(claims=explicit))


def test_two_memories_are_both_and_one_contradicts_itself():
    """English."""
    assert told(claims=[DEPLOY, AUDIT], suspects=[AUDIT["id"]])[0].endswith("These two can't both be true")
    own = [DEPLOY, DEPLOY | {"id": DEPLOY["id"] + "2", "claim": "x.y=1"}]
    lines = told(claims=own, suspects=[DEPLOY["id"]])
    assert lines[0].endswith("This contradicts itself")
    assert sum("Deploy is 2 days" in line for line in lines) == 1


def test_every_line_fits_the_terminal():
    """Wide characters take two cells each."""
    wide = [each | {"text": "東京" * 60} for each in (DEPLOY, AUDIT, MARCH)]

    assert all(cell_len(line) <= 44 for line in told(NARROW, claims=wide))
    assert all(
        cell_len(line) <= 44 for line in report(audited(supersessions=[REPLACED], supersessions_total=1), NARROW)
    )


def test_what_a_narrow_terminal_has_no_room_for_stands_on_further_lines():
    """The id to look at and the commands are what the reader needs next: they are never cut."""
    lines = told(NARROW)

    assert [line for line in lines if line.endswith(": b2v8n")]
    assert lines[-2:] == ["  fix: slm audit resolve c:4d1 --drop ID,", "       --ends ID DATE or --accept"]


def test_what_would_be_done_says_nothing_of_what_is_left():
    """A dry run has changed nothing, so the conflict itself would be named."""
    result = {"conflict": "4d1xxxxxxxxx", "action": "end", "claims": [MARCH], "until": "2025-03-09T00:00:00+01:00"}

    assert resolved(result | {"conflicts": [conflict()]})[1:] == ["still contradicted: c:4d1"]
    assert resolved(result | {"conflicts": [conflict()], "dry_run": True})[1:] == []
    assert resolved(result)[0].endswith(" at 2025-03-09")


def test_of_two_either_may_be_wrong():
    """English."""
    assert any(line.startswith("  Either may be wrong, no sum") for line in told(
        claims=[DEPLOY, AUDIT], suspects=[AUDIT["id"], DEPLOY["id"]])
    )  # fmt: skip


def test_texts_can_not_act_on_a_terminal():
    """Texts are data, whoever wrote them."""
    hostile = claim("k3m9q0000000", "\x1b[2Jgone", "a\x07.b=1", actor="mcp:\x1b[31mevil")
    everything = report(audited(conflict(claims=[hostile, AUDIT, MARCH])), WIDE)

    assert not any("\x1b" in line or "\x07" in line for line in everything)


def test_colour_marks_the_name_of_the_conflict():
    """The rest stays as it is read."""
    assert told(Layout(None, True, NOW))[0].startswith("\x1b[31mc:4d1\x1b[0m  These")


def test_supersessions_stand_apart():
    """A change isn't a contradiction."""
    lines = report(audited(supersessions=[REPLACED], supersessions_total=12), WIDE)

    assert lines == [
        "Replaced by what is newer, no contradiction:",
        "  zw0wh  owner.editor=vim, until 3 hours ago; now c4y0y owner.editor=emacs",
        "  and 2 more",
        "",
    ]


def test_a_value_that_never_held_is_said_to():
    """A correction of what can't change."""
    assert "never held" in report(audited(supersessions=[REPLACED | {"at": None}], supersessions_total=1), WIDE)[1]


def test_what_isnt_shown_is_counted():
    """--limit leaves the mild ones out, not silently."""
    assert "4 more, less severe: --limit 5" in report(audited(conflict(), total=5), WIDE)


def test_coverage_says_what_could_not_be_checked():
    """Mock-up of the experience page; at 0 checks no equality could have conflicted (design)."""
    assert coverage(audited()) == "214 claims, 34 independent checks; 781 of 912 memories uncheckable; acme + global"
    none = audited(coverage={**audited()["coverage"], "dim_h1": 0, "claims": 1}, accepted=2)
    assert coverage(none).startswith("1 claim, 0 independent checks")
    assert coverage(none).endswith("2 accepted; acme + global; no equality could have conflicted")


def test_names_of_conflicts_are_as_short_as_tells_them_apart():
    """c:4d1, longer only where two begin alike."""
    assert conflict_names(["4d1aaaaaaaaa", "7kpaaaaaaaaa"]) == {"4d1aaaaaaaaa": "c:4d1", "7kpaaaaaaaaa": "c:7kp"}
    assert conflict_names(["4d1xxa000000", "4d1xxb000000"])["4d1xxa000000"] == "c:4d1xxa"


def test_the_mathematics_is_the_coboundary_and_its_class():
    """--explain: vertices, edges, coboundary, cochain, class, holonomy."""
    lines = explained(conflict(explain=EXPLAIN), WIDE)

    assert lines[0] == "    x = (audit.date, deploy.date)"
    assert "e2  deploy.date = audit.date − 2 days  (-1 1)  c = [-2, -2]" in lines[2]
    assert "tension 0.666667" in lines[1]
    assert lines[-2:] == ["    class [c] in C¹ / im δ: nonzero", "    holonomy 2, length 3, radius 0.666667 (day)"]


def test_truths_are_told_as_words_and_differ_by_no_number():
    """A holonomy of 0 beside a class that isn't zero would be a riddle."""
    boolean = EXPLAIN | {"cochain": [True, None, False], "holonomy": 0, "tension": {}}
    lines = explained(conflict(explain=boolean, kind="truth", residual=0, unit=""), WIDE)

    assert [line.partition("c = ")[2] for line in lines[1:4]] == ["true", "", "false"]
    assert lines[-1] == "    length 3, no number is off"


def test_an_order_has_no_cochain_to_show():
    """Cones aren't cochains (design)."""
    lines = explained(conflict(explain=EXPLAIN | {"cochain": [None, "red", [None, 3]]}), WIDE)

    assert "c =" not in lines[1]
    assert "c = red" in lines[2]
    assert "c = [∞, 3]" in lines[3]


def test_a_resolution_says_what_became_of_it():
    """Nothing is deleted: the words say so."""
    dropped = {"conflict": "4d1xxxxxxxxx", "action": "drop", "claims": [MARCH], "until": None, "conflicts": []}
    ended = dropped | {"action": "end", "until": "2025-01-01", "conflicts": [conflict()]}

    assert resolved(dropped) == ["c:4d1  dropped w8c4t (deploy.date=2025-03-10); the memories stay"]
    assert resolved(dropped | {"dry_run": True})[0].startswith("c:4d1  would drop w8c4t")
    assert resolved(ended) == [
        "c:4d1  ended w8c4t (deploy.date=2025-03-10) at 2025-01-01",
        "still contradicted: c:4d1",
    ]
    assert "until new evidence" in resolved(dropped | {"action": "accept"})[0]


def test_what_a_memory_brings_about_is_told_as_it_is_remembered():
    """remember prints conflicts and what it replaces; its own text isn't repeated."""
    result = {"id": MARCH["memory_id"], "conflicts": [conflict()],
              "supersedes": [{"id": "p7d2x0000000", "text": "Old", "by": "claims", "at": None}]}  # fmt: skip

    assert found_at_write(result, WIDE) == [
        "replaces p7d2x Old",
        "contradicts c:4d1",
        "  b2v8n  Audit is on 14 March",
        "  k3m9q  Deploy is 2 days before the audit",
        "  14 Mar 2025 − 2 days = 12 Mar 2025, not 10 Mar 2025: misses by 2 days",
        "  fix: slm audit resolve c:4d1 --drop ID, --ends ID DATE or --accept",
    ]


def test_claims_are_aligned_and_say_how_they_were_found():
    """Explicit, read by a rule, read by likeness, dropped, ended."""
    listed = [
        VIM, DEPLOY | {"tier": "explicit"}, AUDIT | {"dropped": True}, MARCH | {"valid_to": "2025-01-01T00:00:00Z"},
    ]  # fmt: skip

    assert claim_rows(listed, WIDE) == [
        "  zw0wh/zzzzz  owner.editor=vim           read",
        "  k3m9q/kkkkk  deploy.date=audit.date-2d  claimed",
        "  b2v8n/bbbbb  audit.date=2025-03-14      dropped",
        "  w8c4t/wwwww  deploy.date=2025-03-10     read, until 2025-01-01",
    ]


def test_a_memory_without_claims_shows_none():
    """No empty heading."""
    assert claimed({"all_claims": []}, WIDE) == []
    assert claimed({"all_claims": [VIM]}, WIDE)[1] == "  claims:"

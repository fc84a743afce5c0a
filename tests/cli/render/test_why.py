"""What why looks like where its answer is short of something."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from slm.cli.render.text import Layout
from slm.cli.render.why import about, for_question, last
from tests.cli.canned import hit, recalled, why_not, why_of
from tests.cli.render.test_lifecycle import told

NOW = datetime(2024, 11, 4, 12, tzinfo=timezone(timedelta(hours=1)))
PIPE = Layout(None, False, NOW)
EVIL = "\x1b[2J\x07\u202e"


def test_a_memory_that_no_recall_showed_says_so():
    assert about(why_of({}) | {"recalled": None}, PIPE)[-1] == "  none of your last recalls showed it"


def test_a_near_miss_is_not_called_a_hit():
    """It was shown, but not as an answer."""
    shown = about(why_of({}) | {"recalled": recalled(abstained=True, reason="only near misses", hit=hit())}, PIPE)

    assert '  a near miss for "which port" · 21 hours ago · acme/api + global' in shown


def test_flags_that_the_record_does_not_say_are_named():
    """client.md: superseded, contradicted, archived; the first one is the memory's state already."""
    shown = about(why_of({}) | {"flags": ["superseded", "contradicted", "archived"]}, PIPE)

    assert "  flags  contradicted, archived" in shown
    assert not any("superseded" in line for line in about(why_of({}) | {"flags": ["superseded"]}, PIPE))


@pytest.mark.parametrize(
    ("hits", "said"), [([hit()], "abstained: only near misses; nearest:"), ([], "abstained: only near misses")]
)
def test_a_last_recall_that_abstained_says_why(hits, said):
    assert last(recalled(abstained=True, reason="only near misses", hits=hits), PIPE)[1] == said


def test_everything_that_excludes_a_memory_is_a_line():
    excluded = [
        {"by": "forgotten", "detail": "since 2024-11-03", "hint": None},
        {"by": "as_of", "detail": "it was not true at 2001", "hint": "leave out --as-of"},
    ]
    unplaced = {"rank": None, "score": None, "why": {}, "gap": {}, "channels": {}, "excluded": excluded}

    assert for_question(why_not(**unplaced), PIPE)[2:] == [
        "       forgotten: since 2024-11-03",
        "       as of: it was not true at 2001  (leave out --as-of)",
    ]


@pytest.mark.parametrize("lowest", [None, why_not()["lowest"] | {"id": "p7d2x0000000"}])
def test_terms_stand_alone_where_there_is_no_other_hit(lowest):
    """An abstention shows nothing to compare with; the lowest hit isn't compared with itself."""
    shown = for_question(why_not(lowest=lowest), PIPE)

    assert [line.split()[0] for line in shown[3:]] == ["meaning", "words", "sum", "source"]


def test_terms_that_read_as_zero_on_both_sides_are_left_out():
    answer = why_not()
    answer["gap"] |= {"reply": 0.001, "author": -1.5}
    answer["lowest"]["why"]["author"] = 1.5

    named = [line.split()[0] for line in for_question(answer, PIPE)[4:]]

    assert named == ["words", "author", "meaning", "sum"]


def test_a_weight_that_use_has_moved_is_told_in_every_form():
    """The same words as in recall --why."""
    weights = {"words": {"weight": 1.43, "default": 1.5, "drift": -0.07, "std_error": 0.04, "uses": 143}}
    shown = recalled(hit=hit(why={"words": 2.0}, weights=weights), hits=[hit(why={"words": 2.0}, weights=weights)])
    answers = [
        about(why_of({}) | {"recalled": shown}, PIPE),
        last(shown, PIPE),
        for_question(why_not(weights=weights), PIPE),
        for_question(why_not(weights=weights, lowest=None), PIPE),
    ]

    for lines in answers:
        assert next(line for line in lines if "  words " in line).endswith("weight 1.43 ±.04, was 1.50 (143 uses)")


def test_a_hostile_answer_cannot_act_on_the_terminal():
    """A memory's text, its source and a question may hold anything."""
    evil = hit(why={EVIL: 1.0}, text=EVIL, source=EVIL, actor=EVIL)
    excluded = [{"by": EVIL, "detail": EVIL, "hint": EVIL}]
    lines = [
        *about(why_of({}) | {"flags": [EVIL], "recalled": recalled(query=EVIL, hit=evil)}, PIPE),
        *last(recalled(abstained=True, reason=EVIL, query=EVIL, scope=[EVIL], hits=[evil]), PIPE),
        *for_question(
            why_not(memory=evil["memory"], why={EVIL: 9.0}, query=EVIL, excluded=excluded, gap={EVIL: 9.0}), PIPE
        ),
    ]

    assert not any(character in line for line in lines for character in EVIL if character not in "[2J")


def test_how_a_memory_fades_stands_between_what_it_is_and_what_showed_it():
    """lifecycle.md: ``slm why ID`` prints phase, chance of need and days to each next phase."""
    shown = about(why_of({}) | {"lifecycle": told()}, PIPE)

    place = shown.index("  active: 64 % (±3) likely needed within 30 days")
    assert shown.index("  API listens on 5433 since the PG16 move") < place < len(shown) - 5
    assert shown[place + 1] == "    now ● ──┊ warm 80 d ──┊ cold 218 d ──┊ archived 536 d"


def test_nothing_is_said_of_fading_where_it_is_switched_off():
    assert about(why_of({}) | {"lifecycle": None}, PIPE) == about(why_of({}), PIPE)

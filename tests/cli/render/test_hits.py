"""What recall looks like: the mock-ups of the design, line for line."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from slm.cli.render.hits import bar, footer, hits, learnt, nothing, nth, quoted, standing
from slm.cli.render.text import Layout
from tests.cli import canned
from tests.cli.canned import answer

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=1)))
PIPE, TERMINAL = Layout(None, False, NOW), Layout(72, False, NOW)
WHEN = "2026-11-03T10:00:00+01:00"


def hit(memory_id="k3m9q0000000", text="API listens on 5433 since the PG16 move", **more):
    return canned.hit(id=memory_id, text=text, **{"observed_at": WHEN, **more})


def test_an_answer_looks_like_the_mock_up():
    old = hit("p7d2x0000000", "API listens on 5432", superseded_by="k3m9q0000000", flags=["superseded"])

    assert hits(answer(hit(), old), PIPE, why=False) == [
        "k3m9q  API listens on 5433 since the PG16 move",
        "       you, 3 Nov · nearer than 911 of 912 memories",
        "p7d2x  API listens on 5432",
        "       replaced by k3m9q",
    ]
    assert footer(answer(hit()), PIPE) == ["likely answered (81 %) · acme/api + global · 9 ms"]


def test_why_looks_like_the_mock_up():
    terms = {"phrases": 1.46, "meaning": 0.58, "words": 0.71, "attention": 0.08}

    assert hits(answer(hit(why=terms)), PIPE, why=True) == [
        "k3m9q  API listens on 5433 since the PG16 move",
        "  phrases    1.46  ████████████",
        "  words      0.71  █████▉",
        "  meaning    0.58  ████▊",
        "  attention  0.08  ▋",
        "  sum        2.83",
        "  source     you, 3 Nov",
    ]


def test_a_term_that_lowers_the_score_is_hollow():
    shown = hits(answer(hit(why={"meaning": 2.0, "supersedes": -1.0}, score=1.0)), PIPE, why=True)

    assert shown[1:4] == ["  meaning      2.00  ████████████", "  supersedes  -1.00  ░░░░░░", "  sum          1.00"]


def test_a_channels_term_says_where_the_memory_stands_in_it():
    """design/retrieval.md, why: shown with the channel ranks and the source of the memory."""
    terms = {"meaning": 2.0, "words": 1.0, "phrases": 0.5, "author": 1.5}
    channels = {"meaning": 1, "words": 1, "phrases": 412}
    shown = hits(
        answer(hit(why=terms, channels=channels, source="docs/plan.md", actor="import:markdown")), PIPE, why=True
    )

    assert shown[1:] == [
        "  meaning  2.00  ████████████  nearest of 912",
        "  author   1.50  █████████",
        "  words    1.00  ██████        best of 912",
        "  phrases  0.50  ███           412th of 912",
        "  sum      2.83",
        "  source   plan.md, 3 Nov · docs/plan.md",
    ]


def moved(weight=1.43, **more):
    return {"weight": weight, "default": 1.5, "drift": weight - 1.5, "std_error": 0.04, "uses": 143} | more


def test_a_weight_that_use_has_moved_stands_beside_its_term():
    """experience.md, the mock-up of recall --why."""
    terms, weights = {"meaning": 2.0, "words": 0.71}, {"words": moved()}
    shown = hits(answer(hit(why=terms, channels={"words": 1}, weights=weights)), PIPE, why=True)

    assert shown[1:3] == [
        "  meaning  2.00  ████████████",
        "  words    0.71  ████▎         best of 912 · weight 1.43 ±.04, was 1.50 (143 uses)",
    ]


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (None, ""),
        (moved(), "weight 1.43 ±.04, was 1.50 (143 uses)"),
        (moved(std_error=1.25, uses=1), "weight 1.43 ±1.25, was 1.50 (1 use)"),
        (moved(-0.6, default=-0.4), "weight -0.60 ±.04, was -0.40 (143 uses)"),
        (moved(1.501), ""),
    ],
)
def test_a_weight_that_reads_as_it_was_is_not_told(weight, said):
    """Only where it has moved, as far as two decimals can say; ``--json`` has it whole."""
    assert learnt(weight) == said


def test_terms_that_read_as_zero_are_left_out():
    """They would only be read; ``--json`` has them all."""
    shown = hits(answer(hit(why={"meaning": 2.0, "reply": 0.0, "length": -0.004})), PIPE, why=True)

    assert [line.split()[0] for line in shown[1:]] == ["meaning", "sum", "source"]


def test_a_memory_alone_has_no_ranks():
    """First of one says nothing."""
    assert not standing("meaning", hit(channels={"meaning": 1}), answer(searched=1))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (10, "10th"), (11, "11th"), (12, "12th"), (13, "13th"),
        (21, "21st"), (111, "111th"), (1002, "1002nd"), (1013, "1013th"),
    ],
)  # fmt: skip
def test_ordinal_numbers_are_written_as_english_does(count, said):
    assert nth(count) == said


def test_a_superseded_memory_says_until_when_it_held():
    old = hit(superseded_by="p7d2x0000000", valid_until="2026-11-01T00:00:00+01:00", flags=["superseded"])

    assert hits(answer(old), PIPE, why=False)[1] == "       until 1 Nov, replaced by p7d2x"


def test_tags_flags_and_privacy_stand_on_the_second_line():
    shown = hit(tags=["net", "db"], private=True, flags=["contradicted", "archived"], speaker="Anna")

    assert hits(answer(shown), PIPE, why=False)[1] == (
        "       Anna, 3 Nov · #net #db · contradicted · archived · private · nearer than 911 of 912 memories"
    )


def test_the_scope_is_named_where_several_projects_were_searched():
    shown = hits(answer(hit(), scope=["all"]), PIPE, why=False)

    assert " · acme/api · " in shown[1]


def test_the_scope_of_this_folder_is_not_repeated():
    assert "acme/api" not in hits(answer(hit()), PIPE, why=False)[1]


def test_one_memory_alone_is_nearer_than_no_other():
    assert hits(answer(hit(nearer_than=0), searched=1), PIPE, why=False)[1] == "       you, 3 Nov"


def test_ids_that_share_their_start_are_shown_longer():
    shown = hits(answer(hit("k3m9qa000000"), hit("k3m9qb000000")), PIPE, why=False)

    assert shown[0].startswith("k3m9qa  ")
    assert shown[2].startswith("k3m9qb  ")


def test_a_successor_that_is_not_shown_is_named_all_the_same():
    shown = hits(answer(hit(superseded_by="p7d2x0000000", flags=["superseded"])), PIPE, why=False)

    assert shown[1] == "       replaced by p7d2x"


def test_a_pipe_gets_the_whole_text_with_its_lines_indented():
    text = "first\n\n" + "x" * 500

    assert hits(answer(hit(text=text)), PIPE, why=False)[:3] == ["k3m9q  first", "", "       " + "x" * 500]


def test_a_terminal_gets_four_lines_of_a_long_text():
    shown = hits(answer(hit(text="word " * 200)), TERMINAL, why=False)

    assert len(shown) == 5
    assert shown[3].endswith(" …")


@given(st.text(st.sampled_from("ab 漢🙂\n"), min_size=1, max_size=300).filter(str.strip), st.integers(40, 200))
def test_every_line_fits_the_terminal(text, width):
    shown = hits(answer(hit(text=text)), Layout(width, False, NOW), why=False)

    assert all(cell_len(line) <= width for line in shown)


def test_hostile_memories_cannot_act_on_the_terminal():
    evil = "\x1b[2J\x07\u202e"
    shown = hit(text=evil, speaker=evil, tags=[evil], scope=evil)
    result = answer(shown, near_misses=[shown], scope=["all"], elsewhere={evil: 2}, reason=evil)

    lines = hits(result, PIPE, why=False) + footer(result, PIPE) + nothing(result, PIPE)

    assert not any(character in line for line in lines for character in evil[:1] + evil[4:])


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.81, "likely answered (81 %)"),
        (0.5, "likely answered (50 %)"),
        (0.3, "perhaps answered (30 %)"),
        (0.1, "doubtful (10 %)"),
    ],
)
def test_the_probability_is_told_in_words_and_per_cent(probability, words):
    assert footer(answer(probability=probability), PIPE)[0].startswith(words)


def test_a_fast_answer_is_told_without_a_zero():
    assert footer(answer(timings_ms={"total": 0.4}), PIPE)[0].endswith("under 1 ms")


def test_what_is_missing_is_left_out_of_the_footer():
    assert footer({"hits": [], "scope": ["global"]}, PIPE) == ["global"]


def test_nothing_found_names_the_places_and_the_reason():
    result = answer(abstained=True, reason="nothing here speaks about that", scope=["github.com/acme/api", "global"])

    assert nothing(result, PIPE) == ["nothing in acme/api + global: nothing here speaks about that"]


def test_nothing_found_says_where_else_memories_are():
    """The design's wording: "3 in other scopes (--all-scopes)"."""
    one = nothing(answer(elsewhere={"github.com/acme/web": 1}), PIPE)
    many = nothing(answer(elsewhere={"a": 1, "b": 5, "c": 2, "d": 1}), PIPE)

    assert one[-1] == "1 memory in scope acme/web: --all-scopes"
    assert many[-1] == "9 memories in 4 other scopes (b, c, a…): --all-scopes"


def test_near_misses_are_shown_as_such():
    result = answer(
        abstained=True, reason="only near misses", near_misses=[hit(), hit("p7d2x0000000", "other")], scope=["global"]
    )

    assert nothing(result, PIPE) == [
        "nothing in global: only near misses",
        "nearest, not shown as an answer:",
        "  k3m9q  API listens on 5433 since the PG16 move",
        "  p7d2x  other",
        "--min-confidence 0 shows them all the same",
    ]


@given(st.floats(-10, 10), st.floats(0.01, 10))
def test_a_bar_is_as_long_as_its_share(value, most):
    """Oracle: the share in cells, within half of the drawn unit."""
    value = max(-most, min(value, most))
    drawn = bar(value, most)

    if value >= 0:
        eighths = 8 * drawn.count("█") + sum(" ▏▎▍▌▋▊▉".index(c) for c in drawn if c != "█")
        assert abs(eighths - 96 * value / most) <= 0.5
    else:
        assert abs(len(drawn) - 12 * -value / most) <= 1.0


def test_no_terms_make_no_bar():
    assert bar(0.0, 0.0) == ""


def test_a_contradiction_stands_out_in_colour():
    """Seen in a terminal: the codes of the colour stood there as text."""
    _, second = hits(answer(hit(flags=["contradicted"])), Layout(72, True, NOW), why=False)

    assert second == (
        "       \x1b[2myou, 3 Nov · \x1b[0m\x1b[33mcontradicted\x1b[0m\x1b[2m · nearer than 911 of 912 memories\x1b[0m"
    )


def test_colour_marks_the_id_and_dims_the_second_line():
    shown = hits(answer(hit()), Layout(72, True, NOW), why=False)

    assert shown[0].startswith("\x1b[1mk3m9q\x1b[0m  API")
    assert shown[1].startswith("       \x1b[2myou")


def test_a_quoted_answer_names_the_memories_it_rests_on():
    """design/retrieval.md: with the memories it rests on."""
    hit = {"memory": {"id": "k3m9qx7v2b4d", "text": "I went yesterday"}}
    found = {"hits": [hit], "answer": {"text": "7 May 2025", "kind": "date", "support": ["k3m9qx7v2b4d"]}}

    assert quoted(found, PIPE) == ["7 May 2025  from k3m9q"]
    assert quoted({**found, "answer": None}, PIPE) == ["no answer can be quoted from these:"]

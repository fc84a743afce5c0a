"""A memory in a line, and with all that is known about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from slm.cli.render.memory import author, day, rows, scope_names, short_ids, times, whole
from slm.cli.render.text import Layout
from slm.model import ID_ALPHABET, Memory

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=1)))
PIPE, TERMINAL = Layout(None, False, NOW), Layout(60, False, NOW)
ids = st.text(st.sampled_from("0123kmz"), min_size=12, max_size=12)


def record(**fields):
    return Memory(**{"id": "k3m9q0000000", "text": "x", "observed_at": "2026-11-21T10:00:00+01:00", **fields}).record()


@given(st.sets(ids, max_size=30))
def test_a_short_id_names_one_memory_among_those_shown(full):
    """Oracle: every pair compared."""
    shown = short_ids(full)

    assert set(shown) == full
    for name, prefix in shown.items():
        assert name.startswith(prefix)
        assert len(prefix) >= 5
        assert [other for other in full if other.startswith(prefix)] == [name]


@given(st.sets(ids, max_size=30))
def test_a_short_id_is_no_longer_than_it_must_be(full):
    for name, prefix in short_ids(full).items():
        assert len(prefix) == 5 or sum(other.startswith(prefix[:-1]) for other in full if other != name) > 0


def test_an_id_shown_twice_is_still_short():
    assert short_ids(["k3m9q0000000", "k3m9q0000000"]) == {"k3m9q0000000": "k3m9q"}


def test_the_alphabet_of_the_ids_sorts_as_text():
    """short_ids compares neighbours in the order of the text."""
    assert list(ID_ALPHABET) == sorted(ID_ALPHABET)


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({"actor": "cli"}, "you"),
        ({"actor": "cli", "speaker": "Anna"}, "Anna"),
        ({"actor": "mcp:claude-code"}, "claude-code"),
        ({"actor": "import:markdown", "source": "notes/plan.md"}, "plan.md"),
        ({"actor": "import:jsonl", "source": "https://example.org/a/"}, "a"),
        ({"actor": "import:jsonl"}, "jsonl"),
        ({"actor": "script"}, "script"),
        ({"actor": "cli", "speaker": "evil\x1b[2J"}, "evil\\x1b[2J"),
    ],
)
def test_the_author_is_who_a_reader_would_name(fields, who):
    assert author(record(**fields)) == who


def test_a_day_is_told_as_a_person_would():
    assert day("2026-11-21T12:00:00+01:00", PIPE) == "3 days ago"
    assert day("2024-11-03T12:00:00+01:00", PIPE) == "3 Nov 2024"
    assert day(None, PIPE) == ""


def test_a_day_that_cant_be_read_is_shown_as_it_stands():
    assert day("sometime\x1b", PIPE) == "sometime\\x1b"


def test_rows_align_ids_days_and_texts():
    shown = rows([record(text="one"), record(id="p7d2x0000000", text="two", observed_at="2024-11-03T10:00:00Z")], PIPE)

    assert shown == ["k3m9q  3 days ago  one", "p7d2x  3 Nov 2024  two"]


def test_rows_align_ids_of_different_lengths():
    shown = rows([record(), record(id="k3m9q0000001"), record(id="p7d2x0000000")], PIPE)

    assert [line.index("3 days") for line in shown] == [14, 14, 14]


@pytest.mark.parametrize("width", [40, 80])
def test_everything_about_a_memory_fits_the_terminal(width):
    """Times are long, and so are the reasons that agents give."""
    reason = "the port was moved with the database, says the plan of last week"
    known = record(reason=reason, source="/home/anna/" + "notes/" * 12, observed_at="2024-11-03T10:00:00.123456+01:00")

    lines = whole(known, Layout(width, False, NOW))

    assert all(cell_len(line) <= width for line in lines)
    assert reason in " ".join(" ".join(lines).split())


@given(
    st.lists(st.text(st.sampled_from("ab 漢\n"), min_size=1, max_size=90), min_size=1, max_size=4), st.integers(40, 200)
)
def test_rows_fit_the_terminal(texts, width):
    memories = [record(id=f"k3m9q000000{i}", text=text) for i, text in enumerate(texts)]

    assert all(cell_len(line) <= width for line in rows(memories, Layout(width, False, NOW)))


def test_no_memories_make_no_rows():
    assert rows([], PIPE) == []


def test_show_tells_all_that_is_known():
    memory = Memory(
        id="k3m9q0000000", text="API listens on 5433\nsince the PG16 move", kind="fact", tags=("net", "api"),
        speaker="Anna", session="standup", scope="github.com/acme/api", source="plan.md",
        observed_at="2026-11-21T10:00:00+01:00",
        recorded_at="2026-11-21T09:00:01Z", valid_from="2026-11-01", valid_until="2026-12-01", importance=0.8,
        pinned=True, private=True, trust=0.6, supersedes=("p7d2x0000000",), idempotency_key="standup-1",
        actor="mcp:claude-code",
        uses=3, confirmations=1, last_used="2026-11-23T12:00:00+01:00",
    )  # fmt: skip

    assert whole(memory.record(), PIPE) == [
        "k3m9q0000000",
        "  API listens on 5433",
        "  since the PG16 move",
        "",
        "  state       pinned, private",
        "  kind        fact",
        "  tags        #net #api",
        "  scope       github.com/acme/api",
        "  speaker     Anna",
        "  session     standup",
        "  source      plan.md",
        "  actor       mcp:claude-code",
        "  observed    2026-11-21T10:00:00+01:00 (3 days ago)",
        "  recorded    2026-11-21T09:00:01Z (3 days ago)",
        "  true        from 2026-11-01 until 2026-12-01",
        "  replaces    p7d2x0000000",
        "  trust       0.6",
        "  importance  0.8",
        "  used        3 times, last 1 day ago; confirmed once",
        "  key         standup-1",
    ]


def test_show_says_first_what_is_wrong_with_a_memory():
    memory = record(forgotten_at="2026-11-22T00:00:00Z", never_true=True, superseded_by="p7d2x0000000", reason="typo")

    state = next(line for line in whole(memory, PIPE) if "state" in line)

    assert state.split(maxsplit=1)[1] == "forgotten 2026-11-22T00:00:00Z, never true, replaced by p7d2x0000000, typo"


def test_show_lists_what_a_memory_was_before():
    earlier = [
        record(id="p7d2x0000000", text="5432", never_true=True),
        record(id="a1b2c0000000", text="80", valid_until="2026-01-01"),
    ]

    shown = whole(record() | {"history": earlier}, PIPE)

    assert shown[-6:] == [
        "",
        "  before:",
        "  p7d2x0000000  never true",
        "    5432",
        "  a1b2c0000000  until 2026-01-01",
        "    80",
    ]


def test_show_says_that_there_was_nothing_before():
    assert whole(record() | {"history": []}, PIPE)[-1] == "  no earlier version"


def test_show_neutralises_every_field():
    memory = record(
        text="a\x1bb", speaker="c\x1bd", source="e\x1bf", session="g\x1bh", scope="i\x1bj", actor="k\x1bl",
        tags=("m\x1bn",), reason="o\x1bp", idempotency_key="q\x1br", valid_from="s\x1bt",
    )  # fmt: skip

    assert not any("\x1b" in line for line in whole(memory | {"history": [memory]}, PIPE))


def test_show_wraps_long_texts_on_a_terminal():
    shown = whole(record(text="word " * 40), TERMINAL)

    assert all(cell_len(line) <= 60 for line in shown)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "never"), (1, "once"), (2, "twice"), (3, "3 times"), (100, "100 times")]
)
def test_counts_are_told_in_words_while_small(count, words):
    assert times(count) == words


def test_scopes_are_named_shortly():
    assert scope_names(["github.com/acme/api", "global"]) == "acme/api + global"
    assert scope_names(["all"]) == "all scopes"


def test_days_are_told_without_a_zone_too():
    naive_clock = Layout(None, False, datetime(2026, 11, 24, 12, tzinfo=UTC))

    assert day("2026-11-24T09:00:00Z", naive_clock) == "3 hours ago"

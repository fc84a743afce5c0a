"""The counts of a dry run."""

from __future__ import annotations

from slm.cli.tally import LARGEST_SHOWN, Tally


def of(*records):
    tally = Tally()
    for record in records:
        tally.add(record)
    return tally


def test_kinds_sources_sessions_and_days_are_counted():
    tally = of(
        {"text": "a", "kind": "turn", "source": "s1", "session": "x", "observed_at": "2024-11-03T10:00:00Z"},
        {"text": "b", "kind": "turn", "source": "s1", "session": "x", "observed_at": "2023-01-02"},
        {"text": "c", "source": "s2"},
    )

    assert tally.document() == {
        "records": 3,
        "dry_run": True,
        "kinds": {"turn": 2, "note": 1},
        "sources": {"s1": 2, "s2": 1},
        "sessions": 1,
        "first": "2023-01-02",
        "last": "2024-11-03",
    }
    assert tally.lines() == [
        "would import 3 records in 1 session from 2023-01-02 to 2024-11-03",
        "        2  s1",
        "        1  s2",
    ]


def test_nothing_is_counted_as_nothing():
    assert of().lines() == ["would import 0 records"]
    assert of().document()["first"] is None


def test_the_largest_sources_are_named_and_the_others_counted():
    lines = of(*({"text": "x", "source": f"s{i}"} for i in range(LARGEST_SHOWN + 2))).lines()

    assert len(lines) == LARGEST_SHOWN + 2
    assert lines[-1] == "  and 2 more sources"


def test_names_cannot_act_on_a_terminal():
    assert of({"text": "x", "source": "a\x1b[2J"}).lines()[1] == "        1  a\\x1b[2J"

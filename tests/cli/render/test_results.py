"""What a change did, in a line or a few."""

from __future__ import annotations

from datetime import UTC, datetime

from slm.cli.render.results import became, beside, corrected, entry, remembered_id
from slm.cli.render.text import Layout

PIPE = Layout(None, False, datetime(2026, 11, 24, tzinfo=UTC))
STORED = {"id": "k3m9q0000000", "status": "stored", "similar": [], "conflicts": [], "supersedes": [], "redacted": []}


def test_a_person_gets_a_short_id_and_what_became_of_the_text():
    assert remembered_id(STORED, PIPE) == "k3m9q  remembered"


def test_a_known_memory_is_confirmed():
    assert became(STORED | {"status": "confirmed"}) == "known already: confirmed"


def test_a_known_wrong_memory_is_not_taken_back():
    wrong = STORED | {"status": "known_wrong", "message": "you corrected this 3 Nov; --force remembers it all the same"}

    assert became(wrong) == "not remembered: you corrected this 3 Nov; --force remembers it all the same"


def test_a_known_wrong_memory_without_a_message_names_the_way_out():
    assert "--force" in became(STORED | {"status": "known_wrong"})


def test_a_message_of_the_engine_is_passed_on():
    assert became(STORED | {"message": "remembered,\nfor good\x1b"}) == "remembered, for good\\x1b"


def test_nothing_beside_it_is_nothing_said():
    assert beside(STORED, PIPE) == []


def test_similar_memories_replaced_ones_and_redactions_are_shown():
    result = STORED | {
        "similar": [{"id": "p7d2x0000000", "text": "API listens\non 5432\x1b", "similarity": 0.93}],
        "supersedes": [{"id": "a1b2c0000000", "text": "API is on 80", "by": "you", "at": "2026-11-03T10:00:00Z"}],
        "redacted": ["aws-key", "password"],
    }

    assert beside(result, PIPE) == [
        "redacted: aws-key, password  (--no-redact keeps it)",
        "replaces a1b2c API is on 80",
        "similar, slm correct ID if it is the same fact:",
        "  p7d2x  API listens on 5432\\x1b",
    ]


def test_a_memory_that_was_not_compared_yet_says_so():
    """experience.md: what isn't known is said: a null is no "none"."""
    [line] = beside(STORED | {"conflicts": None}, PIPE)

    assert "not compared" in line
    assert "slm audit" in line


def test_a_correction_names_both_memories():
    result = {"id": "k3m9q0000000", "replaced": "p7d2x0000000", "from": None}

    assert corrected(result) == ["k3m9q replaces p7d2x"]
    assert corrected(result | {"from": "2026-11-01"}) == ["k3m9q replaces p7d2x; p7d2x was true until 2026-11-01"]


def test_an_entry_is_one_harmless_line():
    assert entry(12, "forget", "2026-11-24T10:00:00Z", "a\nb\x1b") == "12  2026-11-24T10:00:00Z  forget  a b\\x1b"

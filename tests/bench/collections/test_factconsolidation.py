from __future__ import annotations

from pathlib import Path

import pytest

from slm.bench.collections.factconsolidation import read
from slm.errors import InvalidInput
from slm.ingest.records import check_record
from tests.bench.json_lines import FACTS, write


def test_facts_are_remembered_in_the_order_of_their_numbers_a_minute_apart(tmp_path: Path) -> None:
    """Specification: a later number overrides an earlier one."""
    (collection,) = read(write(tmp_path, FACTS))

    assert [r["text"].split()[-1] for r in collection.records] == ["Oslo.", "goalkeeper.", "winger."]
    times = [r["observed_at"] for r in collection.records]
    assert times == [f"2024-01-01T00:0{minute}:00+00:00" for minute in range(3)]
    assert all(check_record(record, "here")["kind"] == "fact" for record in collection.records)


def test_the_newest_fact_alone_is_looked_for(tmp_path: Path) -> None:
    """The older one of the pair is not a hit; questions whose newest fact isn't known are left out."""
    (collection,) = read(write(tmp_path, FACTS))

    assert [(q.gold, q.category, q.answer) for q in collection.questions] == [
        (frozenset({2}), "overridden", "winger"), (frozenset({0}), "never changed", "Oslo"),
    ]  # fmt: skip


def test_a_number_that_no_fact_has_is_refused(tmp_path: Path) -> None:
    """STYLE.md, an error: names the folder."""
    questions = [{**FACTS["questions"][0], "gold_serial_derived": 77}]

    with pytest.raises(InvalidInput, match="is not in FactConsolidation's format"):
        read(write(tmp_path, {**FACTS, "questions": questions}))

"""Batches: every record once, in order, within what a message may hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.cli.sending import BATCH, BATCH_BYTES, Outcome, send
from slm.errors import InvalidInput


class Store:
    """Takes batches as the context would, and may refuse one record."""

    def __init__(self, refused=None):
        self.batches = []
        self.refused = refused

    def call(self, op, **fields):
        self.batches.append(fields["batch"])
        for number, record in enumerate(fields["batch"], 1):
            if record["text"] == self.refused:
                raise InvalidInput(f"record {number}: field 'text' is odd", hint="mend it")
        return {"results": [{"id": record["text"], "status": "stored"} for record in fields["batch"]]}


def placed(texts):
    return [(f"notes.jsonl:{i}", {"text": text}) for i, text in enumerate(texts, 1)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["a", "b" * 1000, "c" * 900_000]), max_size=12), st.integers(0, 2 * BATCH + 1))
def test_every_record_is_sent_once_and_in_order(large, n_small):
    """Oracle: the list itself."""
    texts = [*large, *(str(i) for i in range(n_small))]
    store, outcome = Store(), Outcome()

    results = list(send(store, placed(texts), outcome))

    assert [record["text"] for batch in store.batches for record in batch] == texts
    assert [result["id"] for result in results] == texts
    assert outcome.total == len(texts)
    for batch in store.batches:
        assert 1 <= len(batch) <= BATCH
        assert len(batch) == 1 or len(json.dumps(batch)) <= BATCH_BYTES + 2 * len(batch)


def test_results_come_as_soon_as_their_batch_is_stored():
    store = Store()
    results = send(store, placed(str(i) for i in range(BATCH + 1)), Outcome())

    next(results)

    assert len(store.batches) == 1


def test_no_records_are_no_batch():
    store = Store()

    assert list(send(store, [], Outcome())) == []
    assert store.batches == []


@pytest.mark.parametrize("number", [1, 2, BATCH, BATCH + 1, BATCH + 50])
def test_a_refused_record_is_named_by_its_place(number):
    outcome = Outcome()

    with pytest.raises(InvalidInput) as refusal:
        list(send(Store(refused=str(number - 1)), placed(str(i) for i in range(2 * BATCH)), outcome))

    stored = (number - 1) // BATCH * BATCH
    assert refusal.value.message == f"notes.jsonl:{number}: field 'text' is odd"
    assert (f"{stored} records before it are stored" in refusal.value.hint) is (stored > 0)
    assert outcome.total == stored


def test_a_stream_that_goes_wrong_says_how_far_it_came():
    def stream():
        yield from placed(str(i) for i in range(BATCH + 1))
        raise InvalidInput("stdin:258: not JSON")

    with pytest.raises(InvalidInput) as refusal:
        list(send(Store(), stream(), Outcome()))

    assert refusal.value.message == "stdin:258: not JSON"
    assert refusal.value.hint.startswith(f"{BATCH} records before it are stored")


def test_a_refusal_without_a_number_is_passed_on():
    class Refusing:
        def call(self, op, **fields):
            raise InvalidInput("too many records")

    with pytest.raises(InvalidInput, match="too many records"):
        list(send(Refusing(), placed("a"), Outcome()))


def test_the_outcome_is_told_with_what_happened_only():
    outcome = Outcome()
    assert outcome.sentence() == "0 records"
    outcome.add({"status": "stored"})
    assert outcome.sentence() == "1 record: 1 new"
    outcome.add({"status": "confirmed", "redacted": ["jwt"]})
    assert outcome.sentence() == "2 records: 1 new, 1 known already, secrets redacted in 1"
    assert outcome.document() == {"records": 2, "stored": 1, "confirmed": 1, "known_wrong": 0, "redacted": 1}

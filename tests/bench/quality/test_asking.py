"""Collections put into the real engine and asked through the real recall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from slm.bench.collections.collection import Question
from slm.bench.quality.asking import HITS, HITS_OF_UNITS, Asker, Hit, Reply, filled
from slm.embed.onnx import Embedder
from slm.engine.service import Service
from tests.bench.quality.stores import LINES, made

CAT = made().questions[0]


@pytest.fixture(scope="module")
def service(embedder: Embedder) -> Iterator[Service]:
    with filled([made(), made("other")], embedder) as service:
        yield service


def test_a_store_remembers_every_record_of_every_collection(service: Service) -> None:
    """Through ``remember`` in batches, each with its key: equal texts of two collections are two memories."""
    assert service.inspect(lambda engine: engine.index.n_live) == 2 * len(LINES)


def test_the_reply_holds_units_scores_and_what_recall_said(service: Service) -> None:
    """What a caller of ``recall`` sees, its hits as units of the collection."""
    reply = Asker(service, made()).ask(CAT)

    assert next(unit for unit in reply.ranked if unit >= 0) == 0  # its twin in the other collection ties with it
    assert [hit.score for hit in reply.hits] == sorted((hit.score for hit in reply.hits), reverse=True)
    assert 0.0 < reply.probability <= 1.0
    assert {"embed", "rank", "read", "total"} <= set(reply.timings_ms)
    assert reply.answer is None


def test_a_memory_of_another_collection_takes_a_place_and_is_no_hit(service: Service) -> None:
    """In a mixed store strangers push hits down; they have negative units, each its own."""
    ranked = Asker(service, made()).ask(CAT).ranked

    assert len(ranked) == 2 * len(LINES)
    assert sorted(unit for unit in ranked if unit >= 0) == list(range(len(LINES)))


def test_several_hits_of_a_unit_count_once_at_the_best_place(service: Service) -> None:
    """The ranking of sessions is the order of their first turns."""
    sessions = replace(made(), units=[0, 0, 1, 1, 1])

    turns = [unit for unit in Asker(service, made()).ask(CAT).ranked if unit >= 0]
    ranked = [unit for unit in Asker(service, sessions).ask(CAT).ranked if unit >= 0]

    assert ranked == list(dict.fromkeys(sessions.units[turn] for turn in turns))


def test_more_hits_are_asked_for_where_they_share_units(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty turns may lie in one session."""
    asked = []
    call = service.call
    monkeypatch.setattr(service, "call", lambda op, fields, caller: asked.append(fields) or call(op, fields, caller))

    Asker(service, made()).ask(CAT)
    Asker(service, replace(made(), units=[0] * 5)).ask(replace(CAT, asked_at="2024-02-01T00:00:00+00:00"))

    assert [fields["limit"] for fields in asked] == [HITS, HITS_OF_UNITS]
    assert [fields.get("now") for fields in asked] == [None, "2024-02-01T00:00:00+00:00"]


def test_abstaining_is_tried_as_configured(service: Service) -> None:
    """The probability is that of the full reply; in ten memories only a question near to nothing abstains."""
    asker = Asker(service, made())
    nonsense = Question("xylophone zzyzx quorum", frozenset(), "x")

    assert asker.try_to_abstain(CAT) == (asker.ask(CAT).probability, False)
    assert asker.try_to_abstain(nonsense)[0] < asker.try_to_abstain(CAT)[0]


def test_without_lifts_hits_are_in_the_order_of_their_own_scores() -> None:
    """By hand: unit 2 was lifted by 0.5 from 0.4 above unit 1, unit 3 was put 0.1 below unit 0."""
    hits = [Hit(0, 1.0, 0.0), Hit(3, 0.95, -0.1), Hit(2, 0.9, 0.5), Hit(1, 0.8, 0.0)]
    reply = Reply(hits, 1.0, None, {})

    assert reply.ranked == [0, 3, 2, 1]
    assert reply.ranked_without_lifts == [3, 0, 1, 2]


def test_a_newer_version_is_before_the_older_one_only_by_its_lift(embedder: Embedder) -> None:
    """FactConsolidation's case: two statements alike but for their value; the lift decides."""
    texts = ["Ana Berg plays the position of goalkeeper.", "Ana Berg plays the position of winger."]
    records = [
        {"text": text, "kind": "fact", "observed_at": f"2024-01-0{i}T00:00:00+00:00", "idempotency_key": f"made/{i}"}
        for i, text in enumerate(texts, 1)
    ]
    question = Question("Which position does Ana Berg play as a goalkeeper?", frozenset({1}), "x")
    asked = Question("Which position does Ana Berg play?", frozenset({1}), "x")
    collection = replace(made(), records=records)

    with filled([collection], embedder) as service:
        told_apart = Asker(service, collection).ask(question)
        reply = Asker(service, collection).ask(asked)

    assert reply.ranked == [1, 0]
    assert told_apart.ranked == told_apart.ranked_without_lifts == [0, 1]


def test_a_temporary_store_is_gone_afterwards(embedder: Embedder) -> None:
    """Benchmarks leave nothing behind."""
    with filled([made()], embedder) as service:
        root = service.root
        assert any(root.iterdir())

    assert not root.exists()

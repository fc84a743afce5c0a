"""``slm bench mixed``: what recall loses when every set lies in one store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slm.bench.collections.collection import Collection
from slm.bench.quality.asking import Asker, filled, loaded
from slm.bench.quality.metrics import Ranked
from slm.bench.quality.rows import Asked, rows
from slm.bench.quality.stores import talk
from slm.embed.onnx import Embedder

OWN, ALL = "a store a conversation", "one store of all sets"


def measure(
    asked: Sequence[Collection], others: Sequence[Collection], *, seed: int, embedder: Embedder | None = None
) -> dict[str, Any]:
    """Ask the questions of ``asked`` in stores of their own, and in one that holds the ``others`` as well."""
    model = loaded(embedder)
    rankings: dict[str, list[Ranked]] = {OWN: [], ALL: []}
    for collection in asked:
        talk(f"{collection.name}: a store of its own")
        rankings[OWN] += _ranked([collection], [collection], model)
    talk("one store of all sets")
    rankings[ALL] = _ranked(asked, [*asked, *others], model)
    questions = [(one.name, question) for one in asked for question in one.questions if question.gold]
    order = Asked([q.gold for _, q in questions], [q.category for _, q in questions], [name for name, _ in questions])
    return {
        "set": "mixed",
        "headline": "R@10",
        "stores": len(asked),
        "memories": sum(len(one.records) for one in (*asked, *others)),
        "questions": len(questions),
        "seed": seed,
        "rows": rows(order, rankings, seed),
    }


def _ranked(asked: Sequence[Collection], remembered: Sequence[Collection], embedder: Embedder) -> list[Ranked]:
    with filled(remembered, embedder) as service:
        askers = [(Asker(service, collection), collection) for collection in asked]
        return [asker.ask(q).ranked for asker, collection in askers for q in collection.questions if q.gold]

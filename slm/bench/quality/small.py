"""``slm bench small``: does recall answer what a store of a few memories holds, and say nothing to what it doesn't?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from slm.bench.collections.collection import Collection, Question, sha256
from slm.bench.quality.abstention import Kind, Trial, abstention, as_keywords
from slm.bench.quality.asking import Asker, filled, loaded
from slm.bench.quality.run import strangers
from slm.bench.quality.sets import recognised
from slm.bench.quality.stores import talk
from slm.embed.onnx import Embedder

SIZES = (1, 3, 10, 30)
STORES = 25
"""Of each size."""
OTHERS = 10
"""Questions of other stores put to each."""
UNRELATED = tuple(
    Question(text, frozenset(), "unrelated", answerable=False)
    for text in (
        "how many moons does Jupiter have",
        "what is the boiling point of ethanol",
        "which key signature has four flats",
        "who painted the ceiling of the Sistine chapel",
        "how do I reverse a linked list",
        "what torque do the cylinder head bolts need",
        "which enzyme unwinds the double helix",
        "when did the Peloponnesian war begin",
        "how deep is the Mariana trench",
        "what does the subjunctive express in Latin",
        "which opening begins with the queen's pawn",
        "how is parchment made",
        "what is the escape velocity of Mars",
        "which vaccine is given against tetanus",
        "how long do you proof a sourdough loaf",
        "who discovered penicillin",
        "port of the mail server",
        "allergy",
        "password of the guest wifi",
        "dentist appointment",
        "where did I park the car",
        "when does the lease end",
        "which bank holds the mortgage",
        "licence plate of the van",
    )
)
"""Made for this: of what no conversation of the sets is about, as one asks a book and as one asks oneself."""


def run(path: Path, *, seed: int, embedder: Embedder | None = None) -> dict[str, Any]:
    """Ask small stores cut from the set at ``path``. Raises :class:`InvalidInput` for what is no set."""
    title, collections = recognised(path)
    model = loaded(embedder)
    return {
        "set": title,
        "seed": seed,
        "rows": [_row(collections, size, seed, model) for size in SIZES],
        "sha256": sha256(path),
    }


def small_stores(collections: Sequence[Collection], size: int, seed: int) -> Iterator[tuple[Collection, Collection]]:
    """Up to :data:`STORES` stores of ``size`` records with the collection each is cut from.

    One question each, drawn among those whose evidence fits, with its evidence and records drawn beside it.
    """
    draw = np.random.default_rng(seed)
    fitting = [
        (collection, question)
        for collection in collections
        if len(collection.records) >= size
        for question, needed in _evidence(collection)
        if needed <= size
    ]
    for i in draw.permutation(len(fitting))[:STORES]:
        collection, question = fitting[i]
        units = collection.units or range(len(collection.records))
        held = [place for place, unit in enumerate(units) if unit in question.gold]
        others = [place for place, unit in enumerate(units) if unit not in question.gold]
        kept = sorted([*held, *draw.choice(others, size - len(held), replace=False).tolist()])
        yield (
            replace(
                collection,
                records=[collection.records[place] for place in kept],
                units=[units[place] for place in kept],
                questions=[question],
            ),
            collection,
        )


def _evidence(collection: Collection) -> Iterator[tuple[Question, int]]:
    """The questions with known gold, and how many records hold it."""
    records = Counter(collection.units or range(len(collection.records)))
    for question in collection.questions:
        if question.gold:
            yield question, sum(records[unit] for unit in question.gold)


def _row(collections: Sequence[Collection], size: int, seed: int, embedder: Embedder) -> dict[str, Any]:
    trials: list[Trial] = []
    stores = 0
    for stores, (store, source) in enumerate(small_stores(collections, size, seed), 1):
        talk(f"store {stores} of those with {size}")
        trials += _trials(store, strangers(source, collections, seed)[:OTHERS], embedder)
    return {"memories": size, "stores": stores, **abstention(trials, seed)}


def _trials(store: Collection, others: Sequence[Question], embedder: Embedder) -> Iterator[Trial]:
    (question,) = store.questions
    put: list[tuple[Kind, Question]] = [
        ("answerable", question),
        ("as keywords", as_keywords(question)),
        *(("of another store", other) for other in others),
        *(("unrelated", other) for other in UNRELATED),
    ]
    with filled([store], embedder) as service:
        asker = Asker(service, store)
        yield from [Trial(kind, *asker.try_to_abstain(asked)) for kind, asked in put]


def table(result: dict[str, Any]) -> str:
    """Shares abstained on by size and kind of question, as text for a person."""
    kinds: tuple[Kind, ...] = ("answerable", "as keywords", "of another store", "unrelated")
    lines = [
        f"{result['set']}: stores of each size with one question, data sha256 {result['sha256'][:12]}…, "
        f"seed {result['seed']}",
        "",
        "abstained on, in per cent of the questions",
        f"{'memories':>8}{'stores':>8}" + "".join(f"{kind:>24}" for kind in kinds),
    ]
    for row in result["rows"]:
        cells = "".join(f"{_cell(row, kind):>24}" for kind in kinds)
        lines.append(f"{row['memories']:8}{row['stores']:8}{cells}")
    return "\n".join(lines)


def _cell(row: dict[str, Any], kind: Kind) -> str:
    found = row["abstained"].get(kind)
    if found is None:
        return "-"
    auc = f", AUC {row['auc'][kind]['mean']:.0f}" if kind in row["auc"] else ""
    return f"{found['share']:.1f} of {found['questions']}{auc}"

"""The sets that ``slm bench`` knows: how each is read, the metric it is known by, and what is measured on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slm.bench.collections import beam, cranfield, factconsolidation, locomo, longmemeval
from slm.bench.collections.collection import Collection, aged, sha256, shuffled
from slm.bench.quality import mixed
from slm.bench.quality.asking import HITS
from slm.bench.quality.run import measure
from slm.bench.quality.stores import Plan
from slm.bench.quality.variations import SESSION_TERMS, Variation, without
from slm.embed.onnx import Embedder
from slm.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Set:
    """A published set: its ``title``, its reader and its ``headline`` metric."""

    title: str
    read: Callable[[Path], list[Collection]]
    headline: str


SETS: Mapping[str, Set] = {
    "longmemeval": Set("LongMemEval", longmemeval.read, "R@5"),
    "beam": Set("BEAM", beam.read, "R@10"),
    "factconsolidation": Set("FactConsolidation", factconsolidation.read, "hit@1"),
    "cranfield": Set("Cranfield", cranfield.read, "nDCG@10"),
}
"""By their command; LoCoMo has options of its own."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Metadata ``dealt`` out at random, recall without what reads it, and how many ``hits`` are asked for."""

    dealt: Callable[[Collection, int], Collection]
    variations: Mapping[str, Variation]
    hits: int = HITS


def _shuffled(name: str) -> Callable[[Collection, int], Collection]:
    return lambda collection, seed: shuffled(collection, name, seed)


WRONG: Mapping[str, Wrong] = {
    "authors": Wrong(_shuffled("speaker"), {"without author": without("author")}),
    "sessions": Wrong(_shuffled("session"), {"without session context": without(*SESSION_TERMS)}),
    "histories": Wrong(
        aged, {"without attention": without("attention"), "without the lifecycle": Variation(lifecycle=False)}, hits=10
    ),
}
"""By what ``--shuffle`` names. Which archived memories are shown depends on the number of hits."""


def with_evidence(collections: list[Collection], path: Path) -> list[Collection]:
    """The collections of ``path``. Raises :class:`InvalidInput` where no question's evidence is known."""
    if not any(question.gold for collection in collections for question in collection.questions):
        raise InvalidInput(f"{path} has no question whose evidence is known")
    return collections


def recognised(path: Path) -> tuple[str, list[Collection]]:
    """Title and collections of the set at ``path``: a file is LoCoMo's, a folder of the set whose reader takes it.

    Raises :class:`InvalidInput` when none does, and as :func:`with_evidence`.
    """
    if path.is_file():
        return "LoCoMo", with_evidence(locomo.read(path), path)
    for known in SETS.values():
        try:
            found = known.read(path)
        except InvalidInput:
            continue
        return known.title, with_evidence(found, path)
    raise InvalidInput(f"{path} is none of {', '.join(known.title for known in SETS.values())}")


def run(name: str, folder: Path, *, quick: bool, seed: int, embedder: Embedder | None = None) -> dict[str, Any]:
    """Measure the set of the command ``name`` on the files in ``folder``. Raises as :func:`with_evidence`."""
    known, plan = SETS[name], Plan()
    result = measure(
        known.title,
        with_evidence(known.read(folder), folder),
        plan.quick() if quick else plan,
        headline=known.headline,
        seed=seed,
        embedder=embedder,
    )
    return {**result, "sha256": sha256(folder)}


def run_locomo(
    file: Path,
    *,
    conversation: str | None = None,
    audit: Path | None = None,
    shuffle: str | None = None,
    quick: bool = False,
    seed: int = 7,
    embedder: Embedder | None = None,
) -> dict[str, Any]:
    """Measure LoCoMo, or one ``conversation`` of it; ``shuffle`` is a key of :data:`WRONG`.

    Raises :class:`InvalidInput` when there is no such conversation, and for ``quick`` with ``shuffle``, which has rows
    of its own.
    """
    if quick and shuffle is not None:
        raise InvalidInput("--shuffle compares recall with what reads the metadata; --quick leaves just that out")
    chosen = [one for one in locomo.read(file, audit) if conversation in (None, one.name)]
    if conversation is not None and not chosen:
        raise InvalidInput(f"{file} has no conversation {conversation!r}")
    chosen = with_evidence(chosen, file)
    title = "LoCoMo" if conversation is None else f"LoCoMo, {conversation} alone"
    plan = Plan(token_variance=True, answers=True)
    plan = plan.quick() if quick else plan
    if shuffle is not None:
        wrong = WRONG[shuffle]
        chosen = [wrong.dealt(one, seed) for one in chosen]
        title += f" with wrong {shuffle}"
        plan = Plan(wrong.variations, baselines=False, abstention=False, hits=wrong.hits)
    result = measure(title, chosen, plan, headline="R@10", seed=seed, embedder=embedder)
    return {**result, "sha256": sha256(file), "audit_sha256": sha256(audit) if audit else None}


def run_mixed(
    file: Path, folders: Mapping[str, Path], *, seed: int, embedder: Embedder | None = None
) -> dict[str, Any]:
    """Measure LoCoMo in one store with the other sets, whose folders are given by the commands' names."""
    others = [collection for name, folder in folders.items() for collection in SETS[name].read(folder)]
    result = mixed.measure(with_evidence(locomo.read(file), file), others, seed=seed, embedder=embedder)
    return {**result, "sha256": sha256(file, *folders.values())}

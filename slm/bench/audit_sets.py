"""Labelled memory sets: does the audit find the contradictions, and nothing else? Two baselines in the same run.

A set is one JSON line: ``{"id", "label", "hard", "memories": [{"text", "time", "source"}]}``, label "contradiction",
"consistent" or "supersession". What is judged is the set: a contradiction that is found in it, or none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from slm.bench.collections.collection import sha256
from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.extraction.extract import extract
from slm.consistency.extraction.prototypes import Embed, Prototypes
from slm.consistency.extraction.tables import shipped
from slm.embed.onnx import Embedder
from slm.errors import InvalidInput
from slm.retrieval.semantic import unit

LABELS = ("contradiction", "consistent", "supersession")
FIRST_PERSON = re.compile(r"\b(?:I|me|my|mine|we|us|our|ours|i'm)\b", re.IGNORECASE)
PERSON = re.compile(r"[^\W\d_]\w*")
"""A source that can speak of itself; files and agents ("notes.md", "claude-code") speak for the user."""
NS_A_SECOND = 1_000_000_000
Verdict = str


class MemorySet(NamedTuple):
    """One labelled set; ``hard`` names what makes it unreachable without knowledge of the world, or is None."""

    name: str
    label: str
    hard: str | None
    memories: tuple[dict[str, str], ...]


def read_sets(path: Path) -> list[MemorySet]:
    """The sets of a file, or of every ``.jsonl`` of a folder. Raises :class:`InvalidInput` for another shape."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    sets = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                sets.append(_memory_set(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise InvalidInput(f"{file}:{number} is no labelled memory set: {error!r}") from error
    if not sets:
        raise InvalidInput(f"{path} holds no labelled memory sets")
    return sets


def _memory_set(record: dict[str, Any]) -> MemorySet:
    if record["label"] not in LABELS:
        raise ValueError(f"label {record['label']!r}")
    memories = tuple({key: str(memory[key]) for key in ("text", "time", "source")} for memory in record["memories"])
    return MemorySet(str(record["id"]), record["label"], record.get("hard"), memories)


def run(path: Path, embed: Embed | None = None) -> dict[str, Any]:
    """Judge every set with the sheaf and with the baselines; ``embed`` adds prototypes and the embedding baseline.

    The embedding baseline gets the threshold that is best for it on these very sets.
    """
    sets = read_sets(path)
    prototypes = Prototypes(embed) if embed else None
    claims = [claims_of(memory_set, prototypes) for memory_set in sets]
    rows: dict[str, Any] = {
        "claim sheaf": _judged(sets, claims, sheaf_verdict),
        "pairwise (subject, attribute)": _judged(sets, claims, pairwise_verdict),
    }
    if embed:
        rows["embedding difference"] = _by_embedding(sets, embed)
    told = sum(len({claim.memory_id for claim in of_set}) for of_set in claims)
    n_memories = sum(len(memory_set.memories) for memory_set in sets)
    return {
        "sha256": sha256(path),
        "sets": len(sets),
        "memories": n_memories,
        "coverage": round(told / n_memories, 3),
        "claims": sum(len(of_set) for of_set in claims),
        "rows": rows,
    }


def bundled() -> Embed:
    """The bundled model, as the store reads its texts with."""
    embedder = Embedder.load("bundled", threads=0)

    def embed(texts: Sequence[str]) -> npt.NDArray[np.floating]:
        return unit(np.stack([embedding.mean for embedding in embedder.embed(list(texts))]))

    return embed


def claims_of(memory_set: MemorySet, prototypes: Prototypes | None = None) -> list[Claim]:
    """The claims of a set's memories; a person other than "user" is the speaker of what their memory says of itself."""
    found: list[Claim] = []
    for position, memory in enumerate(memory_set.memories):
        moment = datetime.fromisoformat(memory["time"])
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        blank = Claim(
            "", f"m{position}", "", "", recorded_at=int(moment.timestamp()) * NS_A_SECOND, source=memory["source"]
        )
        person = PERSON.fullmatch(memory["source"]) and memory["source"] not in ("user", "owner")
        own = person and FIRST_PERSON.search(memory["text"])
        found += extract(memory["text"], blank, memory["source"] if own else "", prototypes=prototypes)
    return found


def sheaf_verdict(claims: Sequence[Claim]) -> Verdict:
    """What the claim sheaf says of a set: conflicts first, else supersessions."""
    sheaf = ClaimSheaf(claims, window_of=shipped().persistence_days)
    if sheaf.conflicts():
        return "contradiction"
    return "supersession" if sheaf.supersessions() else "consistent"


def pairwise_verdict(claims: Sequence[Claim]) -> Verdict:
    """The same claims two at a time: no chains, no identities, no comparisons."""
    verdicts = {sheaf_verdict(pair) for pair in combinations(claims, 2) if _same_variable(*pair)}
    return next((verdict for verdict in ("contradiction", "supersession") if verdict in verdicts), "consistent")


def _same_variable(a: Claim, b: Claim) -> bool:
    return a.object is None and b.object is None and (a.subject, a.attribute) == (b.subject, b.attribute)


def _judged(
    sets: Sequence[MemorySet], claims: Sequence[Sequence[Claim]], judge: Callable[[Sequence[Claim]], Verdict]
) -> dict[str, Any]:
    verdicts = [judge(of_set) for of_set in claims]
    chains = [i for i, s in enumerate(sets) if s.label != "supersession" and len(s.memories) > 2]
    superseded = [i for i, s in enumerate(sets) if s.label == "supersession"]
    return {
        **scores(((s.label, verdict == "contradiction") for s, verdict in zip(sets, verdicts, strict=True))),
        "of three or more": scores((sets[i].label, verdicts[i] == "contradiction") for i in chains),
        "superseded": [sum(verdicts[i] == "supersession" for i in superseded), len(superseded)],
        "missed": [s.name for s, v in zip(sets, verdicts, strict=True) if s.label == "contradiction" != v],
        "false alarms": [s.name for s, v in zip(sets, verdicts, strict=True) if s.label != "contradiction" == v],
    }


def scores(judged: Iterable[tuple[str, bool]]) -> dict[str, Any]:
    """Precision, recall and false-positive rate of (label, flagged) pairs; 1.0 precision where nothing is flagged."""
    pairs = [(label, bool(flagged)) for label, flagged in judged]
    hits = sum(label == "contradiction" and flagged for label, flagged in pairs)
    flagged = sum(flag for _, flag in pairs)
    positive = sum(label == "contradiction" for label, _ in pairs)
    negative = len(pairs) - positive
    return {
        "precision": round(hits / flagged, 3) if flagged else 1.0,
        "recall": round(hits / positive, 3) if positive else 1.0,
        "false positive rate": round((flagged - hits) / negative, 3) if negative else 0.0,
        "found": [hits, positive],
    }


def _by_embedding(sets: Sequence[MemorySet], embed: Embed) -> dict[str, Any]:
    """A set is flagged where its two most distant memories are further apart than a threshold."""
    distances = np.array([_widest(embed([memory["text"] for memory in s.memories])) for s in sets])
    labels = [s.label for s in sets]
    best = max(
        (scores(zip(labels, distances >= threshold, strict=True)) for threshold in np.unique(distances)),
        key=lambda row: row["precision"] * row["recall"] / max(row["precision"] + row["recall"], 1e-9),
    )
    chains = [i for i, s in enumerate(sets) if s.label != "supersession" and len(s.memories) > 2]
    return {
        **best,
        "AUC": round(area([label == "contradiction" for label in labels], distances), 3),
        "n chains": len(chains),
    }


def _widest(vectors: npt.NDArray[np.floating]) -> float:
    return float(np.max(1.0 - vectors @ vectors.T))


def area(contradict: Sequence[bool], distances: npt.NDArray[np.floating]) -> float:
    """Probability that what contradicts is further apart than what doesn't (area under the curve)."""
    positive = np.array(contradict)
    if positive.all() or not positive.any():
        return 0.5
    others = np.sort(distances[~positive])
    below = np.searchsorted(others, distances[positive], "left") + np.searchsorted(others, distances[positive], "right")
    return float(np.mean(below) / (2 * len(others)))


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = [
        f"{result['sets']} labelled sets, {result['memories']} memories, {result['claims']} claims, coverage "
        f"{100 * result['coverage']:.0f} % of memories, data sha256 {result['sha256'][:12]}…",
        f"{'':32}{'precision':>10}{'recall':>8}{'false pos.':>12}{'chains found':>14}",
    ]
    for name, row in result["rows"].items():
        found = row.get("of three or more", {}).get("found")
        chains = f"{found[0]} of {found[1]}" if found else "-"
        lines.append(f"{name:32}{row['precision']:>10}{row['recall']:>8}{row['false positive rate']:>12}{chains:>14}")
    superseded = result["rows"]["claim sheaf"]["superseded"]
    lines.append(f"supersessions told as such: {superseded[0]} of {superseded[1]}")
    return "\n".join(lines)

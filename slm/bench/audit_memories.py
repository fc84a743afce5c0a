"""The audit over whole collections: alarms a thousand memories where nothing is labelled, and pairs that are known.

Conversations and notes are told by people who seldom contradict themselves: what is flagged there is read by hand, and
counts as a false alarm until then. FactConsolidation names the pairs of facts of which the later overrides the earlier.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from slm.bench.audit_sets import NS_A_SECOND, area, pairwise_verdict
from slm.bench.collections import factconsolidation, locomo
from slm.bench.collections.collection import json_lines, reading, sha256
from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.cohomology import dimensions
from slm.consistency.extraction.extract import extract
from slm.consistency.extraction.prototypes import Embed, Prototypes
from slm.consistency.extraction.tables import shipped
from slm.errors import InvalidInput
from slm.ingest import markdown

Record = Mapping[str, Any]
Pair = frozenset[str]


class Known(NamedTuple):
    """Memories by collection; ``groups`` are the numbers of those that override one another, None where unknown."""

    name: str
    collections: Sequence[Sequence[Record]]
    groups: Sequence[Sequence[int]] | None = None


def read(path: Path) -> Known | None:
    """LoCoMo's file, a folder of FactConsolidation or one of Markdown notes; None for anything else.

    Raises :class:`InvalidInput` where it is one of them in another shape.
    """
    if path.is_file() and path.suffix == ".json":
        return Known("LoCoMo turns", [collection.records for collection in locomo.read(path)])
    if (path / "conflicts_derived.jsonl").is_file():
        [facts] = factconsolidation.read(path)
        with reading(path, "FactConsolidation"):
            serials = sorted(int(row["serial"]) for row in json_lines(path / "facts.jsonl"))
            place = {serial: i for i, serial in enumerate(serials)}
            groups = [[place[n] for n in row["serials"]] for row in json_lines(path / "conflicts_derived.jsonl")]
        return Known("FactConsolidation facts", [facts.records], groups)
    if path.is_dir() and next(path.rglob("*.md"), None) is not None:
        return Known("notes", [[record for _, record in markdown.read(path, lambda _: None)]])
    return None


def run(known: Known, path: Path, embed: Embed | None = None) -> dict[str, Any]:
    """What the audit flags in each collection, beside what pairs of (subject, attribute) flag.

    Raises :class:`InvalidInput` where there is nothing to read.
    """
    prototypes = Prototypes(embed) if embed else None
    claims = [claims_of(records, prototypes) for records in known.collections]
    sheaves = [ClaimSheaf(told, window_of=shipped().persistence_days) for told in claims]
    n_memories = sum(map(len, known.collections))
    if not n_memories:
        raise InvalidInput(f"{path} holds no memories")
    flagged = [conflict for sheaf in sheaves for conflict in _flagged(sheaf)]
    rows: dict[str, Any] = {
        "claim sheaf": _row(flagged, known, n_memories),
        "pairwise (subject, attribute)": _row([p for told in claims for p in _by_pairs(told)], known, n_memories),
    }
    if embed and known.groups is not None:
        rows["embedding difference"] = {"AUC": _embedded(known, embed)}
    return {
        "set": known.name,
        "sha256": sha256(path),
        "memories": n_memories,
        "claims": sum(map(len, claims)),
        "coverage": round(sum(len({claim.memory_id for claim in told}) for told in claims) / n_memories, 3),
        "checks": sum(dimensions(sheaf).checks for sheaf in sheaves),
        "superseded": sum(len(sheaf.supersessions()) for sheaf in sheaves),
        "rows": rows,
    }


def claims_of(records: Sequence[Record], prototypes: Prototypes | None) -> list[Claim]:
    """The claims of a collection's records, each memory named by its number."""
    found: list[Claim] = []
    for number, record in enumerate(records):
        told_at = datetime.fromisoformat(record.get("observed_at") or "2025-01-01")
        moment = told_at if told_at.tzinfo else told_at.replace(tzinfo=UTC)
        source, session = (record.get(name) or "" for name in ("source", "session"))
        recorded_at = int(moment.timestamp()) * NS_A_SECOND + number
        blank = Claim("", str(number), "", "", recorded_at=recorded_at, source=source, session=session)
        found += extract(record["text"], blank, record.get("speaker") or "", prototypes=prototypes)
    return found


def _flagged(sheaf: ClaimSheaf) -> Iterator[Pair]:
    """The memories of each conflict: what a reader is told of."""
    for conflict in sheaf.conflicts():
        yield frozenset(sheaf.claims[name].memory_id for name in conflict.claims)


def _by_pairs(claims: Sequence[Claim]) -> Iterator[Pair]:
    """The baseline: two values of one variable, each against the one before it."""
    values: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if claim.object is None:
            values.setdefault((claim.subject, claim.attribute), []).append(claim)
    for of_variable in values.values():
        for a, b in pairwise(of_variable):
            if pairwise_verdict((a, b)) == "contradiction":
                yield frozenset((a.memory_id, b.memory_id))


def _row(flagged: Sequence[Pair], known: Known, n_memories: int) -> dict[str, Any]:
    """Alarms a thousand memories; with known groups the part of what is flagged and of what is known that agree."""
    distinct = list(dict.fromkeys(flagged))
    alarms = [sorted(int(name) for name in pair) for pair in distinct]
    row: dict[str, Any] = {"flagged": len(distinct), "per 1000": round(1000 * len(distinct) / n_memories, 2)}
    if known.groups is None:
        return {**row, "memories": alarms[:20]}
    pairs = {frozenset(map(str, pair)) for group in known.groups for pair in combinations(group, 2)}
    hits = [pair for pair in distinct if pair in pairs]
    later = {str(n) for group in known.groups for n in sorted(group)[1:]}
    found = {max(pair, key=int) for pair in hits}
    return {
        **row,
        "precision": round(len(hits) / len(distinct), 3) if distinct else 1.0,
        "recall": round(len(found & later) / len(later), 3),
        "found": [len(found & later), len(later)],
    }


def _embedded(known: Known, embed: Embed) -> float:
    """Whether two facts that override each other are further apart than two others: area under the curve."""
    assert known.groups is not None
    records = known.collections[0]
    vectors = embed([record["text"] for record in records])
    pairs = {frozenset(pair) for group in known.groups for pair in combinations(group, 2)}
    everyone = list(combinations(range(len(records)), 2))
    distances = np.array([1.0 - float(vectors[a] @ vectors[b]) for a, b in everyone])
    return round(area([frozenset(pair) in pairs for pair in everyone], distances), 3)


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    lines = [
        f"{result['memories']} {result['set']}, {result['claims']} claims, {result['checks']} independent checks, "
        f"coverage {100 * result['coverage']:.0f} % of memories, data sha256 {result['sha256'][:12]}…",
        f"{'':32}{'flagged':>9}{'per 1000':>10}{'precision':>11}{'recall':>8}",
    ]
    for name, row in result["rows"].items():
        if "AUC" in row:
            lines.append(f"{name:32}  area under the curve {row['AUC']} (.5 is chance)")
            continue
        measured = (row.get("precision", "-"), row.get("recall", "-"))
        lines.append(f"{name:32}{row['flagged']:>9}{row['per 1000']:>10}{measured[0]:>11}{measured[1]:>8}")
    return "\n".join([*lines, f"superseded: {result['superseded']}"])

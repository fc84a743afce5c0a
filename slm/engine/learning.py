"""Learning from use: a shown memory that is reported used moves the weights, in the transaction that journals it.

What is journalled are the features of the hits that were shown and which of them were used, never the question.
Replaying the entries gives the same weights bit for bit.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from slm.engine.recalls import Features, Moved, Recalled, Recalls
from slm.retrieval.learning import Learner, OtherTerms, can_be_learnt, replayed
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights
from slm.store.reader import Reader
from slm.store.writer import Writer

USES_AN_EPOCH = 8
"""Uses after which what was learnt is published: in between, no score moves."""

LEARNER, EPOCH = "learner", "weights"
LEARN, RESET, RESTORE = "learn", "weights_reset", "weights_restore"
JOURNALLED = frozenset({LEARN, RESET, RESTORE})
"""Operations whose entries together say what was learnt."""


@dataclass(frozen=True, slots=True)
class Event:
    """The ``features`` (n, k) of the hits of one recall, in the order of the default weights, and the rows ``used``."""

    features: Features
    used: tuple[int, ...]

    def record(self) -> dict[str, Any]:
        """As the journal keeps it."""
        rows = base64.b64encode(self.features.astype("<f4").tobytes()).decode()
        return {"features": rows, "hits": len(self.features), "used": list(self.used)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Event:
        """The event that :meth:`record` gave; terms that came into being later are 0 in it."""
        rows = np.frombuffer(base64.b64decode(record["features"]), "<f4").reshape(record["hits"], -1)
        features = np.zeros((len(rows), max(rows.shape[1], len(DEFAULT_WEIGHTS))), np.float32)
        features[:, : rows.shape[1]] = rows
        return cls(features, tuple(record["used"]))


@dataclass(frozen=True, slots=True)
class Learning:
    """What was learnt so far, and the ``weights`` of the last published ``epoch``, which ranking uses."""

    learner: Learner
    epoch: int
    published_uses: int
    weights: Weights

    @classmethod
    def begin(cls, epoch: int = 0) -> Learning:
        """Nothing learnt: the default weights."""
        return cls(Learner.start(), epoch, 0, DEFAULT_WEIGHTS)

    @classmethod
    def load(cls, reader: Reader) -> Learning:
        """What the store holds; learnt anew from the journal where that was written by another version of the rule."""
        learner, epoch = reader.meta(LEARNER), reader.meta(EPOCH)
        if learner is None or epoch is None:
            return cls.begin()
        published = json.loads(epoch)
        try:
            learnt = Learner.from_bytes(learner)
        except ValueError:
            return _relearnt(reader, published["epoch"] + 1)
        weights = {name: float.fromhex(value) for name, value in published["weights"].items()}
        return cls(learnt, published["epoch"], published["uses"], {**DEFAULT_WEIGHTS, **weights})

    def save(self, writer: Writer) -> None:
        """Keep it in the store."""
        weights = {name: float(value).hex() for name, value in self.weights.items()}
        document = {"epoch": self.epoch, "uses": self.published_uses, "weights": weights}
        writer.put_meta(LEARNER, self.learner.to_bytes())
        writer.put_meta(EPOCH, json.dumps(document).encode())

    def record(self) -> dict[str, Any]:
        """As an export carries it and the journal keeps it; :meth:`from_record` has it back to the bit."""
        return {
            "epoch": self.epoch,
            "uses": self.learner.n_uses,
            "published_uses": self.published_uses,
            "weights": dict(self.weights),
            "learner": base64.b64encode(self.learner.to_bytes()).decode(),
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Learning:
        """What :meth:`record` gave. ValueError: it gave no such thing, or :class:`OtherTerms`."""
        try:
            learner = Learner.from_bytes(base64.b64decode(record["learner"], validate=True))
            given = {name: float(value) for name, value in record["weights"].items()}
            epoch, uses, published_uses = (int(record[name]) for name in ("epoch", "uses", "published_uses"))
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not what an export says of weights: {error!r}") from None
        if set(given) != set(DEFAULT_WEIGHTS):
            raise OtherTerms("these are learnt weights of other terms")
        weights = {name: given[name] for name in DEFAULT_WEIGHTS}
        if not (can_be_learnt(weights) and epoch >= 0 and 0 <= published_uses <= uses == learner.n_uses):
            raise ValueError("weights that no uses lead to")
        return cls(learner, epoch, published_uses, weights)

    def after(self, events: Iterable[Event]) -> Learning:
        """With what ``events`` teach, published when enough came together."""
        learner = replayed(((event.features, event.used) for event in events), self.learner)
        learnt = replace(self, learner=learner)
        if learner.n_uses - self.published_uses < USES_AN_EPOCH:
            return learnt
        return replace(learnt, epoch=self.epoch + 1, published_uses=learner.n_uses, weights=learner.weights())

    def moved(self) -> Moved:
        """The terms whose published weight use has moved, each as :meth:`document` has it and by how many ``uses``."""
        rows = [row for row in self.document() if row["drift"]]
        return {row.pop("term"): {**row, "uses": self.published_uses} for row in rows}

    def document(self) -> list[dict[str, Any]]:
        """Each term with its weight, the default, how far they are apart and the standard error of the weight."""
        errors = self.learner.std_errors()
        return [
            {
                "term": name,
                "weight": round(self.weights[name], 6),
                "default": default,
                "drift": round(self.weights[name] - default, 6),
                "std_error": round(errors[name], 6) if name in errors else None,
            }
            for name, default in DEFAULT_WEIGHTS.items()
        ]


def events_of(recalls: Recalls, peer: str, ordinals: Sequence[int]) -> list[tuple[Recalled, Event]]:
    """What the use of memories teaches: one event a recall that showed them and was not told so before."""
    used: dict[str, tuple[Recalled, list[int]]] = {}
    for ordinal in ordinals:
        found = recalls.showing(peer, ordinal)
        if found is not None and ordinal not in found[0].used:
            used.setdefault(found[0].recall_id, (found[0], []))[1].append(ordinal)
    return [(recall, _event(recall, memories)) for recall, memories in used.values()]


def _event(recall: Recalled, used: Sequence[int]) -> Event:
    """The hits of a recall without those reported used before: they neither won nor lost against these."""
    left = [place for place, ordinal in enumerate(recall.ordinals.tolist()) if ordinal not in recall.used]
    return Event(recall.features[left], tuple(i for i, place in enumerate(left) if recall.ordinals[place] in used))


def _relearnt(reader: Reader, epoch: int) -> Learning:
    """What the journal teaches by the rule of today, as ``epoch``; nothing where it is of other terms or was erased."""
    entries = [(entry.op, entry.payload) for entry in reader.entries() if entry.op in JOURNALLED]
    try:
        learner = as_journalled((op, payload) for op, payload in entries if payload is not None).learner
    except ValueError:
        return Learning.begin(epoch)
    return Learning(learner, epoch, learner.n_uses, learner.weights())


def as_journalled(entries: Iterable[tuple[str, dict[str, Any]]]) -> Learning:
    """What the journal's entries (operation, payload) teach, from nothing."""
    learning = Learning.begin()
    for op, payload in entries:
        if op == RESET:
            learning = Learning.begin(learning.epoch + 1)
        elif op == RESTORE:
            learning = Learning.from_record(payload["learnt"])
        elif op == LEARN:
            learning = learning.after([Event.from_record(record) for record in payload["events"]])
    return learning

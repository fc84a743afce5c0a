"""The last recalls of each peer, in memory only: what ``why`` explains, and what a use reported later is learnt from.

A query never reaches the disk: nothing here is written anywhere, and all of it is gone when the profile is closed.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.engine.hits import Hit
from slm.retrieval.abstention import Verdict
from slm.retrieval.ranking import Floats, Ordinals, Ranking
from slm.retrieval.weights import DEFAULT_WEIGHTS

RECALLS = 64
"""Recalls kept of a peer."""
PEERS = 32
"""Peers kept; the one that asked longest ago makes room."""
HITS = 100
"""Hits kept of a recall, the best ones."""

Features = npt.NDArray[np.float32]
Moved = Mapping[str, dict[str, Any]]
"""By term whose weight use has moved: ``weight``, ``default``, ``drift``, ``std_error`` and ``uses``."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalled:
    """One recall as it was answered, with its first :data:`HITS` hits, best first; near misses if it abstained.

    ``features`` (n, k) are in the order of :data:`DEFAULT_WEIGHTS`, 0 for one that the question doesn't switch on.
    ``terms`` (n, t) by ``names`` (t,) sum to ``scores`` (n,), NaN where a hit lacks one. ``standings`` are the ranks
    (n,) by channel among the ``n_searched`` memories; ``moved`` are the weights that weren't the default ones.
    """

    recall_id: str
    query: str
    asked: datetime
    scopes: tuple[str, ...]
    verdict: Verdict
    n_searched: int
    ordinals: Ordinals
    scores: Floats
    features: Features
    names: tuple[str, ...]
    terms: Floats
    standings: Mapping[str, Ordinals]
    moved: Moved
    used: set[int] = field(default_factory=set)
    """Memories that were reported used of it: once each."""

    def place(self, ordinal: int) -> int | None:
        """Where among the hits a memory stands, from 0; None when it isn't one of them."""
        found = np.flatnonzero(self.ordinals == ordinal)
        return int(found[0]) if len(found) else None

    def terms_at(self, place: int) -> dict[str, float]:
        """The terms of one hit by name, as they were shown."""
        pairs = zip(self.names, self.terms[place].tolist(), strict=True)
        return {name: value for name, value in pairs if not np.isnan(value)}

    def standings_at(self, place: int) -> dict[str, int]:
        """The rank of one hit in each channel."""
        return {name: int(ranks[place]) for name, ranks in self.standings.items()}

    def weights_at(self, place: int) -> dict[str, Any]:
        """What use had made of the weights behind the terms of one hit."""
        return moved_of(self.moved, self.terms_at(place))


def recalled(
    recall_id: str,
    query: str,
    asked: datetime,
    scopes: Sequence[str],
    verdict: Verdict,
    ranking: Ranking,
    hits: Sequence[Hit],
    moved: Moved,
) -> Recalled:
    """What is kept of a recall that showed ``hits`` of a ``ranking``; it refers to none of the ranking's arrays."""
    hits = hits[:HITS]
    places = [hit.place for hit in hits]
    ordinals = ranking.ordinals[places].astype(np.int64)
    names = tuple(dict.fromkeys(name for hit in hits for name in hit.terms))
    terms = np.array([[hit.terms.get(name, np.nan) for name in names] for hit in hits], np.float64)
    return Recalled(
        recall_id=recall_id,
        query=query,
        asked=asked,
        scopes=tuple(scopes),
        verdict=verdict,
        n_searched=ranking.n_searched,
        ordinals=ordinals,
        scores=np.array([hit.score for hit in hits], np.float64),
        features=feature_matrix(ranking, places),
        names=names,
        terms=terms.reshape(len(hits), len(names)),
        standings=ranking.standings.of(ordinals),
        moved=moved,
    )


def moved_of(moved: Moved, terms: Iterable[str]) -> dict[str, Any]:
    """The weights of ``terms`` that use has moved."""
    return {name: moved[name] for name in terms if name in moved}


def feature_matrix(ranking: Ranking, places: Sequence[int]) -> Features:
    """The features (n, k) of the memories at ``places`` (n,), in the order of :data:`DEFAULT_WEIGHTS`."""
    matrix = np.zeros((len(places), len(DEFAULT_WEIGHTS)), np.float32)
    for column, name in enumerate(DEFAULT_WEIGHTS):
        if name in ranking.features:
            matrix[:, column] = ranking.features[name][list(places)]
    return matrix


class Recalls:
    """Bounded: :data:`RECALLS` of a peer, :data:`PEERS` peers. Owned by the numeric worker."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[Recalled]] = OrderedDict()

    def add(self, peer: str, recall: Recalled) -> None:
        """Keep a recall of ``peer``."""
        self._of.setdefault(peer, deque(maxlen=RECALLS)).append(recall)
        self._of.move_to_end(peer)
        if len(self._of) > PEERS:
            self._of.popitem(last=False)

    def of(self, peer: str) -> Iterator[Recalled]:
        """The recalls of ``peer``, the last one first."""
        return reversed(self._of.get(peer, deque()))

    def showing(self, peer: str, ordinal: int) -> tuple[Recalled, int] | None:
        """The last recall of ``peer`` that showed a memory, with its place among the hits; None when none did."""
        placed = ((recall, recall.place(ordinal)) for recall in self.of(peer))
        return next(((recall, place) for recall, place in placed if place is not None), None)

    def was_used(self, peer: str, ordinal: int) -> bool:
        """Whether the last recall of ``peer`` that showed a memory was told of its use already."""
        found = self.showing(peer, ordinal)
        return found is not None and ordinal in found[0].used

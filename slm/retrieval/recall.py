"""Ranking: every memory is screened, the best are scored exactly, and a score is a weighted sum of named features.

A channel is one file. Dense passes over all memories use proxies (int8 codes, BM25, what the best 200 chunks say of
the phrases of the others); they choose some hundred candidates, whose features are then computed one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from slm.geometry.top_k import top_k
from slm.model import HeadFlag
from slm.retrieval.author_circle import author_feature
from slm.retrieval.columns import Columns
from slm.retrieval.context import best_of_session, neighbours
from slm.retrieval.lexical import LexicalIndex, LexicalView
from slm.retrieval.nearby import words_nearby
from slm.retrieval.phrases import PhrasesChannel, estimated
from slm.retrieval.question import Query
from slm.retrieval.ranking import Floats, Floats32, Mask, Ordinals, Ranking, Real, mean_of, summed, terms_of, weighted
from slm.retrieval.semantic import SemanticChannel
from slm.retrieval.session_order import SessionOrder
from slm.retrieval.standings import CHANNELS, SCREENING, Standings
from slm.retrieval.temporal import nearness
from slm.retrieval.text_features import SHORT_QUESTION, TELLS_A_TIME
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights

PHRASED = 200
"""Chunks whose phrases are compared exactly, at most."""
CANDIDATES = 400
"""Memories that get the features of their session."""
POOL = 100
"""Memories whose meaning is computed exactly, from their rows instead of their codes."""

LOGARITHMS = np.log(np.maximum(np.arange(1 << 16), 1))
"""ln of every number of chunks that a memory can have."""

Scalar = TypeVar("Scalar", bound=np.generic)

DAY_NS = 86_400_000_000_000
FIRST_DAY = 719_163
"""1 January 1970 as a proleptic ordinal."""


@dataclass(frozen=True, slots=True)
class _Screen:
    """Proxies over all memories: ``values`` (n,) of each channel, and the ``means`` over eligible ones to centre them.

    ``base`` (n,) is the weighted sum of what is centred and of the length, 0 for those not eligible. What is dense is
    float32, half of whose passes is all that a recall has time for; what is shown is added up in float64.
    """

    values: dict[str, Floats32]
    means: dict[str, float]
    base: Floats32

    def features(self, at: Ordinals) -> dict[str, Floats]:
        """The centred channels of the memories ``at`` (m,)."""
        return {name: values[at].astype(np.float64) - self.means[name] for name, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class _FirstPass:
    """The screen, the score (n,) that it gives, -inf where not ``eligible``, and the best by it, who get features.

    ``words`` are the question's terms, looked up; ``n_searched`` memories are eligible.
    """

    words: LexicalView
    screen: _Screen
    scores: Floats32
    eligible: Mask
    candidates: Ordinals
    n_searched: int


class Ranker:
    """Ranks the memories of one store; owned by the numeric worker, holds no state of its own between calls."""

    def __init__(
        self,
        columns: Columns,
        semantic: SemanticChannel,
        lexical: LexicalIndex,
        phrases: PhrasesChannel,
        sessions: SessionOrder,
        weights: Weights = DEFAULT_WEIGHTS,
        session_lift: float = 1.0,
        attention: Callable[[Ordinals], Floats] | None = None,
    ) -> None:
        """``attention`` gives the feature in [-1, 1] of some memories: not to their sessions, and not to the screen."""
        self.columns = columns
        self.semantic = semantic
        self.lexical = lexical
        self.phrases = phrases
        self.sessions = sessions
        self.weights = weights
        self.session_lift = session_lift
        self.attention = attention

    def rank(self, query: Query, eligible: Mask, limit: int, assured: Mask | None = None) -> Ranking:
        """Order the ``eligible`` (n,) memories; the best ``2 limit``, and at least :data:`POOL`, are returned.

        As many again of those ``assured`` (n,) are among them, however many others are better.
        """
        first = self._first_pass(query, eligible, limit, assured)
        features = self._features(query, first, first.candidates)
        among = None if assured is None else assured[first.candidates]
        kept = _best(weighted(features, self.weights), min(max(POOL, 2 * limit), first.n_searched), among)
        return self._exactly(query, first, first.candidates[kept], {k: v[kept] for k, v in features.items()})

    def beside(self, query: Query, eligible: Mask, limit: int, ordinals: Ordinals) -> Ranking:
        """The ``eligible`` memories ``ordinals`` (m,) ranked as :meth:`rank` would, had they come into its pool."""
        first = self._first_pass(query, eligible, limit)
        features = self._features(query, first, np.concatenate([first.candidates, ordinals]))
        own = slice(len(first.candidates), None)
        return self._exactly(query, first, ordinals, {name: values[own] for name, values in features.items()})

    def _first_pass(self, query: Query, eligible: Mask, limit: int, assured: Mask | None = None) -> _FirstPass:
        words, n_searched = query.words or self.lexical.view(), int(np.count_nonzero(eligible))
        scores = weighted(self._asked_for(query, slice(None), np.float32), self.weights)
        screen = self._screen(query, words, eligible, scores)
        scores += screen.base
        if n_searched < len(eligible):
            scores[~eligible] = -np.inf
        among = None if assured is None else eligible & assured
        candidates = _best(scores, min(max(CANDIDATES, 3 * limit), n_searched), among)
        return _FirstPass(words, screen, scores, eligible, candidates, n_searched)

    def _screen(self, query: Query, words: LexicalView, eligible: Mask, asked_for: Floats32) -> _Screen:
        """``asked_for`` (n,) is what the question switches on, weighted: it chooses whose phrases are compared."""
        scores, mass = words.scores(query.terms)
        share = (scores / (mass or 1.0)).astype(np.float32)
        meaning = self.semantic.screen(query.vector)
        phrases = self._phrases(query, meaning, share, eligible, asked_for)
        values = {
            name: self._best_chunk(per_chunk)
            for name, per_chunk in zip(CHANNELS, (meaning, share, phrases), strict=True)
        }
        means = {name: mean_of(one, eligible) for name, one in values.items()}
        base = weighted(values, self.weights)
        base -= sum(self.weights[name] * mean for name, mean in means.items())
        if self._has_long:
            base += self.weights["length"] * self._length(slice(None))
        if not eligible.all():
            base[~eligible] = 0.0
        return _Screen(values, means, base)

    @property
    def _has_long(self) -> bool:
        """Whether any memory has more than one chunk."""
        return self.semantic.count > self.columns.count

    def _length(self, at: slice | Ordinals) -> Floats:
        """ln of the number of chunks of the memories ``at``."""
        logarithms: Floats = LOGARITHMS[self.columns["n_chunks"][at]]
        return logarithms

    def _phrases(
        self, query: Query, meaning: Floats32, share: Floats32, eligible: Mask, asked_for: Floats32
    ) -> Floats32:
        """Late interaction with all chunks: exact for the best, for the others what these say of its likely value."""
        first_pass = weighted({"meaning": meaning, "words": share}, self.weights)
        n_searched = len(first_pass)
        if not eligible.all():
            searched = self._per_chunk(eligible)
            first_pass[~searched] = -np.inf
            n_searched = int(np.count_nonzero(searched))
        pool = self._likeliest(first_pass, n_searched, asked_for if query.asks_for_more else None)
        known = self.phrases.exact(query.states, query.shares, pool)
        constant, per_meaning, per_word = estimated(
            known, meaning[pool].astype(np.float64), share[pool].astype(np.float64)
        )
        phrases = per_meaning * meaning
        phrases += per_word * share
        phrases += constant
        phrases[pool] = known
        return phrases

    def _likeliest(self, first_pass: Floats32, n_searched: int, asked_for: Floats32 | None) -> Ordinals:
        """The best :data:`PHRASED` chunks by ``first_pass`` (n_chunks,); half with and half without ``asked_for`` (n,).

        Where many memories share words with the question, what the one asked about says in others is no longer among
        the best by words and meaning.
        """
        if asked_for is None or n_searched <= PHRASED:
            return top_k(first_pass, min(PHRASED, n_searched))
        with_all = first_pass + self._per_chunk(asked_for)
        return np.union1d(top_k(first_pass, PHRASED // 2), top_k(with_all, PHRASED // 2))

    def _per_chunk(self, per_memory: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Values (n,) of memories -> those (n_chunks,) of their chunks."""
        return np.repeat(per_memory, self.columns["n_chunks"]) if self._has_long else per_memory

    def _asked_for(self, query: Query, at: slice | Ordinals, dtype: type[Real]) -> dict[str, npt.NDArray[Real]]:
        """Features of the memories ``at`` that the question switches on."""
        speaker, text = self.columns["speaker"][at], self.columns["features"][at]
        features: dict[str, npt.NDArray[Real]] = {}
        if query.author:
            circle = None if query.author_circle is None else query.author_circle[at]
            features["author"] = author_feature(speaker == query.author, circle, dtype) * dtype(query.author_lift)
        if query.user:
            features["said by user"] = (speaker == query.user).astype(dtype)
        if query.asks_when:
            features["when"] = (text & TELLS_A_TIME != 0).astype(dtype)
        if query.days:
            days = self.columns["observed_ns"][at] // DAY_NS + FIRST_DAY
            features["date"] = nearness(days, query.days).astype(dtype)
        features["is question"] = (text & SHORT_QUESTION != 0).astype(dtype)
        return features

    def _features(self, query: Query, first: _FirstPass, candidates: Ordinals) -> dict[str, Floats]:
        screen = first.screen
        nearby = words_nearby(first.words, query.terms, candidates, first.eligible, self.columns, self.sessions)
        features = {
            **screen.features(candidates),
            "length": self._length(candidates),
            **neighbours(screen.base, self.session_lift, candidates, self.columns, self.sessions),
            "words nearby": self.session_lift * nearby,
            **self._asked_for(query, candidates, np.float64),
        }
        alone = weighted(features, self.weights)
        best = best_of_session(alone, candidates, self.columns)
        features["session"] = alone + self.session_lift * (best - alone)
        return features if self.attention is None else {**features, "attention": self.attention(candidates)}

    def _exactly(self, query: Query, first: _FirstPass, pool: Ordinals, features: dict[str, Floats]) -> Ranking:
        """The pool with the exact meaning in the place of its proxy, in order."""
        sizes = self.columns["n_chunks"][pool].astype(np.int64)
        starts = np.cumsum(sizes) - sizes
        chunks = np.repeat(self.columns["first_chunk"][pool] - starts, sizes) + np.arange(sizes.sum())
        rows = self.semantic.rows(chunks)
        held = first.words.held(query.terms, chunks)

        def best(per_chunk: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
            return np.maximum.reduceat(per_chunk, starts, axis=-1) if len(starts) else per_chunk[..., :0]

        screen = first.screen
        screen.values["meaning"][pool] = best(self.semantic.exact(query.vector, rows))
        features = {**features, "meaning": screen.features(pool)["meaning"]}
        terms = terms_of(features, self.weights)
        scores = summed(terms)
        order = np.lexsort((pool, -scores))
        return Ranking(
            ordinals=pool[order],
            features={name: values[order] for name, values in features.items()},
            weights=self.weights,
            scores=scores[order],
            cosines=best(self.semantic.cosine(query.vector, rows))[order],
            coverage=best(first.words.coverage(query.terms, held))[order],
            held=best(held)[:, order],
            phrases=screen.values["phrases"][pool][order].astype(np.float64),
            superseded=(self.columns["flags"][pool] & HeadFlag.SUPERSEDED != 0)[order],
            lead=self._lead(query, pool, scores, terms),
            n_searched=first.n_searched,
            standings=Standings({**screen.values, SCREENING: first.scores}, first.eligible),
        )

    def _lead(self, query: Query, pool: Ordinals, scores: Floats, terms: Mapping[str, Floats]) -> float:
        """How far others in the ``pool`` (m,) are ahead of the one author named, the author term left out of the
        ``scores`` (m,); 0 when none is named.
        """
        named = self.columns["speaker"][pool] == query.author
        if not query.author or not query.author_alone or named.all() or not named.any():
            return 0.0
        unnamed = scores - terms["author"]
        return float(unnamed[~named].max() - unnamed[named].max())

    def _best_chunk(self, per_chunk: Floats32) -> Floats32:
        """Chunk scores (n_chunks,) -> memory scores (n,): a memory is as good as its best chunk."""
        firsts = self.columns["first_chunk"]
        return per_chunk if len(per_chunk) == len(firsts) else np.maximum.reduceat(per_chunk, firsts)


def _best(scores: npt.NDArray[np.floating], count: int, among: Mask | None) -> Ordinals:
    """The places of the best ``count`` of ``scores`` (m,), and of the best ``count`` that are ``among`` (m,) some."""
    best = top_k(scores, count)
    if among is None or not among.any():
        return best
    own = top_k(np.where(among, scores, -np.inf), min(count, int(np.count_nonzero(among))))
    return np.union1d(best, own)

"""Ranking: every memory is screened, the best are scored exactly, and a score is a weighted sum of named features.

A channel is one file. Dense passes over all memories use proxies (int8 codes, BM25, what the best 200 chunks say of
the phrases of the others); they choose some hundred candidates, whose features are then computed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from slm.geometry.top_k import top_k
from slm.model import HeadFlag
from slm.retrieval.columns import Columns
from slm.retrieval.context import best_of_session, neighbours
from slm.retrieval.lexical import LexicalIndex
from slm.retrieval.nearby import words_nearby
from slm.retrieval.phrases import PhrasesChannel, estimated
from slm.retrieval.question import Query
from slm.retrieval.ranking import Floats, Mask, Ordinals, Ranking, mean_of, summed, terms_of, weighted
from slm.retrieval.semantic import SemanticChannel
from slm.retrieval.session_order import SessionOrder
from slm.retrieval.standings import CHANNELS, SCREENING, Standings
from slm.retrieval.temporal import nearness
from slm.retrieval.text_features import SHORT_QUESTION, TELLS_A_TIME
from slm.retrieval.weights import DEFAULT_WEIGHTS, Weights

PHRASED = 200
"""Chunks whose phrases are compared exactly."""
CANDIDATES = 400
"""Memories that get the features of their session."""
POOL = 100
"""Memories whose meaning is computed exactly, from their rows instead of their codes."""

LOGARITHMS = np.log(np.maximum(np.arange(1 << 16), 1))
"""ln of every number of chunks that a memory can have."""

DAY_NS = 86_400_000_000_000
FIRST_DAY = 719_163
"""1 January 1970 as a proleptic ordinal."""


@dataclass(frozen=True, slots=True)
class _Screen:
    """Proxies over all memories: ``values`` (n,) of each channel, and the ``means`` over eligible ones to centre them.

    ``base`` (n,) is the weighted sum of what is centred and of the length, 0 for those not eligible.
    """

    values: dict[str, Floats]
    means: dict[str, float]
    base: Floats

    def features(self, at: Ordinals) -> dict[str, Floats]:
        """The centred channels of the memories ``at`` (m,)."""
        return {name: values[at] - self.means[name] for name, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class _FirstPass:
    """The screen, the score (n,) that it gives, -inf where not ``eligible``, and the best by it, who get features."""

    screen: _Screen
    scores: Floats
    eligible: Mask
    candidates: Ordinals

    @property
    def n_searched(self) -> int:
        return int(np.count_nonzero(self.eligible))


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
        screen = self._screen(query, eligible)
        scores = np.where(eligible, screen.base + weighted(self._asked_for(query), self.weights), -np.inf)
        n_candidates = min(max(CANDIDATES, 3 * limit), int(np.count_nonzero(eligible)))
        among = None if assured is None else eligible & assured
        return _FirstPass(screen, scores, eligible, _best(scores, n_candidates, among))

    def _screen(self, query: Query, eligible: Mask) -> _Screen:
        words = self.lexical.scores(query.terms)
        share = words.scores / words.mass if words.mass > 0 else words.scores
        meaning = self.semantic.screen(query.vector).astype(np.float64)
        phrases = self._phrases(query, meaning, share, eligible)
        values = {
            name: self._best_chunk(per_chunk)
            for name, per_chunk in zip(CHANNELS, (meaning, share, phrases), strict=True)
        }
        means = {name: mean_of(one, eligible) for name, one in values.items()}
        base = weighted({**values, "length": self._length(slice(None))}, self.weights)
        base -= sum(self.weights[name] * mean for name, mean in means.items())
        base[~eligible] = 0.0
        return _Screen(values, means, base)

    def _length(self, at: slice | Ordinals) -> Floats:
        """ln of the number of chunks of the memories ``at``."""
        logarithms: Floats = LOGARITHMS[self.columns["n_chunks"][at]]
        return logarithms

    def _phrases(self, query: Query, meaning: Floats, share: Floats, eligible: Mask) -> Floats:
        """Late interaction with all chunks: exact for the best, for the others what these say of its likely value."""
        first_pass = self.weights["meaning"] * meaning + self.weights["words"] * share
        if not eligible.all():
            first_pass[~np.repeat(eligible, self.columns["n_chunks"])] = -np.inf
        pool = top_k(first_pass, min(PHRASED, int(np.count_nonzero(first_pass > -np.inf))))
        known = self.phrases.exact(query.states, query.shares, pool)
        constant, per_meaning, per_word = estimated(known, meaning[pool], share[pool])
        phrases = per_meaning * meaning
        phrases += per_word * share
        phrases += constant
        phrases[pool] = known
        return phrases

    def _asked_for(self, query: Query, at: slice | Ordinals = slice(None)) -> dict[str, Floats]:
        """Features of the memories ``at`` that the question switches on."""
        speaker, text = self.columns["speaker"][at], self.columns["features"][at]
        features: dict[str, Floats] = {}
        if query.author:
            features["author"] = query.author_lift * (speaker == query.author)
        if query.user:
            features["said by user"] = (speaker == query.user).astype(np.float64)
        if query.asks_when:
            features["when"] = (text & TELLS_A_TIME != 0).astype(np.float64)
        if query.days:
            features["date"] = nearness(self.columns["observed_ns"][at] // DAY_NS + FIRST_DAY, query.days)
        features["is question"] = (text & SHORT_QUESTION != 0).astype(np.float64)
        return features

    def _features(self, query: Query, first: _FirstPass, candidates: Ordinals) -> dict[str, Floats]:
        screen, lexical = first.screen, self.lexical.view()
        nearby = words_nearby(lexical, query.terms, candidates, first.eligible, self.columns, self.sessions)
        features = {
            **screen.features(candidates),
            "length": self._length(candidates),
            **neighbours(self.session_lift * screen.base, candidates, self.columns, self.sessions),
            "words nearby": self.session_lift * nearby,
            **self._asked_for(query, candidates),
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

        def best(per_chunk: Floats) -> Floats:
            return np.maximum.reduceat(per_chunk, starts) if len(starts) else per_chunk[:0]

        screen = first.screen
        screen.values["meaning"][pool] = best(self.semantic.exact(query.vector, rows))
        features = {**features, "meaning": screen.features(pool)["meaning"]}
        scores = summed(terms_of(features, self.weights))
        order = np.lexsort((pool, -scores))
        return Ranking(
            ordinals=pool[order],
            features={name: values[order] for name, values in features.items()},
            weights=self.weights,
            scores=scores[order],
            cosines=best(self.semantic.cosine(query.vector, rows))[order],
            coverage=best(self.lexical.coverage(query.terms, chunks))[order],
            phrases=screen.values["phrases"][pool][order],
            superseded=(self.columns["flags"][pool] & HeadFlag.SUPERSEDED != 0)[order],
            lead=self._lead(query, screen, pool),
            n_searched=first.n_searched,
            standings=Standings({**screen.values, SCREENING: first.scores}, first.eligible),
        )

    def _lead(self, query: Query, screen: _Screen, pool: Ordinals) -> float:
        """How far the best base score of other authors in the pool is above that of the author named; 0 without one."""
        named = self.columns["speaker"][pool] == query.author
        if not query.author or named.all() or not named.any():
            return 0.0
        base = screen.base[pool]
        return float(base[~named].max() - base[named].max())

    def _best_chunk(self, per_chunk: Floats) -> Floats:
        """Chunk scores (n_chunks,) -> memory scores (n,): a memory is as good as its best chunk."""
        firsts = self.columns["first_chunk"]
        return per_chunk if len(per_chunk) == len(firsts) else np.maximum.reduceat(per_chunk, firsts)


def _best(scores: Floats, count: int, among: Mask | None) -> Ordinals:
    """The places of the best ``count`` of ``scores`` (m,), and of the best ``count`` that are ``among`` (m,) some."""
    best = top_k(scores, count)
    if among is None or not among.any():
        return best
    own = top_k(np.where(among, scores, -np.inf), min(count, int(np.count_nonzero(among))))
    return np.union1d(best, own)

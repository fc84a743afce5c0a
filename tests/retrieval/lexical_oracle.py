"""Scores of a lexical index from dicts and loops, and indexes made for tests."""

import math
from collections import Counter

import numpy as np
from hypothesis import strategies as st

from slm.geometry.backend import compiled
from slm.retrieval.lexical import K1, PRIOR_CHUNKS, B, LexicalIndex
from slm.retrieval.word_rates import UNKNOWN_RATE, word_rates
from slm.retrieval.words import terms

COMPILED = compiled()

VOCABULARY = ["boat", "harbour", "time", "like", "sail", "2.4.6", "東京", "я"]
"""Rare words and common ones, which have a rate of their own, and terms of several bytes a character."""

chunks = st.lists(st.sampled_from(VOCABULARY), max_size=8)
query = st.lists(st.sampled_from([*VOCABULARY, "absent"]), max_size=5)


class Oracle:
    """Every chunk's counts in a list, the dead ones in a set; each score computed from scratch."""

    def __init__(self):
        self.chunks = []
        self.dead = set()

    def live(self):
        return [counts for i, counts in enumerate(self.chunks) if i not in self.dead]

    def document_frequency(self, term):
        return sum(term in counts for counts in self.live())

    def idf(self, term):
        n = len(self.live()) + PRIOR_CHUNKS
        df = self.document_frequency(term) + PRIOR_CHUNKS * word_rates().get(term, UNKNOWN_RATE)
        return math.log(1.0 + (n - df + 0.5) / (df + 0.5))

    def weights(self, wanted):
        return {term: count * self.idf(term) for term, count in sorted(Counter(wanted).items())}

    def score(self, chunk, wanted):
        if chunk in self.dead:
            return 0.0
        lengths = [counts.total() for counts in self.live()]
        average = sum(lengths) / len(lengths) if sum(lengths) else 1.0
        counts, score = self.chunks[chunk], 0.0
        for term, weight in self.weights(wanted).items():
            if term in counts:
                gain, tf = weight * (K1 + 1.0), counts[term]
                score += gain * tf / (tf + (K1 * (1.0 - B) + K1 * B / average * counts.total()))
        return score

    def scores(self, wanted):
        return [self.score(chunk, wanted) for chunk in range(len(self.chunks))]

    def mass(self, wanted):
        mass = 0.0
        for weight in self.weights(wanted).values():
            mass += weight
        return (K1 + 1.0) * mass

    def coverage(self, wanted, chunk):
        weights = self.weights(wanted)
        held = [weight for term, weight in weights.items() if term in self.chunks[chunk]]
        return sum(held) / sum(weights.values()) if weights else 0.0


def covered(index, wanted, chunks):
    """The coverage of chunks by a query, through the terms that they hold."""
    view = index.view()
    return view.coverage(wanted, view.held(wanted, chunks))


def index_of(*texts):
    index = LexicalIndex()
    for i, text in enumerate(texts):
        index.add(i, terms(text))
    return index


def in_two_segments(*texts):
    index = LexicalIndex()
    for i, text in enumerate(texts):
        index.add(i, terms(text))
        if i == len(texts) // 2:
            index.flush()
    index.flush()
    return index


def reopened(index):
    """What a restart does: write the arrays, map them read-only, name the dead."""
    written = [{name: array.tobytes() for name, array in segment.arrays().items()} for segment in index.segments]
    dtypes = [{name: array.dtype for name, array in segment.arrays().items()} for segment in index.segments]
    mapped = [
        {name: np.frombuffer(data, kinds[name]) for name, data in arrays.items()}
        for arrays, kinds in zip(written, dtypes, strict=True)
    ]
    return LexicalIndex.from_arrays(mapped, np.flatnonzero(index.view().dead), index.kernels)

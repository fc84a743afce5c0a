"""The phrases channel: late interaction of the question's tokens with the stored sign codes of a chunk's tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from slm.geometry.backend import Kernels
from slm.geometry.late_interaction import query_levels

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]

CONTINUES = "##"
"""The mark of a word piece that goes on with the word before."""


class PhrasesChannel:
    """MaxSim over token codes: ``tokens`` (m, d/8) of all chunks in a row, those of chunk c end before ``ends[c]``."""

    def __init__(self, tokens: Codes, ends: npt.NDArray[np.uint64], kernels: Kernels) -> None:
        self._tokens, self._ends, self._kernels = tokens, ends, kernels

    def exact(self, states: npt.NDArray[np.float32], shares: Floats, chunks: npt.NDArray[np.integer]) -> Floats:
        """Σ_t share_t max_j cos(state_t, token_j) for each of ``chunks`` (c,), in [-1.26, 1.26].

        ``states`` (t, d) and ``shares`` (t,) are the question's. The inner products are exact integers, so the same
        bits come from any machine and any number of threads. No chunks or no tokens in the question: zeros.
        """
        if not len(chunks) or not len(states):
            return np.zeros(len(chunks))
        stops = self._ends[chunks].astype(np.int64)
        starts = np.where(chunks > 0, self._ends[np.maximum(chunks, 1) - 1], 0).astype(np.int64)
        levels, to_cosine = query_levels(states)
        best = np.empty((len(chunks), len(states)), np.int32)
        self._kernels.best_matches(levels, self._tokens, starts, stops, best)
        total = np.zeros(len(chunks))
        for token, share in enumerate(shares * to_cosine):
            total += share * best[:, token]
        return total


def estimated(known: Floats, meaning: Floats, words: Floats) -> tuple[float, float, float]:
    """Least-squares b of ``known`` (c,) ≈ b0 + b1 meaning + b2 words: what the channel would say of other chunks."""
    if len(known) < 3:
        return (float(known.mean()) if len(known) else 0.0, 0.0, 0.0)
    design = np.stack([np.ones(len(known)), meaning, words], axis=1)
    normal = design.T @ design + 1e-9 * np.eye(3)
    b = np.linalg.solve(normal, design.T @ known)
    return float(b[0]), float(b[1]), float(b[2])


def token_shares(pieces: Sequence[str], idf: Callable[[str], float]) -> Floats:
    """Shares (t,) of a question's word ``pieces``, in proportion to the idf of the words they are part of; Σ = 1."""
    words: list[list[int]] = []
    for i, piece in enumerate(pieces):
        if piece.startswith(CONTINUES) and words:
            words[-1].append(i)
        else:
            words.append([i])
    shares = np.zeros(len(pieces))
    for word in words:
        shares[word] = idf("".join(pieces[i].removeprefix(CONTINUES) for i in word))
    total = shares.sum()
    return shares / total if total > 0 else np.full(len(pieces), 1.0 / max(1, len(pieces)))

"""BM25: what one term adds to the score of every document that holds it.

Source: Robertson & Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), with the idf that stays
positive (Lucene's). The compiled twin of :func:`accumulate` is in :mod:`slm.geometry.bm25_kernels`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

DocumentIds = npt.NDArray[np.int32]
Frequencies = npt.NDArray[np.uint16] | npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64] | npt.NDArray[np.float32]


def inverse_document_frequency(n_documents: float, document_frequency: float) -> float:
    """ln(1 + (N − df + ½) / (df + ½)) for 0 <= df <= N: positive, falling in df. Counts may be fractions."""
    return math.log(1.0 + (n_documents - document_frequency + 0.5) / (document_frequency + 0.5))


def accumulate(
    ids: DocumentIds,
    frequencies: Frequencies,
    weight: float,
    k1: float,
    b: float,
    lengths: npt.NDArray[np.int32],
    average_length: float,
    out: Floats,
) -> None:
    """Add ``weight`` · tf (k1 + 1) / (tf + k1 (1 − b + b length / average)) to ``out[id]`` of every posting.

    ``ids`` and ``frequencies`` (m,) are the postings of one term, no id twice; ``lengths`` and ``out`` (n,) belong to
    all documents. Each operation is one IEEE double operation in the order written, so both twins give the same bits;
    what doesn't depend on the posting is taken out of the loop, which leaves one division a posting.
    No validation.
    """
    gain, at_no_length, per_word = weight * (k1 + 1.0), k1 * (1.0 - b), k1 * b / average_length
    tf = frequencies.astype(np.float64)
    out[ids] += gain * tf / (tf + (at_no_length + per_word * lengths[ids].astype(np.float64)))

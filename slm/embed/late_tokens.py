"""Which token states late interaction keeps: content words, not the glue between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from slm.embed.tokenizer import Tokenizer

MAX_KEPT = 32

_WORDS = """
a about an and are as at be been being but by can could d did do does for from had has have he her here him his how
i if in into is it its ll m me my no not of on or our over re s she should so t than that the their them then there
these they this those to us ve was we were what when where which who whom why will with would you your
"""
STOP_WORDS = frozenset(_WORDS.split())
"""English words that carry no topic, and the pieces of contractions."""

WORD_STARTS = "▁Ġ"
"""The marks that other tokenizers than WordPiece put before the first piece of a word."""


def dropped_ids(tokenizer: Tokenizer) -> npt.NDArray[np.bool_]:
    """A flag for each word-piece id: True for stop words, punctuation and special tokens."""
    vocabulary = tokenizer.vocabulary
    dropped = np.zeros(max(vocabulary.values()) + 1, bool)
    for piece, i in vocabulary.items():
        word = piece.lstrip(WORD_STARTS).lower()
        continues = piece.startswith("##")
        dropped[i] = word in STOP_WORDS or not any(char.isalnum() for char in word[2 * continues :])
    dropped[sorted(tokenizer.special_ids)] = True
    return dropped


def kept_positions(
    ids: Sequence[int], dropped: npt.NDArray[np.bool_], special: frozenset[int], limit: int | None = MAX_KEPT
) -> npt.NDArray[np.intp]:
    """Positions of the first ``limit`` tokens worth keeping, never none.

    A text of stop words alone keeps them all; a text without any word piece keeps its first token.
    """
    kept = np.flatnonzero(~dropped[np.asarray(ids)])
    if not kept.size:
        kept = np.array([i for i, piece in enumerate(ids) if piece not in special] or [0], np.intp)
    return kept[:limit]

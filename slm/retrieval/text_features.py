"""What ranking asks of a text itself, found once when it is remembered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slm.retrieval.temporal import tells_a_time

TELLS_A_TIME = 1
SHORT_QUESTION = 2
ENDS_AS_QUESTION = 4

WORDS_OF_A_SHORT_QUESTION = 20

RULES = 3
"""Number of the rules by which texts are read; a store whose texts were read by others is read anew."""
RULES_SHIFT = 4


def text_features(text: str) -> int:
    """The bits of a text: whether it tells a time, how it asks, and the number of these rules."""
    asks = text.rstrip().endswith("?")
    short = asks and len(text.split()) <= WORDS_OF_A_SHORT_QUESTION
    bits = TELLS_A_TIME * tells_a_time(text) | SHORT_QUESTION * short | ENDS_AS_QUESTION * asks
    return RULES << RULES_SHIFT | bits


def outdated(features: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which of the features (n,) were found by other rules."""
    old: npt.NDArray[np.bool_] = features >> RULES_SHIFT != RULES
    return old

"""What ranking asks of a text itself, found once when it is remembered."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from slm.retrieval.temporal import tells_a_time

TELLS_A_TIME = 1
SHORT_QUESTION = 2

WORDS_OF_A_SHORT_QUESTION = 20

RULES = 2
"""Number of the rules by which texts are read; a store whose texts were read by others is read anew."""
RULES_SHIFT = 4


def text_features(text: str) -> int:
    """The bits of a text: whether it tells a time, whether it is a short question, and the number of these rules."""
    short_question = text.rstrip().endswith("?") and len(text.split()) <= WORDS_OF_A_SHORT_QUESTION
    return RULES << RULES_SHIFT | TELLS_A_TIME * tells_a_time(text) | SHORT_QUESTION * short_question


def outdated(features: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Which of the features (n,) were found by other rules."""
    old: npt.NDArray[np.bool_] = features >> RULES_SHIFT != RULES
    return old

"""The circle of an author: the memories in which they may have a part.

Who is asked about by name is asked about in their own conversations. What others talked of elsewhere shares words with
the question and nothing else, and how common a word is there says nothing of how much it tells apart here.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.integer]
Ordinals = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Real = TypeVar("Real", bound="np.floating[Any]")

OUTSIDE = 0.5
"""What a memory outside the circle loses of the author feature, in which the author's own turns have 1."""


def author_circle(author: int, naming: Ordinals, speaker: Numbers, session: Numbers) -> Mask:
    """The memories (n,) by the ``author`` (an interned number), in a session with a turn of theirs, or ``naming`` them.

    ``speaker`` and ``session`` (n,) are interned numbers; session 0 is none.
    """
    own: Mask = speaker == author
    theirs = np.zeros(int(session.max(initial=0)) + 1, np.bool_)
    theirs[session[own]] = True
    theirs[0] = False
    circle: Mask = theirs[session] | own
    circle[naming] = True
    return circle


def author_feature(own: Mask, circle: Mask | None, dtype: type[Real]) -> npt.NDArray[Real]:
    """The ``author`` feature (m,) before its lift: 1 for the author's ``own``, :data:`OUTSIDE` less than 0 outside.

    ``own`` and ``circle`` (m,) are masks of the same memories; without a circle nothing is outside.
    """
    feature = own.astype(dtype)
    if circle is not None:
        feature[~circle] -= dtype(OUTSIDE)
    return feature

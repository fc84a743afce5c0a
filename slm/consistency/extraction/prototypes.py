"""Where no rule reads a sentence: its value masked, the nearest prototype sentence in the embedder's space."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from slm.consistency.claim import Claim
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import CAPITAL, value
from slm.consistency.extraction.slots import proper_name
from slm.consistency.extraction.tables import read

LEAST_SIMILARITY = 0.62
LEAST_MARGIN = 0.06
"""Cosine to the best prototype, and what it must lead every other attribute's and every decoy's by (prototype run)."""
MASK = "Xyz"
LONGEST = 140
NAME = re.compile(rf"(?<![.!?] )(?<!^)\b(?<!')([{CAPITAL}][\w-]+(?: [{CAPITAL}][\w-]+)*)")
FIRST_PERSON = re.compile(r"(?:I|We|My (?:wife|husband|partner) and I|My home)\b")
NOT_NOW = re.compile(r"\b(?:not|never|was|were|grew|worked|lived|studied|used to|old|been to)\b", re.IGNORECASE)

Embed = Callable[[Sequence[str]], npt.NDArray[np.floating]]
"""Texts to unit vectors, shape (n, d)."""


class Prototypes:
    """The embedded prototype sentences; made once for an embedder."""

    def __init__(self, embed: Embed) -> None:
        lines = [line.split(None, 1) for line in read("prototypes.txt").splitlines() if line and line[0] != "#"]
        self._embed = embed
        self._attributes = np.array([attribute for attribute, _ in lines])
        self._sentences = [sentence.strip() for _, sentence in lines]

    @cached_property
    def _vectors(self) -> npt.NDArray[np.floating]:
        """Embedded when the first sentence is compared with them."""
        return self._embed(self._sentences)

    def claims(self, draft: Draft) -> list[Claim]:
        """At most one claim about the speaker, or none where the nearest prototype isn't near or isn't alone."""
        text = draft.sentence.text
        if draft.sentence.negated or len(text) > LONGEST or not FIRST_PERSON.match(text) or NOT_NOW.search(text):
            return []
        slots = [match for match in NAME.finditer(text) if proper_name(match[1])]
        if not slots:
            return []
        masked = [text[: slot.start(1)] + MASK + text[slot.end(1) :] for slot in slots]
        for slot, row in zip(slots, self._embed(masked) @ self._vectors.T, strict=True):
            attribute = self._nearest(row)
            if attribute:
                return [draft.named(draft.names.speaker, attribute, value(slot[1], draft.tables))]
        return []

    def _nearest(self, similarities: npt.NDArray[np.floating]) -> str | None:
        attribute = str(self._attributes[int(np.argmax(similarities))])
        best = float(np.max(similarities))
        others = similarities[self._attributes != attribute]
        if attribute == "-" or best < LEAST_SIMILARITY or best - float(np.max(others)) < LEAST_MARGIN:
            return None
        return attribute

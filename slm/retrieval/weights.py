"""The named terms of a score and their weights: ranking as an exponential family p(m | q) ∝ exp Σ weight · feature."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Weights = Mapping[str, float]

DEFAULT_WEIGHTS: Weights = MappingProxyType(
    {
        "meaning": 1.0,
        "words": 1.5,
        "phrases": 3.0,
        "length": -0.10,
        "earlier turns": 0.25,
        "reply": 0.30,
        "author": 1.5,
        "said by user": 0.8,
        "when": 0.5,
        "date": 2.0,
        "is question": -0.8,
        "session": 0.30,
        "attention": 0.10,
        "words nearby": 1.0,
    }
)
"""Every term that a question and a memory give a feature for, in the order in which they are shown and added."""

"""What more than one part's tests share: the bundled model, loaded once."""

from __future__ import annotations

import pytest
from hypothesis import settings

from slm.embed.onnx import Embedder

settings.register_profile("slm", deadline=None)
settings.load_profile("slm")
"""No example is timed: a machine may be busy with something else."""


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model on one thread."""
    return Embedder.load("bundled", threads=1)

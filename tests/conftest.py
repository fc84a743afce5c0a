"""What more than one part's tests share: the bundled model, loaded once."""

from __future__ import annotations

import pytest

from slm.embed.onnx import Embedder


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model on one thread."""
    return Embedder.load("bundled", threads=1)

"""What more than one part's tests share: the bundled model, loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from slm.embed.onnx import Embedder
from tests.end_to_end.home import Home

settings.register_profile("slm", deadline=None)
settings.load_profile("slm")
"""No example is timed: a machine may be busy with something else."""


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model on one thread."""
    return Embedder.load("bundled", threads=1)


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder shared by all homes: kernels are compiled once a run."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def home(kernels: Path) -> Iterator[Home]:
    """A user who has never run slm."""
    made = Home(kernels)
    yield made
    made.close()

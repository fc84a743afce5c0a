from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slm.embed.onnx import Embedder
from tests.engine.calendar import Clock
from tests.engine.desk import Desk


@pytest.fixture
def new_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Makes data roots, the first one at ``root0``; all are closed at the end."""
    made: list[Desk] = []

    def make(**options: Any) -> Desk:
        root = tmp_path / f"root{len(made)}"
        root.mkdir(mode=0o700)
        made.append(Desk(root, **options))
        return made[-1]

    yield make
    for desk in made:
        desk.service.close()


@pytest.fixture
def desk(new_desk: Callable[..., Desk]) -> Desk:
    """An empty store with the stub embedder: meaning is which words are shared."""
    return new_desk()


@pytest.fixture
def real_desk(new_desk: Callable[..., Desk], embedder: Embedder) -> Desk:
    """An empty store with the bundled model."""
    return new_desk(embedder=embedder)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The present, where the test puts it."""
    return Clock(monkeypatch)

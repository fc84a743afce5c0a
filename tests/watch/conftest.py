from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engine.desk import Desk
from tests.watch.notes import Notes


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    root = tmp_path / "data"
    root.mkdir(mode=0o700)
    made = Desk(root)
    yield made
    made.service.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "notes"
    made.mkdir()
    return made


@pytest.fixture
def notes(desk: Desk, folder: Path) -> Notes:
    """An empty folder that is followed."""
    return Notes(desk, folder)


@pytest.fixture
def new_notes(tmp_path: Path) -> Iterator[Callable[[], Notes]]:
    """Makes folders with stores of their own, closed at the end."""
    made: list[Notes] = []

    def make() -> Notes:
        root, folder = (tmp_path / f"{name}{len(made)}" for name in ("data", "notes"))
        root.mkdir(mode=0o700)
        folder.mkdir()
        made.append(Notes(Desk(root), folder))
        return made[-1]

    yield make
    for notes in made:
        notes.desk.service.close()

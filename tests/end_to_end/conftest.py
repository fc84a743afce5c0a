from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.home import Home


@pytest.fixture(scope="module")
def lived_in(kernels: Path) -> Iterator[Home]:
    """A user with a running daemon and one memory, shared by the tests of a module: they must not change it."""
    made = Home(kernels)
    made.remember("the API listens on 5433 since the PG16 move", "--tag", "api")
    yield made
    made.close()

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from slm.store.store import Store
from tests.store.samples import FINGERPRINT

MAP_BYTES = 64 << 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a store may be made: not there yet."""
    return tmp_path / "profile"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder, FINGERPRINT, map_bytes=MAP_BYTES) as opened:
        yield opened

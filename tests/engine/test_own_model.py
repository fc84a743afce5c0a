"""A user's own model behind a whole store: what it embeds can be found."""

from __future__ import annotations

import pytest

from slm.config import Config
from slm.engine.service import Service
from slm.model import Caller
from tests.embed.tiny_onnx import folder, lookup, table

ME = Caller(actor="cli")


@pytest.mark.parametrize("dims", [384, 768, 1024, 4096])
def test_a_store_of_any_usual_width_finds_what_it_holds(tmp_path, dims):
    """The promise of ``embed.model``: base and large embedders have 768 and 1,024 dimensions."""
    model = folder(tmp_path / "model", lookup(table(dims)))
    service = Service(tmp_path / "data", Config.load(overrides={"embed.model": str(model)}))
    try:
        red, _ = (service.call("remember", {"text": text}, ME)["id"] for text in ("the red one", "the green one"))
        found = service.call("recall", {"query": "red", "min_confidence": 0}, ME)
    finally:
        service.close()

    assert found["hits"][0]["memory"]["id"] == red

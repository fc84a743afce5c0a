from __future__ import annotations

import pytest
from tokenizers import BertWordPieceTokenizer

from slm.embed.model_files import VOCABULARY
from slm.embed.onnx import Embedder
from slm.embed.wordpiece import WordPiece


@pytest.fixture(scope="session")
def wordpiece() -> WordPiece:
    """The bundled model's tokenizer."""
    return WordPiece.from_file(VOCABULARY)


@pytest.fixture(scope="session")
def reference() -> BertWordPieceTokenizer:
    """The oracle: the implementation that the model's makers use, from the same vocabulary."""
    return BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model on one thread."""
    return Embedder.load("bundled", threads=1)

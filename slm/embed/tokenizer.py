"""The tokenizer that belongs to a model's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from slm.embed.model_files import ModelFiles, document, unavailable
from slm.embed.wordpiece import SPECIAL_TOKENS, WordPiece

EXTRA = "pip install 'slm-memory[tokenizers]'"


class Tokenizer(Protocol):
    """What the embedder asks of a tokenizer."""

    vocabulary: dict[str, int]
    special_ids: frozenset[int]
    padding: int

    def encode(self, text: str, limit: int) -> list[int]:
        """Ids with the special tokens around them, at most ``limit``."""

    def count(self, text: str) -> int:
        """Word pieces without special tokens."""


def load_tokenizer(files: ModelFiles) -> Tokenizer:
    """Own WordPiece where the files describe BERT's, else the ``tokenizers`` package. Raises ModelUnavailable."""
    if files.tokenizer.suffix == ".txt":
        return _from_vocabulary(files.tokenizer, lowercase=files.lowercase)
    settings = document(files.tokenizer)
    return _own(settings, files.tokenizer) if _is_bert(settings) else _foreign(files.tokenizer)


def _from_vocabulary(path: Path, *, lowercase: bool) -> WordPiece:
    try:
        return WordPiece.from_file(path, lowercase=lowercase)
    except KeyError as error:
        raise unavailable(
            f"the vocabulary lacks {error.args[0]}, so it isn't BERT's", path, hint="add the model's tokenizer.json"
        ) from None


def _is_bert(settings: dict[str, Any]) -> bool:
    model = settings.get("model") or {}
    return (
        model.get("type") == "WordPiece"
        and model.get("continuing_subword_prefix") == "##"
        and (settings.get("normalizer") or {}).get("type") == "BertNormalizer"
        and (settings.get("pre_tokenizer") or {}).get("type") == "BertPreTokenizer"
        and all(token in model.get("vocab", {}) for token in SPECIAL_TOKENS)
        and {token["content"] for token in settings.get("added_tokens", ())} <= set(SPECIAL_TOKENS)
    )


def _own(settings: dict[str, Any], path: Path) -> WordPiece:
    normalizer = settings["normalizer"]
    lowercase = bool(normalizer.get("lowercase", True))
    accents = normalizer.get("strip_accents")
    if not normalizer.get("clean_text", True):
        raise unavailable("a BERT tokenizer that keeps control characters isn't supported", path)
    return WordPiece(
        settings["model"]["vocab"],
        lowercase=lowercase,
        strip_accents=lowercase if accents is None else bool(accents),
        ideographs_apart=bool(normalizer.get("handle_chinese_chars", True)),
    )


def _foreign(path: Path) -> Tokenizer:
    try:
        from slm.embed.foreign_tokenizer import ForeignTokenizer
    except ImportError:
        raise unavailable(
            "the model's tokenizer isn't BERT's and needs the package tokenizers", path, hint=EXTRA
        ) from None
    return ForeignTokenizer(path)

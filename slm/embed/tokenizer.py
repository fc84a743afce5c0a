"""The tokenizer that belongs to a model's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from slm.embed.checked_files import document, unavailable
from slm.embed.model_files import ModelFiles
from slm.embed.wordpiece import MAX_WORD_CHARS, SPECIAL_TOKENS, WordPiece

EXTRA = "pip install 'slm-memory[tokenizers]'"
BERT_MODEL = {"unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": MAX_WORD_CHARS}


class Tokenizer(Protocol):
    """What the embedder asks of a tokenizer. ``special_ids`` are those that stand for no text, so not the unknown."""

    vocabulary: dict[str, int]
    special_ids: frozenset[int]
    padding: int

    def encode(self, text: str, limit: int) -> list[int]:
        """Ids with the special tokens around them, at most ``limit``."""

    def count(self, text: str) -> int:
        """Word pieces without special tokens."""


def load_tokenizer(files: ModelFiles) -> Tokenizer:
    """Own WordPiece where the files describe BERT's, else the ``tokenizers`` package. Raises ModelUnavailable."""
    path = files.tokenizer
    if path.suffix == ".txt":
        return _from_vocabulary(path, lowercase=files.lowercase)
    settings = document(path)
    try:
        return _own(settings) if _is_bert(settings) else _foreign(path)
    except (AttributeError, KeyError, TypeError):
        raise unavailable("the file doesn't have the form of a tokenizer.json", path) from None


def _from_vocabulary(path: Path, *, lowercase: bool) -> WordPiece:
    try:
        return WordPiece.from_file(path, lowercase=lowercase)
    except KeyError as error:
        hint = "add the model's tokenizer.json"
        raise unavailable(f"the vocabulary lacks {error.args[0]}, so it isn't BERT's", path, hint=hint) from None
    except UnicodeDecodeError as error:
        raise unavailable(f"the vocabulary isn't UTF-8: {error}", path) from None


def _is_bert(settings: dict[str, Any]) -> bool:
    """Whether every part is one that :class:`WordPiece` repeats exactly."""
    model, normalizer = settings["model"], settings.get("normalizer") or {}
    return (
        model.get("type") == "WordPiece"
        and {key: model.get(key) for key in BERT_MODEL} == BERT_MODEL
        and all(token in model["vocab"] for token in SPECIAL_TOKENS)
        and normalizer.get("type") == "BertNormalizer"
        and normalizer.get("clean_text") is True
        and (settings.get("pre_tokenizer") or {}).get("type") == "BertPreTokenizer"
        and _frame(settings.get("post_processor") or {}) == ["[CLS]", "A", "[SEP]"]
        and {token["content"] for token in settings.get("added_tokens", ())} == set(SPECIAL_TOKENS)
    )


def _frame(processor: dict[str, Any]) -> list[str]:
    """What the post-processor makes of one text A."""
    if processor.get("type") == "BertProcessing":
        return [processor["cls"][0], "A", processor["sep"][0]]
    if processor.get("type") == "TemplateProcessing":
        return [part["id"] for item in processor["single"] for part in item.values()]
    return []


def _own(settings: dict[str, Any]) -> WordPiece:
    normalizer = settings["normalizer"]
    lowercase, accents = normalizer["lowercase"], normalizer["strip_accents"]
    return WordPiece(
        settings["model"]["vocab"],
        lowercase=lowercase,
        strip_accents=lowercase if accents is None else accents,
        ideographs_apart=normalizer["handle_chinese_chars"],
    )


def _foreign(path: Path) -> Tokenizer:
    try:
        from slm.embed.foreign_tokenizer import ForeignTokenizer
    except ImportError:
        raise unavailable("the tokenizer isn't BERT's and needs the package tokenizers", path, hint=EXTRA) from None
    return ForeignTokenizer(path)

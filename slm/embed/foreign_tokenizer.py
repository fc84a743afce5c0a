"""Tokenizers other than BERT's, through the optional package ``tokenizers``."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer as Backend

from slm.embed.checked_files import unavailable

UNKNOWN = ("[UNK]", "<unk>")


class ForeignTokenizer:
    """A ``tokenizer.json`` run by ``tokenizers``; lone surrogates are read as U+FFFD."""

    def __init__(self, path: Path) -> None:
        try:
            self._backend = Backend.from_file(str(path))
        except Exception as error:
            raise unavailable(f"tokenizers can't read the model's tokenizer: {error}", path) from error
        self._backend.no_padding()
        self._backend.no_truncation()
        self.vocabulary: dict[str, int] = self._backend.get_vocab()
        added = self._backend.get_added_tokens_decoder()
        self.special_ids = frozenset(i for i, token in added.items() if token.special and token.content not in UNKNOWN)
        paddings = (self.vocabulary.get(token) for token in ("[PAD]", "<pad>"))
        self.padding: int = next((i for i in paddings if i is not None), 0)
        self._around = self._backend.num_special_tokens_to_add(False)

    def encode(self, text: str, limit: int) -> list[int]:
        """Ids with the special tokens around them, at most ``limit``."""
        pieces = self._backend.encode(_readable(text), add_special_tokens=False)
        pieces.truncate(limit - self._around)
        ids: list[int] = self._backend.post_process(pieces).ids
        return ids

    def count(self, text: str) -> int:
        """Word pieces without special tokens."""
        return len(self._backend.encode(_readable(text), add_special_tokens=False).ids)


def _readable(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")

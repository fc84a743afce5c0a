"""Files of a model, refused with a reason before anything reads them further."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from slm.errors import ModelUnavailable

LFS_POINTER = b"version https://git-lfs"


def require(path: Path, hint: str | None = None) -> None:
    """Refuse a file that can't be read, is empty, or is a Git LFS pointer in place of the file."""
    try:
        with path.open("rb") as file:
            start = file.read(len(LFS_POINTER))
    except OSError as error:
        raise unavailable(f"a file of the embedder can't be read: {error.strerror}", path, hint=hint) from error
    if start == LFS_POINTER:
        raise unavailable(
            "a Git LFS pointer stands in place of the file", path, hint=hint or "run git lfs pull in that folder"
        )
    if not start:
        raise unavailable("a file of the embedder is empty", path, hint=hint or "copy the file again")


def digest(paths: list[Path]) -> str:
    """SHA-256 of the files' bytes one after the other, in hexadecimal."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def document(path: Path) -> dict[str, Any]:
    """A JSON object, empty where the file doesn't exist."""
    value = json_value(path, {})
    if not isinstance(value, dict):
        raise unavailable("a file of the embedder isn't a JSON object", path)
    return value


def json_value(path: Path, absent: Any) -> Any:
    """What a JSON file holds, ``absent`` where it doesn't exist."""
    if not path.exists():
        return absent
    require(path)
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise unavailable(f"a file of the embedder isn't JSON: {error}", path) from error


def unavailable(message: str, path: Path | None = None, *, hint: str | None = None) -> ModelUnavailable:
    """The error for a model that can't be used, naming the file."""
    return ModelUnavailable(message, where={"model": str(path)} if path else None, hint=hint)

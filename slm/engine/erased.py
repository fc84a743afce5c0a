"""What was erased, kept beside the profiles: so that neither a backup nor a file brings it back.

The file lies outside the store's folder, with a key of its own. From the store alone nobody can tell whether a text was
in it; from the two together a short text can be guessed, so who fears that deletes the folder and gives up the guard.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from slm.engine.text_digest import fold
from slm.errors import StorageRefused, StoreDamaged
from slm.model import Memory
from slm.store.folder import sync_folder

FOLDER = ".erased"
"""Below the data root. No profile can be called so."""
_DIGEST_BYTES = 16


class Erased:
    """The erased memories of one store: their ids, and keyed digests of what must not come again."""

    def __init__(self, root: Path, store_id: str) -> None:
        """Reads the file. StoreDamaged when it isn't one of these, StorageRefused when it can't be read."""
        self.path = root / FOLDER / f"{store_id}.json"
        self.ids: frozenset[str] = frozenset()
        self._digests: dict[str, str] = {}
        self._key = secrets.token_bytes(32)
        try:
            document = json.loads(self.path.read_text("utf-8"))
            self._key = bytes.fromhex(document["key"])
            self.ids, self._digests = frozenset(document["ids"]), dict(document["digests"])
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._refused(error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise StoreDamaged(
                "the list of what was erased is damaged",
                where={"file": str(self.path)},
                hint="move the file aside; a backup from before an erasing then brings back what it holds",
            ) from error

    def find(self, memory: Memory, *, private: bool = True) -> str | None:
        """The id of the erased memory that said the same, or had the same idempotency key; None without one.

        Without ``private`` what was private is not known: nobody learns of it by saying the same.
        """
        if not self._digests:
            return None
        asked = [replace(memory, private=hidden) for hidden in (False, True) if private or not hidden]
        found = (self._digests.get(digest) for each in asked for digest in self.digests(each))
        return next((memory_id for memory_id in found if memory_id is not None), None)

    def digests(self, memory: Memory) -> list[str]:
        """What a memory is known by when it comes again: its idempotency key, and its text unless it is a turn.

        Turns repeat by right ("yes", "thanks"). A note doesn't, from whatever file it comes.
        """
        who = "private" if memory.private else "all"
        by_key = [self._keyed("key", who, memory.idempotency_key)] if memory.idempotency_key else []
        told = ("text", who, memory.scope, memory.speaker or "", fold(memory.text))
        return by_key if memory.kind == "turn" else [*by_key, self._keyed(*told)]

    def seal(self, digest: str) -> str:
        """A digest that was keyed with the store's id, under this key."""
        return self._keyed("section", digest)

    def keep(self, ids: Iterable[str] = (), digests: Mapping[str, str] | None = None) -> None:
        """Add erased ids, and ids by digest; durable when this returns. StorageRefused when it can't be written."""
        self.ids, self._digests = self.ids | set(ids), {**self._digests, **(digests or {})}
        document = {"key": self._key.hex(), "ids": sorted(self.ids), "digests": self._digests}
        part = self.path.with_suffix(".part")
        try:
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump(document, file)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise self._refused(error) from error

    def _keyed(self, *parts: str) -> str:
        joined = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.blake2b(joined, digest_size=_DIGEST_BYTES, key=self._key).hexdigest()

    def _refused(self, error: OSError) -> StorageRefused:
        where = {"file": str(self.path)}
        return StorageRefused(f"the list of what was erased can't be used: {error.strerror}", where=where)

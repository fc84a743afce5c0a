"""Who a store is: its id, its seed, and the embedder whose vectors it holds."""

from __future__ import annotations

import json
import secrets
from typing import NamedTuple

from slm.errors import ModelUnavailable


class Fingerprint(NamedTuple):
    """What decides the vectors of an embedder. ``name`` is for people: two names may stand for the same model."""

    name: str
    sha256: str
    dims: int
    pooling: str
    prefix: str


class StoreIdentity(NamedTuple):
    """Written once, when the store is created. ``seed`` starts every counter-based random stream of this store."""

    store_id: str
    seed: int
    created_ns: int
    schema: int
    embedder: Fingerprint

    def encode(self) -> bytes:
        """The identity as JSON. The schema isn't in it: it has a key of its own, which migrations move."""
        document = {
            "store_id": self.store_id,
            "seed": self.seed,
            "created_ns": self.created_ns,
            "embedder": self.embedder._asdict(),
        }
        return json.dumps(document, sort_keys=True).encode()

    @classmethod
    def decode(cls, body: bytes, schema: int) -> StoreIdentity:
        """The identity that :meth:`encode` wrote."""
        document = json.loads(body)
        embedder = Fingerprint(**document.pop("embedder"))
        return cls(schema=schema, embedder=embedder, **document)


def new_identity(embedder: Fingerprint, schema: int, created_ns: int) -> StoreIdentity:
    """An identity that no other store has."""
    return StoreIdentity(secrets.token_hex(16), secrets.randbits(63), created_ns, schema, embedder)


def require_same_embedder(held: Fingerprint, given: Fingerprint, store: str, *, backup: bool = False) -> None:
    """Raise ModelUnavailable unless vectors of ``given`` may be compared with those the store holds.

    A store can be embedded anew, a ``backup`` only be restored with its own model.
    """
    if held._replace(name="") == given._replace(name=""):
        return
    restore = f"restore embed.model in config.toml (the store was built with {held.name!r})"
    raise ModelUnavailable(
        _difference(held, given),
        where={"store": store},
        hint=restore if backup else f"slm reembed, or {restore}",
    )


def _difference(held: Fingerprint, given: Fingerprint) -> str:
    if held.dims != given.dims:
        return f"the store holds {held.dims}-dimensional memories, model {given.name!r} gives {given.dims}"
    if held.sha256 != given.sha256:
        return (
            f"the store holds memories of model {held.name!r} (sha256 {held.sha256[:12]}…), "
            f"model {given.name!r} has other weights (sha256 {given.sha256[:12]}…)"
        )
    what = "pooling" if held.pooling != given.pooling else "prefix"
    before, now = getattr(held, what), getattr(given, what)
    return f"the store holds memories embedded with {what} {before!r}, model {given.name!r} uses {now!r}"

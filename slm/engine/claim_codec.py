"""How claims lie in the store's table of claims, one value a memory, and the digest that names a claim within it.

A value is the stamp of the rules, a line feed, and :func:`slm.store.records.pack` of the JSON list of claims. A claim
is an object of its fields of :data:`STORED` that differ from their defaults, its id the digest; an exact number is an
integer, or a text "p/q". Whatever follows from the memory (its scope, trust, valid time, what was dropped) isn't in
it: that may change later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction
from typing import Any

from slm.consistency.claim import Bound, Claim
from slm.model import ID_ALPHABET
from slm.store.records import canonical_json, pack, unpack

SAYS = (
    "subject", "attribute", "relation", "object", "value", "interval", "unit", "gain", "multi", "valid_from",
    "valid_to", "update",
)  # fmt: skip
"""What a claim says; with its id, tier and span it is what is stored."""
STORED = ("id", *SAYS, "tier", "span")
_DEFAULTS = {field.name: field.default for field in fields(Claim)}
DIGEST_LENGTH = 8


def encode(stamp: str, claims: Sequence[Claim]) -> bytes:
    """The value of a memory whose text was read by the rules of ``stamp``, each claim named by its digest."""
    return stamp.encode() + b"\n" + pack(canonical_json([_document(claim, STORED) for claim in claims]))


def stamp_of(body: bytes) -> str:
    """The stamp that :func:`encode` took."""
    return body[: body.index(b"\n")].decode()


def decode(body: bytes) -> list[Claim]:
    """The claims that :func:`encode` took, without memory and contexts."""
    return [_claim(claim) for claim in json.loads(unpack(body[body.index(b"\n") + 1 :]))]


def digest(claim: Claim) -> str:
    """Forty bits of the SHA-256 of what a claim says: newer rules that read the same give it the same name."""
    number = int.from_bytes(hashlib.sha256(canonical_json(_document(claim, SAYS))).digest()[:5], "big")
    return "".join(ID_ALPHABET[number >> 5 * place & 31] for place in range(DIGEST_LENGTH))


def _document(claim: Claim, names: Sequence[str]) -> dict[str, Any]:
    given = {name: getattr(claim, name) for name in names}
    document = {name: value for name, value in given.items() if value != _DEFAULTS[name]}
    if claim.interval is not None:
        document["interval"] = [_plain(bound) for bound in claim.interval]
    if "gain" in document:
        document["gain"] = _plain(claim.gain)
    return document


def _claim(document: dict[str, Any]) -> Claim:
    for name in ("object", "span"):
        if name in document:
            document[name] = tuple(document[name])
    if "interval" in document:
        low, high = document["interval"]
        document["interval"] = (_exact(low), _exact(high))
    if isinstance(document.get("gain"), str):
        document["gain"] = Fraction(document["gain"])
    return Claim(memory_id="", **document)


def _plain(number: Bound) -> int | str | None:
    """An integer where it is one: equal numbers are written alike."""
    if number is None or number.denominator == 1:
        return None if number is None else number.numerator
    return f"{number.numerator}/{number.denominator}"


def _exact(written: int | str | None) -> Bound:
    return Fraction(written) if isinstance(written, str) else written

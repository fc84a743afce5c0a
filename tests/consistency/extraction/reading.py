"""Extraction as the tests ask for it: claims of a text, written the short way."""

from __future__ import annotations

from datetime import UTC, date, datetime

from slm.consistency.claim import Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.extraction.extract import extract
from slm.consistency.extraction.tables import shipped

SAID = date(2025, 3, 10)
"""A Monday."""
NS_A_DAY = 86_400_000_000_000


def blank(memory_id="m", *, day=SAID, scope="global"):
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Claim("", memory_id, "", "", recorded_at=int(midnight.timestamp()) * 1_000_000_000, scope=scope)


def claims(text, speaker="", **given):
    return list(extract(text, blank(**given), speaker))


def told(text, speaker="", **given):
    """(subject, attribute, relation, value or object or interval) of every claim."""
    return [(c.subject, c.attribute, c.relation, right_side(c)) for c in claims(text, speaker, **given)]


def right_side(claim):
    if claim.object is not None:
        return claim.object
    return claim.interval if claim.value is None else claim.value


def sheaf_of(*texts, speaker="", days_apart=0):
    """The sheaf of texts said one after the other."""
    found = []
    for n, text in enumerate(texts):
        day = date.fromordinal(SAID.toordinal() + n * days_apart)
        found += extract(text, blank(f"m{n}", day=day), speaker)
    return ClaimSheaf(found, window_of=shipped().persistence_days)


def clash(*texts, **given):
    return bool(sheaf_of(*texts, **given).conflicts())

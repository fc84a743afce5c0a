"""Random claims of every kind over few variables, so that about half of the sets contradict."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

from slm.consistency.claim import DAY, MONTH, Claim

ENTITIES = ("a", "b", "c", "d", "e")
NAMES = ("red", "green", "blue")
DAY_NS = 86_400_000_000_000


def _base(random: Random, attribute: str) -> Claim:
    return Claim("", "m", random.choice(ENTITIES), attribute, value="red")


def _other(random: Random, claim: Claim) -> tuple[str, str]:
    return random.choice([name for name in ENTITIES if name != claim.subject]), claim.attribute


def name(random: Random) -> Claim:
    claim = _base(random, "colour")
    if random.random() < 0.5:
        return replace(claim, value=random.choice(NAMES), relation=random.choice(("=", "=", "!=")))
    return replace(claim, value=None, object=_other(random, claim), relation=random.choice(("=", "=", "!=")))


def several(random: Random) -> Claim:
    claim = _base(random, "likes")
    if random.random() < 0.3:
        return replace(claim, value=None, object=_other(random, claim))
    return replace(claim, value=random.choice(NAMES), relation=random.choice(("=", "!=")), multi=random.random() < 0.8)


def truth(random: Random) -> Claim:
    claim = _base(random, "on")
    if random.random() < 0.3:
        return replace(claim, value=random.random() < 0.5, relation=random.choice(("=", "!=")))
    return replace(claim, value=None, object=_other(random, claim), relation=random.choice(("=", "!=")))


def gain(random: Random) -> Claim:
    claim = replace(_base(random, "size"), value=None)
    offset = random.randint(-3, 3)
    if random.random() < 0.3:
        return replace(claim, interval=(offset, offset))
    factor = random.choice((1, 2, -1, Fraction(1, 2)))
    return replace(claim, object=_other(random, claim), interval=(offset, offset), gain=factor)


def interval(random: Random) -> Claim:
    claim = replace(_base(random, "size"), value=None)
    low = random.randint(-4, 4)
    bounds = (low, low + random.randint(0, 2))
    return replace(claim, interval=bounds, object=_other(random, claim) if random.random() < 0.6 else None)


def order(random: Random) -> Claim:
    claim = replace(_base(random, "size"), value=None, relation=random.choice(("<", "<=", ">", ">=")))
    bound = random.randint(-2, 2)
    if random.random() < 0.2:
        return replace(claim, interval=(bound, bound))
    return replace(claim, object=_other(random, claim), interval=random.choice((None, (bound, bound))))


def different(random: Random) -> Claim:
    claim = replace(_base(random, "size"), value=None, relation=random.choice(("=", "=", "!=")))
    bound = random.randint(-1, 1)
    if random.random() < 0.4:
        return replace(claim, interval=(bound, bound))
    return replace(claim, object=_other(random, claim), interval=random.choice((None, (bound, bound))))


def date(random: Random) -> Claim:
    claim = replace(_base(random, "date"), value=None, unit=DAY)
    if random.random() < 0.4:
        first = random.randint(0, 1500)
        return replace(claim, interval=(first, first + random.choice((0, 0, 30, 364))))
    if random.random() < 0.5:
        months = random.choice((1, 12, 24, 36))
        return replace(claim, object=_other(random, claim), interval=(months, months), unit=MONTH)
    days = random.choice((-2, 30, 365))
    return replace(claim, object=_other(random, claim), interval=(days, days))


def identity(random: Random) -> Claim:
    if random.random() < 0.5:
        claim = _base(random, "")
        return replace(claim, value=None, object=_other(random, claim), relation=random.choice(("==", "==", "!=")))
    if random.random() < 0.3:
        return Claim("", "m", "red", "", "==", object=(random.choice(("green", "crimson")), ""))
    return name(random)


PURE = (name, several, truth, gain, interval, order, different, date, identity)


def mixed(random: Random) -> Claim:
    claim = random.choice(PURE)(random)
    return replace(claim, attribute="size") if claim.attribute == "date" and random.random() < 0.3 else claim


KINDS = {made.__name__: made for made in (*PURE, mixed)}


def timeless(random: Random, kind: str, count: int) -> list[Claim]:
    """Claims of one kind that always hold, numbered in the order in which they were recorded."""
    return [replace(KINDS[kind](random), id=f"c{i:02}", recorded_at=i) for i in range(count)]


def timed(random: Random, kind: str, count: int) -> list[Claim]:
    """Claims of which some hold for a time and some tell a change."""
    claims = timeless(random, kind, count)
    for i, claim in enumerate(claims):
        start = random.randrange(10)
        at = {"recorded_at": random.randrange(10) * DAY_NS, "update": random.random() < 0.15}
        if claim.attribute and random.random() < 0.5:
            at["valid_from"] = start * DAY_NS
        if claim.attribute and random.random() < 0.4:
            at["valid_to"] = (start + random.randint(1, 5)) * DAY_NS
        claims[i] = replace(claim, **at)
    return claims

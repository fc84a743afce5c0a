"""A claim: one statement about one attribute of one entity, as an edge of the claim sheaf."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

Number = int | Fraction
"""Exact: sums of claims close to zero or they don't."""
Bound = Number | None
"""None is unbounded."""
Interval = tuple[Bound, Bound]

LARGEST = 10**30
"""Squares of products of two such numbers still fit into a float, in which severity and tension are measured."""

Relation = Literal["=", "!=", "<", "<=", ">", ">=", "=="]
RELATIONS: tuple[str, ...] = get_args(Relation)
Tier = Literal["explicit", "rule", "prototype"]
TIERS: tuple[str, ...] = get_args(Tier)

DAY = "day"
"""Unit of dates (days since 1970-01-01) and of distances between them."""
MONTH = "month"
"""Unit of calendar distances: a year is twelve of them."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``subject.attribute relation right side``, with when it holds, where it comes from and how far to trust it.

    The right side is one of three. ``value`` alone: a name (``str``) or a truth (``bool``). ``interval`` alone: a
    number or date in ``unit``, (x, x) when exact, with "=", "!=" or an order. ``object``: another variable, (entity,
    attribute), or (entity, "") with the relations "==" (the same entity; ``attribute`` is "") and "!=" between
    entities; then subject = ``gain`` * object + ``interval``, where no interval means equal without arithmetic, and
    orders compare with gain * object + interval.

    Names are compared as they stand: who makes a claim folds case and spelling first. ``multi`` says that the
    attribute may have several values. ``valid_from`` and ``valid_to`` (half-open) and ``recorded_at`` are nanoseconds
    since 1970 UTC, None is open. ``update`` marks words of change ("moved", "no longer", "Actually"). ``source``,
    ``session`` and ``scope`` are the contexts; ``span`` is (start, end) in the memory's text.
    """

    id: str
    memory_id: str
    subject: str
    attribute: str
    relation: Relation = "="
    object: tuple[str, str] | None = None
    value: str | bool | None = None
    interval: Interval | None = None
    unit: str = ""
    gain: Number = 1
    multi: bool = False
    valid_from: int | None = None
    valid_to: int | None = None
    recorded_at: int = 0
    trust: float = 0.9
    confirmations: int = 0
    tier: Tier = "explicit"
    update: bool = False
    source: str = ""
    session: str = ""
    scope: str = "global"
    span: tuple[int, int] | None = None


def says_the_same(a: Claim, b: Claim) -> bool:
    """Whether two claims state the same thing, whenever and by whomever: the second confirms the first."""
    return (
        a.value == b.value and a.subject == b.subject and a.interval == b.interval and a.object == b.object
        and a.attribute == b.attribute and a.relation == b.relation and a.unit == b.unit and a.gain == b.gain
        and a.multi == b.multi
    )  # fmt: skip


def statement(claim: Claim) -> tuple[object, ...]:
    """What a claim states, whenever and by whomever: equal for claims that confirm each other."""
    return (
        claim.subject, claim.attribute, claim.relation, claim.object, claim.value, claim.interval, claim.unit,
        claim.gain, claim.multi,
    )  # fmt: skip


def check(claim: Claim) -> None:
    """ValueError for a claim that has no meaning: no right side, two, or bounds that are empty or beyond measure."""
    others = claim.object is None and claim.interval is None and claim.valid_to is None
    if others and claim.relation == "=" and claim.value is not None and claim.attribute:
        return  # the commonest: a variable is equal to one value
    wrong = trouble(claim)
    if wrong is not None:
        raise ValueError(f"claim {claim.id!r} has {wrong}")


def trouble(claim: Claim) -> str | None:
    """Why a claim has no meaning; None where it has one."""
    if claim.value is not None:
        if claim.interval is not None or claim.object is not None:
            return "two right sides"
        if claim.relation not in ("=", "!="):
            return "an order of names"
    elif claim.interval is None and claim.object is None:
        return "no right side"
    if claim.attribute == "":
        if claim.object is None or claim.relation not in ("==", "!="):
            return "no attribute"
    elif claim.relation == "==" or (claim.object is not None and not claim.object[1]):
        return "an identity of variables: it is between entities"
    bounds = (bound for bound in claim.interval or () if bound is not None)
    if not all(-LARGEST <= number <= LARGEST for number in (claim.gain, *bounds)):
        return "a number beyond 10^30"
    return _empty(claim)


def _empty(claim: Claim) -> str | None:
    if claim.interval is not None:
        low, high = claim.interval
        if low is not None and high is not None and low > high:
            return "an interval whose end lies before its start"
        if claim.relation == "!=" and low != high:
            return "a range that is different: one number is needed"
    if claim.valid_from is not None and claim.valid_to is not None and claim.valid_from >= claim.valid_to:
        return "a time that ends before it begins"
    return None

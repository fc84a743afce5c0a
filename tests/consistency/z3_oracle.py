"""What Z3 says about claims: every fibre written out as constraints, slow and obvious."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from fractions import Fraction

import z3

from slm.consistency.calendar_units import days_of_months, month_of
from slm.consistency.claim import DAY, MONTH, Claim
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.judgement import is_identity
from slm.consistency.valid_time import span_of

UNITS = ("", DAY, MONTH, "kg")


def attributes_of_truth(claims: Iterable[Claim]) -> set[str]:
    """Attributes that some claim says to be true or false."""
    return {c.attribute for c in claims if isinstance(c.value, bool) and not c.multi}


class Oracle:
    """Z3 over a set of claims: each is guarded by a literal, so that any part of them can be asked about."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = list(claims)
        self.truths = attributes_of_truth(self.claims)
        self._solvers: dict[frozenset[str], z3.Solver] = {}

    def satisfiable(self, part: Iterable[Claim]) -> bool:
        """Whether one assignment satisfies claims that all hold at one time."""
        part = list(part)
        identities = [claim for claim in part if is_identity(claim)]
        classes = _closure(identities)
        if any(classes(c.subject) == classes(c.object[0]) for c in identities if c.relation == "!="):
            return False
        solver = self._solver(frozenset(claim.id for claim in identities), classes)
        return solver.check(*(z3.Bool("claim " + claim.id) for claim in part if not is_identity(claim))) == z3.sat

    def _solver(self, key: frozenset[str], classes) -> z3.Solver:
        """What the claims about variables say when the names are in these classes."""
        if key not in self._solvers:
            solver = self._solvers[key] = z3.SimpleSolver()
            names: dict[str, int] = {}
            members = {f"{c.value}{c.interval}{c.unit}" for c in self.claims if c.object is None}
            for claim in self.claims:
                if not is_identity(claim):
                    for formula in _formulas(claim, classes, self.truths, names, members):
                        solver.add(z3.Implies(z3.Bool("claim " + claim.id), formula))
        return self._solvers[key]


def _closure(claims: Collection[Claim]):
    groups: list[set[str]] = []
    for claim in claims:
        if is_identity(claim) and claim.relation == "==":
            joined = {claim.subject, claim.object[0]}
            for group in [group for group in groups if group & joined]:
                groups.remove(group)
                joined |= group
            groups.append(joined)
    return lambda name: min(next((group for group in groups if name in group), {name}))


def _formulas(claim: Claim, classes, truths, names, members):
    x = f"{classes(claim.subject)}.{claim.attribute}"
    if claim.multi:
        if claim.object is None and claim.relation in ("=", "!="):
            yield z3.Bool(f"{x}∋{claim.value}{claim.interval}{claim.unit}") == (claim.relation == "=")
    elif isinstance(claim.value, bool):
        yield z3.Bool(x) == (claim.value == (claim.relation == "="))
    elif claim.value is not None:
        name = z3.Int("name " + x) == names.setdefault(classes(claim.value), len(names))
        yield name if claim.relation == "=" else z3.Not(name)
        if claim.relation == "!=":
            yield z3.Bool(f"{x}∋{claim.value}None") == False  # noqa: E712
    elif claim.object is not None and claim.interval is None and claim.gain == 1:
        yield from _untyped(claim, x, f"{classes(claim.object[0])}.{claim.object[1]}", truths, members)
    else:
        y = None if claim.object is None else f"{classes(claim.object[0])}.{claim.object[1]}"
        yield from _numbers(claim, x, y)


def _untyped(claim: Claim, x: str, y: str, truths, members):
    relation = claim.relation
    if relation == "=":
        yield from (z3.Bool(f"{x}∋{member}") == z3.Bool(f"{y}∋{member}") for member in members)
    if relation in ("=", "!="):
        equal = z3.Int("name " + x) == z3.Int("name " + y)
        yield equal if relation == "=" else z3.Not(equal)
        if claim.attribute in truths or claim.object[1] in truths:
            same = z3.Bool(x) == z3.Bool(y)
            yield same if relation == "=" else z3.Not(same)
    for unit in UNITS:
        if not (unit == MONTH and relation == "!="):
            yield _compare(z3.Real(f"{unit} {x}"), z3.Real(f"{unit} {y}"), relation, unit == MONTH)


def _compare(a, b, relation, closed):
    if closed and relation in ("<", ">"):
        relation += "="
    return {"=": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[relation]


def _numbers(claim: Claim, x: str, y: str | None):
    low, high = claim.interval or (0, 0)
    yield from _in_unit(claim.unit, claim, x, y, low, high, False)
    if claim.gain != 1 or claim.relation == "!=":
        return
    if claim.unit == MONTH:
        yield from _in_unit(DAY, claim, x, y, _map(low, lambda m: days_of_months(m)[0]),
                            _map(high, lambda m: days_of_months(m)[1]), True)  # fmt: skip
    if claim.unit == DAY and y is None:
        yield from _in_unit(MONTH, claim, x, y, _map(low, month_of), _map(high, month_of), True)


def _map(bound, function):
    return None if bound is None else function(bound)


def _in_unit(unit, claim, x, y, low, high, closed):
    left = z3.Real(f"{unit} {x}")
    right = z3.RealVal(0) if y is None else _real(claim.gain) * z3.Real(f"{unit} {y}")
    if claim.relation == "=":
        if low is not None:
            yield left - right >= _real(low)
        if high is not None:
            yield left - right <= _real(high)
    elif claim.relation == "!=":
        yield left - right != _real(low)
    else:
        bound = low if claim.relation in ("<", ">=") else high
        yield _compare(left, right + _real(bound), claim.relation, closed)


def _real(number):
    number = Fraction(number)
    return z3.Q(number.numerator, number.denominator)


def check(sheaf: ClaimSheaf) -> int:
    """Compare a sheaf with Z3 at every moment; how many conflicts it has. AssertionError where they disagree."""
    claims = sheaf.claims
    oracle = Oracle(claims.values())
    spans = {claim.id: span_of(claim, sheaf.around.window_of) for claim in claims.values()}
    for cut in sheaf.supersessions():
        spans[cut.older] = (spans[cut.older][0], -math.inf if cut.at is None else min(spans[cut.older][1], cut.at))
    conflicts = [set(conflict.claims) for conflict in sheaf.conflicts()]
    for moment in sorted({start for start, _ in spans.values()}):
        held = {name for name, (start, end) in spans.items() if start <= moment < end}
        found = any(conflict <= held for conflict in conflicts)
        assert found != oracle.satisfiable(claims[name] for name in held), (moment, held, conflicts)
    for conflict in conflicts:
        assert not oracle.satisfiable(claims[name] for name in conflict), f"satisfiable: {conflict}"
        for name in conflict:
            rest = [claims[other] for other in conflict if other != name]
            assert oracle.satisfiable(rest), f"not minimal: {conflict} without {name}"
    return len(conflicts)

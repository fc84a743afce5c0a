"""How much the claims check one another, and where the tension sits: dimensions, radius and harmonic part.

C⁰ has a copy of the stalk for each variable and epoch, C¹ one for each distinct claim of equality, ground is zero, and
there are no 2-cells: H¹ = C¹ / im δ. What contradicts is the class of the claims in it, not its dimension.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from slm.consistency.calendar_units import days_of_months
from slm.consistency.claim import DAY, MONTH, Claim, Number
from slm.consistency.claim_sheaf import ClaimSheaf
from slm.consistency.component import Component
from slm.consistency.judgement import Surroundings, variables_of
from slm.consistency.slice import Variable
from slm.consistency.valid_time import Span, order_key, overlap, span_of

Vertex = tuple[Variable, int]
"""A variable by one name of its entity, and the number of its epoch."""
Edge = tuple[Vertex, Vertex | None, Number, object]
"""x, y (None is ground), the gain, and what else tells one claim from another."""
UNTYPED = "untyped"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Distinct claims of equality |E|, variables by epoch |V|, dim H⁰ (values that nothing pins), and dim H¹.

    ``checks`` = dim H¹ = |E| − |V| + dim H⁰ is the coverage: at 0 no equality could have conflicted, though a
    disequality or an order still could.
    """

    claims: int
    variables: int
    free: int

    @property
    def checks(self) -> int:
        """Independent checks: dim H¹."""
        return self.claims - self.variables + self.free


class Equation(NamedTuple):
    """low ≤ x − gain · y ≤ high for a claim; without ``y`` its other end is ground."""

    claim: str
    x: Vertex
    y: Vertex | None
    gain: Number
    low: Number
    high: Number


def dimensions(sheaf: ClaimSheaf) -> Dimensions:
    """The dimensions over all components and kinds of value."""
    n_claims = n_variables = n_free = 0
    for component in sheaf.components():
        for claims in _by_kind(component.claims):
            edges, vertices, free = _dimensions(_edges(claims, sheaf.around, component))
            n_claims, n_variables, n_free = n_claims + edges, n_variables + vertices, n_free + free
    return Dimensions(n_claims, n_variables, n_free)


def consistency_radius(equations: Iterable[Equation]) -> Number:
    """The least r so that an assignment misses no equation by more than r: the greatest |holonomy| / length of a cycle.

    For gains of one; ValueError otherwise. Exact, by cancelling negative cycles until none is left (Dinkelbach).
    """
    arcs: list[tuple[Vertex | None, Vertex | None, Number]] = []
    for equation in equations:
        if equation.gain != 1:
            raise ValueError("the radius over cycles is for claims without a gain")
        arcs += [(equation.y, equation.x, equation.high), (equation.x, equation.y, -equation.low)]
    radius: Number = 0
    while (cycle := _negative_cycle(arcs, radius)) is not None:
        radius = -Fraction(sum(cycle)) / len(cycle)
    return radius


def equations(claims: Iterable[Claim], unit: str, around: Surroundings) -> list[Equation]:
    """The equalities among numbers of one unit, for claims that hold at one time (all in epoch 0)."""
    found = []
    for claim in claims:
        if claim.relation != "=" or claim.multi or not claim.attribute or isinstance(claim.value, (str, bool)):
            continue
        low, high = claim.interval or (0, 0)
        in_months = claim.unit == MONTH and unit == DAY
        if low is None or high is None or not (in_months or claim.interval is None or claim.unit == unit):
            continue
        if in_months:
            low, high = days_of_months(low)[0], days_of_months(high)[1]
        vertices = [((around.entities.key(entity), attribute), 0) for entity, attribute in variables_of(claim)]
        y = vertices[-1] if claim.object is not None else None
        found.append(Equation(claim.id, vertices[0], y, claim.gain, low, high))
    return found


def _by_kind(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """The claims of equality for each kind of value, the untyped among each."""
    kinds: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.relation == "=" and not claim.multi and (claim.interval is None or None not in claim.interval):
            kinds[_kind(claim)].append(claim)
    untyped = kinds.pop(UNTYPED, [])
    for typed in list(kinds.values()) or ([[]] if untyped else []):
        yield typed + untyped


def _kind(claim: Claim) -> str:
    if claim.value is not None:
        return type(claim.value).__name__
    if claim.interval is None and claim.gain == 1:
        return UNTYPED
    return DAY if claim.unit == MONTH else claim.unit


def _edges(claims: list[Claim], around: Surroundings, component: Component) -> set[Edge]:
    """Distinct edges: a duplicate is a confirmation, not a cycle."""
    spans = {claim.id: span_of(claim, around.window_of) for claim in claims}
    for cut in component.supersessions:
        if cut.older in spans:
            start, end = spans[cut.older]
            spans[cut.older] = (start, start if cut.at is None else min(end, cut.at))
    ends = [(claim, [(around.entities.key(e), a) for e, a in variables_of(claim)]) for claim in claims]
    epochs = _epochs(ends, spans)
    edges: set[Edge] = set()
    for claim, variables in ends:
        vertices = [(variable, epochs[variable, claim.id]) for variable in variables]
        y = vertices[-1] if claim.object is not None else None
        edges.add((vertices[0], y, claim.gain, (claim.value, claim.interval, claim.unit)))
    return edges


def _epochs(ends: list[tuple[Claim, list[Variable]]], spans: Mapping[str, Span]) -> dict[tuple[Variable, str], int]:
    """The epoch of each claim's variables: a new one begins where all earlier claims about the variable have ended."""
    about: dict[Variable, list[Claim]] = defaultdict(list)
    for claim, variables in ends:
        for variable in variables:
            about[variable].append(claim)
    epochs: dict[tuple[Variable, str], int] = {}
    for variable, claims in about.items():
        epoch, last = 0, float("-inf")
        for claim in sorted(claims, key=lambda claim: (spans[claim.id], order_key(claim))):
            start, end = spans[claim.id]
            if start >= last > float("-inf"):
                epoch += 1
            last = max(last, end)
            epochs[variable, claim.id] = epoch
    return epochs


def _dimensions(edges: set[Edge]) -> tuple[int, int, int]:
    """|E|, |V| and dim H⁰ of one kind of value: a tree of equalities is free until something pins it."""
    parent: dict[Vertex, tuple[Vertex, Fraction]] = {}
    pinned: set[Vertex] = set()

    def root(vertex: Vertex) -> tuple[Vertex, Fraction]:
        factor = Fraction(1)
        while vertex in parent and parent[vertex][0] != vertex:
            vertex, step = parent[vertex]
            factor *= step
        parent.setdefault(vertex, (vertex, Fraction(1)))
        return vertex, factor

    for x, y, gain, _ in sorted(edges, key=repr):
        (root_x, of_x), (root_y, of_y) = root(x), root(x if y is None else y)
        if y is None or gain == 0 or (root_x == root_y and of_x != gain * of_y):
            pinned.add(root_x)
        elif root_x != root_y:
            parent[root_x] = (root_y, gain * of_y / of_x)
            if root_x in pinned:
                pinned.add(root_y)
    roots = {vertex for vertex, (above, _) in parent.items() if vertex == above}
    return len(edges), len(parent), len(roots - pinned)


def _negative_cycle(arcs: list[tuple[Vertex | None, Vertex | None, Number]], slack: Number) -> list[Number] | None:
    """The weights of a cycle whose sum stays negative when each gets ``slack`` (Bellman & Ford), or None."""
    distance: dict[Vertex | None, Number] = dict.fromkeys((end for arc in arcs for end in arc[:2]), 0)
    came: dict[Vertex | None, tuple[Vertex | None, Number]] = {}
    moved: list[Vertex | None] = []
    for _ in range(len(distance) + 1):
        moved = []
        for source, target, weight in arcs:
            if distance[source] + weight + slack < distance[target]:
                distance[target] = distance[source] + weight + slack
                came[target] = (source, weight)
                moved.append(target)
        if not moved:
            return None
    here = moved[0]
    for _ in distance:
        here = came[here][0]
    start = here
    weights: list[Number] = []
    while not weights or here != start:
        here, weight = came[here]
        weights.append(weight)
    return weights


def held_at_conflict(sheaf: ClaimSheaf, claims: Iterable[str]) -> list[Claim]:
    """The claims of a conflict's component that hold when its own claims do: where radius and tension are measured."""
    members = [sheaf.claims[name] for name in claims]
    component = next(filter(None, (sheaf.component_of(claim.id) for claim in members)), None)
    if component is None:
        return []
    window_of = sheaf.around.window_of
    moment, _ = overlap([span_of(claim, window_of) for claim in members if claim.attribute])
    ends = {cut.older: cut.at for cut in component.supersessions}
    held = []
    for claim in component.claims:
        start, end = span_of(claim, window_of)
        cut = ends.get(claim.id, end)
        if start <= moment < end and cut is not None and moment < cut:
            held.append(claim)
    return held

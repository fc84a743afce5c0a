"""The claim sheaf: claims are asserted and retracted one by one, and every contradiction is found before it returns.

An assignment that satisfies all claims of a moment exists exactly when their class in H¹ is zero; a claim that closes a
cycle with holonomy is a conflict. Claims that share variables form components, each with its own copy of ground.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from slm.consistency.claim import Claim, check
from slm.consistency.component import NOTHING, Component
from slm.consistency.conflict import Conflict, Outcome, Supersession, conflict_of
from slm.consistency.entities import Entities
from slm.consistency.judgement import Surroundings, is_identity, variables_of
from slm.consistency.slice import Clash, Variable
from slm.consistency.valid_time import WindowOf, order_key
from slm.consistency.variables import Variables

NO_CHANGE = Outcome()
A_STEP = 64
"""Claims that are loaded at a stretch: a millisecond or two."""


class ClaimSheaf:
    """All claims of one profile. ``window_of`` gives the days that a value of an attribute is expected to last.

    Equal claims give equal conflicts and supersessions in any order of :meth:`assert_claim` and :meth:`retract`.
    Nothing here is persistent: a restart asserts the claims again.
    """

    def __init__(self, claims: Iterable[Claim] = (), window_of: WindowOf = lambda _: None) -> None:
        self.claims: dict[str, Claim] = {}
        self._entities = Entities()
        self._truths: Counter[str] = Counter()
        self._around = Surroundings(self._entities, self._truths, window_of, self.claims)
        self._variables = Variables(self._around)
        self._identity_conflicts: dict[str, Conflict] = {}
        self._last_identity = NOTHING
        self._disordered = False
        for _ in self.load(claims):
            pass

    @property
    def around(self) -> Surroundings:
        """Identities, attributes known to be true or false, and persistence: what single components are read with."""
        return self._around

    def assert_claim(self, claim: Claim) -> Outcome:
        """Take in a claim; what it contradicts or supersedes. ValueError: its id is taken, or it says nothing."""
        self._note(claim)
        if is_identity(claim):
            return self._assert_identity(claim)
        if _is_truth(claim):
            self._truths[claim.attribute] += 1
            if self._truths[claim.attribute] == 1:
                compared = self._variables.untyped.get(claim.attribute, ())
                return self._changes((*variables_of(claim), *compared), lambda: self._learn(claim, compared))
        return self._accept(claim)

    def load(self, claims: Iterable[Claim]) -> Iterator[None]:
        """Take many claims into an empty sheaf, pausing every few milliseconds: a component is judged once, when whole.

        Nothing can be asked before the last step. ValueError as from :meth:`assert_claim`.
        """
        assert not self.claims, "others are taken in one by one"
        given = list(claims)
        for claim in sorted(filter(is_identity, given), key=order_key):
            self._note(claim)
            self._assert_identity(claim)
        for place, claim in enumerate(claim for claim in given if not is_identity(claim)):
            self._note(claim)
            self._seat(claim)
            if place % A_STEP == A_STEP - 1:
                yield
        n_judged = 0
        for component in self.components():
            component.judge(self._around)
            n_judged += len(component.claims)
            if n_judged >= A_STEP:
                n_judged = 0
                yield

    def _note(self, claim: Claim) -> None:
        check(claim)
        if claim.id in self.claims:
            raise ValueError(f"claim {claim.id!r} is there already")
        self.claims[claim.id] = claim

    def _accept(self, claim: Claim) -> Outcome:
        """Take a claim into the component of its variables, which has the conflicts of those that it joins."""
        component = self._variables.seat(claim)
        known, replaced = component.conflicts, component.supersessions
        if not component.accept(claim, self._around):
            return NO_CHANGE
        conflicts = {name: conflict for name, conflict in component.conflicts.items() if name not in known}
        gone = set(replaced)
        return _report(conflicts, (found for found in component.supersessions if found not in gone))

    def retract(self, ids: Collection[str]) -> Outcome:
        """Take claims out and rebuild their components alone; conflicts that show only now. KeyError: no such claim."""
        gone = [self.claims[name] for name in dict.fromkeys(ids)]
        identities = any(is_identity(claim) for claim in gone)
        touched = [variable for claim in gone if not is_identity(claim) for variable in variables_of(claim)]
        for claim in gone:
            del self.claims[claim.id]
        if identities:
            return self._changes(self._variables.component, lambda: self._reseat_identities(touched))
        return self._changes(touched, lambda: self._reseat(touched))

    def conflicts(self) -> list[Conflict]:
        """Every conflict, by id."""
        found = dict(self._identity_conflicts)
        for component in self.components():
            found.update(component.conflicts)
        return [found[name] for name in sorted(found)]

    def supersessions(self) -> list[Supersession]:
        """Every supersession, by the ids of its claims."""
        found = {s for component in self.components() for s in component.supersessions}
        return sorted(found, key=lambda s: (s.older, s.newer))

    def components(self) -> Iterator[Component]:
        """The components, in the order in which their first variables came in."""
        return iter(dict.fromkeys(self._variables.component.values()))

    def component_of(self, name: str) -> Component | None:
        """The component of a claim about variables; None for an identity. KeyError: no such claim."""
        claim = self.claims[name]
        return None if is_identity(claim) else self._variables.component[claim.subject, claim.attribute]

    # Claims about variables

    def _changes(self, variables: Iterable[Variable], step: Callable[[], list[Component]]) -> Outcome:
        """What ``step`` brought about in the components that it returns and that weren't in those of ``variables``."""
        old = self._variables.components(variables)
        known = {name for component in old if component.conflicts for name in component.conflicts}
        replaced = {s for component in old if component.supersessions for s in component.supersessions}
        known.update(self._identity_conflicts)
        touched = step()
        if not touched and not self._identity_conflicts:
            return NO_CHANGE
        conflicts = {name: c for component in touched for name, c in component.conflicts.items() if name not in known}
        conflicts.update((name, c) for name, c in self._identity_conflicts.items() if name not in known)
        return _report(conflicts, (s for c in touched for s in c.supersessions if s not in replaced))

    def _learn(self, claim: Claim, compared: Iterable[Variable]) -> list[Component]:
        """An attribute turns out to be true or false: what was compared by it is looked at anew."""
        component = self._variables.seat(claim)
        stale = component.stale
        learnt = self._variables.judged(compared)
        component.stale |= stale  # what is learnt is judged without the variables that come with this claim
        component.accept(claim, self._around)
        return list(dict.fromkeys([component, *learnt]))

    def _seat(self, claim: Claim) -> None:
        """Put a claim into its component, which is to be judged when the others are in as well."""
        component = self._variables.seat(claim)
        component.claims.append(claim)
        component.stale = True
        if _is_truth(claim):
            self._truths[claim.attribute] += 1

    def _reseat(self, variables: Iterable[Variable]) -> list[Component]:
        """Take apart the components of variables and put what is left of their claims in place again."""
        components = self._variables.components(variables)
        forgotten: set[str] = set()
        for component in components:
            for variable in component.variables:
                self._variables.forget(variable)
            of_truths = [claim.attribute for claim in component.claims if _is_truth(claim)]
            self._truths.subtract(of_truths)
            forgotten.update(of_truths)
        for component in components:
            for claim in component.claims:
                if claim.id in self.claims:
                    self._seat(claim)
        unknown = [attribute for attribute in forgotten if not self._truths[attribute]]
        for attribute in unknown:
            del self._truths[attribute]
        touched = [variable for component in components for variable in component.variables]
        touched += [v for attribute in unknown for v in self._variables.untyped.get(attribute, ())]
        return self._variables.judged(touched)

    # Claims of identity

    def _assert_identity(self, claim: Claim) -> Outcome:
        assert claim.object is not None
        order = order_key(claim)
        self._disordered |= order < self._last_identity
        self._last_identity = max(order, self._last_identity)
        a, b = self._entities.same_as(claim.subject), self._entities.same_as(claim.object[0])
        shared = self._variables.shared(a, b) if claim.relation == "==" else []
        reasons = self._entities.add(claim)
        if (reasons is not None or self._identity_conflicts) and self._disordered:
            return self._changes(self._variables.component, self._reseat_identities)
        if reasons is not None:
            conflict = conflict_of(Clash(frozenset(reasons), 0, len(reasons), ""), self.claims)
            self._identity_conflicts[conflict.id] = conflict
            return Outcome((conflict,))
        return self._changes([v for pair in shared for v in pair], lambda: self._lift(shared))

    def _lift(self, pairs: list[tuple[Variable, Variable]]) -> list[Component]:
        for x, y in pairs:
            self._variables.join(self._variables.component[x], self._variables.component[y])
        return self._variables.judged(x for x, _ in pairs)

    def _reseat_identities(self, others: Iterable[Variable] = ()) -> list[Component]:
        """Read the identities in their order, and put in place again what they touch or touched, and ``others``."""
        names = {name for claim in self._entities.claims.values() for name in _names(claim)}
        identities = sorted(filter(is_identity, self.claims.values()), key=order_key)
        names.update(name for claim in identities for name in _names(claim))
        self._entities.clear()
        self._identity_conflicts.clear()
        for claim in identities:
            reasons = self._entities.add(claim)
            if reasons is not None:
                conflict = conflict_of(Clash(frozenset(reasons), 0, len(reasons), ""), self.claims)
                self._identity_conflicts[conflict.id] = conflict
        self._last_identity = order_key(identities[-1]) if identities else NOTHING
        self._disordered = False
        touched = [
            (name, attribute) for name in sorted(names) for attribute in self._variables.attributes.get(name, ())
        ]
        touched += [variable for name in sorted(names) for variable in self._variables.holders.get(name, ())]
        return self._reseat([*others, *touched])


def _report(conflicts: Mapping[str, Conflict], supersessions: Iterable[Supersession]) -> Outcome:
    ordered = sorted(set(supersessions), key=lambda found: (found.older, found.newer))
    return Outcome(tuple(conflicts[name] for name in sorted(conflicts)), tuple(ordered))


def _is_truth(claim: Claim) -> bool:
    """Whether a claim gives its variable one truth, so that its attribute is known to be true or false."""
    return isinstance(claim.value, bool) and not claim.multi


def _names(claim: Claim) -> tuple[str, str]:
    assert claim.object is not None
    return claim.subject, claim.object[0]

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

NO_CHANGE = Outcome()


class ClaimSheaf:
    """All claims of one profile. ``window_of`` gives the days that a value of an attribute is expected to last.

    Equal claims give equal conflicts and supersessions in any order of :meth:`assert_claim` and :meth:`retract`.
    Nothing here is persistent: a restart asserts the claims again.
    """

    def __init__(self, claims: Iterable[Claim] = (), window_of: WindowOf = lambda _: None) -> None:
        self.claims: dict[str, Claim] = {}
        self._entities = Entities()
        self._truths: Counter[str] = Counter()
        self._around = Surroundings(self._entities, self._truths, window_of)
        self._components: dict[Variable, Component] = {}
        self._attributes: dict[str, dict[str, None]] = {}
        self._holders: dict[str, dict[Variable, None]] = {}
        self._untyped: dict[str, dict[Variable, None]] = {}
        self._identity_conflicts: dict[str, Conflict] = {}
        self._last_identity = NOTHING
        self._disordered = False
        for claim in sorted(claims, key=lambda claim: (not is_identity(claim), order_key(claim))):
            self.assert_claim(claim)

    @property
    def around(self) -> Surroundings:
        """Identities, attributes known to be true or false, and persistence: what single components are read with."""
        return self._around

    def assert_claim(self, claim: Claim) -> Outcome:
        """Take in a claim; what it contradicts or supersedes. ValueError: its id is taken, or it says nothing."""
        check(claim)
        if claim.id in self.claims:
            raise ValueError(f"claim {claim.id!r} is there already")
        self.claims[claim.id] = claim
        if claim.object is None and (claim.attribute in self._truths or not isinstance(claim.value, bool)):
            component = self._components.get((claim.subject, claim.attribute))
            if component is not None:
                return self._accept(component, claim)
        if is_identity(claim):
            return self._assert_identity(claim)
        variables = variables_of(claim)
        if isinstance(claim.value, bool) and claim.attribute not in self._truths:
            variables += tuple(self._untyped.get(claim.attribute, ()))
        return self._changes(variables, lambda: self._place(claim))

    def _accept(self, component: Component, claim: Claim) -> Outcome:
        """Take a value into the component that its variable has: no other one can be concerned."""
        known = set(component.conflicts) if component.conflicts else ()
        replaced = component.supersessions
        value = claim.value
        if isinstance(value, str):
            self._hold(value, (claim.subject, claim.attribute))
        elif value is not None and not claim.multi:
            self._truths[claim.attribute] += 1
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
            return self._changes(self._components, lambda: [*self._reseat(touched), *self._reseat_identities()])
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
        return iter(dict.fromkeys(self._components.values()))

    def component_of(self, name: str) -> Component | None:
        """The component of a claim about variables; None for an identity. KeyError: no such claim."""
        claim = self.claims[name]
        return None if is_identity(claim) else self._components[claim.subject, claim.attribute]

    # Claims about variables

    def _changes(self, variables: Iterable[Variable], step: Callable[[], list[Component]]) -> Outcome:
        """What ``step`` brought about in the components that it returns and that weren't in those of ``variables``."""
        old = self._components_of(variables)
        known = {name for component in old if component.conflicts for name in component.conflicts}
        replaced = {s for component in old if component.supersessions for s in component.supersessions}
        known.update(self._identity_conflicts)
        touched = step()
        if not touched and not self._identity_conflicts:
            return NO_CHANGE
        conflicts = {name: c for component in touched for name, c in component.conflicts.items() if name not in known}
        conflicts.update((name, c) for name, c in self._identity_conflicts.items() if name not in known)
        return _report(conflicts, (s for c in touched for s in c.supersessions if s not in replaced))

    def _place(self, claim: Claim) -> list[Component]:
        """Put a claim into its component; the components that were looked at anew."""
        variables = variables_of(claim)
        for variable in variables:
            self._enter(variable)
        component = self._join(self._components[variables[0]], self._components[variables[-1]])
        self._index(claim, variables)
        stale = component.stale
        learnt = self._learn(claim)
        component.stale |= stale  # what is learnt is judged without the variables that come with this claim
        found = component.accept(claim, self._around)
        if not (found or learnt):
            return []
        return list(dict.fromkeys([component, *learnt]))

    def _enter(self, variable: Variable) -> None:
        """Give a new variable a component: its own, or that of the same attribute under another name of its entity."""
        if variable in self._components:
            return
        component = self._components[variable] = Component([variable])
        entity, attribute = variable
        self._attributes.setdefault(entity, {})[attribute] = None
        for other in self._entities.same_as(entity) if len(self._entities) else ():
            if other != entity and attribute in self._attributes.get(other, ()):
                self._join(component, self._components[other, attribute]).stale = True
                break

    def _join(self, a: Component, b: Component) -> Component:
        """One component of two, the smaller taken in by the larger."""
        if a is b:
            return a
        if len(a.claims) < len(b.claims):
            a, b = b, a
        a.absorb(b, self._around)
        for variable in b.variables:
            self._components[variable] = a
        return a

    def _index(self, claim: Claim, variables: tuple[Variable, ...]) -> None:
        if isinstance(claim.value, str):
            self._hold(claim.value, variables[0])
        elif claim.object is not None and claim.interval is None:
            for variable in variables:
                self._untyped.setdefault(variable[1], {})[variable] = None

    def _hold(self, value: str, variable: Variable) -> None:
        holders = self._holders.get(value)
        if holders is None:
            holders = self._holders[value] = {}
        holders[variable] = None

    def _learn(self, claim: Claim) -> list[Component]:
        """An attribute turns out to be true or false: what was compared by it is looked at anew."""
        if not isinstance(claim.value, bool) or claim.multi:
            return []
        self._truths[claim.attribute] += 1
        return self._judge_at(self._untyped.get(claim.attribute, ())) if self._truths[claim.attribute] == 1 else []

    def _judge_at(self, variables: Iterable[Variable]) -> list[Component]:
        components = self._components_of(variables)
        for component in components:
            component.judge(self._around)
        return components

    def _components_of(self, variables: Iterable[Variable]) -> list[Component]:
        return list(dict.fromkeys(self._components[v] for v in variables if v in self._components))

    def _reseat(self, variables: Iterable[Variable]) -> list[Component]:
        """Take apart the components of variables and put what is left of their claims in place again."""
        components = self._components_of(variables)
        left: list[Claim] = []
        forgotten: set[str] = set()
        for component in components:
            for variable in component.variables:
                self._forget(variable)
            for claim in component.claims.values():
                if isinstance(claim.value, bool) and not claim.multi:
                    self._truths[claim.attribute] -= 1
                    forgotten.add(claim.attribute)
                if claim.id in self.claims:
                    left.append(claim)
        for attribute in forgotten:
            if not self._truths[attribute]:
                del self._truths[attribute]
        for claim in sorted(left, key=order_key):
            self._place(claim)
        untyped = [v for attribute in forgotten - set(self._truths) for v in self._untyped.get(attribute, ())]
        self._judge_at(untyped)
        return self._components_of([v for component in components for v in component.variables] + untyped)

    def _forget(self, variable: Variable) -> None:
        entity, attribute = variable
        del self._components[variable]
        del self._attributes[entity][attribute]
        self._untyped.get(attribute, {}).pop(variable, None)

    # Claims of identity

    def _assert_identity(self, claim: Claim) -> Outcome:
        assert claim.object is not None
        order = order_key(claim)
        self._disordered |= order < self._last_identity
        self._last_identity = max(order, self._last_identity)
        a, b = self._entities.same_as(claim.subject), self._entities.same_as(claim.object[0])
        shared = self._shared(a, b) if claim.relation == "==" else []
        reasons = self._entities.add(claim)
        if (reasons is not None or self._identity_conflicts) and self._disordered:
            return self._changes(self._components, self._reseat_identities)
        if reasons is not None:
            conflict = conflict_of(Clash(frozenset(reasons), 0, len(reasons), ""), self.claims)
            self._identity_conflicts[conflict.id] = conflict
            return Outcome((conflict,))
        return self._changes([v for pair in shared for v in pair], lambda: self._lift(shared))

    def _shared(self, a: list[str], b: list[str]) -> list[tuple[Variable, Variable]]:
        """Pairs of variables that two classes of names bring together: of one attribute, or that hold both names.

        Within one class an identity is another, maybe shorter explanation: slices that have the longer one are made
        anew, and the variables that have conflicts are returned.
        """
        if a is b:
            own = [(name, attribute) for name in a for attribute in self._attributes.get(name, ())]
            own += [variable for name in a for variable in self._holders.get(name, ())]
            for component in self._components_of(own):
                component.slice = None
            return [(v, v) for v in own if v in self._components and self._components[v].conflicts]
        of_a, of_b = ({attribute: name for name in names for attribute in self._attributes.get(name, ())}
                      for names in (a, b))  # fmt: skip
        pairs = [
            ((of_a[attribute], attribute), (of_b[attribute], attribute)) for attribute in of_a if attribute in of_b
        ]
        held_a, held_b = ({id(self._components[v]): v for name in names for v in self._holders.get(name, ())
                           if v in self._components} for names in (a, b))  # fmt: skip
        pairs += [(held_a[key], held_b[key]) for key in held_a if key in held_b]
        return pairs

    def _lift(self, pairs: list[tuple[Variable, Variable]]) -> list[Component]:
        for x, y in pairs:
            self._join(self._components[x], self._components[y])
        return self._judge_at(x for x, _ in pairs)

    def _reseat_identities(self) -> list[Component]:
        """Read the identities in their order, and put everything in place again that they touch or touched."""
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
        touched = [(name, attribute) for name in sorted(names) for attribute in self._attributes.get(name, ())]
        touched += [variable for name in sorted(names) for variable in self._holders.get(name, ())]
        return self._reseat(touched)


def _report(conflicts: Mapping[str, Conflict], supersessions: Iterable[Supersession]) -> Outcome:
    ordered = sorted(set(supersessions), key=lambda found: (found.older, found.newer))
    return Outcome(tuple(conflicts[name] for name in sorted(conflicts)), tuple(ordered))


def _names(claim: Claim) -> tuple[str, str]:
    assert claim.object is not None
    return claim.subject, claim.object[0]

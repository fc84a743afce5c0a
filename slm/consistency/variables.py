"""The variables of a claim sheaf, each in the component of the claims that reach it, and what they are found by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from slm.consistency.claim import Claim
from slm.consistency.component import Component
from slm.consistency.judgement import Surroundings
from slm.consistency.slice import Variable


class Variables:
    """Variables enter with the claims about them; a claim about two joins their components."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self.component: dict[Variable, Component] = {}
        self.attributes: dict[str, dict[str, None]] = {}
        """The attributes of an entity, by each of its names apart."""
        self.holders: defaultdict[str, dict[Variable, None]] = defaultdict(dict)
        """The variables that a name is a value of."""
        self.untyped: defaultdict[str, dict[Variable, None]] = defaultdict(dict)
        """The variables that are compared without arithmetic, by attribute: maybe as true or false."""

    def seat(self, claim: Claim) -> Component:
        """The component that a claim about variables belongs to, made or joined for it; the claim isn't in it yet."""
        variable, other = (claim.subject, claim.attribute), claim.object
        if variable not in self.component:
            self._enter(variable)
        if other is None:
            if isinstance(claim.value, str):
                self.holders[claim.value][variable] = None
            return self.component[variable]
        if other not in self.component:
            self._enter(other)
        if claim.interval is None:
            self.untyped[variable[1]][variable] = None
            self.untyped[other[1]][other] = None
        return self.join(self.component[variable], self.component[other])

    def _enter(self, variable: Variable) -> None:
        """Give a new variable a component: its own, or that of the same attribute under another name of its entity."""
        component = self.component[variable] = Component([variable])
        entity, attribute = variable
        self.attributes.setdefault(entity, {})[attribute] = None
        entities = self._around.entities
        for other in entities.same_as(entity) if len(entities) else ():
            if other != entity and attribute in self.attributes.get(other, ()):
                self.join(component, self.component[other, attribute]).stale = True
                break

    def join(self, a: Component, b: Component) -> Component:
        """One component of two, the smaller taken in by the larger."""
        if a is b:
            return a
        if len(a.claims) < len(b.claims):
            a, b = b, a
        a.absorb(b, self._around)
        for variable in b.variables:
            self.component[variable] = a
        return a

    def forget(self, variable: Variable) -> None:
        """Take a variable out, before its component is put together anew."""
        entity, attribute = variable
        del self.component[variable]
        del self.attributes[entity][attribute]
        self.untyped.get(attribute, {}).pop(variable, None)

    def components(self, variables: Iterable[Variable]) -> list[Component]:
        """The components of those variables that there are, each once."""
        return list(dict.fromkeys(self.component[v] for v in variables if v in self.component))

    def judged(self, variables: Iterable[Variable]) -> list[Component]:
        """The components of variables, all of their claims looked at anew."""
        components = self.components(variables)
        for component in components:
            component.judge(self._around)
        return components

    def shared(self, a: list[str], b: list[str]) -> list[tuple[Variable, Variable]]:
        """Pairs of variables that two classes of names bring together: of one attribute, or that hold both names.

        Within one class an identity is another, maybe shorter explanation: slices that have the longer one are made
        anew, and the variables that have conflicts are returned.
        """
        if a is b:
            own = [(name, attribute) for name in a for attribute in self.attributes.get(name, ())]
            own += [variable for name in a for variable in self.holders.get(name, ())]
            for component in self.components(own):
                component.slice = None
            return [(v, v) for v in own if v in self.component and self.component[v].conflicts]
        of_a, of_b = ({attribute: name for name in names for attribute in self.attributes.get(name, ())}
                      for names in (a, b))  # fmt: skip
        pairs = [
            ((of_a[attribute], attribute), (of_b[attribute], attribute)) for attribute in of_a if attribute in of_b
        ]
        held_a, held_b = ({id(self.component[v]): v for name in names for v in self.holders.get(name, ())
                           if v in self.component} for names in (a, b))  # fmt: skip
        pairs += [(held_a[key], held_b[key]) for key in held_a if key in held_b]
        return pairs

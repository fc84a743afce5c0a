"""What the sheaf finds in claims as people make them, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from slm.consistency.claim_sheaf import A_STEP, ClaimSheaf
from slm.consistency.cohomology import dimensions, held_at_conflict
from slm.consistency.conflict import conflict_id
from slm.consistency.valid_time import DAY_NS
from tests.consistency.claims import claim, claims, conflicting, sheaf

CITY = {"city": 90.0}

CONTRADICTORY = {
    "two constants": ("a.city=Paris", "a.city=Rome"),
    "a constant and its denial": ("a.city=Paris", "a.city!=paris"),
    "constants through equals": ("a.city=b.city", "b.city=c.city", "a.city=Paris", "c.city=Rome"),
    "equals that differ": ("a.city=b.city", "b.city=c.city", "a.city!=c.city"),
    "true and false": ("x.on=true", "x.on=no"),
    "an odd cycle of opposites": ("x.on!=y.on", "y.on!=z.on", "z.on!=x.on", "w.on=true"),
    "a value that is in a set and not": ("a.likes=tea!multi", "a.likes!=tea!multi"),
    "sets that are equal": ("a.likes=tea!multi", "b.likes!=tea", "a.likes=b.likes"),
    "two ports": ("s.port=5432", "s.port=5433"),
    "a port and its denial": ("s.port=5432", "s.port!=5432"),
    "the denial of what follows": ("a.n=b.n+1", "b.n=2", "a.n!=3"),
    "equal by two orders, and different": ("a.n<=b.n", "b.n<=a.n", "a.n!=b.n"),
    "a sum that doesn't work out": ("d.date=a.date-2d", "a.date=2024-03-14", "d.date=2024-03-10"),
    "years that don't work out": ("b.birth=c.birth+3y", "c.birth=1992", "b.birth=1996"),
    "a circle of orders": ("a.n<b.n", "b.n<c.n", "c.n<a.n"),
    "an order against values": ("a.n<b.n", "a.n=5", "b.n=5"),
    "ranges that don't meet": ("a.h=170..175", "a.h=180..190"),
    "a gain and a range": ("a.n=2*b.n", "b.n=1..2", "a.n>4"),
    "itself": ("a.n<a.n",),
    "one entity, two values": ("ann==anna", "ann.city=Paris", "anna.city=Rome"),
    "one entity along a chain": ("a==b", "b==c", "a.port=1", "c.port=2"),
    "names that are said to be the same and not": ("a==b", "b==c", "a!=c"),
    "an alias that is denied": ("nyc==new york", "a.city=nyc", "a.city!=new york"),
}

CONSISTENT = {
    "the same twice": ("a.city=Paris", "a.city=PARIS"),
    "several values allowed": ("a.likes=tea!multi", "a.likes=coffee!multi"),
    "a word and a number": ("a.x=5", 'a.x="5"'),
    "an alias": ("nyc==new york", "a.city=nyc", "a.city=new york"),
    "the same name is not the same entity": ("ann.city=Paris", "anna.city=Rome"),
    "an odd cycle that may have three values": ("x.on!=y.on", "y.on!=z.on", "z.on!=x.on"),
    "orders that leave room": ("a.n<b.n", "a.n=5", "b.n=6"),
    "a leap year": ("b.birth=c.birth+3y", "c.birth=1992", "b.birth=1995"),
    "ranges that touch": ("a.h=170..175", "a.h=175..190"),
    "other times": ("a.city=Paris@2020", "a.city=Rome@2021"),
    "other units": ("a.w=70[mass]", "a.w=70[length]", "a.w=71"),
}


@pytest.mark.parametrize("case", CONTRADICTORY)
def test_claims_that_cannot_all_be_true_are_one_conflict_that_needs_each_of_them(case: str) -> None:
    """The table of the design page; the last claim of "an odd cycle" only says that the attribute is true or false."""
    texts = CONTRADICTORY[case]
    needed = {f"c{n}" for n, text in enumerate(texts) if not text.startswith("w.")}

    assert conflicting(sheaf(*texts)) == [needed]


@pytest.mark.parametrize("case", CONSISTENT)
def test_claims_that_can_all_be_true_are_none(case: str) -> None:
    """No false alarm."""
    assert sheaf(*CONSISTENT[case]).conflicts() == []


def test_a_claim_reports_what_it_brings_about_and_nothing_else() -> None:
    """The outcome of one assertion: the new conflict, not the old one."""
    found = sheaf("a.n=1", "a.n=2")
    outcome = found.assert_claim(claim("a.n=3", "c2", 2))

    assert [set(conflict.claims) for conflict in outcome.conflicts] == [{"c0", "c2"}]
    assert found.assert_claim(claim("b.n=3", "c3", 3)).conflicts == ()


def test_an_id_can_not_be_taken_twice() -> None:
    """Ids name claims in conflicts: two claims of one id could not be told apart."""
    found = sheaf("a.n=1")
    with pytest.raises(ValueError, match="there already"):
        found.assert_claim(claim("b.n=1", "c0"))


def test_retracting_a_claim_brings_out_what_it_had_covered() -> None:
    """c1 and c2 each clash with c0 alone; without c0 they clash with each other."""
    found = sheaf("a.n=1", "a.n=2", "a.n=3")
    outcome = found.retract(["c0"])

    assert conflicting(found) == [{"c1", "c2"}]
    assert [set(conflict.claims) for conflict in outcome.conflicts] == [{"c1", "c2"}]


def test_retracting_rebuilds_its_component_alone() -> None:
    """Other components stay the same objects."""
    found = sheaf("a.n=1", "b.n=2", "b.n=c.n", "c.n=2")
    kept = found.component_of("c0")
    found.retract(["c2"])

    assert found.component_of("c0") is kept
    assert found.component_of("c1") is not found.component_of("c3")


def test_retracting_an_identity_takes_its_conflicts_back() -> None:
    """Congruence holds only as long as the identity does."""
    found = sheaf("ann==anna", "ann.city=Paris", "anna.city=Rome")
    found.retract(["c0"])

    assert found.conflicts() == []
    with pytest.raises(KeyError):
        found.retract(["c0"])


def test_an_alias_that_comes_later_takes_a_conflict_back() -> None:
    """Names are different only as long as nobody says that they are one."""
    found = sheaf("a.city=nyc", "a.city=new york")
    assert conflicting(found) == [{"c0", "c1"}]
    found.assert_claim(claim("nyc==new york", "c2", 2))

    assert found.conflicts() == []


def test_a_word_of_change_supersedes() -> None:
    """A cue cuts the persistence of what is older, also where the older claim is a relation."""
    made = claims("a.city=b.city", "b.city=Paris", "a.city=Rome")
    found = ClaimSheaf([*made[:2], replace(made[2], update=True)], window_of=CITY.get)

    assert found.conflicts() == []
    assert [(s.older, s.newer) for s in found.supersessions()] == [("c0", "c2")]


def test_a_value_outlives_its_window() -> None:
    """A gap longer than the attribute's persistence supersedes, a shorter one contradicts."""
    for days, superseded in ((89, 0), (91, 1)):
        found = ClaimSheaf([claim("a.city=Paris"), claim("a.city=Rome", "c1", days)], window_of=CITY.get)

        assert len(found.supersessions()) == superseded
        assert len(found.conflicts()) == 1 - superseded


def test_what_holds_since_long_and_was_said_just_now_has_not_outlived_its_window() -> None:
    """ "On since 1 January 1970", said on day 101, is as fresh as "off", said on day 100: they contradict."""
    since = replace(claim("a.on=true@1970-01-01..", "c1"), recorded_at=101 * DAY_NS)
    found = ClaimSheaf([claim("a.on=false", "c0", 100), since], window_of={"on": 14.0}.get)

    assert found.supersessions() == []
    assert conflicting(found) == [{"c0", "c1"}]


def test_an_explicit_beginning_supersedes_what_persists_but_not_what_was_said_to_last() -> None:
    """ "Paris" ends where "Rome from 2024" begins; "Paris until 2025" contradicts it."""
    assert len(sheaf("a.city=Paris", "a.city=Rome@2024..").supersessions()) == 1
    assert conflicting(sheaf("a.city=Paris@2020..2025", "a.city=Rome@2024..")) == [{"c0", "c1"}]


def test_a_correction_of_what_never_changes_says_that_it_never_held() -> None:
    """ "Actually born in Leeds": an immutable attribute has no time at which both were true."""
    found = ClaimSheaf([claim("a.birthplace=London"), claim("a.birthplace=Leeds", "c1", 1, update=True)])

    assert found.conflicts() == []
    assert [(s.older, s.at) for s in found.supersessions()] == [("c0", None)]


def test_a_chain_of_moves_supersedes_one_by_one() -> None:
    """Each value ends where the next begins, in whatever order the claims come in."""
    made = [claim(f"a.city=city {n}", f"c{n}", n, update=True) for n in range(12)]
    found = ClaimSheaf(window_of=CITY.get)
    for c in reversed(made):
        found.assert_claim(c)

    assert found.conflicts() == []
    expected = sorted((f"c{n}", f"c{n + 1}", (n + 1) * DAY_NS) for n in range(11))
    assert [(s.older, s.newer, s.at) for s in found.supersessions()] == expected


def test_a_conflict_says_by_how_much_it_misses_and_how_severe_it_is() -> None:
    """14 March less 2 days is 12, not 10. Severity is r / (r + tolerance) times the least trust."""
    made = claims("d.date=a.date-2d", "a.date=2024-03-14", "d.date=2024-03-10")
    [conflict] = ClaimSheaf([made[0], replace(made[1], trust=0.5), made[2]]).conflicts()
    assert (conflict.kind, conflict.miss, conflict.unit, conflict.length) == ("number", 2, "day", 3)
    assert conflict.severity == 0.5

    [loose] = sheaf("a.h=170..174", "a.h=176..180").conflicts()
    assert loose.severity == pytest.approx(0.9 * 1 / (1 + 2))


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("a.c=x", "a.c=y"), "name"),
        (("a.c=true", "a.c=false"), "truth"),
        (("a.c=1", "a.c=2"), "number"),
        (("a.c<b.c", "b.c<a.c"), "order"),
        (("a.c=1", "a.c!=1"), "different"),
        (("a==b", "a!=b"), "identity"),
    ],
)
def test_a_conflict_names_its_kind(texts: tuple[str, ...], kind: str) -> None:
    """What a story about the conflict has to tell."""
    assert [conflict.kind for conflict in sheaf(*texts).conflicts()] == [kind]


def test_a_conflict_is_named_by_its_claims() -> None:
    """The hash of the set: the order doesn't count, another claim does."""
    assert conflict_id(["b", "a"]) == conflict_id(["a", "b"]) != conflict_id(["a", "b", "c"])
    assert len(conflict_id(["a"])) == 12


def test_a_conflict_names_the_contexts_that_it_crosses() -> None:
    """Two sources in one session of one scope."""
    made = claims("a.n=1", "a.n=2")
    [conflict] = ClaimSheaf([replace(made[0], source="plan.md"), replace(made[1], source="cli")]).conflicts()

    assert conflict.crosses == (("source", ("cli", "plan.md")),)


def test_coverage_counts_what_could_have_conflicted() -> None:
    """A duplicate is a confirmation, a value that took another's place is another epoch, orders are no equalities."""
    assert dimensions(sheaf()).checks == 0
    assert dimensions(sheaf("a.n=1", "a.n=1", "a.n<b.n", "a.likes=tea!multi")).checks == 0
    assert dimensions(sheaf("a.n=1", "b.n=1", "a.n=b.n")).checks == 1
    moved = ClaimSheaf([claim("a.city=Paris"), claim("a.city=Rome", "c1", 1, update=True)], window_of=CITY.get)
    assert dimensions(moved).checks == 0


def test_the_claims_that_hold_at_a_conflict_leave_out_what_has_ended() -> None:
    """Radius and tension are measured where the conflict is."""
    made = [claim("a.city=Paris"), claim("a.city=Rome", "c1", 5, update=True), claim("a.city=Oslo", "c2", 9)]
    found = ClaimSheaf(made, window_of=CITY.get)
    [conflict] = found.conflicts()

    assert conflict.claims == ("c1", "c2")
    assert [c.id for c in held_at_conflict(found, conflict.claims)] == ["c1", "c2"]


@pytest.mark.parametrize("name", CONTRADICTORY)
def test_claims_loaded_together_are_as_claims_asserted_one_by_one(name):
    """Equal claims give equal conflicts, however they came; and what comes later finds them as it would."""
    made = claims(*CONTRADICTORY[name])
    loaded, asserted = ClaimSheaf(), ClaimSheaf()
    for _ in loaded.load(made[:-1]):
        pass
    loaded.assert_claim(made[-1])
    for each in made:
        asserted.assert_claim(each)

    assert loaded.conflicts() == asserted.conflicts()
    assert ClaimSheaf(made).conflicts() == asserted.conflicts()


def test_loading_pauses_so_that_others_have_their_turn():
    """A start with many claims holds nobody up."""
    made = claims(*(f"a{n}.x=b{n}.x" for n in range(4 * A_STEP)))

    assert sum(1 for _ in ClaimSheaf().load(made)) >= 8


def test_loading_refuses_what_asserting_refuses():
    """Pinned: an id that is taken, and a sheaf that holds claims already."""
    [one] = claims("a.x=red")
    with pytest.raises(ValueError, match="there already"):
        list(ClaimSheaf().load([one, one]))
    with pytest.raises(AssertionError):
        list(ClaimSheaf([one]).load([]))


def test_a_relation_that_joins_two_contradicted_components_tells_only_of_what_it_brings():
    """Conflicts on both sides were told before, and stay."""
    found = sheaf("a.x=1", "a.x=2", "b.x=3", "b.x=4")
    before = {conflict.id for conflict in found.conflicts()}

    outcome = found.assert_claim(claim("a.x=b.x", "c4", 4))

    assert len(before) == 2
    assert {conflict.id for conflict in outcome.conflicts} == {c.id for c in found.conflicts()} - before
    assert all("c4" in conflict.claims for conflict in outcome.conflicts)
    assert before <= {conflict.id for conflict in found.conflicts()}


def test_claims_that_go_together_with_an_identity_leave_no_conflict_that_names_it():
    """An identity is read out before its claims' components are judged: nothing rests on it any more."""
    found = sheaf("a==b", "a.x=1", "b.x=2", "a.y=3", "b.y=4", "b.y=5")

    outcome = found.retract(["c0", "c1"])

    assert [set(conflict.claims) for conflict in outcome.conflicts] == [{"c4", "c5"}]  # c3 had been in their place
    assert found.conflicts() == list(outcome.conflicts)


def test_the_largest_numbers_have_a_severity() -> None:
    """What a claim may hold can be measured: ±10^30, and a denominator of a hundred figures."""
    far = sheaf("a.x=1" + 30 * "0", "a.x=-1" + 30 * "0", "a.x=0." + 96 * "0" + "1")

    assert [conflict.severity for conflict in far.conflicts()] == [0.9, 0.9]

"""The sum that doesn't work out, and the chain that doesn't close."""

from __future__ import annotations

import pytest

from slm.cli.render.cycle import chain, equation, from_ground, reason
from tests.cli.canned_audit import CYCLE, claim, conflict, edge

A, B, C = (claim(f"{letter}0000", letter, letter) for letter in "abc")


def told(*edges, residual=0, unit=""):
    return reason({"cycle": list(edges), "residual": residual, "unit": unit})


def test_days_are_added_up_as_a_person_would():
    """Design page of the experience: the sum that doesn't work out."""
    assert reason(conflict()) == "14 Mar 2025 − 2 days = 12 Mar 2025, not 10 Mar 2025: misses by 2 days"


def test_the_walk_begins_at_what_is_said_outright():
    """Wherever the engine began the cycle, the reader begins at a figure."""
    assert from_ground(CYCLE[1:] + CYCLE[:1]) == CYCLE
    assert reason(conflict(cycle=CYCLE[2:] + CYCLE[:2])) == reason(conflict())


def test_months_are_those_of_the_calendar():
    """31 January and a month is the last of February; three years keep the day."""
    walk = (
        edge(A, "a.date", at=20119, unit="day"),
        edge(B, "b.date", "a.date", at=1, unit="month"),
        edge(C, "b.date", at=20150, unit="day", forward=False),
    )

    assert told(*walk, residual=3, unit="day") == (
        "31 Jan 2025 + 1 month = 28 Feb 2025, not 3 Mar 2025: misses by 3 days"
    )


def test_two_values_are_named_with_what_they_are_values_of():
    """Two memories about one thing need no sum."""
    numbers = (edge(A, "api.port", at=5432), edge(B, "api.port", at=5433, forward=False))
    names = (edge(A, "alice.home", value="paris"), edge(B, "alice.home", value="london", forward=False))

    assert told(*numbers, residual=1) == "port: 5432 is not 5433: misses by 1"
    assert told(*names) == "home: paris is not london"


def test_names_are_a_chain_of_equalities():
    """A chain of three shows the link between the two."""
    walk = (
        edge(A, "ann.home", value="paris"),
        edge(B, "ben.home", "ann.home"),
        edge(C, "ben.home", value="london", forward=False),
    )

    assert told(*walk) == "paris = ann.home = ben.home = london"


@pytest.mark.parametrize(("forward", "sign"), [(True, ">"), (False, "<")])
def test_an_order_is_turned_with_the_walk(forward, sign):
    """to < from: read from ``from`` it is >."""
    walked = ("a.size", "b.size") if forward else ("b.size", "a.size")

    assert chain([edge(A, "b.size", "a.size", relation="<", forward=forward)]) == f"{walked[0]} {sign} {walked[1]}"


def test_an_order_between_figures_says_both():
    """175 = height, but it is below 170."""
    walk = (edge(A, "a.height", at=175), edge(B, "a.height", at=170, relation="<", forward=False))

    assert told(*walk, residual=5) == "175 = a.height < 170: misses by 5"


def test_a_factor_is_told_as_equations():
    """A gain can't be added up along a walk."""
    walk = (
        edge(A, "y.size", at=3), edge(B, "x.size", "y.size", gain=2, low=1, high=1),
        edge(C, "x.size", at=5, forward=False),
    )  # fmt: skip

    assert told(*walk, residual=2) == "y.size = 3; x.size = 2·y.size + 1; x.size = 5: misses by 2"


def test_what_is_no_single_walk_is_told_claim_by_claim():
    """Identities are between entities, not between their attributes."""
    walk = (
        edge(A, "ann.home", value="paris"), edge(B, "annie", "ann", relation="=="),
        edge(C, "annie.home", value="london", forward=False),
    )  # fmt: skip

    assert told(*walk) == "ann.home = paris; annie is ann; annie.home = london"


def test_offsets_alone_are_a_chain():
    """Older than, and older than: nothing is said outright."""
    walk = (edge(A, "b.size", "a.size", relation="<"), edge(B, "a.size", "b.size", relation="<="))

    assert told(*walk) == "a.size > b.size ≥ a.size"


def test_a_denial_has_its_sign():
    """a != b beside a = b."""
    walk = (edge(A, "a.x", value="red"), edge(B, "a.x", value="red", relation="!=", forward=False))

    assert told(*walk) == "red = a.x ≠ red"


def test_ranges_add_up_at_both_ends():
    """An interval of days, half a year either way."""
    walk = (
        edge(A, "a.size", low=1, high=2), edge(B, "b.size", "a.size", low=10, high=20),
        edge(C, "b.size", low=30, high=40, forward=False),
    )  # fmt: skip

    assert told(*walk, residual=8) == "1 to 2 + (10 to 20) = 11 to 22, not 30 to 40: misses by 8"


def test_names_can_not_act_on_a_terminal():
    """Entities come from texts of others."""
    assert "\x1b" not in equation(edge(A, "a\x1b[31m.x", value="red\x1b[0m"))

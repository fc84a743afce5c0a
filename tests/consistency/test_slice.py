"""What holds at one time: a claim is added wholly, or refused wholly."""

from __future__ import annotations

import pytest

from slm.consistency.slice import Slice
from tests.consistency.claims import claim, claims


def blank(*, keep_trail: bool = False, truths: tuple[str, ...] = ("on",)) -> Slice:
    return Slice(truths, {"gain"}, lambda _: (), keep_trail=keep_trail)


def clashes(*texts: str) -> list[set[str] | None]:
    found = (slice_.add(one) for slice_ in [blank()] for one in claims(*texts))
    return [None if clash is None else set(clash.claims) for clash in found]


@pytest.mark.parametrize(
    ("texts", "last"),
    [
        (("a.x=red", "a.x=red"), None),
        (("a.x=red", "a.x=green"), {"c0", "c1"}),
        (("a.x=b.x", "b.x=red", "a.x=green"), {"c0", "c1", "c2"}),
        (("a.x!=b.x", "a.x=red", "b.x=red"), {"c0", "c1", "c2"}),
        (("a.on=true", "a.on!=b.on", "b.on=true"), {"c0", "c1", "c2"}),
        (("a.n=1..3", "a.n=3..5", "a.n=4"), {"c0", "c2"}),
        (("a.n<b.n", "b.n<c.n", "c.n<a.n"), {"c0", "c1", "c2"}),
        (("a.n<=b.n", "b.n<=a.n"), None),
        (("a.n=1", "a.n!=1"), {"c0", "c1"}),
        (("a.n=1", "a.n=1d"), None),
        (("a.n=b.n", "a.n=1", "b.n=2"), {"c0", "c1", "c2"}),
        (("a.n=1", "b.n=2", "a.n=b.n"), {"c0", "c1", "c2"}),
        (("a.likes=tea!multi", "a.likes=rum!multi"), None),
        (("a.likes=tea!multi", "a.likes!=tea!multi"), {"c0", "c1"}),
        (("a.date=2024-01-01", "b.date=a.date+1mo", "b.date=2024-02-15"), {"c0", "c1", "c2"}),
        (("a.date=2024-01-31", "b.date=a.date+1mo", "b.date=2024-02-29"), None),
    ],
)
def test_the_last_claim_clashes_with_exactly_these(texts, last):
    """By hand, a case a fibre: names, truths, numbers, orders, members, months."""
    *before, found = clashes(*texts)

    assert before == [None] * len(before)
    assert found == last


def test_a_refused_claim_leaves_nothing_behind():
    """Added wholly or not at all: what it said can be added after its opposite, too."""
    slice_ = blank()
    slice_.add(claim("a.n=1", "c0"))

    assert slice_.add(claim("a.n=5", "c1")) is not None
    assert slice_.add(claim("a.n=1..2", "c2")) is None


def test_undo_reaches_back_to_any_mark():
    """Rollback is what the sweep over time walks with."""
    slice_ = blank(keep_trail=True)
    slice_.add(claim("a.x=b.x", "c0"))
    mark = len(slice_.trail)
    slice_.add(claim("a.x=red", "c1"))
    slice_.add(claim("a.n=3", "c2"))
    slice_.undo(mark)

    assert slice_.add(claim("b.x=green", "c3")) is None
    assert slice_.add(claim("b.n=4", "c4")) is None
    assert slice_.add(claim("a.x=red", "c5")).claims == {"c0", "c3", "c5"}


def test_a_clash_says_by_how_much_and_in_which_unit():
    """The holonomy of the cycle and its number of edges."""
    slice_ = blank()
    slice_.add(claim("a.date=2024-03-14", "c0"))
    slice_.add(claim("b.date=a.date-2d", "c1"))
    clash = slice_.add(claim("b.date=2024-03-10", "c2"))

    assert (clash.miss, clash.length, clash.unit) == (2, 3, "day")

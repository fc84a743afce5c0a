"""Explicit claims: every form is read, everything else is refused at its first wrong character."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.calendar_units import day_of
from slm.consistency.claim import DAY, MONTH, Claim, check
from slm.consistency.grammar import ClaimSyntax, fold, parse, written
from slm.consistency.valid_time import DAY_NS


def _day(text: str) -> int:
    return day_of(date.fromisoformat(text))


def _claim(attribute: str = "x", **fields) -> Claim:
    return Claim("", "", "a", attribute, **fields)


FORMS = {
    "a.x=Paris": _claim(value="paris"),
    "a.x = New  York": _claim(value="new york"),
    "A.X != Paris": _claim(relation="!=", value="paris"),
    'a.x="C++ @ 5"': _claim(value="c++ @ 5"),
    'a.x="say \\"hi\\""': _claim(value='say "hi"'),
    'a.x="5432"': _claim(value="5432"),
    "a.x=true": _claim(value=True),
    "a.x!=no": _claim(relation="!=", value=False),
    'a.x="true"': _claim(value="true"),
    "a.x=5432": _claim(interval=(5432, 5432)),
    "a.x!=5432": _claim(relation="!=", interval=(5432, 5432)),
    "a.x<30": _claim(relation="<", interval=(30, 30)),
    "a.x<=-1.5": _claim(relation="<=", interval=(Fraction(-3, 2), Fraction(-3, 2))),
    "a.x>1/3": _claim(relation=">", interval=(Fraction(1, 3), Fraction(1, 3))),
    "a.x>=7": _claim(relation=">=", interval=(7, 7)),
    "a.x~100": _claim(interval=(95, 105)),
    "a.x=170..175": _claim(interval=(170, 175)),
    "a.x=30 s": _claim(interval=(Fraction(1, 2880), Fraction(1, 2880)), unit=DAY),
    "a.birth=b.birth+3 y": _claim("birth", object=("b", "birth"), interval=(36, 36), unit=MONTH),
    "a.x=70 [mass]": _claim(interval=(70, 70), unit="mass"),
    "a.x=1000000000000000000000000000000": _claim(interval=(10**30, 10**30)),
    "a.x=30s": _claim(interval=(Fraction(1, 2880), Fraction(1, 2880)), unit=DAY),
    "a.x=2w": _claim(interval=(14, 14), unit=DAY),
    "a.x=70[mass]": _claim(interval=(70, 70), unit="mass"),
    "a.x=2024-03-14": _claim(interval=(_day("2024-03-14"),) * 2, unit=DAY),
    "a.x=2024-02": _claim(interval=(_day("2024-02-01"), _day("2024-02-29")), unit=DAY),
    "a.x=2024-03-01..2024-03-15": _claim(interval=(_day("2024-03-01"), _day("2024-03-15")), unit=DAY),
    "a.x=1990": _claim(interval=(1990, 1990)),
    "a.birth=1990": _claim("birth", interval=(_day("1990-01-01"), _day("1990-12-31")), unit=DAY),
    "a.x=b.y": _claim(object=("b", "y")),
    "a.x!=b.y": _claim(relation="!=", object=("b", "y")),
    "a.x<b.y": _claim(relation="<", object=("b", "y")),
    "a.birth=b.birth+3y": _claim("birth", object=("b", "birth"), interval=(36, 36), unit=MONTH),
    "a.birth~b.birth+3y": _claim("birth", object=("b", "birth"), interval=(30, 42), unit=MONTH),
    "a.date=b.date-2d": _claim("date", object=("b", "date"), interval=(-2, -2), unit=DAY),
    "a.x=2*b.y+1": _claim(object=("b", "y"), gain=2, interval=(1, 1)),
    "a.x=-1/2*b.y": _claim(object=("b", "y"), gain=Fraction(-1, 2), interval=(0, 0)),
    "a.x>b.y+5": _claim(relation=">", object=("b", "y"), interval=(5, 5)),
    "a.x=b-2 c.y": _claim(object=("b-2 c", "y")),
    "a.x=3rd floor.y": _claim(object=("3rd floor", "y")),
    "a==b": Claim("", "", "a", "", "==", object=("b", "")),
    "a != b": Claim("", "", "a", "", "!=", object=("b", "")),
    "a.x=b!multi": _claim(value="b", multi=True),
    "a.x=b@2023": _claim(value="b", valid_from=_day("2023-01-01") * DAY_NS, valid_to=_day("2024-01-01") * DAY_NS),
    "a.x=b @..2024": _claim(value="b", valid_to=_day("2025-01-01") * DAY_NS),
    "a.x=b@2023-05..": _claim(value="b", valid_from=_day("2023-05-01") * DAY_NS),
    "a.x=5@..2024-02-29!multi": _claim(interval=(5, 5), multi=True, valid_to=_day("2024-03-01") * DAY_NS),
}  # fmt: skip

REFUSED = {
    "": (0, "entity"),
    "a": (1, "relation"),
    "a.": (2, "attribute"),
    "a.x": (3, "relation"),
    "a.x=": (4, "value"),
    "a=b": (1, "between"),
    "a.x==b.x": (3, "between"),
    "a.x=b.x*2": (7, "nothing more"),
    "a.x=2*3": (6, "factor"),
    "a.x=2*b": (6, "factor"),
    "a.x~Paris": (4, "order"),
    "a.x<Paris": (4, "order"),
    "a.x~2024-03-14": (4, "range"),
    "a.x~0": (4, "range"),
    "a.x=3.11.2": (4, "quote"),
    "a.x=3kg": (4, "unit"),
    "a.x=3 kg": (4, "unit"),
    "a.x=1" + 31 * "0": (4, "beyond"),
    "a.x=1" + 200 * "0": (4, "characters"),
    "a.x=1" + 9000 * "0": (4, "characters"),
    "a.x=b.x-1" + 200 * "0": (8, "characters"),
    "a.x=1" + 200 * "0" + "*b.x": (4, "characters"),
    "a.x=1" + 31 * "0" + "*b.x": (4, "beyond"),
    "a.x=b.x+3kg": (9, "unit"),
    "a.x=2024-13-01": (4, "month"),
    "a.x=5..3": (4, "before"),
    "a.x!=5..6": (5, "one number"),
    "a.x=b@": (6, "time"),
    "a.x=b@2023-13": (6, "no such"),
    "a.x=b@2024..2023": (5, "before"),
    "a.x=b c!most": (7, "nothing more"),
    'a.x="b': (4, "value"),
    'a.x="  "': (4, "empty"),
}


@pytest.mark.parametrize("text", FORMS)
def test_a_form_is_read_exactly(text: str) -> None:
    """The forms of the design page, and their meaning as claims."""
    assert parse(text) == FORMS[text]


@pytest.mark.parametrize("text", FORMS)
def test_the_canonical_text_of_a_form_reads_back_the_same(text: str) -> None:
    """Writing is the inverse of reading, and a second writing changes nothing."""
    canonical = written(parse(text))

    assert parse(canonical) == FORMS[text]
    assert written(parse(canonical)) == canonical


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_claim_is_refused_where_it_goes_wrong(text: str) -> None:
    """Parse or refuse, never guess: the position of the first error and what is the matter."""
    position, word = REFUSED[text]
    with pytest.raises(ClaimSyntax) as refused:
        parse(text)

    assert refused.value.position == position
    assert word in refused.value.message


@given(st.text(alphabet='ab.x=!<>~@*+-"\\ 0129/[]dyé_', max_size=24))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No other exception, and a position inside the text (or at its end)."""
    try:
        found = parse(text)
    except ClaimSyntax as refused:
        position = refused.position
    else:
        assert parse(written(found)) == found
        position = 0
    assert 0 <= position <= len(text)


NAMES = st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8).map(fold).filter(bool)
NUMBERS = st.fractions(-5000, 5000, max_denominator=60).map(lambda f: f.numerator if f.denominator == 1 else f)
UNITS = st.sampled_from(["", DAY, MONTH, "mass"])
DAYS = st.none() | st.integers(-10_000, 40_000).map(lambda day: day * DAY_NS)


@st.composite
def _claims(draw: st.DrawFn) -> Claim:
    claim = Claim("", "", draw(NAMES), draw(NAMES), multi=draw(st.booleans()))
    low, high = sorted((draw(NUMBERS), draw(NUMBERS)))
    right = draw(st.sampled_from(["name", "truth", "number", "equal", "linear"]))
    if right in ("name", "truth"):
        value = draw(NAMES if right == "name" else st.booleans())
        claim = replace(claim, value=value, relation=draw(st.sampled_from(["=", "!="])))
    elif right == "number":
        claim = replace(claim, interval=(low, high), unit=draw(UNITS))
    else:
        claim = replace(claim, object=(draw(NAMES), draw(NAMES)), relation=draw(st.sampled_from(["=", "<", ">="])))
        if right == "linear":
            gain = draw(NUMBERS)
            claim = replace(claim, interval=(low, high), unit=draw(UNITS), gain=gain)
    start, end = draw(DAYS), draw(DAYS)
    if start is not None and end is not None and start >= end:
        end = None
    return replace(claim, valid_from=start, valid_to=end)


@given(_claims())
def test_every_claim_reads_back_from_its_canonical_text(claim: Claim) -> None:
    """parse ∘ written is the identity on what a claim means, for any names, numbers, units and times."""
    check(claim)

    assert parse(written(claim)) == claim


def test_an_open_interval_is_written_as_the_order_that_it_is() -> None:
    """Extraction makes intervals with one end; the grammar has orders for them."""
    assert written(_claim(interval=(None, 5))) == "a.x<=5"
    assert written(_claim(interval=(Fraction(5, 2), None), object=("b", "y"))) == "a.x>=b.y+2.5"


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({}, "no right side"),
        ({"value": "p", "interval": (1, 1)}, "two right sides"),
        ({"value": "p", "relation": "<"}, "order of names"),
        ({"object": ("b", "y"), "relation": "=="}, "between entities"),
        ({"object": ("b", "")}, "between entities"),
        ({"interval": (2, 1)}, "before its start"),
        ({"interval": (1, 2), "relation": "!="}, "one number"),
        ({"value": "p", "valid_from": 5, "valid_to": 5}, "ends before"),
        ({"attribute": "", "value": "p"}, "no attribute"),
    ],
)
def test_a_claim_without_meaning_is_refused(fields: dict, trouble: str) -> None:
    """What makes claims other than the grammar is checked by the same rules."""
    with pytest.raises(ValueError, match=trouble):
        check(_claim(**fields))

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from slm.consistency.claim import RELATIONS, TIERS, Claim
from slm.engine.claim_codec import SAYS, decode, digest, encode, stamp_of
from slm.model import ID_ALPHABET

NUMBERS = st.integers(-(10**12), 10**12) | st.fractions(max_denominator=10_000)
NAMES = st.text(max_size=12)
TIMES = st.none() | st.integers(-(1 << 62), 1 << 62)


@st.composite
def claims(draw) -> Claim:
    right = draw(st.sampled_from(["name", "truth", "interval", "object"]))
    given_side = {
        "name": lambda: {"value": draw(NAMES)},
        "truth": lambda: {"value": draw(st.booleans())},
        "interval": lambda: {"interval": (draw(st.none() | NUMBERS), draw(st.none() | NUMBERS)), "unit": draw(NAMES)},
        "object": lambda: {"object": (draw(NAMES), draw(NAMES)), "gain": draw(NUMBERS)},
    }[right]()
    return Claim(
        draw(NAMES), "", draw(NAMES), draw(NAMES), relation=draw(st.sampled_from(RELATIONS)), multi=draw(st.booleans()),
        valid_from=draw(TIMES), valid_to=draw(TIMES), update=draw(st.booleans()), tier=draw(st.sampled_from(TIERS)),
        span=draw(st.none() | st.tuples(st.integers(0, 99), st.integers(0, 99))), **given_side,
    )  # fmt: skip


@given(st.lists(claims(), max_size=4), st.from_regex(r"[0-9]+:[0-9a-f]{12}", fullmatch=True))
def test_what_is_written_reads_back_the_same(made, stamp) -> None:
    """Specification of the form: every field of what a claim says, exactly, fractions included."""
    body = encode(stamp, made)

    assert (stamp_of(body), decode(body)) == (stamp, made)


@given(claims())
def test_a_claim_is_named_by_what_it_says_alone(claim) -> None:
    """Newer rules that read the same elsewhere, or on another tier, must find the decisions of a person again."""
    moved = replace(
        claim, id="other", tier="prototype", span=(7, 9), trust=0.1, recorded_at=5, scope="acme/api", source="x"
    )

    assert digest(moved) == digest(claim)
    assert set(digest(claim)) <= set(ID_ALPHABET)
    assert len(digest(claim)) == 8


@given(claims(), claims())
def test_claims_that_say_something_else_have_other_names(a, b) -> None:
    """A hash: equal for equal content, and 40 bits hold a memory's few claims apart."""
    same = all(getattr(a, name) == getattr(b, name) and type(getattr(a, name)) is type(getattr(b, name))
               for name in SAYS)  # fmt: skip

    assert not same or digest(a) == digest(b)
    assert same or digest(a) != digest(b) or all(getattr(a, name) == getattr(b, name) for name in SAYS)


def test_a_number_has_one_name_however_it_came() -> None:
    """5 and 10/2 are the same number."""
    whole, fraction = (Claim("", "", "a", "size", interval=(n, n)) for n in (5, Fraction(10, 2)))

    assert digest(whole) == digest(fraction)


def test_true_is_not_one() -> None:
    """JSON tells truth from number: a flag and a figure never share a name."""
    assert digest(Claim("", "", "a", "on", value=True)) != digest(Claim("", "", "a", "on", value="True"))


def test_the_names_never_change() -> None:
    """Pinned: what a person dropped is found by it in every later version."""
    assert digest(Claim("", "", "alice", "home", value="paris")) == "gbdspsp9"
    assert (
        digest(Claim("", "", "deploy", "date", object=("audit", "date"), interval=(-2, -2), unit="day")) == "28rbh24h"
    )


def test_the_stored_form_is_as_documented() -> None:
    """Pinned: stamp, version byte, then JSON of what differs from the defaults."""
    claim = Claim(
        "k3m9q7zt", "", "b", "size", object=("a", "size"), gain=Fraction(1, 2), interval=(0, None), tier="rule"
    )

    assert encode("1:x", [claim]) == (
        b'1:x\n\x01[{"attribute":"size","gain":"1/2","id":"k3m9q7zt","interval":[0,null],"object":["a","size"],'
        b'"subject":"b","tier":"rule"}]'
    )

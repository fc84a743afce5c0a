"""Arguments: the schema that agents read and the check of what they send say the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from slm.daemon.mcp.arguments import MAX_STRINGS, Argument, checked, schema
from slm.daemon.mcp.eras import HANDSHAKE_VERSIONS
from slm.daemon.mcp.tools import HINTS, TOOLS
from slm.errors import InvalidInput
from slm.model import KINDS

ALL = {
    "text": Argument("string", "words", required=True),
    "many": Argument("strings"),
    "count": Argument("integer", default=5, least=1, most=9),
    "flag": Argument("boolean", default=True),
    "kind": Argument("kind"),
}
sendable = (
    st.booleans()
    | st.integers(-3, 12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
    | st.sampled_from(KINDS)
    | st.lists(st.text(max_size=3) | st.integers(0, 2), max_size=MAX_STRINGS + 2)
    | st.dictionaries(st.text(max_size=2), st.none(), max_size=1)
)


@given(st.dictionaries(st.sampled_from([*ALL, "other"]), sendable, max_size=5))
def test_the_check_takes_what_the_schema_takes(given_) -> None:
    """Oracle: the jsonschema library on the same schema. It takes 3.0 for a whole number; we don't."""
    if any(isinstance(value, float) and value.is_integer() for value in given_.values()):
        return
    valid = Draft202012Validator(schema(ALL)).is_valid(given_)

    try:
        taken = checked(ALL, given_)
    except InvalidInput:
        assert not valid
    else:
        assert valid
        assert taken == {"count": 5, "flag": True} | given_


@pytest.mark.parametrize("name", TOOLS)
def test_every_schema_is_one(name) -> None:
    """JSON Schema 2020-12, its own meta-schema as the judge."""
    told = TOOLS[name].describe(name, HANDSHAKE_VERSIONS[-1])

    Draft202012Validator.check_schema(told["inputSchema"])
    Draft202012Validator.check_schema(told["outputSchema"])


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "the argument 'text' is missing"),
        ({"text": None}, "the argument 'text' is missing"),
        ({"text": "x", "txet": 1}, "unknown argument 'txet'"),
        ({"text": "x", "count": 10}, "count takes a whole number from 1 to 9, not 10"),
        ({"text": "x", "many": ["a", 1]}, "many takes a list of at most 32 strings"),
        ({"text": "x", "kind": "rumour"}, "kind takes one of note, fact"),
        ({"text": "x", "flag": "yes"}, "flag takes true or false, not 'yes'"),
    ],
)
def test_a_refusal_names_the_argument_and_what_it_takes(given_, said) -> None:
    """STYLE: what, where, next step; a model mends its call with it."""
    with pytest.raises(InvalidInput, match=said):
        checked(ALL, given_)


def test_a_refusal_does_not_quote_a_whole_text() -> None:
    """A megabyte in an error helps nobody."""
    with pytest.raises(InvalidInput) as refused:
        checked(ALL, {"text": ["x" * 10_000]})

    assert len(refused.value.message) < 200


def test_a_schema_says_no_more_than_it_must() -> None:
    """Each word costs every session: no titles, no empty descriptions."""
    assert Argument("string").schema() == {"type": "string"}
    assert Argument("boolean", default=True).schema() == {"type": "boolean", "default": True}


def test_hints_differ_by_what_a_tool_does() -> None:
    """Specification: readOnly, destructive, idempotent, openWorld."""
    told: dict[str, tuple[Any, ...]] = {effect: tuple(hints.values()) for effect, hints in HINTS.items()}

    assert told == {
        "reads": (True, False, True, False),
        "adds": (False, False, True, False),
        "replaces": (False, False, False, False),
        "hides": (False, True, True, False),
    }

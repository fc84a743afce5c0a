from __future__ import annotations

import pytest

from slm.engine.fields import CHECKS, Field, check
from slm.errors import InvalidInput

DECLARED = {
    "query": Field("text", "what", required=True),
    "limit": Field("integer", "how many"),
    "tag": Field("texts", "t"),
}


def test_fields_are_coerced_and_nulls_count_as_absent() -> None:
    """Pinned behaviour: one tag may be given without a list; JSON clients send null for "not given"."""
    assert check("recall", DECLARED, {"query": "x", "tag": "a", "limit": None}) == {"query": "x", "tag": ["a"]}


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"query": "x", "limt": 5}, "recall: unknown field 'limt'", "did you mean 'limit'?"),
        ({"query": "x", "zzz": 5}, "recall: unknown field 'zzz'", "known: query, limit, tag"),
        ({}, "recall: the field 'query' is missing", None),
        ({"query": None}, "recall: the field 'query' is missing", None),
        ({"query": "x", "limit": "5"}, "recall: the field 'limit' takes a whole number, not '5'", None),
        ({"query": "x", "limit": True}, "recall: the field 'limit' takes a whole number, not True", None),
        ({"query": "x", "tag": [1]}, "recall: the field 'tag' takes a string or a list of strings, not [1]", None),
    ],
)
def test_a_wrong_field_is_named_with_what_it_takes(given: dict, message: str, hint: str | None) -> None:
    """STYLE.md, an error; the brief's "unknown field suggestion"."""
    with pytest.raises(InvalidInput) as caught:
        check("recall", DECLARED, given)

    assert (caught.value.message, caught.value.hint) == (message, hint)


GOOD = {
    "text": "x", "texts": ["x"], "flag": True, "integer": 3, "number": 0.5, "time": "yesterday",
    "path": "/x",
    "records": [{"text": "x"}], "object": {"an": "object"},
}  # fmt: skip


@pytest.mark.parametrize("kind", CHECKS)
def test_every_type_takes_its_own_values_and_no_others(kind: str) -> None:
    """Every check has its example; an object fits one alone, and that one takes no text."""
    field = {"f": Field(kind, "")}

    assert check("op", field, {"f": GOOD[kind]})["f"] == GOOD[kind]
    with pytest.raises(InvalidInput, match="the field 'f' takes"):
        check("op", field, {"f": "an object" if kind == "object" else GOOD["object"]})


def test_a_long_wrong_value_is_cut_in_the_message() -> None:
    """Messages never repeat a whole text."""
    with pytest.raises(InvalidInput) as caught:
        check("recall", DECLARED, {"query": ["x" * 10_000]})

    assert len(caught.value.message) < 150


def test_a_field_describes_itself_in_a_line() -> None:
    """client.md: ``{"op": "ops"}`` lists the fields."""
    assert DECLARED["query"].describe() == "a string, required: what"

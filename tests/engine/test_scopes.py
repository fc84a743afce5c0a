from __future__ import annotations

import pytest

from slm.errors import InvalidInput, NotFound
from tests.engine.desk import Desk


def test_scopes_are_listed_with_their_live_memories(desk: Desk) -> None:
    """client.md, ``scope list``."""
    desk.remember("one")
    desk.remember("two", in_scope="acme/api")
    desk.call("forget", id=[desk.remember("three", in_scope="acme/web")])

    answer = desk.call("scopes", in_scope="acme/api")

    assert answer["scopes"] == [{"name": "acme/api", "memories": 1}, {"name": "global", "memories": 1}]
    assert answer["current"] == "acme/api"


def test_a_renamed_scope_keeps_its_memories_hidden_ones_included(desk: Desk) -> None:
    """client.md, ``scope rename``: a repository that moved."""
    desk.remember("one", in_scope="acme/api")
    hidden = desk.remember("two", in_scope="acme/api")
    desk.call("forget", id=[hidden])

    assert desk.call("scope_rename", from_="acme/api", to="acme/backend") == {"renamed": 2}

    assert desk.found("one", in_scope="acme/backend") == ["one"]
    assert desk.found("one", in_scope="acme/api") == []
    assert desk.memory(hidden)["scope"] == "acme/backend"


def test_blanks_around_a_scope_are_no_part_of_it(desk: Desk) -> None:
    """The gate for records strips names, so what is asked for must be stripped as well: oracle, the scope without."""
    desk.remember("one", in_scope=" acme/api ")

    assert desk.found("one", in_scope="acme/api") == desk.found("one", in_scope="\tacme/api ") == ["one"]
    assert desk.call("scopes", in_scope="acme/api  ")["current"] == "acme/api"
    assert desk.call("context", in_scope=" acme/api")["scope"] == ["acme/api"]
    assert desk.call("scope_rename", from_=" acme/api ", to=" acme/web ") == {"renamed": 1}
    assert desk.found("one", in_scope="acme/web") == ["one"]


@pytest.mark.parametrize("scope", ["", "  ", "\n", "acme\napi", "acme\x1b[31m", "acme\u2028api", "a\0b", "x" * 5000])
@pytest.mark.parametrize(("op", "fields"), [("remember", {"text": "one"}), ("recall", {"query": "one"}), ("list", {})])
def test_a_scope_that_no_memory_could_have_is_refused_wherever_it_is_asked_for(
    desk: Desk, scope: str, op: str, fields: dict
) -> None:
    """records: a name is one line of text. A recall that looks there would find nothing and not say why."""
    with pytest.raises(InvalidInput, match="field 'scope' must be"):
        desk.call(op, in_scope=scope, **fields)


def test_renaming_into_another_scope_merges_and_undo_parts_them(desk: Desk) -> None:
    """Each memory's own scope is kept in the journal."""
    desk.remember("one", in_scope="a")
    desk.remember("two", in_scope="b")
    desk.call("scope_rename", from_="a", to="b")
    assert sorted(desk.texts(in_scope="b", all_scopes=False)) == ["one", "two"]

    desk.call("undo")

    assert desk.texts(in_scope="b", all_scopes=False) == ["two"]
    assert desk.texts(in_scope="a", all_scopes=False) == ["one"]


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"from_": "absent", "to": "b"}, NotFound, "no memory has the scope 'absent'"),
        ({"from_": "a", "to": " "}, InvalidInput, "give a new name"),
        ({"from_": "a", "to": "a"}, InvalidInput, "give a new name"),
        ({"from_": "a", "to": "b\nc"}, InvalidInput, "one line without control characters"),
    ],
)
def test_a_rename_that_can_not_be_done_is_refused(desk: Desk, fields: dict, error: type, message: str) -> None:
    """STYLE.md, an error."""
    desk.remember("one", in_scope="a")

    with pytest.raises(error, match=message):
        desk.call("scope_rename", **fields)

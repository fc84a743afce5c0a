from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.jsonc import find, parse, with_item, with_member, without

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=4)
INDENTS = st.sampled_from([None, 1, 2, 4, "\t"])
COMMENTS = st.sampled_from(["", " ", '// a, "b": {\n', "/* } , */", "\n\n", " // x\n  "])
COMMENTED = """\
// my servers
{
    "mcpServers": { // two of them
        "files": {"command": "npx", "args": ["-y"]}, /* kept */
        "web": {}, // the last
    },
    "theme": "dark" // no comma
}
"""


def _sprinkled(text: str, draw: Any) -> str:
    """The text with comments and white space before every brace, bracket and colon outside strings."""
    out, quoted, escaped = [], False, False
    for sign in text:
        if not quoted and sign in "{}[]:":
            out.append(draw(COMMENTS))
        quoted ^= sign == '"' and not escaped
        escaped = sign == "\\" and not escaped
        out.append(sign)
    return "".join(out)


@given(VALUES, INDENTS)
def test_plain_json_is_read_as_json_reads_it(value: Any, indent: Any) -> None:
    """Oracle: the standard library."""
    assert parse(json.dumps(value, indent=indent)).plain() == value


@given(OBJECTS, INDENTS, st.data())
def test_comments_change_no_value(value: dict[str, Any], indent: Any, data: st.DataObject) -> None:
    """Oracle: the same text without them."""
    assert parse(_sprinkled(json.dumps(value, indent=indent), data.draw)).plain() == value


@given(OBJECTS, INDENTS, VALUES, st.data())
def test_a_member_is_set_and_nothing_else_changes(
    value: dict[str, Any], indent: Any, new: Any, data: st.DataObject
) -> None:
    """Oracle: a dict. Taken out again, the values are those before."""
    text = _sprinkled(json.dumps(value, indent=indent), data.draw)

    changed = with_member(text, ["slm", "x"], new) if not isinstance(value.get("slm", {}), dict) else None
    changed = changed or with_member(text, ["slm…", "x"], new)

    assert parse(changed).plain() == {**value, "slm…": {"x": new}}
    assert parse(without(changed, ["slm…"])).plain() == value


@given(OBJECTS.filter(bool), INDENTS, st.data())
def test_any_member_can_be_cut(value: dict[str, Any], indent: Any, data: st.DataObject) -> None:
    """Oracle: a dict, with comments before and behind what is cut."""
    text = _sprinkled(json.dumps(value, indent=indent), data.draw)
    name = data.draw(st.sampled_from(sorted(value)))

    cut = without(text, [name])

    assert parse(cut).plain() == {key: each for key, each in value.items() if key != name}


@given(st.lists(VALUES, max_size=4), INDENTS, VALUES, st.data())
def test_items_are_added_and_cut(items: list[Any], indent: Any, new: Any, data: st.DataObject) -> None:
    """Oracle: a list."""
    text = _sprinkled(json.dumps({"a": items}, indent=indent), data.draw)

    longer = with_item(text, ["a"], new)
    at = data.draw(st.integers(0, len(items)))

    assert parse(longer).plain() == {"a": [*items, new]}
    assert parse(without(longer, ["a", at])).plain()["a"] == [*items, new][:at] + [*items, new][at + 1 :]


def test_what_follows_a_cut_does_not_fall_into_the_comment_before() -> None:
    """The next item would be read as a part of it, and what comes after that would still be JSON."""
    text = '{"a": [// one\n  [], 1,\n  2]}'

    assert parse(without(text, ["a", 0])).plain() == {"a": [1, 2]}


@pytest.mark.parametrize(
    "text", [COMMENTED, '{"a": 1}', '{\n  "a": 1\n}\n', '{\n\t"a": {\n\t\t"b": 2\n\t}\n}', "{}", "{\r\n}\r\n"]
)
@pytest.mark.parametrize("path", [["slm"], ["mcpServers", "slm"]])
def test_what_was_added_and_cut_leaves_the_text_byte_for_byte(text: str, path: list[str]) -> None:
    """The issue: everything else stays byte for byte, in the ways people write such files."""
    changed = with_member(text, path, {"command": "slm", "args": ["mcp"]})

    cut = without(changed, path)
    if find(cut, path[:-1]) is not None and find(text, path[:-1]) is None:
        cut = without(cut, path[:-1])
    assert cut == text or (not parse(text).children and cut == "{}" + text.partition("}")[2])


def test_a_new_member_is_written_in_the_style_of_its_neighbours() -> None:
    """As a person would add it: own line, the file's own indentation, the last comma kept as it was."""
    changed = with_member(COMMENTED, ["mcpServers", "slm"], {"command": "slm"})

    assert changed == COMMENTED.replace(
        '"web": {}, // the last\n',
        '"web": {},\n        "slm": {\n            "command": "slm"\n        }, // the last\n',
    )
    assert with_member('{"a": 1}', ["b"], 2) == '{"a": 1, "b": 2}'


def test_a_member_that_is_there_is_replaced_where_it_stands() -> None:
    """Only its value."""
    assert with_member('{"a": 1, /* x */ "b": 2}', ["a"], 3) == '{"a": 3, /* x */ "b": 2}'


def test_an_empty_file_becomes_an_object() -> None:
    """An agent that was never configured."""
    assert with_member("", ["a", "b"], 1) == '{\n  "a": {\n    "b": 1\n  }\n}\n'
    assert find("", ["a"]) is None
    assert without("", ["a"]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a"}',
        '{"a": }',
        '{"a": 1 "b": 2}',
        "{'a': 1}",
        '{"a": 01e}',
        "[1, 2",
        "{} {}",
        '{"a": "\n"}',
        "[" * 500,
        "// x",
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    """Nothing is guessed about a file that its agent couldn't read either."""
    with pytest.raises(ValueError, match=r"isn't JSON|too deeply"):
        parse(text)


@pytest.mark.parametrize("text", ['{"a": 5}', '{"a": []}', "[]", "5"])
def test_nothing_is_written_over_on_the_way(text: str) -> None:
    """Something else than an object stands where one should."""
    with pytest.raises(ValueError, match="should"):
        with_member(text, ["a", "b"], 1)


def test_a_list_is_not_made_of_something_else() -> None:
    """The user's value stays."""
    with pytest.raises(ValueError, match="no list"):
        with_item('{"a": 5}', ["a"], 1)

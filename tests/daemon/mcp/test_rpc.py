"""JSON-RPC: what is a message, what is none, and that an answer is one line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.daemon.mcp.rpc import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, Refused, encode, id_of, message, parse

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_a_request_a_notification_and_an_answer_are_told_apart() -> None:
    """JSON-RPC 2.0: by id and method."""
    request = message({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {"a": 1}})
    notice = message({"jsonrpc": "2.0", "method": "notifications/x"})
    answer = message({"jsonrpc": "2.0", "id": "a", "result": {"roots": []}})

    assert (request.method, request.id, request.params) == ("ping", 1, {"a": 1})
    assert (notice.method, notice.id, notice.params) == ("notifications/x", None, {})
    assert (answer.method, answer.id, answer.result) == (None, "a", {"roots": []})


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"id": 1, "method": "ping"}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": 1}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": False, "method": "ping"}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": {}, "result": {}}, INVALID_REQUEST),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": "x"}, INVALID_PARAMS),
    ],
)
def test_what_is_no_message_is_refused_by_its_code(value, code) -> None:
    """JSON-RPC 2.0; MCP: ids are strings or whole numbers, and never null."""
    with pytest.raises(Refused) as refused:
        message(value)

    assert refused.value.code == code


@given(values)
def test_no_value_is_taken_for_a_message_by_accident(value) -> None:
    """Fuzz: a message, or a refusal, and an id that can be answered."""
    try:
        heard = message(value)
    except Refused as refused:
        code = refused.answer(id_of(value))["error"]["code"]
    else:
        code = None
        assert heard.method is not None or heard.id is not None
    assert code in (None, INVALID_REQUEST, INVALID_PARAMS)


@given(values)
def test_an_answer_is_one_line_of_ascii(value) -> None:
    """Newline-delimited: no reader may see an end of line within. Oracle: str.splitlines."""
    line = encode({"value": value})

    assert line.decode("ascii").splitlines(keepends=True) == [line.decode()]


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b"NaN", b"[Infinity]", b"[" * 100_000, b"9" * 5000])
def test_what_is_no_json_is_a_parse_error(line) -> None:
    """JSON-RPC: -32700; RFC 8259 has no NaN."""
    with pytest.raises(Refused) as refused:
        parse(line)

    assert refused.value.code == PARSE_ERROR


@pytest.mark.parametrize(
    ("value", "number"), [({"id": 3}, 3), ({"id": "a"}, "a"), ({"id": True}, None), ([], None), (7, None)]
)
def test_an_error_answers_the_id_if_there_is_one(value, number) -> None:
    """JSON-RPC: null where it can't be told."""
    assert id_of(value) == number


def test_an_error_carries_data_where_there_is_some() -> None:
    """JSON-RPC: data may be omitted."""
    assert "data" not in Refused(1, "x").answer(1)["error"]
    assert json.loads(encode(Refused(1, "x", {"a": 1}).answer(1)))["error"]["data"] == {"a": 1}

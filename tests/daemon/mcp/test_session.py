"""One agent's conversation: generations, order, cancelling, limits, and everything that is no message."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.daemon.mcp import serving
from slm.daemon.mcp.eras import HANDSHAKE_VERSIONS
from slm.daemon.mcp.session import actor_of
from slm.daemon.mcp.turns import MOST_WAITING
from slm.errors import SlmError
from tests.daemon.mcp.conftest import META, MODERN, envelope


def code_of(answer: dict[str, Any]) -> int:
    return int(answer["error"]["code"])


# generations


@pytest.mark.parametrize("version", HANDSHAKE_VERSIONS)
def test_a_handshake_settles_the_version_that_was_asked_for(connect, version) -> None:
    """Specification: the server answers with the version asked for if it speaks it."""
    result = connect().greet(version)

    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"] == "slm"
    assert set(result["capabilities"]) == {"tools", "resources", "prompts"}
    assert "memory_recall" in result["instructions"]


@pytest.mark.parametrize("version", ["1999-01-01", "2026-07-28", "zzz", ""])
def test_an_unknown_version_gets_the_newest_handshake(connect, version) -> None:
    """Specification: otherwise the latest that the server supports."""
    assert connect().greet(version)["protocolVersion"] == HANDSHAKE_VERSIONS[-1]


@pytest.mark.parametrize("params", [{}, {"protocolVersion": 7}, {"protocolVersion": "2025-11-25", "capabilities": []}])
def test_a_handshake_that_says_too_little_is_invalid(connect, params) -> None:
    """JSON-RPC: -32602."""
    assert code_of(connect().request("initialize", **params)) == -32602


def test_nothing_but_ping_is_answered_before_the_handshake(connect) -> None:
    """Specification: the client should send no other request before."""
    agent = connect()

    assert agent.request("ping")["result"] == {}
    assert code_of(agent.request("tools/list")) == -32600
    assert code_of(agent.request("tools/call", name="memory_recall")) == -32600


def test_a_newer_generation_needs_no_handshake(connect) -> None:
    """2026-07-28: server/discover, and every result tells its type, its cache and its server."""
    found = connect().modern("server/discover")["result"]

    assert found["resultType"] == "complete"
    assert found["supportedVersions"] == [MODERN]
    assert found["cacheScope"] == "private"
    assert found["ttlMs"] > 0
    assert found["_meta"][META + "serverInfo"]["name"] == "slm"


def test_a_result_of_the_newer_generation_has_its_type_and_an_older_one_has_not(connect) -> None:
    """2026-07-28: resultType; older clients know none of it."""
    new, old = connect(), connect()
    old.greet()

    assert (
        new.modern("tools/call", name="memory_recall", arguments={"query": "x"})["result"]["resultType"] == "complete"
    )
    assert not {"resultType", "_meta"} & set(old.tool("memory_recall", query="x"))


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ({META + "protocolVersion": MODERN}, -32602),
        ({META + "protocolVersion": 7, META + "clientCapabilities": {}}, -32602),
        ({META + "protocolVersion": MODERN, META + "clientCapabilities": []}, -32602),
        ({META + "protocolVersion": "2031-01-01", META + "clientCapabilities": {}}, -32022),
    ],
)
def test_a_request_of_the_newer_generation_says_version_and_capabilities(connect, meta, code) -> None:
    """2026-07-28: -32602 for what is missing, -32022 with the versions spoken for another version."""
    answer = connect().request("tools/list", _meta=meta)

    assert code_of(answer) == code
    assert code != -32022 or answer["error"]["data"] == {"supported": [MODERN], "requested": "2031-01-01"}


def test_a_connection_keeps_the_generation_that_it_began_with(connect) -> None:
    """As the SDK's server has it: no mixture."""
    new, old = connect(), connect()
    new.modern("server/discover")
    old.greet()

    handshake = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    assert code_of(new.request("initialize", **handshake)) == -32022
    assert code_of(new.request("tools/list")) == -32602
    assert code_of(old.modern("tools/list")) == -32600


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "resources/subscribe"])
def test_what_the_newer_generation_took_away_is_not_found_there(connect, method) -> None:
    """2026-07-28 removed ping, logging and subscriptions; initialize names the versions instead."""
    agent = connect()
    agent.modern("server/discover")

    assert code_of(agent.modern(method)) == (-32022 if method == "initialize" else -32601)


@pytest.mark.parametrize(
    "method",
    [
        "tools/lists",
        "",
        "server/discover",
        "resources/subscribe",
        "logging/setLevel",
        "completion/complete",
        "__init__",
    ],
)
def test_an_unknown_method_is_not_found(agent, method) -> None:
    """JSON-RPC: -32601; also for what was not announced."""
    assert code_of(agent.request(method)) == -32601


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/call", {}),
        ("tools/call", {"name": 7}),
        ("tools/call", {"name": "memory_erase", "arguments": {}}),
        ("tools/call", {"name": "memory_recall", "arguments": []}),
        ("tools/list", {"cursor": "x"}),
        ("resources/read", {}),
        ("resources/read", {"uri": 7}),
        ("prompts/get", {"name": "recall"}),
        ("prompts/get", {"name": "recall", "arguments": {"question": " "}}),
        ("prompts/get", {"name": "other", "arguments": {"question": "x"}}),
    ],
)
def test_wrong_params_are_invalid(agent, method, params) -> None:
    """JSON-RPC: -32602."""
    assert code_of(agent.request(method, **params)) == -32602


# messages that are none


GARBAGE = [
    b"{", b"nonsense", b"\xff\xfe", b"\0", b'"x"', b"7", b"null", b"{}", b"[" * 100_000, b'{"jsonrpc":"2.0"}',
    b'{"jsonrpc":"1.0","id":1,"method":"ping"}', b'{"jsonrpc":"2.0","id":null,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', b'{"jsonrpc":"2.0","id":true,"method":"ping"}',
    b'{"jsonrpc":"2.0","id":[1],"method":"ping"}', b'{"jsonrpc":"2.0","id":1,"method":7}',
    b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', b'{"jsonrpc":"2.0","id":1,"method":"ping","params":NaN}',
    b"[]", b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
]  # fmt: skip


@pytest.mark.parametrize("line", GARBAGE)
def test_what_is_no_message_gets_an_error_and_the_conversation_goes_on(agent, line) -> None:
    """JSON-RPC: -32700 for what is no JSON, -32600 for what is no request; never silence, never the end."""
    agent.send_bytes(line + b"\n")

    assert code_of(agent.hear()) in (-32700, -32600, -32602)
    assert agent.request("ping")["result"] == {}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_end_a_conversation(agent, garbage) -> None:
    """Fuzz: each line that holds something gets exactly one answer, and a ping after them is heard."""
    lines = [line for line in garbage.split(b"\n") if line.strip()]
    agent.send_bytes(garbage + b"\n")

    for _ in lines:
        assert code_of(agent.hear()) in (-32700, -32600, -32602)
    assert agent.request("ping")["result"] == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
methods = st.sampled_from(
    ["initialize", "tools/call", "tools/list", "resources/read", "prompts/get", "ping", "server/discover", "x"]
)
keys = st.sampled_from(
    ["name", "arguments", "uri", "cursor", "_meta", "protocolVersion", "capabilities", "inputResponses"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(methods, st.dictionaries(keys, json_values | st.sampled_from(["memory_recall", "memory_get", "recall"])))
def test_every_request_is_answered_once_whatever_its_params(agent, method, params) -> None:
    """Fuzz: an answer with its id, never an internal error."""
    answer = agent.request(method, **params)

    assert ("result" in answer) != ("error" in answer)
    assert "error" not in answer or code_of(answer) != -32603


SILENT = [
    b'{"jsonrpc":"2.0","method":"notifications/x"}',
    b'{"jsonrpc":"2.0","method":"tools/list"}',
    b'{"jsonrpc":"2.0","id":"never-asked","result":{}}',
    b'{"jsonrpc":"2.0","id":"slm-roots","error":{"code":1,"message":"no"}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[]}}',
    b'{"jsonrpc":"2.0","method":"notifications/progress","params":[1]}',
    b'{"jsonrpc":"1.0","method":"notifications/x"}',
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"what?"}}',
    b'{"jsonrpc":"2.0","id":1.5,"result":{}}',
    b"   ",
]


@pytest.mark.parametrize("value", SILENT)
def test_notifications_and_answers_get_no_answer(agent, value) -> None:
    """JSON-RPC: a notification is never answered, nor an answer, not even a wrong one."""
    agent.send_bytes(value + b"\n")

    assert agent.request("ping")["result"] == {}


def test_a_line_that_is_too_long_is_said_and_ends_the_connection(agent) -> None:
    """4 MiB bound a message; a relay never sends more."""
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        agent.send_bytes(b"x" * (12 << 20))
    agent.close()


def test_an_id_may_be_a_string_or_a_number(agent) -> None:
    """JSON-RPC, as MCP narrows it."""
    for number in ("a", "", 0, -1, 2**53):
        agent.send({"jsonrpc": "2.0", "id": number, "method": "ping"})
        assert agent.hear()["id"] == number


# batches


def test_a_batch_is_answered_in_one_array_where_the_version_has_batches(connect) -> None:
    """2025-03-26: receivers must support batches; answers to requests only."""
    agent = connect()
    agent.greet("2025-03-26")
    called = {"name": "memory_recall", "arguments": {"query": "x"}}
    agent.send(
        [
            {"jsonrpc": "2.0", "id": 11, "method": "ping"},
            {"jsonrpc": "2.0", "method": "notifications/x"},
            {"jsonrpc": "2.0", "id": 12, "method": "tools/call", "params": called},
            {"jsonrpc": "2.0", "id": 13, "method": "nonsense"},
            7,
        ]
    )  # fmt: skip

    answers = {answer["id"]: answer for answer in agent.hear()}

    assert set(answers) == {11, 12, 13, None}
    assert "result" in answers[12]
    assert code_of(answers[13]) == -32601
    assert code_of(answers[None]) == -32600


@pytest.mark.parametrize("values", [[], [{"jsonrpc": "2.0", "id": 1, "method": "ping"}] * 33])
def test_an_empty_or_endless_batch_is_refused(connect, values) -> None:
    """JSON-RPC: an empty array is invalid; ours: 32 at most."""
    agent = connect()
    agent.greet("2025-03-26")
    agent.send(values)

    assert code_of(agent.hear()) == -32600


def test_a_batch_of_notifications_gets_no_answer(connect) -> None:
    """JSON-RPC: nothing at all, not an empty array."""
    agent = connect()
    agent.greet("2025-03-26")
    agent.send([{"jsonrpc": "2.0", "method": "notifications/x"}])

    assert agent.request("ping")["result"] == {}


# turns


class Held:
    """An engine whose answers wait until they are let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.asked: list[str] = []

    def call(self, op: str, fields: dict[str, Any], caller: Any) -> Any:
        self.asked.append(fields.get("query", op))
        self.begun.release()
        assert self.go.acquire(timeout=20)
        raise SlmError("held")


def recall(agent: Any, query: str) -> int:
    return int(agent.post("tools/call", name="memory_recall", arguments={"query": query}))


def test_a_ping_does_not_wait_for_a_question(connect) -> None:
    """A client that measures health must not think that a busy daemon is gone."""
    held = Held()
    agent = connect(call=held.call)
    agent.greet()
    recall(agent, "slow")
    held.begun.acquire()

    assert agent.request("ping")["result"] == {}
    held.go.release()
    assert agent.hear()["result"]["isError"]


def test_a_cancelled_request_gets_no_answer_and_one_that_waits_is_not_begun(connect) -> None:
    """Specification: no answer to a cancelled request; stop processing where that is possible."""
    held = Held()
    agent = connect(call=held.call)
    agent.greet()
    running, waiting, last = recall(agent, "running"), recall(agent, "waiting"), recall(agent, "last")
    held.begun.acquire()
    for number in (running, waiting):
        agent.notify("notifications/cancelled", requestId=number)
    assert agent.request("ping")["result"] == {}

    held.go.release(2)

    assert agent.hear()["id"] == last
    assert held.asked == ["running", "last"]


def test_true_is_not_the_first_request(connect) -> None:
    """JSON-RPC: an id is a string or a number; in Python true is 1."""
    held = Held()
    agent = connect(call=held.call)
    agent.greet()
    question = {"name": "memory_recall", "arguments": {"query": "x"}}
    agent.send({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": question})
    held.begun.acquire()
    agent.notify("notifications/cancelled", requestId=True)
    assert agent.request("ping")["result"] == {}

    held.go.release()

    assert agent.hear()["id"] == 1


def test_more_requests_than_may_wait_are_refused_at_once(connect) -> None:
    """An agent that floods is told so, and costs the daemon no memory."""
    held = Held()
    agent = connect(call=held.call)
    agent.greet()
    first = recall(agent, "first")
    held.begun.acquire()
    numbers = [recall(agent, str(i)) for i in range(MOST_WAITING + 5)]

    refused = [agent.hear() for _ in range(5)]
    held.go.release(MOST_WAITING + 1)
    answered = [agent.hear()["id"] for _ in range(MOST_WAITING + 1)]

    assert [answer["id"] for answer in refused] == numbers[MOST_WAITING:]
    assert {code_of(answer) for answer in refused} == {-32000}
    assert answered == [first, *numbers[:MOST_WAITING]]


def test_what_was_asked_before_leaving_is_answered(agent) -> None:
    """The relay closes its end when the agent does; a daemon that drains reads on."""
    numbers = [recall(agent, "x") for _ in range(3)]

    assert [answer["id"] for answer in agent.leave()] == numbers


def test_an_agent_that_does_not_read_is_dropped(connect, monkeypatch) -> None:
    """client.md: a slow reader can't grow the daemon."""
    monkeypatch.setattr("slm.daemon.mcp.session.SEND_S", 0.2)
    agent = connect()
    agent.greet()

    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        agent.send_bytes(b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}\n' * 20_000)
    agent.close()


def test_an_answer_that_is_too_long_is_an_error_with_its_id(connect) -> None:
    """client.md: frames of at most 4 MiB."""
    memory = {"id": "k3m9qx7v2b4d", "text": "\x1b" * 30_000, "actor": "cli", "observed_at": "", "scope": "global"}
    agent = connect(call=lambda op, fields, caller: {"memories": [memory] * 32})
    agent.greet()

    answer = agent.request("tools/call", name="memory_get", arguments={"ids": ["k"]})

    assert "longer than 4 MiB" in answer["error"]["message"]


def test_a_bug_is_an_internal_error_without_its_details(connect, capsys) -> None:
    """The log has the traceback, the agent a word; the conversation goes on."""

    def broken(op: str, fields: Any, caller: Any) -> Any:
        raise ZeroDivisionError("secret detail")

    agent = connect(call=broken)
    agent.greet()
    answer = agent.request("tools/call", name="memory_recall", arguments={"query": "x"})

    assert code_of(answer) == -32603
    assert "secret" not in json.dumps(answer)
    assert "Traceback" in capsys.readouterr().err
    assert agent.request("ping")["result"] == {}


# who and where from


@pytest.mark.parametrize(
    ("client", "actor"),
    [
        ({"name": "claude-code"}, "mcp:claude-code"), ({"name": "Visual Studio Code"}, "mcp:Visual-Studio-Code"),
        ({"name": "cli"}, "mcp:cli"), ({"name": "\x1b[31m"}, "mcp:31m"), ({"name": ""}, "mcp:unknown"),
        ({"name": 7}, "mcp:unknown"), ({}, "mcp:unknown"), (None, "mcp:unknown"), ("x", "mcp:unknown"),
        ({"name": "x" * 500}, "mcp:" + "x" * 64), ({"name": "…"}, "mcp:unknown"),
    ],
)  # fmt: skip
def test_the_daemon_makes_the_actor_from_what_the_client_calls_itself(client, actor) -> None:
    """client.md: an ``actor`` set by the daemon; nothing but mcp: can come of it."""
    assert actor_of(client) == actor


def test_every_change_carries_the_agent_as_its_actor(connect, desk) -> None:
    """client.md, in both generations."""
    old, new = connect(), connect()
    old.greet(name="claude-code")
    first = old.said("memory_remember", text="one")["id"]
    arguments = {"text": "two", "idempotency_key": "k"}
    answer = new.request("tools/call", name="memory_remember", arguments=arguments, _meta=envelope("codex"))
    second = answer["result"]["structuredContent"]["id"]

    assert desk.memory(first)["actor"] == "mcp:claude-code"
    assert desk.memory(second)["actor"] == "mcp:codex"


def test_a_daemon_that_is_busy_says_so_in_answer_to_the_first_request(connect) -> None:
    """Silence would look like a hang."""
    answer = connect(busy=True).request("initialize")

    assert code_of(answer) == -32000
    assert "busy" in answer["error"]["message"]


def test_agents_take_a_part_of_the_places_only(connect, monkeypatch) -> None:
    """48 agents must not keep commands out."""
    monkeypatch.setattr(serving, "_places", threading.BoundedSemaphore(1))
    first, second = connect(), connect()
    first.greet()

    assert code_of(second.request("initialize")) == -32000
    first.leave()
    connect().greet()


def test_a_newer_relay_makes_an_older_daemon_leave(connect) -> None:
    """client.md: a newer client asks an older daemon to drain and restart; nothing is answered."""
    agent = connect(version="999.0.0")

    assert agent.hear() is None
    assert agent.control.asked

"""Which project an agent works in, and that every answer says how that is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.daemon.mcp import hello, place
from slm.daemon.mcp.hello import Hello
from slm.daemon.mcp.place import Place, folders
from slm.daemon.mcp.rpc import Refused


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone of acme/api."""
    folder = tmp_path / "my api"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "config").write_text('[remote "origin"]\n url = https://github.com/acme/api.git\n')
    return folder


SCOPE = "github.com/acme/api"


def test_the_relays_folder_comes_first(connect, desk, project) -> None:
    """client.md: the relay sends its cwd; the client isn't even asked for roots."""
    agent = connect(cwd=str(project))
    agent.greet(roots={})

    made = agent.said("memory_remember", text="x")

    assert (made["scope"], made["scope_from"]) == (SCOPE, "folder")
    assert agent.said("memory_recall", query="x")["scope"] == [SCOPE, "global"]


def test_the_clients_roots_come_second(connect, project) -> None:
    """client.md: else the client's roots: the first that is in a project."""
    agent = connect()
    agent.greet(roots={})
    asked = agent.hear()
    assert (asked["method"], asked["id"]) == ("roots/list", "slm-roots")
    roots = [{"uri": "https://x"}, {"uri": "file:///"}, {"uri": project.as_uri()}]
    agent.send({"jsonrpc": "2.0", "id": asked["id"], "result": {"roots": roots}})

    made = agent.said("memory_remember", text="x")

    assert (made["scope"], made["scope_from"]) == (SCOPE, "roots")


def test_a_question_waits_for_roots_but_not_for_ever(connect, monkeypatch) -> None:
    """A client that never answers must not hang its own agent."""
    monkeypatch.setattr(place, "ROOTS_S", 0.05)
    agent = connect()
    agent.greet(roots={})
    agent.hear()

    assert agent.said("memory_recall", query="x")["scope_from"] == "none"


def test_changed_roots_are_asked_for_again(connect, project) -> None:
    """Specification: notifications/roots/list_changed."""
    agent = connect()
    agent.greet(roots={})
    agent.send({"jsonrpc": "2.0", "id": agent.hear()["id"], "result": {"roots": []}})
    assert agent.said("memory_recall", query="x")["scope_from"] == "none"

    agent.notify("notifications/roots/list_changed")
    agent.send({"jsonrpc": "2.0", "id": agent.hear()["id"], "result": {"roots": [{"uri": project.as_uri()}]}})

    assert agent.said("memory_recall", query="x")["scope_from"] == "roots"


def test_without_folder_and_roots_everything_is_global(agent) -> None:
    """client.md: else the scope is global, and it says which."""
    found = agent.said("memory_recall", query="x")

    assert (found["scope"], found["scope_from"]) == (["global"], "none")


def test_a_scope_that_the_user_chose_beats_all(connect, project) -> None:
    """``slm mcp --scope``."""
    agent = connect(cwd=str(project), scope="work")
    agent.greet(roots={})

    assert agent.said("memory_recall", query="x")["scope_from"] == "chosen"
    assert agent.said("memory_remember", text="x")["scope"] == "work"


def test_a_profile_that_the_user_chose_is_a_store_of_its_own(connect, desk) -> None:
    """``slm mcp --profile``."""
    desk.remember("the default store")
    agent = connect(profile="work")
    agent.greet()

    agent.said("memory_remember", text="the other store")

    assert desk.texts() == ["the default store"]
    assert desk.texts(profile="work") == ["the other store"]


def test_the_newer_generation_is_asked_for_roots_by_the_answer(connect, project) -> None:
    """2026-07-28 has no requests of the server: input_required, and the client repeats its request with the answer."""
    agent = connect()
    call = {"name": "memory_recall", "arguments": {"query": "x"}}
    wanted = agent.modern("tools/call", {"roots": {}}, **call)["result"]
    assert wanted["resultType"] == "input_required"
    assert wanted["inputRequests"] == {"roots": {"method": "roots/list"}}

    given = {"roots": {"roots": [{"uri": project.as_uri()}]}}
    found = agent.modern("tools/call", {"roots": {}}, **call, inputResponses=given)["result"]
    again = agent.modern("tools/call", {"roots": {}}, **call)["result"]

    assert found["structuredContent"]["scope_from"] == again["structuredContent"]["scope_from"] == "roots"


def test_a_client_without_roots_is_not_asked(connect) -> None:
    """It couldn't answer."""
    found = connect().modern("tools/call", name="memory_recall", arguments={"query": "x"})["result"]

    assert found["resultType"] == "complete"


junk = st.recursive(
    st.none() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["roots", "uri", "name"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(junk)
def test_whatever_a_client_calls_its_roots_is_survived(answer) -> None:
    """Fuzz: what is no file is passed over."""
    where = Place(Hello(cwd="/"))
    where.take_roots(answer)

    assert where.caller("mcp:x")[1] in ("none", "roots")


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        ("file:///home/a%20b", ["/home/a b"]), ("file://localhost/x", ["/x"]), ("file://other/x", []),
        ("https://x/y", []), ("file:relative", []), ("file://[", []), ("", []),
    ],
)  # fmt: skip
def test_a_root_is_a_local_folder(uri, found) -> None:
    """RFC 8089."""
    assert folders([uri]) == found


def test_a_hello_passes_over_what_it_does_not_know() -> None:
    """A newer relay may say more; a wrong zone or tool set is not worth a refusal."""
    said = hello.read(
        b'{"cwd": "/x", "tools": "huge", "zone": "Mars/Olympus", "read_only": 1, "scope": 7, "later": {}}'
    )

    assert said == Hello(cwd="/x")


@pytest.mark.parametrize("line", [b"nonsense", b"[]", b"7", b""])
def test_a_hello_that_is_no_object_is_refused(line) -> None:
    """A client of the socket that forgot it."""
    with pytest.raises(Refused):
        hello.read(line)

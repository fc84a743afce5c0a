"""What agents are offered: few words, all hints, and only what does something; and what each tool answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slm.daemon.mcp.eras import HANDSHAKE_VERSIONS, MODERN_VERSIONS
from slm.daemon.mcp.hello import Hello
from slm.daemon.mcp.instructions import instructions
from slm.daemon.mcp.tools import TOOLS, offered
from slm.daemon.unanswered import READING_TOOLS
from slm.embed.onnx import Embedder
from slm.engine.agents import ALLOWED
from slm.engine.live_sheaf import LiveSheaf
from slm.engine.ops import OPS

SIX = ["memory_recall", "memory_remember", "memory_correct", "memory_forget", "memory_get", "memory_context"]
HINTS = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
NEWEST = HANDSHAKE_VERSIONS[-1]
CORE = Hello()


def described(hello: Hello = CORE, version: str = NEWEST) -> list[dict]:
    return [tool.describe(name, version) for name, tool in offered(hello).items()]


def test_the_six_tools_take_fewer_than_two_thousand_tokens(embedder: Embedder) -> None:
    """Brief: schemas of the six under 2,000 tokens together. Counted twice: by WordPiece, to which every brace is a
    token, and by four bytes a token, hints and output schemas included."""
    text = json.dumps(described(), separators=(",", ":"))
    read_by_models = [{k: tool[k] for k in ("name", "description", "inputSchema")} for tool in described()]

    assert embedder.count(json.dumps(read_by_models, separators=(",", ":"))) < 2000
    assert len(text) / 4 < 2000


def test_the_instructions_are_short_too() -> None:
    """Every session pays for them."""
    assert len(instructions(read_only=False)) / 4 < 450


def test_six_tools_are_offered_unless_all_are_asked_for() -> None:
    """client.md: six small tools; ``--tools full`` adds more."""
    assert list(offered(Hello())) == SIX
    assert set(offered(Hello(tools="full"))) == set(TOOLS) > set(SIX)


@pytest.mark.parametrize("hello", [Hello(), Hello(tools="full"), Hello(read_only=True)])
def test_every_tool_has_all_four_hints_and_a_closed_world(hello) -> None:
    """client.md: all four annotation hints set, ``openWorldHint: false``."""
    for tool in described(hello):
        assert set(tool["annotations"]) == HINTS
        assert tool["annotations"]["openWorldHint"] is False
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["title"]


def test_only_forgetting_is_called_destructive() -> None:
    """A client asks its user before it lets a destructive tool run."""
    destructive = [tool["name"] for tool in described(Hello(tools="full")) if tool["annotations"]["destructiveHint"]]

    assert destructive == ["memory_forget"]


def test_read_only_offers_nothing_that_changes_anything() -> None:
    """``--read-only``: no writing tool, and no report of use in a reading one."""
    offered_ = described(Hello(tools="full", read_only=True))

    assert {tool["name"] for tool in offered_} == {
        "memory_recall", "memory_get", "memory_context", "memory_list", "memory_audit",
    }  # fmt: skip
    assert all(tool["annotations"]["readOnlyHint"] for tool in offered_)
    assert "used" not in offered_[0]["inputSchema"]["properties"]
    assert "memory_remember" not in instructions(read_only=True)


def test_read_only_refuses_what_it_does_not_offer(connect, desk) -> None:
    """A client may call what it was not offered."""
    agent = connect(read_only=True)
    agent.greet()

    answer = agent.request("tools/call", name="memory_remember", arguments={"text": "x"})

    assert answer["error"]["code"] == -32602
    assert "used" in agent.refused("memory_recall", query="x", used=["k3m9q"])
    assert desk.texts() == []


def test_claims_are_offered_since_the_engine_takes_them() -> None:
    """Nothing is offered that does nothing."""
    assert "claims" in offered(Hello())["memory_remember"].arguments
    assert "claim" in OPS["remember"].fields
    assert "claim" in ALLOWED["remember"]


def test_older_generations_are_not_sent_what_they_don_t_know() -> None:
    """Annotations came in 2025-03-26, titles and output schemas in 2025-06-18."""
    by_version = {version: set(described(version=version)[0]) for version in (*HANDSHAKE_VERSIONS, *MODERN_VERSIONS)}

    assert by_version["2024-11-05"] == {"name", "description", "inputSchema"}
    assert by_version["2025-03-26"] == {"name", "description", "inputSchema", "annotations"}
    assert "outputSchema" in by_version["2025-06-18"] & by_version["2025-11-25"] & by_version["2026-07-28"]


def test_an_older_generation_gets_text_alone(connect) -> None:
    """Structured content came in 2025-06-18."""
    agent = connect()
    agent.greet("2025-03-26")

    assert set(agent.tool("memory_recall", query="x")) == {"content", "isError"}


def test_the_relay_repeats_exactly_what_only_reads() -> None:
    """It must not know less than the table, nor more, but for tools that are still to come."""
    reading = {name for name, tool in TOOLS.items() if tool.effect == "reads"}

    assert reading <= READING_TOOLS
    assert not READING_TOOLS & (set(TOOLS) - reading)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("memory_recall", {}, "'query' is missing"),
        ("memory_recall", {"query": 7}, "query takes a string"),
        ("memory_recall", {"query": "x", "limit": 0}, "limit takes a whole number from 1 to 50"),
        ("memory_recall", {"query": "x", "limit": True}, "limit takes"),
        ("memory_recall", {"query": "x", "qurey": "y"}, "unknown argument 'qurey'"),
        ("memory_recall", {"query": "  "}, "the query is empty"),
        ("memory_recall", {"query": "x", "since": "whenever"}, "whenever"),
        ("memory_recall", {"query": "x", "tags": "work"}, "tags takes a list"),
        ("memory_remember", {"text": "x", "kind": "rumour"}, "kind takes one of note, fact"),
        ("memory_remember", {"text": ""}, "text"),
        ("memory_get", {"ids": []}, "at least one"),
        ("memory_get", {"ids": ["k"] * 33}, "at most 32"),
        ("memory_get", {"ids": ["!"]}, "not an id"),
        ("memory_forget", {"ids": ["zzzz"], "dry_run": "no"}, "dry_run takes true or false"),
        ("memory_context", {"cwd": "api"}, "absolute"),
        ("memory_context", {"budget_tokens": 1}, "from 100 to 20000"),
    ],
)
def test_a_wrong_argument_is_an_answer_that_a_model_can_mend(agent, tool, arguments, said) -> None:
    """2025-11-25: errors of input are results with isError, not errors of the protocol."""
    assert said in agent.refused(tool, **arguments)


def test_null_counts_as_not_given(agent) -> None:
    """Models fill in what they leave out."""
    assert agent.said("memory_recall", query="x", tags=None, since=None, limit=None)["abstained"]


# what they answer


def test_what_is_remembered_is_recalled_with_author_scope_and_id(agent) -> None:
    """client.md: memory_remember -> id, similar, conflicts; memory_recall -> recall_id, hits, abstained, reason."""
    made = agent.said("memory_remember", text="The API listens on 5433", kind="fact", tags=["api"], source="plan.md")

    found = agent.said("memory_recall", query="where the API listens", scope="global")

    assert made["status"] == "stored"
    assert found["hits"][0] == {
        "id": made["id"], "text": "The API listens on 5433", "by": "agent test", "at": found["hits"][0]["at"],
        "scope": "global", "kind": "fact", "tags": ["api"], "source": "plan.md",
    }  # fmt: skip
    assert not found["abstained"]
    assert (found["scope"], found["scope_from"]) == (["global"], "argument")


def test_a_memory_that_was_not_compared_yet_says_so(agent, desk, monkeypatch) -> None:
    """Pinned: an agent must not take "not known yet" for "contradicts nothing"."""
    monkeypatch.setattr("slm.engine.engine.WAITED_FOR", -1)
    desk.service.inspect(lambda engine: setattr(engine, "sheaf", LiveSheaf(engine.store, engine.claims)))

    result = agent.tool("memory_remember", text="The API listens on 5433")

    assert result["structuredContent"]["conflicts"] == []
    assert result["structuredContent"]["compared"] is False
    assert "Not compared" in result["content"][0]["text"]
    desk.call("audit")
    assert "compared" not in agent.said("memory_remember", text="The API is fast")


def test_an_abstention_says_why_and_shows_the_nearest_as_no_answer(agent, desk) -> None:
    """experience.md: abstains, says why, shows near misses."""
    for i in range(60):
        desk.remember(f"note {i} about gardens")

    result = agent.tool("memory_recall", query="kubernetes ingress")

    found = result["structuredContent"]
    assert found["abstained"]
    assert found["hits"] == []
    assert found["reason"]
    assert result["content"][0]["text"].startswith("Nothing in global answers this:")


def test_used_ids_count_as_uses_and_teach(agent, desk) -> None:
    """Brief: used ids in the next memory_recall count as uses."""
    kept = desk.remember("the API listens on 5433")
    desk.remember("the API is old")
    agent.said("memory_recall", query="the API listens")

    found = agent.said("memory_recall", query="anything else", used=[kept])

    assert found["used"] == [kept]
    assert desk.memory(kept)["uses"] == 1
    with desk.engine().store.read() as reader:
        assert [entry.actor for entry in reader.entries() if entry.op == "learn"] == ["mcp:test"]


def test_a_wrong_used_id_does_not_cost_the_answer(agent, desk) -> None:
    """The report is beside the question."""
    kept = desk.remember("the API listens on 5433")

    found = agent.said("memory_recall", query="the API listens", used=["zzzz"])

    assert found["hits"][0]["id"] == kept
    assert "zzzz" in found["used_error"]


def test_a_long_memory_is_cut_to_the_budget_and_whole_in_get(agent, desk) -> None:
    """A budget holds even for the first hit."""
    long = desk.remember("gardens " * 2000)

    hit = agent.said("memory_recall", query="gardens", budget_tokens=100)["hits"][0]

    assert hit["cut"]
    assert len(hit["text"]) <= 400
    assert "cut" not in agent.said("memory_get", ids=[long])["memories"][0]


def test_correct_keeps_the_history_which_get_shows(agent) -> None:
    """client.md: memory_get with history; the old id leads to what stands."""
    old = agent.said("memory_remember", text="The API listens on 5432")["id"]

    made = agent.said("memory_correct", id=old, text="The API listens on 5433", reason="PG16")
    got = agent.said("memory_get", ids=[old], history=True)["memories"][0]

    assert made["replaced"] == old
    assert (got["id"], got["history"][0]["text"]) == (made["id"], "The API listens on 5432")


def test_correct_with_a_date_says_until_when_the_old_text_was_true(agent, desk) -> None:
    """experience.md: ``--from DATE`` says it was true until then."""
    old = agent.said("memory_remember", text="The API listens on 5432", observed_at="2026-01-01")["id"]

    agent.said("memory_correct", id=old, text="The API listens on 5433", valid_from="2026-03-01")

    assert desk.history(old)[0]["valid_until"].startswith("2026-03-01")


def test_get_with_why_shows_what_the_last_recall_saw(agent, desk) -> None:
    """client.md: memory_get with why."""
    kept, other = desk.remember("the API listens on 5433"), desk.remember("gardens are green")
    agent.said("memory_recall", query="the API listens", limit=1)

    shown, unseen = agent.said("memory_get", ids=[kept, other], why=True)["memories"]

    assert shown["recalled"]["query"] == "the API listens"
    assert shown["recalled"]["why"]
    assert unseen["recalled"] is None


def test_a_recall_with_why_carries_the_terms(agent, desk) -> None:
    """client.md: why=false; the terms sum to the score."""
    desk.remember("the API listens on 5433")

    hit = agent.said("memory_recall", query="the API listens", why=True)["hits"][0]

    assert sum(hit["why"].values()) == pytest.approx(hit["score"], abs=1e-5)


def test_known_wrong_is_not_stored_and_said(agent, desk) -> None:
    """experience.md: remembering text that was forgotten stores nothing; only the user overrides."""
    desk.call("forget", id=[desk.remember("the moon is cheese")])

    made = agent.said("memory_remember", text="The moon is cheese")

    assert made["status"] == "known_wrong"
    assert desk.texts() == []


def test_similar_memories_are_shown_as_data(agent, desk) -> None:
    """experience.md: near duplicates are stored and listed as ``similar``."""
    near = desk.remember("the billing api of our shop listens on port 5432 since the move")

    result = agent.tool("memory_remember", text="the billing api of our shop listens on port 5433 since the move")

    assert result["structuredContent"]["similar"][0]["id"] == near
    assert (
        f"[slm:{near}]\n| the billing api of our shop listens on port 5432 since the move"
        in result["content"][0]["text"]
    )


def test_context_is_the_block_of_the_engine(agent, desk) -> None:
    """One block for all surfaces."""
    desk.remember("call me Al", pin=True)

    result = agent.tool("memory_context", topic="names", budget_tokens=300)

    assert result["content"][0]["text"] == result["structuredContent"]["text"]
    assert result["structuredContent"]["text"] == desk.call("context", topic="names", budget=300)["text"]


def test_context_in_a_folder_is_of_its_project(agent, desk, tmp_path: Path) -> None:
    """client.md: memory_context cwd."""
    repository = tmp_path / "api"
    (repository / ".git").mkdir(parents=True)
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository / ".git" / "config").write_text('[remote "origin"]\n url = git@github.com:acme/api.git\n')
    desk.remember("deploys are on Tuesday", in_scope="github.com/acme/api", kind="decision")

    found = agent.said("memory_context", cwd=str(repository))

    assert "Tuesday" in found["text"]
    assert (found["scope"][0], found["scope_from"]) == ("github.com/acme/api", "argument")


def test_list_and_used_are_for_those_who_ask_for_all(connect, desk) -> None:
    """client.md: ``--tools full`` adds memory_list, memory_audit, memory_used."""
    agent = connect(tools="full")
    agent.greet()
    ids = [desk.remember(f"note {i}", tag=["x"]) for i in range(3)]

    first = agent.said("memory_list", limit=2, tags=["x"])
    rest = agent.said("memory_list", limit=2, tags=["x"], after=first["next"])
    used = agent.said("memory_used", ids=ids[:2])

    assert [memory["id"] for memory in first["memories"] + rest["memories"]] == ids[::-1]
    assert used["used"] == ids[:2]


def test_a_list_keeps_to_its_budget_and_goes_on_where_it_was_spent(connect, desk) -> None:
    """A page of long notes must not flood the agent; nothing is passed over between two pages."""
    agent = connect(tools="full")
    agent.greet()
    ids = [desk.remember(f"note {i} " + "word " * 100) for i in range(5)]

    pages, after = [], None
    while True:
        page = agent.said("memory_list", budget_tokens=350, **({"after": after} if after else {}))
        pages.append([memory["id"] for memory in page["memories"]])
        if (after := page.get("next")) is None:
            break

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [memory_id for page in pages for memory_id in page] == ids[::-1]


def test_a_text_that_is_longer_than_the_budget_is_cut_and_says_so(connect, desk) -> None:
    """One memory is always shown."""
    agent = connect(tools="full")
    agent.greet()
    desk.remember("word " * 1000)

    (memory,) = agent.said("memory_list", budget_tokens=100)["memories"]

    assert memory["cut"]
    assert len(memory["text"]) <= 400


@pytest.fixture
def auditor(connect):
    agent = connect(tools="full")
    agent.greet()
    return agent


def test_an_audit_tells_the_contradiction_and_whose_it_is_to_settle(auditor, desk) -> None:
    """client.md: the audit's shape; agents never resolve conflicts."""
    first = desk.remember("Alice lives in Paris", at="2026-03-01")
    second = desk.remember("Alice lives in Rome", at="2026-03-01", source="team.md")

    answer = auditor.tool("memory_audit")
    found, text = answer["structuredContent"], answer["content"][0]["text"]

    (conflict,) = found["conflicts"]
    claims = {claim["memory_id"]: (claim["text"], claim["source"]) for claim in conflict["claims"]}
    assert claims == {first: ("Alice lives in Paris", None), second: ("Alice lives in Rome", "team.md")}
    assert {"id", "kind", "severity", "scope", "residual", "tolerance", "suspects", "advice"} < set(conflict)
    assert (found["total"], found["coverage"]["dim_h1"], found["scope"]) == (1, 1, ["global"])
    cited = " ".join(f"[slm:{memory_id}]" for memory_id in claims)
    assert text.startswith(f"c:{conflict['id'][:5]} {cited} can't all be true\n")
    assert "| Alice lives in Rome" in text
    assert "Tell the user, who alone can settle this" in text
    for tool in ("memory_resolve", "audit_resolve"):
        assert auditor.request("tools/call", name=tool, arguments={})["error"]["code"] == -32602


def test_an_audit_says_by_how_much_the_sum_is_off(auditor, desk) -> None:
    """experience.md: each is told with the sum that doesn't work out."""
    desk.remember("one", claim=["deploy.date=audit.date-2d"])
    desk.remember("two", claim=["audit.date=2026-03-14"])
    desk.remember("three", claim=["deploy.date=2026-03-10"])

    text = auditor.tool("memory_audit")["content"][0]["text"]

    assert "can't all be true (off by 2 day" in text.splitlines()[0]


def test_an_audit_without_contradictions_says_what_it_could_check(auditor, desk) -> None:
    """consistency.md: 0 independent checks means that nothing could have conflicted, and the report must say so."""
    desk.remember("Alice lives in Paris")

    text = auditor.tool("memory_audit")["content"][0]["text"]

    assert text == "No contradictions: 1 claim, 0 independent checks, in global. What makes no claim can't be checked."


def test_an_audit_keeps_to_limit_filters_and_budget(auditor, desk) -> None:
    """The most severe that fit, one at least; the total tells of the others."""
    for n in range(4):
        for city in ("Paris", "Rome"):
            desk.remember(f"Person{n} lives in {city}. " + "word " * 40, at="2026-03-01", tag=[f"t{n}"])

    def shown(**given) -> tuple[int, int]:
        found = auditor.said("memory_audit", **given)
        return len(found["conflicts"]), found["total"]

    assert shown(budget_tokens=20_000) == (4, 4)
    assert shown(budget_tokens=20_000, limit=3) == (3, 4)
    assert shown(budget_tokens=100) == (1, 4)
    assert shown(budget_tokens=20_000, tags=["t2"]) == (1, 1)
    assert shown(budget_tokens=20_000, source="nowhere.md") == (0, 0)
    assert "2 more: ask" in auditor.tool("memory_audit", limit=2, budget_tokens=20_000)["content"][0]["text"]


def test_looking_at_contradictions_is_no_use_of_the_memories(auditor, desk) -> None:
    """lifecycle.md: an access is opening a hit; an audit asks for none."""
    first = desk.remember("Alice lives in Paris", at="2026-03-01")
    desk.remember("Alice lives in Rome", at="2026-03-01")
    auditor.said("memory_recall", query="Alice")
    auditor.said("memory_audit")

    assert desk.memory(first)["uses"] == 0


# resources and the prompt


def test_a_resource_is_fenced_text_and_an_unknown_one_is_not_found(agent, connect, desk) -> None:
    """memory://{id}; -32002 until 2025-11-25, -32602 since."""
    kept = desk.remember("the API listens on 5433")

    contents = agent.request("resources/read", uri=f"memory://{kept}")["result"]["contents"]

    assert contents[0]["mimeType"] == "text/plain"
    assert "| the API listens on 5433" in contents[0]["text"]
    for uri in ("memory://zzzzzzzzzzzz", "memory://", "memory://../etc", "file:///etc/passwd", "memory://profile/x"):
        assert agent.request("resources/read", uri=uri)["error"]["code"] == -32002
        assert connect().modern("resources/read", uri=uri)["error"]["code"] == -32602


def test_the_profile_is_what_stands_without_a_topic(agent, desk) -> None:
    """memory://profile."""
    assert "Nothing" in agent.request("resources/read", uri="memory://profile")["result"]["contents"][0]["text"]
    desk.remember("call me Al", kind="preference")

    assert "call me Al" in agent.request("resources/read", uri="memory://profile")["result"]["contents"][0]["text"]


def test_the_prompt_holds_what_memory_says_and_then_the_question(agent, desk) -> None:
    """Prompt ``recall``."""
    desk.remember("the API listens on 5433")
    prompt = {"name": "recall", "arguments": {"question": "where the API listens"}}

    message = agent.request("prompts/get", **prompt)["result"]["messages"][0]

    assert message["role"] == "user"
    assert message["content"]["text"].endswith("\n\nwhere the API listens")
    assert "| the API listens on 5433" in message["content"]["text"]


@pytest.mark.parametrize(
    ("method", "part", "names"),
    [
        ("resources/list", "resources", ["profile"]),
        ("resources/templates/list", "resourceTemplates", ["memory"]),
        ("prompts/list", "prompts", ["recall"]),
        ("tools/list", "tools", SIX),
    ],
)
def test_lists_are_one_page_that_may_be_kept(agent, connect, method, part, names) -> None:
    """2026-07-28: ttlMs and cacheScope on what can be kept."""
    old, new = agent.request(method)["result"], connect().modern(method)["result"]

    assert [entry["name"] for entry in old[part]] == names
    assert set(old) == {part}
    assert new["ttlMs"] > 0
    assert new["cacheScope"] == "private"

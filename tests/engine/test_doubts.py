from __future__ import annotations

from typing import Any

import pytest

from slm.engine.doubts import Doubts
from slm.engine.eligible import Mask
from slm.engine.engine import Engine
from tests.engine.desk import Desk


def flags(desk: Desk, query: str, **fields: Any) -> dict[str, list[str]]:
    return {hit["memory"]["text"]: hit["flags"] for hit in desk.hits(query, **fields)}


def contradiction(desk: Desk, **fields: Any) -> tuple[str, str]:
    """Two memories that can't both be true; the fields are the second's."""
    first = desk.remember("Alice lives in Paris", at="2026-03-01")
    return first, desk.remember("Alice lives in Rome", at="2026-03-01", **fields)


class TestRecall:
    def test_a_contradicted_memory_says_so_until_it_is_settled(self, desk: Desk) -> None:
        """Design page: in recall a contradicted memory is marked."""
        contradiction(desk)
        assert flags(desk, "Alice") == {
            "Alice lives in Paris": ["contradicted"],
            "Alice lives in Rome": ["contradicted"],
        }

        desk.call("audit_resolve", conflict=desk.call("audit")["conflicts"][0]["id"], accept=True)

        assert flags(desk, "Alice") == {"Alice lives in Paris": [], "Alice lives in Rome": []}

    def test_a_memory_whose_claims_were_replaced_comes_after_the_newer_and_says_so(self, desk: Desk) -> None:
        """Design page: a superseded memory ranks after its successor."""
        old = desk.remember("Alice lives in Paris", at="2026-03-01")
        new = desk.remember("Alice moved to Berlin", at="2026-03-02")

        hits = {hit["memory"]["id"]: hit for hit in desk.hits("Alice lives in Paris", why=True)}

        assert hits[new]["rank"] < hits[old]["rank"]
        assert (hits[old]["flags"], hits[old]["successor"]) == (["superseded"], new)
        assert hits[old]["why"]["supersedes"] < 0
        assert (hits[new]["flags"], hits[new]["successor"]) == ([], None)

    def test_a_memory_of_which_a_claim_still_stands_keeps_its_place(self, desk: Desk) -> None:
        """What it says beside the replaced claim may be what is asked for."""
        old = desk.remember("Alice lives in Paris. Bob lives in Oslo.", at="2026-03-01")
        desk.remember("Alice moved to Berlin", at="2026-03-02")

        (hit,) = [hit for hit in desk.hits("Bob lives in Oslo") if hit["memory"]["id"] == old]

        assert (hit["rank"], hit["flags"], hit["successor"]) == (1, [], None)

    def test_nobody_asks_who_may_see_what_unless_a_claim_speaks_against_it(self, desk: Desk) -> None:
        """It is worked out for every memory of a store, so that most answers can't afford it."""
        plain = desk.memory(desk.remember("the garden is wet"))
        first, _ = contradiction(desk)
        asked: list[int] = []

        def looked(engine: Engine) -> list[int]:
            def seen() -> Mask:
                asked.append(engine.index.columns.count)
                return engine.index.columns.live()

            with engine.store.read() as reader:
                doubts = Doubts(engine.sheaf, reader, seen)
                doubts.marked(0, {"memory": plain, "flags": []})
                before = len(asked)
                ordinal = reader.ordinal_of(first) or 0
                marked = doubts.marked(ordinal, {"memory": reader.memory(ordinal).record(), "flags": []})
            assert marked["flags"] == ["contradicted"]
            return [before, len(asked)]

        assert desk.service.inspect(looked) == [0, 1]

    def test_before_the_change_the_older_was_true(self, desk: Desk) -> None:
        """experience.md, ``--as-of``: what was true on that day."""
        desk.remember("Alice lives in Paris", at="2026-03-01")
        desk.remember("Alice moved to Berlin", at="2026-03-10")

        assert flags(desk, "Alice", as_of="2026-03-05") == {"Alice lives in Paris": []}
        assert flags(desk, "Alice", as_of="2026-03-12")["Alice lives in Paris"] == ["superseded"]

    def test_the_order_is_gone_with_the_claim_that_it_came_from(self, desk: Desk) -> None:
        """It follows from the claims and is stored nowhere."""
        desk.remember("Alice lives in Paris", at="2026-03-01")
        new = desk.remember("Alice moved to Berlin", at="2026-03-02")
        desk.call("claims_drop", id=[new])

        assert flags(desk, "Alice")["Alice lives in Paris"] == []

    @pytest.mark.parametrize("op", ["why", "why for", "why last"])
    def test_why_says_the_same_as_recall(self, desk: Desk, op: str) -> None:
        """Flags mean the same wherever they are shown."""
        first, _ = contradiction(desk)
        desk.hits("Alice")
        asked = {"why": {"id": first}, "why for": {"id": first, "for": "Alice"}, "why last": {"last": True}}[op]

        answer = desk.call("why", **asked)

        told = answer["hits"] if op == "why last" else [answer]
        assert {tuple(one["flags"]) for one in told} == {("contradicted",)}


class TestPrivacy:
    """experience.md: private memories never go through MCP; nothing may be guessed from what they contradict."""

    def test_an_agent_is_not_told_of_a_contradiction_with_a_private_memory(self, desk: Desk) -> None:
        """Neither by audit, nor by flags, nor in the answer to what it remembers itself."""
        desk.remember("Alice lives in Paris", at="2026-03-01", private=True)

        answer = desk.call("remember", text="Alice lives in Rome", at="2026-03-01", as_actor="mcp:x")

        assert (answer["conflicts"], answer["supersedes"]) == ([], [])
        audit = desk.call("audit", as_actor="mcp:x", all_scopes=True)
        assert (audit["total"], audit["coverage"]["memories"], audit["coverage"]["claims"]) == (0, 1, 1)
        assert flags(desk, "Alice", as_actor="mcp:x") == {"Alice lives in Rome": []}
        assert desk.call("audit")["total"] == 1

    def test_an_agent_is_not_told_that_a_private_memory_is_newer(self, desk: Desk) -> None:
        """The order of what it sees stays as if there were none."""
        desk.remember("Alice lives in Paris", at="2026-03-01")
        secret = desk.remember("Alice moved to Berlin", at="2026-03-02", private=True)

        (hit,) = desk.hits("Alice", why=True, as_actor="mcp:x")

        assert (hit["flags"], hit["successor"], "supersedes" in hit["why"]) == ([], None, False)
        assert secret not in str(desk.call("audit", as_actor="mcp:x"))

    def test_a_contradiction_that_a_private_memory_repeats_is_told_without_it(self, desk: Desk) -> None:
        """The agent sees two memories that contradict each other, whichever of the equal ones the sheaf names."""
        visible, other = contradiction(desk)
        desk.remember("Alice lives in Paris!", at="2026-02-28", private=True)
        desk.call("forget", id=[visible])
        desk.call("undo")

        for answer in (desk.call("audit", as_actor="mcp:x")["conflicts"], _again(desk, other)):
            (conflict,) = answer
            assert {claim["memory_id"] for claim in conflict["claims"]} == {visible, other}

    def test_an_agent_does_not_resolve_what_it_can_not_see(self, desk: Desk) -> None:
        """The id of a hidden conflict names nothing for it either."""
        contradiction(desk, private=True)
        name = desk.call("audit")["conflicts"][0]["id"]

        assert name not in str(desk.call("audit", as_actor="mcp:x", accepted=True))


def _again(desk: Desk, memory_id: str) -> list[dict[str, Any]]:
    """What an agent is told that says the same as a memory once more."""
    text = desk.memory(memory_id)["text"]
    return list(desk.call("remember", text=text, as_actor="mcp:x")["conflicts"])


class TestScopes:
    """client.md: scope from the working folder; project and global are looked at, others never unasked."""

    def test_a_contradiction_with_another_project_is_reported_there_alone_or_everywhere(self, desk: Desk) -> None:
        """People are the same in all projects, so the sheaf knows; the caller sees project and global."""
        desk.remember("Alice lives in Paris", at="2026-03-01", in_scope="acme/api")

        answer = desk.call("remember", text="Alice lives in Rome", at="2026-03-01", in_scope="acme/web")

        assert answer["conflicts"] == []
        assert desk.call("audit", in_scope="acme/web")["total"] == 0
        assert desk.call("audit", all_scopes=True)["total"] == 1
        assert flags(desk, "Alice", in_scope="acme/web") == {"Alice lives in Rome": []}
        assert set(map(tuple, flags(desk, "Alice", all_scopes=True).values())) == {("contradicted",)}

    def test_equal_names_in_two_projects_are_two_things(self, desk: Desk) -> None:
        """Every project has its own api."""
        for scope, port in (("acme/api", 5432), ("acme/web", 5433)):
            desk.remember(f"The api listens on {port}", in_scope=scope, at="2026-03-01")

        assert desk.call("audit", all_scopes=True)["total"] == 0

    def test_merging_two_scopes_brings_their_contradictions_together(self, desk: Desk) -> None:
        """``scope rename`` into an existing scope."""
        for scope, port in (("acme/api", 5432), ("acme/web", 5433)):
            desk.remember(f"The api listens on {port}", in_scope=scope, at="2026-03-01")

        desk.call("scope_rename", from_="acme/web", to="acme/api")

        assert desk.call("audit", in_scope="acme/api")["total"] == 1

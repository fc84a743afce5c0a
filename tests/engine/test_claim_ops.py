from __future__ import annotations

from typing import Any

import pytest

from slm.errors import InvalidInput, NeedsUser, NotFound
from tests.engine.desk import Desk
from tests.engine.test_audit import DEPLOY, three


def claims(desk: Desk, memory_id: str) -> list[str]:
    (memory,) = desk.call("claims_list", id=[memory_id])["memories"]
    return [claim["claim"] for claim in memory["claims"]]


class TestRemember:
    def test_explicit_claims_are_kept_as_they_were_written(self, desk: Desk) -> None:
        """client.md, record field ``claims``."""
        first = desk.remember("We moved the api", claim=["api.port = 5433", "api.host!=db1"])

        assert desk.memory(first)["claims"] == ["api.port = 5433", "api.host!=db1"]
        assert claims(desk, first) == ["api.port = 5433", "api.host!=db1"]

    def test_a_claim_that_can_not_be_read_refuses_the_record_with_its_place(self, desk: Desk) -> None:
        """Design page: parse or reject, never guess; a batch says which record."""
        with pytest.raises(InvalidInput, match="at character 10"):
            desk.call("remember", text="x", claim=["api.port="])
        batch = [{"text": "y"}, {"text": "x", "claims": ["api.port"]}]
        with pytest.raises(InvalidInput, match=r"^record 2: can't read the claim 'api.port' at character 9"):
            desk.call("remember", batch=batch)
        assert desk.texts() == []

    def test_what_a_memory_contradicts_is_in_the_answer_and_it_is_stored(self, desk: Desk) -> None:
        """client.md: ``conflicts``; design page: conflicts never delete or hide a memory."""
        three(desk)
        desk.call("undo")

        answer = desk.call("remember", text=f"{DEPLOY}!", at="2026-03-03")

        assert (answer["status"], len(answer["conflicts"]), answer["supersedes"]) == ("stored", 1, [])
        assert f"{DEPLOY}!" in desk.texts()

    def test_what_a_memory_replaces_is_in_the_answer_and_stays(self, desk: Desk) -> None:
        """Supersession is an order, not an end: the older memory is found as before, after the newer."""
        old = desk.remember("Alice lives in Paris", at="2026-03-01")

        answer = desk.call("remember", text="Alice moved to Berlin", at="2026-03-02", zone="UTC")

        (replaced,) = answer["supersedes"]
        assert (replaced["id"], replaced["text"], replaced["by"]) == (old, "Alice lives in Paris", "claims")
        assert replaced["at"].startswith("2026-03-02T00:00:00")
        assert desk.memory(old)["superseded_by"] is None

    def test_what_a_person_replaces_is_told_once(self, desk: Desk) -> None:
        """--supersedes and the words of the text say the same."""
        old = desk.remember("Alice lives in Paris", at="2026-03-01")

        answer = desk.call("remember", text="Alice moved to Berlin", supersedes=[old])

        assert [(one["id"], one["by"]) for one in answer["supersedes"]] == [(old, "you")]

    def test_three_versions_in_a_row_do_not_contradict_each_other(self, desk: Desk) -> None:
        """Each held from when it was told until the next."""
        first = desk.remember("The api listens on 5432")
        second = desk.call("remember", text="The api listens on 5433", supersedes=[first])["id"]
        answer = desk.call("remember", text="The api listens on 5434", supersedes=[second])

        assert (answer["conflicts"], desk.call("audit")["total"]) == ([], 0)

    @pytest.mark.parametrize("since", [None, "2026-01-01"])
    def test_a_corrected_memory_contradicts_nothing_any_more(self, desk: Desk, since: str | None) -> None:
        """``correct``: it was never true, or true until then; its explicit claims go with it."""
        first = desk.remember("The api port is 5432", claim=["api.host=db1"], at="2025-12-01")
        desk.remember("The api port is 5433", claim=["api.host=db2"], at="2026-01-02")
        assert desk.call("audit")["total"] == 2

        new = desk.call("correct", id=first, text="The api port is 5433 really", from_=since)["id"]

        assert (desk.call("audit")["total"], desk.memory(new)["claims"]) == (0, [])

    def test_a_confirmation_adds_its_claims_and_counts(self, desk: Desk) -> None:
        """The same statement once more; the least confirmed is doubted first."""
        first = desk.remember("Alice lives in Paris", claim=["alice.age=30"])

        answer = desk.call("remember", text="alice lives in paris", claim=["alice.size=170"])

        assert (answer["status"], desk.memory(first)["claims"]) == ("confirmed", ["alice.age=30", "alice.size=170"])
        assert {claim["confirmations"] for claim in desk.memory(first)["all_claims"]} == {1}

    def test_a_batch_tells_each_record_its_own(self, desk: Desk) -> None:
        """Each of two records that contradict each other is told so."""
        batch = [{"text": f"Alice lives in {city}", "observed_at": "2026-03-01"} for city in ("Paris", "Rome", "Paris")]
        batch[2]["text"] = "Nothing else."

        results = desk.call("remember", batch=batch)["results"]

        assert [len(result["conflicts"]) for result in results] == [1, 1, 0]

    def test_an_import_is_not_slowed_by_what_it_contradicts(self, desk: Desk) -> None:
        """As with ``similar``: the audit tells afterwards."""
        batch = [{"text": f"Alice lives in {city}", "observed_at": "2026-03-01"} for city in ("Paris", "Rome")]

        results = desk.call("remember", batch=batch, as_actor="import:jsonl")["results"]

        assert [result["conflicts"] for result in results] == [[], []]
        assert desk.call("audit")["total"] == 1


class TestList:
    def test_the_newest_memories_with_claims_come_a_page_at_a_time(self, desk: Desk) -> None:
        """As ``list``: a page says where the next one begins."""
        for n in range(3):
            desk.remember(f"Person{n} lives in Rome")
            desk.remember(f"nothing {n}")

        pages, after = [], None
        while True:
            page = desk.call("claims_list", limit=2, after=after)
            pages.append([memory["text"] for memory in page["memories"]])
            if (after := page["next"]) is None:
                break

        assert pages == [["Person2 lives in Rome", "Person1 lives in Rome"], ["Person0 lives in Rome"]]

    def test_claims_tell_where_they_stand_in_the_text(self, desk: Desk) -> None:
        """``span`` is a place in the memory's text; an explicit claim has none."""
        first = desk.remember("Hello. Alice lives in Paris.", claim=["bob.age=4"])

        told = desk.memory(first)["all_claims"]

        assert [claim["tier"] for claim in told] == ["explicit", "rule"]
        assert (told[0]["span"], told[1]["text"][slice(*told[1]["span"])]) == (None, "Alice lives in Paris.")

    def test_a_private_memory_is_not_there_for_agents(self, desk: Desk) -> None:
        """experience.md: --private memories never go through MCP."""
        first = desk.remember("Alice lives in Paris", private=True)

        assert desk.call("claims_list", as_actor="mcp:x")["memories"] == []
        with pytest.raises(NotFound):
            desk.call("claims_list", id=[first], as_actor="mcp:x")


class TestAddAndDrop:
    def test_added_claims_are_compared_at_once(self, desk: Desk) -> None:
        """The answer tells what they contradict."""
        first = desk.remember("Alice is here", at="2026-03-01")
        desk.remember("Alice lives in Rome", at="2026-03-01")

        answer = desk.call("claims_add", id=first, claim=["alice.city=Paris"])

        assert (len(answer["conflicts"]), [claim["claim"] for claim in answer["claims"]]) == (1, ["alice.city=Paris"])

    def test_dropped_claims_count_no_more_and_are_shown_as_such(self, desk: Desk) -> None:
        """The memory stays; adding it again doesn't bring a dropped claim back unnoticed."""
        first = desk.remember("Alice lives in Paris. Bob lives in Oslo.", at="2026-03-01")
        name = desk.memory(first)["all_claims"][0]["id"]

        answer = desk.call("claims_drop", id=[name[:15]])

        assert [claim["id"] for claim in answer["dropped"]] == [name]
        assert [claim["dropped"] for claim in desk.memory(first)["all_claims"]] == [True, False]

    def test_both_are_taken_back_by_undo(self, desk: Desk) -> None:
        """One entry each."""
        first = desk.remember("Alice lives in Paris")
        before = desk.exported()
        desk.call("claims_add", id=first, claim=["alice.age=30"])
        desk.call("claims_drop", id=[first])

        assert [desk.call("undo")["op"] for _ in range(2)] == ["claims", "claims"]
        assert desk.exported() == before

    @pytest.mark.parametrize(
        ("op", "fields"),
        [("claims_add", {"claim": ["a.b=c"]}), ("claims_drop", {})],
    )
    def test_agents_have_no_say_over_claims_that_are_there(self, desk: Desk, op: str, fields: dict[str, Any]) -> None:
        """experience.md, Agents: they give claims with a memory and change none."""
        first = desk.remember("Alice lives in Paris")
        named = first if op == "claims_add" else [first]

        with pytest.raises(NeedsUser, match="agents"):
            desk.call(op, id=named, as_actor="mcp:x", **fields)

    def test_what_can_not_be_done_is_said(self, desk: Desk) -> None:
        """A claim that is none, a memory that was forgotten, a claim that isn't there."""
        first = desk.remember("Alice lives in Paris")
        with pytest.raises(InvalidInput, match="claims add: can't read the claim"):
            desk.call("claims_add", id=first, claim=["nonsense"])
        with pytest.raises(NotFound, match="names no claim here"):
            desk.call("claims_drop", id=[f"{first}/zzzzzzzz"])
        desk.call("forget", id=[first])
        with pytest.raises(NotFound, match="was forgotten"):
            desk.call("claims_add", id=first, claim=["a.b=c"])


def test_questions_go_ahead_while_a_long_text_is_read(desk: Desk) -> None:
    """experience.md: no question waits for a long document."""
    served: list[int] = []
    desk.engine()._worker.serve_queries = lambda: served.append(1)  # type: ignore[method-assign]
    lines = "\n\n".join(f"Person{n} lives in Rome." for n in range(800))

    first = desk.remember(lines)

    assert len(claims(desk, first)) == 800
    assert len(served) >= len(lines) // 4096

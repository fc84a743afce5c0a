from __future__ import annotations

from collections.abc import Callable

import pytest

from slm.errors import InvalidInput
from tests.engine.desk import Desk

FACTS = ["the api listens on 5433", "Ana is allergic to olives", "the backup runs at night", "Ben moved to Porto"]


def test_the_result_has_the_documented_fields(desk: Desk) -> None:
    """client.md, Records and results: stable, the same in every dialect."""
    desk.remember(FACTS[0])

    answer = desk.call("recall", query="api", why=True)

    assert set(answer) == {
        "recall_id", "hits", "abstained", "reason", "probability", "near_misses", "scope", "answer", "elsewhere",
        "searched", "with_archived", "left_out", "timings_ms",
    }  # fmt: skip
    assert set(answer["hits"][0]) == {
        "rank", "score", "memory", "phase", "flags", "successor", "why", "channels", "weights", "nearer_than",
    }  # fmt: skip
    assert (answer["abstained"], answer["searched"], answer["scope"]) == (False, 1, ["global"])
    assert set(answer["timings_ms"]) == {"wait", "filter", "embed", "rank", "read", "total"}


def test_the_terms_of_every_score_sum_to_it(desk: Desk) -> None:
    """DESIGN.md: a score is a sum of named terms; ``why`` prints them."""
    for text in [*FACTS, "olives " * 300]:
        desk.remember(text)
    old = desk.remember("Ana dislikes olives")
    desk.remember("Ana tolerates olives", supersedes=old)

    hits = desk.hits("is Ana allergic to olives", why=True)

    assert len(hits) == 7
    assert [round(sum(hit["why"].values()), 6) for hit in hits] == [hit["score"] for hit in hits]
    assert all(round(value, 6) == value for hit in hits for value in hit["why"].values())
    assert {"meaning", "words", "length"} <= set(hits[0]["why"])


def test_the_stages_are_the_whole_time(desk: Desk) -> None:
    """client.md, ``timings_ms``: each stage and the total; another look elsewhere is a stage of its own."""
    desk.remember("the port is 5433", in_scope="acme/web")

    times = desk.call("recall", query="port", in_scope="acme/api")["timings_ms"]
    total = times.pop("total")

    assert list(times) == ["wait", "filter", "embed", "rank", "read", "elsewhere"]
    assert sum(times.values()) == pytest.approx(total, abs=0.006)  # each is rounded to a thousandth


def test_why_says_where_a_hit_stands_in_each_channel(desk: Desk) -> None:
    """design/retrieval.md, ``why``: shown with the channel ranks, of all that were searched."""
    for text in FACTS:
        desk.remember(text)
    desk.remember(FACTS[0], in_scope="acme/api")

    hits = desk.hits("where does the api listen", why=True)

    assert hits[0]["channels"]["meaning"] == hits[0]["channels"]["words"] == 1
    assert sorted(hit["channels"]["meaning"] for hit in hits) == [1, 2, 3, 4]
    assert {hit["channels"]["words"] for hit in hits[1:]} == {2}, "three share no word with the question"
    assert desk.hits("api")[0]["channels"] == {}


def test_terms_are_given_only_when_asked_for(desk: Desk) -> None:
    """client.md: ``why``."""
    desk.remember(FACTS[0])

    assert desk.hits("api")[0]["why"] == {}


def test_hits_come_in_the_order_of_their_scores_with_ranks_from_one(desk: Desk) -> None:
    """client.md, hits."""
    for text in FACTS:
        desk.remember(text)

    hits = desk.hits("where did Ben move to")

    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4]
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert hits[0]["memory"]["text"] == "Ben moved to Porto"
    assert [hit["nearer_than"] for hit in hits] == [3, 2, 1, 0]


def test_equal_scores_are_ordered_by_id(new_desk: Callable[..., Desk]) -> None:
    """DESIGN.md: ties are broken by id. Attention would tell equal texts apart: its wobble is each memory's own."""
    desk = new_desk(lifecycle__enabled=False)
    ids = [desk.remember("same words", kind="turn") for _ in range(9)]

    assert [hit["memory"]["id"] for hit in desk.hits("same words")] == sorted(ids)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_small_stores_answer_a_paraphrase(real_desk: Desk, count: int) -> None:
    """experience.md: stores of 1, 3 and 10 memories behave sensibly; a paraphrase that shares no word is found."""
    texts = [
        "The API listens on 5433", "Ana is allergic to nuts", "The car needs new tyres", "Ben's birthday is in May",
        "We deploy on Thursdays", "The router is in the attic", "Rent is due on the first", "The cat is called Mo",
        "Garlic goes into the sauce last", "The flight leaves at nine",
    ]  # fmt: skip
    for text in texts[:count]:
        real_desk.remember(text)

    answer = real_desk.call("recall", query="which port does our service use")

    assert answer["abstained"] is False
    assert answer["hits"][0]["memory"]["text"] == "The API listens on 5433"


def test_a_small_store_abstains_only_when_nothing_is_near(real_desk: Desk) -> None:
    """experience.md: below 50 memories slm abstains only when nothing is near at all."""
    real_desk.remember("The API listens on 5433")

    answer = real_desk.call("recall", query="giraffe")

    assert (answer["abstained"], answer["hits"]) == (True, [])
    assert answer["reason"] == "nothing about giraffe"
    assert [miss["memory"]["text"] for miss in answer["near_misses"]] == ["The API listens on 5433"]


def test_a_few_notes_answer_paraphrases_and_nothing_else(real_desk: Desk) -> None:
    """experience.md: stores of a few memories behave sensibly; being all there is makes no answer."""
    for text in (
        "the spare key is under the blue pot",
        "Mina takes the kids on Wednesdays",
        "boiler pressure is 1.5 bar",
    ):
        real_desk.remember(text)

    for paraphrase in ("where is the extra key hidden", "who looks after the children midweek", "heating gauge", "bar"):
        assert real_desk.call("recall", query=paraphrase)["hits"], paraphrase
    for unrelated in (
        "who discovered penicillin",
        "how many moons does Jupiter have",
        "how do I reverse a linked list",
    ):
        assert real_desk.call("recall", query=unrelated)["abstained"], unrelated


def test_an_empty_store_says_that_it_is_empty(desk: Desk) -> None:
    """experience.md: an honest "nothing"."""
    answer = desk.call("recall", query="anything")

    assert (answer["abstained"], answer["reason"], answer["probability"]) == (True, "nothing is remembered here yet", 0)


def test_zero_confidence_never_abstains(desk: Desk) -> None:
    """The configuration: 0 always answers."""
    desk.remember(FACTS[0])

    assert len(desk.call("recall", query="giraffe", min_confidence=0)["hits"]) == 1


def test_full_confidence_in_a_large_store_abstains_with_near_misses(desk: Desk) -> None:
    """client.md: near misses have the same form and order as hits."""
    for number in range(60):
        desk.remember(f"note number{number} about the garden")

    answer = desk.call("recall", query="note about the garden gnome", min_confidence=1)
    shown = desk.hits("note about the garden gnome", limit=3)

    assert (answer["abstained"], answer["reason"]) == (True, "nothing about gnome")
    assert answer["near_misses"] == shown


def test_time_filters_take_both_ends_in(desk: Desk) -> None:
    """client.md, ``--since`` and ``--until``: a day named as an end is taken whole."""
    for day in ("2024-03-13", "2024-03-14", "2024-03-15"):
        desk.remember(f"standup of {day}", at=f"{day}T12:00:00Z")

    def days(**fields: str) -> list[str]:
        return sorted(text[-2:] for text in desk.found("standup", zone="UTC", **fields))

    assert days(since="2024-03-14") == ["14", "15"]
    assert days(until="2024-03-14") == ["13", "14"]
    assert days(since="2024-03-14", until="2024-03-14") == ["14"]
    assert days(since="yesterday", now="2024-03-16T08:00") == ["15"]
    assert days(since="2024-03-14T12:00:01Z", until="2024-03-14T23:00Z") == []


@pytest.mark.parametrize("year", ["1500", "9000"])
def test_times_outside_what_the_store_counts_compare_all_the_same(desk: Desk, year: str) -> None:
    """64-bit nanoseconds end in 1678 and 2261; a filter may name any year."""
    desk.remember(FACTS[0])

    assert len(desk.found("api", since=f"{year}-01-01")) == (1 if year == "1500" else 0)
    assert len(desk.found("api", until=f"{year}-01-01")) == (0 if year == "1500" else 1)


def test_filters_that_leave_nothing_say_so(desk: Desk) -> None:
    """Pinned behaviour: an empty answer has a reason."""
    desk.remember(FACTS[0])

    answer = desk.call("recall", query="api", as_of="2001")

    assert (answer["abstained"], answer["reason"]) == (True, "nothing fits the filters")


def test_a_day_in_the_past_is_answered_with_what_was_true_then(desk: Desk) -> None:
    """experience.md: ``--as-of DATE``: what was true on that day by today's knowledge."""
    old = desk.remember("Ana lives in Oslo", at="2020-01-01", zone="UTC")
    desk.call("correct", id=old, text="Ana lives in Porto", from_="2024-05-01", zone="UTC")
    wrong = desk.remember("Ana lives in Rome", at="2020-01-01")
    desk.call("correct", id=wrong, text="Ana lived in Rome as a child", from_=None)

    def at(day: str) -> list[str]:
        return [text for text in desk.found("Ana lives", as_of=day, zone="UTC") if "lives" in text]

    assert at("2019-06-01") == []
    assert at("2023-06-01") == ["Ana lives in Oslo"]
    assert at("2024-06-01") == ["Ana lives in Porto"]


def test_all_tags_must_be_there(desk: Desk) -> None:
    """client.md, ``--tag``."""
    desk.remember("one food", tag="food")
    desk.remember("two food", tag=["food", "green"])

    assert desk.found("food", tag=["food", "green"]) == ["two food"]
    assert desk.found("food", tag="absent") == []


def test_a_project_sees_itself_and_global_and_nothing_else(desk: Desk, tmp_path) -> None:
    """experience.md: ``recall`` looks at project + global; outside git, global."""
    desk.remember("global port")
    desk.remember("api port", in_scope="acme/api")
    desk.remember("web port", in_scope="acme/web")

    assert sorted(desk.found("port", cwd=str(tmp_path))) == ["global port"]
    assert sorted(desk.found("port", in_scope="acme/api")) == ["api port"]
    assert sorted(desk.found("port", in_scope="acme/api", all_scopes=True)) == ["api port", "global port", "web port"]
    assert desk.call("recall", query="port", all_scopes=True)["scope"] == ["all"]


def test_an_empty_answer_says_which_scopes_would_have_one(desk: Desk) -> None:
    """experience.md: "nothing in acme/api; 3 in other scopes (--all-scopes)"."""
    for number in range(3):
        desk.remember(f"the port is {number}", in_scope="acme/web")

    answer = desk.call("recall", query="port", in_scope="acme/api")

    assert (answer["abstained"], answer["hits"]) == (True, [])
    assert answer["elsewhere"] == {"acme/web": 3}


def test_private_memories_are_hidden_from_agents(desk: Desk) -> None:
    """experience.md: ``--private`` memories never go through MCP."""
    secret = desk.remember("the door code is 4711", private=True)

    assert desk.found("door code") == ["the door code is 4711"]
    assert desk.found("door code", as_actor="mcp:claude") == []
    assert desk.call("recall", query="door code", as_actor="mcp:claude", min_confidence=0)["searched"] == 0
    assert desk.texts(as_actor="mcp:claude") == []
    with pytest.raises(Exception, match=f"no memory with the id {secret}"):
        desk.memory(secret, as_actor="mcp:claude")


def test_a_superseded_memory_comes_after_its_successor_and_says_so(desk: Desk) -> None:
    """Stale facts come below what replaced them, with the flag of client.md and a term that explains it."""
    old = desk.remember("the api port is 5432")
    new = desk.call("remember", text="since the move it is 5433", supersedes=old)["id"]

    first, second = desk.hits("the api port", why=True)

    assert (first["memory"]["id"], second["memory"]["id"]) == (new, old)
    assert (first["flags"], second["flags"]) == ([], ["superseded"])
    assert second["why"]["supersedes"] < 0
    assert round(sum(second["why"].values()), 6) == second["score"]
    assert "supersedes" not in first["why"]


def test_a_chain_of_replacements_is_ranked_newest_first(desk: Desk) -> None:
    """The same over several steps, whatever the words say."""
    first = desk.remember("the api port is 5431")
    second = desk.call("remember", text="the port is 5432", supersedes=first)["id"]
    third = desk.call("remember", text="it is 5433", supersedes=second)["id"]

    assert [hit["memory"]["id"] for hit in desk.hits("the api port is")] == [third, second, first]


def test_the_limit_cuts_the_list_and_the_configuration_sets_it(desk: Desk, new_desk) -> None:
    """client.md, ``-n 5``."""
    for text in FACTS:
        desk.remember(text)

    assert len(desk.hits("the", limit=2)) == 2
    short = new_desk(recall__limit=1)
    short.remember("the one")
    short.remember("the other")
    assert len(short.call("recall", query="the", min_confidence=0)["hits"]) == 1


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_outside_its_range_is_refused(desk: Desk, limit: int) -> None:
    """STYLE.md, an error."""
    with pytest.raises(InvalidInput, match=f"limit is {limit}, allowed are 1 to 1000"):
        desk.call("recall", query="x", limit=limit)


def test_a_budget_keeps_the_best_hits_that_fit(desk: Desk) -> None:
    """client.md, ``--budget TOKENS``: about four characters a token; the first hit always comes."""
    for number in range(5):
        desk.remember(f"port {number} " + "x" * 93)

    assert len(desk.hits("port", budget=75)) == 2 + 1
    assert len(desk.hits("port", budget=74)) == 2
    assert len(desk.hits("port", budget=1)) == 1


@pytest.mark.parametrize("query", ["", "   ", "\n"])
def test_an_empty_query_is_refused(desk: Desk, query: str) -> None:
    """STYLE.md, an error: the hint shows how to ask."""
    with pytest.raises(InvalidInput, match="the query is empty") as caught:
        desk.call("recall", query=query)

    assert str(caught.value.hint).startswith("slm recall")


@pytest.mark.parametrize("query", ["?!", "の", "🙂", "of the and", "x" * 5000])
def test_any_other_query_is_answered(real_desk: Desk, query: str) -> None:
    """Queries without a single usable word must not fail."""
    real_desk.remember(FACTS[0])

    assert len(real_desk.hits(query)) == 1


def test_the_same_question_gets_the_same_answer(desk: Desk) -> None:
    """DESIGN.md: deterministic."""
    for text in FACTS:
        desk.remember(text)

    answers = [desk.call("recall", query="Ana olives", why=True) for _ in range(2)]

    assert answers[0]["hits"] == answers[1]["hits"]
    assert answers[0]["recall_id"] != answers[1]["recall_id"]


def test_an_answer_is_quoted_with_the_memories_it_rests_on(real_desk: Desk) -> None:
    """design/retrieval.md, zero-LLM answers: dates resolved against the day of the memory."""
    wanted = real_desk.call("remember", text="I went to the dentist yesterday", at="2025-05-08T10:00:00Z")["id"]
    real_desk.remember("Olives are green")

    found = real_desk.call("recall", query="When did I go to the dentist?", answer=True)

    assert found["answer"]["text"] == "7 May 2025"
    assert found["answer"]["support"] == [wanted]


def test_without_being_asked_no_answer_is_quoted(real_desk: Desk) -> None:
    """It costs time, and hits are what recall is for."""
    real_desk.remember("the api listens on port 5433")

    assert real_desk.call("recall", query="which port does the api use")["answer"] is None


def test_an_abstention_quotes_nothing(real_desk: Desk) -> None:
    """What recall doesn't vouch for isn't an answer."""
    real_desk.remember("olives are green")

    assert real_desk.call("recall", query="who won the world cup in 1998", answer=True)["answer"] is None

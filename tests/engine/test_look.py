from __future__ import annotations

import pytest

from slm.errors import InvalidInput, NotFound, StoreDamaged
from tests.engine.desk import Desk

# show


def test_show_gives_the_memories_in_the_order_asked(desk: Desk) -> None:
    """client.md, ``show ID``: unique prefixes do."""
    first, second = desk.remember("alpha one"), desk.remember("beta two")

    answer = desk.call("show", id=[second, first[:9]])

    assert [memory["id"] for memory in answer["memories"]] == [second, first]


def test_history_names_every_earlier_version_even_of_merged_lines(desk: Desk) -> None:
    """experience.md: ``correct`` keeps history, which reaches back over all that a memory supersedes."""
    a, b = desk.remember("Ana is in Oslo"), desk.remember("Ben is in Graz")
    a2 = desk.call("correct", id=a, text="Ana is in Bergen")["id"]
    merged = desk.call("remember", text="Ana and Ben are in Porto", supersedes=[a2, b])["id"]

    assert {old["id"] for old in desk.history(merged)} == {a, a2, b}
    assert desk.memory(a)["id"] == merged


def test_an_unknown_id_is_named(desk: Desk) -> None:
    """Exit code 4."""
    with pytest.raises(NotFound, match="no memory with the id zzz"):
        desk.call("show", id=["zzz"])


# list


def test_list_is_newest_first_and_pages_without_gaps(desk: Desk) -> None:
    """client.md: paged; every memory once."""
    for number in range(7):
        desk.remember(f"note {number}")

    pages, after = [], None
    while True:
        page = desk.call("list", limit=3, after=after)
        pages.append([memory["text"][-1] for memory in page["memories"]])
        if (after := page["next"]) is None:
            break

    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


def test_list_filters_are_exact(desk: Desk) -> None:
    """experience.md: filters are exact, never ranked."""
    used = desk.remember("used", tag="x", source="a.md", kind="fact")
    desk.remember("unused", tag=["x", "y"], source="a.md.bak")
    desk.remember("theirs", as_actor="mcp:claude")
    desk.remember("elsewhere", in_scope="acme/api")
    desk.call("used", id=[used])

    def listed(**fields) -> list[str]:
        return [memory["text"] for memory in desk.call("list", **fields)["memories"]]

    assert listed() == ["theirs", "unused", "used"]
    assert listed(tag="x") == ["unused", "used"]
    assert listed(tag=["x", "y"]) == ["unused"]
    assert listed(source="a.md") == ["used"]
    assert listed(kind="fact") == ["used"]
    assert listed(by_actor="mcp:claude") == ["theirs"]
    assert listed(unused=True) == ["theirs", "unused"]
    assert listed(in_scope="acme/api") == ["elsewhere"]
    assert len(listed(all_scopes=True)) == 4


def test_list_before_a_time_looks_at_when_it_was_recorded(desk: Desk) -> None:
    """client.md, ``list --before``: not at when it was observed."""
    desk.remember("long ago", at="1999-01-01")

    assert desk.call("list", before="yesterday")["memories"] == []
    assert len(desk.call("list", before="in 1 hour")["memories"]) == 1


@pytest.mark.parametrize(
    ("op", "fields", "message"),
    [
        ("list", {"limit": 0}, "list: limit is 0, a page holds 1 to 1000"),
        ("list", {"limit": 1001}, "1 to 1000"),
        ("list", {"kind": "poem"}, "kind: 'poem' is none of note"),
        ("list", {"after": "x"}, "'x' is not a cursor"),
        ("log", {"limit": 0}, "log: limit is 0, a page holds 1 to 1000"),
        ("log", {"limit": -3}, "limit is -3"),
        ("log", {"after": "-1"}, "not a cursor"),
        ("export", {"after": "x"}, "not a cursor"),
        ("log", {"verify": True, "head": "xyz"}, "'xyz' is not a hash"),
    ],
)
def test_pages_that_can_not_be_given_are_refused(desk: Desk, op: str, fields: dict, message: str) -> None:
    """STYLE.md, an error; an empty store doesn't hide a mistake."""
    with pytest.raises(InvalidInput) as caught:
        desk.call(op, **fields)

    assert message in caught.value.message


# log


def test_log_tells_each_change_in_a_line_with_its_actor(desk: Desk) -> None:
    """trust.md: every change is an entry; client.md: every change carries an ``actor``."""
    first = desk.remember("olives\nare   green")
    desk.call("tag", id=first, add="food", as_actor="watch:notes")
    desk.call("correct", id=first, text="olives are black")
    desk.call("scope_rename", from_="global", to="home")

    entries = desk.call("log")["entries"]

    assert [(entry["op"], entry["actor"]) for entry in entries] == [
        ("scope_rename", "cli"), ("correct", "cli"), ("tag", "watch:notes"), ("remember", "cli"),
    ]  # fmt: skip
    assert entries[3]["summary"] == f"{first[:5]} olives are green"
    assert entries[2]["summary"] == f"{first[:5]} tags"
    assert entries[1]["summary"].endswith(f"olives are black (replaces {first[:5]})")
    assert "global → home" in entries[0]["summary"]
    assert all(entry["time"].endswith("Z") and len(entry["hash"]) == 64 for entry in entries)


def test_log_pages_without_gaps_and_without_housekeeping(desk: Desk) -> None:
    """Uses and epochs stand outside; the pages hold every other entry once."""
    for number in range(5):
        desk.call("used", id=[desk.remember(f"note {number}")])

    seen, after = [], None
    while True:
        page = desk.call("log", limit=2, after=after)
        seen += page["entries"]
        if (after := page["next"]) is None:
            break

    assert [entry["op"] for entry in seen] == ["remember"] * 5
    assert [entry["seq"] for entry in seen] == sorted({entry["seq"] for entry in seen}, reverse=True)


def test_log_verifies_the_chain_and_a_head_kept_elsewhere(desk: Desk) -> None:
    """trust.md: ``--verify --head HASH`` compares with a head kept elsewhere."""
    desk.remember("one")
    kept = desk.call("log", verify=True)
    desk.remember("two")

    later = desk.call("log", verify=True, head=kept["head"])

    assert later["verified"] is True
    assert later["entries"] > kept["entries"]
    assert later["head"] == desk.call("status")["journal"]["head"]


def test_a_head_that_the_chain_does_not_contain_is_damage(desk: Desk) -> None:
    """trust.md: a bare chain can be rewritten, a head kept elsewhere tells."""
    desk.remember("one")

    with pytest.raises(StoreDamaged):
        desk.call("log", verify=True, head="11" * 32)


# export and import


def _busy(desk: Desk) -> None:
    """A store in which everything has happened once."""
    first = desk.remember("the api is on 5432", tag=["work", "api"], kind="fact", source="a.md", pin=True)
    desk.call("correct", id=first, text="the api is on 5433", reason="typo")
    old = desk.remember("Ana lives in Oslo", speaker="Ana", in_scope="family", at="2020-02-02", importance=0.9)
    desk.call("correct", id=old, text="Ana lives in Porto", from_="2024-05-01")
    desk.call("forget", id=[desk.remember("my pin is in the drawer", private=True)], reason="moved")
    desk.remember("undone later")
    desk.call("undo")
    said = desk.remember("yes", kind="turn", session="s1", idempotency_key="s1/1", as_actor="import:jsonl")
    desk.call("used", id=[said])
    desk.remember("twice told")
    desk.remember("TWICE told", tag="again")


def _import(desk: Desk, records: list[dict]) -> list[str]:
    answer = desk.call("remember", batch=records, group="g", as_actor="import:jsonl")
    return [result["status"] for result in answer["results"]]


def test_an_import_of_an_export_gives_an_equal_store(new_desk) -> None:
    """experience.md: lossless means an equal store: corrections, forgets, uses and actors included."""
    here, there = new_desk(), new_desk()
    _busy(here)

    statuses = _import(there, here.exported())

    assert set(statuses) == {"stored"}
    assert there.exported() == here.exported()
    assert there.found("where does Ana live", all_scopes=True)[0] == "Ana lives in Porto"


def test_a_second_import_adds_nothing(new_desk) -> None:
    """experience.md: merges, idempotent."""
    here, there = new_desk(), new_desk()
    _busy(here)
    _import(there, here.exported())
    entries = len(there.ops())

    assert set(_import(there, here.exported())) == {"confirmed"}
    assert there.exported() == here.exported()
    assert len(there.ops()) == entries


def test_an_import_brings_corrections_forgets_and_uses_of_known_memories(new_desk) -> None:
    """experience.md: merges, forgets and corrections included."""
    here, there = new_desk(), new_desk()
    first, second = here.remember("the api is on 5432"), here.remember("olives are green")
    _import(there, here.exported())
    here.call("correct", id=first, text="the api is on 5433")
    here.call("forget", id=[second])
    here.call("used", id=[first])

    _import(there, here.exported())

    assert there.exported() == here.exported()
    assert there.found("api olives") == ["the api is on 5433"]


def test_an_older_export_takes_nothing_back(new_desk) -> None:
    """A merge only adds: what was forgotten since stays forgotten."""
    here = new_desk()
    first = here.remember("olives are green", tag="food")
    older = here.exported()
    here.call("forget", id=[first])
    here.call("tag", id=first, add="oil")

    _import(here, older)

    assert here.texts() == []
    assert here.memory(first)["tags"] == ["food", "oil"]


def test_an_import_that_was_undone_may_be_repeated(new_desk) -> None:
    """What was undone was not wrong: the same records bring it back."""
    here, there = new_desk(), new_desk()
    here.remember("olives are green")
    _import(there, here.exported())
    there.call("undo", as_actor="import:jsonl")
    assert there.texts() == []

    _import(there, here.exported())

    assert there.texts() == ["olives are green"]
    assert there.found("olives") == ["olives are green"]
    assert there.exported() == here.exported()


def test_an_export_says_what_it_is_and_that_it_is_whole(desk: Desk) -> None:
    """Pinned behaviour: a header, and a last line by which a cut export is known."""
    _busy(desk)

    page = desk.call("export")
    header, *records, end = page["lines"]

    assert header["slm_export"] == 1
    assert header["records"] == len(records) == end["slm_export_end"]
    assert page["next"] is None


def test_an_export_of_many_memories_comes_in_pages(desk: Desk) -> None:
    """Bounded messages: at most 1000 records each, every record once."""
    for start in (0, 600):
        desk.call("remember", batch=[{"text": f"n{i}", "kind": "turn"} for i in range(start, start + 600)])

    first = desk.call("export")
    second = desk.call("export", after=first["next"])

    assert (len(first["lines"]), len(second["lines"]), second["next"]) == (1001, 201, None)
    assert [line["text"] for line in [*first["lines"][1:], *second["lines"][:-1]]] == [f"n{i}" for i in range(1200)]

"""Erasing memories that claim something: the claims go, those of others stay, and no digest tells what was said."""

from __future__ import annotations

from typing import Any

import pytest

from slm.engine.live_sheaf import LiveSheaf
from tests.engine.desk import Desk
from tests.engine.traces import forms, left_in

PARIS, ROME = "Alice lives in Paris", "Alice lives in Rome"
OSLO, BERGEN = "Bob lives in Oslo", "Bob lives in Bergen"


def remembered(desk: Desk, *texts: str) -> list[str]:
    """Memories observed on the same day: none of them replaces another."""
    return [desk.remember(text, at="2026-03-01") for text in texts]


def conflicts(desk: Desk, **fields: Any) -> list[dict[str, Any]]:
    return list(desk.call("audit", all_scopes=True, **fields)["conflicts"])


def traces(desk: Desk, memory_id: str) -> dict[str, bytes]:
    engine = desk.engine()
    with engine.store.read() as reader:
        ordinal = reader.ordinal_of(memory_id)
        assert ordinal is not None
        return forms(reader, engine.index.store_id, ordinal)


def require_a_replay_gives_the_same(desk: Desk) -> None:
    """Oracle: the sheaf filled anew from the store."""
    engine = desk.engine()
    again = LiveSheaf(engine.store, engine.claims)
    again.finish()
    assert engine.sheaf.held == again.held
    assert set(engine.sheaf.sheaf.claims) == set(again.sheaf.claims)
    assert again.reread == 0


def test_a_contradiction_ends_with_one_of_its_memories(desk: Desk) -> None:
    """trust.md: erase removes claims; what they contradicted stands alone then."""
    paris, rome, oslo = remembered(desk, PARIS, ROME, OSLO)
    assert len(conflicts(desk)) == 1
    assert desk.engine().index.lifecycles.rows["contradictions"].tolist() == [1, 1, 0]
    wanted = traces(desk, rome)
    assert any(name.startswith("claim ") for name in wanted)

    desk.call("erase", id=[rome])

    for _ in range(2):
        assert conflicts(desk) == []
        assert len(desk.memory(paris)["all_claims"]) == len(desk.memory(oslo)["all_claims"]) == 1
        assert not desk.engine().index.lifecycles.rows["contradictions"].any()
        require_a_replay_gives_the_same(desk)
        assert all(check["ok"] for check in desk.call("doctor")["checks"])
        assert left_in(desk.root, wanted) == []
        desk.reopen()


def test_claims_of_others_go_on_contradicting(desk: Desk) -> None:
    """What stays is as it was: the same conflict under the same id."""
    remembered(desk, PARIS, ROME)
    (before,) = conflicts(desk)
    (oslo,) = remembered(desk, OSLO)

    desk.call("erase", id=[oslo])

    assert [found["id"] for found in conflicts(desk)] == [before["id"]]
    desk.remember(OSLO, at="2026-03-02", force=True)
    remembered(desk, BERGEN)
    assert before["id"] in {found["id"] for found in conflicts(desk)}


def test_explicit_claims_and_what_was_decided_about_them_go(desk: Desk) -> None:
    """Claims given with a memory lie in its record and in the journal."""
    (paris,) = remembered(desk, PARIS)
    desk.call("claims_add", id=paris, claim=["quetzal.port = 7319"])
    desk.call("claims_drop", id=[desk.memory(paris)["all_claims"][0]["id"]])

    desk.call("erase", id=[paris])

    assert left_in(desk.root, {"claim": b"quetzal", "value": b"7319"}) == []
    shown = {entry["op"]: entry["summary"] for entry in desk.call("log", limit=100)["entries"]}
    assert shown["claims"] == "(erased)"


@pytest.mark.parametrize("hidden", [False, True], ids=["shown", "forgotten before"])
def test_an_accepted_conflict_leaves_no_digest_behind(desk: Desk, hidden: bool) -> None:
    """A conflict's id is a digest of what its claims say: with the rest of it known, a short one could be guessed."""
    alice = remembered(desk, PARIS, ROME)
    bob = remembered(desk, OSLO, BERGEN)
    mine, other = sorted(conflicts(desk), key=lambda found: alice[0] not in str(found))
    for conflict in (other, mine):
        desk.call("audit_resolve", conflict=conflict["id"], accept=True)
    gone, holder = sorted(alice, key=lambda memory_id: "conflicts_accepted" in desk.memory(memory_id))
    if hidden:
        desk.call("forget", id=[gone])

    desk.call("erase", id=[gone])

    assert left_in(desk.root / "default", {"conflict": mine["id"].encode()}) == []
    records = {record["id"]: record for record in desk.exported()}
    assert records[holder].get("conflicts_accepted", []) == []
    assert other["id"] in str([records[memory_id] for memory_id in bob])
    assert [found["id"] for found in conflicts(desk, accepted=True)] == [other["id"]]
    require_a_replay_gives_the_same(desk)


def test_a_conflict_that_was_settled_leaves_no_digest_behind(desk: Desk) -> None:
    """The claim of another memory was dropped: the journal's entry names the conflict all the same."""
    paris, rome = remembered(desk, PARIS, ROME)
    (conflict,) = conflicts(desk)
    desk.call("audit_resolve", conflict=conflict["id"], drop=[paris])

    receipt = desk.call("erase", id=[rome])

    assert receipt["entries"] == 2  # remember, resolve
    assert left_in(desk.root / "default", {"conflict": conflict["id"].encode()}) == []
    assert [claim["dropped"] for claim in desk.memory(paris)["all_claims"]] == [True]


def test_a_store_that_is_still_filling_its_sheaf_can_be_erased_from(desk: Desk) -> None:
    """The replay of a large store goes on between requests: erasing waits for it."""
    paris, rome = remembered(desk, PARIS, ROME)
    engine = desk.engine()
    engine.sheaf._begin()
    assert not engine.sheaf.ready

    desk.call("erase", id=[rome])

    assert engine.sheaf.ready
    assert conflicts(desk) == []
    require_a_replay_gives_the_same(desk)
    assert desk.memory(paris)

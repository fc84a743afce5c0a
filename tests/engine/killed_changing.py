"""Kills the engine at one call after the other of a change; see :mod:`tests.killed_at_calls`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.engine.desk import Desk
from tests.killed_at_calls import Profile, run

TEXTS = ["The api listens on port 5432.", "Ana lives in Paris.", "Olives are green.", "Ben likes tea."]
NOW = "2027-03-01T12:00:00+00:00"


def _id(desk: Desk, word: str) -> str:
    """The memory that stands today and holds a word."""
    standing = (record for record in desk.exported() if not record.get("superseded_by"))
    return next(str(record["id"]) for record in standing if word in record["text"])


CHANGES: dict[str, Callable[[Desk], object]] = {
    "remember": lambda desk: desk.call("remember", text="Ana has two cats.", claim=["ana.city=Berlin"], tag=["new"]),
    "confirm": lambda desk: desk.call("remember", text=TEXTS[2]),
    "batch": lambda desk: desk.call("remember", batch=[{"text": f"turn {n}", "kind": "turn"} for n in range(3)]),
    "supersede": lambda desk: desk.call("remember", text="Olives are black.", supersedes=_id(desk, "Olives")),
    "used": lambda desk: desk.call("used", id=[_id(desk, "tea"), _id(desk, "Paris")]),
    "correct": lambda desk: desk.call("correct", id=_id(desk, "5432"), text="The api listens on port 5433."),
    "forget": lambda desk: desk.call("forget", id=[_id(desk, "tea")]),
    "pin": lambda desk: desk.call("pin", id=[_id(desk, "tea")]),
    "claims": lambda desk: desk.call("claims_add", id=_id(desk, "tea"), claim=["ben.drink=tea"]),
    "resolve": lambda desk: desk.call(
        "audit_resolve", conflict=desk.call("audit", all_scopes=True)["conflicts"][0]["id"], accept=True
    ),
    "undo": lambda desk: desk.call("undo"),
    "backup": lambda desk: desk.call("backup", path=str(desk.root / "b.slm")),
}
VOLATILE = frozenset("id recorded_at observed_at last_used valid_until forgotten_at supersedes superseded_by".split())
"""Fields that differ from one run of the same change to the next."""


def begin(root: Path) -> None:
    """A store with a history: uses, a claim of each kind, and a conflict."""
    desk = Desk(root)
    for text in TEXTS:
        desk.remember(text)
    desk.remember("Ana has moved.", claim=["cleo.city=Paris"])
    desk.remember("Ana has not moved.", claim=["cleo.city=Rome"])
    desk.call("used", id=[_id(desk, "tea")])
    desk.call("tag", id=_id(desk, "tea"), add=["drink"])
    desk.service.close()


def state(root: Path) -> dict[str, Any]:
    """All that a reopened store says, without ids and times, after a check of it all."""
    desk = Desk(root)
    try:
        assert desk.call("log", verify=True)["verified"]
        engine = desk.engine()
        checked = engine.store.check()
        records = desk.exported()
        conflicts = desk.call("audit", all_scopes=True, accepted=True)["conflicts"]
        assert len(engine.index.columns["flags"]) == checked.memories == len(records)
        live = [record["text"] for record in records if not record.get("forgotten_at") and not record.get("never_true")]
        assert sorted(desk.texts()) == sorted(live)
        return {
            "records": [{name: value for name, value in one.items() if name not in VOLATILE} for one in records],
            "conflicts": sorted(sorted(claim["text"] for claim in one["claims"]) for one in conflicts),
            "scores": [hit["memory"]["text"] for hit in desk.hits("olives port Ana tea turn", now=NOW)],
            "entries": checked.entries,
        }
    finally:
        desk.service.close()


def kill(name: str, place: Path, step: int) -> None:
    """The change is killed at every ``step``-th call; what is left is the state before it or the state after it."""
    data, after = place / "data", place / "after"
    data.mkdir(mode=0o700)
    begin(data)
    shutil.copytree(data, after)
    desk = Desk(after)
    CHANGES[name](desk)
    desk.service.close()
    states = [state(data), state(after)]

    def change(root: Path, killer: Callable[[], Profile]) -> None:
        desk = Desk(root)
        desk.engine()
        desk.service._worker.query(lambda: sys.setprofile(killer()))
        CHANGES[name](desk)
        desk.service.close()

    def look(root: Path) -> None:
        found = state(root)
        assert found in states, f"neither before nor after: {found}"

    run(data, place / "work", change, look, 0, step)


if __name__ == "__main__":
    kill(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))

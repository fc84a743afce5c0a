"""The engine against a plain dict, with restarts in between."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from slm.errors import InvalidInput, NotFound
from slm.geometry.normal import PooledMoments
from tests.engine.desk import Desk
from tests.engine.stub_embedder import DIMS

TEXTS = st.sampled_from([f"{noun} {verb}" for noun in ("olives", "Ana", "port") for verb in ("is", "was", "may be")])
TAGS = st.sampled_from(["food", "work", "home"])


@dataclass(frozen=True)
class Entry:
    """What the oracle knows of a memory; one that was undone or erased isn't there at all.

    ``first`` is the id of its first version.
    """

    text: str
    first: str
    tags: tuple[str, ...] = ()
    confirmations: int = 0
    live: bool = True


class Engine(RuleBasedStateMachine):
    """``memories`` in the order they came; ``past`` holds the whole state before each change that still stands."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.desk = Desk(self.root)
        self.memories: dict[str, Entry] = {}
        self.past: list[dict[str, Entry]] = []
        self.erased: set[str] = set()
        self.can_undo = True

    def teardown(self) -> None:
        self.desk.service.close()
        shutil.rmtree(self.root)

    def _change(self, changed: dict[str, Entry]) -> None:
        self.past.append(self.memories)
        self.memories = changed

    def _live(self) -> list[str]:
        return [i for i, entry in self.memories.items() if entry.live]

    @rule(text=TEXTS, force=st.booleans())
    def remember(self, text: str, force: bool) -> None:
        same = [i for i in reversed(self.memories) if self.memories[i].text.casefold() == text.casefold()]
        live = [i for i in same if self.memories[i].live]
        answer = self.desk.call("remember", text=text, force=force)
        if live:
            entry = self.memories[live[0]]
            self._change({**self.memories, live[0]: replace(entry, confirmations=entry.confirmations + 1)})
            assert (answer["id"], answer["status"]) == (live[0], "confirmed")
        elif same and not force:
            assert (answer["id"], answer["status"]) == (same[0], "known_wrong")
        elif text.casefold() in self.erased and not force:
            assert answer["status"] == "known_wrong"
        else:
            assert answer["status"] == "stored"
            self._change({**self.memories, answer["id"]: Entry(text, answer["id"])})

    @rule(texts=st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    def remember_turns(self, texts: list[str]) -> None:
        batch = [{"text": f"turn: {text}", "kind": "turn"} for text in texts]
        results = self.desk.call("remember", batch=batch)["results"]
        made = {r["id"]: Entry(b["text"], r["id"]) for r, b in zip(results, batch, strict=True)}
        self._change({**self.memories, **made})

    @precondition(lambda self: self._live())
    @rule(data=st.data(), number=st.integers(0, 99))
    def correct(self, data: st.DataObject, number: int) -> None:
        old = data.draw(st.sampled_from(self._live()))
        text = f"{self.memories[old].text} now {number} {len(self.memories)}"
        new = self.desk.call("correct", id=old, text=text)["id"]
        changed = {**self.memories, old: replace(self.memories[old], live=False)}
        self._change({**changed, new: replace(self.memories[old], text=text, confirmations=0)})

    @precondition(lambda self: self.memories)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        named = data.draw(st.lists(st.sampled_from(list(self.memories)), min_size=1, max_size=3))
        hidden = [i for i in dict.fromkeys(named) if self.memories[i].live]
        answer = self.desk.call("forget", id=named)
        assert [record["id"] for record in answer["forgotten"]] == hidden
        if hidden:
            self._change({**self.memories, **{i: replace(self.memories[i], live=False) for i in hidden}})

    @precondition(lambda self: self._live())
    @rule(data=st.data(), name=TAGS)
    def tag(self, data: st.DataObject, name: str) -> None:
        chosen = data.draw(st.sampled_from(self._live()))
        entry = self.memories[chosen]
        self.desk.call("tag", id=chosen, add=name)
        if name not in entry.tags:
            self._change({**self.memories, chosen: replace(entry, tags=(*entry.tags, name))})

    @precondition(lambda self: self.memories)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        """The whole history goes, with what was undone of it, and no change before can be undone without its number."""
        named = data.draw(st.sampled_from(list(self.memories)))
        gone = {i for i, entry in self.memories.items() if entry.first == self.memories[named].first}
        answer = self.desk.call("erase", id=[named])
        assert set(answer["erased"]) & set(self.memories) == gone
        self.erased |= {self.memories[i].text.casefold() for i in gone}
        self.memories = {i: entry for i, entry in self.memories.items() if i not in gone}
        self.past, self.can_undo = [], False
        assert self.desk.engine().store.check()

    @rule()
    def undo(self) -> None:
        if not self.past:
            with pytest.raises(NotFound if self.can_undo else InvalidInput):
                self.desk.call("undo")
            return
        self.desk.call("undo")
        self.memories = self.past.pop()

    @rule()
    def reopen(self) -> None:
        before = self.desk.scores("olives Ana port")
        self.desk.reopen()
        assert self.desk.scores("olives Ana port") == before

    @invariant()
    def exactly_the_live_memories_are_listed_and_found(self) -> None:
        live = self._live()
        listed = self.desk.call("list", limit=1000)["memories"]
        assert [memory["id"] for memory in listed] == live[::-1]
        for memory in listed:
            entry = self.memories[memory["id"]]
            shown = Entry(memory["text"], entry.first, tuple(memory["tags"]), memory.get("confirmations", 0))
            assert shown == entry
        assert set(self.desk.scores("olives Ana port")) == set(live)

    @invariant()
    def the_pooled_sums_are_those_of_the_live_rows(self) -> None:
        rows = PooledMoments.zero(DIMS)
        engine = self.desk.engine()
        with engine.store.read() as reader:
            for memory_id in self._live():
                ordinal = reader.ordinal_of(memory_id)
                for chunk in reader.chunks_of(ordinal):
                    rows = rows.add(chunk.mean[None, :])
        assert engine.index.moments.to_bytes() == rows.to_bytes()


TestEngineAgainstADict = Engine.TestCase
TestEngineAgainstADict.settings = settings(
    max_examples=12, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
)

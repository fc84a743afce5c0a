"""The store against a plain dict, with restarts, undone writes and larger maps in between."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from slm.model import Memory
from slm.store.store import Store
from slm.store.writer import Writer
from tests.store.samples import FINGERPRINT, chunks, digest, memory, same_chunk, times

SMALL_MAP = 512 << 10
tags = st.lists(st.sampled_from(["infra", "diet", "März"]), max_size=2, unique=True).map(tuple)
scopes = st.sampled_from(["global", "acme/api", "acme/web"])
texts = st.sampled_from(["Tea at four", "Deploy on 14 March", "x" * 3000])


class StoreAgainstADict(RuleBasedStateMachine):
    """Each rule is one commit (or none); the dict holds what should be there."""

    ordinals = Bundle("ordinals")

    @initialize()
    def create(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name) / "profile"
        self.store = Store.open(self.folder, FINGERPRINT, map_bytes=SMALL_MAP)
        self.held: dict[int, Memory] = {}
        self.digests: dict[bytes, list[int]] = {}
        self.ops: list[tuple[str, dict[str, int]]] = []
        self.settings: dict[str, bytes] = {}
        self.claims: dict[int, bytes] = {}
        self.lifecycles: dict[int, bytes] = {}

    @rule(target=ordinals, tags=tags, scope=scopes, text=texts)
    def remember(self, tags: tuple[str, ...], scope: str, text: str) -> int:
        n = len(self.held)
        one = replace(memory(n), tags=tags, scope=scope, text=text)

        def change(writer: Writer) -> int:
            ordinal = writer.append(one, chunks(n), times=times(n), text_digest=digest(text))
            writer.journal("remember", "script", {"n": n}, n)
            return ordinal

        assert self.store.transact(change) == n
        self.held[n] = one
        self.digests.setdefault(digest(text), []).append(n)
        self.ops.append(("remember", {"n": n}))
        return n

    @rule(ordinal=ordinals, tags=tags, scope=scopes, pinned=st.booleans(), uses=st.integers(0, 9))
    def change(self, ordinal: int, tags: tuple[str, ...], scope: str, pinned: bool, uses: int) -> None:
        one = replace(self.held[ordinal], tags=tags, scope=scope, pinned=pinned, uses=uses)
        with self.store.write() as writer:
            writer.replace(ordinal, one)
            writer.journal("tag", "script", {"n": ordinal}, 0)
        self.held[ordinal] = one
        self.ops.append(("tag", {"n": ordinal}))

    @rule(ordinal=ordinals, claims=st.binary(max_size=40), lifecycle=st.binary(min_size=28, max_size=28))
    def befall(self, ordinal: int, claims: bytes, lifecycle: bytes) -> None:
        def change(writer: Writer) -> None:
            writer.put_claims(ordinal, claims)
            writer.put_lifecycle(ordinal, lifecycle)

        self.store.transact(change)
        self.claims[ordinal], self.lifecycles[ordinal] = claims, lifecycle

    @rule(count=st.integers(1, 3))
    def think_better_of_it(self, count: int) -> None:
        def change(writer: Writer) -> None:
            for i in range(count):
                one = replace(memory(1000 + i), scope="never", tags=("never",))
                writer.append(one, chunks(i), times=times(i), text_digest=digest("never"))
            writer.put_claims(0, b"never")
            writer.put_meta("never", b"")
            raise KeyError

        try:
            self.store.transact(change)
        except KeyError:
            return
        raise AssertionError("the change must reach its end")

    @rule(key=st.sampled_from("ab"), value=st.binary(max_size=4))
    def set(self, key: str, value: bytes) -> None:
        with self.store.write() as writer:
            writer.put_meta(key, value)
        self.settings[key] = value

    @rule(map_bytes=st.sampled_from([SMALL_MAP, 4 * SMALL_MAP]))
    def restart(self, map_bytes: int) -> None:
        self.store.close()
        self.store = Store.open(self.folder, FINGERPRINT, map_bytes=map_bytes)

    @rule()
    def check(self) -> None:
        checked = self.store.check()
        assert (checked.memories, checked.entries) == (len(self.held), len(self.ops))

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        with self.store.read() as reader:
            assert [reader.memory(n) for n in range(reader.n_memories)] == list(self.held.values())
            assert [(entry.op, entry.payload) for entry in reader.entries()] == self.ops
            assert all(reader.ordinal_of(one.id) == n for n, one in self.held.items())
            assert all(reader.same_text(key) == found for key, found in self.digests.items())
            assert dict(reader.all_claims()) == self.claims
            kept = {n: reader.head(n)["lifecycle"].tobytes() for n in self.held}
            assert kept == {n: self.lifecycles.get(n, bytes(28)) for n in self.held}
            assert all(reader.meta(key) == value for key, value in self.settings.items())
            for scope in ("global", "acme/api", "acme/web", "never"):
                assert reader.facet("scope", scope).tolist() == [n for n, m in self.held.items() if m.scope == scope]
            for tag in ("infra", "diet", "März", "never"):
                assert reader.facet("tag", tag).tolist() == [n for n, m in self.held.items() if tag in m.tags]
            if self.held:
                last = len(self.held) - 1
                assert all(map(same_chunk, reader.chunks_of(last), chunks(last)))

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.place.cleanup()


StoreAgainstADict.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
TestStoreAgainstADict = StoreAgainstADict.TestCase

"""remember: new memories, confirmations of known ones, and the refusal to take back what was found wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

from slm.engine.added import Prepared
from slm.engine.claim_documents import Documents
from slm.engine.claim_ops import found_at
from slm.engine.draft import Draft, draft, imports, single
from slm.engine.ids import new_id, resolve
from slm.engine.known import UNDONE, Known, compares_by_text, find
from slm.engine.lives import Change
from slm.engine.request import Request
from slm.engine.similar import similar
from slm.engine.text_digest import key_digest, text_digest
from slm.engine.transaction import Transaction
from slm.engine.withheld import successor
from slm.errors import InvalidInput
from slm.model import DECISIONS, Memory
from slm.times import ago, from_iso

MAX_BATCH = 1024
COUNTS = frozenset({"uses", "confirmations", "last_used"})
"""Fields that stand for events of the lifecycle."""
ERASED = "you erased this; --force remembers it all the same"
BESIDE_A_BATCH = {"batch", "group", "no_redact", "force"}


def run(request: Request) -> dict[str, Any]:
    """Answer the ``remember`` operation, for one text or for a batch of records."""
    batch = request.fields.get("batch")
    if batch is None:
        return _remember(request, [draft(request, single(request), "")], group=None)[0]
    beside = sorted(set(request.fields) - BESIDE_A_BATCH)
    if beside:
        raise InvalidInput(f"remember: {beside[0]!r} can't stand beside 'batch'", hint="give it in each record")
    if len(batch) > MAX_BATCH:
        raise InvalidInput(f"{len(batch)} records in one batch, at most {MAX_BATCH} are taken")
    drafts = [draft(request, record, f"record {i}") for i, record in enumerate(batch, 1)]
    return {"results": _remember(request, drafts, group=request.fields.get("group") or request.started_ns)}


def _remember(request: Request, drafts: Sequence[Draft], *, group: str | int | None) -> list[dict[str, Any]]:
    engine = request.engine
    fresh = _to_embed(request, drafts)
    prepared = dict(zip(fresh, engine.prepare([drafts[i].memory for i in fresh]), strict=True))

    def change(transaction: Transaction) -> list[dict[str, Any]]:
        settle = _Settler(request, transaction, group)
        return [settle.settle(draft, prepared, i) for i, draft in enumerate(drafts)]

    results = engine.transact(request.caller.actor, change)
    if not imports(request):
        for i, result in enumerate(results):
            if result["status"] == "stored":
                result["similar"] = similar(request, result["id"], drafts[i].memory.scope, prepared[i])
        _tell_claims(request, [result for result in results if result["status"] != "known_wrong"])
    return results


def _tell_claims(request: Request, results: Sequence[dict[str, Any]]) -> None:
    """Add to each result what the claims of its memory contradict and replace."""
    with request.engine.store.read() as reader:
        documents = Documents(reader, request.engine.claims)
        for result in results:
            ordinal = reader.ordinal_of(result["id"])
            assert ordinal is not None, "it was just stored or confirmed"
            found = found_at(request, reader, documents, ordinal)
            named = {old["id"] for old in result["supersedes"]}
            result["conflicts"] = found["conflicts"]
            result["supersedes"] += [old for old in found["supersedes"] if old["id"] not in named]


def _to_embed(request: Request, drafts: Sequence[Draft]) -> list[int]:
    """Positions of the drafts that will be stored as far as can be told: not known, the first of each equal ones."""
    store_id, force = request.engine.index.store_id, bool(request.fields.get("force"))
    seen: set[tuple[object, ...]] = set()
    fresh = []
    with request.engine.store.read() as reader:
        for i, memory in enumerate(draft.memory for draft in drafts):
            same = _sameness(store_id, memory)
            known = find(reader, store_id, memory, force=force, private=not request.caller.is_agent)
            if same not in seen and known is None and _erased(request, memory) is None:
                fresh.append(i)
            if same is not None:
                seen.add(same)
    return fresh


def _erased(request: Request, memory: Memory) -> str | None:
    """The id of the memory that said the same and was erased, unless the caller insists."""
    if request.fields.get("force"):
        return None
    return request.engine.erased.find(memory, private=not request.caller.is_agent)


def _sameness(store_id: str, memory: Memory) -> tuple[object, ...] | None:
    """What two drafts of one batch share when the second repeats the first; None where none can."""
    if memory.id:
        return (memory.id,)
    if (key := key_digest(store_id, memory)) is not None:
        return (key,)
    by_text = compares_by_text(memory)
    return (text_digest(store_id, memory), memory.scope, memory.speaker) if by_text else None


@dataclass(slots=True)
class _Settler:
    """Decides each draft inside the write transaction, where the drafts before it are known already."""

    request: Request
    transaction: Transaction
    group: str | int | None

    def settle(self, draft: Draft, prepared: dict[int, Prepared], position: int) -> dict[str, Any]:
        """The result for the draft at ``position``, whose embedding is taken from or put into ``prepared``."""
        store_id, force = self.request.engine.index.store_id, bool(self.request.fields.get("force"))
        sees_private = not self.request.caller.is_agent
        known = find(self.transaction.writer, store_id, draft.memory, force=force, private=sees_private)
        if known is None and (gone := _erased(self.request, draft.memory)) is not None:
            return self._settled(draft, {"id": gone, "status": "known_wrong", "message": ERASED})
        if known is None and position not in prepared:
            # rare: the memory it would have repeated was replaced by a draft before it in this very batch
            prepared[position] = self.request.engine.prepare([draft.memory])[0]
        result = self._again(known, draft) if known else self._new(draft, prepared[position])
        return self._settled(draft, result)

    @staticmethod
    def _settled(draft: Draft, result: dict[str, Any]) -> dict[str, Any]:
        return {"similar": [], "conflicts": [], "supersedes": [], **result, "redacted": draft.redacted}

    def _new(self, draft: Draft, prepared: Prepared) -> dict[str, Any]:
        transaction, memory = self.transaction, draft.memory
        replaced = [] if imports(self.request) else [resolve(transaction.writer, old) for old in memory.supersedes]
        olds = [transaction.writer.memory(ordinal) for ordinal in replaced]
        names = tuple(old.id for old in olds)
        memory = replace(memory, id=memory.id or new_id(transaction.writer), supersedes=names or memory.supersedes)
        transaction.add(memory, prepared, draft.told)
        ended = memory.valid_from or memory.observed_at
        changes = [transaction.amend(ordinal, superseded_by=memory.id, valid_until=ended) for ordinal in replaced]
        transaction.enter("remember", created=[memory.record()], changes=changes, **self._grouped())
        told = [{"id": old.id, "text": old.text, "by": "you", "at": ended} for old in olds]
        return {"id": memory.id, "status": "stored", "supersedes": told}

    def _again(self, known: Known, draft: Draft) -> dict[str, Any]:
        old, memory = self.transaction.writer.memory(known.ordinal), draft.memory
        if known.meaning == "wrong":
            return {"id": old.id, "status": "known_wrong", "message": self._what_was_wrong(old)}
        values = _merged(old, memory) if known.meaning == "merges" else {}
        if known.meaning == "confirms" and not imports(self.request):
            sealed = old.pinned and self.request.caller.is_agent
            tags = old.tags if sealed else tuple(dict.fromkeys(old.tags + memory.tags))
            values = {
                "confirmations": old.confirmations + 1,
                "tags": tags,
                "pinned": old.pinned or memory.pinned,
                "claims": old.claims if sealed else tuple(dict.fromkeys(old.claims + memory.claims)),
            }
        relived = self._relive(known, draft, values)
        if values or relived:
            change = {**self.transaction.amend(known.ordinal, **values), **relived}
            self.transaction.enter(
                "confirm" if known.meaning == "confirms" else "merge", changes=[change], **self._grouped()
            )
        return {"id": old.id, "status": "confirmed"}

    def _relive(self, known: Known, draft: Draft, values: dict[str, Any]) -> dict[str, Change]:
        """A confirmation on the day of the request, or what a record of the same id adds; as a part of the change."""
        lives = self.transaction.lives
        if known.meaning == "confirms":
            return {"lifecycle": lives.confirm(known.ordinal, self.request.day)} if values else {}
        if known.meaning != "merges" or (draft.told is None and COUNTS.isdisjoint(values)):
            return {}
        merged = replace(self.transaction.writer.memory(known.ordinal), **values)
        change = lives.join(known.ordinal, merged, draft.told)
        return {"lifecycle": change} if change["before"] != change["after"] else {}

    def _what_was_wrong(self, old: Memory) -> str:
        if old.erased:
            return f"{old.id} was erased: its id isn't given to a text again"
        reader, since, into = self.transaction.writer, old.forgotten_at, ""
        name = successor(self.request, reader, old)
        if name is not None and (ordinal := reader.ordinal_of(name)) is not None:
            since, into = reader.memory(ordinal).recorded_at, f" into {name}"
        day = f" {ago(from_iso(since, UTC), self.request.now)}" if since else ""
        return f"you {'corrected' if old.never_true else 'forgot'} this{day}{into}; --force remembers it all the same"

    def _grouped(self) -> dict[str, Any]:
        return {} if self.group is None else {"group": self.group}


def _merged(old: Memory, new: Memory) -> dict[str, Any]:
    """What a record of the same id adds: endings, corrections, uses and tags; only an undone memory comes back."""
    undone = old.reason == UNDONE
    joined = ("tags", "claims", *DECISIONS)
    merged = {
        **{name: tuple(dict.fromkeys(getattr(old, name) + getattr(new, name))) for name in joined},
        "pinned": old.pinned or new.pinned,
        "private": old.private or new.private,
        "uses": max(old.uses, new.uses),
        "confirmations": max(old.confirmations, new.confirmations),
        "last_used": max(filter(None, (old.last_used, new.last_used)), default=None),
        "superseded_by": old.superseded_by or new.superseded_by,
        "valid_until": old.valid_until or new.valid_until,
        "forgotten_at": new.forgotten_at if undone else old.forgotten_at or new.forgotten_at,
        "never_true": old.never_true or new.never_true,
        "reason": new.reason if undone else old.reason or new.reason,
    }
    return {name: value for name, value in merged.items() if value != getattr(old, name)}

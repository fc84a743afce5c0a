"""Uses of memories: reported by who was helped, or seen where one of the last recalls' hits is opened."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any

from slm.engine.agents import named
from slm.engine.change import current, latest
from slm.engine.learning import LEARN, Event, events_of
from slm.engine.recalls import Recalled
from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.errors import DaemonUnavailable, StorageRefused
from slm.times import iso


def used(request: Request) -> dict[str, Any]:
    """Count one use of each memory named, and learn from it where one of the last recalls had shown it.

    What that recall's hits were counted for already is not counted again: one use a pair of recall and memory.
    """
    engine, peer = request.engine, request.caller.actor
    with engine.store.read() as reader:
        shown = list(dict.fromkeys(named(request, reader, written) for written in request.fields["id"]))
        today = dict.fromkeys(current(request, reader, written) for written in request.fields["id"])
        names = [reader.memory(ordinal).id for ordinal in today]
    _count(request, [ordinal for ordinal in shown if not engine.recalls.was_used(peer, ordinal)])
    return {"used": names}


def opened(request: Request, ordinals: Sequence[int]) -> None:
    """Count a use of those of ``ordinals`` that one of the peer's last recalls had shown, as :func:`used` does.

    Looking doesn't wait for it, and goes on where the disk refuses it or the daemon is stopping.
    """
    recalls, peer = request.engine.recalls, request.caller.actor

    def count() -> None:
        fresh = [i for i in dict.fromkeys(ordinals) if recalls.showing(peer, i) and not recalls.was_used(peer, i)]
        with suppress(StorageRefused):
            _count(request, fresh)

    if any(recalls.showing(peer, ordinal) for ordinal in ordinals):
        with suppress(DaemonUnavailable):
            request.engine.later(count)


def _count(request: Request, shown: Sequence[int]) -> None:
    """A use of the memories that those ``shown`` stand for today, and what it teaches; nothing for none."""
    if not shown:
        return
    now, engine = iso(request.now.astimezone(UTC)), request.engine
    told: Sequence[tuple[Recalled, Event]] = events_of(engine.recalls, request.caller.actor, shown)
    events = [event for _, event in told] if engine.config.recall.learn else []
    learnt = engine.learning.after(events)

    def change(transaction: Transaction) -> None:
        ordinals = dict.fromkeys(latest(transaction.writer, ordinal) for ordinal in shown)
        memories = {ordinal: transaction.writer.memory(ordinal) for ordinal in ordinals}
        for ordinal, memory in memories.items():
            transaction.amend(ordinal, uses=memory.uses + 1, last_used=now)
            transaction.lives.use(ordinal, request.day)
        transaction.enter("use", ids=[memory.id for memory in memories.values()], day=request.day)
        if events:
            transaction.enter(LEARN, events=[event.record() for event in events], epoch=learnt.epoch)
            learnt.save(transaction.writer)

    engine.transact(request.caller.actor, change)
    for recall, _ in told:
        recall.used.update(set(shown) & set(recall.ordinals.tolist()))
    engine.use_weights(learnt)

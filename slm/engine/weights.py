"""What was learnt from use: shown, forgotten, and taken up from an export."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from slm.engine.learning import RESET, RESTORE, Learning
from slm.engine.request import Request
from slm.engine.transaction import Transaction
from slm.errors import InvalidInput
from slm.retrieval.learning import OtherTerms


def show(request: Request) -> dict[str, Any]:
    """The weights that ranking uses, and how far use has moved them."""
    learning = request.engine.learning
    return {
        "learns": request.engine.config.recall.learn,
        "epoch": learning.epoch,
        "uses": learning.learner.n_uses,
        "weights": learning.document(),
    }


def reset(request: Request) -> dict[str, Any]:
    """Go back to the default weights and forget what was learnt."""
    fresh = Learning.begin(request.engine.learning.epoch + 1)
    _put(request, fresh, RESET, epoch=fresh.epoch)
    return {"epoch": fresh.epoch, "uses": 0, "weights": fresh.document()}


def restore(request: Request) -> dict[str, Any]:
    """Take up what an export says was learnt; a profile that has learnt something itself is left alone.

    ``status`` is restored, known (the same was learnt here), kept (something else was), or other_terms.
    Raises :class:`InvalidInput` for what no export says.
    """
    own = request.engine.learning
    try:
        learnt = Learning.from_record(request.fields["learnt"])
    except OtherTerms:
        return {"status": "other_terms", "uses": own.learner.n_uses}
    except ValueError as error:
        raise InvalidInput(f"what was learnt can't be read: {error}", hint="write the export again") from None
    if own.learner.n_uses:
        return {"status": "known" if own.record() == learnt.record() else "kept", "uses": own.learner.n_uses}
    taken = replace(learnt, epoch=max(learnt.epoch, own.epoch + 1) if own.epoch else learnt.epoch)
    _put(request, taken, RESTORE, learnt=taken.record())
    return {"status": "restored", "uses": taken.learner.n_uses}


def _put(request: Request, learning: Learning, op: str, **payload: Any) -> None:
    """Keep and journal a state of learning, and rank by it from now on."""

    def change(transaction: Transaction) -> None:
        transaction.enter(op, **payload)
        learning.save(transaction.writer)

    request.engine.transact(request.caller.actor, change)
    request.engine.use_weights(learning)

"""why: what a memory is and which recall showed it last, and the last recall explained. Nothing here ranks.

The recalls are those that the caller's peer asked for: they are in memory only, and gone when the profile is closed.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from slm.engine.agents import named
from slm.engine.claim_documents import Documents
from slm.engine.doubts import Doubts
from slm.engine.eligible import visible
from slm.engine.hits import about
from slm.engine.look import history
from slm.engine.phases import explain, phases_of
from slm.engine.recalls import RECALLS, Recalled
from slm.engine.request import Request
from slm.engine.why_not import why_not
from slm.errors import InvalidInput, NotFound
from slm.model import Memory
from slm.store.reader import Reader
from slm.times import iso

OWN_FIELDS = frozenset({"id", "for", "last", "now"})


def run(request: Request) -> dict[str, Any]:
    """Answer the ``why`` operation: of one memory, of one memory for a question, or of the last recall."""
    _check(request.fields)
    with request.engine.store.read() as reader:
        if request.fields.get("last"):
            return _last(request, reader)
        ordinal = named(request, reader, request.fields["id"])
        memory = reader.memory(ordinal)
        if "for" in request.fields:
            return why_not(request, reader, ordinal)
        return _about(request, reader, memory, ordinal)


def _check(fields: dict[str, Any]) -> None:
    wanted = "an id, or last"
    if bool(fields.get("last")) == ("id" in fields):
        raise InvalidInput(f"why: give {wanted}", hint="slm why k3m9q, slm why --last")
    if "for" in fields and "id" not in fields:
        raise InvalidInput("why: a question is asked of one memory", hint="slm why k3m9q --for which port")
    if "for" not in fields and (others := sorted(set(fields) - OWN_FIELDS)):
        raise InvalidInput(f"why: {others[0]} goes with a question", hint="slm why k3m9q --for which port")


def _about(request: Request, reader: Reader, memory: Memory, ordinal: int) -> dict[str, Any]:
    showing = request.engine.recalls.showing(request.caller.actor, ordinal)
    doubts, documents = doubts_of(request, reader), Documents(reader, request.engine.claims)
    return {
        **doubts.marked(ordinal, about(memory, phases_of(request, [ordinal])[0])),
        "conflicts": doubts.documents(documents, [ordinal]),
        "lifecycle": explain(request, ordinal, request.day),
        "history": history(request, reader, memory, memory),
        "recalled": {**_asked(showing[0]), "hit": _shown(request, reader, *showing)} if showing else None,
    }


def _last(request: Request, reader: Reader) -> dict[str, Any]:
    recall = next(request.engine.recalls.of(request.caller.actor), None)
    if recall is None:
        raise NotFound(
            "no recall of yours is remembered", hint=f"slm recall WORDS; the last {RECALLS} are kept, in memory only"
        )
    hidden = request.caller.is_agent
    places = [i for i, o in enumerate(recall.ordinals) if not (hidden and reader.memory(int(o)).private)]
    return {**_asked(recall), "hits": [_shown(request, reader, recall, place) for place in places]}


def doubts_of(request: Request, reader: Reader) -> Doubts:
    """What claims say of memories of any scope, as far as the caller sees."""
    return Doubts(request.engine.sheaf, reader, partial(visible, request, reader, every_scope=True))


def _asked(recall: Recalled) -> dict[str, Any]:
    return {
        "recall_id": recall.recall_id,
        "query": recall.query,
        "asked_at": iso(recall.asked),
        "scope": list(recall.scopes),
        "searched": recall.n_searched,
        "abstained": recall.verdict.reason is not None,
        "reason": recall.verdict.reason,
        "probability": round(recall.verdict.probability, 3),
    }


def _shown(request: Request, reader: Reader, recall: Recalled, place: int) -> dict[str, Any]:
    """A hit as ``recall`` showed it, with the memory and its phase as they are today."""
    ordinal = int(recall.ordinals[place])
    memory, phase = reader.memory(ordinal), phases_of(request, [ordinal])[0]
    return {
        "rank": place + 1,
        "score": float(recall.scores[place]),
        **doubts_of(request, reader).marked(ordinal, about(memory, phase)),
        "why": recall.terms_at(place),
        "channels": recall.standings_at(place),
        "weights": recall.weights_at(place),
    }

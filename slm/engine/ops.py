"""The operations of ``slm-json/1``: their fields, which the commands' options mirror, and what answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from slm.engine import (
    audit,
    backups,
    change,
    claim_ops,
    context,
    disclose,
    erase,
    export,
    health,
    look,
    near_duplicates,
    phases,
    privacy,
    recall,
    remember,
    resolve,
    scopes,
    tags,
    undo,
    uses,
    watches,
    weights,
    why,
)
from slm.engine.fields import Field
from slm.engine.request import Request

Turn = Literal["query", "write"]


@dataclass(frozen=True, slots=True)
class Op:
    """How an operation is asked and answered; ``turn`` says whether it goes ahead of waiting writes."""

    fields: Mapping[str, Field]
    run: Callable[[Request], dict[str, Any]]
    turn: Turn


IDS = Field("texts", "ids, or unique prefixes of ids", required=True)
ONE_ID = Field("text", "an id, or a unique prefix of one", required=True)
DRY_RUN = Field("flag", "say what would happen, change nothing")
AFTER = Field("text", "the 'next' of the page before")
ASKED_HOW: Mapping[str, Field] = {
    "limit": Field("integer", "how many hits, 1 to 1000"),
    "budget": Field("integer", "tokens that the hits' texts may take together"),
    "since": Field("time", "observed at or after"),
    "until": Field("time", "observed at or before"),
    "as_of": Field("time", "what was true then, by today's knowledge"),
    "now": Field("time", "the asking time"),
    "tag": Field("texts", "tags that a hit must carry, all of them"),
    "all_scopes": Field("flag", "look at every scope"),
    "archived": Field("flag", "archived memories as well; without it, only where the others are no answer"),
    "min_confidence": Field("number", "abstain below this probability; 0 never abstains"),
}

LISTED: Mapping[str, Field] = {
    "unused": Field("flag", "never used"),
    "before": Field("time", "recorded before"),
    "by_actor": Field("text", "remembered by"),
    "source": Field("text", "coming from"),
    "tag": Field("texts", "tags, all of them"),
    "kind": Field("text", "note, fact, preference, decision, event or turn"),
    "phase": Field("text", "active, warm, cold or archived"),
    "now": Field("time", "the day of which the phases are"),
    "all_scopes": Field("flag", "of every scope"),
}

OPS: Mapping[str, Op] = {
    "remember": Op(
        {
            "text": Field("text", "what to remember"),
            "batch": Field("records", "records to remember in one commit, instead of text"),
            "group": Field("text", "batches of one group are undone together"),
            "kind": Field("text", "note, fact, preference, decision, event or turn"),
            "claim": Field("texts", "claims that it makes, such as api.port=5433"),
            "tag": Field("texts", "tags"),
            "speaker": Field("text", "who said it; none means the owner"),
            "session": Field("text", "the conversation or file it belongs to"),
            "at": Field("time", "when it was observed"),
            "valid_from": Field("time", "since when it is true"),
            "valid_until": Field("time", "until when it is true"),
            "source": Field("text", "where it comes from"),
            "importance": Field("number", "0 to 1"),
            "pin": Field("flag", "keep it pinned"),
            "private": Field("flag", "never show it to agents"),
            "supersedes": Field("texts", "ids of memories that it replaces from now on"),
            "idempotency_key": Field("text", "the same key stores nothing twice"),
            "no_redact": Field("flag", "store secrets as they are"),
            "force": Field("flag", "remember it although it was corrected or forgotten"),
        },
        remember.run,
        "write",
    ),
    "recall": Op(
        {
            "query": Field("text", "what to look for", required=True),
            **ASKED_HOW,
            "why": Field("flag", "show the terms of each score, the ranks by channel, the 'weights' that use moved"),
            "without_private": Field("flag", "leave private memories out, as agents see it"),
            "answer": Field("flag", "quote the answer from the hits: {text, kind, support: ids}, or null"),
        },
        recall.run,
        "query",
    ),
    "context": Op(
        {
            "topic": Field("text", "what it is needed for"),
            "budget": Field("integer", "tokens that the whole block may take, 100 to 100000"),
            "now": Field("time", "the asking time"),
            "why": Field("flag", "say what was left out"),
        },
        context.run,
        "query",
    ),
    "why": Op(
        {
            "id": Field("text", "an id: what it is, and 'recalled', the caller's last recall that showed it, or null"),
            "for": Field("text", "a question: its 'rank', 'gap' to the 'lowest' hit shown, what it is 'excluded' by"),
            "last": Field("flag", "the caller's last recall: 'query', 'hits' with 'why', 'channels', 'weights'"),
            **ASKED_HOW,
        },
        why.run,
        "query",
    ),
    "show": Op({"id": IDS, "history": Field("flag", "with all earlier versions")}, look.show, "query"),
    "list": Op(
        {"limit": Field("integer", "memories a page, 1 to 1000"), "after": AFTER, **LISTED}, look.list_memories, "query"
    ),
    "similar": Op(
        {"limit": Field("integer", "groups told, 1 to 1000, those with the nearest pair first"), **LISTED},
        near_duplicates.run,
        "write",
    ),
    "audit": Op(
        {
            "as_of": Field("time", "what contradicted itself then, by today's knowledge"),
            "all_scopes": Field("flag", "look at every scope"),
            "tag": Field("texts", "memories with these tags alone, all of them"),
            "source": Field("text", "memories from this source alone"),
            "kind": Field("text", "memories of this kind alone"),
            "by_actor": Field("text", "what this actor remembered alone"),
            "explain": Field("flag", "with vertices, edges, coboundary and the tension of each claim"),
            "accepted": Field("flag", "with the conflicts that were accepted"),
            "limit": Field("integer", "conflicts and supersessions told in full, the most severe first; default 100"),
            "patience_s": Field(
                "number", "seconds after which the answer is how far it is, under 'unfinished'; asking again goes on"
            ),
        },
        audit.run,
        "query",
    ),
    "audit_resolve": Op(
        {
            "conflict": Field("text", "the id of a conflict, or a unique prefix of it", required=True),
            "drop": Field("texts", "memories whose claims in this conflict no longer count, or single claims"),
            "ends": Field("text", "the memory, or the claim, that was true until the time 'at'"),
            "at": Field("time", "until when it was true"),
            "accept": Field("flag", "leave all of it standing"),
            "dry_run": DRY_RUN,
        },
        resolve.run,
        "write",
    ),
    "claims_list": Op(
        {
            "id": Field("texts", "ids of memories; without, the newest that have claims"),
            "limit": Field("integer", "memories a page, 1 to 1000"),
            "after": AFTER,
            "all_scopes": Field("flag", "of every scope"),
        },
        claim_ops.list_claims,
        "query",
    ),
    "claims_add": Op(
        {"id": ONE_ID, "claim": Field("texts", "claims, such as api.port=5433", required=True)},
        claim_ops.add,
        "write",
    ),
    "claims_drop": Op(
        {"id": Field("texts", "claims as memory/claim, or memories: all of theirs", required=True)},
        claim_ops.drop,
        "write",
    ),
    "used": Op({"id": IDS}, uses.used, "write"),
    "disclose": Op(
        {"id": IDS, "to": Field("text", "the server that is about to get them", required=True)}, disclose.run, "write"
    ),
    "correct": Op(
        {
            "id": ONE_ID,
            "text": Field("text", "the corrected text", required=True),
            "from": Field("time", "the old text was true until then; without it, it never was"),
            "reason": Field("text", "why"),
        },
        change.correct,
        "write",
    ),
    "forget": Op(
        {
            "id": Field("texts", "ids, or unique prefixes of ids"),
            "tag": Field("text", "all memories with this tag"),
            "source": Field("text", "all memories from this source"),
            "mentions": Field("text", "all memories that name this, in every scope"),
            "reason": Field("text", "why"),
            "dry_run": DRY_RUN,
        },
        change.forget,
        "write",
    ),
    "erase": Op(
        {
            "id": Field("texts", "ids, or unique prefixes of ids; each goes with its whole history"),
            "tag": Field("text", "all memories with this tag"),
            "source": Field("text", "all memories from this source"),
            "mentions": Field("text", "all memories that name this, in every scope"),
            "dry_run": DRY_RUN,
        },
        erase.run,
        "write",
    ),
    "undo": Op(
        {
            "entry": Field("integer", "a journal entry; default your last change"),
            "by_actor": Field("text", "every change of this actor that stands, instead of one"),
            "since": Field("time", "of the actor's, those made since then"),
            "dry_run": DRY_RUN,
        },
        undo.run,
        "write",
    ),
    "tag": Op(
        {"id": ONE_ID, "add": Field("texts", "tags to add"), "remove": Field("texts", "tags to remove")},
        change.tag,
        "write",
    ),
    "pin": Op({"id": IDS}, change.pin, "write"),
    "unpin": Op({"id": IDS}, change.unpin, "write"),
    "status": Op({}, health.status, "query"),
    "stats": Op({}, health.stats, "query"),
    "phases": Op({"now": Field("time", "the day of which they are")}, phases.run, "query"),
    "weights": Op({}, weights.show, "query"),
    "weights_reset": Op({}, weights.reset, "write"),
    "weights_restore": Op(
        {"learnt": Field("object", "what an export says was learnt", required=True)}, weights.restore, "write"
    ),
    "doctor": Op({}, health.doctor, "query"),
    "privacy": Op({}, privacy.run, "query"),
    "log": Op(
        {
            "limit": Field("integer", "entries a page, 1 to 1000"),
            "after": AFTER,
            "verify": Field("flag", "check the whole chain"),
            "head": Field("text", "a head kept elsewhere, which the chain must contain"),
        },
        look.log,
        "query",
    ),
    "export": Op({"after": AFTER}, export.run, "query"),
    "tags": Op({}, tags.run, "query"),
    "backup": Op(
        {
            "path": Field("path", "the file to write, absolute; default one below the data root"),
            "now": Field("time", "the time it is named and remembered by"),
        },
        backups.create,
        "write",
    ),
    "scopes": Op({}, scopes.run, "query"),
    "scope_rename": Op(
        {"from": Field("text", "a scope", required=True), "to": Field("text", "its new name", required=True)},
        scopes.rename,
        "write",
    ),
    "watch_add": Op(
        {
            "path": Field("path", "the folder, as an absolute path", required=True),
            "glob": Field("texts", "which files, as in .gitignore; default *.md and *.markdown"),
            "name": Field("text", "what the journal calls it; default the folder's name"),
        },
        watches.add,
        "write",
    ),
    "watch_list": Op({}, watches.list_watches, "query"),
    "watch_remove": Op(
        {
            "watch": Field("path", "a watch's name, or its folder", required=True),
            "forget": Field("flag", "forget its memories too"),
        },
        watches.remove,
        "write",
    ),
}

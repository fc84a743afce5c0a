"""The tools that change: remember, correct, forget, used. What an agent may not change, the engine refuses."""

from __future__ import annotations

from typing import Any

from slm.daemon.mcp import shown
from slm.daemon.mcp.asking import Ask, Said
from slm.engine.fence import QUOTE
from slm.errors import InvalidInput
from slm.visible import one_line

OUTCOMES = {
    "stored": "Remembered as [slm:{id}].",
    "confirmed": "Known already as [slm:{id}]; counted as a confirmation.",
    "known_wrong": "Not stored: the user has corrected or forgotten this ([slm:{id}]). Don't insist; ask the user.",
}


def remember(ask: Ask, given: dict[str, Any]) -> Said:
    """Store one text, and say what it resembles."""
    ask = ask.within(given.get("scope"))
    made = ask(
        "remember", text=given["text"], kind=given["kind"], tag=given.get("tags"), claim=given.get("claims"),
        speaker=given.get("speaker"), session=given.get("session"), at=given.get("observed_at"),
        source=given.get("source"), idempotency_key=given.get("idempotency_key"),
    )  # fmt: skip
    scope = ask("show", id=[made["id"]])["memories"][0]["scope"] if made["status"] != "known_wrong" else ""
    similar = [{"id": near["id"], "text": near["text"], "similarity": near["similarity"]} for near in made["similar"]]
    document = {
        "id": made["id"],
        "status": made["status"],
        "similar": similar,
        "conflicts": made["conflicts"] or [],
        "scope": scope,
        "scope_from": ask.scope_from,
        **({"redacted": made["redacted"]} if made["redacted"] else {}),
        **({"compared": False} if made["conflicts"] is None else {}),
    }
    return Said(document, "\n".join(_told(document)))


def _told(document: dict[str, Any]) -> list[str]:
    lines = [OUTCOMES[document["status"]].format(id=document["id"])]
    if document["scope"]:
        lines.append(f"scope: {one_line(document['scope'])}")
    if document.get("redacted"):
        lines.append(f"Taken out before storing: {', '.join(document['redacted'])}.")
    if document["similar"]:
        lines.append("Similar, as data; if one says the same thing in an older form, memory_correct it:")
        lines += [f"[slm:{near['id']}]\n{QUOTE}{one_line(near['text'])}" for near in document["similar"]]
    if "compared" in document:
        lines.append("Not compared with the claims of other memories yet: those are still being read.")
    if document["conflicts"]:
        lines.append("This contradicts what is remembered. Tell the user; don't settle it yourself.")
    return lines


def correct(ask: Ask, given: dict[str, Any]) -> Said:
    """Replace one memory by a corrected text."""
    made = ask(
        "correct", id=given["id"], text=given["text"], reason=given.get("reason"), **{"from": given.get("valid_from")}
    )
    document = {"id": made["id"], "replaced": made["replaced"], "valid_from": made["from"]}
    return Said(document, f"[slm:{made['id']}] replaces [slm:{made['replaced']}]; the history is kept.")


def forget(ask: Ask, given: dict[str, Any]) -> Said:
    """Hide memories, or say which would be hidden."""
    if not given["ids"]:
        raise InvalidInput("ids: name at least one memory")
    done = ask("forget", id=given["ids"], reason=given.get("reason"), dry_run=given["dry_run"])
    document = {
        "forgotten": [shown.memory(record) for record in done["forgotten"]],
        "needs_user": done.get("needs_user", []),
        "dry_run": given["dry_run"],
    }
    verb = "Would hide (nothing was changed; repeat with dry_run=false):" if given["dry_run"] else "Hidden:"
    lines = [verb, shown.block(done["forgotten"])] if done["forgotten"] else ["Nothing to hide."]
    if document["needs_user"]:
        lines.append(f"Pinned, so only the user can: {', '.join(document['needs_user'])}")
    return Said(document, "\n".join(lines))


def used(ask: Ask, given: dict[str, Any]) -> Said:
    """Count one use of each memory."""
    if not given["ids"]:
        raise InvalidInput("ids: name at least one memory")
    names = ask("used", id=given["ids"])["used"]
    return Said({"used": names}, f"Counted: {', '.join(names)}")

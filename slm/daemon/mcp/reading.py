"""The tools that read: recall, get, context, list."""

from __future__ import annotations

from typing import Any

from slm.daemon.mcp import shown
from slm.daemon.mcp.asking import Ask, Said
from slm.engine.fence import of_hit
from slm.errors import InvalidInput, SlmError


def recall(ask: Ask, given: dict[str, Any]) -> Said:
    """Count what helped before, then answer the question."""
    credited = _credited(ask, given.get("used"))
    ask, budget = ask.within(given.get("scope")), given["budget_tokens"]
    found = ask(
        "recall", query=given["query"], limit=given["limit"], budget=budget, tag=given.get("tags"),
        since=given.get("since"), until=given.get("until"), as_of=given.get("as_of"), why=given.get("why"),
    )  # fmt: skip
    hits = [shown.hit(hit, budget) for hit in found["hits"]]
    document: dict[str, Any] = {"recall_id": found["recall_id"], "hits": hits, "abstained": found["abstained"]}
    if found["abstained"]:
        near = [shown.hit(hit, budget // 3) for hit in found["near_misses"]]
        document |= {"reason": found["reason"], "near_misses": near, "elsewhere": found["elsewhere"]}
    document |= {"scope": found["scope"], "scope_from": ask.scope_from, **credited}
    return Said(document, _told(found, document, budget))


def _credited(ask: Ask, ids: list[str] | None) -> dict[str, Any]:
    """What came of reporting uses; a wrong id must not cost the agent its answer."""
    if not ids:
        return {}
    try:
        return {"used": ask("used", id=ids)["used"]}
    except SlmError as error:
        return {"used": [], "used_error": error.message}


def _told(found: dict[str, Any], document: dict[str, Any], budget: int) -> str:
    where = " + ".join(found["scope"])
    error = [f"used: {document['used_error']}"] if "used_error" in document else []
    if not found["abstained"]:
        block = shown.block(map(of_hit, found["hits"]), budget)
        return "\n".join([block, f"looked in {where}; recall_id {found['recall_id']}", *error])
    lines = [f"Nothing in {where} answers this: {found['reason']}.", *error]
    if found["elsewhere"]:
        counts = ", ".join(f"{scope} ({count})" for scope, count in found["elsewhere"].items())
        lines.append(f"In other scopes: {counts}")
    if found["near_misses"]:
        near = shown.block(map(of_hit, found["near_misses"]), budget // 3)
        lines += ["Nearest, which is no answer:", near]
    return "\n".join(lines)


def get(ask: Ask, given: dict[str, Any]) -> Said:
    """Whole memories, with ``history`` what they were, with ``why`` what the last recall that showed them said."""
    if not given["ids"]:
        raise InvalidInput("ids: name at least one memory")
    records = ask("show", id=given["ids"], history=given.get("history"))["memories"]
    memories = [shown.memory(record) for record in records]
    for lean, record in zip(memories, records, strict=True):
        if given.get("history"):
            lean["history"] = [shown.memory(old) for old in record["history"]]
        if given.get("why"):
            lean["recalled"] = _recalled(ask, record["id"])
    earlier = [old for record in records for old in record.get("history", ())]
    return Said({"memories": memories}, shown.block([*records, *earlier]))


def _recalled(ask: Ask, memory_id: str) -> dict[str, Any] | None:
    recalled = ask("why", id=memory_id)["recalled"]
    if recalled is None:
        return None
    hit = recalled["hit"]
    return {"query": recalled["query"], **{name: hit[name] for name in ("rank", "score", "why", "channels")}}


def context(ask: Ask, given: dict[str, Any]) -> Said:
    """A digest for a task."""
    folder = given.get("cwd")
    if folder is not None and not folder.startswith("/"):
        raise InvalidInput(f"cwd is an absolute folder, not {folder!r:.60}")
    ask = ask.at(folder)
    found = ask("context", topic=given.get("topic"), budget=given["budget_tokens"])
    text = found["text"] or f"Nothing is remembered for {' + '.join(found['scope'])}."
    ids = [memory_id for section in found["sections"].values() for memory_id in section]
    return Said({"text": text, "ids": ids, "scope": found["scope"], "scope_from": ask.scope_from}, text)


def listed(ask: Ask, given: dict[str, Any]) -> Said:
    """A page of memories by exact filters, as many as the budget holds: the next page begins where it is spent."""
    budget, filters = given["budget_tokens"], {name: given.get(name) for name in ("after", "kind", "source")}
    ask = ask.within(given.get("scope"))
    page = ask("list", limit=given["limit"], tag=given.get("tags"), **filters)
    costs = [shown.cost(record, budget) for record in page["memories"]]
    n_kept = len(shown.fitting(page["memories"], costs, budget))
    if n_kept < len(page["memories"]):
        page = ask("list", limit=n_kept, tag=given.get("tags"), **filters)
    more = {"next": page["next"]} if page["next"] else {}
    memories = [shown.memory(record, budget) for record in page["memories"]]
    return Said({"memories": memories, **more}, shown.block(page["memories"], budget))

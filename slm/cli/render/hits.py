"""The answer of recall: hits with their second line, the terms of a score, and what is said when nothing fits."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from slm.cli.render.memory import ID_CELLS, author, day, scope_names, short_ids
from slm.cli.render.text import Layout, columns, padded
from slm.counted import MEMORIES, counted
from slm.scope import short
from slm.visible import one_line

MOST_LINES = 4
"""Lines of one memory's text on a terminal; without a width the text is printed whole."""
BAR_CELLS = 12
EIGHTHS = " ▏▎▍▌▋▊▉"

Answer = dict[str, Any]


def hits(answer: Answer, layout: Layout, *, why: bool) -> list[str]:
    """The hits, best first: text, then who, when and how near; with ``why`` the terms of each score."""
    shown = answer["hits"]
    ids = _ids(shown)
    lines: list[str] = []
    for hit in shown:
        lines += _text(hit, ids, layout)
        lines += explained(hit, answer, layout) if why else [_second(hit, answer, ids, layout)]
    return lines


def quoted(answer: Answer, layout: Layout) -> list[str]:
    """The answer quoted from the hits and the memories it rests on; that there is none, where none can be quoted."""
    said = answer.get("answer")
    if not said:
        return [layout.paint("dim", "no answer can be quoted from these:")]
    ids = _ids(answer["hits"])
    rests = "from " + ", ".join(ids.get(memory, memory) for memory in said["support"])
    return [layout.paint("bold", one_line(said["text"])) + "  " + layout.paint("dim", rests)]


def footer(answer: Answer, layout: Layout, *, archived: bool = False) -> list[str]:
    """How likely this is the answer, where it was looked for, how long it took.

    A second line where archived memories are shown although ``archived`` ones weren't asked for, or were left out.
    """
    probability = answer.get("probability")
    parts = [
        f"{_likelihood(probability)} ({probability:.0%})".replace("%", " %") if probability is not None else "",
        scope_names(answer.get("scope") or ()),
        _milliseconds(answer.get("timings_ms") or {}),
    ]
    left_out, said = answer.get("left_out") or 0, []
    if answer.get("with_archived") and not archived:
        said = ["memories in use were no likely answer: archived ones are shown as well"]
    elif left_out:
        said = [f"{counted(left_out, 'archived memory', 'archived memories')} left out: --archived"]
    return [layout.paint("dim", line) for line in [" · ".join(filter(None, parts)), *said]]


def nothing(answer: Answer, layout: Layout) -> list[str]:
    """Why there is no answer, where else memories are, and what came nearest."""
    where, reason = scope_names(answer.get("scope") or ()), answer.get("reason")
    where += ", archived memories included" if answer.get("with_archived") else ""
    lines = [f"nothing in {where}" + (f": {one_line(reason)}" if reason else "")]
    if answer.get("elsewhere"):
        lines.append(_elsewhere(answer["elsewhere"]))
    near = answer.get("near_misses") or []
    if near:
        ids = _ids(near)
        lines.append("nearest, not shown as an answer:")
        lines += [
            f"  {ids[hit['memory']['id']]}  " + layout.trimmed(hit["memory"]["text"], ID_CELLS + 2) for hit in near
        ]
        lines.append(layout.paint("dim", "--min-confidence 0 shows them all the same"))
    return lines


def _elsewhere(counts: dict[str, int]) -> str:
    count, names = sum(counts.values()), sorted(counts, key=lambda name: (-counts[name], name))
    named = ", ".join(one_line(short(name)) for name in names[:3]) + "…" * (len(names) > 3)
    others = f"scope {named}" if len(names) == 1 else f"{len(names)} other scopes ({named})"
    return f"{counted(count, *MEMORIES)} in {others}: --all-scopes"


def _ids(shown: list[dict[str, Any]]) -> dict[str, str]:
    memories = [hit["memory"] for hit in shown]
    return short_ids([m["id"] for m in memories] + [found for hit in shown if (found := _successor(hit))])


def _successor(hit: dict[str, Any]) -> str | None:
    """The id of the memory that replaces it, as its record or the claims say."""
    found: str | None = hit["memory"].get("superseded_by") or hit.get("successor")
    return found


def _text(hit: dict[str, Any], ids: dict[str, str], layout: Layout) -> list[str]:
    memory = hit["memory"]
    shown = ids[memory["id"]]
    first, *more = layout.wrapped(memory["text"], ID_CELLS, most=MOST_LINES)
    return [layout.paint("bold", shown) + "  " + first, *(" " * ID_CELLS + line if line else "" for line in more)]


def _second(hit: dict[str, Any], answer: Answer, ids: dict[str, str], layout: Layout) -> str:
    memory = hit["memory"]
    successor = _successor(hit)
    if successor:
        until = f"until {day(memory['valid_until'], layout)}, " if memory.get("valid_until") else ""
        return " " * ID_CELLS + layout.paint("dim", f"{until}replaced by {ids[successor]}")
    other_scope = memory.get("scope") not in (None, *answer.get("scope", ())) or len(answer.get("scope", ())) > 2
    parts = [
        ", ".join(filter(None, [author(memory), day(memory.get("observed_at"), layout)])),
        one_line(short(memory["scope"])) if other_scope else "",
        " ".join(f"#{one_line(tag)}" for tag in memory.get("tags") or ()),
        *(flag for flag in hit.get("flags") or () if flag != "superseded"),
        "private" if memory.get("private") else "",
        _nearness(hit.get("nearer_than"), answer.get("searched")),
    ]
    shown = layout.trimmed(" · ".join(filter(None, parts)), ID_CELLS)
    before, mark, after = shown.rpartition("contradicted" if "contradicted" in parts else "\n")
    return " " * ID_CELLS + layout.paint("dim", before) + layout.paint("warn", mark) + layout.paint("dim", after)


def _nearness(nearer_than: int | None, searched: int | None) -> str:
    if nearer_than is None or searched is None or searched < 2:
        return ""
    return f"nearer than {nearer_than} of {counted(searched, *MEMORIES)}"


def explained(hit: dict[str, Any], answer: Answer, layout: Layout) -> list[str]:
    """The terms of a score, the largest first, each with a bar in proportion and its :func:`remark`; sum and source.

    What would read as zero is left out.
    """
    named = {name: value for name, value in (hit.get("why") or {}).items() if number(value) != "0.00"}
    terms = sorted(named.items(), key=lambda term: (-abs(term[1]), term[0]))
    most = max((abs(value) for _, value in terms), default=0.0)
    table = [(one_line(name), number(value), bar(value, most), remark(name, hit, answer)) for name, value in terms]
    rows = columns([*table, (padded("sum", len("source")), number(hit["score"]), "", "")], right=frozenset({1}))
    cells = max(cell_len(name) for name, *_ in [*table, ("source",)])
    source = padded("source", cells) + "  " + layout.trimmed(_source(hit, layout), cells + 4)
    return [layout.paint("dim", "  " + layout.cut(line, 2)) for line in [*rows, source]]


def number(value: float) -> str:
    """A term as a reader sees it, without a minus before zero."""
    return f"{round(value, 2) + 0.0:.2f}"


def remark(name: str, hit: dict[str, Any], answer: Answer) -> str:
    """Where a memory stands by a term, and what use has made of its weight."""
    return " · ".join(filter(None, [standing(name, hit, answer), learnt((hit.get("weights") or {}).get(name))]))


def learnt(weight: dict[str, Any] | None) -> str:
    """A weight that use has moved, with its standard error; nothing where it reads as it was."""
    if weight is None or number(weight["weight"]) == number(weight["default"]):
        return ""
    error = number(weight["std_error"]).removeprefix("0")
    uses = counted(weight["uses"], "use")
    return f"weight {number(weight['weight'])} ±{error}, was {number(weight['default'])} ({uses})"


def standing(name: str, hit: dict[str, Any], answer: Answer) -> str:
    """Where a memory stands in the channel of that name among all that were searched; nothing for other terms."""
    rank, searched = (hit.get("channels") or {}).get(name), answer.get("searched") or 0
    if rank is None or searched < 2:
        return ""
    best = "nearest" if name == "meaning" else "best"
    return f"{best if rank == 1 else nth(rank)} of {searched}"


def nth(count: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if count // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def _source(hit: dict[str, Any], layout: Layout) -> str:
    memory = hit["memory"]
    told = ", ".join(filter(None, [author(memory), day(memory.get("observed_at"), layout)]))
    return " · ".join(filter(None, [told, memory.get("source")]))


def bar(value: float, most: float) -> str:
    """A bar as long as ``value`` is of ``most``, in eighths of a cell; a negative one is hollow."""
    eighths = round(abs(value) / most * BAR_CELLS * 8) if most else 0
    if value < 0:
        return "░" * max(1, round(eighths / 8))
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()


def _likelihood(probability: float) -> str:
    return "likely answered" if probability >= 0.5 else "perhaps answered" if probability >= 0.2 else "doubtful"


def _milliseconds(timings: dict[str, float]) -> str:
    total = timings.get("total")
    return "" if total is None else f"{total:.0f} ms" if total >= 1 else "under 1 ms"

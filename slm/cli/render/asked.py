"""The answer of ask: what the language model wrote, above the memories that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slm.cli.render.hits import hits
from slm.cli.render.text import Layout


def answered(document: dict[str, Any], layout: Layout) -> list[str]:
    """The answer, a blank line, and the memories it cites as recall shows them."""
    answer = document["answer"]
    cited = [hit for hit in document["hits"] if hit["memory"]["id"] in answer["cited"]]
    lines = layout.wrapped(answer["text"], 0)
    return [*lines, "", *hits({**document, "hits": cited}, layout, why=False)] if cited else lines


def doubts(document: dict[str, Any], layout: Layout) -> list[str]:
    """What a reader should know who relies on the answer: that it names no memory, or one that wasn't given to it."""
    answer = document["answer"]
    lines = []
    if answer["unknown"]:
        lines.append(f"it names {', '.join(answer['unknown'])}, which it was not given")
    if not answer["cited"]:
        lines.append("it names no memory: compare it with slm recall")
    return [layout.paint("warn", line) for line in lines]


def unanswered(document: dict[str, Any], short: Mapping[str, str], layout: Layout) -> list[str]:
    """That the model found no answer, and what it was given."""
    lines = [f"no answer: {document['reason']}:"]
    for hit in document["hits"]:
        shown = short[hit["memory"]["id"]]
        lines.append(f"  {shown}  " + layout.trimmed(hit["memory"]["text"], len(shown) + 4))
    return lines

"""What kind of answer a question wants, read off its own words."""

from __future__ import annotations

import re
from typing import Literal

Resolved = Literal["date", "told", "elapsed"]
Concluded = Literal["yes/no", "choice"]
Quoted = Literal["duration", "number", "why", "how", "name", "place", "title", "list", "span"]
Kind = Resolved | Concluded | Quoted
"""``date`` is resolved against the memory's day, ``told`` is that day itself, ``elapsed`` is counted from such a date.
``choice`` is one of two things that the question names. What is quoted stands in the memory word for word."""

AUXILIARY = (
    r"(?:am|is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might"
    r"|(?:is|are|was|were|do|does|did|has|have|had|ca|could|wo|would|should)n['’]?t)"
)
_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("choice", rf"^\W*{AUXILIARY}\b.+\w\W* or \w"),
    ("yes/no", rf"^\W*{AUXILIARY}\b"),
    ("duration", r"\bhow (?:long|old|many (?:minutes|hours|days|nights|weeks|months|years|decades))\b"),
    ("date", r"^\W*(?:since )?when\b|\b(?:what|which) (?:date|day|weekday|week|weekend|month|season|year|time)\b"),
    ("number", r"\bhow (?:many|much|often|far|tall|big|large|high|heavy)\b|\b(?:what|which) (?:number|port)\b"),
    ("why", r"^\W*why\b|\bwhat (?:motivated|inspired|made)\b|\breasons?\b"),
    ("how", r"^\W*(?:in what way|how)\b"),
    ("place", r"^\W*(?:from |to )?where\b|\b(?:what|which) (?:cit(?:y|ies)|countr(?:y|ies)|towns?|places?|states?)\b"),
    ("name", r"\b(?:who|whom|whose)\b|\bwhat(?:['’]s| is| was| are| were) .*\bnames?\b|\b(?:called|named)\W*$"),
    ("title", r"\b(?:what|which)(?: \w+){0,2} (?:book|novel|movie|film|song|album|show|series|game|band)s?\b"),
)
_ORDERED = tuple((kind, re.compile(sign, re.IGNORECASE)) for kind, sign in _SIGNS)

_SEVERAL = re.compile(
    r"\b(?:what|which|whose)(?: (?!(?:of|to|in|on|for|do|does|did|has|was|is)\b)[\w\-+&/']+){0,3} "
    r"(?!(?:is|was|does|has|this|series|his|its)\b)[\w\-]+(?<![sui])s\b"
    r"|^\W*(?:what|where|who) (?:are|were|all|has|have)\b",
    re.IGNORECASE,
)
_HEAD = re.compile(
    rf"\b(?:what|which)(?: (?:kind|type|sort|genre|style|colou?r)s? of)? (?!{AUXILIARY}\b)((?:[\w\-]+ ?){{1,3}})",
    re.IGNORECASE,
)


def kind_of(question: str) -> Kind:
    """The first kind whose sign stands in the question; ``span`` where there is none."""
    return next((kind for kind, sign in _ORDERED if sign.search(question)), "span")


def asks_for_several(question: str) -> bool:
    """Whether the question names what it asks for in the plural."""
    return _SEVERAL.search(question) is not None


def asked_thing(question: str) -> str:
    """The words right after "what", "which" or "what kind of": the thing whose particulars are asked for; or none."""
    found = _HEAD.search(question)
    return found[1].strip() if found else ""

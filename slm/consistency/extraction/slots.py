"""The slots of a matched pattern, read by their types: who it is about, whom with, which value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from slm.consistency.claim import Claim
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import CAPITAL, value
from slm.consistency.extraction.patterns import Pattern

PLACE_END = re.compile(
    r",?\s+(?:with|for|when|because|since|near|and|until|where|but|by|after|on|at|last|this|as|in|these|from"
    r"|while)\b.*$",
    re.IGNORECASE,
)
NOT_A_NAME = frozenset("monday tuesday wednesday thursday friday saturday sunday january february march april "
"june july "
                       "august september october november december christmas easter i".split())  # fmt: skip
TIMES = re.compile(r"\b(?:yesterday|yet|once|twice|before|ago|many times|last \w+|lately|together)\b", re.IGNORECASE)
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7"}
Groups = Mapping[str, str]
Build = Callable[[Draft, Pattern, Groups], list[Claim]]


def proper_name(text: str, *, words: int = 4) -> str | None:
    """A name that starts like one, cut before what no longer belongs to it."""
    text = PLACE_END.sub("", text.strip(" ,.`'\"")).split(",")[0].strip()
    parts = text.split()
    if not parts or len(parts) > words or not re.match(rf"[{CAPITAL}0-9]|team [{CAPITAL}]|the [{CAPITAL}]", text):
        return None
    return None if parts[0].lower() in NOT_A_NAME else text


def subject_of(draft: Draft, groups: Groups, name: str = "x") -> str | None:
    """The key of a noun phrase in a slot, or None."""
    return draft.names.subject(groups.get(name, ""))


def qualified(draft: Draft, subject: str, phrase: str) -> str:
    """The key of a subject with the words that tell it from others of its kind: where it runs, whereto it goes."""
    return " ".join(sorted({*subject.split(), *draft.names.bag(phrase).split()}))


def pair_of(draft: Draft, groups: Groups) -> tuple[str, str] | None:
    """The keys of both sides, or None where one is missing or they are the same."""
    left, right = (subject_of(draft, groups, name) for name in "xy")
    if groups["y"].lower() in ("mine", "ours"):
        right = draft.names.subject(f"my {groups['x'].split()[-1]}")
    return (left, right) if left and right and left != right else None


def value_of(draft: Draft, groups: Groups) -> str | None:
    """The value in whichever slot holds one, folded; None where it isn't of its type."""
    for slot in ("place", "name"):
        if slot in groups:
            text = proper_name(groups[slot])
            return None if not text or text[0].isdigit() else value(text, draft.tables)
    for slot in ("word", "language"):
        if slot in groups:
            text = groups[slot]
            return value(text, draft.tables) if len(text.split()) <= 3 else None
    if "ordinal" in groups:
        return ORDINALS.get(groups["ordinal"].lower(), re.sub(r"(?:st|nd|rd|th)$", "", groups["ordinal"].lower()))
    if "mine" in groups:
        return draft.names.speaker
    for slot in ("code", "path", "url", "seat", "version"):
        if slot in groups:
            return value(groups[slot].rstrip("/"), draft.tables).removeprefix("v" if slot == "version" else "\0")
    return None


def attribute_of(draft: Draft, pattern: Pattern, groups: Groups) -> str | None:
    """The attribute of a pattern with its object filled in, or None where the object is no thing."""
    name = pattern.attribute
    if "{o}" in name:
        bag = draft.names.bag(TIMES.sub("", groups.get("o", "").split(",")[0]))
        if not bag or len(groups["o"].split()) > 6:
            return None
        name = name.replace("{o}", bag)
    return name


def is_person(draft: Draft, phrase: str) -> bool:
    """Whether a phrase looks like a person: I, one's kin, or a name."""
    words = phrase.lower().split()
    return (
        words[0] == "i"
        or words[-1] in draft.tables.nouns["kin"]
        or re.fullmatch(r"[A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2}", phrase) is not None
    )

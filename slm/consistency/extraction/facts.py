"""Facts of one subject: names, truths, versions and counts."""

from __future__ import annotations

import re

from slm.consistency.claim import Claim
from slm.consistency.extraction.dates import days
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import value
from slm.consistency.extraction.patterns import Pattern
from slm.consistency.extraction.quantities import Quantity, number, units
from slm.consistency.extraction.slots import (
    Groups,
    attribute_of,
    is_person,
    proper_name,
    qualified,
    subject_of,
    value_of,
)

VAGUE = frozenset("it that this these those they you we i he she him her them how all so what when being having "
"your his "
                  "her their about into each other such more some every both not yet".split())  # fmt: skip
"""Words that make the object of a liking something only this conversation knows."""
PERSONAL = frozenset("home origin employer spouse title".split())
"""Attributes of people."""
COUNTED = frozenset(
    "kid child children son daughter sister brother sibling cat dog bedroom leg floor room page chapter episode "
    "member employee "
    "node replica core seat step wheel".split()
)


def fact(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """An attribute has a value by name."""
    subject, attribute, told = (
        subject_of(draft, groups) if "x" in groups else "",
        attribute_of(draft, pattern, groups),
        value_of(draft, groups),
    )
    if subject is None or not attribute or not told:
        return []
    if attribute in PERSONAL and not (is_person(draft, groups["x"]) or groups["x"].lower() == "we"):
        return []
    if attribute == "home" and told in draft.tables.nouns["countries"]:
        attribute = "home_country"
    if attribute == "origin" and told in draft.tables.nouns["countries"]:
        attribute = "origin_country"
    if "noun" in groups:
        words = groups["noun"].lower().split()
        attribute = draft.tables.aliases.get(" ".join(words), " ".join(words))
    if attribute == "name":
        return name_claims(draft, subject, told)
    return [draft.named(subject, attribute, told)]


def name_claims(draft: Draft, subject: str, told: str) -> list[Claim]:
    """A name: of a role ("our plumber") it is the role's holder, of a thing its name and its other key."""
    owner, _, thing = subject.rpartition("'s ")
    role = draft.tables.aliases.get(thing, thing)
    if thing in draft.tables.nouns["functional"] or thing in draft.tables.nouns["spouse"]:
        return [draft.named(owner or draft.names.unowned, role, told)]
    return [draft.named(subject, "name", told)]


def owns(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """The owner of a definite thing: "Sara owns the cabin"."""
    thing, owner = subject_of(draft, groups, "y"), proper_name(groups["name"])
    definite = re.match(r"(?:the|this|that)\s", groups["y"], re.IGNORECASE)
    if not thing or not owner or not definite or "sold" in groups["name"]:
        return []
    return [draft.named(thing, "owner", value(owner, draft.tables))]


def flag(draft: Draft, pattern: Pattern, groups: Groups, *, holds: bool = True) -> list[Claim]:
    """The attribute is true; words that only point at something else make no object."""
    subject, attribute = (
        subject_of(draft, groups) if "x" in groups else draft.names.speaker,
        attribute_of(draft, pattern, groups),
    )
    told = groups.get("o", "thing").split()[0].lower()
    if (
        not subject
        or not attribute
        or told in ("it", "that", "this", "them", "him", "her", "you", "how", "what", "when", "to")
    ):
        return []
    return [draft.truth(subject, attribute, holds=holds)]


def likes(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """Only in the mouth of a person about an object: "Sounds like fun" and "love how you did it" are neither."""
    verb, thing = groups["liking"].lower(), groups["o"].lower().split()
    first_person = groups["x"].lower() in ("i", "we")
    third = verb.endswith("s") and verb != "can not stand"
    wrong = (not is_person(draft, groups["x"]) and not first_person) or not third ^ (
        first_person or draft.sentence.negated
    )
    if wrong or len(thing) > 4 or VAGUE & set(thing) or (thing[0].endswith("ing") and len(thing) == 1):
        return []
    return flag(draft, pattern, groups, holds=verb.startswith(("like", "love", "enjoy", "adore")))


def denied(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """The attribute is false."""
    return flag(draft, pattern, groups, holds=False)


def version(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """A version of a program: of what runs it, or of the program itself where the speaker runs it."""
    subject = subject_of(draft, groups) if "x" in groups else draft.names.speaker
    software = groups.get("o", "").lower()
    if (
        subject is None
        or (subject == draft.names.speaker and not software)
        or len(software.split()) > 2
        or software.split(" ")[0] in ("port", "version", "about", "at", "the", "a", "on", "to")
    ):
        return []
    if software and (software in units() or not re.match(r"[A-Za-z]", groups["o"]) or days(groups["o"], draft.said)):
        return []
    if not software and "." not in groups["version"]:
        return []
    name = f"version:{draft.tables.names.get(software, software)}" if software else "version"
    if subject == draft.names.speaker:
        subject, name = draft.names.bag(draft.tables.names.get(software, software)), "version"
    return [draft.named(subject, name, groups["version"].lower().removeprefix("v"))]


def port(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """The port on which something listens; where it does is a part of what it is."""
    subject = subject_of(draft, groups)
    if subject and "o" in groups:
        subject = qualified(draft, subject, groups["o"])
    return [draft.named(subject, "port", groups["number"])] if subject else []


def counted(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """How many of a thing that is counted by the number (children, floors) someone has."""
    subject, counted, thing = subject_of(draft, groups), number(groups["n"]), draft.names.bag(groups["o"])
    if not subject or counted is None or thing not in {draft.names.bag(word) for word in COUNTED}:
        return []
    thing = {"child": "kid", "children": "kid"}.get(groups["o"].lower(), thing)
    return (
        []
        if groups["n"].lower() in ("a", "an")
        else draft.number(subject, f"count:{thing}", Quantity(counted, counted, ""))
    )


def people(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """For how many people something is."""
    subject = draft.names.subject(f"{groups['x']} {groups.get('o', '')}")
    count = number(groups["n"])
    return draft.number(subject, pattern.attribute, Quantity(count, count, "")) if subject and count else []

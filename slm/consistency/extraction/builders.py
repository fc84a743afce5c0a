"""From a matched pattern to its claims: one small function an action."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction

from slm.consistency.claim import DAY, Claim
from slm.consistency.extraction.dates import days
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import value
from slm.consistency.extraction.patterns import Pattern
from slm.consistency.extraction.quantities import Quantity, clock, exact, number, quantity, units

YEAR_DAYS = Fraction(3652425, 10000)
HALF_YEAR = YEAR_DAYS / 2
"""Ages in whole years compare to half a year."""
UNIT_DAYS = {"day": Fraction(1), "week": Fraction(7), "month": YEAR_DAYS / 12, "year": YEAR_DAYS}
LARGER = {"older": -1, "elder": -1, "big": -1, "younger": 1, "little": 1, "taller": 1, "shorter": -1, "longer": 1,
          "heavier": 1, "lighter": -1, "more": 1, "less": -1, "before": -1, "earlier": -1, "prior to": -1, "after": 1,
          "later": 1}  # fmt: skip
"""Sign by which the left side's attribute exceeds the right side's; ages are birth days, so older is less."""
COMPARED = {"more expensive": ("price", 1), "cheaper": ("price", -1), "heavier": ("weight", 1), "lighter": ("weight", -1),
            "longer": ("length", 1), "faster": ("speed", 1), "slower": ("speed", -1), "bigger": ("size", 1),
            "larger": ("size", 1), "smaller": ("size", -1)}  # fmt: skip
MEASURES = {"older": "birth", "younger": "birth", "taller": "height", "longer": "length"}
"""Comparatives that tell what they compare whatever the rest of the sentence."""
DECADES = {"teens": 10, "twenties": 20, "thirties": 30, "forties": 40, "fifties": 50, "sixties": 60, "seventies": 70,
           "eighties": 80, "nineties": 90}  # fmt: skip
ORDINALS = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6", "seventh": "7"}
COUNTED = frozenset(
    "kid child children son daughter sister brother sibling cat dog bedroom leg floor room page chapter episode member employee node replica core seat step wheel".split()
)
DIMENSIONS = {
    "size": "area",
    "weight": "mass",
    "height": "length",
    "length": "length",
    "width": "length",
    "depth": "length",
}
"""Attributes that are always told in one dimension, so that the dimension needs no place in their name."""
CURRENCIES = ("dollar", "euro", "pound_sterling")
PAID = frozenset({"price", "salary"})
PLACE_END = re.compile(
    r",?\s+(?:with|for|when|because|since|near|and|until|where|but|by|after|on|at|last|this|as|in|these|from|while)\b.*$",
    re.IGNORECASE,
)
VAGUE = frozenset("it that this these those they you we i he she him her them how all so what when being having your his her "
                  "their about into each other such more some every both not yet".split())  # fmt: skip
"""Words that make the object of a liking something only this conversation knows."""
PERSONAL = frozenset("home origin employer spouse title".split())
"""Attributes of people."""
TIMES = re.compile(r"\b(?:yesterday|yet|once|twice|before|ago|many times|last \w+|lately|together)\b", re.IGNORECASE)
NOT_A_NAME = frozenset("monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
                       "september october november december christmas easter i".split())  # fmt: skip

Groups = Mapping[str, str]
Build = Callable[[Draft, Pattern, Groups], list[Claim]]


def build(draft: Draft, pattern: Pattern, match: re.Match[str]) -> list[Claim]:
    """The claims of a match; none where a slot doesn't hold what its type asks for."""
    groups = {name: text.strip() for name, text in match.groupdict().items() if text}
    return BUILD[pattern.action](draft, pattern, groups)


def proper_name(text: str, *, words: int = 4) -> str | None:
    """A name that starts like one, cut before what no longer belongs to it."""
    text = PLACE_END.sub("", text.strip(" ,.`'\"")).split(",")[0].strip()
    parts = text.split()
    if not parts or len(parts) > words or not re.match(r"[A-ZÀ-Þ0-9]|team [A-Z]|the [A-Z]", text):
        return None
    return None if parts[0].lower() in NOT_A_NAME else text


def _subject(draft: Draft, groups: Groups, name: str = "x") -> str | None:
    return draft.names.subject(groups.get(name, ""))


def _pair(draft: Draft, groups: Groups) -> tuple[str, str] | None:
    left, right = (_subject(draft, groups, name) for name in "xy")
    if groups["y"].lower() in ("mine", "ours"):
        right = draft.names.subject(f"my {groups['x'].split()[-1]}")
    return (left, right) if left and right and left != right else None


def _value(draft: Draft, groups: Groups) -> str | None:
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


def _attribute(draft: Draft, pattern: Pattern, groups: Groups) -> str | None:
    name = pattern.attribute
    if "{o}" in name:
        bag = draft.names.bag(TIMES.sub("", groups.get("o", "").split(",")[0]))
        if not bag or len(groups["o"].split()) > 6:
            return None
        name = name.replace("{o}", bag)
    return name


def _is(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    subject, attribute, told = (
        _subject(draft, groups) if "x" in groups else "",
        _attribute(draft, pattern, groups),
        _value(draft, groups),
    )
    if subject is None or not attribute or not told:
        return []
    if attribute in PERSONAL and not (_can_age(draft, groups["x"]) or groups["x"].lower() == "we"):
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


def _owns(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    thing, owner = _subject(draft, groups, "y"), proper_name(groups["name"])
    definite = re.match(r"(?:the|this|that)\s", groups["y"], re.IGNORECASE)
    if not thing or not owner or not definite or "sold" in groups["name"]:
        return []
    return [draft.named(thing, "owner", value(owner, draft.tables))]


def _flag(draft: Draft, pattern: Pattern, groups: Groups, *, holds: bool = True) -> list[Claim]:
    subject, attribute = (
        _subject(draft, groups) if "x" in groups else draft.names.speaker,
        _attribute(draft, pattern, groups),
    )
    told = groups.get("o", "thing").split()[0].lower()
    if (
        not subject
        or not attribute
        or told in ("it", "that", "this", "them", "him", "her", "you", "how", "what", "when", "to")
    ):
        return []
    return [draft.truth(subject, attribute, holds=holds)]


def _likes(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """Only in the mouth of a person about an object: "Sounds like fun" and "love how you did it" are neither."""
    verb, thing = groups["liking"].lower(), groups["o"].lower().split()
    first_person = groups["x"].lower() in ("i", "we")
    third = verb.endswith("s") and verb != "can not stand"
    wrong = (
        (not _can_age(draft, groups["x"]) and not first_person) or not third ^ (first_person or draft.sentence.negated)
    )
    if wrong or len(thing) > 4 or VAGUE & set(thing) or (thing[0].endswith("ing") and len(thing) == 1):
        return []
    return _flag(draft, pattern, groups, holds=verb.startswith(("like", "love", "enjoy", "adore")))


def _false(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    return _flag(draft, pattern, groups, holds=False)


def _number(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    told = groups.get("quantity") or groups.get("area", "")
    subject, found = _subject(draft, groups), quantity(told) or _things(pattern, told)
    if not subject or not found or (not found.dimension and pattern.attribute not in ("salary", "capacity", "price")):
        return []
    if found.dimension != DIMENSIONS.get(pattern.attribute, found.dimension):
        return []
    if pattern.attribute in ("timeout", "duration", "lifetime", "period") and found.dimension not in ("time", "span"):
        return []
    return draft.number(subject, pattern.attribute, found)


def _things(pattern: Pattern, told: str) -> Quantity | None:
    """What a room or store holds is counted in things."""
    count = number(told.partition(" ")[0]) if pattern.attribute == "capacity" and len(told.split()) <= 2 else None
    return None if count is None else Quantity(count, count, "")


def _day(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    found = days(groups["day"], draft.said)
    subject = _subject(draft, groups)
    label = groups.get("x", "").lower() in draft.tables.nouns["labels"]
    if (
        not subject
        or not found
        or label
        or (re.fullmatch(r"\d+", groups["day"].strip())
        and pattern.attribute in ("date", "due"))
    ):
        return []
    return draft.day(subject, pattern.attribute, found.first, found.last)


def _born(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    subject, found = _subject(draft, groups), days(groups["day"], draft.said)
    if not subject or not found:
        return []
    claims = [draft.named(subject, "birthday", found.month_day)] if found.month_day else []
    if found.has_year and re.search(r"\d{4}", groups["day"]):
        claims += draft.day(subject, "birth", found.first, found.last)
    return claims


def _age(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    subject = _subject(draft, groups)
    if not subject:
        return []
    if "decade" in groups:
        low = DECADES[groups["decade"].lower()]
        return aged(draft, subject, Fraction(low), Fraction(low + 9))
    age = number(groups["age"])
    if (
        age is None
        or not 1 <= age <= 110
        or groups["age"].lower() in ("a", "an", "one")
        or not _can_age(draft, groups["x"])
    ):
        return []
    return aged(draft, subject, age, age)


def _can_age(draft: Draft, phrase: str) -> bool:
    """Whether a phrase looks like a person: I, one's kin, or a name."""
    words = phrase.lower().split()
    return (
        words[0] == "i"
        or words[-1] in draft.tables.nouns["kin"]
        or re.fullmatch(r"[A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,2}", phrase) is not None
    )


def aged(draft: Draft, subject: str, youngest: Fraction, oldest: Fraction) -> list[Claim]:
    """Someone's age today as the days on which they may have been born."""
    today = Fraction(draft.said.toordinal() - 719163)
    return draft.day(subject, "birth", exact(today - (oldest + 1) * YEAR_DAYS), exact(today - youngest * YEAR_DAYS))


def _clock(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    subject, at = _subject(draft, groups), clock(groups["clock"])
    if not subject or at is None or draft.sentence.negated:
        return []
    return [replace(draft.claim(subject, pattern.attribute), interval=(at, at), unit="minute of the day")]


def _version(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    subject = _subject(draft, groups) if "x" in groups else draft.names.speaker
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


def _port(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    subject = _subject(draft, groups)
    return [draft.named(subject, "port", groups["number"])] if subject else []


def _count(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    subject, counted, thing = _subject(draft, groups), number(groups["n"]), draft.names.bag(groups["o"])
    if not subject or counted is None or thing not in {draft.names.bag(word) for word in COUNTED}:
        return []
    thing = {"child": "kid", "children": "kid"}.get(groups["o"].lower(), thing)
    return (
        []
        if groups["n"].lower() in ("a", "an")
        else draft.number(subject, f"count:{thing}", Quantity(counted, counted, ""))
    )


def _people(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    subject = draft.names.subject(f"{groups['x']} {groups.get('o', '')}")
    count = number(groups["n"])
    return draft.number(subject, pattern.attribute, Quantity(count, count, "")) if subject and count else []


def _wedding(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    pair, found = _pair(draft, groups), days(groups["day"], draft.said)
    if pair is None or not found:
        return []
    subject = draft.names.subject(f"{groups['x']} and {groups['y']}'s wedding")
    claims = draft.day(subject, pattern.attribute, found.first, found.last) if subject else []
    return [replace(claim, update=False) for claim in claims]


def _elder(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """ "Hana was two when Milo was born": a year's play, as with every age."""
    pair, age = _pair(draft, groups), number(groups["age"])
    if pair is None or age is None:
        return []
    ends = (exact(-(age + 1) * YEAR_DAYS), exact(-age * YEAR_DAYS))
    return draft.related((pair[0], "birth"), (pair[1], "birth"), interval=ends, unit=DAY)


def _offset(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    pair, sign = _pair(draft, groups), LARGER[groups["order"].lower()]
    if pair is None:
        return []
    attribute = MEASURES.get(groups["order"].lower(), pattern.attribute)
    left, right = ((side, attribute) for side in pair)
    if attribute == "birth":
        count, unit = number(groups["n"]), UNIT_DAYS.get(groups.get("u", "").lower().rstrip("s"))
        if count is None or unit is None:
            return []
        middle, margin = sign * count * unit, HALF_YEAR if unit == YEAR_DAYS else unit / 2
        return draft.related(left, right, interval=(exact(middle - margin), exact(middle + margin)), unit=DAY)
    found = quantity(groups.get("amount") or f"{groups['n']} {groups.get('u', '')}".strip())
    if found is None:
        return []
    ends = sorted((sign * found.low, sign * found.high))
    return draft.related(left, right, interval=(exact(ends[0]), exact(ends[1])), unit=found.dimension)


def _gap(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    pair, count = _pair(draft, groups), number(groups.get("n", "one"))
    unit = UNIT_DAYS.get(groups["u"].lower().rstrip("s"))
    if pair is None or count is None or unit is None:
        return []
    middle = LARGER[groups["order"].lower()] * count * unit
    margin = Fraction(0) if unit in (1, 7) else Fraction(2)
    ends = (exact(middle - margin), exact(middle + margin))
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), interval=ends, unit=DAY)


def _times(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    pair, factor = _pair(draft, groups), _factor(groups["factor"].lower())
    if pair is None or factor is None:
        return []
    if pattern.attribute == "birth":
        today = Fraction(draft.said.toordinal() - 719163)
        middle, margin = (1 - factor) * today, HALF_YEAR * (1 + factor)
        ends = (exact(middle - margin), exact(middle + margin))
        return draft.related((pair[0], "birth"), (pair[1], "birth"), gain=exact(factor), interval=ends, unit=DAY)
    left, right = ((side, pattern.attribute) for side in pair)
    units_ = ("", *CURRENCIES) if pattern.attribute in PAID else (DIMENSIONS.get(pattern.attribute, ""),)
    return [
        claim for unit in units_ for claim in draft.related(left, right, gain=exact(factor), interval=(0, 0), unit=unit)
    ]


def _factor(text: str) -> Fraction | None:
    if text in ("twice", "half"):
        return Fraction(2) if text == "twice" else Fraction(1, 2)
    return number(text.removesuffix(" times"))


def _order(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    pair = _pair(draft, groups)
    word = (groups.get("order") or groups.get("taller") or groups.get("comparative", "")).lower()
    attribute, sign = COMPARED.get(word, (pattern.attribute, LARGER.get(word, 0)))
    if pair is None or not sign:
        return []
    return draft.related((pair[0], attribute), (pair[1], attribute), "<" if sign < 0 else ">")


def _before(draft: Draft, pattern: Pattern, groups: Groups, relation: str = "<") -> list[Claim]:
    pair = _pair(draft, groups)
    if pair is None or days(groups["y"], draft.said):
        return []
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), relation)


def _after(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    return _before(draft, pattern, groups, ">")


def _equal(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    pair = _pair(draft, groups)
    if pair is None:
        return []
    slack = exact(YEAR_DAYS)
    return draft.related((pair[0], "birth"), (pair[1], "birth"), interval=(-slack, slack), unit=DAY)


def _twins(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    pair = _pair(draft, groups)
    return draft.related((pair[0], "birth"), (pair[1], "birth"), interval=(-1, 1), unit=DAY) if pair else []


def _same(draft: Draft, pattern: Pattern, groups: Groups, relation: str = "=") -> list[Claim]:
    pair, attribute = _pair(draft, groups), _attribute(draft, pattern, groups)
    if pair is None or not attribute:
        return []
    if "noun" in groups:
        words = groups["noun"].lower().split()
        attribute = draft.tables.aliases.get(words[-1], words[-1])
        if words[-1] == "version" and len(words) > 1:
            attribute = f"version:{draft.tables.names.get(words[-2], words[-2])}"
    return draft.related((pair[0], attribute), (pair[1], attribute), relation)


def _differ(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    return _same(draft, pattern, groups, "!=")


def _parity(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    relation = "=" if groups["parity"].lower() == "same" else "!="
    pair = _pair(draft, groups)
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), relation) if pair else []


def _identity(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    pair = _pair(draft, groups)
    return draft.related((pair[0], ""), (pair[1], ""), "!=" if draft.sentence.negated else "==") if pair else []


def _distinct(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    pair = _pair(draft, groups)
    return draft.related((pair[0], ""), (pair[1], ""), "!=") if pair else []


def _prefers(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    subject = _subject(draft, groups)
    more, less = (draft.names.bag(groups[name]) for name in "oy")
    if not subject or not more or not less or more == less:
        return []
    return draft.related((f"{subject}/{less}", "prefers"), (f"{subject}/{more}", "prefers"), "<")


BUILD: Mapping[str, Build] = {
    "is": _is, "owns": _owns, "flag": _flag, "true": _flag, "false": _false, "number": _number, "day": _day, "born": _born,
    "age": _age, "clock": _clock, "version": _version, "port": _port, "count": _count, "likes": _likes, "people": _people, "wedding": _wedding, "elder": _elder,
    "offset": _offset, "gap": _gap, "times": _times, "order": _order, "before": _before, "after": _after,
    "equal": _equal, "twins": _twins, "same": _same, "differ": _differ, "parity": _parity, "identity": _identity,
    "distinct": _distinct, "prefers": _prefers, "birthtown": _is,
}  # fmt: skip

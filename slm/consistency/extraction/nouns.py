"""The commonest form of a fact: an attribute named by a noun, and its value ("The staging port is 8080")."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from slm.consistency.claim import Claim
from slm.consistency.extraction.comparisons import CURRENCIES
from slm.consistency.extraction.dates import days
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import CAPITAL, FILLER, NO_SUBJECT, WORD, stem, value
from slm.consistency.extraction.facts import name_claims
from slm.consistency.extraction.measures import aged
from slm.consistency.extraction.quantities import clock, number, quantity
from slm.consistency.extraction.slots import proper_name

FORMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<np>[\w-]+(?:\.[\w-]+)*)\s*=\s*(?P<v>.+)",
        r"(?:we |i |they )?(?:have )?(?:increased|decreased|raised|lowered|reduced|changed|set|bumped|switched"
        r"|moved) (?P<np>.+?) (?:from .+ )?to (?P<v>.+)",
        r"(?:we|i) \w+ with an? (?P<np>.+?) of (?P<v>.+)",
        r"(?P<of>.+?) (?:has|have) an? (?P<np>[\w -]+?) of (?P<v>.+)",
        r"(?P<np>.+?) (?:tops out|is capped|maxes out) at (?P<v>.+)",
        r"(?P<np>.+?)(?::| (?:is|are|am|was|were|equals|has been|goes|went)(?: set to| up to| down to)?) (?P<v>.+)",
        r"(?P<np>[A-Z][\w' -]*?): ?(?P<v>.+)",
    )
)
FAVOURITE = re.compile(r"(?:(?P<of>.+?)(?:'s)? )?(?:favou?rite|preferred) (?P<noun>.+)")
OF = re.compile(r"(?:the |an? )?(?P<noun>.+?) (?:of|for|on|in|at) (?P<of>.+)", re.IGNORECASE)
POSSESSIVE = re.compile(r"(?P<of>.+?)'s? (?P<noun>[\w -]+)", re.IGNORECASE)
QUALIFIER = re.compile(r"(.+?),? ((?:in|for|on|during|at|under) .+)", re.IGNORECASE)
NOT_A_VALUE = re.compile(
    r"(?:very|so|really|too|pretty|quite|super|great|good|nice|amazing|awesome|important|the best|all|always"
    r"|going|getting|coming"
    r"|doing|looking|about|to|in|on|at|with|like|just|there|here|what|how|when|where|why|that|this|it|he|she"
    r"|they|we|you|i|my|your"
    r"|his|her|their|called|named|being|done|gone|due|ready|not|no|yes|ok|fine|up|down|out|over|back|more|less"
    r"|one of|up to)\b",
    re.IGNORECASE,
)
ON_DAY = re.compile(r"(?:on|in) (?:the )?[\w]", re.IGNORECASE)
DATED = frozenset("due date birth expires anniversary expiry start end release begin opening closing".split())
NAME_NOUN = "name"


class Attribute(NamedTuple):
    """What a noun phrase names: of whom or what, which attribute, and its head noun as written."""

    subject: str
    name: str
    head: str


def noun_claims(draft: Draft) -> list[Claim]:
    """The claims of a sentence in one of the forms; none for nouns that may have several values."""
    for form in FORMS:
        match = form.fullmatch(draft.sentence.text)
        dated = match is not None and ON_DAY.match(match["v"]) and days(match["v"], draft.said) is not None
        if not match or (NOT_A_VALUE.match(match["v"]) and not dated) or len(match["np"].split()) > 8:
            continue
        groups = match.groupdict()
        attribute = named_by(draft, groups["np"], groups.get("of"))
        claims = _valued(draft, attribute, match["v"].strip()) if attribute else []
        if claims and not _labels_document(draft, attribute, match["np"]):
            return claims
    return _priced(draft)


def _priced(draft: Draft) -> list[Claim]:
    """ "The gym is 39 euros a month" tells a price without the word."""
    match = re.fullmatch(r"(?P<x>.+?)(?::| (?:is|are)) (?P<v>.+)", draft.sentence.text)
    found = quantity(match["v"]) if match else None
    subject = draft.names.subject(match["x"]) if match else None
    if not subject or found is None or found.dimension not in (*CURRENCIES, "cent"):
        return []
    return draft.number(subject, "price", found)


def _labels_document(draft: Draft, attribute: Attribute | None, phrase: str) -> bool:
    """ "Status: done", "Version = 2": of a document, not of the owner."""
    bare = re.fullmatch(r"[\w ]+", phrase) is not None and re.search(r"[:=]", draft.sentence.text) is not None
    return (
        attribute is not None
        and bare
        and phrase.lower().split()[-1] in draft.tables.nouns["labels"]
        and (attribute.subject == draft.names.unowned)
    )


def named_by(draft: Draft, phrase: str, of: str | None = None) -> Attribute | None:
    """The attribute that a noun phrase names, or None where it may have several values or names none."""
    phrase = " ".join(phrase.strip(" '\"`").split())
    lower = phrase.lower()
    favourite = FAVOURITE.fullmatch(lower)
    if favourite:
        return _favourite(draft, favourite)
    if of is None:
        split = POSSESSIVE.fullmatch(phrase) or OF.fullmatch(phrase)
        of, phrase = (split["of"], split["noun"]) if split else (None, phrase)
        lower = phrase.lower()
    if not re.fullmatch(r"[\w.+#/ '-]+", lower):
        return None
    head, name, rest = _head(draft, lower)
    if not _single(draft, head, lower):
        return None
    subject = _subject_of(draft, lower, phrase, of, rest)
    return None if subject is None else Attribute(subject, name, head)


def _favourite(draft: Draft, match: re.Match[str]) -> Attribute | None:
    head = match["noun"].split()[-1]
    if head in ("thing", "part", "one", "moment", "memory", "way", "time"):
        return None
    if head.endswith("s") and not head.endswith(("ss", "us", "is")):
        return None
    of = (match["of"] or "my").strip()
    subject = draft.names.speaker if of in ("my", "our", "the") else draft.names.subject(of)
    return subject and Attribute(subject, f"favourite:{draft.names.bag(match['noun'])}", head)  # type: ignore[return-value]


def _head(draft: Draft, lower: str) -> tuple[str, str, list[str]]:
    """Head noun, attribute, and the words before them."""
    words = [word for word in WORD.findall(lower) if word not in FILLER]
    if len(words) > 1 and words[-1] == "number" and words[-2] in draft.tables.nouns["functional"]:
        words.pop()
    for length in (2, 1):
        tail = " ".join(words[-length:])
        if length <= len(words) and tail in draft.tables.aliases:
            return words[-1], draft.tables.aliases[tail], words[:-length]
    return (words[-1], words[-1], words[:-1]) if words else ("", "", [])


def _single(draft: Draft, head: str, lower: str) -> bool:
    nouns = draft.tables.nouns
    if not head or (head in nouns["multi"] and head not in nouns["functional"]) or NO_SUBJECT.match(lower.split()[0]):
        return False
    if head in nouns["functional"] or head in draft.tables.aliases or head == NAME_NOUN or head in nouns["spouse"]:
        return True
    return re.fullmatch(r"[a-z]\w*(?:_\w+)+|\w+(?:\.\w+)+", lower) is not None


def _subject_of(draft: Draft, lower: str, phrase: str, of: str | None, rest: list[str]) -> str | None:
    kept = [word for word in rest if word not in draft.tables.nouns["generic"]] or rest
    words = {stem(word) for word in kept}
    if of is not None:
        owner = draft.names.subject(of)
        if owner is None:
            return None
        mine = re.match(r"(?:my|our)\b", phrase, re.IGNORECASE) and draft.names.speaker != "owner"
        owner = f"{draft.names.speaker}'s {owner}" if mine else owner
        return f"{owner} {' '.join(sorted(words))}".strip() if words and "'s" in owner else _joined(owner, words)
    mine = re.match(r"(?:my|our|user's)\b", phrase, re.IGNORECASE) is not None
    own = lower.split()[-1] in draft.tables.nouns["own"]
    personal = draft.names.speaker != "owner" and (mine or own)
    whole = " ".join(sorted(words))
    if not whole:
        return draft.names.speaker if mine or own or personal else draft.names.unowned
    return f"{draft.names.speaker}'s {whole}" if personal else whole


def _joined(owner: str, words: set[str]) -> str:
    return " ".join(sorted({*owner.split(), *words})) if words else owner


def _valued(draft: Draft, attribute: Attribute, told: str) -> list[Claim]:
    subject, name, _ = attribute
    told = re.sub(r"^(?:number|no\.) (?=\d)", "", told)
    if name in draft.tables.nouns["roles"]:
        text = proper_name(re.sub(r"^(?:Mr|Mrs|Ms|Dr|Prof)\.? ", "", told))
        person = text and not text[0].isdigit() and not days(text, draft.said)
        return [draft.named(subject, name, value(text, draft.tables))] if text and person else []
    if name == "version":
        return _versioned(draft, subject, told)
    if name == NAME_NOUN:
        text = proper_name(told)
        return name_claims(draft, subject, value(text, draft.tables)) if text and subject else []
    if name == "age":
        age = number(told.removesuffix(" years old").removesuffix(" years"))
        return aged(draft, subject, age, age) if age and subject else []
    return _when(draft, attribute, told) or _quantified(draft, attribute, told) or _spelled(draft, subject, name, told)


def _versioned(draft: Draft, subject: str, told: str) -> list[Claim]:
    match = re.fullmatch(r"(?:(?P<software>[A-Za-z][\w+-]*) )?v?(?P<v>\d[\w.-]*)", told)
    if not match or not subject:
        return []
    software = (match["software"] or "").lower()
    name = f"version:{draft.tables.names.get(software, software)}" if software else "version"
    return [draft.named(subject, name, match["v"].lower())]


def _when(draft: Draft, attribute: Attribute, told: str) -> list[Claim]:
    subject, name, _ = attribute
    at = clock(told)
    if at is not None and not re.fullmatch(r"\d+h", told):
        return [replace(draft.claim(subject, f"{name}:clock"), interval=(at, at), unit="minute of the day")]
    found = days(told, draft.said)
    if not found or re.fullmatch(r"\d+", told) or draft.sentence.negated:
        return []
    if name == "birth" and found.month_day:
        claims = [draft.named(subject, "birthday", found.month_day)]
        return claims + (draft.day(subject, name, found.first, found.last) if found.has_year else [])
    if name == "birth" and not found.has_year:
        return []
    if name == "anniversary" and found.month_day:
        return [draft.named(subject, name, found.month_day)]
    return draft.day(subject, name, found.first, found.last) if name in DATED else []


def _quantified(draft: Draft, attribute: Attribute, told: str) -> list[Claim]:
    subject, name, _ = attribute
    if name in draft.tables.nouns["codes"] and re.fullmatch(r"\w*[A-Za-z]\w*", told):
        return []
    found = quantity(told)
    qualifier = QUALIFIER.fullmatch(told)
    if found is None and qualifier and quantity(qualifier[1]):
        found = quantity(qualifier[1])
        subject = " ".join(sorted({*subject.split(), *draft.names.bag(qualifier[2]).split()}))
    if found is None or (found.low != found.high and not found.dimension):
        return []
    if name == "port":
        return [draft.named(subject, name, str(found.low))]
    return draft.number(subject, name, found)


def _spelled(draft: Draft, subject: str, name: str, told: str) -> list[Claim]:
    """A value by its name: at most three words, of a noun that has one value."""
    told = re.sub(r"^(?:an? |the |set to )", "", told.strip(" '\"`"), flags=re.IGNORECASE)
    proper = re.match(rf"(?:(?:Mr|Mrs|Ms|Dr|Prof)\.? )?[{CAPITAL}\d~/.`v]", told) is not None
    if (
        not told
        or len(told.split()) > (4 if proper else 2)
        or not re.search(r"\w", told)
        or told.endswith(("ing", "ed", "ly"))
    ):
        return []
    if not re.fullmatch(r"[\w+#./~ @:'-]+", told) or (
        told.lower() in draft.tables.opposites and not name.startswith("favourite:")
    ):
        return []
    if name == "home":
        text = proper_name(told)
        if not text:
            return []
        folded = value(text, draft.tables)
        name = "home_country" if folded in draft.tables.nouns["countries"] else name
        return [draft.named(subject, name, folded)]
    folded = value(told, draft.tables)
    return [draft.named(subject, name, folded.removeprefix("v") if re.match(r"v\d", folded) else folded)]

"""The sentence patterns of ``patterns.txt``, compiled; only those whose words a sentence holds are tried."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from slm.consistency.extraction.dates import MONTH, WEEKDAY
from slm.consistency.extraction.entities import CAPITAL
from slm.consistency.extraction.quantities import COUNT
from slm.consistency.extraction.tables import read, shipped

TOKEN = re.compile(r"\((?:[^()]|\([^()]*\))*\)\??|\S+")
SLOT = re.compile(r"\{([a-z]\w*)\}")
WORD = re.compile(r"[a-z]{2,}")
SLOTS: Mapping[str, str] = {
    "place": rf"(?-i:[{CAPITAL}]).*",
    "name": rf"(?-i:(?:the |team )?[{CAPITAL}0-9]).*",
    "clock": r"(?:noon|midnight|midday|\d{1,2}[:h]\d\d(?: ?[ap]\.?m\.?)?|(?:\d{1,2}|[a-z]+) ?(?:am|pm|a\.m\."
    r"|p\.m\.|o'clock))",
    "day": rf"(?:the )?(?:(?:{WEEKDAY}|{MONTH})\b.*|\d.*|today|tomorrow|yesterday|(?:this|next) .+)",
    "quantity": rf"(?:(?:about|around|roughly|approximately|nearly|exactly|up to"
    rf"|only) )?[~$€£]? ?(?:{COUNT})(?![a-z]*ly).*",
    "n": rf"(?:{COUNT})",
    "u": r"[a-z]+",
    "amount": rf"[$€£]?(?:{COUNT})(?: [a-z]+)?",
    "codelike": r"`?(?=[\w.~/-]*[\d_./-])[\w./~-]+`?",
    "liking": r"(?:likes?|loves?|enjoys?|adores?|dislikes?|hates?|detests?|can not stand|loathes?)",
    "factor": rf"(?:twice|half|(?:{COUNT}) times)",
    "order": r"(?:older|younger|elder|little|big|taller|shorter|longer|heavier|lighter|more|less|before|after|earlier"
    r"|later|prior to)",
    "taller": r"(?:taller|shorter)",
    "comparative": r"(?:more expensive|cheaper|heavier|lighter|longer|faster|slower|bigger|larger|smaller)",
    "parity": r"(?:same|opposite)",
    "age": rf"(?:{COUNT})",
    "decade": r"(?:teens|twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)",
    "number": r"\d{2,5}",
    "version": r"v?\d+(?:\.\d+)*",
    "ordinal": r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|top|ground)",
    "mine": r"(?:mine|ours)",
    "seat": r"\d{1,3}[A-Za-z]",
    "code": r"`?[\w./~-]+`?",
    "path": r"[`'\"]?[~.\w-]*/[\w./~-]*[`'\"]?",
    "url": r"[\w-]+(?:\.[\w-]+)+(?:/\S*)?",
    "language": r"(?:English|German|French|Spanish|Italian|Dutch|Portuguese|Polish|Czech|Russian|Chinese|Japanese|\w+)",
}
COMMON = frozenset("is am are was were on in at to of for the an it by has have and with from old than".split())


class Pattern(NamedTuple):
    """``action`` builds the claim of ``attribute``; ``slot`` is the type of its value; ``lasting`` past or not."""

    action: str
    attribute: str
    expression: re.Pattern[str]
    slots: tuple[str, ...]
    lasting: bool
    anchors: frozenset[str]


@cache
def patterns() -> tuple[Pattern, ...]:
    """All patterns in their order."""
    lines = (line.split("#", 1)[0].rstrip() if line.startswith("#") else line.rstrip() for line in _lines())
    return tuple(_pattern(line) for line in lines if line)


def _lines() -> list[str]:
    return read("patterns.txt").splitlines()


def matches(text: str) -> Iterator[tuple[Pattern, re.Match[str]]]:
    """The patterns that a whole sentence fits, in order."""
    words = set(WORD.findall(text.lower()))
    for pattern in patterns():
        if pattern.anchors.isdisjoint(words) and pattern.anchors:
            continue
        match = pattern.expression.fullmatch(text)
        if match:
            yield pattern, match


def _pattern(line: str) -> Pattern:
    action, attribute, template = re.split(r"\s{2,}", line, maxsplit=2)
    expression, anchors = "", frozenset[str]()
    spaced = False
    for token in TOKEN.findall(template):
        optional = token.startswith("(") and token.endswith(")?")
        piece = _piece(token.removesuffix("?") if optional else token)
        gap = r" ?" if re.match(r"\(?(?:\?:)?[:,']|\(\?:.*\|:", piece) else " "
        if optional:
            expression += f"(?:{gap}{piece})?" if spaced else f"(?:{piece} )?"
        else:
            expression += (gap if spaced else "") + piece
            spaced = True
            anchors = _rarer(anchors, _words(token))
    slots = tuple(SLOT.findall(template))
    compiled = re.compile(expression, re.IGNORECASE)
    return Pattern(action.rstrip("!"), attribute, compiled, slots, action.endswith("!"), anchors)


def _piece(token: str) -> str:
    if token.startswith("~") or "|~" in token:
        return f"(?:{'|'.join(_forms(word) if word.startswith('~') else word for word in token.split('|'))})"
    token = SLOT.sub(lambda slot: f"(?P<{slot[1]}>{SLOTS.get(slot[1], '.+?')})", token)
    if token.startswith("("):
        return "(?:" + token[1:] if not token.startswith("(?") else token
    return f"(?:{token})" if "|" in token and "(?P" not in token else token


def _forms(word: str) -> str:
    forms = "|".join(verb_forms(word.removeprefix("~")))
    return rf"(?:(?:is|am|are|has|have|had|been|has been|have been|was|were) )?(?:{forms})"


@cache
def verb_forms(base: str) -> tuple[str, ...]:
    """The base, its -s form, its past forms and its -ing form."""
    third = (
        base[:-1] + "ies"
        if re.search(r"[^aeiou]y$", base)
        else base + ("es" if re.search(r"(?:s|x|ch|sh)$", base) else "s")
    )
    if base in shipped().verb_forms:
        past = shipped().verb_forms[base]
        extra = () if any(form.endswith("ing") for form in past) else (base.removesuffix("e") + "ing",)
        return (base, "has" if base == "have" else third, *past, *extra)
    stem = base.removesuffix("e")
    return (base, third, base[:-1] + "ied" if third.endswith("ies") else stem + "ed", stem + "ing")


def _words(token: str) -> frozenset[str]:
    """The words of which a token needs one; none where it can be anything."""
    if "{" in token or token in (".*", ".+"):
        return frozenset()
    found: set[str] = set()
    for word in token.strip("()").split("|"):
        if word.startswith("~"):
            found |= set(verb_forms(word[1:]))
            continue
        first = re.sub(r"[^a-z].*", "", word.split()[-1] if " " in word else word)
        optional = word.split()[-1][len(first) :].startswith("?")
        if len(first) < 2:
            return frozenset()
        found |= {first, first[:-1]} if optional else {first}
    return frozenset() if found & COMMON else frozenset(found)


def _rarer(left: frozenset[str], right: frozenset[str]) -> frozenset[str]:
    if not left or not right:
        return left or right
    return min(left, right, key=len)

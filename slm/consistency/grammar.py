"""Explicit claims as text: parsed wholly, or refused where they stop making sense. Nothing is guessed.

``alice.city=Paris``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, ``~`` (approximately), ``bob.birth=carol.birth+3y``,
``deploy.date=audit.date-2d``, ``b.size=2*a.size+1``, ``a.height=170..175``, ``a==b`` and ``a!=b`` between entities,
``flag_a.on!=flag_b.on``; then ``@2023..2024`` for the time at which it holds, and ``!multi``. Names with other signs
in them are quoted.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from slm.consistency import literals
from slm.consistency.calendar_units import date_of
from slm.consistency.claim import Claim, Interval, Number, check
from slm.consistency.literals import NUMBER, UNIT
from slm.consistency.valid_time import DAY_NS
from slm.errors import InvalidInput

FORMS = 'alice.city=Paris, bob.birth=carol.birth+3y, server.port!=5432, a.size~5, a==b, job.state="on hold"@2023..2024'
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}

_QUOTED = r'"(?:[^"\\]|\\["\\])+"'
_WORDS = r"(?:[\w'’/&-]*\w)?(?: +\w(?:[\w'’/&-]*\w)?)*"
_ENTITY = re.compile(rf"{_QUOTED}|\w{_WORDS}")
_NAME = re.compile(rf"{_QUOTED}|[^\W\d]{_WORDS}")
_ATTRIBUTE = re.compile(rf"{_QUOTED}|[^\W\d](?:\w|-(?=[^\W\d]))*(?: +[^\W\d](?:\w|-(?=[^\W\d]))*)*")
_DOT = re.compile(r" *\. *")
_RELATION = re.compile(r" *(==|!=|<=|>=|=|<|>|~) *")
_GAIN = re.compile(rf"({NUMBER}) *\* *")
_OFFSET = re.compile(rf" *([+-]) *({NUMBER})(?:\.\.({NUMBER}))? *({UNIT})?")
_FIGURES = re.compile(rf"(?:-?\d[\d./-]*\d|-?\d)(?: *(?:{UNIT}))?")
_TIME = re.compile(r" *@ *(\d[\d-]*)?(\.\.)?(\d[\d-]*)?")
_MULTI = re.compile(r" *!multi\b")
_SPACE = re.compile(r" *")
_PLAIN_NAME = re.compile(rf"[^\W\d_]{_WORDS}")


class ClaimSyntax(InvalidInput):
    """A claim that can't be read: ``position`` is where it stops making sense, in characters from 0."""

    def __init__(self, text: str, position: int, trouble: str) -> None:
        super().__init__(
            f"can't read the claim {text!r} at character {position + 1}: {trouble}", hint=f"for example {FORMS}"
        )
        self.position = position


def fold(name: str) -> str:
    """A name as it is compared: NFC, without case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def parse(text: str) -> Claim:
    """The claim that a text means, with an empty id. :class:`ClaimSyntax` with the position of the first error."""
    return _Reader(text).claim()


def written(claim: Claim) -> str:
    """The canonical text of a claim that :func:`parse` made, or of its meaning: it reads back as the same claim."""
    subject = _quoted(claim.subject)
    if not claim.attribute:
        assert claim.object is not None
        return f"{subject}{claim.relation}{_quoted(claim.object[0])}{_suffixes(claim)}"
    relation, right = _right_side(claim)
    return f"{subject}.{_quoted(claim.attribute)}{relation}{right}{_suffixes(claim)}"


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def claim(self) -> Claim:
        self._take(_SPACE)
        subject = self._name(_ENTITY, "an entity is expected")
        attribute = self._name(_ATTRIBUTE, "an attribute is expected") if self._take(_DOT) else ""
        start = self.at
        relation = self._need(_RELATION, "a relation is expected: = != < <= > >= ~ or ==")[1]
        if relation == "==" if attribute else relation not in ("==", "!="):
            raise self._wrong("'==' and '!=' are between entities, the others between attributes", start)
        start = self.at
        fields = self._right_side(relation, attribute)
        fields |= self._period()
        if self._take(_MULTI):
            fields["multi"] = True
        self._take(_SPACE)
        if self.at < len(self.text):
            raise self._wrong("nothing more is expected here; quote names with such signs in them")
        claim = Claim("", "", subject, attribute, **fields)
        try:
            check(claim)
        except ValueError as error:
            raise self._wrong(str(error).partition(" has ")[2], start) from None
        return claim

    def _right_side(self, relation: str, attribute: str) -> dict[str, Any]:
        if not attribute:
            return {"relation": relation, "object": (self._name(_ENTITY, "an entity is expected"), "")}
        start = self.at
        gain = self._take(_GAIN)
        entity = self._take(_ENTITY if gain else _NAME) or (None if gain else self._numbered_entity())
        if entity is not None and self._take(_DOT):
            return self._variable(relation, _unquoted(entity[0]), gain, start)
        self.at = start
        if gain:
            raise self._wrong("after a factor an attribute is expected: 2*alice.age", gain.end())
        return self._value(relation, attribute)

    def _numbered_entity(self) -> re.Match[str] | None:
        """An entity whose name begins with a figure, where an attribute follows it."""
        found = _ENTITY.match(self.text, self.at)
        after = _DOT.match(self.text, found.end()) if found else None
        if found is None or after is None or not _ATTRIBUTE.match(self.text, after.end()):
            return None
        self.at = found.end()
        return found

    def _variable(self, relation: str, entity: str, gain: re.Match[str] | None, start: int) -> dict[str, Any]:
        fields: dict[str, Any] = {"object": (entity, self._name(_ATTRIBUTE, "an attribute is expected"))}
        offset = self._take(_OFFSET)
        if gain:
            fields |= {"gain": self._factor(gain), "interval": (0, 0)}
        if offset:
            fields["interval"], fields["unit"] = self._offset(offset)
        return self._related(relation, fields, start, distance=True)

    def _factor(self, found: re.Match[str]) -> Number:
        try:
            return literals.number(found[1])
        except ValueError as error:
            raise self._wrong(str(error), found.start(1)) from None

    def _offset(self, found: re.Match[str]) -> tuple[Interval, str]:
        try:
            (low, high), unit = literals.quantity(found[2], found[3], found[4])
        except ValueError as error:
            raise self._wrong(str(error), found.start(4 if found[4] else 2)) from None
        assert low is not None
        assert high is not None
        return ((low, high) if found[1] == "+" else (-high, -low)), unit

    def _value(self, relation: str, attribute: str) -> dict[str, Any]:
        start = self.at
        found = self._take(_FIGURES)
        if found:
            try:
                value = literals.value(found[0], attribute)
            except ValueError as error:
                raise self._wrong(str(error), start) from None
            if value is None:
                raise self._wrong("neither a number nor a date nor a range; quote it if it is a name", start)
            return self._related(relation, {"interval": value[0], "unit": value[1]}, start, distance=False)
        word = self._need(_NAME, "a value is expected: a name, number, date, true or false, or another attribute")[0]
        if relation not in ("=", "!="):
            raise self._wrong("a name has no order", start)
        name = fold(_unquoted(word))
        if not name:
            raise self._wrong("a name can't be empty", start)
        return {"relation": relation, "value": TRUTHS.get(name, name) if word[0] != '"' else name}

    def _related(self, relation: str, fields: dict[str, Any], start: int, *, distance: bool) -> dict[str, Any]:
        if relation != "~":
            return fields | {"relation": relation}
        wide = literals.about(fields.get("interval", (0, 0)), fields.get("unit", ""), distance=distance)
        if wide is None:
            raise self._wrong("'~' needs a number to be about; write a range: lowest..highest", start)
        return fields | {"relation": "=", "interval": wide}

    def _period(self) -> dict[str, Any]:
        start = self.at
        found = self._take(_TIME)
        if not found:
            return {}
        first, dots, last = found.groups()
        if not (first or last):
            raise self._wrong("a time is expected: @2023, @2023-05.., @..2024-06-01", found.end())
        try:
            end = last if dots else first
            begins = literals.days(first, end=False) * DAY_NS if first else None
            ends = literals.days(end, end=True) * DAY_NS if end else None
        except ValueError:
            raise self._wrong("no such year, month or date", found.start(1 if first else 3)) from None
        if begins is not None and ends is not None and begins >= ends:
            raise self._wrong("the time ends before it begins", start)
        return {"valid_from": begins, "valid_to": ends}

    def _name(self, pattern: re.Pattern[str], trouble: str) -> str:
        start = self.at
        name = fold(_unquoted(self._need(pattern, trouble)[0]))
        if not name:
            raise self._wrong("a name can't be empty", start)
        return name

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def _need(self, pattern: re.Pattern[str], trouble: str) -> re.Match[str]:
        found = self._take(pattern)
        if found is None:
            raise self._wrong(trouble)
        return found

    def _wrong(self, trouble: str, position: int | None = None) -> ClaimSyntax:
        return ClaimSyntax(self.text, self.at if position is None else position, trouble)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def _quoted(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and _ATTRIBUTE.fullmatch(name) and name not in TRUTHS:
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _right_side(claim: Claim) -> tuple[str, str]:
    if isinstance(claim.value, bool):
        return claim.relation, "true" if claim.value else "false"
    if claim.value is not None:
        return claim.relation, _quoted(claim.value)
    relation, interval = _two_ended(claim)
    if claim.object is None:
        assert interval is not None
        return relation, literals.written(interval, claim.unit)
    variable = ".".join(map(_quoted, claim.object))
    gain = "" if claim.gain == 1 else f"{claim.gain}*"
    if interval is None or (interval == (0, 0) and gain and not claim.unit):
        return relation, gain + variable
    offset = literals.written(interval, claim.unit, distance=True)
    negative = offset.startswith("-") and ".." not in offset
    return relation, f"{gain}{variable}{offset if negative else '+' + offset}"


def _two_ended(claim: Claim) -> tuple[str, Interval | None]:
    """Relation and interval; an equality that is open at one end is written as the order that it is."""
    if claim.interval is None or claim.relation != "=" or None not in claim.interval:
        return claim.relation, claim.interval
    low, high = claim.interval
    return ("<=", (high, high)) if low is None else (">=", (low, low))


def _suffixes(claim: Claim) -> str:
    first = "" if claim.valid_from is None else date_of(claim.valid_from // DAY_NS).isoformat()
    last = "" if claim.valid_to is None else date_of(claim.valid_to // DAY_NS - 1).isoformat()
    return (f"@{first}..{last}" if first or last else "") + ("!multi" if claim.multi else "")

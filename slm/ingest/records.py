"""The one gate for records from outside: ``remember``, ``--batch``, ``import`` and the JSON ops all pass through it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC
from typing import Any

from slm.errors import InvalidInput
from slm.model import DEFAULTS, FIELDS, ID_ALPHABET, ID_LENGTH, KINDS, MAX_TEXT_BYTES
from slm.times import from_iso, to_ns

MAX_NAME_BYTES = 4096
"""Longest speaker, session, scope, source, actor, reason or key, in UTF-8 bytes."""
MAX_TAG_BYTES = 128
MAX_TAGS = 100
MAX_CLAIMS = 100
MAX_COUNT = (1 << 32) - 1

_ID = re.compile(rf"[{ID_ALPHABET}]{{{ID_LENGTH}}}")
_ID_PREFIX = re.compile(rf"[{ID_ALPHABET}]{{1,{ID_LENGTH}}}")
_SHOWN_VALUE = 40


def check_record(obj: object, where: str) -> dict[str, Any]:
    """The record with its values in plain form: lists for tuples, floats for whole importances, nothing for nulls.

    Only ``text`` is required; fields are those of :meth:`slm.model.Memory.record`. Times stay as they are written, for
    a naive one is read in the caller's zone. ``supersedes`` may be one id and may hold unique prefixes, which the
    engine resolves. Raises :class:`InvalidInput` whose message starts with ``where``.
    """
    if not isinstance(obj, dict):
        raise InvalidInput(f"{_at(where)}a record is an object with at least a text, not {_shown(obj)}")
    record = {}
    for field, value in obj.items():
        if field not in _CHECKS:
            near = difflib.get_close_matches(str(field), FIELDS, n=1)
            suggestion = f"; did you mean '{near[0]}'?" if near else ""
            raise InvalidInput(f"{_at(where)}unknown field {_shown(field)}{suggestion}", hint=f"fields: {_LISTED}")
        if field in _OPTIONAL and (value is None or value == DEFAULTS[field]):
            continue
        try:
            record[field] = _CHECKS[field](value, field)
        except ValueError as wanted:
            raise InvalidInput(f"{_at(where)}field '{field}' must be {wanted}, not {_shown(value)}") from None
        except InvalidInput as error:
            raise InvalidInput(f"{_at(where)}{error.message}", hint=error.hint) from None
    if "text" not in record:
        raise InvalidInput(f"{_at(where)}field 'text' is missing")
    return record


def _at(where: str) -> str:
    return f"{where}: " if where else ""


def _shown(value: object) -> str:
    """A short, printable form for messages: never a whole text."""
    shown = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return shown if len(shown) <= _SHOWN_VALUE else shown[:_SHOWN_VALUE] + "…"


def _encoded(value: object, wanted: str, limit: int) -> str:
    """The value if it is a text of at most ``limit`` UTF-8 bytes without NUL and lone surrogates."""
    if not isinstance(value, str):
        raise ValueError(wanted)
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise ValueError("valid Unicode without lone surrogates") from None
    if size > limit:
        raise ValueError(f"at most {limit:,} bytes (it has {size:,})")
    if "\0" in value:
        raise ValueError("free of NUL characters")
    return value


def _text(value: object, _: str) -> str:
    text = _encoded(value, "a text", MAX_TEXT_BYTES)
    if not text.strip():
        raise ValueError("a text that isn't empty")
    return text


def _name(value: object, _: str) -> str:
    """A one-line text, stripped."""
    name = _encoded(value, "a text", MAX_NAME_BYTES).strip()
    if not name:
        raise ValueError("a text that isn't empty")
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in name):
        raise ValueError("one line without control characters")
    return name


def _tag(value: object) -> str:
    tag = unicodedata.normalize("NFC", _encoded(value, "a list of texts", MAX_TAG_BYTES))
    if not tag or tag[0] in "+-" or "," in tag or any(sign.isspace() or not sign.isprintable() for sign in tag):
        raise ValueError("a list of words without white space, commas, control characters and a leading + or -")
    return tag


def _tags(value: object, _: str) -> list[str]:
    tags = list(dict.fromkeys(_tag(item) for item in _listed(value, "a list of texts")))
    if len(tags) > MAX_TAGS:
        raise ValueError(f"at most {MAX_TAGS} tags")
    return tags


def _listed(value: object, wanted: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(wanted)
    return list(value)


def _kind(value: object, _: str) -> str:
    if not isinstance(value, str) or value not in KINDS:
        raise ValueError("one of " + ", ".join(KINDS))
    return value


def _identifier(value: object, _: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f"an id of {ID_LENGTH} letters and digits")
    return value


def _identifiers(value: object, _: str) -> list[str]:
    ids = [value] if isinstance(value, str) else _listed(value, "an id or a list of ids")
    if not all(isinstance(each, str) and _ID_PREFIX.fullmatch(each) for each in ids):
        raise ValueError("an id or a list of ids")
    return list(dict.fromkeys(ids))


def _claims(value: object, _: str) -> list[str]:
    """Claims as texts; whether they can be read as claims is for the engine to say."""
    claims = list(dict.fromkeys(_name(claim, "claims") for claim in _listed(value, "a list of texts")))
    if len(claims) > MAX_CLAIMS:
        raise ValueError(f"at most {MAX_CLAIMS} claims")
    return claims


def _matching(pattern: str, wanted: str) -> Callable[[object, str], list[str]]:
    def check(value: object, field: str) -> list[str]:
        entries = _listed(value, f"a list of {wanted}")
        if not all(isinstance(entry, str) and re.fullmatch(pattern, entry) for entry in entries):
            raise ValueError(f"a list of {wanted}")
        for entry in entries:
            if "@" in entry:
                _counted_time(entry.partition("@")[2], field)
        return list(dict.fromkeys(entries))

    return check


def _share(value: object, _: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError("a number from 0 to 1")
    return float(value)


def _count(value: object, _: str) -> int:
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        raise ValueError(f"a whole number from 0 to {MAX_COUNT}")
    return value


def _flag(value: object, _: str) -> bool:
    if type(value) is not bool:
        raise ValueError("true or false")
    return value


def _time(value: object, field: str) -> str:
    from_iso(value, UTC, field)
    return str(value)


def _counted_time(value: object, field: str) -> str:
    """A time that the store also keeps as 64-bit nanoseconds; a day of slack for the zone it will be read in."""
    if abs(to_ns(from_iso(value, UTC, field))) > (1 << 63) - 86_400 * 10**9:
        raise ValueError("between the years 1678 and 2261")
    return str(value)


def _lifecycle(value: object, _: str) -> dict[str, Any]:
    """What an export says of a memory's uses."""
    wanted = "an object of weight, on, that_day and since, as an export writes it"
    if not isinstance(value, dict) or set(value) != {"weight", "on", "that_day", "since"}:
        raise ValueError(wanted)
    weight = value["weight"]
    if type(weight) is not float or not 0 < weight <= MAX_COUNT:
        raise ValueError(wanted)
    days = {name: _counted_time(value[name], f"lifecycle.{name}") for name in ("on", "since")}
    return {"weight": weight, **days, "that_day": _count(value["that_day"], "that_day")}


_CHECKS: dict[str, Callable[[object, str], Any]] = {
    "id": _identifier,
    "text": _text,
    "kind": _kind,
    "tags": _tags,
    "speaker": _name,
    "session": _name,
    "scope": _name,
    "source": _name,
    "observed_at": _counted_time,
    "recorded_at": _counted_time,
    "valid_from": _time,
    "valid_until": _time,
    "importance": _share,
    "pinned": _flag,
    "private": _flag,
    "trust": _share,
    "supersedes": _identifiers,
    "superseded_by": _identifier,
    "claims": _claims,
    "idempotency_key": _name,
    "actor": _name,
    "uses": _count,
    "confirmations": _count,
    "last_used": _counted_time,
    "forgotten_at": _counted_time,
    "never_true": _flag,
    "reason": _name,
    "claims_dropped": _matching(f"[{ID_ALPHABET}]{{8}}", "digests of claims"),
    "claims_ended": _matching(f"[{ID_ALPHABET}]{{8}}@.+", "digests of claims with times: digest@time"),
    "conflicts_accepted": _matching(_ID.pattern, "ids of conflicts"),
    "lifecycle": _lifecycle,
}
_OPTIONAL = frozenset(field for field in FIELDS if DEFAULTS[field] in (None, ""))
_LISTED = ", ".join(FIELDS)

"""Times as people write them, as records store them, and as the store counts them.

Every datetime that leaves this module has a fixed offset of whole minutes: such values compare and subtract exactly,
which zone-aware ones in the hour around a clock change don't. A time that the clock skips is read with the offset from
before the change; of a time that it shows twice the first is meant.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from slm.errors import InvalidInput

EXAMPLES = "2024-03-14, 2024-03-14T10:30, 2024-03, 14 march 2024, yesterday, last monday, 3 days ago, 10:30"
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
          "november", "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

Days = tuple[date, date]
"""First and last day of a period."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLOCK = r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d(?:[.,]\d{1,9})?)?)?"
_ISO = re.compile(
    rf"(?P<day>\d{{4}}-\d\d-\d\d|\d{{8}})(?:[T ](?P<clock>{_CLOCK}) ?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_OFFSET = re.compile(r"[+-]\d\d(?::?\d\d)?", re.ASCII)
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_ELAPSED = re.compile(r"(?:(in) )?(\d{1,9}|an?) (second|minute|hour)s?(?(1)| ago)", re.ASCII)
_UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}


def parse_when(text: str, now: datetime, zone: tzinfo, *, end: bool = False) -> datetime:
    """The time that a phrase means, read in ``zone``; with ``end`` the last microsecond of the period it names.

    Years, months, weeks and days are periods, "3 days ago" too; a time of day, "now" and "2 hours ago" are instants,
    which are their own end. "monday" is the latest Monday up to today, "last monday" the latest before today. Anything
    that isn't understood wholly raises :class:`InvalidInput`.
    """
    phrase = " ".join(text.split())
    try:
        found = _instant(phrase, now, zone)
        if found is not None:
            return found
        days = _days(phrase.lower(), now.astimezone(zone).date())
        if days is not None:
            return _last_moment(days[1], zone) if end else _local(datetime.combine(days[0], time.min), zone)
    except (ValueError, OverflowError):
        raise InvalidInput(f"there is no time {text!r}", hint=f"for example {EXAMPLES}") from None
    raise InvalidInput(f"can't read {text!r} as a time", hint=f"for example {EXAMPLES}")


def from_iso(text: object, zone: tzinfo, field: str = "time") -> datetime:
    """The time in a record's field: ISO 8601 only; without offset it is read in ``zone``, a day alone is its midnight.

    Raises :class:`InvalidInput` that names the field. Digits past the microsecond are dropped.
    """
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    try:
        if found:
            return _from_match(found, zone)
    except (ValueError, OverflowError):
        pass
    hint = "for example 2024-03-14T10:30:00+01:00 or 2024-03-14"
    raise InvalidInput(f"field '{field}' is no ISO 8601 time: {text!r}", hint=hint)


def iso(moment: datetime) -> str:
    """ISO 8601 with the offset, "Z" for UTC; microseconds only when there are some. ValueError for a naive time."""
    return _pinned(moment).isoformat().replace("+00:00", "Z")


def to_ns(moment: datetime) -> int:
    """Nanoseconds since 1970 UTC, exact. Outside the years 1678 to 2261 it doesn't fit into 64 bits."""
    elapsed = moment - _EPOCH
    return ((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds) * 1000


def from_ns(elapsed_ns: int) -> datetime:
    """The UTC time of nanoseconds since 1970; digits past the microsecond are dropped."""
    return _EPOCH + timedelta(microseconds=elapsed_ns // 1000)


def zone_of(name: str | None) -> tzinfo:
    """The zone of an IANA name or an offset such as ``+05:30``; UTC for None. InvalidInput for anything else."""
    if name is None or name.upper() in ("UTC", "Z"):
        return UTC
    try:
        return _fixed(name) if _OFFSET.fullmatch(name) else ZoneInfo(name)
    except (ValueError, KeyError, OSError):
        pass
    raise InvalidInput(f"unknown time zone {name!r}", hint="an IANA name such as Europe/Berlin, or an offset: +01:00")


def ago(moment: datetime, now: datetime) -> str:
    """How a person would say it: "3 days ago" or "in 2 hours", and the date beyond a week, as it was written."""
    elapsed = now - moment
    size = abs(elapsed)
    if size < timedelta(minutes=1):
        return "just now"
    if size >= timedelta(days=7):
        year = "" if moment.year == now.astimezone(moment.tzinfo).year else f" {moment.year}"
        return f"{moment.day} {MONTHS[moment.month - 1][:3].title()}{year}"
    unit = next(unit for unit in _UNITS if size >= _UNITS[unit])
    count = size // _UNITS[unit]
    amount = f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{amount} ago" if elapsed > timedelta(0) else f"in {amount}"


def _instant(phrase: str, now: datetime, zone: tzinfo) -> datetime | None:
    words = phrase.lower()
    if words == "now":
        return _pinned(now.astimezone(zone))
    if found := _ELAPSED.fullmatch(words):
        amount = _count(found[2]) * _UNITS[found[3]]
        return _pinned((now.astimezone(UTC) + (amount if found[1] else -amount)).astimezone(zone))
    if found := _TIME_OF_DAY.fullmatch(words):
        hour, minute, second = (int(part or 0) for part in found.groups())
        return _local(datetime.combine(now.astimezone(zone).date(), time(hour, minute, second)), zone)
    if (found := _ISO.fullmatch(phrase.upper())) and found["clock"]:
        return _from_match(found, zone)
    return None


def _from_match(found: re.Match[str], zone: tzinfo) -> datetime:
    clock, offset = found["clock"] or "00", (found["offset"] or "").replace("Z", "+00:00")
    moment = datetime.combine(date.fromisoformat(found["day"]), time.fromisoformat(clock.replace(",", ".")))
    return _local(moment, _fixed(offset) if offset else zone)


def _fixed(offset: str) -> timezone:
    """The zone of an offset that :data:`_OFFSET` matches; ValueError from 24 hours or 60 minutes on."""
    sign, hours, minutes = re.findall(r"[+-]|\d\d", offset + "00")[:3]
    if int(minutes) > 59:
        raise ValueError("an offset of more than 59 minutes past the hour")
    shift = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-shift if sign == "-" else shift)


def _days(words: str, today: date) -> Days | None:
    for pattern, meaning in _PHRASES:
        if found := pattern.fullmatch(words):
            return meaning(found, today)
    return None


def _one(day: date) -> Days:
    return day, day


def _month(year: int, month: int) -> Days:
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _year(year: int) -> Days:
    return date(year, 1, 1), date(year, 12, 31)


def _month_number(name: str) -> int:
    return next(number for number, month in enumerate(MONTHS, 1) if name in (month, month[:3]))


def _written_day(found: re.Match[str], _: date) -> Days:
    return _one(date(int(found["year"]), _month_number(found["month"]), int(found["day"])))


def _shifted(day: date, unit: str, count: int) -> date:
    """``count`` units later; a month later is the same day number or the month's last day."""
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _distant(found: re.Match[str], today: date) -> Days:
    count = _count(found["count"])
    return _one(_shifted(today, found["unit"], count if found["ahead"] else -count))


def _count(words: str) -> int:
    return 1 if words in ("a", "an") else int(words)


def _weekday(found: re.Match[str], today: date) -> Days:
    back = (today.weekday() - WEEKDAYS.index(found["weekday"])) % 7
    if found["which"] == "next":
        return _one(today + timedelta(days=7 - back))
    return _one(today - timedelta(days=7 if found["which"] == "last" and back == 0 else back))


def _calendar(found: re.Match[str], today: date) -> Days:
    """This, the last or the next calendar week (from Monday), month or year."""
    unit = found["unit"]
    inside = _shifted(today.replace(day=1) if unit != "week" else today, unit, _NEAR[found["which"]])
    if unit == "week":
        first = inside - timedelta(days=inside.weekday())
        return first, first + timedelta(days=6)
    return _month(inside.year, inside.month) if unit == "month" else _year(inside.year)


_NEAR = {"last": -1, "this": 0, "next": 1}
_MONTH = "(?P<month>" + "|".join(f"{name}|{name[:3]}" for name in MONTHS) + ")"
_PHRASES: list[tuple[re.Pattern[str], Callable[[Any, date], Days]]] = [
    (re.compile(pattern, re.ASCII), meaning)
    for pattern, meaning in (
        (r"today", lambda _, today: _one(today)),
        (r"yesterday", lambda _, today: _one(today - timedelta(days=1))),
        (r"tomorrow", lambda _, today: _one(today + timedelta(days=1))),
        (r"\d{4}-\d\d-\d\d|\d{8}", lambda found, _: _one(date.fromisoformat(found[0]))),
        (r"(\d{4})-(\d\d)", lambda found, _: _month(int(found[1]), int(found[2]))),
        (r"\d{4}", lambda found, _: _year(int(found[0]))),
        (rf"{_MONTH} (?P<year>\d{{4}})", lambda found, _: _month(int(found["year"]), _month_number(found["month"]))),
        (rf"(?P<day>\d\d?) {_MONTH},? (?P<year>\d{{4}})", _written_day),
        (rf"{_MONTH} (?P<day>\d\d?),? (?P<year>\d{{4}})", _written_day),
        (r"(?:(?P<ahead>in) )?(?P<count>\d{1,6}|an?) (?P<unit>day|week|month|year)s?(?(ahead)| ago)", _distant),
        (rf"(?:(?P<which>last|next) )?(?P<weekday>{'|'.join(WEEKDAYS)})", _weekday),
        (r"(?P<which>last|this|next) (?P<unit>week|month|year)", _calendar),
    )
]


def _local(moment: datetime, zone: tzinfo) -> datetime:
    return _pinned(moment.replace(tzinfo=zone))


def _last_moment(day: date, zone: tzinfo) -> datetime:
    end = datetime.combine(day, time.max)
    return max(_local(end, zone), _local(end.replace(fold=1), zone))


def _pinned(moment: datetime) -> datetime:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a time without offset")
    return moment.replace(tzinfo=timezone(timedelta(minutes=round(offset.total_seconds() / 60))), fold=0)

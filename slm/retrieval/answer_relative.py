"""Times that a sentence counts from the day it was said on: yesterday, two weeks ago, next month, last Friday.

Readers as in :mod:`slm.retrieval.answer_calendar`. What isn't certain to the day keeps its words and gains a date.
"""

from __future__ import annotations

import calendar
import re
from datetime import timedelta

from slm.retrieval.answer_calendar import Reader, Reading, Said, any_of, month_of, months_from, shortened, written
from slm.retrieval.temporal import COUNTS, UNIT_DAYS, WEEKDAYS

ROUGH = {"couple": 2, "few": 3, "several": 4}
"""Counts that nobody means exactly."""
DAY_SHIFTS = {
    "day before yesterday": -2,
    "yesterday": -1,
    "last night": -1,
    "tomorrow": 1,
    "day after tomorrow": 2,
}
"""Days away from the day of speaking; all other words of this kind mean that day."""
LEADS_ON = ("next", "coming", "this coming")
LEADS_BACK = ("last", "past", "previous", "this past")

_DAYS = shortened(WEEKDAYS, (3, 4, 5))
_COUNT = rf"\d{{1,4}}|{'|'.join({**COUNTS, **ROUGH})}"
_LEAD = "|".join((*LEADS_ON, *LEADS_BACK, "this"))


def _near_day(found: re.Match[str], said: Said) -> Reading:
    day = said.on + timedelta(days=DAY_SHIFTS.get(found["word"].lower(), 0))
    return Reading(written(day), day)


def _ago(found: re.Match[str], said: Said) -> Reading:
    count, unit, later = found["count"].lower(), found["unit"].lower(), found["later"] is not None
    number = int(count) if count.isdecimal() else {**COUNTS, **ROUGH}[count]
    away = number if later else -number
    if count not in ROUGH and unit in ("month", "year"):
        first = months_from(said.on, away * (12 if unit == "year" else 1))
        return Reading(str(first.year) if unit == "year" else month_of(first), first)
    day = said.on + timedelta(days=round(away * UNIT_DAYS.get(unit, UNIT_DAYS["week"])))
    if count not in ROUGH and unit == "day":
        return Reading(written(day), day)
    amount = f"{found['amount']} {unit}" + ("s" if number > 1 else "")
    return Reading(f"{amount} {'after' if later else 'before'} {written(said.on)}", day)


def _unit(found: re.Match[str], said: Said) -> Reading:
    lead, unit = found["lead"].lower(), found["unit"].lower()
    step = 1 if lead in LEADS_ON else -1 if lead in LEADS_BACK else 0
    if unit in ("month", "year"):
        first = months_from(said.on, step * (12 if unit == "year" else 1))
        return Reading(str(first.year) if unit == "year" else month_of(first), first)
    link = ("of", "after", "before")[step]
    return Reading(f"the {unit} {link} {written(said.on)}", said.on + timedelta(days=7 * step))


def _weekday(found: re.Match[str], said: Said) -> Reading:
    wanted = _DAYS[found["weekday"].lower()]
    lead = (found["lead"] or "").lower()
    later = lead not in LEADS_BACK and (said.ahead or lead == "this" or lead in LEADS_ON)
    days = ((wanted - said.on.weekday()) % 7 or 7) if later else -((said.on.weekday() - wanted) % 7 or 7)
    text = f"the {calendar.day_name[wanted]} {'after' if later else 'before'} {written(said.on)}"
    return Reading(text, said.on + timedelta(days=days))


def _lately(_found: re.Match[str], said: Said) -> Reading:
    return Reading(f"shortly before {written(said.on)}", said.on, sure=False)


PATTERNS: tuple[tuple[str, Reader], ...] = (
    (
        rf"(?:the )?(?P<word>{'|'.join(DAY_SHIFTS)}|today|tonight|this (?:morning|afternoon|evening))\b",
        _near_day,
    ),
    (
        rf"(?P<amount>(?:a )?(?P<count>{_COUNT})(?: of)?) (?P<unit>day|weekend|week|month|year)s? "
        r"(?:ago|back|(?P<later>from (?:now|today)))\b",
        _ago,
    ),
    (rf"(?:the )?(?P<lead>{_LEAD}) (?P<unit>weekend|week|month|year)\b", _unit),
    (rf"(?:(?P<lead>{_LEAD}) |on )?(?P<weekday>{any_of(WEEKDAYS, _DAYS)})\b", _weekday),
    (r"(?:the other day|recently|lately|a while ago)\b", _lately),
)
"""What each reader reads, after the border of a word, in any case."""

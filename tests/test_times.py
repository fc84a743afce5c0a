"""Phrases, ISO forms and exact nanoseconds."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.times import MONTHS, WEEKDAYS, ago, from_iso, from_ns, iso, parse_when, to_ns, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2024, 3, 20, 15, 30, tzinfo=BERLIN)
"""A Wednesday, eleven days before the clocks go forward."""

ZONES = st.sampled_from(
    [UTC, BERLIN]
    + [ZoneInfo(name) for name in ("America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu", "America/Toronto")]
    + [timezone(timedelta(hours=14)), timezone(timedelta(hours=-12)), timezone(timedelta(minutes=-210))]
)
DAYS = st.dates(date(1, 1, 2), date(9999, 12, 30))
MOMENTS = st.builds(
    lambda moment, zone: moment.replace(tzinfo=zone), st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), ZONES
)


def when(text: str, *, end: bool = False) -> str:
    return iso(parse_when(text, NOW, BERLIN, end=end))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2024-03-20", "2024-03-20"),
        ("yesterday", "2024-03-19", "2024-03-19"),
        ("tomorrow", "2024-03-21", "2024-03-21"),
        ("3 days ago", "2024-03-17", "2024-03-17"),
        ("a day ago", "2024-03-19", "2024-03-19"),
        ("2 weeks ago", "2024-03-06", "2024-03-06"),
        ("1 month ago", "2024-02-20", "2024-02-20"),
        ("2 years ago", "2022-03-20", "2022-03-20"),
        ("in 2 days", "2024-03-22", "2024-03-22"),
        ("in a week", "2024-03-27", "2024-03-27"),
        ("monday", "2024-03-18", "2024-03-18"),
        ("Wednesday", "2024-03-20", "2024-03-20"),
        ("last wednesday", "2024-03-13", "2024-03-13"),
        ("last monday", "2024-03-18", "2024-03-18"),
        ("next wednesday", "2024-03-27", "2024-03-27"),
        ("next friday", "2024-03-22", "2024-03-22"),
        ("last week", "2024-03-11", "2024-03-17"),
        ("this week", "2024-03-18", "2024-03-24"),
        ("last month", "2024-02-01", "2024-02-29"),
        ("next month", "2024-04-01", "2024-04-30"),
        ("last year", "2023-01-01", "2023-12-31"),
        ("march 2024", "2024-03-01", "2024-03-31"),
        ("Feb 2023", "2023-02-01", "2023-02-28"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2024-03", "2024-03-01", "2024-03-31"),
        ("2024-03-14", "2024-03-14", "2024-03-14"),
        ("20240314", "2024-03-14", "2024-03-14"),
        ("14 march 2024", "2024-03-14", "2024-03-14"),
        ("  March   14,  2024 ", "2024-03-14", "2024-03-14"),
        ("4 Mar 2024", "2024-03-04", "2024-03-04"),
    ],
)
def test_a_phrase_names_the_days_from_first_to_last(text, first, last) -> None:
    """Oracle: the calendar of March 2024, read by eye."""
    assert when(text)[:19] == f"{first}T00:00:00"
    assert when(text, end=True)[:26] == f"{last}T23:59:59.999999"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2024-03-20T15:30:00+01:00"),
        ("2 hours ago", "2024-03-20T13:30:00+01:00"),
        ("an hour ago", "2024-03-20T14:30:00+01:00"),
        ("in 90 minutes", "2024-03-20T17:00:00+01:00"),
        ("30 seconds ago", "2024-03-20T15:29:30+01:00"),
        ("300 hours ago", "2024-03-08T03:30:00+01:00"),
        ("in 300 hours", "2024-04-02T04:30:00+02:00"),
        ("10:30", "2024-03-20T10:30:00+01:00"),
        ("9:05:07", "2024-03-20T09:05:07+01:00"),
        ("2024-03-14T10:30", "2024-03-14T10:30:00+01:00"),
        ("2024-07-14 10:30", "2024-07-14T10:30:00+02:00"),
        ("2024-03-14t10:30:05z", "2024-03-14T10:30:05Z"),
        ("2024-03-14 10:30:05 +0530", "2024-03-14T10:30:05+05:30"),
        ("20240314T103005.25-08", "2024-03-14T10:30:05.250000-08:00"),
    ],
)
def test_a_time_of_day_is_an_instant_that_is_its_own_end(text, expected) -> None:
    """Specification: periods have an end, instants are it."""
    assert when(text) == expected
    assert when(text, end=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "soon", "march", "3 nov", "last", "last march", "the day before", "monday 2024", "14 mars 2024",
        "31 february 2024", "2024-02-30", "2024-13", "2024-00", "0000", "0000-01-01", "24:00", "10:60", "10:30:61",
        "2024-03-14T25:00", "2024-03-14T10:30+25:00", "2024-3-14", "14/03/2024", "03/14/2024", "14.3.2024",
        "3 days", "days ago", "3 fortnights ago", "99999 years ago", "in 9000 years", "999999999 hours ago",
        "-3 days ago", "1710412200", "2024-03-14T10:30+01:75",
        "2024-W12", "٢٠٢٤", "２０２４", "3\u00a0days\0ago", "today tomorrow", "12345", "2024-03-14T10:30+02:00:30",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_examples(text) -> None:
    """Specification: never guesses."""
    with pytest.raises(InvalidInput) as caught:
        parse_when(text, NOW, BERLIN)

    assert repr(text) in caught.value.message
    assert "yesterday" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-31T02:30", "2024-03-31T02:30:00+01:00"),
        ("2024-10-27T02:30", "2024-10-27T02:30:00+02:00"),
    ],
)
def test_skipped_and_repeated_times_are_read_one_way(text, expected) -> None:
    """Specification: the offset before the change; the first of two."""
    assert when(text) == expected


def test_the_last_moment_of_a_day_that_ends_twice_is_the_later_one() -> None:
    """Oracle: in São Paulo, 2018-02-17 23:00 to 24:00 happened twice."""
    zone = ZoneInfo("America/Sao_Paulo")

    end = parse_when("2018-02-17", NOW, zone, end=True)

    assert iso(end) == "2018-02-17T23:59:59.999999-03:00"


def test_a_day_without_midnight_starts_when_the_clock_jumps() -> None:
    """Oracle: in São Paulo, 2018-11-04 began at 01:00-02:00, which is 03:00 UTC."""
    start = parse_when("2018-11-04", NOW, ZoneInfo("America/Sao_Paulo"))

    assert to_ns(start) == to_ns(datetime(2018, 11, 4, 3, tzinfo=UTC))


@given(DAYS, ZONES)
@example(date(1, 1, 2), BERLIN)
@example(date(9999, 12, 30), BERLIN)
@example(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
def test_a_day_starts_before_it_ends_and_keeps_its_number(day, zone) -> None:
    """Theorem: start <= end; the written day is kept."""
    start = parse_when(day.isoformat(), NOW, zone)
    end = parse_when(day.isoformat(), NOW, zone, end=True)

    assert start <= end
    assert start.date() == end.date() == day
    assert end - start < timedelta(hours=50)


@given(DAYS, ZONES)
def test_the_spellings_of_one_day_agree(day, zone) -> None:
    """Theorem: four spellings, one instant."""
    month = MONTHS[day.month - 1]
    spellings = [f"{day:%d} {month} {day.year:04}", f"{month[:3]} {day.day}, {day.year:04}", day.isoformat(),
                 day.isoformat().replace("-", "")]  # fmt: skip

    assert len({parse_when(text, NOW, zone) for text in spellings}) == 1


@given(MOMENTS, st.sampled_from(WEEKDAYS))
def test_weekdays_lie_within_a_week_on_their_side_of_today(now, name) -> None:
    """Oracle: walk day by day."""
    assume(date(1, 2, 1) < now.date() < date(9999, 11, 1))
    today = now.date()
    named = parse_when(name, now, now.tzinfo).date()
    last = parse_when(f"last {name}", now, now.tzinfo).date()
    following = parse_when(f"next {name}", now, now.tzinfo).date()

    back = [today - timedelta(days=n) for n in range(8)]
    ahead = [today + timedelta(days=n) for n in range(1, 8)]
    assert named == next(day for day in back if day.weekday() == WEEKDAYS.index(name))
    assert last == next(day for day in back[1:] if day.weekday() == WEEKDAYS.index(name))
    assert following == next(day for day in ahead if day.weekday() == WEEKDAYS.index(name))


@given(MOMENTS, st.integers(0, 3000), st.sampled_from(["month", "year"]))
@example(datetime(2024, 3, 31, tzinfo=UTC), 1, "month")
@example(datetime(2024, 2, 29, tzinfo=UTC), 1, "year")
def test_months_and_years_keep_the_day_or_take_the_last_one(now, count, unit) -> None:
    """Oracle: count month by month."""
    year, month = now.year, now.month
    for _ in range(count * (12 if unit == "year" else 1)):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    assume(year > 1)

    found = parse_when(f"{count} {unit}s ago", now, now.tzinfo).date()

    assert (found.year, found.month) == (year, month)
    assert found.day == now.day or (found.day < now.day and (found + timedelta(days=1)).day == 1)


@given(st.text(max_size=30) | st.from_regex(r"[\d:TZ+. -]{1,25}", fullmatch=True), st.booleans())
def test_any_text_is_a_time_or_refused(text, end) -> None:
    """Specification: nothing but InvalidInput."""
    with contextlib.suppress(InvalidInput):
        assert parse_when(text, NOW, BERLIN, end=end).utcoffset() is not None


# Record fields


@given(MOMENTS)
@example(datetime(1, 1, 3, tzinfo=BERLIN))
@example(datetime(1890, 1, 1, tzinfo=BERLIN))
def test_what_is_written_reads_back_as_the_same_wall_clock_and_offset(moment) -> None:
    """Theorem: from_iso(iso(t)) keeps clock and offset, to the minute of the offset."""
    back = from_iso(iso(moment), UTC)

    assert back.replace(tzinfo=None) == moment.replace(tzinfo=None, fold=0)
    assert abs(back.utcoffset() - moment.utcoffset()) <= timedelta(seconds=30)
    assert iso(back) == iso(moment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-14", "2024-03-14T00:00:00+01:00"),
        ("2024-07-14", "2024-07-14T00:00:00+02:00"),
        ("2024-03-14T10:30:00.000001Z", "2024-03-14T10:30:00.000001Z"),
        ("2024-03-14T10:30:00,5+02:00", "2024-03-14T10:30:00.500000+02:00"),
        ("2024-03-14T10:30:00.123456789Z", "2024-03-14T10:30:00.123456Z"),
        ("2024-03-14T10+00:00", "2024-03-14T10:00:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00+00:53"),
        ("9999-12-31T23:59:59.999999-12:00", "9999-12-31T23:59:59.999999-12:00"),
    ],
)
def test_iso_forms_are_read_and_written_in_one_form(text, expected) -> None:
    """Specification: keeps the offset, seconds unless finer, Z for UTC."""
    assert iso(from_iso(text, BERLIN)) == expected


@pytest.mark.parametrize(
    "value", ["yesterday", "2024", "2024-03", "", "2024-02-30", "2024-03-14T10:30z", None, 20240314, b"2024-03-14",
              "2024-03-14T24:00", "2024-03-14T10:30:00.Z", "2024-03-14 ", "²024-03-14", "2024-03-14T10:30+24:00"],
)  # fmt: skip
def test_a_field_that_is_no_iso_time_is_named(value) -> None:
    """Specification: the error names the field."""
    with pytest.raises(InvalidInput, match="field 'valid_from' is no ISO 8601 time"):
        from_iso(value, UTC, "valid_from")


def test_iso_refuses_a_time_without_offset() -> None:
    """Specification: a bug of the caller, no user's mistake."""
    with pytest.raises(ValueError, match="without offset"):
        iso(datetime(2024, 1, 1))


@given(MOMENTS)
def test_nanoseconds_are_exact(moment) -> None:
    """Oracle: days counted by ordinal, as a fraction of exact integers."""
    naive = moment.replace(tzinfo=None, fold=0)
    offset = moment.utcoffset()
    seconds = (naive.date().toordinal() - date(1970, 1, 1).toordinal()) * 86_400
    seconds += naive.hour * 3600 + naive.minute * 60 + naive.second
    expected = Fraction(seconds * 10**6 + naive.microsecond - offset // timedelta(microseconds=1)) * 1000

    assert to_ns(moment) == expected


@given(MOMENTS)
def test_nanoseconds_read_back_as_the_same_instant(moment) -> None:
    """Theorem: from_ns undoes to_ns."""
    assume(date(2, 1, 1) < moment.date() < date(9999, 1, 1))

    assert from_ns(to_ns(moment)) == moment.astimezone(UTC)


@given(MOMENTS, MOMENTS)
def test_nanoseconds_order_as_the_instants_do(a, b) -> None:
    """Theorem: to_ns is strictly increasing."""
    assert (to_ns(a) < to_ns(b)) == (a.astimezone(UTC) < b.astimezone(UTC))


# Zones


@pytest.mark.parametrize(
    ("name", "offset_minutes"),
    [(None, 0), ("UTC", 0), ("utc", 0), ("Z", 0), ("+05:30", 330), ("-0330", -210), ("+02", 120), ("-00:00", 0)],
)
def test_a_zone_is_a_name_or_an_offset(name, offset_minutes) -> None:
    """Specification."""
    assert zone_of(name).utcoffset(None) == timedelta(minutes=offset_minutes)


def test_an_iana_name_knows_its_clock_changes() -> None:
    """Specification: zoneinfo."""
    assert zone_of("Europe/Berlin") is BERLIN


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe", "+24:00", "+25:00", "+01:75", "+1", "a" * 5000],
)  # fmt: skip
def test_an_unknown_zone_is_refused(name) -> None:
    """Specification."""
    with pytest.raises(InvalidInput, match="unknown time zone"):
        zone_of(name)


# Rendering


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "13 Mar"),
        (timedelta(days=138), "3 Nov 2023"),
        (timedelta(hours=-2), "in 2 hours"),
        (timedelta(days=-3), "in 3 days"),
        (timedelta(days=-300), "14 Jan 2025"),
    ],
)
def test_ago_says_it_as_a_person_would(elapsed, expected) -> None:
    """Specification: "3 days ago" / "3 Nov"."""
    moment = datetime(2024, 3, 20, 15, 30, tzinfo=UTC)

    assert ago(moment - elapsed, moment) == expected


def test_ago_shows_the_day_as_it_was_written() -> None:
    """Specification: a time keeps its written day, wherever it is read."""
    written = datetime(2024, 1, 5, 23, 30, tzinfo=timezone(timedelta(hours=-8)))

    assert ago(written, NOW) == "5 Jan"

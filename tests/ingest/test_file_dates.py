"""The day that a note's path names."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.ingest.file_dates import day_of, without_day

FORMS = ["{0:%Y-%m-%d}.md", "{0:%Y%m%d}.md", "{0:%Y_%m_%d}.md", "{0:%Y.%m.%d}.md", "{0:%Y-%m-%d} Monday.md",
         "{0:%Y%m%d}-standup.md", "call with Anna {0:%Y-%m-%d}.md", "log_{0:%Y_%m_%d}_b.md", "{0:%Y/%m/%d}.md",
         "journal/{0:%Y/%m/%d}-standup.md", "{0:%Y}/{0:%Y-%m}/{0:%d}.md", "a/{0:%Y-%m-%d}.md"]  # fmt: skip


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(FORMS))
def test_daily_notes_name_their_day(day, form):
    """The forms of Obsidian, Logseq, org-roam exports and folders by month."""
    assert day_of(form.format(day)) == day.isoformat()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2026-03.md", "2026-03-01"),
        ("journal/2026-W13.md", "2026-03-23"),
        ("2026w01.md", "2025-12-29"),
        ("notes.md", None),
        ("2026.md", None),
        ("2026-13-45.md", None),
        ("2026-13.md", None),
        ("2026-W60.md", None),
        ("x20260323.md", None),
        ("202603231.md", None),
        ("port-5432-10-20-30.md", None),
        ("2026-03_23.md", None),
    ],
)
def test_months_weeks_and_what_names_no_day(path, expected):
    """ISO 8601 weeks begin on Monday."""
    assert day_of(path) == expected


@pytest.mark.parametrize(
    ("stem", "expected"),
    [("2026-03-23-standup", "standup"), ("2026_03_23", ""), ("call 2026-03-23", "call "), ("notes", "notes")],
)
def test_the_name_without_its_day(stem, expected):
    """Specification: the title of a note isn't its day."""
    assert without_day(stem) == expected

"""What the README says of formats and files is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from slm.model import FIELDS, ONLY_WHEN_SET

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_fields_of_a_record_are_those_that_the_model_has() -> None:
    """slm.model, which reads and writes records."""
    (told,) = re.findall(r"hits, has the fields `([^`]+)`", README)

    assert told.split() == [name for name in FIELDS if name not in ONLY_WHEN_SET]


def test_every_link_within_the_readme_leads_to_a_heading() -> None:
    """GitHub's anchors: lower case, punctuation left out, a dash for each space."""
    headings = re.findall(
        r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert {*re.findall(r"\]\(#([^)]+)\)", README)} <= anchors


def test_every_file_of_the_project_that_is_named_exists() -> None:
    """Names with an ending that only the project's own files have here."""
    named = {*re.findall(r"`([A-Z]+\.md|config\.example\.toml|slm/[\w/]+(?:\.py)?)`", README)}

    assert named
    assert all((ROOT / name).exists() for name in named)

"""The manual pages: complete, read by real formatters without a warning, and the same that the README says."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.cli.docs.pages import Item, Page, Section, page, pages
from slm.cli.docs.roff import escaped, plain, roff
from slm.cli.docs.tree import tree
from slm.cli.render.text import Layout
from slm.errors import BY_KIND, EXIT_CODES

README = Path(__file__).parents[3] / "README.md"
LINTERS = {
    "mandoc": ["mandoc", "-T", "lint", "-W", "warning"],
    "groff": ["groff", "-man", "-ww", "-z", "-Tutf8"],
}


@pytest.mark.parametrize("linter", LINTERS)
@pytest.mark.parametrize("shown", pages(), ids=lambda shown: shown.name)
def test_formatters_read_every_page_without_a_warning(tmp_path, linter, shown):
    if shutil.which(linter) is None:
        pytest.skip(f"{linter} is not installed")
    file = tmp_path / "page.1"
    file.write_text(roff(shown), encoding="ascii")

    done = subprocess.run([*LINTERS[linter], str(file)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_every_command_has_a_page_with_all_its_options():
    names = {shown.name: roff(shown) for shown in pages()}
    for command in tree().commands:
        text = names[f"slm-{command.name}"]
        for each in command.walk():
            for option in each.options:
                assert all(escaped(name) in text for name in option.names)


def test_a_subcommand_is_told_of_on_the_page_of_its_group():
    assert page(("profile", "delete")).name == "slm-profile"


def test_there_is_no_page_for_what_is_no_command():
    assert page(("profile", "rename")) is None
    assert page(("nothing",)) is None


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1))
def test_any_text_reads_as_it_was_written(word):
    """What means something to roff is escaped: mandoc prints it back."""
    shown = Page("x", (Section("NAME", ("x - y",)), Section("HERE", (), (Item("-t", f"{word} .end"),))))

    done = subprocess.run(["mandoc", "-T", "utf8"], input=roff(shown), capture_output=True, text=True, check=True)

    printed = re.sub(r".\x08", "", done.stdout)
    assert word in "".join(printed.split())


def test_without_a_terminal_the_manual_is_plain_text():
    lines = plain(page(("pin",)), Layout(80, False, datetime(2026, 11, 24, tzinfo=UTC)))

    assert lines[:6] == [
        "NAME", "       slm-pin - keep memories from ever fading", "", "SYNOPSIS", "       slm pin ID...", "",
    ]  # fmt: skip


def test_the_readme_tells_the_same_exit_codes():
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", README.read_text(), re.MULTILINE)

    assert {int(code): text for code, text in rows} == EXIT_CODES


def test_every_error_has_an_exit_code_that_is_told():
    assert {error.exit_code for error in BY_KIND.values()} <= EXIT_CODES.keys()

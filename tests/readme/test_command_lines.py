from __future__ import annotations

from pathlib import Path

import pytest

from tests.readme.blocks import blocks
from tests.readme.command_lines import NotParsed, bench, check, commands, mentioned, names_a_command
from tests.readme.session import LANGUAGE, PROMPT

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")}
SHELL = [block.text for block in blocks(README, "sh")]
TYPED = [line for block in blocks(README, LANGUAGE) for line in block.text.splitlines() if line.startswith(PROMPT)]
LINES = [argv for text in SHELL + TYPED for argv in commands(text)]
MENTIONS = [(name, words) for name, text in PAGES.items() for words in mentioned(text)]


def _called(part: str | list[str]) -> str:
    return part if isinstance(part, str) else " ".join(part)


@pytest.mark.parametrize("argv", LINES, ids=" ".join)
def test_every_command_line_of_the_readme_is_one_that_slm_reads(argv: list[str]) -> None:
    """The parser of slm itself: commands, options, their values, arguments required and not."""
    check(argv)


@pytest.mark.parametrize(
    ("page", "words"), MENTIONS, ids=lambda part: part if isinstance(part, str) else " ".join(part)
)
def test_every_command_that_a_page_mentions_exists(page: str, words: list[str]) -> None:
    """In prose and tables arguments are left out, so only verbs and options are held against the command tree."""
    assert names_a_command(words)


def test_every_measurement_without_files_of_others_has_its_row() -> None:
    """``slm bench all`` is what prints them anew; the table of figures names each, or the text says what it is for."""
    rows = {words[1] for words in mentioned(README) if words[:1] == ["bench"] and len(words) > 1}

    assert rows <= {*bench().commands}
    assert rows >= {"client", "mcp", "hook", "watch", "store", "import", "scan", "audit", "recall", "lifecycle"}


@pytest.mark.parametrize(
    "line",
    [
        "slm rember x", "slm recall --wy x", "slm audit resolve", "slm connect emacs", "slm recall -n many x",
        "slm bench locomo", "slm undo 1 2 3", "slm stats wieghts",
    ],
)  # fmt: skip
def test_a_line_that_slm_would_refuse_is_found_out(line: str) -> None:
    """The check itself: misspelt commands, options and values, arguments missing and too many."""
    (argv,) = commands(line)

    with pytest.raises(NotParsed):
        check(argv)


def test_a_line_of_shell_is_taken_apart_as_the_shell_does() -> None:
    """POSIX: operators end a command, quotes hold words together, a # begins a comment."""
    line = '$ echo "a ; b" | .venv/bin/slm remember - --tag "my work" && slm undo > out.txt ; ls # slm nothing'

    assert commands(line) == [["remember", "-", "--tag", "my work"], ["undo"]]


def test_words_that_a_page_leaves_open_are_all_read() -> None:
    """`slm backup create|verify|restore FILE` names three commands; fenced blocks are no prose."""
    prose = "`slm backup create|verify\nFILE` and `slm`\n```sh\n`slm nothing`\n```\n"

    assert mentioned(prose) == [["backup", "create", "FILE"], ["backup", "verify", "FILE"], []]
    assert not names_a_command(["backup", "burn", "FILE"])
    assert not names_a_command(["recall", "--wy"])

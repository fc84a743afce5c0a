"""The parser's complaints in slm's own words: what is wrong, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from slm.errors import InvalidInput

Rewrite = Callable[[re.Match[str]], tuple[str, str | None]]
"""From what the parser says to the message and the word that was probably meant."""

DASHED = "; words that start with a dash go after --"


def wrong_usage(said: str, path: str) -> InvalidInput:
    """The error for what the parser ``said`` of the command at ``path``; in its own words where it is a new one."""
    line = " ".join(said.split()).rstrip(".")
    message, meant = line, None
    for pattern, rewrite in REWRITES:
        if found := pattern.fullmatch(line):
            message, meant = rewrite(found)
            break
    dash = DASHED if message.startswith("no option") else ""
    suggested = f"did you mean {meant}? Otherwise " if meant else ""
    return InvalidInput(message, hint=f"{suggested}{path} --help{dash}")


def _unknown_command(found: re.Match[str]) -> tuple[str, str | None]:
    return f"no command {found[1]!r}", _any_of(re.findall(r"'([^']+)'", found[2] or ""))


def _unknown_option(found: re.Match[str]) -> tuple[str, str | None]:
    return f"no option {found[1]}", _any_of(re.findall(r"--[\w-]+", found[2] or ""))


def _no_choice(found: re.Match[str]) -> tuple[str, str | None]:
    choices = re.findall(r"'([^']+)'", found[3])
    near = difflib.get_close_matches(found[2], choices, n=1)
    return f"{_named(found[1])}: {found[2]!r} is none of {', '.join(choices)}", near[0] if near else None


def _no_number(found: re.Match[str]) -> tuple[str, str | None]:
    kind = "a whole number" if "int" in found[3] else "a number"
    return f"{_named(found[1])}: {found[2]!r} is not {kind}", None


def _out_of_range(found: re.Match[str]) -> tuple[str, str | None]:
    return f"{_named(found[1])}: {found[2]} is not in the range {found[3]}", None


def _missing(found: re.Match[str]) -> tuple[str, str | None]:
    choices = f": one of {' '.join(found[2].split())}" if found[2] else ""
    return f"{_named(found[1])} is missing{choices}", None


def _needs_value(found: re.Match[str]) -> tuple[str, str | None]:
    return f"{found[1]} needs a value", None


def _too_many(found: re.Match[str]) -> tuple[str, str | None]:
    return f"too many words: {found[1]}", None


def _any_of(words: Sequence[str]) -> str | None:
    return " or ".join(words) or None


def _named(name: str) -> str:
    """An option by its long name: "'-n' / '--limit'" is --limit."""
    return name.replace("'", "").rpartition(" / ")[2]


REWRITES: Sequence[tuple[re.Pattern[str], Rewrite]] = [
    (re.compile(r"No such command '(.*?)'(?:\. Did you mean (.*)\?)?"), _unknown_command),
    (re.compile(r"No such option:? '?([^' ]+)'?(?:\.? (?:\(Possible options: |Did you mean )(.*))?"), _unknown_option),
    (re.compile(r"Invalid value for (.+?): '(.*)' is not one of (.*)"), _no_choice),
    (re.compile(r"Invalid value for (.+?): '(.*)' is not a valid ((?:int|float).*)"), _no_number),
    (re.compile(r"Invalid value for (.+?): (.*) is not in the range (.*)"), _out_of_range),
    (re.compile(r"Missing (?:option|argument) '(.+?)'(?:\. Choose from: (.*))?"), _missing),
    (re.compile(r"Option '(.+)' requires an argument"), _needs_value),
    (re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)"), _too_many),
]

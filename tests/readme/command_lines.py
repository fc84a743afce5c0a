"""The slm commands in shell text and in prose, read by the parser that reads them when they are run."""

from __future__ import annotations

import re
import shlex
from typing import Any

import typer
import typer.main

from slm.bench.app import app as bench_app
from slm.cli.app import command
from slm.cli.argv import parse
from slm.errors import InvalidInput

ENDS = frozenset({";", "&&", "|", "||", ">", ">>", "<"})
"""What ends the arguments of a command."""
PLACEHOLDER = re.compile(r"^[A-Z][A-Z|]*…?$")


UsageError = typer.BadParameter.__mro__[1]
"""What the parser raises for everything that it can't read."""


class NotParsed(Exception):
    """A command line that slm would refuse."""


def commands(shell: str) -> list[list[str]]:
    """The arguments of each ``slm`` in lines of shell, comments left out."""
    found = []
    for line in shell.splitlines():
        lexer = shlex.shlex(line.removeprefix("$ "), posix=True, punctuation_chars=";|&<>")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in [*lexer, ";"]:
            if word not in ENDS:
                words.append(word)
                continue
            if words and words[0].rpartition("/")[2] == "slm":
                found.append(words[1:])
            words = []
    return found


def check(argv: list[str]) -> None:
    """Read ``argv`` as slm does and run nothing. NotParsed: an unknown command, option or value, or one missing.

    Files need not be there.
    """
    try:
        node, path, rest = _leaf(parse(argv, command()).rest)
        context = node.context_class(node, **node.context_settings)
        values, left, _ = node.make_parser(context).parse_args(list(rest))
        if left:
            raise NotParsed(f"slm {path} takes no {left[0]!r}")
        for parameter in node.params:
            given = values.get(parameter.name)
            if parameter.required and not given:
                raise NotParsed(f"slm {path} lacks {parameter.name}")
            if isinstance(given, str | list | tuple) and type(parameter.type).__name__ != "TyperPath" and given:
                parameter.type_cast_value(context, given)
    except (UsageError, InvalidInput) as error:
        raise NotParsed(f"slm {' '.join(argv)}: {error}") from error


def mentioned(prose: str) -> list[list[str]]:
    """Words of each inline `slm …` of a Markdown text, one list for each of the words that `a|b` leaves open."""
    spans = re.findall(r"`(slm(?: [^`]+)?)`", re.sub(r"^```.*?^```$", "", prose, flags=re.MULTILINE | re.DOTALL))
    return [words[1:] for span in spans for words in _spelt_out(span.split())]


def names_a_command(words: list[str]) -> bool:
    """Whether the verbs are commands and the options are theirs; arguments may be left out or stand for others."""
    node = command()
    for word in words:
        if hasattr(node, "commands"):
            if word in node.commands:
                node = bench() if word == "bench" else node.commands[word]
                continue
            if not word.startswith("-") and not PLACEHOLDER.match(word):
                return bool(node.params) and node is not command()
        if word.startswith("--") and word not in _options(node) and not _is_global(word):
            return False
    return True


def bench() -> Any:
    """The tree of ``slm bench``, which is a parser of its own."""
    return typer.main.get_command(bench_app)


def _leaf(rest: list[str]) -> tuple[Any, str, list[str]]:
    """The command that ``rest`` ends at, how it is called, and its arguments."""
    node, path = command(), []
    while hasattr(node, "commands"):
        if node.params and path and not {*rest} & {*node.commands}:  # a group that is a command too
            break
        if not rest or rest[0] not in node.commands:
            raise NotParsed(f"slm {' '.join([*path, *rest[:1]])} is no command")
        path.append(rest[0])
        node, rest = bench() if path == ["bench"] else node.commands[rest[0]], rest[1:]
    return node, " ".join(path), rest


def _options(node: Any) -> set[str]:
    return {name for parameter in node.params for name in (*parameter.opts, *parameter.secondary_opts)}


def _is_global(word: str) -> bool:
    return word in {"--json", "--quiet", "--no-color", "--profile", "--scope", "--help", "--version"}


def _spelt_out(words: list[str]) -> list[list[str]]:
    spelt: list[list[str]] = [[]]
    for word in words:
        choices = [word] if PLACEHOLDER.match(word) else word.split("|")
        spelt = [[*before, choice] for before in spelt for choice in choices]
    return spelt

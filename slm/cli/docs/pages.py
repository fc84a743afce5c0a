"""The manual: a page for the program and one for each command, as headings over paragraphs and lists."""

from __future__ import annotations

from typing import NamedTuple

from slm.cli.docs.tree import GLOBAL_OPTIONS, Command, Parameter, tree
from slm.errors import EXIT_CODES

ENVIRONMENT = (
    ("SLM_DATA_DIR", "Where the stores lie; usually ~/.local/share/slm."),
    ("SLM_CONFIG", "The configuration file; usually ~/.config/slm/config.toml."),
    ("SLM_SOCKET", "The daemon's socket; usually in $XDG_RUNTIME_DIR/slm."),
    ("SLM_LLM_KEY", "The key of the server that slm ask uses; no file keeps it."),
    ("NO_COLOR", "If set, no colours are printed."),
    ("VISUAL, EDITOR", "What slm correct opens when no text is given."),
)
FILES = (
    ("~/.local/share/slm/PROFILE", "A store: the memories, their history, and files derived from them."),
    ("~/.config/slm/config.toml", "The configuration; slm config example explains every key."),
    ("~/.local/state/slm", "The daemon's log."),
)


class Item(NamedTuple):
    """An entry of a list: what it is about, and the text."""

    term: str
    text: str


class Section(NamedTuple):
    """A heading with its paragraphs and list."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()


class Page(NamedTuple):
    """One page of the manual; ``name`` is that of its file without the section."""

    name: str
    sections: tuple[Section, ...]


def pages() -> list[Page]:
    """All pages, the program's first."""
    program = tree()
    return [_program(program), *(_page(command) for command in program.commands)]


def page(path: tuple[str, ...]) -> Page | None:
    """The page that tells of a command; None when there is no such command."""
    if not path:
        return _program(tree())
    if not any(command.path == path for command in tree().walk()):
        return None
    return next(_page(command) for command in tree().commands if command.name == path[0])


def _program(program: Command) -> Page:
    sections = [
        Section("NAME", (f"slm - {_lowered(program.summary)}",)),
        Section("SYNOPSIS", ("slm [OPTIONS] COMMAND [ARGUMENTS]",)),
        Section(
            "DESCRIPTION",
            (
                "slm remembers sentences and finds them again by meaning and by words. A daemon that holds the store "
                "starts with the first command; no language model and no network are used.",
                "Words need no quotes. Ids are twelve characters; any unique beginning of one will do. What follows a "
                "lone -- is text. A memory belongs to the project of the folder that one stands in, outside of a git "
                "repository to the scope global.",
            ),
        ),
    ]
    for panel in dict.fromkeys(command.panel for command in program.commands):
        listed = [Item(f"slm {c.name}", c.summary + ".") for c in program.commands if c.panel == panel]
        sections.append(Section(panel.upper(), (), tuple(listed)))
    sections += [
        Section("OPTIONS", ("Accepted before and after every command:",), _items(GLOBAL_OPTIONS)),
        Section("EXIT STATUS", (), tuple(Item(str(code), text + ".") for code, text in EXIT_CODES.items())),
        Section("ENVIRONMENT", (), tuple(Item(*each) for each in ENVIRONMENT)),
        Section("FILES", (), tuple(Item(*each) for each in FILES)),
        Section("SEE ALSO", (", ".join(f"slm-{command.name}(1)" for command in program.commands),)),
    ]
    return Page("slm", tuple(sections))


def _page(command: Command) -> Page:
    sections = [
        Section("NAME", (f"slm-{command.name} - {_lowered(command.summary)}",)),
        Section("SYNOPSIS", tuple(_synopsis(each) for each in command.walk() if not each.commands)),
        Section("DESCRIPTION", tuple(_paragraphs(command.text))),
    ]
    if command.commands:
        sections.append(
            Section("COMMANDS", (), tuple(Item(" ".join(each.path), each.text) for each in command.commands))
        )
    for each in command.walk():
        title = "" if each is command else f" OF {each.name.upper()}"
        told = _items([argument for argument in each.arguments if argument.help])
        if told:
            sections.append(Section("ARGUMENTS" + title, (), told))
        if each.options:
            sections.append(Section("OPTIONS" + title, (), _items(each.options)))
    sections.append(Section("SEE ALSO", ("slm(1) tells the options that every command takes, and the exit status.",)))
    return Page(f"slm-{command.name}", tuple(sections))


def _synopsis(command: Command) -> str:
    words = ["slm", *command.path]
    words += ["[OPTIONS]"] if command.options else []
    return " ".join([*words, *(_placed(argument) for argument in command.arguments)])


def _placed(argument: Parameter) -> str:
    value = argument.value or ""
    return value if argument.required or value.startswith("[") else f"[{value}]"


def _items(parameters: tuple[Parameter, ...] | list[Parameter]) -> tuple[Item, ...]:
    return tuple(Item(_term(each), each.help) for each in parameters)


def _term(parameter: Parameter) -> str:
    return ", ".join(parameter.names) + (f" {parameter.value}" if parameter.names and parameter.value else "") or str(
        parameter.value
    )


def _paragraphs(text: str) -> list[str]:
    return [paragraph.strip("\n") for paragraph in text.split("\n\n") if paragraph.strip()]


def _lowered(summary: str) -> str:
    """As NAME sections have it: no capital at the start, unless the word is one by itself."""
    return summary[:1].lower() + summary[1:]

"""The configuration: few keys, all checked, every one with its sentence of explanation.

:meth:`Config.load` reads ``config.toml``; a key, section or value that slm doesn't know is an error that names the
line. :meth:`Config.set` changes one key in the file and leaves every other line as it was. :func:`example` is the text
of ``config.example.toml``.
"""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import tomli

from slm.errors import ConfigInvalid
from slm.toml_lines import dump, edited, flat, statements

Check = Callable[[Any], Any]
"""Takes a value, returns it in the form the program uses, or raises ValueError with what is allowed."""

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
PATTERN_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class RedactPattern(NamedTuple):
    """A user's own secret: a regular expression and the name that its mark shows."""

    name: str
    pattern: str


class KeyDescription(NamedTuple):
    """One key as ``slm config show`` and the example file tell it."""

    key: str
    type: str
    default: Any
    doc: str


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def _number(low: float, high: float) -> Check:
    def check(value: Any) -> float:
        if type(value) not in (int, float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("true or false")
    return value


def _one_of(*names: str) -> Check:
    def check(value: Any) -> str:
        if value not in names:
            raise ValueError(" or ".join(f'"{name}"' for name in names))
        return str(value)

    return check


def _profile(value: Any) -> str:
    if not isinstance(value, str) or not PROFILE_NAME.fullmatch(value):
        raise ValueError("a name of at most 64 letters, digits, '.', '_' and '-' that starts with a letter or digit")
    return value


def _model(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError('"bundled" or the path of a folder with a model')
    return value


def _url(value: Any) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        good = value == "" or (
            parts is not None
            and parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and not (parts.username or parts.password or parts.query or parts.fragment)
        )
    except ValueError:
        good = False
    if not good:
        raise ValueError('"", or a URL such as http://127.0.0.1:11434/v1, without a password in it')
    return str(value)


def _name(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("text")
    return value


def _patterns(value: Any) -> tuple[RedactPattern, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError("a list of regular expressions or of {name = …, pattern = …} tables")
    return tuple(_pattern(item) for item in value)


def _pattern(item: Any) -> RedactPattern:
    if isinstance(item, RedactPattern):
        item = item._asdict()
    if isinstance(item, str):
        item = {"name": "custom", "pattern": item}
    if not isinstance(item, dict) or set(item) != {"name", "pattern"} or not isinstance(item["pattern"], str):
        raise ValueError("a list of regular expressions or of {name = …, pattern = …} tables")
    if not isinstance(item["name"], str) or not PATTERN_NAME.fullmatch(item["name"]):
        raise ValueError("names of at most 32 lower-case letters, digits and '-'")
    try:
        re.compile(item["pattern"])
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"regular expressions; {item['pattern']!r} is none: {error}") from None
    return RedactPattern(**item)


def _nouns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(noun, str) and noun.strip() for noun in value):
        raise ValueError('a list of nouns, such as ["router", "sprint"]')
    return tuple(noun.strip().lower() for noun in value)


def _lasting(value: Any) -> tuple[str, ...]:
    pattern = re.compile(r"[^=]*[^=\s][^=]* *= *\d+(?:\.\d+)?")
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) and pattern.fullmatch(v) for v in value):
        raise ValueError('a list of attributes with days, such as ["sprint=14"]')
    return tuple(value)


def _opposed(value: Any) -> tuple[str, ...]:
    pattern = re.compile(r"[^=/]*\w[^=/]*=[^=/]*\w[^=/]*/[^=/]*\w[^=/]*")
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) and pattern.fullmatch(v) for v in value):
        raise ValueError('a list of properties with two opposite words, such as ["door=open/shut"]')
    return tuple(value)


def _key(default: Any, check: Check, doc: str, *, name: str | None = None) -> Any:
    return field(default=default, metadata={"check": check, "doc": doc, "name": name})


@dataclass(frozen=True, slots=True)
class Embed:
    """[embed]: the model that turns text into vectors."""

    model: str = _key("bundled", _model, 'The embedding model: "bundled", or a folder with an ONNX model of your own.')
    threads: int = _key(0, _whole(0, 256), "Threads of the embedder; 0 takes as many as there are cores, up to 4.")
    query_cache: int = _key(256, _whole(0, 100_000), "Query vectors kept in memory; 0 keeps none.")


@dataclass(frozen=True, slots=True)
class Recall:
    """[recall]: what a question gets back."""

    limit: int = _key(5, _whole(1, 1000), "Memories shown when a command names no limit.")
    metric: str = _key(
        "fisher-rao", _one_of("fisher-rao", "cosine"), 'How meanings are compared: "fisher-rao" or "cosine".'
    )
    learn: bool = _key(True, _flag, "Move the weights of the score's terms by what is reported used (slm used).")
    min_confidence: float = _key(
        0.088,
        _number(0, 1),
        "Below this probability of an answer recall finds none (under 50 memories: a fifth of it); 0 always answers.",
    )


@dataclass(frozen=True, slots=True)
class Remember:
    """[remember]: what is done with a text before it is stored."""

    redact: bool = _key(True, _flag, "Replace secrets (keys, tokens, passwords) by a mark before a text is stored.")
    redact_patterns: tuple[RedactPattern, ...] = _key(
        (), _patterns, 'Secrets of your own: regular expressions, or {name = "badge", pattern = "B-[0-9]{6}"} tables.'
    )


@dataclass(frozen=True, slots=True)
class Claims:
    """[claims]: what is read from texts, to be compared with what other memories say."""

    extract: bool = _key(True, _flag, "Read claims from texts; false compares explicit claims alone (--claim).")
    functional: tuple[str, ...] = _key((), _nouns, 'Nouns of which a thing has one at a time: ["router", "sprint"].')
    multi: tuple[str, ...] = _key((), _nouns, "Nouns of which a thing may have several: they never contradict.")
    persistence_days: tuple[str, ...] = _key(
        (), _lasting, 'Days after which another value is a change, not a contradiction: ["sprint=14"].'
    )
    opposites: tuple[str, ...] = _key((), _opposed, 'Words that can\'t both be true of a thing: ["door=open/shut"].')

    def additions(self) -> dict[str, Any]:
        """What is added to the tables of extraction, by their names there."""
        days = (entry.partition("=") for entry in self.persistence_days)
        words = (entry.partition("=") for entry in self.opposites)
        return {
            "functional": list(self.functional),
            "multi": list(self.multi),
            "persistence_days": {name.strip(): float(number) for name, _, number in days},
            "opposites": {name.strip(): [side.strip() for side in both.split("/")] for name, _, both in words},
        }


@dataclass(frozen=True, slots=True)
class Store:
    """[store]: the database."""

    map_gib: int = _key(64, _whole(1, 16_384), "Address space reserved for a store in GiB; not disk, not memory.")


@dataclass(frozen=True, slots=True)
class Daemon:
    """[daemon]: the process that owns the stores."""

    idle_exit_minutes: int = _key(0, _whole(0, 525_600), "Minutes without a request until the daemon ends; 0: never.")
    request_timeout_s: float = _key(10.0, _number(0.1, 3600), "Seconds that a command waits for the daemon's answer.")


@dataclass(frozen=True, slots=True)
class Trust:
    """[trust]: how much a memory is believed at first, by where it came from."""

    cli: float = _key(0.9, _number(0, 1), "What you remember on the command line.")
    agent: float = _key(0.6, _number(0, 1), "What an agent remembers.")
    watch: float = _key(0.7, _number(0, 1), "What is read from a watched folder.")
    imported: float = _key(0.6, _number(0, 1), "What an import brings.", name="import")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """[lifecycle]: how memories fade and come back."""

    enabled: bool = _key(True, _flag, "Let attention count in a score, and leave archived memories out by default.")


@dataclass(frozen=True, slots=True)
class Llm:
    """[llm]: a language model for ``slm ask``; nothing else uses one."""

    base_url: str = _key("", _url, "Server with OpenAI's chat interface, for slm ask; empty: no language model at all.")
    model: str = _key("", _name, "Name of the model there; empty leaves the choice to the server.")
    timeout_s: float = _key(120.0, _number(1, 3600), "Seconds that an answer may take.")
    allow_remote: bool = _key(False, _flag, "Let slm ask send memories to a server on another machine.")


@dataclass(frozen=True, slots=True)
class Config:
    """All keys with their values. The attribute of the key ``trust.import`` is ``trust.imported``."""

    profile: str = _key("default", _profile, "The store that is used when a command names none.")
    embed: Embed = field(default_factory=Embed)
    recall: Recall = field(default_factory=Recall)
    remember: Remember = field(default_factory=Remember)
    claims: Claims = field(default_factory=Claims)
    store: Store = field(default_factory=Store)
    daemon: Daemon = field(default_factory=Daemon)
    trust: Trust = field(default_factory=Trust)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    llm: Llm = field(default_factory=Llm)

    @classmethod
    def load(cls, path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
        """The defaults, changed by the file, changed by ``overrides`` (dotted key -> value or its text).

        No path or a file that doesn't exist gives the defaults. Raises :class:`ConfigInvalid`.
        """
        text = _read(path) if path is not None else ""
        config = _parse(text, str(path)) if path is not None else cls()
        for dotted, value in (overrides or {}).items():
            config = config._with(dotted, _typed(dotted, value), {"option": f"{dotted} = {value}"})
        return config

    def get(self, dotted: str) -> Any:
        """The value of a key such as ``recall.limit``; ConfigInvalid when there is none of that name."""
        section, attribute = _place(dotted, {})
        return getattr(getattr(self, section) if section else self, attribute)

    @classmethod
    def set(cls, path: Path, dotted: str, value: Any) -> Config:
        """Writes one key into the file, made when absent; every other line and all comments stay.

        ``value`` may be the text a person typed. The file is replaced in one step and has mode 0600; a symbolic link
        is followed. Returns what the file now says. Raises :class:`ConfigInvalid`, and then the file is as before.
        """
        typed = _typed(dotted, value)
        cls()._with(dotted, typed, {"option": f"{dotted} = {value}"})
        text = _read(path)
        _parse(text, str(path))
        new = edited(text, dotted, dump(typed))
        if not _sets_only(text, new, dotted, typed):
            hint = f"write {dotted.rpartition('.')[2]} = {dump(typed)} into the file yourself"
            problem = f"{dotted} is written in a way that can't be edited"
            raise ConfigInvalid(problem, where={"file": str(path)}, hint=hint)
        _write(path, new)
        return _parse(new, str(path))

    def _with(self, dotted: str, value: Any, where: dict[str, str]) -> Config:
        section, attribute = _place(dotted, where)
        try:
            checked = KEYS[dotted].check(value)
        except ValueError as allowed:
            given = "a table" if isinstance(value, dict) else dump(value)
            raise ConfigInvalid(f"{dotted} can't be {given}", where=where, hint=f"allowed: {allowed}") from None
        if not section:
            return replace(self, **{attribute: checked})
        return replace(self, **{section: replace(getattr(self, section), **{attribute: checked})})


class _Key(NamedTuple):
    section: str
    attribute: str
    default: Any
    check: Check
    doc: str


def _keys(owner: Any, section: str = "") -> Iterator[tuple[str, _Key]]:
    for each in fields(owner):
        value = getattr(owner, each.name)
        if is_dataclass(value):
            yield from _keys(value, each.name)
            continue
        name = each.metadata["name"] or each.name
        dotted = f"{section}.{name}" if section else name
        yield dotted, _Key(section, each.name, value, each.metadata["check"], each.metadata["doc"])


KEYS: dict[str, _Key] = dict(_keys(Config()))
SECTIONS: tuple[str, ...] = tuple(each.name for each in fields(Config) if is_dataclass(getattr(Config(), each.name)))
_TYPE_NAMES = {str: "text", int: "integer", float: "number", bool: "true or false", tuple: "list"}


def describe() -> list[KeyDescription]:
    """Every key in the order of the example file."""
    return [
        KeyDescription(dotted, _TYPE_NAMES[type(key.default)], key.default, key.doc) for dotted, key in KEYS.items()
    ]


def example() -> str:
    """The text of ``config.example.toml``: every key with its explanation, commented out at its default."""
    lines = ["# slm: every key with its default. Take the '# ' off a line to change it.", ""]
    current = ""
    for dotted, key in KEYS.items():
        if key.section != current:
            current = key.section
            lines += [f"[{current}]"]
        lines += [f"# {key.doc}", f"# {dotted.rpartition('.')[2]} = {dump(key.default)}", ""]
    return "\n".join(lines[:-1]) + "\n"


def _sets_only(text: str, new: str, dotted: str, value: Any) -> bool:
    try:
        return dict(flat(tomli.loads(new))) == dict(flat(tomli.loads(text))) | {dotted: value}
    except tomli.TOMLDecodeError:
        return False


def _place(dotted: str, where: dict[str, str]) -> tuple[str, str]:
    key = KEYS.get(dotted)
    if key is None:
        raise ConfigInvalid(f"unknown key '{dotted}'", where=where, hint=_suggestion(dotted))
    return key.section, key.attribute


def _suggestion(dotted: str) -> str:
    leaf = dotted.rpartition(".")[2]
    near = [key for key in KEYS if key.rpartition(".")[2] == leaf]
    near += difflib.get_close_matches(dotted, KEYS, n=1, cutoff=0.6)
    near += [f"{section}.{leaf}" for section in SECTIONS if f"{section}.{leaf}" in KEYS]
    return f"did you mean '{near[0]}'?" if near else "slm config example lists every key"


def _parse(text: str, name: str) -> Config:
    """The defaults with the file's values; every error names its line."""
    try:
        document = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise ConfigInvalid(f"not TOML: {error.msg}", where={"file": f"{name}:{error.lineno}"}) from None
    except RecursionError:
        raise ConfigInvalid("not TOML: nested too deeply", where={"file": name}) from None
    lines = {dotted: statement.first + 1 for statement in statements(text) for dotted in statement.keys}
    config = Config()
    for section in document:
        if section not in SECTIONS and isinstance(document[section], dict):
            near = difflib.get_close_matches(section, SECTIONS, n=1)
            hint = f"did you mean [{near[0]}]?" if near else "slm config example lists every section"
            raise ConfigInvalid(f"unknown section [{section}]", where=_line(name, lines, section), hint=hint)
        if section in SECTIONS and not isinstance(document[section], dict):
            hint = f"write [{section}] on a line of its own, its keys below"
            raise ConfigInvalid(f"'{section}' is a section", where=_line(name, lines, section), hint=hint)
    for dotted, value in flat(document):
        config = config._with(dotted, value, _line(name, lines, dotted))
    return config


def _line(name: str, lines: Mapping[str, int], dotted: str) -> dict[str, str]:
    near = [line for key, line in lines.items() if key == dotted or key.startswith(dotted + ".")]
    return {"file": f"{name}:{near[0]}" if near else name}


def _typed(dotted: str, value: Any) -> Any:
    """A value typed as text, read as the key's type; anything else stays."""
    key = KEYS.get(dotted)
    if not isinstance(value, str) or key is None or isinstance(key.default, str):
        return value
    try:
        return tomli.loads(f"value = {value}")["value"]
    except (tomli.TOMLDecodeError, RecursionError):
        return value


def _read(path: Path) -> str:
    where = {"file": str(path)}
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"not UTF-8: {error.reason} at byte {error.start}", where=where) from None
    except OSError as error:
        raise ConfigInvalid(f"the configuration can't be read: {error.strerror}", where=where) from None


def _write(path: Path, text: str) -> None:
    target = path.resolve()
    temporary = None
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".config-", delete=False) as file:
            temporary = Path(file.name)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        where = {"file": str(path)}
        raise ConfigInvalid(f"the configuration can't be written: {error.strerror}", where=where) from None

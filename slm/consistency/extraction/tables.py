"""The words that extraction knows: tables in this package, to which a user's configuration may add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import tomli

from slm.errors import InvalidInput

EXTENDABLE = ("functional", "multi", "persistence_days", "opposites")
"""What a configuration may add: single-valued nouns, multi-valued nouns, windows by attribute, opposite words."""


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables, ready for look-up; ``None`` days in ``persistence`` stand for never changing."""

    persistence: Mapping[str, float | None]
    default_persistence_days: float
    aliases: Mapping[str, str]
    nouns: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    opposites: Mapping[str, tuple[str, bool]]
    verbs: Mapping[str, frozenset[str]]
    verb_forms: Mapping[str, tuple[str, ...]]
    mood: Mapping[str, tuple[str, ...]]

    def persistence_days(self, attribute: str) -> float | None:
        """Days within which two values of an attribute clash; None for one that never changes.

        "version:python" is looked up whole, then as "version".
        """
        for name in (attribute, attribute.partition(":")[0]):
            if name in self.persistence:
                return self.persistence[name]
        return self.default_persistence_days

    def extended(self, additions: Mapping[str, Any]) -> Tables:
        """These tables and a user's additions, by the names of :data:`EXTENDABLE`.

        ``functional`` and ``multi`` are lists of nouns (a noun moves to the table it is added to),
        ``persistence_days`` maps attributes to days, ``opposites`` maps a dimension to its two words.
        Raises :class:`InvalidInput` for another name or shape.
        """
        unknown = set(additions) - set(EXTENDABLE)
        if unknown:
            raise InvalidInput(f"extraction knows no table {min(unknown)!r}; there are {', '.join(EXTENDABLE)}")
        functional, multi = (_words(additions.get(name, ()), name) for name in EXTENDABLE[:2])
        nouns = {
            **self.nouns,
            "functional": (self.nouns["functional"] | functional) - multi,
            "multi": (self.nouns["multi"] | multi) - functional,
        }
        days = _days(additions.get("persistence_days", {}))
        opposites = _opposites(_pairs(additions.get("opposites", {})))
        return Tables(
            {**self.persistence, **days},
            self.default_persistence_days,
            self.aliases,
            nouns,
            self.names,
            {**self.opposites, **opposites},
            self.verbs,
            self.verb_forms,
            self.mood,
        )


@cache
def shipped() -> Tables:
    """The tables of the package."""
    document = tomli.loads(read("tables.toml"))
    persistence = document["persistence"]
    verbs = document["verbs"]
    irregular = dict(_irregular(verbs.pop("irregular")))
    return Tables(
        {**persistence["days"], **dict.fromkeys(persistence["forever"].split())},
        float(persistence["default"]),
        document["aliases"],
        {name: frozenset(words.split()) for name, words in document["nouns"].items()},
        document["names"],
        _opposites(document["opposites"]),
        {name: frozenset(words.split()) for name, words in verbs.items()},
        irregular,
        {name: tuple(phrases) for name, phrases in document["mood"].items()},
    )


def read(name: str) -> str:
    """The text of a data file of this package."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _irregular(text: str) -> list[tuple[str, tuple[str, ...]]]:
    entries = (entry.partition(":") for entry in text.split())
    return [(base, tuple(forms.split(","))) for base, _, forms in entries]


def _opposites(dimensions: Mapping[str, list[str]]) -> dict[str, tuple[str, bool]]:
    return {
        word: (dimension, truth)
        for dimension, sides in dimensions.items()
        for truth, words in zip((True, False), sides, strict=True)
        for word in words.split()
    }


def _words(value: Any, name: str) -> frozenset[str]:
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) and word.strip() for word in value):
        raise InvalidInput(f"extraction table {name!r} is a list of nouns")
    return frozenset(word.strip().lower() for word in value)


def _days(value: Any) -> dict[str, float | None]:
    if not isinstance(value, Mapping) or not all(type(days) in (int, float) and days >= 0 for days in value.values()):
        raise InvalidInput("extraction table 'persistence_days' maps attributes to days of at least 0")
    return {str(name).lower(): float(days) for name, days in value.items()}


def _pairs(value: Any) -> dict[str, list[str]]:
    if not isinstance(value, Mapping):
        raise InvalidInput("extraction table 'opposites' maps a dimension to its two words")
    for sides in value.values():
        if not isinstance(sides, list | tuple) or len(sides) != 2 or not all(isinstance(side, str) for side in sides):
            raise InvalidInput("extraction table 'opposites' maps a dimension to its two words")
    return {str(name): [side.lower() for side in sides] for name, sides in value.items()}

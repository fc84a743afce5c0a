"""From a memory to its claims: those given with it, those read from its text, and which of them count.

What a text says is read once and stored; whose it is, how far it is trusted, when it holds and whether it counts follow
from the memory's fields each time, so that a change of them needs no other record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from slm.config import Config
from slm.consistency.claim import Claim, check
from slm.consistency.extraction.entities import Names, stem, value
from slm.consistency.extraction.extract import RULES, extract, localized
from slm.consistency.extraction.prototypes import Prototypes
from slm.consistency.extraction.sentences import FENCE
from slm.consistency.extraction.tables import shipped
from slm.consistency.grammar import parse, written
from slm.embed.onnx import Embedder
from slm.engine.claim_codec import digest
from slm.errors import InvalidInput
from slm.model import Memory
from slm.retrieval.semantic import unit
from slm.store.records import canonical_json
from slm.times import from_iso, to_ns

PASSAGE = 4096
"""Characters of a text that are read at a stretch; a longer one is read paragraph by paragraph, others in between."""
AS_WRITTEN = frozenset({"port", "version"})
"""Attributes whose figures are names: version 3.10 isn't 3.1. Texts are read that way, so claims are as well."""
NS_AN_ORDINAL = 1000
"""What tells the order of memories observed at the same moment, in nanoseconds; within one, places add single ones."""
_FIGURES = re.compile(r"= *(\d+(?:\.\d+)*) *(?:@.*|!multi *)*$")
_MINE = frozenset({"my", "i", "me"})


Period = tuple[int | None, int | None]
"""When a claim begins and ends to hold, nanoseconds since 1970; None is open."""


@dataclass(frozen=True, slots=True)
class Told:
    """A claim of a memory, named and placed: ``said`` as it was read, ``given`` as a person wrote it, empty if read.

    ``counts``: the sheaf has it; ``dropped`` is one of the reasons why it hasn't.
    """

    claim: Claim
    said: Claim
    given: str
    dropped: bool
    counts: bool

    @property
    def text(self) -> str:
        """The claim as it is shown, in the grammar of claims."""
        return self.given or written(self.said)


class ClaimReader:
    """Reads memories by the rules of this program and the user's additions to their tables."""

    def __init__(self, config: Config, embedder: Embedder) -> None:
        self._extracts = config.claims.extract
        self._embedder = embedder
        additions = config.claims.additions()
        self.tables = shipped().extended(additions)
        words = canonical_json([additions, self._extracts, embedder.sha256])
        self.stamp = f"{RULES}:{hashlib.sha256(words).hexdigest()[:12]}"
        """Names rules and additions: what was read under another stamp is read anew."""

    @cached_property
    def _prototypes(self) -> Prototypes:
        return Prototypes(self._embed)

    def window_of(self, attribute: str) -> float | None:
        """Days that a value of an attribute is expected to last; None where it never changes."""
        return self.tables.persistence_days(attribute) if attribute else None

    def read(self, memory: Memory, between: Callable[[], object] = lambda: None) -> list[Claim]:
        """What the text says, each once, in its order, named by digests.

        ``between`` is called between the passages of a long text.
        """
        if not self._extracts:
            return []
        blank = Claim("", "", "", "", recorded_at=_observed_ns(memory), scope="")
        found: dict[str, Claim] = {}
        for start, passage in _passages(memory.text):
            read = extract(passage, blank, memory.speaker or "", self.tables, self._prototypes)
            for claim in filter(_has_meaning, read):
                begin, end = claim.span or (0, 0)
                name = digest(claim)
                found.setdefault(name, replace(claim, id=name, span=(start + begin, start + end)))
            if start + len(passage) < len(memory.text):
                between()
        return list(found.values())

    def parsed(self, text: str, speaker: str | None) -> Claim:
        """An explicit claim in the words that texts are read into: "my" is the speaker, names are folded alike.

        Raises :class:`ClaimSyntax` with the position of the first error.
        """
        claim = parse(text)
        names = Names(self.tables, speaker or "")
        attribute, target = self._attribute(claim.attribute), None
        if claim.object is not None:
            target = (_entity(claim.object[0], names), self._attribute(claim.object[1]))
        claim = replace(claim, subject=_entity(claim.subject, names), attribute=attribute, object=target)
        if isinstance(claim.value, str):
            return replace(claim, value=value(claim.value, self.tables))
        by_name = attribute.partition(":")[0] in AS_WRITTEN and claim.relation in ("=", "!=") and target is None
        figures = _FIGURES.search(text) if by_name else None
        return claim if figures is None else replace(claim, value=figures[1], interval=None, unit="")

    def _attribute(self, name: str) -> str:
        return self.tables.aliases.get(name, name)

    def told(self, memory: Memory, ordinal: int, read: Sequence[Claim]) -> list[Told]:
        """Every claim of a memory, those given first; ``read`` is what was read from its text."""
        named: dict[str, tuple[Claim, str]] = {}
        for text in memory.claims:
            claim = self.parsed(text, memory.speaker)
            named.setdefault(digest(claim), (claim, text))
        for claim in read:
            named.setdefault(claim.id, (claim, ""))
        first_ns = _observed_ns(memory) + ordinal * NS_AN_ORDINAL
        ends = dict(_ended(memory))
        return [
            self._told(memory, name, claim, first_ns + place, ends.get(name), text)
            for place, (name, (claim, text)) in enumerate(named.items())
        ]

    def counting(self, memory: Memory, ordinal: int, read: Sequence[Claim]) -> list[Claim]:
        """The claims of a memory that belong into the sheaf."""
        if not memory.live or not (read or memory.claims):
            return []
        return [told.claim for told in self.told(memory, ordinal, read) if told.counts]

    def _told(self, memory: Memory, name: str, claim: Claim, told_ns: int, ended: int | None, text: str) -> Told:
        dropped, period = name in memory.claims_dropped, self._period(memory, claim, told_ns, ended)
        begin, end = period or (claim.valid_from, claim.valid_to)
        placed = replace(
            claim,
            id=f"{memory.id}/{name}",
            memory_id=memory.id,
            recorded_at=told_ns,
            valid_from=begin,
            valid_to=end,
            trust=memory.trust,
            confirmations=memory.confirmations,
            source=memory.source or "",
            session=memory.session or "",
            scope=memory.scope,
        )
        counts = memory.live and not dropped and period is not None
        return Told(localized(placed, self.tables), claim, text, dropped, counts)

    def _period(self, memory: Memory, claim: Claim, told_ns: int, ended: int | None) -> Period | None:
        """When a claim holds, given its memory's times and the end that a person set; None where it never did.

        What never changes and has ended anyway was never so. What ends without a beginning began when it was told.
        """
        ends = [end for end in (_ns(memory.valid_until), ended) if end is not None]
        if self.window_of(claim.attribute) is None:
            return None if ends else (claim.valid_from, claim.valid_to)
        begin = _ns(memory.valid_from) if claim.valid_from is None else claim.valid_from
        end = min(ends if claim.valid_to is None else [claim.valid_to, *ends], default=None)
        if ends and end in ends and begin is None and told_ns < end:
            begin = told_ns
        return None if begin is not None and end is not None and begin >= end else (begin, end)

    def _embed(self, texts: Sequence[str]) -> npt.NDArray[np.floating[Any]]:
        """Unit vectors (n, d) of the texts."""
        rows = np.zeros((len(texts), self._embedder.dims), np.float32)
        for places, embeddings in self._embedder.slices(texts):
            rows[places] = [embedding.mean for embedding in embeddings]
        return unit(rows)


def parsed(claims: ClaimReader, given: Sequence[str], speaker: str | None, where: str) -> None:
    """Refuse claims that can't be read. Raises :class:`InvalidInput`, its message led by ``where``."""
    for text in given:
        try:
            claims.parsed(text, speaker)
        except InvalidInput as error:
            raise InvalidInput(f"{where}: {error.message}" if where else error.message, hint=error.hint) from None


def _passages(text: str) -> Iterator[tuple[int, str]]:
    """Starts and passages of a text, broken at blank lines; fenced code is blanked out first, as it may hold some."""
    if len(text) <= PASSAGE:
        yield 0, text
        return
    text = FENCE.sub(lambda block: " " * len(block[0]), text)
    start = 0
    while start < len(text):
        stop = len(text)
        if stop - start > PASSAGE:
            breaks = text.rfind("\n\n", start, start + PASSAGE), text.rfind("\n", start, start + PASSAGE)
            stop = next((at + 1 for at in breaks if at > start), start + PASSAGE)
        yield start, text[start:stop]
        start = stop


def _has_meaning(claim: Claim) -> bool:
    """Whether a sheaf would take the claim: rules may read bounds that exclude each other."""
    try:
        check(claim)
    except ValueError:
        return False
    return True


def _entity(name: str, names: Names) -> str:
    """The key of a name as it is written: one word keeps its ending, as a name does in a text."""
    if name in _MINE:
        return names.speaker
    found = names.subject(name)
    return name if found is None or found == stem(name) else found


def _ended(memory: Memory) -> Iterator[tuple[str, int]]:
    for entry in memory.claims_ended:
        name, _, moment = entry.partition("@")
        yield name, to_ns(from_iso(moment, UTC))


def _observed_ns(memory: Memory) -> int:
    return to_ns(datetime.fromisoformat(memory.observed_at))


def _ns(moment: str | None) -> int | None:
    return None if moment is None else to_ns(datetime.fromisoformat(moment))

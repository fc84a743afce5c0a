"""A claim in the making: what every builder needs to know of the sentence and the memory it is read from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from slm.consistency.claim import DAY, Claim, Interval, Number, Relation
from slm.consistency.extraction.dates import days
from slm.consistency.extraction.entities import Names
from slm.consistency.extraction.quantities import Quantity, exact
from slm.consistency.extraction.sentences import Sentence
from slm.consistency.extraction.tables import Tables

NS_A_DAY = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence being read: the memory's claim without subject, its names, its day."""

    blank: Claim
    names: Names
    tables: Tables
    sentence: Sentence

    @property
    def said(self) -> date:
        """The day on which it was said (UTC)."""
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=self.blank.recorded_at // 1000)
        return moment.date()

    def claim(self, subject: str, attribute: str) -> Claim:
        """A claim of this sentence, still without its right side."""
        since, until = (days(it, self.said) if it else None for it in (self.sentence.since, self.sentence.until))
        return replace(
            self.blank,
            subject=subject,
            attribute=attribute,
            update=self.sentence.update,
            valid_from=since.first * NS_A_DAY if since else None,
            valid_to=(until.last + 1) * NS_A_DAY if until else None,
            multi=self.sentence.also,
            span=self.sentence.span,
        )

    def named(self, subject: str, attribute: str, value: str) -> Claim:
        """The attribute is (or, negated, isn't) this name."""
        relation: Relation = "!=" if self.sentence.negated else "="
        return replace(self.claim(subject, attribute), relation=relation, value=value)

    def truth(self, subject: str, attribute: str, *, holds: bool) -> Claim:
        """The attribute is true or false; negation turns it round."""
        return replace(self.claim(subject, attribute), value=holds != self.sentence.negated)

    def number(self, subject: str, attribute: str, found: Quantity) -> list[Claim]:
        """The attribute is this quantity; figures in other dimensions don't compare."""
        if self.sentence.negated:
            return []
        rate = f"/{found.rate}" if found.rate and found.rate != "month" else ""
        interval = (exact(found.low), exact(found.high))
        return [replace(self.claim(subject, attribute), interval=interval, unit=found.dimension + rate)]

    def day(self, subject: str, attribute: str, first: Number, last: Number) -> list[Claim]:
        """The attribute lies within these days."""
        if self.sentence.negated:
            return []
        return [replace(self.claim(subject, attribute), interval=(first, last), unit=DAY)]

    def related(self, left: tuple[str, str], right: tuple[str, str], relation: Relation = "=", *,
                gain: Number = 1, interval: Interval | None = None, unit: str = "") -> list[Claim]:  # fmt: skip
        """Two variables: left relation gain * right + interval; a negated relation says nothing that is kept."""
        if self.sentence.negated:
            return []
        claim = self.claim(*left)
        return [replace(claim, relation=relation, object=right, gain=gain, interval=interval, unit=unit, multi=False)]

"""From a matched pattern to its claims: which function reads which action."""

from __future__ import annotations

import re
from collections.abc import Mapping

from slm.consistency.claim import Claim
from slm.consistency.extraction import comparisons, facts, measures
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.patterns import Pattern
from slm.consistency.extraction.slots import Build

BUILD: Mapping[str, Build] = {
    "is": facts.fact,
    "owns": facts.owns,
    "flag": facts.flag,
    "true": facts.flag,
    "false": facts.denied,
    "number": measures.figure,
    "day": measures.dated,
    "born": measures.born,
    "age": measures.age,
    "clock": measures.at_hour,
    "version": facts.version,
    "port": facts.port,
    "count": facts.counted,
    "likes": facts.likes,
    "people": facts.people,
    "wedding": measures.wedding,
    "elder": comparisons.elder,
    "offset": comparisons.offset,
    "gap": comparisons.gap,
    "times": comparisons.times,
    "order": comparisons.order,
    "before": comparisons.before,
    "after": comparisons.after,
    "equal": comparisons.equal,
    "twins": comparisons.twins,
    "same": comparisons.same,
    "differ": comparisons.differ,
    "parity": comparisons.parity,
    "identity": comparisons.identity,
    "distinct": comparisons.distinct,
    "fullname": comparisons.full_name,
    "prefers": comparisons.prefers,
    "birthtown": facts.fact,
}


def build(draft: Draft, pattern: Pattern, match: re.Match[str]) -> list[Claim]:
    """The claims of a match; none where a slot doesn't hold what its type asks for."""
    groups = {name: text.strip() for name, text in match.groupdict().items() if text}
    return BUILD[pattern.action](draft, pattern, groups)

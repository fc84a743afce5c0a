"""Claims of a text: patterns, then nouns and states, then prototypes, then templates; the first that reads wins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from slm.consistency.claim import Claim, trouble
from slm.consistency.extraction.builders import build
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import Names
from slm.consistency.extraction.nouns import noun_claims
from slm.consistency.extraction.patterns import matches
from slm.consistency.extraction.prototypes import Prototypes
from slm.consistency.extraction.sentences import Sentence, sentences
from slm.consistency.extraction.states import state_claims
from slm.consistency.extraction.tables import Tables, shipped
from slm.consistency.extraction.templates import template_claims

RULES = 5
"""Number of the rules by which texts are read, tables and patterns included; newer ones read stored texts anew."""

PAST = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bam )(?<!\bbe )\b(?:was|were|lived|worked|had|did|weighed|resided|used|ran|wore"
    r"|played|drank|ate|owned|cost|took|lasted)\b",
    re.IGNORECASE,
)
WAS = re.compile(r"\b(?:was|were)\b", re.IGNORECASE)
"""Said of an attribute that never changes it tells how it is."""
STILL = re.compile(r"\b(?:has|have|had) (?:been |\w+ed\b)", re.IGNORECASE)


def extract(
    text: str,
    blank: Claim,
    speaker: str = "",
    tables: Tables | None = None,
    prototypes: Prototypes | None = None,
) -> tuple[Claim, ...]:
    """The claims that a text makes in the mouth of ``speaker`` (none: the owner), each with its span and tier.

    ``blank`` carries what all of them share: memory_id, recorded_at, trust, source, session and scope. Their ids are
    "memory_id/1" and so on, in the order of the text. What may have several values is no claim, nor is what can't be
    meant: a number of forty figures, a time that ends before it begins.
    """
    tables = tables or shipped()
    names = Names(tables, speaker)
    found: list[Claim] = []
    for sentence in sentences(text, tables):
        found += _read(Draft(blank, names, tables, sentence), prototypes)
    found = [localized(claim, tables) for claim in found if trouble(claim) is None]
    distinct = {_content(claim): claim for claim in reversed(found) if not claim.multi}
    ordered = [claim for claim in found if distinct.get(_content(claim)) is claim]
    return tuple(replace(claim, id=f"{blank.memory_id}/{n}") for n, claim in enumerate(ordered, 1))


def localized(claim: Claim, tables: Tables) -> Claim:
    """The claim with what it names bound to its scope: every project has its own server, people are the same in all."""
    personal = {claim.attribute, claim.attribute.partition(":")[0], claim.attribute.split(" ")[0].partition(":")[0]}
    if claim.scope in ("", "global") or personal & tables.nouns["personal"] or not claim.attribute:
        return claim
    target = claim.object and (f"{claim.object[0]} [{claim.scope}]", claim.object[1])
    return replace(claim, subject=f"{claim.subject} [{claim.scope}]", object=target)


def _content(claim: Claim) -> Claim:
    return replace(claim, span=None, id="")


def _read(draft: Draft, prototypes: Prototypes | None) -> list[Claim]:
    for claims in _by_rule(draft):
        if claims:
            return [replace(claim, tier="rule") for claim in claims]
    if prototypes is not None:
        claims = prototypes.claims(draft)
        if claims:
            return [replace(claim, tier="prototype") for claim in claims]
    return [replace(claim, tier="rule") for claim in template_claims(draft)]


def _by_rule(draft: Draft) -> Iterator[list[Claim]]:
    past = _is_past(draft.sentence)
    named = noun_claims(draft)
    if past or WAS.search(draft.sentence.text):
        named = [claim for claim in named if draft.tables.persistence_days(claim.attribute) is None]
    yield named
    for pattern, match in matches(draft.sentence.text):
        if pattern.lasting or not past or pattern.action in ("born", "birthtown"):
            yield build(draft, pattern, match)
    if not past:
        yield state_claims(draft)


def _is_past(sentence: Sentence) -> bool:
    """Past without "since" is not how things are, unless it tells until when they were so."""
    if sentence.since or sentence.until or STILL.search(sentence.text):
        return False
    return PAST.search(sentence.text) is not None

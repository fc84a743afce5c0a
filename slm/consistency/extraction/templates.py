"""Same sentence, one slot: facts whose wording up to a last name is the attribute ("… was born in the city of …").

Only wordings that one value can complete take part, by tables: a passive of :file:`tables.toml`'s unique participles,
or "the NOUN of SUBJECT is". Facts of different subjects have different keys and never clash.
"""

from __future__ import annotations

import re

from slm.consistency.claim import Claim
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import CAPITAL, value

NAME = r"[\w.'’&,:-]+(?: [\w.'’&,:-]+){0,7}?"
VALUE = r"(?P<v>[\w.'’&,-]+(?: [\w.'’&,-]+){0,5})"
LINK = (
    r"(?:(?:the|its|a) )?(?:[\w]+ )?(?:city|country|continent|state|town|religion|sport|language|field|position"
    r"|year|company|studio|label) of"
)
PASSIVE = re.compile(
    rf"(?P<x>{NAME}) (?P<middle>(?:was|is|were|are) (?P<verb>\w+) (?:by|in|at|with)(?: {LINK})?) {VALUE}"
)
FIXED = re.compile(
    rf"(?P<x>{NAME}) (?P<middle>is a citizen of|is married to|is employed by|is famous for|is affiliated with {LINK}"
    rf"|is associated with {LINK}|is located in {LINK}|(?:works|worked|died|lived) in {LINK}|(?:plays|speaks"
    rf"|holds) {LINK})"
    rf" {VALUE}"
)
NOUN_OF = re.compile(
    rf"(?:The|the) (?P<middle>[\w -]+?) (?:of|in) (?P<x>{NAME}) (?P<is>is located in {LINK}|is|was) {VALUE}"
)
WHERE = re.compile(
    rf"(?:The|the) (?P<middle>[\w -]+?) (?:where|that|which|who) (?P<x>{NAME}) (?P<is>was \w+ is|\w+ is) {VALUE}"
)
THAT = re.compile(rf"(?:The|the) (?P<middle>[\w -]+? (?:that|which|who) \w+) (?P<x>{NAME}) (?P<is>is) {VALUE}")
POSSESSED = re.compile(rf"(?P<x>{NAME})'s (?P<middle>[\w-]+) (?P<is>is) {VALUE}")


def template_claims(draft: Draft) -> list[Claim]:
    """The claim of a sentence that fits one of the wordings about a named subject."""
    text = draft.sentence.text
    for form in (PASSIVE, FIXED, WHERE, THAT, NOUN_OF, POSSESSED):
        match = form.fullmatch(text)
        if match and _fits(draft, form, match):
            link = match.groupdict().get("is") or ""
            attribute = f"template:{match['middle']} {link}".strip().lower()
            return [
                draft.named(" ".join(match["x"].lower().strip(".").split()), attribute, value(match["v"], draft.tables))
            ]
    return []


def _fits(draft: Draft, form: re.Pattern[str], match: re.Match[str]) -> bool:
    nouns = draft.tables.nouns
    if re.match(r"the (?![A-Z])", match["x"], re.IGNORECASE):
        return False
    if form is not FIXED and not re.search(r"[A-Z]", match["x"]) and not re.search(r"[A-Z]", match["v"]):
        return False
    if match["x"].split()[0].lower() in (
        "i",
        "we",
        "he",
        "she",
        "it",
        "they",
        "you",
        "this",
        "that",
        "there",
        "my",
        "our",
        "everyone",
    ):
        return False
    if re.match(r"(?:a|an|my|our|his|her|not|the best|very|so|one of|really|being|just)\b", match["v"], re.IGNORECASE):
        return False
    if form is PASSIVE:
        return match["verb"].lower() in draft.tables.verbs["unique"]
    if form is FIXED:
        return True
    if form is POSSESSED and not re.match(rf"[{CAPITAL}]", match["v"]):
        return False
    head = match["middle"].lower().split()[-1 if form is not THAT else 0]
    plural = head.endswith("s") and head not in ("headquarters", "ceos")
    return form in (WHERE, THAT) or (not plural and (head not in nouns["multi"] or head in ("child", "language")))

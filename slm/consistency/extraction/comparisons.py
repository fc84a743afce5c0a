"""Claims that tie two subjects to each other: offsets, multiples, order, sameness and identity."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from slm.consistency.claim import DAY, Claim, Relation
from slm.consistency.extraction.dates import days
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import CAPITAL, stem
from slm.consistency.extraction.measures import DIMENSIONS, YEAR_DAYS
from slm.consistency.extraction.patterns import Pattern
from slm.consistency.extraction.quantities import exact, number, quantity
from slm.consistency.extraction.slots import Groups, attribute_of, pair_of, subject_of

HALF_YEAR = YEAR_DAYS / 2
"""Ages in whole years compare to half a year."""
UNIT_DAYS = {"day": Fraction(1), "week": Fraction(7), "month": YEAR_DAYS / 12, "year": YEAR_DAYS}
LARGER = {"older": -1, "elder": -1, "big": -1, "younger": 1, "little": 1, "taller": 1, "shorter": -1, "longer": 1,
          "heavier": 1, "lighter": -1, "more": 1, "less": -1, "before": -1, "earlier": -1, "prior to": -1, "after": 1,
          "later": 1}  # fmt: skip
"""Sign by which the left side's attribute exceeds the right side's; ages are birth days, so older is less."""
COMPARED = {"more expensive": ("price", 1), "cheaper": ("price", -1), "heavier": ("weight", 1),
            "lighter": ("weight", -1),
            "longer": ("length", 1), "faster": ("speed", 1), "slower": ("speed", -1), "bigger": ("size", 1),
            "larger": ("size", 1), "smaller": ("size", -1)}  # fmt: skip
MEASURES = {"older": "birth", "elder": "birth", "big": "birth", "younger": "birth", "little": "birth",
            "taller": "height", "shorter": "height", "longer": "length", "heavier": "weight",
            "lighter": "weight"}  # fmt: skip
"""Comparatives that tell what they compare whatever the rest of the sentence."""
CURRENCIES = ("dollar", "euro", "pound_sterling")
PAID = frozenset({"price", "salary"})


def elder(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """ "Hana was two when Milo was born": a year's play, as with every age."""
    pair, age = pair_of(draft, groups), number(groups["age"])
    if pair is None or age is None:
        return []
    ends = (exact(-(age + 1) * YEAR_DAYS), exact(-age * YEAR_DAYS))
    return draft.related((pair[0], "birth"), (pair[1], "birth"), interval=ends, unit=DAY)


def offset(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """One exceeds the other by an amount: "two years older", "$10 more"."""
    pair, sign = pair_of(draft, groups), LARGER[groups["order"].lower()]
    if pair is None:
        return []
    attribute = MEASURES.get(groups["order"].lower(), pattern.attribute)
    left, right = ((side, attribute) for side in pair)
    if attribute == "birth":
        count, unit = number(groups["n"]), UNIT_DAYS.get(groups.get("u", "").lower().rstrip("s"))
        if count is None or unit is None:
            return []
        middle, margin = sign * count * unit, HALF_YEAR if unit == YEAR_DAYS else unit / 2
        return draft.related(left, right, interval=(exact(middle - margin), exact(middle + margin)), unit=DAY)
    found = quantity(groups.get("amount") or f"{groups['n']} {groups.get('u', '')}".strip())
    if found is None:
        return []
    ends = sorted((sign * found.low, sign * found.high))
    return draft.related(left, right, interval=(exact(ends[0]), exact(ends[1])), unit=found.dimension)


def gap(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """One event lies some days, weeks or months before or after the other."""
    pair, count = pair_of(draft, groups), number(groups.get("n", "one"))
    unit = UNIT_DAYS.get(groups["u"].lower().rstrip("s"))
    if pair is None or count is None or unit is None:
        return []
    middle = LARGER[groups["order"].lower()] * count * unit
    margin = Fraction(0) if unit in (1, 7) else Fraction(2)
    ends = (exact(middle - margin), exact(middle + margin))
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), interval=ends, unit=DAY)


def times(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """One is a multiple of the other; money without a currency is said in each."""
    pair, factor = pair_of(draft, groups), _factor(groups["factor"].lower())
    if pair is None or factor is None:
        return []
    if pattern.attribute == "birth":
        today = Fraction(draft.said.toordinal() - 719163)
        middle, margin = (1 - factor) * today, HALF_YEAR * (1 + factor)
        ends = (exact(middle - margin), exact(middle + margin))
        return draft.related((pair[0], "birth"), (pair[1], "birth"), gain=exact(factor), interval=ends, unit=DAY)
    left, right = ((side, pattern.attribute) for side in pair)
    units_ = ("", *CURRENCIES) if pattern.attribute in PAID else (DIMENSIONS.get(pattern.attribute, ""),)
    return [
        claim for unit in units_ for claim in draft.related(left, right, gain=exact(factor), interval=(0, 0), unit=unit)
    ]


def _factor(text: str) -> Fraction | None:
    if text in ("twice", "half"):
        return Fraction(2) if text == "twice" else Fraction(1, 2)
    return number(text.removesuffix(" times"))


def order(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """One is older, taller, cheaper … than the other, by nobody knows how much."""
    pair = pair_of(draft, groups)
    word = (groups.get("order") or groups.get("taller") or groups.get("comparative", "")).lower()
    attribute, sign = COMPARED.get(word, (MEASURES.get(word, pattern.attribute), LARGER.get(word, 0)))
    if pair is None or not sign:
        return []
    return draft.related((pair[0], attribute), (pair[1], attribute), "<" if sign < 0 else ">")


def before(draft: Draft, pattern: Pattern, groups: Groups, relation: Relation = "<") -> list[Claim]:
    """One event precedes the other."""
    pair = pair_of(draft, groups)
    if pair is None or days(groups["y"], draft.said):
        return []
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), relation)


def after(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """One event follows the other."""
    return before(draft, pattern, groups, ">")


def equal(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """Two are of one age, to within a year."""
    pair = pair_of(draft, groups)
    if pair is None:
        return []
    slack = exact(YEAR_DAYS)
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), interval=(-slack, slack), unit=DAY)


def twins(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """Two were born within a day of each other."""
    pair = pair_of(draft, groups)
    return draft.related((pair[0], "birth"), (pair[1], "birth"), interval=(-1, 1), unit=DAY) if pair else []


def same(draft: Draft, pattern: Pattern, groups: Groups, relation: Relation = "=") -> list[Claim]:
    """Two share one value of an attribute, whatever it is."""
    pair, attribute = pair_of(draft, groups), attribute_of(draft, pattern, groups)
    if pattern.attribute == "version:{o}":
        attribute = f"version:{draft.tables.names.get(groups['o'].lower(), groups['o'].lower())}"
    if pair is None or not attribute:
        return []
    if "noun" in groups:
        words = groups["noun"].lower().split()
        pair = _narrowed(draft, pair, words[:-1])
        yearless = words[-1] == "birthday"  # the same day of maybe another year
        attribute = words[-1] if yearless else draft.tables.aliases.get(words[-1], words[-1])
        if words[-1] == "version" and len(words) > 1:
            attribute = f"version:{draft.tables.names.get(words[-2], words[-2])}"
    return draft.related((pair[0], attribute), (pair[1], attribute), relation)


def _narrowed(draft: Draft, pair: tuple[str, str], words: list[str]) -> tuple[str, str]:
    """The words before a head noun ("the same image tag") belong to its holder, as in "the image tag of"."""
    kept = {stem(word) for word in words if word not in draft.tables.nouns["generic"]}
    return tuple(" ".join(sorted({*side.split(), *kept})) if kept else side for side in pair)  # type: ignore[return-value]


def differ(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """Two have different values of an attribute."""
    return same(draft, pattern, groups, "!=")


def parity(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """Two are always in the same or always in opposite states."""
    relation: Relation = "=" if groups["parity"].lower() == "same" else "!="
    pair = pair_of(draft, groups)
    return draft.related((pair[0], pattern.attribute), (pair[1], pattern.attribute), relation) if pair else []


def identity(draft: Draft, _pattern: Pattern, groups: Groups, *, differ: bool = False) -> list[Claim]:
    """Two names stand for one thing, or, negated, for two."""
    pair = pair_of(draft, groups)
    if pair is None:
        return []
    relation: Relation = "!=" if differ != draft.sentence.negated else "=="
    return [replace(draft.claim(pair[0], ""), relation=relation, object=(pair[1], ""), multi=False)]


def full_name(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """ "Pat is Patricia Lowe": a name is short for the one that it begins, and a person's surname for the whole."""
    short, whole = groups["x"], groups["y"].split()
    names = all(re.fullmatch(rf"[{CAPITAL}][\w'-]+", word) for word in (short, *whole))
    fits = names and 2 <= len(whole) <= 3 and (whole[0].startswith(short) or whole[-1] == short)
    return identity(draft, pattern, groups) if fits else []


def distinct(draft: Draft, pattern: Pattern, groups: Groups) -> list[Claim]:
    """Two names stand for different things."""
    return identity(draft, pattern, groups, differ=True)


def prefers(draft: Draft, _pattern: Pattern, groups: Groups) -> list[Claim]:
    """One thing is preferred to another: an order of what the subject thinks of them."""
    subject = subject_of(draft, groups)
    more, less = (draft.names.bag(groups[name]) for name in "oy")
    if not subject or not more or not less or more == less:
        return []
    return draft.related((f"{subject}/{less}", "prefers"), (f"{subject}/{more}", "prefers"), "<")

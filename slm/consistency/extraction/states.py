"""What is true or false of a thing: opposite words ("open", "closed"), trades, habits and rules of conduct."""

from __future__ import annotations

import re
from functools import cache

from slm.consistency.claim import Claim
from slm.consistency.extraction.drafts import Draft
from slm.consistency.extraction.entities import stem
from slm.consistency.extraction.patterns import verb_forms

SCOPE = re.compile(r"\b(?:on|in|for|before|during|by|at|after|with)\b.*$", re.IGNORECASE)
OFTEN = re.compile(
    r"\s*,?\s*\b(?:every (?:day|week|morning|evening|night|sunday|weekend)|daily|weekly|at all|a lot|regularly"
    r"|occasionally|most \w+|often|sometimes|by default|directly|fluently|well|nights|almost)\b",
    re.IGNORECASE,
)
HABIT_SUBJECT = r"(?P<x>I|We|[Uu]ser|The user|[A-Z][\w-]*(?: [A-Z][\w-]*)?|(?:[Tt]he|[Oo]ur|[Mm]y) (?:[\w-]+ )?[\w-]+)"
INFORMAL = frozenset("you he she it they this that there what who someone".split())
IDLE = frozenset("wait help imagine believe say tell see get stand thank relate agree hear feel understand do".split())
"""What people can or can't without being able or unable to."""
SOCIAL = frozenset(
    "time blast plan plans question idea break look point bond feeling day role part chance fun recipe "
    "big great good few lot".split()
)
"""What is had or played in a conversation only."""
SHIFTING = frozenset("green red up down free full on off active single dead broken public private".split())
"""Words that are states of machines; of people and things they say too much else."""
RUN = frozenset("build builds ci pipeline pipelines test tests suite check checks job run main master branch".split())
"""What passes or fails; of anything else "green" and "red" are colours."""


def state_claims(draft: Draft) -> list[Claim]:
    """States, trades, habits and rules in a sentence that no pattern has read."""
    return _opposite(draft) or _trade(draft) or _habit(draft) or _rule(draft)


@cache
def _states(words: tuple[str, ...]) -> re.Pattern[str]:
    choice = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(
        rf"(?P<x>.+?) (?:is|are|am|stays?|remains?|was made|were made|is turned|has been)(?: an?| turned)?"
        rf" (?P<w>{choice})"
        r"(?P<scope> (?:on|in|for|before|during|to|at|by) .+)?|(?P<x2>.+?) (?P<w2>succeeded|failed)",
        re.IGNORECASE,
    )


def _opposite(draft: Draft) -> list[Claim]:
    match = _states(tuple(draft.tables.opposites)).fullmatch(draft.sentence.text)
    if not match:
        return []
    phrase, word = match["x"] or match["x2"], (match["w"] or match["w2"]).lower()
    dimension, truth = draft.tables.opposites[word]
    subject = draft.names.subject(phrase)
    personal = re.match(r"(?:i|we)$", phrase, re.IGNORECASE) is not None
    if not subject or (
        word in SHIFTING - {"single"}
        and (
            personal
            or (
                not re.match(r"(?:the|our|my|\S*_)", phrase, re.IGNORECASE)
                and len(phrase.split()) < 2
                and "_" not in phrase
            )
        )
    ):
        return []
    if word in ("green", "red") and not RUN & set(phrase.lower().split()):
        return []
    if word == "single" and not personal and phrase.lower().split()[-1] not in draft.tables.nouns["kin"]:
        return []
    scope = draft.names.bag(match["scope"] or "")
    qualifier = "" if scope in ("", "main", "default") or (dimension == "required" and not scope) else f":{scope}"
    kept = [word for word in subject.split() if word not in ("flag", "feature")]
    return [draft.truth(" ".join(kept) or subject, dimension + qualifier, holds=truth)]


@cache
def _trades(tables_words: tuple[str, ...], grades: tuple[str, ...]) -> re.Pattern[str]:
    trades = "|".join(sorted(tables_words, key=len, reverse=True))
    return re.compile(
        rf"(?P<x>.+?) (?:is|am|works as|work as|am working as|is working as)(?: an?)?"
        rf" (?:(?P<grade>{'|'.join(grades)}) )?"
        rf"(?:(?P<field>[\w-]+) )?(?P<trade>{trades})(?: (?:at|for|in|by) .+)?",
        re.IGNORECASE,
    )


def _trade(draft: Draft) -> list[Claim]:
    nouns = draft.tables.nouns
    match = _trades(tuple(nouns["occupations"]), tuple(sorted(nouns["grades"]))).fullmatch(draft.sentence.text)
    if not match or (match["field"] or "").lower() in (
        "not",
        "my",
        "the",
        "our",
        "his",
        "her",
        "a",
        "an",
        "good",
        "great",
        "better",
        "best",
    ):
        return []
    if re.search(r"\b(?:the|my|our) (?:\w+ )?" + match["trade"], draft.sentence.text, re.IGNORECASE):
        return []
    subject = draft.names.subject(match["x"])
    if not subject or not (
        match["x"] == "I" or match["x"][:1].isupper() or match["x"].lower().split()[-1] in nouns["kin"]
    ):
        return []
    claims = [draft.named(subject, "occupation", match["trade"].lower())]
    if match["grade"]:
        claims.append(draft.named(subject, "title", f"{match['grade']} {match['trade']}".lower()))
    return claims


@cache
def _verbs(habits: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for base in habits:
        third = verb_forms(base)[1]
        found[base], found[third] = base, base
    return found


def _habit(draft: Draft) -> list[Claim]:
    match = re.fullmatch(HABIT_SUBJECT + r" (?P<can>can )?(?P<verb>[a-z-]+)(?P<o> .+)?", draft.sentence.text)
    if not match:
        return []
    if match["verb"] in ("have", "has") and not re.match(r" (?:an?|no) ", match["o"] or ""):
        return []
    base = _verbs(tuple(draft.tables.verbs["habits"])).get(match["verb"])
    if base is None and match["can"] and not match["o"] and match["verb"] not in IDLE:
        base = match["verb"]
    if not _agrees(draft, match["x"], bare=base == match["verb"], can=bool(match["can"])):
        return []
    if (base == "have" and len((match["o"] or "").split()) > 3) or (
        base in ("have", "play") and SOCIAL & set((match["o"] or "").lower().split())
    ):
        return []
    subject = draft.names.subject(match["x"])
    if base is None or not subject or match["x"].lower() in INFORMAL:
        return []
    return _done(draft, subject, ("can:" if match["can"] else "habit:") + base, match["o"] or "")


def _agrees(draft: Draft, phrase: str, *, bare: bool, can: bool) -> bool:
    """Whether subject and verb go together, so that "Strong support helps" isn't read as someone who supports."""
    first = phrase.lower() in ("i", "we")
    plural = re.match(r"(?:the|our|my) .*[^s]s$", phrase, re.IGNORECASE) is not None
    if can or draft.sentence.negated:
        return True
    return bare if first or plural else not bare and not phrase.lower().endswith("ing")


def _rule(draft: Draft) -> list[Claim]:
    """A rule for whoever works here: "Never commit to main"."""
    match = re.fullmatch(r"(?P<verb>[A-Za-z]+(?:-[a-z]+)?)(?P<o> .+)", draft.sentence.text)
    verb = match["verb"].lower() if match and not draft.sentence.listed else ""
    if (
        not match
        or verb not in draft.tables.verbs["rules"]
        or match["o"].split()[0].lower() in ("through", "on", "yourself", "back")
    ):
        return []
    return _done(draft, "", f"do:{verb}", match["o"])


def _done(draft: Draft, subject: str, verb: str, told: str) -> list[Claim]:
    told = OFTEN.sub("", told).strip(" ,")
    scope = SCOPE.search(told)
    thing = told[: scope.start()].strip() if scope else told
    if (
        len(told.split()) > 6
        or " of " in told
        or (
            thing.split()
            and thing.split()[0].lower()
            in {*INFORMAL, "them", "him", "her", "us", "me", "one", "some", "any", "so", "too"}
        )
    ):
        return []
    words = draft.names.bag(thing)
    qualifier = " ".join(sorted(stem(word) for word in re.findall(r"[\w-]+", scope[0].lower()))) if scope else ""
    if (
        not words
        and not qualifier
        and verb.startswith("habit:")
        and verb[6:] not in ("smoke", "drink", "drive", "swim", "snore", "ski")
    ):
        return []
    return [draft.truth(subject, f"{verb} {words}".strip() + (f"|{qualifier}" if qualifier else ""), holds=True)]

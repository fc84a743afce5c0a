"""Who or what a noun phrase stands for, as a key that equal things share."""

from __future__ import annotations

import re

from slm.consistency.extraction.tables import Tables

OWNER = "owner"
"""The subject of "I" where no speaker is told: the person whose memory this is."""

WORD = re.compile(r"[^\W_](?:[\w.+#/-]*[^\W])?|\w+")
POSSESSIVE = re.compile(r"(.+?)(?:'s|s')\s+(.+)")
CAPITAL = "".join(letter for letter in map(chr, range(0x41, 0x530)) if letter.isupper())
"""Capital letters of Latin, Greek and Cyrillic, for a class of a regular expression: Škoda and Łódź are names too."""
COUPLE = re.compile(rf"([{CAPITAL}][\w-]+) and ([{CAPITAL}][\w-]+'s )")
OF = re.compile(r"(?:the |an? )?(.+?) (?:of|for|at) (.+)")
DETERMINER = re.compile(r"^(?:the|an?|this|that|our|my|user's|the user's)\s+")
FIRST_PERSON = {"i", "me", "myself", "we", "us", "mine", "ours"}
THE_USER = {"user", "the user"}
NO_SUBJECT = re.compile(
    r"^(?:it|that|this|there|he|she|they|you|your|his|her|its|their|what|who|which|these|those|here|everything"
    r"|nothing|something"
    r"|someone|everyone|anyone|one|how|why|when|where|yes|no|not|all|most|some|many|each|every|both|nobody|thing"
    r"|things|today|any"
    r"|yesterday|tomorrow|to|in|on|at|for|with|by|from|as|like|being|having|let|then)$"
)
FILLER = frozenset(
    "the an a our my this that his her their your is are was were be been to of for on in at by with from and "
    "just very it its "
    "monthly current total overall me us".split()
)
CLAUSE_WORDS = frozenset(
    "i you he she it they when that who how but just so will can could am is are was were have has had if then "
    "know let "
    "since while what which because till except where why us them him would do does did not and or".split()
)


ENDINGS = (
    ("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("xes", "x"), ("eaches", "each"), ("oaches", "oach"),
    ("aches", "ache"), ("ches", "ch"), ("ouses", "ouse"), ("auses", "ause"), ("uses", "us"), ("atoes", "ato"),
    ("eroes", "ero"), ("s", ""),
)  # fmt: skip
"""Endings of plurals, and of the third person, with what stands in their place; the first that fits is taken."""


class Names:
    """Reads noun phrases for one speaker; no speaker is the owner."""

    def __init__(self, tables: Tables, speaker: str = "") -> None:
        self.tables = tables
        self.speaker = speaker.strip().lower() or OWNER
        self.unowned = OWNER if self.speaker == OWNER else ""
        """Whose an attribute is that is told without an owner."""

    def subject(self, phrase: str) -> str | None:
        """The key of a noun phrase, or None for a pronoun, a clause or anything else that names nothing."""
        phrase = " ".join(phrase.strip().strip(",.:'\"").split())
        phrase = COUPLE.sub(r"\1 \2", phrase)
        lower = phrase.lower()
        if lower in FIRST_PERSON:
            return self.speaker
        if lower in THE_USER:
            return OWNER
        words = lower.split()
        if (
            {word for word in words if word not in FILLER} <= self.tables.nouns["self"]
            and words
            and words[-1] in self.tables.nouns["self"]
        ):
            return self.speaker
        if (
            not words
            or len(words) > 7
            or (NO_SUBJECT.match(words[0]) and not (words[0] in ("this", "that") and len(words) > 1))
        ):
            return None
        if words[-1] in ("to", "for", "with", "of") or re.search(r"\d{4}-\d\d-\d\d", lower):
            return None
        if CLAUSE_WORDS & set(words[1:]) or words[0] in CLAUSE_WORDS or (len(words) > 1 and words[0].endswith("ing")):
            return None
        return self._possessed(phrase)

    def bag(self, phrase: str) -> str:
        """The content words of a phrase in one order, without their endings."""
        return " ".join(sorted({stem(word) for word in WORD.findall(phrase.lower()) if word not in FILLER}))

    def _possessed(self, phrase: str) -> str | None:
        lower = phrase.lower()
        match = POSSESSIVE.fullmatch(lower)
        if match and match[1] not in THE_USER:
            owner = self.subject(phrase[: match.end(1)])
            return owner and f"{owner}'s {self._thing(phrase[match.start(2) :])}"
        mine = re.match(r"(?:my|our|user's|the user's)\s+(.+)", lower)
        thing = self._thing(phrase)
        if not thing:
            return None
        if mine:
            return self.owned(thing) if "user" not in lower.split()[0] else f"{OWNER}'s {thing}"
        match = OF.fullmatch(lower)
        if match and match[1].split()[-1] in self.tables.nouns["kin"]:
            owner = self.subject(phrase[match.start(2) :])
            return owner and f"{owner}'s {self._thing(phrase[match.start(1) : match.end(1)])}"
        if self.speaker != OWNER and lower.split()[-1] in self.tables.nouns["own"]:
            return self.owned(thing)
        return thing

    def owned(self, thing: str) -> str:
        """The speaker's own thing; the owner's things need no owner unless they are people."""
        if self.speaker == OWNER and not set(thing.split()) & self.tables.nouns["kin"]:
            return thing
        return f"{self.speaker}'s {thing}"

    def _thing(self, phrase: str) -> str:
        """The content words of a noun phrase in one order, without their endings; a name keeps its: Jens is not Jen."""
        words: list[str] = WORD.findall(DETERMINER.sub("", phrase.lower()).replace("'s", ""))
        words = [
            word for n, word in enumerate(words) if word not in FILLER or (word == "a" and 0 < n == len(words) - 1)
        ]
        kept = [word for word in words if word not in self.tables.nouns["generic"]] or words
        if len(kept) == 1 and kept[0].title() in phrase:
            return kept[0]
        return " ".join(sorted({stem(word) for word in kept}))


def stem(word: str) -> str:
    """A word without its plural or verb ending: equal for "mushroom" and "mushrooms", "case" and "cases"."""
    word = word.removesuffix("'s").strip("-.'")
    for ending, instead in ENDINGS:
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending) + instead
    return word


def value(phrase: str, tables: Tables) -> str:
    """A name as the sheaf compares it: folded, without article, company ending and trailing adverb."""
    folded = phrase.strip().strip(".,'\"`!").lower()
    folded = re.sub(r"^(?:the|an?|team|set to|mr|mrs|ms|dr|in|at)\.?\s+", "", folded)
    folded = re.sub(r",?\s+(?:inc|corp|ltd|llc|gmbh|co)\.?$", "", folded)
    return tables.names.get(folded, folded)

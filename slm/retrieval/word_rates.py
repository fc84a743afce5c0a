"""How often the commonest English words occur, so that a store of three memories knows which words say little.

Coarse on purpose: four rates, each the share of short texts (about twenty words) that hold the word in any of its
forms. Twenty memories weigh as much as these guesses, two hundred make them invisible.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from slm.retrieval.words import stems

UNKNOWN_RATE = 0.005
"""Of every other term: names, numbers, identifiers, rarer words."""

_WORDS_BY_RATE = {
    0.12: "get go good know like make see think time want well",
    0.06: """
        all always back come even feel find first give got great help keep last let long look lot love made more much
        need new now one out people really right said say still take thank thing try two up use way week went work
        year yes
    """,
    0.03: """
        again already another anything around ask away bad before best better big bit call came change check cool day
        different early easy end enough every everything far felt few friend fun happen happy hard hear hello
        hey home hope idea important issue kept kind knew learn least leave left less life little live maybe mean meet
        month most move name never next nice night okay old open order other part place plan play point problem project
        put question read remember run saw second seem set share show since small someone something soon sound start
        stop sure talk tell thought three today together told tomorrow took turn wait watch whole wonder world wow
        write yeah yesterday
    """,
    0.015: """
        able actually add after allow almost alone amazing answer area awesome become begin believe book break bring
        brought build busy buy care case child city clear close create cut date decide definitely detail develop
        down else email example expect experience fact family fine finish follow food form found free full game gave
        girl glad group grow half hand head high hold hour house include interest job join kid large late lead level
        line list listen local lose low main man market may message middle mind minute miss moment money
        morning music near note number offer often online pay per person phone possible prefer pretty probably provide
        quick quite reach ready real reason recent require rest result return room school send several side sit sleep
        sometimes special stay step story student study stuff suggest support system team test train travel true type
        understand until update usual version visit walk weekend woman word worry yet young
    """,
}


@cache
def word_rates() -> Mapping[str, float]:
    """Rate of each term that isn't as rare as :data:`UNKNOWN_RATE`."""
    return {term: rate for rate, words in _WORDS_BY_RATE.items() for word in words.split() for term in stems(word)}

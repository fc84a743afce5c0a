import numpy as np
import pytest

from slm.consistency.extraction.extract import extract
from slm.consistency.extraction.prototypes import Prototypes
from tests.consistency.extraction.reading import blank


def words(texts):
    """A stub embedder: unit vectors of words, so that similarity is the share of equal words."""
    rows = np.zeros((len(texts), 512))
    for row, text in zip(rows, texts, strict=True):
        for word in text.lower().rstrip(".").split():
            row[sum(map(ord, word)) * 31 % 512] += 1.0
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def prototypes():
    return Prototypes(words)


def read(text, prototypes):
    return [(c.subject, c.attribute, c.value, c.tier) for c in extract(text, blank(), prototypes=prototypes)]


def test_a_near_prototype_gives_its_attribute(prototypes):
    """Design page: mask the value, nearest prototype, only where rules found nothing."""
    assert read("I have got a job at Fiskars as an engineer.", prototypes) == [
        ("owner", "employer", "fiskars", "prototype")
    ]


def test_rules_come_first(prototypes):
    """Design page: the prototype layer runs only where rules found nothing."""
    assert read("I live in Turku.", prototypes) == [("owner", "home", "turku", "rule")]


@pytest.mark.parametrize("text", ["I visited Turku.", "I love Turku.", "Ola has got a job at Fiskars as an engineer.",
                                  "I have not got a job at Fiskars as an engineer.",
                                  "I have got a job as an engineer."])  # fmt: skip
def test_decoys_others_and_denials_give_nothing(text, prototypes):
    """Multi-valued decoys absorb what isn't functional; third persons are left to rules."""
    assert not [claim for claim in read(text, prototypes) if claim[3] == "prototype"]

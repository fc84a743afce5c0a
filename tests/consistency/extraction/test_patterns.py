import pytest

from slm.consistency.extraction.builders import BUILD
from slm.consistency.extraction.patterns import matches, patterns, verb_forms


def test_every_action_has_its_builder():
    """patterns.txt and the table of builders name the same actions."""
    assert {pattern.action for pattern in patterns()} <= set(BUILD)


def test_anchors_never_hide_a_match():
    """Oracle: all patterns tried on sentences of every family; the prefilter leaves the same matches."""
    texts = ["Ola lives in Turku", "Tor is 2 years older than Liv", "the gateway listens on port 81", "I owned a boat",
             "Plan Gold costs twice as much as plan Iron", "the fair starts on 3 May 2025",
             "Ola weighs 80 kg"]  # fmt: skip

    for text in texts:
        tried = [pattern for pattern in patterns() if pattern.expression.fullmatch(text)]
        assert [pattern for pattern, _ in matches(text)] == tried


@pytest.mark.parametrize(
    ("base", "form"),
    [
        ("live", "living"),
        ("weigh", "weighs"),
        ("teach", "taught"),
        ("cost", "cost"),
        ("carry", "carries"),
        ("have", "has"),
    ],
)
def test_a_verb_has_its_forms(base, form):
    """English grammar; irregular ones from the table."""
    assert form in verb_forms(base)

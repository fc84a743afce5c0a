from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from slm.engine.text_digest import fold, key_digest, text_digest
from slm.model import Memory

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(TEXTS)
def test_folding_ignores_composition_and_white_space(text: str) -> None:
    """experience.md: equal after NFC, case and white-space folding."""
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert fold(f"\t {text}\n\n") == fold(text)


@given(st.text("abc ß\n", max_size=20))
def test_folding_ignores_case(text: str) -> None:
    """The same, for case."""
    assert fold(text.upper()) == fold(text)


@given(TEXTS, TEXTS)
def test_digests_are_equal_exactly_when_the_folded_texts_are(one: str, other: str) -> None:
    """A digest stands for the folded text."""
    digests = [text_digest("s", Memory("", text)) for text in (one, other)]

    assert (digests[0] == digests[1]) == (fold(one) == fold(other))
    assert len(digests[0]) == 16


def test_digests_can_not_be_compared_across_stores_or_kinds() -> None:
    """Pinned behaviour: keyed with the store's id; a key is never taken for a text."""
    memory = Memory("", "x", idempotency_key="x")

    digests = {text_digest("s", memory), text_digest("t", memory), key_digest("s", memory), key_digest("t", memory)}

    assert len(digests) == 4


def test_a_memory_without_a_key_has_no_key_digest() -> None:
    """The empty key is no key."""
    assert key_digest("s", Memory("", "x")) is None

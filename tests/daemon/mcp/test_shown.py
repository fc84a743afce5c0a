"""Memories as agents get them: lean, attributed, cut where they are long, harmless."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slm.daemon.mcp.shown import LONGEST_TEXT_TOKENS, block, harmless, hit, memory
from slm.model import Memory
from slm.visible import HOSTILE

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=3),
    max_leaves=8,
)


def record(**fields: Any) -> dict[str, Any]:
    return Memory("k3m9qx7v2b4d", "the API listens", observed_at="2026-11-03T10:00:00Z", **fields).record()


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in inner for text in texts(part)]


@given(values)
def test_nothing_hostile_is_left_and_nothing_else_changed(value) -> None:
    """trust.md: neutralised. Oracle: a walk over all strings, keys included."""
    shown = harmless(value)

    assert not any(HOSTILE.search(text) for text in texts(shown))
    if not any(HOSTILE.search(text) for text in texts(value)):
        assert harmless(shown) == shown


def test_a_plain_memory_is_five_fields() -> None:
    """Tokens: what says nothing is left out."""
    assert memory(record()) == {
        "id": "k3m9qx7v2b4d",
        "text": "the API listens",
        "by": "the user",
        "at": "2026-11-03T10:00:00Z",
        "scope": "global",
    }


def test_what_an_agent_can_use_is_there_when_it_says_something() -> None:
    """Kind, tags, source, validity and state; not trust, uses, keys or reasons."""
    told = {"kind": "fact", "tags": ("api",), "source": "plan.md", "valid_until": "2026-12-01", "pinned": True}
    kept_back = {"uses": 7, "idempotency_key": "secret", "reason": "x", "importance": 0.9}

    shown = memory(record(superseded_by="p7d2x", **told, **kept_back))

    assert set(shown) - {"id", "text", "by", "at", "scope"} == {
        "kind", "tags", "source", "valid_until", "superseded_by", "pinned"
    }  # fmt: skip


def test_a_long_text_is_cut_and_says_so() -> None:
    """One memory must not fill a context window."""
    long = record() | {"text": "word " * 10 * LONGEST_TEXT_TOKENS}

    assert memory(long)["cut"]
    assert len(memory(long)["text"]) <= 4 * LONGEST_TEXT_TOKENS
    assert "cut" not in memory(record())


def test_a_hit_has_its_score_only_with_its_terms() -> None:
    """A bare number tells a model nothing."""
    found = {"memory": record(), "flags": [], "score": 2.5, "why": {}}

    assert "score" not in hit(found, 100)
    assert "flags" not in hit(found, 100)
    explained = hit(found | {"why": {"words": 2.5}, "flags": ["superseded"]}, 100)
    assert (explained["score"], explained["why"], explained["flags"]) == (2.5, {"words": 2.5}, ["superseded"])


def test_a_block_names_each_memory() -> None:
    """Cite as [slm:ID]."""
    told = block([record(), record() | {"id": "p7d2xaaaaaaa", "text": "x"}])

    assert "[slm:k3m9qx7v2b4d] by the user" in told
    assert "[slm:p7d2xaaaaaaa] by the user" in told

"""mem0's memories: pages of the library and of the platform, with whose they are."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from slm.errors import InvalidInput
from slm.ingest.mem0 import read
from tests.ingest.exports import MEM0, json_lines


def found(document: Any) -> list[tuple[str, dict]]:
    content = document if isinstance(document, str) else json.dumps(document)
    return list(read("-", io.BytesIO(content.encode()), pytest.fail))


def test_a_memory_is_a_fact_with_its_owner_and_run():
    """Specification: sources and sessions are kept; categories become tags."""
    (where, record), _ = found(MEM0)
    key = record.pop("idempotency_key")

    assert where == "stdin.results[0]"
    assert key.startswith("mem0:")
    assert record == {
        "text": "Prefers short answers",
        "kind": "fact",
        "tags": ["personal-details", "style"],
        "source": "mem0/anna",
        "session": "mem0/r1",
        "observed_at": "2024-07-20T01:30:36.275141-07:00",
    }


def test_relations_of_the_graph_are_facts():
    """Format of the graph store; its names are words joined by underscores."""
    assert found(MEM0)[1][1]["text"] == "anna works at acme"
    other = {"relations": [{"source": "a", "relationship": "knows", "destination": "b"}]}
    assert found(other)[0][1]["text"] == "a knows b"


@pytest.mark.parametrize("form", ["array", "page", "pages", "lines"])
def test_arrays_pages_and_lines_are_read_alike(form):
    """What get_all() returned in different versions, and pages saved one after the other."""
    memories = [{"memory": "a"}, {"memory": "b", "agent_id": "bot"}]
    content = {
        "array": json.dumps(memories),
        "page": json.dumps({"count": 2, "next": None, "results": memories}),
        "pages": json_lines(*({"results": [each]} for each in memories)),
        "lines": json_lines(*memories),
    }[form]

    assert [(r["text"], r["source"]) for _, r in found(content)] == [("a", "mem0"), ("b", "mem0/bot")]


def test_a_changed_memory_comes_in_anew_and_the_same_does_not():
    """mem0 changes memories under their ids; the key tells both cases."""
    old = {"id": "1", "memory": "port 5432", "created_at": "2024-01-01", "updated_at": "2024-02-01"}
    keys = [found([each])[0][1]["idempotency_key"] for each in (old, dict(old), old | {"memory": "port 5433"})]

    assert keys[0] == keys[1] != keys[2]
    assert found([old])[0][1]["observed_at"] == "2024-02-01T00:00:00Z"


def test_the_same_text_of_two_users_is_two_memories():
    """Without ids the owner tells them apart."""
    keys = {r["idempotency_key"] for _, r in found([{"memory": "a", "user_id": u} for u in ("x", "y")])}

    assert len(keys) == 2


def test_an_end_and_a_speaker_are_kept():
    """expiration_date and actor_id of the platform."""
    record = found([{"memory": "a", "expiration_date": "2025-01-31", "actor_id": "Bob"}])[0][1]

    assert (record["valid_until"], record["speaker"]) == ("2025-01-31T00:00:00Z", "Bob")


@pytest.mark.parametrize("other", [["a"], [{}], {"results": [{"text": "a"}]}, {"x": 1}, [{"memory": None}]])
def test_what_is_no_memory_is_named_by_its_element(other):
    """Specification."""
    with pytest.raises(InvalidInput, match=r"stdin(\[0\]|\.results\[0\]|:1): no memory of mem0"):
        found(other)

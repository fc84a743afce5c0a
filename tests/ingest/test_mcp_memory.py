"""The MCP memory server's graph becomes facts, a line each."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from slm.errors import InvalidInput
from slm.ingest.mcp_memory import read
from tests.ingest.exports import MCP_MEMORY, json_lines


def found(content: str) -> list[tuple[str, dict]]:
    return list(read("-", io.BytesIO(content.encode()), pytest.fail))


def test_observations_and_relations_are_facts_with_their_lines():
    """Specification."""
    facts = [(where, record["text"], record.get("tags", [])) for where, record in found(json_lines(*MCP_MEMORY))]

    assert facts == [
        ("stdin:1", "Anna Berg: prefers short answers", ["person"]),
        ("stdin:1", "Anna Berg: born in 1980", ["person"]),
        ("stdin:2", "Acme: organization", ["organization"]),
        ("stdin:3", "Anna Berg works at Acme", []),
    ]
    assert {record["source"] for _, record in found(json_lines(*MCP_MEMORY))} == {"mcp-memory"}


def test_the_answer_of_read_graph_is_read_just_as_well():
    """The tool's answer has no field ``type``."""
    plain = [{name: value for name, value in each.items() if name != "type"} for each in MCP_MEMORY]
    graph = json.dumps({"entities": plain[:2], "relations": plain[2:]})

    assert [record for _, record in found(graph)] == [record for _, record in found(json_lines(*MCP_MEMORY))]
    assert found(graph)[-1][0] == "stdin.relations[0]"


def test_an_observation_has_the_same_key_wherever_it_stands():
    """So that an import of a file that has grown adds what is new."""
    keys = [record["idempotency_key"] for _, record in found(json_lines(*MCP_MEMORY))]
    turned = [record["idempotency_key"] for _, record in found(json_lines(*MCP_MEMORY[::-1]))]

    assert sorted(keys) == sorted(turned)
    assert len(set(keys)) == 4


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        (1, "stdin:2: .* an entity or a relation is an object"),
        ({"type": "entity"}, "stdin:2: .*the text 'name' is missing"),
        ({"name": "a", "observations": [1]}, "stdin:2: .*'observations' must be a list of texts"),
        ({"from": "a", "relationType": "x"}, "stdin:2: .*the text 'to' is missing"),
    ],
)
def test_a_wrong_line_is_named(odd: Any, problem: str):
    """Specification: line-exact errors."""
    with pytest.raises(InvalidInput, match=problem):
        found(json_lines(MCP_MEMORY[0], odd))

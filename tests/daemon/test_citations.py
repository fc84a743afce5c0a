from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from slm.daemon.citations import MOST, TAIL_BYTES, cited

ONE, TWO, THREE = "k3m9qx7v2b4d", "p7d2x0000000", "b2v8n0000000"


def _claude(role: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": role, "sessionId": "x", "message": {"role": role, "content": list(blocks)}}


def _codex(role: str, kind: str, text: str) -> dict[str, Any]:
    content = [{"type": kind, "text": text}]
    return {"type": "response_item", "payload": {"type": "message", "role": role, "content": content}}


def _said(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


TRANSCRIPTS: dict[str, list[dict[str, Any]]] = {
    "Claude Code": [
        _claude("user", _said("which port?")),
        _claude("assistant", _said(f"an older answer [slm:{THREE}]")),
        {"type": "user", "message": {"role": "user", "content": f"and now? [slm:{THREE}]"}},
        _claude("assistant", _said(f"one moment [slm:{ONE}]"), {"type": "tool_use", "name": "x", "input": {}}),
        _claude("user", {"type": "tool_result", "content": f"[slm:{THREE}]"}),
        {"type": "attachment", "attachment": {"content": f"[slm:{THREE}]"}},
        _claude("assistant", _said(f"it is 5433 [slm:{TWO}]")),
    ],
    "Codex": [
        _codex("user", "input_text", f"old [slm:{THREE}]"),
        _codex("assistant", "output_text", f"old [slm:{THREE}]"),
        _codex("user", "input_text", "which port?"),
        {"type": "response_item", "payload": {"type": "function_call_output", "output": f"[slm:{THREE}]"}},
        _codex("assistant", "output_text", f"[slm:{ONE}]"),
        {"type": "event_msg", "payload": {"type": "token_count"}},
        _codex("assistant", "output_text", f"[slm:{TWO}]"),
    ],
}


@pytest.mark.parametrize("agent", TRANSCRIPTS)
def test_only_what_the_assistant_said_since_the_last_prompt_counts(tmp_path: Path, agent: str) -> None:
    """Made after the formats that the agents write: what tools return and users paste is no use of a memory."""
    file = tmp_path / "t.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in TRANSCRIPTS[agent]))

    assert sorted(cited({"transcript_path": str(file)})) == sorted([ONE, TWO])


def test_a_transcript_may_be_one_document(tmp_path: Path) -> None:
    """Gemini CLI: messages of user and gemini."""
    messages = [
        {"type": "gemini", "content": f"[slm:{THREE}]"},
        {"type": "user", "content": "which port?"},
        {"type": "gemini", "content": f"[slm:{ONE}]"},
    ]
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"sessionId": "x", "messages": messages}, indent=2))

    assert cited({"transcript_path": str(file)}) == [ONE]


def test_what_the_hook_is_told_spares_the_transcript() -> None:
    """Newer agents send the last answer along."""
    assert cited({"prompt_response": f"[slm:{ONE}]", "transcript_path": "/no/such/file"}) == [ONE]


def test_of_a_long_transcript_the_end_is_read(tmp_path: Path) -> None:
    """A session of days has hundreds of megabytes; a line that was cut is passed over."""
    file = tmp_path / "t.jsonl"
    old = json.dumps(_claude("assistant", _said(f"[slm:{THREE}]" + "x" * TAIL_BYTES)))
    file.write_text("\n".join([old, json.dumps(_claude("assistant", _said(f"[slm:{ONE}]"))), "{cut"]))

    assert cited({"transcript_path": str(file)}) == [ONE]


def test_a_list_of_everything_is_no_use_of_anything() -> None:
    """At most so many of one answer."""
    answer = " ".join(f"[slm:{i:012}]" for i in range(MOST + 5))

    assert len(cited({"text": answer})) == MOST


@pytest.mark.parametrize("told", [{}, {"transcript_path": 5}, {"transcript_path": "relative"}, {"text": None}])
def test_nothing_told_is_nothing_cited(told: dict[str, Any]) -> None:
    """Whatever an agent sends."""
    assert cited(told) == []


def test_a_pipe_is_no_transcript(tmp_path: Path) -> None:
    """Nobody may be writing into it."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ValueError, match="not a file"):
        cited({"transcript_path": str(tmp_path / "pipe")})


@pytest.mark.parametrize(
    "content",
    ["", "[]\n", "5\n", "{}\n{}\n", '{"type": "assistant"}\n',
     '{"message": {"role": [], "content": [5, {"text": 7}]}}\n', "{\n\"messages\": 5}", "{\n\"messages\": [5]}"],
)  # fmt: skip
def test_any_other_file_cites_nothing(tmp_path: Path, content: str) -> None:
    """The path comes from outside."""
    (tmp_path / "t").write_text(content)

    assert cited({"transcript_path": str(tmp_path / "t")}) == []


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    """JSON: U+2028 may stand in a string as it is, and Node writes it so."""
    transcript = tmp_path / "t.jsonl"
    line = json.dumps(_claude("assistant", _said(f"first\u2028then [slm:{ONE}]")), ensure_ascii=False)
    transcript.write_text(line + "\n")

    assert cited({"transcript_path": str(transcript)}) == [ONE]

"""The hooks of agents, run as processes; the issue: exit 0 within 300 ms whatever happens, and never more than a block.

That they end is asserted by the test's own time-out alone; how long they take is measured by ``slm bench hook``.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slm.daemon import hook

BLOCK = "[slm memories]\n| the API listens on 5433\n[end]"
PROMPT = {"hook_event_name": "UserPromptSubmit", "prompt": "which port", "cwd": "/home/anna/api"}
START = {"hook_event_name": "SessionStart", "cwd": "/home/anna/api"}


def _run(world, *argv: str, told: object = None, **options: Any) -> subprocess.CompletedProcess[bytes]:
    stdin = told if isinstance(told, bytes) else json.dumps(told or {}).encode()
    return world.slm("hook", *argv, stdin=stdin, **options)


def _answers(world, text: str = BLOCK, **sections: list[str]) -> None:
    """Let the daemon answer every question for context like this."""
    (world.data / "context").write_text(json.dumps({"text": text, "sections": sections or {"topic": ["k3m9q"]}}))


def _asked(world) -> list[Any]:
    file = world.data / "asked"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def _outcomes(world) -> list[str]:
    """What the log says of each call."""
    file = world.data / "hooks"
    return [line.split(" ", 2)[2] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_session_begins_with_the_block_in_the_agents_form(world) -> None:
    """Claude Code, Codex, Gemini CLI and VS Code: hookSpecificOutput.additionalContext."""
    world.foreground()
    _answers(world)

    said = _run(world, "session-start", told=START)

    assert (said.returncode, said.stderr) == (0, b"")
    context = {"hookEventName": "SessionStart", "additionalContext": BLOCK}
    assert json.loads(said.stdout) == {"hookSpecificOutput": context}
    assert [asked[:4] for asked in _asked(world)] == [["context", {"budget": 800}, "hook", "/home/anna/api"]]
    assert _outcomes(world) == ["ok"]


@pytest.mark.parametrize(
    ("event", "printed"),
    [
        ("sessionStart", json.dumps({"additional_context": BLOCK})),
        (None, BLOCK),
        ("SomethingElse", BLOCK),
    ],
)
def test_other_agents_get_their_own_form_or_plain_text(world, event: str | None, printed: str) -> None:
    """Cursor: additional_context; a program of one's own reads the block as it is."""
    world.foreground()
    _answers(world)

    said = _run(world, "session-start", told={"hook_event_name": event, "workspace_roots": ["/home/anna/web"]})

    assert said.stdout.decode() == printed + "\n"
    assert _asked(world)[0][3] == "/home/anna/web"


def test_a_prompt_is_the_topic(world) -> None:
    """What the user has just asked is what the block is about."""
    world.foreground()
    _answers(world)

    said = _run(world, "user-prompt", "--budget", "300", "--profile=work", told=PROMPT)

    assert BLOCK.splitlines()[1] in json.loads(said.stdout)["hookSpecificOutput"]["additionalContext"]
    ((*asked, _),) = _asked(world)
    assert asked == ["context", {"budget": 300, "topic": "which port"}, "hook", "/home/anna/api"]


@pytest.mark.parametrize("told", [{**PROMPT, "prompt": "  "}, {**PROMPT, "prompt": 7}, {"cwd": "/"}])
def test_without_a_prompt_nothing_is_asked(world, told: dict[str, Any]) -> None:
    """There is no topic."""
    world.foreground()
    _answers(world)

    assert _run(world, "user-prompt", told=told).stdout == b""
    assert _asked(world) == []


def test_yesterday_in_a_prompt_is_the_users(world) -> None:
    """The daemon reads days in the zone of the caller; without one it would read them as those of Greenwich."""
    world.foreground()
    _answers(world)
    world.env["TZ"] = ":Asia/Tokyo"

    _run(world, "user-prompt", told=PROMPT)

    assert _asked(world)[0][4] == "Asia/Tokyo"


def test_a_prompt_that_nothing_is_known_about_gets_nothing(world) -> None:
    """What is pinned was said when the session began: repeated at each prompt it costs tokens for nothing."""
    world.foreground()
    _answers(world, pinned=["k3m9q"])

    assert _run(world, "user-prompt", told=PROMPT).stdout == b""
    assert _outcomes(world) == ["ok"]


def test_an_older_daemon_that_knows_no_context_has_nothing_to_say(world) -> None:
    """The brief: an unknown operation is no failure."""
    world.foreground()

    said = _run(world, "session-start", told=START)

    assert (said.returncode, said.stdout, said.stderr) == (0, b"", b"")
    assert _outcomes(world) == ["ok"]


def test_a_block_beyond_the_budget_is_not_printed(world) -> None:
    """client.md: never prints more than its budget."""
    world.foreground()
    _answers(world, text="x" * (4 * 100 + 1))

    assert _run(world, "session-start", "--budget", "100", told=START).stdout == b""
    assert _outcomes(world) == ["too long"]


# what goes wrong


def test_a_stopped_daemon_is_not_waited_for(world) -> None:
    """The issue: a daemon hung by SIGSTOP."""
    daemon = world.foreground()
    _answers(world)
    os.kill(daemon.pid, signal.SIGSTOP)

    said = [_run(world, event, told=PROMPT) for event in hook.EVENTS[:2]]

    assert [(each.returncode, each.stdout, each.stderr) for each in said] == [(0, b"", b"")] * 2
    assert _outcomes(world) == ["too late"] * 2
    os.kill(daemon.pid, signal.SIGCONT)
    assert _run(world, "session-start", told=START).stdout


def test_without_a_daemon_a_session_starts_one_for_the_next_prompt(world, eventually) -> None:
    """It isn't waited for; a prompt starts none, for there may be many."""
    assert _run(world, "user-prompt", told=PROMPT).returncode == 0
    assert not (world.data / "woken").exists()

    assert _run(world, "session-start", told=START).stdout == b""

    eventually((world.data / "woken").exists)
    assert _outcomes(world) == ["no daemon"] * 2


def test_the_daemon_that_is_started_is_the_one_that_the_hook_was_told_of(world, eventually) -> None:
    """Another socket or configuration than the usual one: the next prompt looks for the daemon there."""
    socket_path, config = str(world.root / "own.sock"), str(world.root / "own.toml")
    chosen = (f"--socket={socket_path}", "--config", config)

    assert _run(world, "session-start", *chosen, told=START).returncode == 0

    woken = world.data / "woken"
    eventually(lambda: woken.exists() and woken.read_text().endswith("\n"))
    assert woken.read_text() == f"--socket={socket_path} --config={config}\n"


def test_a_busy_daemon_is_not_waited_for(world, eventually) -> None:
    """A long write doesn't answer; neither does a socket that nobody accepts on."""
    world.foreground().terminate()
    eventually(lambda: world.pid() is None)
    with socket.socket(socket.AF_UNIX) as listener:
        path = str(world.root / "deaf")
        listener.bind(path)
        listener.listen(1)

        said = _run(world, "session-start", f"--socket={path}", told=START)

    assert (said.returncode, said.stdout) == (0, b"")
    assert _outcomes(world) == ["too late"]


def test_an_agent_that_never_closes_the_input_is_not_waited_for(world) -> None:
    """Nor one that says nothing."""
    world.foreground()
    reading, writing = os.pipe()
    process = world.popen(world.client_command("hook", "session-start"), stdin=reading)

    assert process.wait() == 0
    os.close(reading)
    os.close(writing)
    assert _outcomes(world) == ["too late"]


def test_an_agent_that_has_gone_does_no_harm(world) -> None:
    """Its end of the pipe is closed: no signal may end the hook with another code."""
    world.foreground()
    _answers(world)
    reading, writing = os.pipe()
    os.close(reading)
    process = world.popen(world.client_command("hook", "session-start"), stdin=subprocess.PIPE, stdout=writing)
    os.close(writing)
    process.communicate(json.dumps(START).encode())

    assert process.returncode == 0
    assert _outcomes(world) == ["BrokenPipeError"]


@pytest.mark.parametrize(
    "told",
    [b"", b"{", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"cwd": 5, "prompt": {}, "hook_event_name": []}'],
    ids=["empty", "cut", "list", "null", "binary", "deep", "wrong types"],
)
@pytest.mark.parametrize("event", hook.EVENTS)
def test_garbage_on_the_input_is_nothing_to_say(world, told: bytes, event: str) -> None:
    """The issue: garbage on stdin."""
    world.foreground()

    said = _run(world, event, told=told)

    assert (said.returncode, said.stdout, said.stderr) == (0, b"", b"")


@pytest.mark.parametrize("argv", [[], ["nonsense"], ["session-start", "--budget", "many"], ["session-start", "--x"]])
def test_wrong_usage_is_no_failure_of_the_agent(world, argv: list[str]) -> None:
    """A hook that ends with another code may block every prompt."""
    world.foreground()

    assert _run(world, *argv, told=START).returncode == 0


def test_help_is_answered_by_the_full_program(world) -> None:
    """Whoever asks for help is a person."""
    assert world.slm("hook", "--help").stdout.startswith(b"locally: hook --help")


def test_a_full_log_begins_anew_and_keeps_one_older(world) -> None:
    """The file must not grow for ever."""
    (world.data / "hooks").write_bytes(b"x" * hook.MAX_LOG_BYTES)

    _run(world, "user-prompt", told=PROMPT)

    assert not (world.data / "hooks").exists()
    assert (world.data / "hooks.1").stat().st_size > hook.MAX_LOG_BYTES


def test_where_nothing_was_ever_remembered_nothing_is_written(world) -> None:
    """A hook makes no data root."""
    world.data.rmdir()

    assert _run(world, "user-prompt", told=PROMPT).returncode == 0
    assert not world.data.exists()


# what the agent cites


def test_what_the_answer_cites_is_counted_as_used(world) -> None:
    """The issue: [slm:id] tags in the transcript; each id once, none that isn't whole."""
    world.foreground()
    (world.data / "context").write_text("{}")
    answer = "It is 5433 [slm:k3m9qx7v2b4d], see [slm:k3m9qx7v2b4d] and [slm:p7d2x0000000], not [slm:k3m9q]."

    said = _run(world, "stop", told={"last_assistant_message": answer, "cwd": "/work"})

    assert (said.returncode, said.stdout) == (0, b"")
    assert [asked[:3] for asked in _asked(world)] == [
        ["used", {"id": [memory_id]}, "hook"] for memory_id in ("k3m9qx7v2b4d", "p7d2x0000000")
    ]
    _run(world, "stop", told={"last_assistant_message": answer, "stop_hook_active": True})
    assert len(_asked(world)) == 2


def test_a_refused_citation_doesnt_keep_the_next_from_counting(world) -> None:
    """Models make ids up."""
    world.foreground()

    _run(world, "stop", told={"last_assistant_message": "[slm:000000000000] [slm:k3m9qx7v2b4d]"})

    assert len(_asked(world)) == 2
    assert _outcomes(world) == ["ok"]


def test_a_transcript_that_isnt_there_is_a_failure_that_is_counted(world, tmp_path: Path) -> None:
    """It is said in status, not to the agent."""
    world.foreground()

    assert _run(world, "stop", told={"transcript_path": str(tmp_path / "none.jsonl")}).returncode == 0
    assert _outcomes(world) == ["FileNotFoundError"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(argv=st.lists(st.sampled_from(["session-start", "stop", "--budget", "--budget=x", "--scope", "--", "-", "ü"])))
def test_no_command_line_raises_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, argv: list[str]) -> None:
    """The parser passes over what it doesn't know."""
    monkeypatch.setenv("SLM_DATA_DIR", str(tmp_path))
    try:
        event, _ = hook._parsed(argv)
    except ValueError:
        assert not {"session-start", "stop"} & set(argv) or "--budget" in argv or "--scope" in argv
    else:
        assert event in hook.EVENTS

"""The installed hook against a real daemon."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.home import SCRIPT, Home, wait_until

pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the thin client is not installed in this environment")


def test_a_cited_memory_counts_as_used(home: Home) -> None:
    """The issue: the stop hook counts [slm:id] tags; uses stand outside log and undo."""
    memory_id = home.remember("the api listens on 5433")

    said = home.slm("hook", "stop", stdin=json.dumps({"last_assistant_message": f"5433 [slm:{memory_id}]"}).encode())

    assert (said.code, said.out, said.err) == (0, "", "")
    assert home.exported()[0]["uses"] == 1
    assert home.slm("--json", "status").document["hooks"]["week"] == 1


def test_a_hook_remembers_nothing_and_says_when_it_gave_up(home: Home) -> None:
    """The issue: never writes memories; failures are shown by status."""
    home.remember("the api listens on 5433")
    home.kill()
    prompt = json.dumps({"hook_event_name": "UserPromptSubmit", "prompt": "remember this: x", "cwd": "/"}).encode()

    assert home.slm("hook", "user-prompt", stdin=prompt).code == 0
    assert home.slm("hook", "session-start", stdin=b"{}").code == 0  # which starts a daemon for the next one
    assert wait_until(lambda: home.pid() is not None)

    assert len(home.exported()) == 1
    status = home.slm("status")
    assert "2 this week, 2 gave up (last just now: no daemon)" in status.out

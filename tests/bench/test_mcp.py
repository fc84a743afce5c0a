"""The measurement of agents, on this checkout's relay with a daemon that knows one answer."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slm.bench import client, mcp
from slm.daemon.dialects import Handlers
from slm.daemon.server import Server
from slm.errors import SlmError
from slm.paths import Paths

CHECKOUT = str(Path(__file__).resolve().parents[2])
RELAY = f"""import posix, sys
sys.path.insert(0, {CHECKOUT!r})
from slm.daemon import thin
posix._exit(thin.main(['mcp'], []))"""
ANSWERS: dict[str, Any] = {
    "status": {"memory_bytes": {"private": 10_000_000}},
    "recall": {"recall_id": "x", "hits": [], "abstained": True, "reason": "empty", "near_misses": [], "elsewhere": {},
               "scope": ["global"]},
}  # fmt: skip


@pytest.fixture
def paths(monkeypatch: pytest.MonkeyPatch) -> Iterator[Paths]:
    """A server in this process; relays find it through the environment."""
    with tempfile.TemporaryDirectory(prefix="slm-test-") as home:
        for name, value in {"HOME": home, "SLM_DATA_DIR": f"{home}/data", "SLM_SOCKET": f"{home}/s"}.items():
            monkeypatch.setenv(name, value)
        made = Paths(dict(os.environ))
        Path(made.data).mkdir(mode=0o700)
        server = Server(made, Handlers(lambda _: None, lambda op, *_: ANSWERS[op]))
        serving = threading.Thread(target=server.serve)
        serving.start()
        yield made
        server.stop()
        serving.join()


COMMAND = [sys.executable, "-I", "-S", "-c", RELAY]


def test_a_handshake_is_measured_with_its_baseline_and_an_interval(paths) -> None:
    """Specification: paired in one run, with an interval."""
    result = mcp.handshakes(COMMAND, 5, 7)

    assert result["rounds"] == 5
    assert result["ratio"] == pytest.approx(result["initialize_ms"] / result["python_ms"], abs=0.002)
    assert result["ratio_interval"][0] <= result["ratio"] <= result["ratio_interval"][1]


def test_a_crowd_is_measured_with_the_memory_that_it_takes(paths, monkeypatch) -> None:
    """Brief: twelve agents at once; daemon memory for them."""
    monkeypatch.setattr(mcp, "RECALLS", 2)

    result = mcp.crowd(COMMAND, paths)

    assert result["agents"] == 12
    assert result["daemon_private_bytes"] == 10_000_000
    assert result["daemon_bytes_an_agent"] == 0
    told = mcp.table(mcp.handshakes(COMMAND, 2, 7) | result | {"memories": 1000})
    assert "12 agents" in told
    assert "10 MB private" in told


def test_an_error_is_not_taken_for_a_fast_answer(paths) -> None:
    """A relay that refuses must not look good."""
    with mcp.Agent(COMMAND) as agent, pytest.raises(SlmError, match="-32601"):
        agent.ask("nonsense")


def test_an_environment_without_the_script_is_said(monkeypatch, tmp_path) -> None:
    """An error names what to do."""
    monkeypatch.setattr(client.sysconfig, "get_path", lambda _: str(tmp_path))

    with pytest.raises(SlmError, match="not installed"):
        mcp.run()

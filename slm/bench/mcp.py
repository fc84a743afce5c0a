"""``slm bench mcp``: an agent's handshake through the relay against an empty Python, and twelve agents at once."""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Self

import numpy as np

from slm.bench.client import EMPTY_PYTHON, RESAMPLES, installed_script, wall_ms
from slm.bench.corpus import notes
from slm.bench.imports import own_daemon
from slm.daemon.client import JsonClient
from slm.errors import SlmError
from slm.paths import Paths

WARM_UP = 5
AGENTS = 12
RECALLS = 20
"""Questions of each of the twelve."""
QUESTION = "which port does billing use"


class Agent:
    """One relay as an agent starts it, asked over its standard streams."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._asked = 0

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request. Raises :class:`SlmError` for an error."""
        self.send(method, **params)
        return self.hear()

    def send(self, method: str, **params: Any) -> None:
        """Send a request and don't wait."""
        assert self._process.stdin is not None
        self._asked += 1
        request = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """The result that comes next."""
        assert self._process.stdout is not None
        answer = json.loads(self._process.stdout.readline() or b"{}")
        if "result" not in answer:
            raise SlmError(f"the relay answered {answer}", hint="slm daemon logs")
        return answer["result"]

    def greet(self) -> None:
        """Send the handshake and don't wait."""
        client = {"name": "bench", "version": "1"}
        self.send("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo=client)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def run(seed: int = 7, rounds: int = 100, memories: int = 1000) -> dict[str, Any]:
    """Measure the installed script on a warm daemon of its own."""
    script = installed_script()
    command = [script, "mcp"]
    with own_daemon() as paths:
        with JsonClient(paths, 600.0) as client:
            client.call("remember", batch=[{"text": text} for text in notes(memories, seed)], actor="import:bench")
            client.call("recall", query=QUESTION)
        return {"memories": memories, **handshakes(command, rounds, seed), **crowd(command, paths)}


def handshakes(command: Sequence[str], rounds: int, seed: int) -> dict[str, Any]:
    """Medians of the time from starting the relay to the answer of ``initialize``, and of an empty Python, in turns.

    The interval holds 95 % of the ratios of resampled rounds.
    """
    turns = {"initialize": lambda: _handshake_ms(command), "python": lambda: wall_ms(EMPTY_PYTHON)}
    for _ in range(WARM_UP):
        _handshake_ms(command)
    times: dict[str, list[float]] = {name: [] for name in turns}
    draw, order = random.Random(seed), list(turns)
    for _ in range(rounds):
        draw.shuffle(order)
        for name in order:
            times[name].append(turns[name]())
    shaken, python = (np.array(times[name]) for name in turns)
    resampled = np.random.default_rng(seed).integers(rounds, size=(RESAMPLES, rounds))
    ratios = np.median(shaken[resampled], axis=1) / np.median(python[resampled], axis=1)
    return {
        "rounds": rounds,
        "seed": seed,
        "initialize_ms": round(float(np.median(shaken)), 3),
        "python_ms": round(float(np.median(python)), 3),
        "ratio": round(float(np.median(shaken) / np.median(python)), 3),
        "ratio_interval": [round(float(bound), 3) for bound in np.percentile(ratios, [2.5, 97.5])],
    }


def _handshake_ms(command: Sequence[str]) -> float:
    begun = time.perf_counter_ns()
    with Agent(command) as agent:
        agent.greet()
        agent.hear()
        return (time.perf_counter_ns() - begun) / 1e6


def crowd(command: Sequence[str], paths: Paths) -> dict[str, Any]:
    """Twelve relays started together: until all have their handshake, their questions, and the daemon's memory."""
    before = _private_bytes(paths)
    begun = time.perf_counter()
    with ExitStack() as stack:
        agents = [stack.enter_context(Agent(command)) for _ in range(AGENTS)]
        for agent in agents:
            agent.greet()
        for agent in agents:
            agent.hear()
        ready_s = time.perf_counter() - begun
        asked = time.perf_counter()
        for _ in range(RECALLS):
            for agent in agents:
                agent.send("tools/call", name="memory_recall", arguments={"query": QUESTION})
            for agent in agents:
                agent.hear()
        asked_s = time.perf_counter() - asked
        during = _private_bytes(paths)
    return {
        "agents": AGENTS,
        "all_ready_ms": round(ready_s * 1e3, 1),
        "recall_ms": round(asked_s * 1e3 / (AGENTS * RECALLS), 2),
        "daemon_private_bytes": before,
        "daemon_bytes_an_agent": round((during - before) / AGENTS),
    }


def _private_bytes(paths: Paths) -> int:
    with JsonClient(paths, 60.0) as client:
        return int(client.call("status")["memory_bytes"]["private"])


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    low, high = result["ratio_interval"]
    return (
        f"slm mcp on a warm daemon, {result['memories']:,} memories, medians of {result['rounds']} rounds in turns\n"
        f"  python -I -c pass      {result['python_ms']:.1f} ms\n"
        f"  start to initialize    {result['initialize_ms']:.1f} ms, {result['ratio']:.2f} x the empty Python "
        f"(95 %: {low:.2f} to {high:.2f})\n"
        f"  {result['agents']} agents at once       all ready after {result['all_ready_ms']:.0f} ms, then "
        f"{result['recall_ms']:.1f} ms a recall\n"
        f"  daemon                 {result['daemon_private_bytes'] / 1e6:.0f} MB private, "
        f"{result['daemon_bytes_an_agent'] / 1e3:.0f} kB more an agent"
    )

"""``slm bench hook``: how long an agent waits for ``slm hook``, whatever the daemon does, against an empty Python."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from slm.bench.client import EMPTY_PYTHON, installed_script
from slm.bench.corpus import notes
from slm.bench.imports import own_daemon
from slm.daemon.client import JsonClient
from slm.daemon.process import daemon_pid
from slm.errors import SlmError
from slm.paths import Paths

BAR_MS = 300.0
QUESTION = "which port does billing use"
PROMPT = json.dumps({"hook_event_name": "UserPromptSubmit", "prompt": QUESTION, "cwd": "/"}).encode()
GARBAGE = b"\xff{" * 1000


def run(rounds: int = 50, memories: int = 100, seed: int = 7) -> dict[str, Any]:
    """Measure the installed script on a daemon of its own: warm, stopped by SIGSTOP, and at a socket of nobody."""
    script = installed_script()
    with own_daemon() as paths:
        with JsonClient(paths) as client:
            client.call("remember", batch=[{"text": text} for text in notes(memories, seed)], actor="import:bench")
            client.call("recall", query=QUESTION)
        return {"memories": memories, **measure([script, "hook", "user-prompt"], paths, rounds, seed)}


def measure(command: Sequence[str], paths: Paths, rounds: int, seed: int) -> dict[str, Any]:
    """Median and longest time of each situation in milliseconds, all in random order within a round.

    Raises :class:`SlmError` when a call ends with another code than 0: then there is nothing to measure.
    """
    nobody = [*command, f"--socket={paths.data}/nobody"]
    turns: dict[str, Callable[[], float]] = {
        "python": lambda: _wall_ms(EMPTY_PYTHON, b""),
        "warm": lambda: _wall_ms(command, PROMPT),
        "garbage": lambda: _wall_ms(command, GARBAGE),
        "down": lambda: _wall_ms(nobody, PROMPT),
        "stopped": lambda: _while_stopped(paths, lambda: _wall_ms(command, PROMPT)),
    }
    times: dict[str, list[float]] = {name: [] for name in turns}
    order, draw = list(turns), random.Random(seed)
    for _ in range(rounds):
        draw.shuffle(order)
        for name in order:
            times[name].append(turns[name]())
    shown = {
        name: {"median_ms": round(float(np.median(t)), 1), "longest_ms": round(max(t), 1)} for name, t in times.items()
    }
    return {"rounds": rounds, "seed": seed, "bar_ms": BAR_MS, "situations": shown}


def _while_stopped(paths: Paths, call: Callable[[], float]) -> float:
    pid = daemon_pid(paths)
    if not pid:
        raise SlmError("the daemon left during the measurement", hint="slm daemon logs")
    os.kill(pid, signal.SIGSTOP)
    try:
        return call()
    finally:
        os.kill(pid, signal.SIGCONT)


def _wall_ms(command: Sequence[str], stdin: bytes) -> float:
    begun = time.perf_counter_ns()
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    taken_ms = (time.perf_counter_ns() - begun) / 1e6
    if done.returncode != 0:
        raise SlmError(f"{command[0]} ended with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[:200]}")
    return taken_ms


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    said = {
        "python": "python -I -c pass",
        "warm": "slm hook user-prompt, warm daemon",
        "garbage": "… garbage on its input",
        "down": "… no daemon",
        "stopped": "… daemon stopped (SIGSTOP)",
    }
    rows = [
        f"  {said[name]:<34} median {each['median_ms']:6.1f} ms   longest {each['longest_ms']:6.1f} ms"
        for name, each in result["situations"].items()
    ]
    title = f"what an agent waits for a hook, {result['rounds']} rounds in turns (bar: {result['bar_ms']:.0f} ms)"
    return "\n".join([title, *rows])

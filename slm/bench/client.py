"""``slm bench client``: a recall through the thin client less the daemon's share, against an empty Python."""

from __future__ import annotations

import os
import random
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from slm.bench.corpus import notes
from slm.bench.imports import own_daemon
from slm.daemon import thin
from slm.daemon.client import JsonClient
from slm.errors import SlmError
from slm.paths import Paths

QUESTION = ["recall", "which", "port", "does", "billing", "use"]
EMPTY_PYTHON = [sys.executable, "-I", "-c", "pass"]
WARM_UP = 20
RESAMPLES = 1000


def installed_script() -> str:
    """The thin client that pip has put beside this Python. Raises :class:`SlmError` without one."""
    script = Path(sysconfig.get_path("scripts"), "slm")
    if not script.exists():
        raise SlmError("slm is not installed in this environment", where={"script": str(script)}, hint="pip install .")
    return str(script)


def run(rounds: int = 200, memories: int = 100, seed: int = 7) -> dict[str, Any]:
    """Measure the installed script on a warm daemon of its own, the same question each time."""
    script = installed_script()
    with own_daemon() as paths:
        with JsonClient(paths) as client:
            client.call("remember", batch=[{"text": text} for text in notes(memories, seed)], actor="import:bench")
        return {"memories": memories, **measure([script, *QUESTION], paths, rounds, seed)}


def measure(command: Sequence[str], paths: Paths, rounds: int, seed: int) -> dict[str, Any]:
    """Medians of the command, of an empty Python and of the daemon's share, in milliseconds, and their ratio.

    The daemon's share is what it reports of the same question asked without a process. All three alternate in random
    order. The interval holds 95 % of the ratios of resampled rounds.
    """
    turns = {
        "slm": lambda: wall_ms(command),
        "python": lambda: wall_ms(EMPTY_PYTHON),
        "daemon": lambda: _share_ms(paths),
    }
    for _ in range(WARM_UP):
        _share_ms(paths)
    times: dict[str, list[float]] = {name: [] for name in turns}
    order = list(turns)
    draw = random.Random(seed)
    for _ in range(rounds):
        draw.shuffle(order)
        for name in order:
            times[name].append(turns[name]())
    wall, python, daemon = (np.array(times[name]) for name in turns)
    resampled = np.random.default_rng(seed).integers(rounds, size=(RESAMPLES, rounds))
    low, high = np.percentile(_ratio(wall[resampled], python[resampled], daemon[resampled]), [2.5, 97.5])
    return {
        "rounds": rounds,
        "seed": seed,
        "slm_ms": round(float(np.median(wall)), 3),
        "python_ms": round(float(np.median(python)), 3),
        "daemon_ms": round(float(np.median(daemon)), 3),
        "ratio": round(float(_ratio(wall, python, daemon)), 3),
        "ratio_interval": [round(float(low), 3), round(float(high), 3)],
    }


def _ratio(wall: Any, python: Any, daemon: Any) -> Any:
    """Client share over empty Python, of the medians along the last axis."""
    return (np.median(wall, axis=-1) - np.median(daemon, axis=-1)) / np.median(python, axis=-1)


def wall_ms(command: Sequence[str]) -> float:
    """Milliseconds from starting a process to its end; its output goes nowhere."""
    nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    begun = time.perf_counter_ns()
    process = os.posix_spawn(command[0], list(command), os.environ, file_actions=nowhere)
    os.waitpid(process, 0)
    return (time.perf_counter_ns() - begun) / 1e6


def _share_ms(paths: Paths) -> float:
    """Milliseconds that the daemon takes for the question, from the connection to the answer."""
    connection = thin.find(paths, thin.TIMEOUT_S)
    if connection is None:
        raise SlmError("the daemon left during the measurement", hint="slm daemon logs")
    try:
        connection.sendall(thin.encode(QUESTION, dict(paths.environ), None))
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    finally:
        connection.close()
    code_and_ns = answer[answer.rindex(b"X") + 5 :]
    return int(code_and_ns.split()[1]) / 1e6


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    low, high = result["ratio_interval"]
    return (
        f"slm recall on a warm daemon, {result['memories']:,} memories, medians of {result['rounds']} rounds in turns\n"
        f"  python -I -c pass   {result['python_ms']:.1f} ms\n"
        f"  slm recall          {result['slm_ms']:.1f} ms, of which the daemon {result['daemon_ms']:.1f}\n"
        f"  client share        {result['ratio']:.2f} x the empty Python (95 %: {low:.2f} to {high:.2f})"
    )

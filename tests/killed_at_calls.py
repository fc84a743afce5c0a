"""kill -9 at one call after the other: a forked process dies in the middle of what it does, another looks at the rest.

Calls are those of Python functions and of C functions, their returns too: before and after each step to the disk.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

SOUND, UNSOUND = 10, 11
FORGOTTEN_S = 60
"""After so long a process that hangs is ended by a signal of its own."""

Profile = Callable[[FrameType, str, Any], None]
Act = Callable[[Path, Callable[[], Profile]], None]
"""Does something to a copy of the data; calls what it is given at the start of what may be cut off, in its thread."""
Look = Callable[[Path], None]
"""Raises where the data are not whole."""


def run(data: Path, work: Path, act: Act, look: Look, first: int, step: int) -> None:
    """Kill ``act`` on fresh copies of ``data`` at call ``first``, ``first + step``, …, until it reaches its end.

    Prints a line a copy: the number of the call and ``sound`` or what is wrong with what was left.
    """
    at = first
    while True:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(data, work)
        died = os.WIFSIGNALED(_forked(lambda at=at: act(work, lambda: _killer(at))))
        found = os.waitstatus_to_exitcode(_forked(lambda: look(work)))
        print("killed" if died else "ended", at, "sound" if found == SOUND else f"unsound ({found})", flush=True)
        if not died:
            return
        at += step


def _killer(calls: int) -> Profile:
    """What kills this process at its ``calls``-th call from now on."""
    left = calls

    def count(_frame: FrameType, _event: str, _what: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return count


def _forked(do: Callable[[], None]) -> int:
    """Do it in a process of its own; the status that this ends with."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.alarm(FORGOTTEN_S)
    try:
        do()
        os._exit(SOUND)
    except Exception:  # noqa: BLE001 - told by the status
        traceback.print_exc()
    finally:
        os._exit(UNSOUND)

"""Erases from copies of one store, killed at a later step each time; prints a line of what the next start found.

A step is whatever touches a file (Python's audit events) and each side of a commit. Every store lives in a process of
its own, forked from one that has loaded the program and never opens any.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slm.store.store import Store
from tests.engine.desk import Desk
from tests.engine.traces import left_in

SECRET = "Zwölfton xylophonist Anna lives in Quetzalcoatl 7319"
OTHERS = ["Bob lives in Oslo", "Bob lives in Bergen", "the API listens on 5433", "bread is baked at five"]
TRACES = {
    word: word.encode(form)
    for word in ("xylophonist", "Quetzalcoatl", "quetzalcoatl", "7319", "zwölfton")
    for form in ("utf-8", "utf-16-le")
}
NEVER = 1 << 30


class Trap:
    """Counts steps once it is armed, and kills the process at one of them."""

    def __init__(self) -> None:
        self.left = 0
        sys.addaudithook(self._event)

    def arm(self, step: int) -> None:
        self.left = step

    def step(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)

    def _event(self, event: str, _: Any) -> None:
        if event == "open" or event.startswith(("os.r", "os.mkdir", "os.truncate", "shutil.")):
            self.step()


def around_commits(trap: Trap) -> None:
    """Let both sides of every commit be steps."""
    transact = Store.transact

    def counted(self: Store, change: Callable[..., Any]) -> Any:
        trap.step()
        result = transact(self, change)
        trap.step()
        return result

    Store.transact = counted  # type: ignore[method-assign]


def in_a_process(work: Callable[[], None]) -> int:
    """Fork, work and exit; how the child ended: 0, or minus the signal."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return -os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def make(root: Path) -> None:
    """A store with a secret that contradicts, was corrected, and was used, among others."""
    root.mkdir(mode=0o700)
    desk = Desk(root)
    for other in OTHERS:
        desk.remember(other, at="2026-03-01")
    secret = desk.remember(SECRET, tag=["xylophonist"], at="2026-03-01")
    desk.call("correct", id=secret, text=SECRET + "!")
    desk.service.close()


def erase(root: Path, step: int) -> None:
    """Erase, and die at the step if there are as many."""
    desk = Desk(root)
    desk.texts()
    trap = Trap()
    around_commits(trap)
    trap.arm(step)
    desk.call("erase", mentions="xylophonist")
    trap.arm(0)
    desk.service.close()


def start(root: Path, step: int) -> None:
    """Only start, and die at the step if there are as many."""
    trap = Trap()
    around_commits(trap)
    trap.arm(step)
    desk = Desk(root)
    desk.texts()
    trap.arm(0)
    desk.service.close()


def require_whole(root: Path, answer: Path) -> None:
    """Either all of it is there or no byte of it, and all else in any case; then a second erasing ends it."""
    desk = Desk(root)
    texts = sorted(desk.texts())
    found = "whole" if len(texts) > len(OTHERS) else "gone"
    assert texts == sorted(OTHERS + ([SECRET + "!"] if found == "whole" else [])), texts
    for _ in range(2):
        assert desk.call("log", verify=True)["verified"]
        assert desk.engine().store.check().memories == len(OTHERS) + 2
        assert all(check["ok"] for check in desk.call("doctor")["checks"])
        assert len(desk.call("audit", all_scopes=True)["conflicts"]) == 1
        assert desk.found("bread is baked")[0] == OTHERS[3]
        assert not any("still in the files" in note for note in desk.call("status")["notes"])
        if sorted(desk.texts()) == sorted(OTHERS):
            assert left_in(root, TRACES) == [], left_in(root, TRACES)
            assert desk.call("remember", text=SECRET)["status"] == "known_wrong"
        desk.call("erase", mentions="xylophonist")
    assert sorted(desk.texts()) == sorted(OTHERS)
    assert left_in(root, TRACES) == [], left_in(root, TRACES)
    desk.service.close()
    answer.write_text(found)


def run(folder: Path, stride: int, again: int) -> None:
    """Kill at every ``stride``-th step, and with ``again`` at as many random steps of the start that follows."""
    draw = random.Random(7)
    template, root, answer = folder / "template", folder / "root", folder / "answer"
    if in_a_process(lambda: make(template)):
        raise SystemExit("the store couldn't be made")
    ended, step = signal.SIGKILL, 1
    while ended == signal.SIGKILL:
        for later in [NEVER] + [draw.randint(1, 60) for _ in range(again)]:
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(template, root)
            ended = in_a_process(lambda step=step: erase(root, step))  # type: ignore[misc]
            restarted = in_a_process(lambda later=later: start(root, later))  # type: ignore[misc]
            failed = in_a_process(lambda: require_whole(root, answer))
            told = {"step": step, "ended": ended, "restarted": restarted, "failed": failed}
            print(json.dumps({**told, "found": answer.read_text() if not failed else None}), flush=True)
        step += stride


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

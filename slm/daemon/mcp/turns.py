"""The requests of one agent that wait for their turn: bounded, in order, and each can be cancelled."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slm.daemon.mcp.rpc import Document, Id

MOST_WAITING = 32
"""Requests of one agent that may wait; more are refused at once."""
MOST_BYTES = 8 << 20
"""Of them together, as they came: one of the longest may wait behind another, thirty would grow the daemon."""


@dataclass(eq=False)
class Turn:
    """Requests that are answered together (several in a batch), each by a call that returns its answer."""

    calls: Sequence[tuple[Id, Callable[[], Document]]]
    is_batch: bool = False
    more: Sequence[Document] = ()
    """Answers of the same batch that are known already."""
    n_bytes: int = 0
    """The length of the message that asked."""


class Turns:
    """One thread carries them out; any other adds and cancels."""

    def __init__(self, send: Callable[[Document | list[Document]], None]) -> None:
        """``send`` is called on the thread of :meth:`run`."""
        self._send = send
        self._waiting: deque[Turn] = deque()
        self._changed = threading.Condition()
        self._cancelled: set[Id] = set()
        self._running: frozenset[Id] = frozenset()
        self._ended = False

    def add(self, turn: Turn) -> bool:
        """Queue a turn; False when too many wait, or too long ones."""
        with self._changed:
            n_bytes = sum(waiting.n_bytes for waiting in self._waiting) + turn.n_bytes
            if len(self._waiting) >= MOST_WAITING or n_bytes > MOST_BYTES:
                return False
            self._waiting.append(turn)
            self._changed.notify()
            return True

    def cancel(self, request: Id) -> None:
        """Give no answer to a request, and don't begin it. What has begun is carried out: it may be on the disk."""
        with self._changed:
            waiting = {number for turn in self._waiting for number, _ in turn.calls}
            if request in waiting or request in self._running:
                self._cancelled.add(request)

    def end(self, *, at_once: bool = False) -> None:
        """Let :meth:`run` return when nothing waits any more, or ``at_once`` after what it does now."""
        with self._changed:
            self._ended = True
            if at_once:
                self._waiting.clear()
            self._changed.notify()

    def run(self) -> None:
        """Carry out the turns until the end."""
        while (turn := self._next()) is not None:
            answers = [*turn.more, *(answer for number, call in turn.calls if (answer := self._answer(number, call)))]
            with self._changed:
                self._cancelled -= self._running
                self._running = frozenset()
            if answers:
                self._send(answers if turn.is_batch else answers[0])

    def _next(self) -> Turn | None:
        with self._changed:
            while not self._waiting and not self._ended:
                self._changed.wait()
            if not self._waiting:
                return None
            turn = self._waiting.popleft()
            self._running = frozenset(number for number, _ in turn.calls)
            return turn

    def _answer(self, number: Id, call: Callable[[], Document]) -> Document | None:
        """The answer to one request, None if it was cancelled before or meanwhile."""
        answer = None if self._dropped(number) else call()
        return None if self._dropped(number) else answer

    def _dropped(self, number: Id) -> bool:
        with self._changed:
            return number in self._cancelled

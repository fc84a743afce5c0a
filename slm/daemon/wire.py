"""One connection seen from the daemon: bounded reads with deadlines, bounded writes."""

from __future__ import annotations

import select
import socket
import time
from contextlib import suppress

MAX_MESSAGE_BYTES = 4 << 20
"""Longest request, of either dialect."""
READ_BYTES = 1 << 16


class Hangup(Exception):
    """The other side is gone, too slow, or says what can't be read."""


class TooLong(Hangup):
    """A request longer than allowed."""


class Connection:
    """A client's socket with what was received and not yet used.

    One thread may read while another sends. ``many_requests`` says that its dialect goes on after an answer, so that an
    idle client must not keep a daemon that leaves; ``broken`` that the peer is gone or doesn't read.
    """

    def __init__(self, peer: socket.socket) -> None:
        peer.setblocking(False)
        self.socket = peer
        self.accepted_ns = time.perf_counter_ns()
        self.many_requests = False
        self.broken = False
        self._received = bytearray()

    def line(self, longest: int, within_s: float, *, wait_for_first: bool = False) -> bytes | None:
        """The next line without its end; None when the peer has finished.

        It must be whole ``within_s`` seconds from now, or, with ``wait_for_first``, from its first byte.
        Raises :class:`TooLong` past ``longest`` bytes and :class:`Hangup` past the deadline.
        """
        if wait_for_first and not self._received and not self._receive(None):
            return None
        deadline = time.monotonic() + within_s
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > longest:
                raise TooLong
            if not self._receive(deadline):
                return None
        if end > longest:
            raise TooLong
        return self._take(end + 1)[:-1]

    def exactly(self, length: int, within_s: float) -> bytes:
        """The next ``length`` bytes. Raises :class:`Hangup` when they don't come in time."""
        deadline = time.monotonic() + within_s
        while len(self._received) < length:
            if not self._receive(deadline):
                raise Hangup
        return self._take(length)

    def send(self, data: bytes, within_s: float) -> None:
        """Send all of ``data``. Raises :class:`Hangup` when the peer is gone or doesn't read in time."""
        left = memoryview(data)
        deadline = time.monotonic() + within_s
        try:
            while left:
                self._wait(select.POLLOUT, deadline)
                with suppress(BlockingIOError):  # less room than promised
                    left = left[self.socket.send(left) :]
        except (OSError, Hangup) as error:
            self.broken = True
            raise Hangup from error

    def finish_reading(self) -> None:
        """End the peer's requests: what it has sent is still read, then comes the end."""
        try:
            self.socket.shutdown(socket.SHUT_RD)
        except OSError:
            return  # it is gone already

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _take(self, length: int) -> bytes:
        taken = bytes(self._received[:length])
        del self._received[:length]
        return taken

    def _receive(self, deadline: float | None) -> bool:
        """Read more, or return False at the end of what the peer sends."""
        while True:
            self._wait(select.POLLIN, deadline)
            try:
                part = self.socket.recv(READ_BYTES)
            except BlockingIOError:
                continue  # nothing after all
            except OSError as error:
                raise Hangup from error
            self._received += part
            return bool(part)

    def _wait(self, event: int, deadline: float | None) -> None:
        """Return when the socket is ready for ``event``. Raises :class:`Hangup` past the deadline."""
        left_s = None if deadline is None else deadline - time.monotonic()
        if left_s is not None and left_s <= 0:
            raise Hangup
        waiting = select.poll()
        waiting.register(self.socket, event)
        if not waiting.poll(None if left_s is None else left_s * 1000 + 1):
            raise Hangup

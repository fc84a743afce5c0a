"""One connection: bounded reads and writes with deadlines, one thread at either."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.daemon.wire import Connection, Hangup, TooLong

PATIENT_S, HASTY_S = 20.0, 0.05


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Connection]]:
    ours, theirs = socket.socketpair()
    connection = Connection(theirs)
    yield ours, connection
    ours.close()
    connection.close()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda part: b"\n" not in part), max_size=6))
def test_lines_come_as_they_were_sent_and_then_the_end(parts) -> None:
    """Oracle: the list itself."""
    ours, theirs = socket.socketpair()
    connection = Connection(theirs)
    ours.sendall(b"".join(part + b"\n" for part in parts))
    ours.close()

    assert [connection.line(64, PATIENT_S) for _ in parts] == parts
    assert connection.line(64, PATIENT_S) is None
    connection.close()


def test_a_line_without_its_end_is_not_taken(ends) -> None:
    """A peer that died while it wrote has said nothing."""
    ours, connection = ends
    ours.sendall(b"half")
    ours.shutdown(socket.SHUT_WR)

    assert connection.line(64, PATIENT_S) is None


def test_a_line_that_is_not_whole_in_time_is_a_hangup(ends) -> None:
    """Fault: a slow drip."""
    ours, connection = ends
    ours.sendall(b"half")

    with pytest.raises(Hangup):
        connection.line(64, HASTY_S)


def test_a_line_longer_than_allowed_is_told_from_silence(ends) -> None:
    """It is answered before the end."""
    ours, connection = ends
    ours.sendall(b"x" * 100)

    with pytest.raises(TooLong):
        connection.line(64, PATIENT_S)


def test_waiting_for_the_first_byte_has_no_deadline(ends) -> None:
    """An idle agent is not a slow one."""
    ours, connection = ends
    heard: list[bytes | None] = []
    waiting = threading.Thread(
        target=lambda: heard.append(connection.line(64, HASTY_S, wait_for_first=True)), daemon=True
    )
    waiting.start()
    waiting.join(4 * HASTY_S)
    assert waiting.is_alive()

    ours.sendall(b"late\n")
    waiting.join(PATIENT_S)

    assert heard == [b"late"]


def test_a_peer_that_does_not_read_is_a_hangup_and_marked_broken(ends) -> None:
    """client.md: a slow reader can't grow the daemon."""
    _, connection = ends

    with pytest.raises(Hangup):
        connection.send(b"x" * (8 << 20), HASTY_S)

    assert connection.broken


def test_a_peer_that_is_gone_is_a_hangup(ends) -> None:
    """EPIPE is no bug."""
    ours, connection = ends
    ours.close()

    with pytest.raises(Hangup):
        connection.send(b"x" * (1 << 20), PATIENT_S)
    assert connection.broken


def test_one_thread_reads_while_another_sends(ends) -> None:
    """A deadline of the one must not become the other's: both streams are larger than any buffer."""
    ours, connection = ends
    size = 4 << 20
    received = bytearray()

    def other_end() -> None:
        sending = threading.Thread(target=ours.sendall, args=(b"y" * size + b"\n",))
        sending.start()
        while len(received) < size:
            received.extend(ours.recv(1 << 16))
        sending.join()

    peer = threading.Thread(target=other_end)
    sender = threading.Thread(target=connection.send, args=(b"z" * size, PATIENT_S))
    peer.start()
    sender.start()
    line = connection.line(size, PATIENT_S, wait_for_first=True)
    sender.join(PATIENT_S)
    peer.join(PATIENT_S)

    assert line == b"y" * size
    assert bytes(received) == b"z" * size
    assert not connection.broken


def test_reading_can_be_ended_from_another_thread(ends) -> None:
    """A daemon that leaves, and a sender that found the peer gone, end it."""
    _, connection = ends
    heard: list[bytes | None] = [b"not yet"]
    waiting = threading.Thread(
        target=lambda: heard.append(connection.line(64, PATIENT_S, wait_for_first=True)), daemon=True
    )
    waiting.start()

    connection.finish_reading()
    waiting.join(PATIENT_S)

    assert heard == [b"not yet", None]

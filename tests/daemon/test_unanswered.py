"""What a relay keeps in mind: whole lines, and what another daemon must hear or must not hear again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.daemon.unanswered import MAX_LINE_BYTES, MAX_REQUESTS, REPEATS, Lines, Unanswered


def line(**fields: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **fields}).encode() + b"\n"


def call(number: object, tool: str) -> bytes:
    return line(id=number, method="tools/call", params={"name": tool, "arguments": {}})


HELLO, READY = line(id=0, method="initialize", params={}), line(method="notifications/initialized")


@given(st.lists(st.binary(max_size=20)), st.integers(1, 9))
def test_lines_come_whole_however_they_are_cut(pieces, size) -> None:
    """Oracle: bytes.split."""
    sent = b"\n".join(pieces)
    lines = Lines()

    came = [whole for start in range(0, len(sent), size) for whole in lines.add(sent[start : start + size])]

    assert came == [part + b"\n" for part in sent.split(b"\n")[:-1]]
    assert lines.take_dropped() == 0


def test_a_line_that_is_too_long_is_dropped_whole_and_the_next_one_comes() -> None:
    """4 MiB, in memory bounded by that."""
    lines = Lines()
    for _ in range(3 * MAX_LINE_BYTES >> 20):
        assert lines.add(b"x" * (1 << 20)) == []

    assert lines.add(b"end\nnext\n") == [b"next\n"]
    assert lines.take_dropped() == 1
    assert lines.take_dropped() == 0
    assert lines.add(b"y" * MAX_LINE_BYTES + b"\n") != []


def test_what_was_answered_is_forgotten() -> None:
    """Each request until its answer, whatever the order."""
    waiting = Unanswered()
    for number in ("a", 2):
        waiting.asked(line(id=number, method="ping"))

    assert waiting.answered(line(id=2, result={}))
    assert waiting.answered(line(id="a", error={"code": 1, "message": "x"}))
    assert not waiting


def test_another_daemon_hears_the_handshake_first() -> None:
    """client.md: on a daemon restart the relay replays the handshake."""
    waiting = Unanswered()
    for sent in (HELLO, READY, call(1, "memory_recall")):
        waiting.asked(sent)
    waiting.answered(line(id=0, result={}))

    assert waiting.again() == ([HELLO, READY, call(1, "memory_recall")], [])


def test_the_answer_to_a_repeated_handshake_stays_with_the_relay() -> None:
    """The agent has had one; a second answer to the same id breaks clients."""
    waiting = Unanswered()
    waiting.asked(HELLO)
    assert waiting.answered(line(id=0, result={}))
    waiting.again()

    assert not waiting.answered(line(id=0, result={}))
    waiting.asked(line(id=0, method="ping"))
    assert waiting.answered(line(id=0, result={}))


def test_a_handshake_that_was_not_answered_is_asked_and_answered_once() -> None:
    """The daemon left before it said anything."""
    waiting = Unanswered()
    waiting.asked(HELLO)

    assert waiting.again() == ([HELLO], [])
    assert waiting.answered(line(id=0, result={}))
    assert not waiting


@pytest.mark.parametrize("tool", ["memory_remember", "memory_correct", "memory_forget", "memory_used", "x", None])
def test_a_change_is_not_asked_twice(tool) -> None:
    """It may be on the disk: the agent is told that it can't be known."""
    waiting = Unanswered()
    waiting.asked(call(7, tool))

    assert waiting.again() == ([], [7])
    assert not waiting


def test_a_change_that_no_daemon_heard_is_asked() -> None:
    """It waited in the relay when the daemon left."""
    waiting, sent = Unanswered(), call(7, "memory_remember")
    waiting.asked(sent)

    assert waiting.again({sent}) == ([sent], [])
    assert waiting.again() == ([], [7])


def test_a_question_of_which_daemons_die_is_not_asked_for_ever() -> None:
    """A poisoned request must not end one daemon after another."""
    waiting, sent = Unanswered(), call(7, "memory_recall")
    waiting.asked(sent)

    for _ in range(REPEATS):
        assert waiting.again() == ([sent], [])
    assert waiting.again() == ([], [7])


def test_a_cancelled_request_is_not_asked_again() -> None:
    """Nobody waits for it."""
    waiting = Unanswered()
    waiting.asked(call(7, "memory_recall"))
    waiting.asked(line(method="notifications/cancelled", params={"requestId": 7}))

    assert not waiting


def test_a_batch_is_asked_again_as_it_was() -> None:
    """2025-03-26: one line, several requests; with one change in it it isn't."""
    reading = b"[" + call(1, "memory_recall").strip() + b"," + call(2, "memory_get").strip() + b"]\n"
    changing = b"[" + call(3, "memory_recall").strip() + b"," + call(4, "memory_forget").strip() + b"]\n"
    waiting = Unanswered()
    for sent in (reading, changing):
        waiting.asked(sent)

    assert waiting.again() == ([reading], [3, 4])


@pytest.mark.parametrize("sent", [b"nonsense\n", b"[1, null]\n", b"7\n", b'{"id": [1], "method": "x"}\n', b"[" * 9999])
def test_what_is_no_message_is_not_kept(sent) -> None:
    """The daemon answers it; its answer has no id."""
    waiting = Unanswered()
    waiting.asked(sent)

    assert not waiting
    assert waiting.answered(line(id=None, error={"code": -32700, "message": "x"}))
    assert not waiting.answered(b"slm: this socket speaks something else\n")


def test_a_request_of_the_daemon_is_passed_on() -> None:
    """roots/list has an id of the daemon's; it answers nothing."""
    waiting = Unanswered()
    waiting.asked(line(id=1, method="ping"))

    assert waiting.answered(line(id=1, method="roots/list"))
    assert waiting


def test_no_more_is_kept_than_a_bound() -> None:
    """An agent that floods doesn't grow its relay."""
    waiting = Unanswered()
    for number in range(2 * MAX_REQUESTS):
        waiting.asked(line(id=number, method="ping"))

    assert len(waiting.take_all()) == MAX_REQUESTS
    assert not waiting

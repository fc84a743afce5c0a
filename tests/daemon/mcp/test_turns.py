"""Turns: in order, bounded, each answered once or cancelled; without sockets."""

from __future__ import annotations

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slm.daemon.mcp.turns import MOST_WAITING, Turn, Turns


def answer(number: Any) -> Any:
    return lambda: {"id": number}


def carried_out(turns: Turns) -> None:
    turns.end()
    turns.run()


@given(st.lists(st.booleans(), max_size=MOST_WAITING))
def test_what_waits_is_answered_in_order_but_for_what_was_cancelled(cancelled) -> None:
    """Oracle: a list."""
    sent: list[Any] = []
    turns = Turns(sent.append)
    for number, _ in enumerate(cancelled):
        assert turns.add(Turn([(number, answer(number))]))
    for number, drop in enumerate(cancelled):
        if drop:
            turns.cancel(number)

    carried_out(turns)

    assert sent == [{"id": number} for number, drop in enumerate(cancelled) if not drop]


def test_no_more_wait_than_the_bound() -> None:
    """An agent that floods costs nothing."""
    turns = Turns(lambda _: None)

    added = [turns.add(Turn([(number, answer(number))])) for number in range(MOST_WAITING + 3)]

    assert added == [True] * MOST_WAITING + [False] * 3


def test_long_ones_wait_behind_one_another_only_to_a_bound() -> None:
    """What an agent sends and nobody has read yet must not grow the daemon."""
    turns = Turns(lambda _: None)
    longest = 4 << 20

    taken = [turns.add(Turn([(i, answer(i))], n_bytes=longest)) for i in range(3)]

    assert taken == [True, True, False]
    assert turns.add(Turn([(9, answer(9))]))


def test_a_cancelled_request_that_runs_is_carried_out_without_an_answer() -> None:
    """It may be on the disk already: stopping it half way is not possible."""
    sent: list[Any] = []
    turns = Turns(sent.append)
    done = []

    def cancelled_meanwhile() -> dict[str, Any]:
        turns.cancel(1)
        done.append(1)
        return {"id": 1}

    turns.add(Turn([(1, cancelled_meanwhile)]))
    carried_out(turns)

    assert (done, sent) == ([1], [])


def test_an_id_that_was_cancelled_once_may_be_used_again() -> None:
    """Nothing is remembered of what is over; what never waited can't be cancelled."""
    sent: list[Any] = []
    turns = Turns(sent.append)
    turns.cancel(1)
    turns.add(Turn([(1, answer("first"))]))
    turns.cancel(1)
    turns.add(Turn([(2, lambda: (turns.add(Turn([(1, answer("again"))])), {"id": 2})[1])]))

    carried_out(turns)

    assert sent == [{"id": 2}, {"id": "again"}]


def test_a_batch_is_one_answer_with_what_was_known_before() -> None:
    """JSON-RPC: an array; what was cancelled isn't in it."""
    sent: list[Any] = []
    turns = Turns(sent.append)
    turns.add(Turn([(1, answer(1)), (2, answer(2))], is_batch=True, more=[{"id": None}]))
    turns.cancel(2)

    carried_out(turns)

    assert sent == [[{"id": None}, {"id": 1}]]


def test_a_batch_of_which_all_is_cancelled_gets_no_answer() -> None:
    """Not an empty array."""
    sent: list[Any] = []
    turns = Turns(sent.append)
    turns.add(Turn([(1, answer(1))], is_batch=True))
    turns.cancel(1)

    carried_out(turns)

    assert sent == []


def test_an_end_at_once_drops_what_waits() -> None:
    """Nobody is there to hear it."""
    sent: list[Any] = []
    turns = Turns(sent.append)
    turns.add(Turn([(1, answer(1))]))
    turns.end(at_once=True)
    turns.run()

    assert sent == []


def test_turns_wait_for_what_comes() -> None:
    """The thread sleeps until there is something, and ends when told."""
    heard = threading.Semaphore(0)
    sent: list[Any] = []

    def send(document: Any) -> None:
        sent.append(document)
        heard.release()

    turns = Turns(send)
    running = threading.Thread(target=turns.run)
    running.start()
    for number in range(3):
        turns.add(Turn([(number, answer(number))]))
        assert heard.acquire(timeout=20)
    turns.end()
    running.join(20)

    assert sent == [{"id": 0}, {"id": 1}, {"id": 2}]
    assert not running.is_alive()

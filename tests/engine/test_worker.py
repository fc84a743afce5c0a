from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from slm.engine.worker import Worker
from slm.errors import DaemonUnavailable, TimedOut
from tests.engine.desk import Desk

DEADLINE_S = 20.0


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds; fail when it doesn't in time."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.001)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_what_a_job_returns_or_raises_reaches_its_caller(worker: Worker) -> None:
    """A job behaves as if the caller had run it; a failed one doesn't stop the worker."""

    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        worker.write(fail)
    with pytest.raises(SystemExit):
        worker.query(lambda: exec("raise SystemExit(3)"))
    assert worker.query(lambda: 42) == 42


def test_queries_overtake_writes_that_wait(worker: Worker, callers: ThreadPoolExecutor) -> None:
    """DESIGN.md, Threads: queries go before ingestion."""
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def long_write() -> None:
        begun.set()
        go_on.wait(DEADLINE_S)
        order.append("first write")

    jobs = [callers.submit(worker.write, long_write)]
    begun.wait(DEADLINE_S)
    jobs.append(callers.submit(worker.write, lambda: order.append("second write")))
    eventually(lambda: len(worker._writes) == 1)
    jobs.append(callers.submit(worker.query, lambda: order.append("query")))
    eventually(lambda: len(worker._queries) == 1)
    go_on.set()
    [job.result(DEADLINE_S) for job in jobs]

    assert order == ["first write", "query", "second write"]


def test_a_long_write_lets_queries_through_between_its_slices(worker: Worker, callers: ThreadPoolExecutor) -> None:
    """A query waits for one slice, never for the whole write."""
    order: list[str] = []
    queries = []

    def long_write() -> None:
        queries.append(callers.submit(worker.query, lambda: order.append("query")))
        eventually(lambda: len(worker._queries) == 1)
        worker.serve_queries()
        order.append("rest of the write")

    worker.write(long_write)

    assert order == ["query", "rest of the write"]
    queries[0].result(DEADLINE_S)


def test_a_job_may_call_the_worker_itself(worker: Worker) -> None:
    """Else it would wait for its own end."""
    assert worker.write(lambda: worker.query(lambda: worker.write(lambda: "inner"))) == "inner"


def test_jobs_never_overlap(worker: Worker, callers: ThreadPoolExecutor) -> None:
    """What the jobs share needs no locks."""
    running, most = [0], [0]

    def job() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        running[0] -= 1

    for future in [callers.submit(turn, job) for turn in (worker.query, worker.write) * 50]:
        future.result(DEADLINE_S)

    assert most == [1]


def test_closing_finishes_what_was_submitted_and_refuses_the_rest(callers: ThreadPoolExecutor) -> None:
    """Nobody waits for an answer that never comes."""
    worker, begun, go_on = Worker(), threading.Event(), threading.Event()
    first = callers.submit(worker.write, lambda: (begun.set(), go_on.wait(DEADLINE_S)))
    begun.wait(DEADLINE_S)
    second = callers.submit(worker.write, lambda: "done")
    eventually(lambda: len(worker._writes) == 1)
    closing = callers.submit(worker.close)
    eventually(lambda: not worker._open)

    with pytest.raises(DaemonUnavailable, match="stopping"):
        worker.query(lambda: None)
    go_on.set()
    closing.result(DEADLINE_S)

    assert first.result(DEADLINE_S)
    assert second.result(DEADLINE_S) == "done"


def test_a_recall_is_answered_while_a_long_batch_is_embedded(desk: Desk, callers: ThreadPoolExecutor) -> None:
    """The same through the engine: the query sees the state before the batch, and the batch arrives whole."""
    desk.remember("a note from before")
    answers: list[list[str]] = []
    waiting = desk.service._worker._queries

    def ask_in_between() -> None:
        if not answers:
            callers.submit(lambda: answers.append(desk.found("note")))
            eventually(lambda: len(waiting) == 1)
        else:
            eventually(lambda: answers[0] is not None)

    desk.embedder.between_slices = ask_in_between
    desk.call("remember", batch=[{"text": f"note {i}", "kind": "turn"} for i in range(24)])
    desk.embedder.between_slices = lambda: None

    assert answers[0] == ["a note from before"]
    assert len(desk.found("note")) == 25


def test_many_threads_may_write_and_ask_at_once(desk: Desk, callers: ThreadPoolExecutor) -> None:
    """Thread-safe: every acknowledged memory is there, each answer is whole."""

    def work(number: int) -> str:
        memory_id = desk.remember(f"note {number}")
        assert desk.call("recall", query="note", min_confidence=0)["hits"]
        return memory_id

    ids = {job.result(DEADLINE_S) for job in [callers.submit(work, i) for i in range(24)]}

    assert {hit["memory"]["id"] for hit in desk.hits("note")} == ids
    assert desk.call("log", verify=True)["verified"] is True


def test_what_is_left_for_later_runs_after_the_writes_before_it(worker: Worker) -> None:
    """A job that leaves something behind doesn't wait for it; a write after it finds it done."""
    done: list[str] = []

    worker.query(lambda: worker.later(lambda: done.append("later")))
    worker.write(lambda: done.append("write"))

    assert done == ["later", "write"]


def test_a_fault_of_what_was_left_for_later_is_logged(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for it who could raise it."""

    def fail() -> None:
        raise KeyError("lost")

    worker.later(fail)

    assert worker.write(lambda: 42) == 42
    assert "KeyError: 'lost'" in caplog.text


def test_a_write_that_waits_for_an_occupied_worker_is_given_up_whole(
    worker: Worker, callers: ThreadPoolExecutor
) -> None:
    """Told what it waits for, and not run afterwards: who was told that nothing was changed may say it again."""
    begun, go_on, ran = threading.Event(), threading.Event(), threading.Event()

    def erase() -> None:
        with worker.occupied("memories are being erased"):
            begun.set()
            go_on.wait(DEADLINE_S)

    erasing = callers.submit(worker.write, erase)
    begun.wait(DEADLINE_S)
    with pytest.raises(TimedOut, match="memories are being erased, and changes wait") as caught:
        worker.write(ran.set, patience_s=0.01)
    patient = callers.submit(worker.write, lambda: "written")
    go_on.set()

    assert patient.result(DEADLINE_S) == "written"
    erasing.result(DEADLINE_S)
    assert not ran.is_set()
    assert "slm recall answers" in str(caught.value.hint)


def test_a_write_waits_for_one_that_does_not_occupy_the_worker(worker: Worker, callers: ThreadPoolExecutor) -> None:
    """Each of an import's batches takes a while: patience is for what takes very long alone."""
    begun, go_on = threading.Event(), threading.Event()
    waits = threading.Event()
    callers.submit(worker.write, lambda: (begun.set(), go_on.wait(DEADLINE_S)))
    begun.wait(DEADLINE_S)

    def write() -> str:
        waits.set()
        return worker.write(lambda: "written", patience_s=0.001)

    waiting = callers.submit(write)
    waits.wait(DEADLINE_S)
    go_on.set()

    assert waiting.result(DEADLINE_S) == "written"


def test_a_time_out_of_the_job_itself_is_handed_on(worker: Worker) -> None:
    """It is not taken for impatience, which would wait for ever."""

    def fail() -> None:
        raise TimeoutError("the disk")

    with pytest.raises(TimeoutError, match="the disk"):
        worker.write(fail, patience_s=5.0)

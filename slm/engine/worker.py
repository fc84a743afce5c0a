"""One thread owns the numbers: index, embedder and store are touched by it alone, queries before long ingestion."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from slm.errors import DaemonUnavailable, TimedOut

REPEAT = "repeat the command when it is done; slm recall answers meanwhile"

Result = TypeVar("Result")
Job = tuple[Future[Any], Callable[[], Any]]


class Worker:
    """Runs jobs one at a time; a query waits for one embedding slice of a long write, never for the whole.

    A job that takes long calls :meth:`serve_queries` between its slices. Because no two jobs ever overlap, what they
    share needs no locks and every query sees the state between two writes or between two slices of one.
    """

    def __init__(self, name: str = "slm-numeric") -> None:
        self._queries: deque[Job] = deque()
        self._writes: deque[Job] = deque()
        self._wake = threading.Condition()
        self._open = True
        self._occupied: str | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def query(self, job: Callable[[], Result]) -> Result:
        """Run ``job`` ahead of all writes and return what it returns or raise what it raises."""
        return self._submit(self._queries, job)

    def write(self, job: Callable[[], Result], patience_s: float | None = None) -> Result:
        """Run ``job`` after the writes before it.

        Where the worker is :meth:`occupied` it waits no longer than ``patience_s``, then the job is given up and
        :class:`TimedOut` raised.
        """
        if threading.current_thread() is self._thread:
            return job()
        future = self._put(self._writes, job)
        while True:
            try:
                return future.result(patience_s)
            except TimeoutError:
                if future.done():  # the job's own
                    raise
                if (by := self._occupied) is not None and future.cancel():
                    raise TimedOut(f"{by}, and changes wait for that; nothing was changed", hint=REPEAT) from None

    @contextmanager
    def occupied(self, by: str) -> Iterator[None]:
        """A job that takes long while queries are served, said so to writes that wait in vain."""
        self._occupied = by
        try:
            yield
        finally:
            self._occupied = None

    def later(self, job: Callable[[], object]) -> None:
        """Run ``job`` after the writes before it, and don't wait for it; what it raises is logged as a traceback."""
        self._put(self._writes, job).add_done_callback(Future.result)

    def serve_queries(self) -> None:
        """Run the queries that wait now; called on the worker's own thread by a long job."""
        while self._queries:
            self._finish(self._queries.popleft())

    def close(self) -> None:
        """Finish what was submitted, refuse the rest, and end the thread."""
        with self._wake:
            self._open = False
            self._wake.notify()
        self._thread.join()

    def _submit(self, queue: deque[Job], job: Callable[[], Result]) -> Result:
        if threading.current_thread() is self._thread:
            return job()
        return self._put(queue, job).result()

    def _put(self, queue: deque[Job], job: Callable[[], Result]) -> Future[Result]:
        future: Future[Result] = Future()
        with self._wake:
            if not self._open:
                raise DaemonUnavailable("the daemon is stopping", hint="try again: it starts by itself")
            queue.append((future, job))
            self._wake.notify()
        return future

    def _run(self) -> None:
        while True:
            with self._wake:
                while self._open and not self._queries and not self._writes:
                    self._wake.wait()
                if not self._queries and not self._writes:
                    return
                job = self._queries.popleft() if self._queries else self._writes.popleft()
            self._finish(job)

    @staticmethod
    def _finish(job: Job) -> None:
        future, call = job
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001  -- handed to the caller, who raises it
            future.set_exception(error)

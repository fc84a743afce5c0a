from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from slm.bench.corpus import notes
from tests.end_to_end.home import Home

QUESTIONS = ["which port does the search service listen on", "who prefers risotto for lunch", "backup of billing"]


def _asked(home: Home) -> list[str]:
    """What ``recall --json --why`` says of the questions, without the times and the number of the recall."""
    asked = {"why": True, "answer": True, "now": "2026-06-01T12:00", "min_confidence": 0}
    with home.json() as client:
        answers = [client.call("recall", query=question, **asked) for question in QUESTIONS]
    return [json.dumps({k: v for k, v in one.items() if k not in ("timings_ms", "recall_id")}) for one in answers]


@contextmanager
def _busy(home: Home) -> Iterator[None]:
    """Meanwhile one program writes into another profile, and one asks this one."""
    done = threading.Event()

    def write() -> None:
        with home.json() as client:
            for i in count():
                client.call("remember", text=f"note {i} of someone else", profile="other")
                if done.is_set():
                    return

    def ask() -> None:
        with home.json() as client:
            while not done.is_set():
                client.call("recall", query="who signs off deploys", limit=3)

    threads = [threading.Thread(target=write), threading.Thread(target=ask)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_an_answer_is_the_same_under_load_after_a_restart_and_on_two_threads(home: Home) -> None:
    """design/retrieval.md, bars: the same query again, after a restart, under load, on one or two threads: identical.

    The first answers come from the numpy kernels, later ones from the compiled ones as soon as these are ready.
    """
    home.slm("config", "set", "embed.threads", "1")
    records = "".join(json.dumps({"text": text}) + "\n" for text in notes(60, seed=5))
    assert home.slm("remember", "--batch", "-", stdin=records.encode()).code == 0

    quiet = _asked(home)
    with _busy(home):
        loaded = _asked(home)
    home.stop()
    home.slm("config", "set", "embed.threads", "2")
    restarted = _asked(home)

    assert loaded == quiet
    assert restarted == quiet
    assert all('"why": {"meaning"' in each for each in quiet)

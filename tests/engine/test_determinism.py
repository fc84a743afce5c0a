"""The same store and question give the same bytes: whatever else runs, on however many threads, with either kernels."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from slm.bench.corpus import notes
from slm.embed.onnx import Embedder
from slm.engine.engine import Engine
from slm.geometry.backend import compiled
from slm.retrieval import semantic
from tests.engine.desk import Desk

NOTES = list(notes(120, seed=3))
TURNS = ["I moved to Graz in May.", "Lovely! Which street?", "Sporgasse, next to the bakery.", "When do you visit?"]
QUESTIONS = [
    "which port does the search service listen on",
    "who prefers risotto for lunch",
    "where did Ana move last year",
    "when does Ben visit Graz",
    "backup of billing",
    "did anybody take chess lessons in March 2019?",
]
ROUNDS = 3


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A store with notes, turns of two speakers, what was corrected and what was learnt from use."""
    made = tmp_path_factory.mktemp("store")
    made.chmod(0o700)
    desk = Desk(made, embedder)
    desk.call("remember", batch=[{"text": text, "tags": ["note"]} for text in NOTES])
    for i, text in enumerate(TURNS):
        desk.remember(text, kind="turn", speaker=("Ana", "Ben")[i % 2], session="s1", at=f"2026-05-0{i + 1}")
    desk.call("correct", id=desk.remember("the search service listens on 7001"), text="the search service is on 7002")
    for _ in range(9):
        desk.call("used", id=desk.hits(QUESTIONS[1])[1]["memory"]["id"])
    assert desk.hits(QUESTIONS[1], why=True)[0]["weights"], "something was learnt"
    desk.service.close()
    return made


@pytest.fixture
def opened(root: Path, embedder: Embedder) -> Iterator[Callable[..., Desk]]:
    """Opens the store anew, one desk after the other: what a restart does."""
    held: list[Desk] = []

    def close() -> None:
        while held:
            held.pop().service.close()

    def open_anew(model: Embedder = embedder) -> Desk:
        close()
        held.append(Desk(root, model))
        return held[-1]

    yield open_anew
    close()


@pytest.fixture
def quiet(opened: Callable[..., Desk]) -> bytes:
    """What is answered when nothing else runs: one thread, numpy."""
    return _answers(opened())


def _answers(desk: Desk) -> bytes:
    """``recall --json --why`` of all questions without the times and the number of the recall, which is drawn."""
    asked = [
        desk.call("recall", query=query, why=True, answer=True, now="2026-06-01T12:00", zone="UTC", limit=20)
        for query in QUESTIONS
    ]
    stripped = [{k: v for k, v in one.items() if k not in ("timings_ms", "recall_id")} for one in asked]
    return json.dumps(stripped).encode()


def test_the_same_question_gives_the_same_bytes_again_and_after_a_restart(
    quiet: bytes, opened: Callable[..., Desk]
) -> None:
    """design/retrieval.md, bars: again and again, after a restart, identical ids and scores."""
    desk = opened()

    assert [_answers(desk) for _ in range(ROUNDS)] == [quiet] * ROUNDS
    assert b'"why": {"meaning"' in quiet, "terms are compared too"


def test_writes_and_other_recalls_meanwhile_change_nothing(quiet: bytes, opened: Callable[..., Desk]) -> None:
    """Under load: another profile is written, and this one asked by others who look at other things."""
    desk, done = opened(), threading.Event()
    failed: list[BaseException] = []

    def meanwhile(work: Callable[[int], object]) -> threading.Thread:
        def run() -> None:
            try:
                for i in count():
                    if done.is_set():
                        return
                    work(i)
            except BaseException as error:  # noqa: BLE001  -- shown by the test's own thread
                failed.append(error)

        return threading.Thread(target=run)

    busy = [
        meanwhile(lambda i: desk.remember(f"note {i} of someone else", profile="other")),
        meanwhile(lambda i: desk.call("remember", batch=[{"text": NOTES[i % 120]}] * 9, profile="other", force=True)),
        meanwhile(lambda i: desk.hits(f"{QUESTIONS[i % 6]} {i % 7}", as_actor="mcp:other", tag=["note"], limit=3)),
    ]
    for thread in busy:
        thread.start()
    try:
        loaded = [_answers(desk) for _ in range(ROUNDS)]
    finally:
        done.set()
        for thread in busy:
            thread.join()

    assert loaded == [quiet] * ROUNDS
    assert failed == []


def test_the_threads_of_the_embedder_change_nothing(quiet: bytes, opened: Callable[..., Desk]) -> None:
    """embed.threads: the vectors of a question are the same to the bit."""
    assert _answers(opened(Embedder.load("bundled", threads=2))) == quiet


@pytest.mark.parametrize("threads", [1, 2])
def test_compiled_kernels_and_the_threads_of_the_scan_change_nothing(
    quiet: bytes, opened: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """numba where numpy was, on one thread and on two, each with a part of the rows."""
    monkeypatch.setattr(semantic, "ROWS_WORTH_A_THREAD", 16)
    desk, kernels = opened(), compiled()

    def use(engine: Engine) -> None:
        old = engine.index.semantic
        engine.index.semantic = semantic.SemanticChannel(
            old.epoch, kernels, old.codes, old.scales, old.vectors, threads=threads
        )
        engine.index.lexical.kernels = kernels

    desk.service.inspect(use)

    assert _answers(desk) == quiet

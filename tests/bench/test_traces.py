"""Traces: what a history of commits says, and the made ones."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.bench import traces
from slm.bench.traces import bursty, repository, trace_of
from slm.errors import InvalidInput

DAY_S = 86_400


def git(folder: Path, *arguments: str, day: int = 0) -> None:
    """A git command on a day of 1970, with an author of its own."""
    when = f"@{day * DAY_S + 3600} +0000"
    identity = {f"GIT_{role}_{part}": "Ana" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment = {**os.environ, **identity, **dates, **quiet}
    subprocess.run(["git", "-C", str(folder), *arguments], env=environment, check=True, capture_output=True)


def commit(folder: Path, day: int, *files: str) -> None:
    """Change ``files`` and commit them on ``day``."""
    for file in files:
        with (folder / file).open("a") as out:
            out.write(f"{day}\n")
    git(folder, "add", "--", *files)
    git(folder, "commit", "-q", "-m", "more", day=day)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Five commits on days 10, 10, 12, 40 and 41, the last of which deletes a file."""
    git(tmp_path, "init", "-q")
    commit(tmp_path, 10, "a", "b")
    commit(tmp_path, 10, "a")
    commit(tmp_path, 12, "a name with ü")
    commit(tmp_path, 40, "b")
    git(tmp_path, "rm", "-q", "a")
    git(tmp_path, "commit", "-q", "-m", "less", day=41)
    return tmp_path


def rows(trace) -> list[list[int]]:
    """Memory, day, count of every use."""
    return np.stack([trace.memory, trace.day, trace.count], axis=1).tolist()


def test_files_are_memories_and_commits_are_uses(history) -> None:
    """By hand; a deletion is no use."""
    assert rows(repository(history)) == [[0, 10, 2], [1, 10, 1], [2, 12, 1], [1, 40, 1]]


def test_a_short_history_may_count_commits(history) -> None:
    """Each of the first four commits is a day."""
    assert repository(history, commit_is_day=True).day.tolist() == [0, 0, 1, 2, 3]


def test_a_bulk_commit_uses_only_what_it_brings(history, monkeypatch) -> None:
    """A reformatting of everything says nothing about need."""
    monkeypatch.setattr(traces, "BULK_FILES", 2)
    commit(history, 50, "b", "c", "d")

    assert [row for row in rows(repository(history)) if row[1] == 50] == [[3, 50, 1], [4, 50, 1]]


def test_a_folder_without_history_is_refused(tmp_path) -> None:
    """Neither a repository nor one without commits gives a trace."""
    with pytest.raises(InvalidInput, match="no git history"):
        repository(tmp_path / "nowhere")
    git(tmp_path, "init", "-q")
    with pytest.raises(InvalidInput):
        repository(tmp_path)


def test_nothing_used_is_no_trace() -> None:
    """An error that names the trace."""
    with pytest.raises(InvalidInput, match="quiet"):
        trace_of("quiet", [])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30)), min_size=1, max_size=60), st.randoms())
def test_a_trace_has_no_order_but_that_of_its_days(uses, random) -> None:
    """Every use is counted once, in any order of arrival; numbers follow first uses."""
    trace = trace_of("x", uses)

    assert trace.sha256 == trace_of("x", random.sample(uses, len(uses))).sha256
    assert int(trace.count.sum()) == len(uses)
    assert (np.diff(trace.day) >= 0).all()
    assert (np.diff([int(np.argmax(trace.memory == i)) for i in range(int(trace.memory.max()) + 1)]) > 0).all()


def test_a_made_trace_repeats_with_its_seed_and_is_bursty() -> None:
    """Gaps between the days of a memory: a Poisson process has their spread at their mean, this one above."""
    trace = bursty(3, 300)
    gaps = np.concatenate([np.diff(trace.day[trace.memory == i]) for i in range(300)])

    assert trace.sha256 == bursty(3, 300).sha256 != bursty(4, 300).sha256
    assert gaps.std() > 1.5 * gaps.mean()
    assert int(trace.day.max()) < traces.SPAN_DAYS

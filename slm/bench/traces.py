"""Traces of use for ``slm bench lifecycle``: which memory was used on which day, from a repository or made."""

from __future__ import annotations

import hashlib
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from slm.errors import InvalidInput

Integers = npt.NDArray[np.int64]

SECONDS_A_DAY = 86_400
BULK_FILES = 50
"""A commit of more files moves or reformats: it uses none of them, but those that it adds are remembered."""

MEMORIES, SPAN_DAYS = 2000, 900
BURSTS_MEAN = 4.0
GAP_SHAPE, LEAST_GAP_DAYS = 0.8, 4.0
"""Days from one burst to the next are Pareto: heavier than an exponential, as in the mails and calls of people."""
USES_IN_A_BURST_MEAN = 3.0


@dataclass(frozen=True, slots=True)
class Trace:
    """Uses (e,), at most one row a memory and day, ordered by day; ``count`` is how often it was used on that day.

    The first use of a memory is its being remembered. Memories are numbered from 0 in the order of their first use.
    """

    name: str
    memory: Integers
    day: Integers
    count: Integers

    @property
    def sha256(self) -> str:
        """The digest of all uses."""
        return hashlib.sha256(np.stack([self.memory, self.day, self.count]).tobytes()).hexdigest()


def trace_of(name: str, uses: Iterable[tuple[str | int, int]]) -> Trace:
    """The trace of ``uses``, pairs of a memory's name and a day in any order. InvalidInput: none at all."""
    counts = Counter(uses)
    if not counts:
        raise InvalidInput(f"{name}: nothing was ever used there")
    numbers: dict[str | int, int] = {}
    rows = [
        (numbers.setdefault(memory, len(numbers)), day, count)
        for (memory, day), count in sorted(counts.items(), key=lambda item: (item[0][1], str(item[0][0])))
    ]
    memory, day, count = np.array(rows, np.int64).T
    return Trace(name, memory, day, count)


def repository(path: Path, *, commit_is_day: bool = False) -> Trace:
    """The history of a git repository: a file is a memory, a commit that touches it a use on the commit's UTC day.

    With ``commit_is_day`` the n-th commit happens on day n, for histories shorter than months. Merges don't count, and
    bulk commits only for the files they bring. InvalidInput: no repository, or no commits.
    """
    command = ["git", "-C", str(path), "log", "--no-merges", "--no-renames", "--reverse", "--diff-filter=AM"]
    run = subprocess.run([*command, "--format=%x01%ct", "--name-only"], capture_output=True, text=True, check=False)
    if run.returncode:
        raise InvalidInput(f"no git history in {path}", hint=run.stderr.strip() or None)
    return trace_of(path.resolve().name, _uses_of_commits(run.stdout, commit_is_day))


def _uses_of_commits(log: str, commit_is_day: bool) -> Iterator[tuple[str, int]]:
    seen: set[str] = set()
    for number, commit in enumerate(log.split("\x01")[1:]):
        when, *lines = commit.splitlines()
        files = [line for line in lines if line]
        for file in files:
            if len(files) <= BULK_FILES or file not in seen:
                yield file, number if commit_is_day else int(when) // SECONDS_A_DAY
        seen.update(files)


def bursty(seed: int, n_memories: int = MEMORIES) -> Trace:
    """A made trace: memories that begin evenly over 900 days and are used in bursts.

    Bursts a memory and uses a burst are geometric, days between bursts Pareto, between the uses of a burst one or two.
    Source: Barabási, The origin of bursts and heavy tails in human dynamics (2005), for gaps with a heavy tail.
    """
    generator = np.random.default_rng(seed)
    return trace_of(f"bursty, seed {seed}", _burst_uses(generator, n_memories))


def _burst_uses(generator: np.random.Generator, n_memories: int) -> Iterator[tuple[int, int]]:
    for memory in range(n_memories):
        day = float(generator.integers(SPAN_DAYS))
        yield memory, int(day)
        for _ in range(int(generator.geometric(1 / BURSTS_MEAN)) - 1):
            day += LEAST_GAP_DAYS * (1.0 + generator.pareto(GAP_SHAPE))
            for _ in range(int(generator.geometric(1 / USES_IN_A_BURST_MEAN))):
                if day < SPAN_DAYS:
                    yield memory, int(day)
                day += float(generator.integers(1, 3))

"""``slm bench watch``: from the last write of a note to the moment that recall can find it, on a real daemon."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from slm.bench.corpus import notes
from slm.bench.imports import own_daemon
from slm.daemon.client import JsonClient
from slm.errors import TimedOut
from slm.paths import Paths

BAR_S = 2.0
LOOK_S = 0.01
PATIENCE_S = 300.0


def run(rounds: int = 20, burst: int = 1000, seed: int = 7) -> dict[str, Any]:
    """Edits one at a time beside ``burst`` notes, and these notes written at once."""
    texts = list(notes(burst + rounds, seed))
    with own_daemon() as paths, tempfile.TemporaryDirectory(prefix="slm-notes-") as folder:
        return measure(paths, Path(folder), texts[:burst], texts[burst:])


def measure(paths: Paths, folder: Path, burst: list[str], edits: list[str]) -> dict[str, Any]:
    """Seconds from the end of the burst, and from each edit of one note, until the store holds what was written."""
    with JsonClient(paths, PATIENCE_S) as client:
        client.call("watch_add", path=str(folder.resolve()))
        _until(lambda: _watch(client)["rounds"])
        for number, text in enumerate(burst):
            (folder / f"{number}.md").write_text(f"# Note {number}\n\n{text}\n", encoding="utf-8")
        burst_s = _until(lambda: _watch(client)["memories"] == len(burst))
        latencies = [_edit_s(client, folder / "0.md", f"# Note 0\n\n{text}\n") for text in edits]
    return {
        "notes": len(burst),
        "burst_s": round(burst_s, 2),
        "edits": len(edits),
        "median_s": round(float(np.median(latencies)), 3),
        "longest_s": round(max(latencies), 3),
        "bar_s": BAR_S,
    }


def _edit_s(client: JsonClient, file: Path, text: str) -> float:
    wanted = text.partition("\n\n")[2].strip()
    file.write_text(text, encoding="utf-8")
    return _until(lambda: client.call("list", limit=1, all_scopes=True)["memories"][0]["text"].endswith(wanted))


def _watch(client: JsonClient) -> dict[str, Any]:
    return dict(client.call("watch_list")["watches"][0])


def _until(condition: Callable[[], object]) -> float:
    """Seconds until the condition held. Raises :class:`TimedOut` when it never does."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > PATIENCE_S:
            raise TimedOut("the notes were never taken in", hint="slm daemon logs")
        time.sleep(LOOK_S)
    return time.monotonic() - begun


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    one = f"median {result['median_s']:.2f} s, longest {result['longest_s']:.2f} s of {result['edits']}"
    return (
        f"from the last write to the memory (bar: {result['bar_s']:.0f} s)\n"
        f"  one edit beside {result['notes']:,} notes   {one}\n"
        f"  {result['notes']:,} notes at once, all     {result['burst_s']:.1f} s"
    )

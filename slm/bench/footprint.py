"""``slm bench footprint``: the daemon's memory, the disk a memory takes, a cold start, and the installed size."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from slm.bench.corpus import notes
from slm.bench.imports import BATCH, PATIENCE_S, own_daemon
from slm.bench.stores import batches, median_ms
from slm.daemon.client import JsonClient
from slm.daemon.process import stop
from slm.paths import Paths

COLD_STARTS = 5


def run(count: int = 10_000, seed: int = 7) -> dict[str, Any]:
    """Fill a store through a real daemon, then measure it."""
    with own_daemon() as paths:
        with JsonClient(paths, PATIENCE_S) as client:
            for batch in batches(list(notes(count, seed)), BATCH):
                client.call("remember", batch=[{"text": text} for text in batch], actor="import:bench")
            for text in notes(50, seed + 1):
                client.call("recall", query=text)
            status = client.call("status")
        colds = [_cold_recall(paths) for _ in range(COLD_STARTS)]
    return {
        "memories": count,
        "seed": seed,
        "kernels": status["kernels"],
        "private_bytes": status["memory_bytes"]["private"],
        "disk_bytes_a_memory": round(status["disk_bytes"] / count),
        "cold_recall_ms": median_ms(colds),
        "installed_bytes": installed_bytes(),
    }


def _cold_recall(paths: Paths) -> float:
    """Seconds of ``slm recall`` when no daemon runs."""
    stop(paths)
    script = Path(sysconfig.get_path("scripts"), "slm")
    begun = time.perf_counter()
    subprocess.run([script, "recall", "which port does billing use"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def installed_bytes() -> int:
    """Bytes on disk of slm and everything it needs at run time, byte code included, as this environment holds it."""
    seen: set[str] = set()
    waiting = ["slm-memory"]
    total = 0
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        waiting += [_name(requirement) for requirement in found.requires or () if "extra ==" not in requirement]
        total += sum(_size(Path(str(found.locate_file(file)))) for file in found.files or ())
    return total + (_size_of_tree(Path(__file__).parents[1]) if _editable() else 0)


def _name(requirement: str) -> str:
    end = next((i for i, c in enumerate(requirement) if not (c.isalnum() or c in "-_.")), len(requirement))
    return requirement[:end]


def _size(path: Path) -> int:
    """A file with the byte code beside it."""
    files = [path]
    if path.suffix == ".py":
        files.append(path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc")
    return sum(os.stat(file).st_blocks * 512 for file in files if file.is_file())  # noqa: PTH116


def _size_of_tree(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


def _editable() -> bool:
    return not Path(__file__).is_relative_to(sysconfig.get_path("purelib"))


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    mega = 1e6
    return (
        f"{result['memories']:,} memories, {result['kernels']} kernels\n"
        f"  daemon, private memory     {result['private_bytes'] / mega:.0f} MB\n"
        f"  disk a memory              {result['disk_bytes_a_memory']:,} bytes\n"
        f"  slm recall, no daemon up   {result['cold_recall_ms'] / 1e3:.2f} s (median of {COLD_STARTS})\n"
        f"  installed size             {result['installed_bytes'] / mega:.0f} MB"
    )

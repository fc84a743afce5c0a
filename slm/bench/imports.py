"""``slm bench import``: short notes through a real daemon, against the bare embedder in the same run."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slm.bench.corpus import notes
from slm.bench.stores import batches
from slm.daemon.client import JsonClient
from slm.daemon.process import start, stop
from slm.embed.onnx import Embedder
from slm.paths import Paths

BATCH = 256
PATIENCE_S = 600.0


@contextmanager
def own_daemon() -> Iterator[Paths]:
    """A daemon on an empty data root of its own, in folders that vanish."""
    with tempfile.TemporaryDirectory(prefix="slm-") as home:
        environ = {**os.environ, "HOME": home, "SLM_DATA_DIR": f"{home}/data", "SLM_SOCKET": f"{home}/s"}
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "SLM_CONFIG"):
            environ.pop(name, None)
        kept = dict(os.environ)
        os.environ.clear()
        os.environ.update(environ)
        paths = Paths(environ)
        try:
            start(paths)
            yield paths
        finally:
            stop(paths)
            os.environ.clear()
            os.environ.update(kept)


def run(count: int = 10_000, seed: int = 7) -> dict[str, Any]:
    """Texts a second of both, in alternating batches so that a drifting machine slows both alike."""
    embedder = Embedder.load("bundled", 0)
    texts = list(notes(count, seed))
    bare_s = import_s = 0.0
    with own_daemon() as paths, JsonClient(paths, PATIENCE_S) as client:
        _wait_for_kernels(client)
        for batch in batches(texts, BATCH):
            begun = time.perf_counter()
            embedder.embed(list(batch))
            bare_s += time.perf_counter() - begun
            begun = time.perf_counter()
            results = client.call("remember", batch=[{"text": text} for text in batch], actor="import:bench")["results"]
            import_s += time.perf_counter() - begun
            assert all(result["status"] == "stored" for result in results), "every note is new and none is refused"
        disk = client.call("status")["disk_bytes"]
    return {
        "notes": count,
        "seed": seed,
        "bare_per_s": round(count / bare_s, 1),
        "import_per_s": round(count / import_s, 1),
        "ratio": round(bare_s / import_s, 3),
        "disk_bytes_a_memory": round(disk / count),
    }


def _wait_for_kernels(client: JsonClient) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while client.call("status")["kernels"] != "compiled" and time.monotonic() < deadline:
        time.sleep(0.1)


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    return (
        f"{result['notes']:,} short notes in batches of {BATCH}, embedder and import in turns\n"
        f"  bare embedder   {result['bare_per_s']:.0f} notes/s\n"
        f"  import          {result['import_per_s']:.0f} notes/s, {result['ratio']:.2f} x\n"
        f"  on disk         {result['disk_bytes_a_memory']:,} bytes a memory"
    )

"""The commands of ``slm bench``: each runs a measurement and prints its table, or the result as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

import slm

app = typer.Typer(
    name="bench",
    help="Measure slm on this machine; every command prints its baseline from the same run.",
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, with commit and processor.")]
Seed = Annotated[int, typer.Option(help="Seed of the made notes.")]
Memories = Annotated[int, typer.Option(help="How many memories.")]


def run(argv: list[str]) -> int:
    """Run one benchmark command and return its exit code."""
    return int(typer.main.get_command(app).main(args=argv, prog_name="slm bench", standalone_mode=False) or 0)


def _print(result: dict[str, Any], table: Callable[[dict[str, Any]], str], *, as_json: bool) -> None:
    typer.echo(json.dumps({**provenance(), **result}) if as_json else table(result))


def provenance() -> dict[str, Any]:
    """What a result file carries: version, commit where known, processor and cores."""
    source = Path(slm.__file__).parents[1]
    git = ["git", "-C", str(source), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    model = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    processor = model[0] if model else platform.machine()
    return {"version": slm.__version__, "commit": commit or None, "processor": processor, "cores": os.cpu_count()}


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


@app.command("client")
def client_(as_json: Json = False) -> None:
    """Wall time of a recall through the thin client, less the server's, against an empty Python."""
    from slm.bench import client

    _print(client.run(), client.table, as_json=as_json)


@app.command("store")
def store_(as_json: Json = False) -> None:
    """Durable writes, single and grouped, against a bare fdatasync."""
    from slm.bench import store

    _print(store.run(), store.table, as_json=as_json)


@app.command("embed")
def embed_(as_json: Json = False) -> None:
    """The embedder alone: texts a second and milliseconds a text."""
    from slm.bench import embed

    _print(embed.run(), embed.table, as_json=as_json)


@app.command("words")
def words_(seed: Seed = 0, as_json: Json = False) -> None:
    """BM25 over 100,000 made documents, against SQLite FTS5."""
    from slm.bench import lexical

    _print(lexical.run(seed=seed), lexical.table, as_json=as_json)


@app.command("scan")
def scan_(
    size: Annotated[list[int] | None, typer.Option(help="How many rows; may be given several times.")] = None,
    threads: Annotated[int, typer.Option(help="Threads of both.")] = 1,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Top 10 by Fisher-Rao codes with an exact rerank, against a numpy cosine scan."""
    import numpy as np

    from slm.bench import scan
    from slm.bench.corpus import notes
    from slm.embed.onnx import Embedder

    sample = Embedder.load("bundled", 0).embed(list(notes(4000, seed)))
    embeddings = np.stack([embedding.mean for embedding in sample])
    _print(scan.run(embeddings, size or [100_000], threads, seed), scan.table, as_json=as_json)


@app.command("recall")
def recall_(memories: Memories = 100_000, seed: Seed = 7, as_json: Json = False) -> None:
    """Every stage of a warm recall but the embedding, against the embedding of a 12-token query."""
    from slm.bench import recall

    _print(recall.run(memories, seed), recall.table, as_json=as_json)


@app.command("import")
def import_(memories: Memories = 10_000, seed: Seed = 7, as_json: Json = False) -> None:
    """Short notes through a real daemon, against the bare embedder."""
    from slm.bench import imports

    _print(imports.run(memories, seed), imports.table, as_json=as_json)


@app.command("footprint")
def footprint_(memories: Memories = 10_000, seed: Seed = 7, as_json: Json = False) -> None:
    """Memory of the daemon, disk a memory, a cold start, installed size."""
    from slm.bench import footprint

    _print(footprint.run(memories, seed), footprint.table, as_json=as_json)


@app.command("locomo")
def locomo_(
    file: Annotated[Path, typer.Argument(help="A file in LoCoMo's own format.", exists=True, dir_okay=False)],
    conversation: Annotated[str | None, typer.Option(help="One conversation only, such as conv-26.")] = None,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Evidence recall on LoCoMo, against each channel alone."""
    from slm.bench import locomo

    _print(locomo.run(file, conversation, seed), locomo.table, as_json=as_json)


@app.command("audit")
def audit_(
    size: Annotated[list[int] | None, typer.Option(help="How many claims; may be given several times.")] = None,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """The claim sheaf: write check and audit from nothing, against a pairwise check of subject and attribute."""
    from slm.bench import audit

    _print(audit.run(size or [10_000, 100_000], seed), audit.table, as_json=as_json)


@app.command("all")
def all_() -> None:
    """Every benchmark that needs no data of others, one after another."""
    for name in ("client", "store", "embed", "words", "scan", "recall", "import", "footprint"):
        typer.echo(f"\n== slm bench {name}")
        run([name])

"""The commands of ``slm bench``: each runs a measurement and prints its table, or the result as JSON."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Callable
from enum import StrEnum
from functools import cache
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
Seed = Annotated[int, typer.Option(help="Seed of what is made or drawn.")]
Memories = Annotated[int, typer.Option(help="How many memories.", min=1)]
Quick = Annotated[bool, typer.Option("--quick", help="Recall as it is and single channels only.")]
File = Annotated[Path, typer.Argument(help="A file in LoCoMo's own format.", exists=True, dir_okay=False)]
Folder = Annotated[Path, typer.Argument(help="A folder with the set's JSON lines.", exists=True, file_okay=False)]
SetPath = Annotated[Path, typer.Argument(help="A file of LoCoMo's, or a folder of another set.", exists=True)]
SetFolder = Annotated[Path | None, typer.Option(help="A folder with the set's files.", exists=True, file_okay=False)]


class Dealt(StrEnum):
    """Metadata that can be dealt out anew."""

    AUTHORS = "authors"
    SESSIONS = "sessions"
    HISTORIES = "histories"


def run(argv: list[str]) -> int:
    """Run one benchmark command and return its exit code."""
    provenance()  # of the program as it starts, not as it stands after an hour of measuring
    return int(typer.main.get_command(app).main(args=argv, prog_name="slm bench", standalone_mode=False) or 0)


def _print(result: dict[str, Any], table: Callable[[dict[str, Any]], str], *, as_json: bool) -> None:
    typer.echo(json.dumps({**provenance(), **result}) if as_json else table(result))


@cache
def provenance() -> dict[str, Any]:
    """What a result file carries: version, commit where known ("-dirty" with changes), processor and cores."""
    source = Path(slm.__file__).parents[1]
    git = ["git", "-C", str(source), "describe", "--always", "--dirty", "--exclude=*"]
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


@app.command("mcp")
def mcp_(seed: Seed = 7, as_json: Json = False) -> None:
    """An agent's handshake through the relay, against an empty Python; twelve agents at once."""
    from slm.bench import mcp

    _print(mcp.run(seed), mcp.table, as_json=as_json)


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
    size: Annotated[list[int] | None, typer.Option(help="How many rows; may be given several times.", min=1)] = None,
    threads: Annotated[int, typer.Option(help="Threads of both.", min=1)] = 1,
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


@app.command("watch")
def watch_(seed: Seed = 7, as_json: Json = False) -> None:
    """From the last write of a note to its memory, one edit and a thousand notes at once."""
    from slm.bench import watch

    _print(watch.run(seed=seed), watch.table, as_json=as_json)


@app.command("hook")
def hook_(seed: Seed = 7, as_json: Json = False) -> None:
    """What an agent waits for a hook: warm daemon, none, one that hangs, garbage; against an empty Python."""
    from slm.bench import hook

    _print(hook.run(seed=seed), hook.table, as_json=as_json)


@app.command("locomo")
def locomo_(
    file: File,
    conversation: Annotated[str | None, typer.Option(help="One conversation only, such as conv-26.")] = None,
    audit: Annotated[Path | None, typer.Option(help="JSON lines with corrected evidence.", exists=True)] = None,
    shuffle: Annotated[Dealt | None, typer.Option(help="Deal these out anew over the turns: wrong metadata.")] = None,
    quick: Quick = False,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """LoCoMo, a store a conversation: is the turn that holds the answer among the first? Abstention, answers."""
    from slm.bench.quality import sets
    from slm.bench.quality.table import table

    result = sets.run_locomo(
        file, conversation=conversation, audit=audit, shuffle=shuffle and shuffle.value, quick=quick, seed=seed
    )
    _print(result, table, as_json=as_json)


def _published(name: str, told: str) -> None:
    """Add the command of a set that is a folder."""

    @app.command(name, help=told)
    def measure(folder: Folder, quick: Quick = False, seed: Seed = 7, as_json: Json = False) -> None:
        from slm.bench.quality import sets
        from slm.bench.quality.table import table

        _print(sets.run(name, folder, quick=quick, seed=seed), table, as_json=as_json)


_published("longmemeval", "LongMemEval, all in one store: is the session that holds the answer among the first?")
_published("beam", "BEAM, a store a conversation: are the turns that hold the answer among the first?")
_published(
    "factconsolidation", "FactConsolidation in one store: is the newest of the facts that override each other first?"
)
_published("cranfield", "Cranfield in one store: abstracts of aeronautics by judged relevance.")


@app.command("mixed")
def mixed_(
    locomo: File,
    longmemeval: Folder,
    beam: Folder,
    factconsolidation: Folder,
    cranfield: Folder,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """LoCoMo's questions to one store of all sets, against a store a conversation."""
    from slm.bench.quality import sets
    from slm.bench.quality.table import table

    folders = {
        "longmemeval": longmemeval, "beam": beam, "factconsolidation": factconsolidation, "cranfield": cranfield
    }  # fmt: skip
    _print(sets.run_mixed(locomo, folders, seed=seed), table, as_json=as_json)


@app.command("summary")
def summary_(results: Folder, readme: Annotated[Path, typer.Option(help="Where the table goes.", exists=True)]) -> None:
    """The README with its quality table written from a folder of result files (the JSON of the five above)."""
    from slm.bench.quality.summary import results_in, written_into

    typer.echo(written_into(readme.read_text(encoding="utf-8"), results_in(results)), nl=False)


@app.command("fit")
def fit_(
    longmemeval: SetFolder = None,
    beam: SetFolder = None,
    factconsolidation: SetFolder = None,
    cranfield: SetFolder = None,
    as_json: Json = False,
) -> None:
    """The weights of recall that published sets would choose, with standard errors, beside the shipped ones."""
    from slm.bench import fit

    folders = {
        "longmemeval": longmemeval, "beam": beam, "factconsolidation": factconsolidation, "cranfield": cranfield
    }  # fmt: skip
    _print(fit.run({name: folder for name, folder in folders.items() if folder}), fit.table, as_json=as_json)


@app.command("audit")
def audit_(
    path: Annotated[
        Path | None,
        typer.Argument(help="Labelled sets, LoCoMo, FactConsolidation or notes; none: made claims.", exists=True),
    ] = None,
    size: Annotated[
        list[int] | None, typer.Option(help="How many made claims; may be given several times.", min=1)
    ] = None,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Contradictions found and false alarms, against two baselines; without a path the time that a check takes."""
    from slm.bench import audit, audit_memories, audit_sets

    if path is None:
        _print(audit.run(size or [10_000, 100_000], seed), audit.table, as_json=as_json)
        return
    embed = audit_sets.bundled()
    known = audit_memories.read(path)
    if known is None:
        _print(audit_sets.run(path, embed), audit_sets.table, as_json=as_json)
    else:
        _print(audit_memories.run(known, path, embed), audit_memories.table, as_json=as_json)


@app.command("lifecycle")
def lifecycle_(
    repositories: Annotated[
        list[Path] | None, typer.Argument(help="Git repositories: a file is a memory, a commit a use.", exists=True)
    ] = None,
    commit_is_day: Annotated[
        bool, typer.Option("--commit-is-day", help="Count commits instead of days, for short histories.")
    ] = False,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Which memories will be needed: hit rate under a budget and calibration, against other rules of forgetting."""
    from slm.bench import lifecycle

    _print(lifecycle.run(repositories or [], commit_is_day=commit_is_day, seed=seed), lifecycle.table, as_json=as_json)


@app.command("learning")
def learning_(data: SetPath, seed: Seed = 7, as_json: Json = False) -> None:
    """Points of nDCG@10 that reports of use gain while they are learnt from, and that random ones cost."""
    from slm.bench import learning

    _print(learning.run(data, seed=seed), learning.table, as_json=as_json)


@app.command("small")
def small_(data: SetPath, seed: Seed = 7, as_json: Json = False) -> None:
    """Stores of 1, 3, 10 and 30 memories: how often recall abstains on what they hold, and on what they don't."""
    from slm.bench.quality import small

    _print(small.run(data, seed=seed), small.table, as_json=as_json)


@app.command("all")
def all_() -> None:
    """Every benchmark that needs no data of others, one after another."""
    for name in (
        "client", "mcp", "store", "embed", "words", "scan", "recall", "import", "footprint", "lifecycle", "watch",
        "hook", "audit",
    ):  # fmt: skip
        typer.echo(f"\n== slm bench {name}")
        run([name])

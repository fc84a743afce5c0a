"""How the daemon and a store are: status, stats, doctor."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from slm import __version__
from slm.counted import ENTRIES, MEMORIES, counted
from slm.engine.agent_log import connected_agents, hook_counts
from slm.engine.backups import last
from slm.engine.learning import JOURNALLED, as_journalled
from slm.engine.live_sheaf import LiveSheaf
from slm.engine.phases import counts
from slm.engine.request import Request
from slm.engine.watch_board import TROUBLED
from slm.engine.watches import list_watches, watches
from slm.errors import SlmError
from slm.model import HeadFlag

LOW_DISK_BYTES = 256 << 20


def status(request: Request) -> dict[str, Any]:
    """The state of the daemon and of this profile, in numbers that cost next to nothing to take."""
    engine, service = request.engine, request.service
    flags, lifecycles, sheaf = engine.index.columns["flags"], engine.index.lifecycles, engine.sheaf
    live = np.flatnonzero(engine.index.columns.live())
    with engine.store.read() as reader:
        entries, head = reader.journal_head()
        backup = last(reader)
    return {
        "version": __version__,
        "pid": os.getpid(),
        "socket": service.socket(),
        "root": str(service.root),
        "profile": engine.store.folder.name,
        "memories": {
            "total": int((flags & HeadFlag.ERASED == 0).sum()),
            "live": len(live),
            "forgotten": int((flags & (HeadFlag.FORGOTTEN | HeadFlag.ERASED) == HeadFlag.FORGOTTEN).sum()),
            "erased": int((flags & HeadFlag.ERASED != 0).sum()),
            "corrected": int((flags & HeadFlag.NEVER_TRUE != 0).sum()),
            "superseded": int((flags & HeadFlag.SUPERSEDED != 0).sum()),
            "private": int((flags & HeadFlag.PRIVATE != 0).sum()),
            "pinned": int((flags & HeadFlag.PINNED != 0).sum()),
        },
        "phases": counts(lifecycles, live, request.day) if lifecycles.enabled else {},
        "truth": {
            "contradictions": len(sheaf.open(sheaf.sheaf.conflicts())) if sheaf.ready else None,
            "claims": sum(map(len, sheaf.held.values())),
        },
        "journal": {"entries": entries, "head": head.hex()},
        "backup": backup,
        "model": {"name": engine.embedder.name, "sha256": engine.embedder.sha256, "dims": engine.embedder.dims},
        "kernels": service.kernels.name,
        "epoch": engine.index.epoch.number,
        "memory_bytes": memory_bytes(),
        "disk_bytes": engine.store.disk_bytes(),
        "uptime_s": round(time.time() - service.started_s, 1),
        "watches": _watch_counts(request),
        "agents": connected_agents(service.root),
        "hooks": hook_counts(service.root, time.time()),
        "notes": [*engine.embedder.warnings, *engine.index.healed],
    }


def _watch_counts(request: Request) -> dict[str, int]:
    with request.engine.store.read() as reader:
        numbers = [watch.number for watch in watches(reader)]
    profile = request.engine.store.folder.name
    states = [request.service.board.report(profile, number).state for number in numbers]
    return {"total": len(states), "troubled": sum(state in TROUBLED for state in states)}


def memory_bytes() -> dict[str, int]:
    """Private and resident memory of this process, from the kernel's own accounting."""
    rollup = Path("/proc/self/smaps_rollup").read_text()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return {"private": private * 1024, "rss": kilobytes["Rss"] * 1024}


def stats(request: Request) -> dict[str, Any]:
    """Counts of the live memories by every exact property, and how fast operations were answered."""
    tallies = {name: Counter[str]() for name in ("kind", "scope", "source", "actor", "speaker")}
    words, times = 0, []
    with request.engine.store.read() as reader:
        for ordinal in range(reader.n_memories):
            memory = reader.memory(ordinal)
            if memory.live:
                words += len(memory.text.split())
                times.append(memory.observed_at)
                for name, counter in tallies.items():
                    counter[getattr(memory, name) or "none"] += 1
        n_chunks = reader.n_chunks
    return {
        **{f"by_{name}": dict(counter.most_common()) for name, counter in tallies.items()},
        "memories": len(times),
        "words": words,
        "chunks": n_chunks,
        "first": min(times, default=None),
        "last": max(times, default=None),
        "disk": {"bytes": request.engine.store.disk_bytes()},
        "timings_ms": request.service.medians_ms(),
    }


def doctor(request: Request) -> dict[str, Any]:
    """Checks of what only the daemon can see; the client adds its own."""
    checks = {
        "model": _model,
        "store": _store,
        "journal": _journal,
        "disk": _disk,
        "index": _index,
        "claims": _claims,
        "weights": _weights,
        "watches": _watches,
    }
    return {"checks": [_checked(name, check, request) for name, check in checks.items()]}


def _checked(name: str, check: Callable[[Request], str], request: Request) -> dict[str, Any]:
    try:
        return {"name": name, "ok": True, "detail": check(request), "fix": None}
    except SlmError as error:
        return {"name": name, "ok": False, "detail": error.message, "fix": error.hint}


def _model(request: Request) -> str:
    embedder = request.engine.embedder
    return "; ".join([f"{embedder.name}, sha256 {embedder.sha256[:12]}… verified", *embedder.warnings])


def _store(request: Request) -> str:
    with request.engine.store.read() as reader:
        for ordinal in range(reader.n_memories):
            reader.memory(ordinal)
            reader.chunks_of(ordinal)
        return f"{counted(reader.n_memories, *MEMORIES)}, every checksum right"


def _journal(request: Request) -> str:
    with request.engine.store.read() as reader:
        return f"{counted(sum(1 for _ in reader.verify_journal()), *ENTRIES)}, chain intact"


def _disk(request: Request) -> str:
    free = shutil.disk_usage(request.engine.store.folder).free
    if free < LOW_DISK_BYTES:
        raise SlmError(f"only {free >> 20} MiB are free", hint="make room before slm has to refuse writes")
    return f"{free >> 30} GiB free, the store takes {request.engine.store.disk_bytes() >> 10} KiB"


def _weights(request: Request) -> str:
    learner = request.engine.learning.learner
    with request.engine.store.read() as reader:
        entries = [(entry.op, entry.payload) for entry in reader.entries() if entry.op in JOURNALLED]
    known = [(op, payload) for op, payload in entries if payload is not None]
    if len(known) < len(entries):
        return f"{counted(learner.n_uses, 'use')}; some were erased from the journal, so they can't be replayed"
    if as_journalled(known).learner.to_bytes() != learner.to_bytes():
        raise SlmError("what was learnt isn't what the journal says was used", hint="slm stats weights --reset")
    return f"{counted(learner.n_uses, 'use')}, as the journal replays them"


def _claims(request: Request) -> str:
    engine = request.engine
    live, again = engine.whole_sheaf(), LiveSheaf(engine.store, engine.claims)
    again.finish(engine.others_first)
    if (again.held, again.sheaf.conflicts()) != (live.held, live.sheaf.conflicts()):
        raise SlmError("the claims in memory aren't those of the store", hint="slm daemon restart")
    return f"{counted(sum(map(len, live.held.values())), 'claim')}, as a replay of the store gives them"


def _index(request: Request) -> str:
    healed = request.engine.index.healed
    return "; ".join(healed) if healed else "scan files and postings match the store"


def _watches(request: Request) -> str:
    """What keeps watched folders or files of theirs from being followed."""
    found = list_watches(request)["watches"]
    for watch in found:
        if watch["state"] in TROUBLED:
            raise SlmError(f"{watch['path']} is {watch['state']}: {watch['detail']}", hint="slm watch list")
        if watch["n_problems"]:
            named = watch["problems"][0]
            more = f", and {watch['n_problems'] - 1} more" if watch["n_problems"] > 1 else ""
            problem = f"{watch['path']}/{named['path']} can't be taken in: {named['problem']}{more}"
            raise SlmError(problem, hint="slm watch list; mend the file or leave it out in .gitignore")
    polled = [f"{watch['path']} is looked at every second: {watch['detail']}" for watch in found if watch["detail"]]
    return "; ".join([counted(len(found), "watched folder"), *polled])

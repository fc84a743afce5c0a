"""All profiles of a data root behind one call: the model and the kernels are loaded once, stores on first use."""

from __future__ import annotations

import re
import shutil
import statistics
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.agents import check_agent, checked_caller
from slm.engine.backups import described
from slm.engine.engine import Engine, fingerprint
from slm.engine.fields import Field, check
from slm.engine.free_memory import give_back
from slm.engine.ops import OPS
from slm.engine.reembed import REEMBEDDED_AT_ONCE, reembed
from slm.engine.request import Request
from slm.engine.watch_board import WatchBoard
from slm.engine.withheld import withheld, withholds
from slm.engine.worker import Worker
from slm.errors import DaemonUnavailable, InvalidInput, NotFound, StorageRefused
from slm.geometry.backend import NUMPY, Kernels, compiled
from slm.model import Caller
from slm.store.backup import restore_backup, verify_backup
from slm.store.identity import require_same_embedder

Result = TypeVar("Result")

PROFILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
IDLE_S = 900.0
"""A profile that nobody asked for that long is closed."""
WRITE_PATIENCE_S = 5.0
"""A change waits that long for an erasing, half of what a client waits; a batch waits for its end."""
TIMINGS_KEPT = 256
BATCH_WORTH_GIVING_BACK = 64
"""Records of a batch after which freed memory goes back to the system (5 ms against seconds of embedding)."""
KERNELS_WAIT_S = 3.0
"""The compiled kernels are loaded after the first answer, or that long after the start."""

NAME = {"name": Field("text", "a profile", required=True)}
RESTORE = {
    "name": Field("text", "a profile, default the configured one"),
    "path": Field("path", "a backup, absolute", required=True),
}
OWN_OPS: Mapping[str, Mapping[str, Field]] = {
    "ops": {},
    "profiles": {},
    "profile_create": NAME,
    "profile_delete": NAME,
    "restore": RESTORE,
    "reembed": {
        "name": Field("text", "a profile, default the configured one"),
        "limit": Field("integer", "memories embedded by this call, 1 to 1000; call again until it is 'finished'"),
    },
}


class Service:
    """Thread-safe: any thread may :meth:`call`; the work itself happens on the numeric worker."""

    def __init__(
        self,
        root: Path,
        config: Config,
        *,
        socket: Callable[[], str | None] = lambda: None,
        load: Callable[[], Embedder] | None = None,
        compile_kernels: bool = True,
    ) -> None:
        """``socket`` says where clients find it; ``load`` gives another embedder than the configured one.

        Starts loading the model and, with ``compile_kernels``, the compiled kernels in the background.
        """
        self.root = root
        self.config = config
        self.socket = socket
        self.started_s = time.time()
        self.kernels: Kernels = NUMPY
        self.timings_ms: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=TIMINGS_KEPT))
        self.board = WatchBoard()
        self._worker = Worker()
        self._engines: dict[str, Engine] = {}
        self._asked_s: dict[str, float] = {}
        self._embedder: Future[Embedder] = Future()
        threading.Thread(
            target=self._load_model, args=(load or self._configured,), name="slm-model", daemon=True
        ).start()
        self._answered = threading.Event()
        if compile_kernels:
            threading.Thread(target=self._load_kernels, name="slm-kernels", daemon=True).start()

    def call(self, op: str, fields: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Answer one operation. Raises :class:`SlmError` for everything that a caller can mend."""
        started_ns = time.perf_counter_ns()
        caller = checked_caller(caller)
        fields = _without_tag(op, fields)
        if op in OWN_OPS:
            given = check(op, OWN_OPS[op], fields)
            check_agent(op, given, caller)
            return self._worker.write(lambda: self._own(op, given), WRITE_PATIENCE_S)
        if op not in OPS:
            raise InvalidInput(f"unknown operation {op!r}", hint='{"op": "ops"} lists them')
        given = check(op, OPS[op].fields, fields)
        check_agent(op, given, caller)
        turn = self._worker.query if OPS[op].turn == "query" else partial(self._changing, given)

        def job() -> dict[str, Any]:
            request = Request(self, self._engine(caller.profile), caller, given, started_ns)
            answer = OPS[op].run(request)
            if not withholds(request):
                return answer
            with request.engine.store.read() as reader:
                shown: dict[str, Any] = withheld(reader, answer)
            return shown

        answer = turn(job)
        self._answered.set()
        if len(given.get("batch", ())) > BATCH_WORTH_GIVING_BACK:
            give_back()
        self.timings_ms[op].append((time.perf_counter_ns() - started_ns) / 1e6)
        return answer

    def inspect(self, look: Callable[[Engine], Result], profile: str | None = None) -> Result:
        """What ``look`` returns of an open profile's engine, on the numeric worker; for benchmarks and tests."""
        return self._worker.query(lambda: look(self._engine(profile)))

    def change(self, caller: Caller, change: Callable[[Request], Result]) -> Result:
        """What ``change`` returns, run among the writes: for what changes a store beside the operations."""

        def job() -> Result:
            name = caller.profile or self.config.profile
            if not _is_profile(self.root / name):
                raise NotFound(f"there is no profile {name!r}", hint="slm profile list")
            return change(Request(self, self._engine(caller.profile), caller, {}, time.perf_counter_ns()))

        return self._worker.write(job)

    def close(self) -> None:
        """Finish what was asked, then close every store."""
        self._worker.write(self._close_all)
        self._worker.close()

    def embedder(self) -> Embedder:
        """The embedder, once it is loaded. Raises :class:`ModelUnavailable` as its loading did."""
        return self._embedder.result()

    def medians_ms(self) -> dict[str, dict[str, float]]:
        """How often each operation was asked since the start, and its median time over the last ones."""
        taken = {op: list(times) for op, times in list(self.timings_ms.items())}
        return {op: {"count": len(t), "median": round(statistics.median(t), 2)} for op, t in taken.items() if t}

    def _changing(self, given: Mapping[str, Any], job: Callable[[], Result]) -> Result:
        return self._worker.write(job, None if "batch" in given else WRITE_PATIENCE_S)

    def _engine(self, profile: str | None) -> Engine:
        name = profile or self.config.profile
        self._asked_s[name] = time.monotonic()
        if self._idle():
            self._worker.later(self._close_idle)  # never in between: this may be a query within a write of that profile
        if name not in self._engines:
            folder = self.root / _checked(name)
            self._engines[name] = Engine(folder, self.config, self.embedder(), self._worker, self.kernels)
        return self._engines[name]

    def _own(self, op: str, fields: dict[str, Any]) -> dict[str, Any]:
        if op == "ops":
            tables = {**{name: op.fields for name, op in OPS.items()}, **OWN_OPS}
            return {"ops": {name: {f: field.describe() for f, field in fs.items()} for name, fs in tables.items()}}
        if op == "profiles":
            return {"profiles": [self._profile(path) for path in sorted(self.root.iterdir()) if _is_profile(path)]}
        name = _checked(fields.get("name", self.config.profile))
        if op == "profile_create":
            if _is_profile(self.root / name):
                raise InvalidInput(f"the profile {name!r} exists already")
            self._engine(name)
            return {"name": name}
        if op == "reembed":
            return self._reembed(name, fields.get("limit", REEMBEDDED_AT_ONCE))
        return self._restore(name, Path(fields["path"])) if op == "restore" else self._delete_profile(name)

    def _profile(self, path: Path) -> dict[str, Any]:
        size = sum(file.stat().st_blocks * 512 for file in path.rglob("*") if file.is_file())
        engine = self._engines.get(path.name)
        return {"name": path.name, "memories": engine.index.n_live if engine else None, "disk_bytes": size}

    def _restore(self, name: str, path: Path) -> dict[str, Any]:
        """Make a profile of a backup. One that was used is refused, an empty one gives way."""
        found = verify_backup(path)
        require_same_embedder(found.identity.embedder, fingerprint(self.embedder()), str(path), backup=True)
        if _is_profile(self.root / name):
            if self._engine(name).used:
                hint = "restore into another: slm --profile NAME backup restore FILE; or move its folder aside"
                raise InvalidInput(f"the profile {name!r} isn't empty", hint=hint)
            self._delete_profile(name)
        restore_backup(path, self.root / name)
        return {"name": name, "live": self._engine(name).index.n_live, **described(found)}

    def _reembed(self, name: str, limit: int) -> dict[str, Any]:
        """Some of a profile's memories get vectors of the configured model."""
        if name in self._engines:  # which it couldn't be with vectors of another
            live = len(self._engines[name].index.columns["flags"])
            return {"name": name, "done": live, "total": live, "changed": False, "finished": True}
        return reembed(self.root / name, self.config, self.embedder(), limit)

    def _delete_profile(self, name: str) -> dict[str, Any]:
        folder = self.root / name
        if not _is_profile(folder):
            raise NotFound(f"there is no profile {name!r}", hint="slm profile list")
        if engine := self._engines.pop(name, None):
            engine.close()
        _remove(folder)
        self.board.changed.set()  # its watches end
        return {"name": name}

    def let_go(self, engine: Engine) -> None:
        """Close a profile that broke off half-way; the next call opens it anew."""
        if self._engines.get(engine.store.folder.name) is engine:
            self._engines.pop(engine.store.folder.name).close()

    def _idle(self) -> list[str]:
        """The open profiles that nobody has asked for long."""
        now = time.monotonic()
        return [name for name in self._engines if now - self._asked_s[name] > IDLE_S]

    def _close_idle(self) -> None:
        for name in self._idle():
            self._engines.pop(name).close()

    def _close_all(self) -> None:
        while self._engines:
            self._engines.popitem()[1].close()

    def _configured(self) -> Embedder:
        embed = self.config.embed
        return Embedder.load(embed.model, embed.threads, query_cache=embed.query_cache)

    def _load_model(self, load: Callable[[], Embedder]) -> None:
        try:
            self._embedder.set_result(load())
        except Exception as error:  # noqa: BLE001  -- raised again in every call that needs the model
            self._embedder.set_exception(error)

    def _load_kernels(self) -> None:
        self._answered.wait(KERNELS_WAIT_S)  # the first question shouldn't share its cores with a compiler
        kernels = compiled()

        def adopt() -> None:
            self.kernels = kernels
            for engine in self._engines.values():
                engine.use_kernels(kernels)

        with suppress(DaemonUnavailable):  # closed meanwhile
            self._worker.query(adopt)
        give_back()  # what the compiler took


def _without_tag(op: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields without an ``id`` that names no memory: ``slm-json/1`` echoes it as the request's tag."""
    tagged = "id" in fields and not (op in OPS and "id" in OPS[op].fields)
    return {name: value for name, value in fields.items() if name != "id"} if tagged else fields


def _checked(name: str) -> str:
    if not PROFILE_NAME.match(name):
        raise InvalidInput(f"{name!r} can't name a profile: letters, digits, '.', '_' and '-', at most 64")
    return name


def _remove(folder: Path) -> None:
    """Remove a profile's folder; of a link what it leads to, then the link. Raises :class:`StorageRefused`."""
    try:
        shutil.rmtree(folder.resolve())
        if folder.is_symlink():
            folder.unlink()
    except OSError as error:
        problem = f"the profile can't be deleted wholly: {error.strerror or error}"
        raise StorageRefused(problem, where={"folder": str(folder)}) from error


def _is_profile(path: Path) -> bool:
    return (path / "store.mdb").exists()

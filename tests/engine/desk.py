"""One data root with the engine on it, asked in the words of ``slm-json/1``."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from slm.config import Config
from slm.embed.onnx import Embedder
from slm.engine.engine import Engine
from slm.engine.service import Service
from slm.model import Caller
from tests.engine.stub_embedder import StubEmbedder

SMALL_MAP = 1


class Desk:
    """The engine of one data root, and the person who asks it; ``embedder`` is a stub unless given."""

    def __init__(self, root: Path, embedder: object = None, **overrides: Any) -> None:
        self.root = root
        self.embedder: Any = embedder or StubEmbedder()
        self._config = Config.load(
            None, {"store.map_gib": SMALL_MAP, **{k.replace("__", "."): v for k, v in overrides.items()}}
        )
        self.open()

    def open(self) -> None:
        self.service = Service(
            self.root, self._config, load=lambda: cast("Embedder", self.embedder), compile_kernels=False
        )

    def reopen(self) -> None:
        """What a restart of the daemon does."""
        self.service.close()
        self.open()

    def call(
        self, op: str, *, as_actor: str = "cli", in_scope: str | None = None, cwd: str | None = None,
        zone: str | None = None, profile: str | None = None, **fields: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """One operation by one caller; a trailing underscore keeps ``from_`` out of Python's way."""
        given = {name.removesuffix("_"): value for name, value in fields.items()}
        return self.service.call(op, given, Caller(as_actor, profile, in_scope, cwd, zone))

    def remember(self, text: str, **fields: Any) -> str:
        """Remember a text and return its id."""
        return str(self.call("remember", text=text, **fields)["id"])

    def memory(self, memory_id: str, **fields: Any) -> dict[str, Any]:
        """What ``show`` says of one id to a caller who has recalled nothing, so that it is no use."""
        return dict(self.call("show", **{"as_actor": "script", "id": [memory_id], **fields})["memories"][0])

    def history(self, memory_id: str) -> list[dict[str, Any]]:
        return list(self.memory(memory_id, history=True)["history"])

    def hits(self, query: str, **fields: Any) -> list[dict[str, Any]]:
        """The hits of a recall that may not abstain, unless ``min_confidence`` is given."""
        return list(self.call("recall", query=query, **{"min_confidence": 0, "limit": 100, **fields})["hits"])

    def found(self, query: str, **fields: Any) -> list[str]:
        """The texts of the hits, best first."""
        return [hit["memory"]["text"] for hit in self.hits(query, **fields)]

    def scores(self, query: str, **fields: Any) -> dict[str, float]:
        return {hit["memory"]["id"]: hit["score"] for hit in self.hits(query, **fields)}

    def texts(self, **fields: Any) -> list[str]:
        """The texts that ``list`` shows in every scope, newest first."""
        listed = self.call("list", **{"limit": 1000, "all_scopes": True, **fields})
        return [memory["text"] for memory in listed["memories"]]

    def settle(self) -> None:
        """Wait for what queries have left behind to be written."""
        self.call("ops")

    def exported(self) -> list[dict[str, Any]]:
        """Every record of the whole export, in the order they came."""
        lines, after = [], None
        while True:
            page = self.call("export", after=after)
            lines += page["lines"]
            if (after := page["next"]) is None:
                return lines[1:-1]

    def ops(self) -> list[str]:
        """The operations in the journal, newest first, as ``log`` shows them."""
        return [entry["op"] for entry in self.call("log", limit=1000)["entries"]]

    def entry_of(self, op: str) -> int:
        """The number of the first entry of that operation, housekeeping included."""
        with self.engine().store.read() as reader:
            return next(entry.seq for entry in reader.entries() if entry.op == op)

    def engine(self, profile: str | None = None) -> Engine:
        """The open engine itself, for tests of what no operation shows."""
        return self.service.inspect(lambda engine: engine, profile)

"""Which project an agent works in: its relay's folder, else the roots that its client names, else none."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from slm.daemon.mcp.hello import Hello
from slm.model import Caller
from slm.scope import GLOBAL, scope_of

Origin = Literal["chosen", "folder", "roots", "none"]
ROOTS_S = 2.0
"""How long a first question waits for a client that was asked for its roots."""
MOST_ROOTS = 64


class Place:
    """Where the questions of one connection come from; the folder is looked at with the first question only."""

    def __init__(self, hello: Hello) -> None:
        self._hello = hello
        self._roots: list[str] = []
        self._told = threading.Event()
        self.awaited = False

    @property
    def open(self) -> bool:
        """Whether only the client can tell: no scope was chosen, and the folder belongs to no project."""
        return not self._hello.scope and not self._told.is_set() and scope_of(self._hello.cwd or None) == GLOBAL

    def take_roots(self, answer: Any) -> None:
        """The client's answer to ``roots/list``; what is no file is passed over."""
        roots = answer.get("roots") if isinstance(answer, dict) else None
        uris = [root.get("uri") for root in roots if isinstance(root, dict)] if isinstance(roots, list) else []
        self._roots = folders([uri for uri in uris[:MOST_ROOTS] if isinstance(uri, str)])
        self.awaited = False
        self._told.set()

    def caller(self, actor: str) -> tuple[Caller, Origin]:
        """Who asks from where, and how that is known. Waits for roots that were asked for, not for long."""
        hello = self._hello
        who = Caller(actor, hello.profile or None, zone=hello.zone or None)
        if hello.scope:
            return replace(who, scope=hello.scope, cwd=hello.cwd or None), "chosen"
        if scope_of(hello.cwd or None) != GLOBAL:
            return replace(who, cwd=hello.cwd), "folder"
        if self.awaited and not self._told.wait(ROOTS_S):
            self.awaited = False  # it had its time: the next question doesn't wait again
        root = next((folder for folder in self._roots if scope_of(folder) != GLOBAL), None)
        return (replace(who, cwd=root), "roots") if root else (who, "none")


def folders(uris: Sequence[str]) -> list[str]:
    """The local folders among ``file://`` URIs."""
    return [folder for uri in uris if (folder := _folder(uri)) is not None]


def _folder(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    local = parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/")
    return unquote(parts.path) if local else None

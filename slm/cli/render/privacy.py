"""What ``slm doctor --privacy`` found, for a person to read."""

from __future__ import annotations

from typing import Any

from slm.cli.render.state import size, table
from slm.cli.render.text import Layout
from slm.counted import MEMORIES, counted

MOST_FILES = 12
"""Open files that are named; more are counted, ``--json`` names all."""


def privacy(found: dict[str, Any], layout: Layout) -> list[str]:
    """The answer in a sentence, then what it rests on."""
    shown = [
        *[("tried", f"{what}: {said}") for what, said in _attempts(found["network"])],
        ("sockets", _sockets(found["sockets"])),
        *_repeated("open files", _files(found["files"])),
        *_repeated("stored", [f"{part['what']}: {size(part['bytes'])} in {part['path']}" for part in found["stored"]]),
        ("protection", "files are yours alone (0600) and not encrypted: use an encrypted disk"),
        ("model", f"{found['model']['name']}, {found['model']['file']}, sha256 {found['model']['sha256']}"),
        ("private", _private(found["memories"])),
        ("connected", _connected(found["agents"])),
        ("watched", ", ".join(found["watched"])),
        ("slm ask", _language_model(found["language_model"])),
        ("questions", "never written to the disk; the last 64 of each caller are in the daemon's memory"),
    ]
    return [_verdict(found, layout), "", *table(shown, layout)]


def _verdict(found: dict[str, Any], layout: Layout) -> str:
    if found["network"]["refused"] and not found["sockets"]["internet"]:
        return layout.paint("good", "ok ") + f"  slm opens no network socket (daemon {found['pid']})"
    return layout.paint("bad", "BAD") + f"  the daemon ({found['pid']}) could use the network: slm daemon restart"


def _private(memories: dict[str, int]) -> str:
    return f"{memories['private']} of {counted(memories['live'], *MEMORIES)}, never shown to agents"


def _attempts(network: dict[str, Any]) -> list[tuple[str, str]]:
    said = network["said"] if network["refused"] else ["not refused"] * len(network["tried"])
    return list(zip(network["tried"], said, strict=True))


def _sockets(sockets: dict[str, Any]) -> str:
    listening = f", {', '.join(sockets['listening'])}" if sockets["listening"] else ""
    internet = "; ".join(sockets["internet"]) or "none to a network"
    return f"{sockets['unix']} Unix{listening}; {internet}"


def _files(files: list[str]) -> list[str]:
    more = [f"… and {len(files) - MOST_FILES} more"] if len(files) > MOST_FILES else []
    return files[:MOST_FILES] + more


def _repeated(name: str, values: list[str]) -> list[tuple[str, str]]:
    """One row a value, the name at the first only."""
    return [(name if i == 0 else " " * (i > 0), value) for i, value in enumerate(values)]


def _connected(agents: list[str]) -> str:
    if not agents:
        return "no agent"
    return f"{', '.join(agents)}. What an agent recalls goes wherever its model runs"


def _language_model(url: str | None) -> str:
    return f"sends what it recalls to {url}, from the command, never the daemon" if url else "off: no server is named"

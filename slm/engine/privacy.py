"""What a privacy officer asks of the running daemon: can it reach a network, what does it hold open, what lies where.

The network is tried for real; sockets and files are read from the kernel's own tables, not from what slm thinks.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import numpy as np

from slm.engine.agent_log import connected_agents
from slm.engine.request import Request
from slm.engine.watches import watches
from slm.model import HeadFlag
from slm.store.folder import disk_files

DESCRIPTORS = Path("/proc/self/fd")
NETWORK_TABLES = ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6")
"""The kernel's tables of internet sockets below /proc/self/net; the inode is the tenth word of a line."""
INODE_WORD = 9


def run(request: Request) -> dict[str, Any]:
    """The network tried, the open sockets and files of this process, what is stored where, and the model's file."""
    engine, service = request.engine, request.service
    flags = engine.index.columns["flags"]
    live = engine.index.columns.live()
    with engine.store.read() as reader:
        watched = [watch.path for watch in watches(reader)]
    embedder = engine.embedder
    return {
        "pid": os.getpid(),
        "network": network_tried(),
        "sockets": open_sockets(),
        "files": open_files(),
        "stored": _stored(request),
        "model": {"name": embedder.name, "file": embedder.file, "sha256": embedder.sha256},
        "memories": {"live": int(live.sum()), "private": int(np.count_nonzero(live & (flags & HeadFlag.PRIVATE != 0)))},
        "agents": connected_agents(service.root),
        "watched": watched,
        "language_model": service.config.llm.base_url or None,
    }


def network_tried() -> dict[str, Any]:
    """Whether an internet socket and a name look-up are refused, and in what words. Nothing is sent either way."""
    said = []
    for attempt in (_open_internet_socket, _look_up_name):
        try:
            attempt()
        except OSError as error:
            said.append(str(error))
    refused = len(said) == 2
    return {"tried": ["an internet socket", "a name look-up"], "refused": refused, "said": said}


def _open_internet_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _look_up_name() -> None:
    socket.getaddrinfo("127.0.0.1", 0, flags=socket.AI_NUMERICHOST)  # numeric: asks no server where it is not refused


def open_sockets() -> dict[str, Any]:
    """How many sockets of this process are Unix sockets, and the local addresses of those that are not."""
    inodes = {target[8:-1] for target in _targets() if target.startswith("socket:[")}
    internet = []
    for table in NETWORK_TABLES:
        internet += [f"{table} {line[1]}" for line in _table(table) if line[INODE_WORD] in inodes]
    unix = {line[6]: line[7] if len(line) > 7 else "" for line in _table("unix") if len(line) > 6}
    own = [unix[inode] for inode in inodes & unix.keys()]
    return {"unix": len(own), "listening": sorted({path for path in own if path}), "internet": internet}


def open_files() -> list[str]:
    """The files that this process holds open, sorted; devices, pipes and sockets aside."""
    return sorted({target for target in _targets() if target.startswith("/") and not target.startswith("/dev/")})


def _targets() -> list[str]:
    found = []
    for descriptor in list(DESCRIPTORS.iterdir()):
        try:
            found.append(str(descriptor.readlink()))
        except FileNotFoundError:  # the one that listed them
            continue
    return found


def _table(name: str) -> list[list[str]]:
    try:
        lines = Path("/proc/self/net", name).read_text().splitlines()[1:]
    except OSError:  # a kernel without that protocol
        return []
    return [words for words in map(str.split, lines) if len(words) > INODE_WORD or name == "unix"]


def _stored(request: Request) -> list[dict[str, Any]]:
    """The folders and files that slm writes below its data root, with their bytes; nothing else holds a memory."""
    root, profile = request.service.root, request.engine.store.folder
    sizes = disk_files(root)
    inside = {name: size for name, size in sizes.items() if (root / name).is_relative_to(profile)}
    text = {name: size for name, size in inside.items() if Path(name).name == "store.mdb"}
    others = sum(size for name, size in sizes.items() if name not in inside)
    return [
        {"what": "texts, claims, journal", "path": str(profile / "store.mdb"), "bytes": sum(text.values())},
        {"what": "vectors and word lists", "path": str(profile), "bytes": sum(inside.values()) - sum(text.values())},
        {"what": "other profiles, backups, locks, hooks' log", "path": str(root), "bytes": others},
    ]

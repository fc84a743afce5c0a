"""What ``slm doctor --privacy`` rests on; the hook that refuses can't be taken out again, so it runs in processes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from slm.engine import privacy
from tests.engine.desk import Desk

ROOT = Path(__file__).parents[2]


def test_an_unguarded_process_is_told_as_one(desk: Desk) -> None:
    """These tests run without the daemon's hook: the attempt is real, so it succeeds."""
    assert desk.call("privacy")["network"] == {
        "tried": ["an internet socket", "a name look-up"], "refused": False, "said": [],
    }  # fmt: skip


def test_a_guarded_process_is_refused_both_ways() -> None:
    """trust.md, zero egress: the hook that the daemon installs first refuses sockets and look-ups."""
    program = "from slm.daemon import guard; guard.install(); import json; from slm.engine.privacy import network_tried"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; print(json.dumps(network_tried()))"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    found = json.loads(done.stdout)
    assert found["refused"] is True
    assert len(found["said"]) == len(found["tried"]) == 2


def test_internet_sockets_of_this_process_are_found_in_the_kernels_tables() -> None:
    """Oracle: sockets that this test opens itself."""
    before = privacy.open_sockets()["internet"]
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        port = f"{opened.getsockname()[1]:04X}"
        found = [one for one in privacy.open_sockets()["internet"] if one not in before]

    assert len(found) == 1
    assert found[0] == f"tcp 0100007F:{port}"
    assert privacy.open_sockets()["internet"] == before


def test_unix_sockets_are_counted_and_the_listening_ones_named(tmp_path: Path) -> None:
    """Oracle: a socket that this test binds."""
    before = privacy.open_sockets()["unix"]
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(tmp_path / "s"))
        opened.listen()
        found = privacy.open_sockets()

    assert found["unix"] == before + 1
    assert str(tmp_path / "s") in found["listening"]


def test_open_files_are_the_kernels_list(tmp_path: Path) -> None:
    path = tmp_path / "held"
    with path.open("w"):
        assert str(path) in privacy.open_files()
    assert str(path) not in privacy.open_files()


def test_what_is_stored_adds_up_to_the_whole_root(desk: Desk) -> None:
    """Oracle: the blocks of every file below the data root."""
    desk.remember("olives are green")
    (desk.root / "hooks").write_text("x" * 5000)

    stored = desk.call("privacy")["stored"]

    blocks = sum(path.stat().st_blocks * 512 for path in desk.root.rglob("*") if path.is_file())
    assert sum(part["bytes"] for part in stored) == blocks
    assert all(Path(part["path"]).exists() for part in stored)


def test_it_names_the_model_the_private_memories_and_who_is_connected(desk: Desk) -> None:
    """experience.md: "Connected: claude-code. What it recalls goes wherever its model runs."."""
    desk.remember("olives are green")
    desk.remember("a secret", private=True)
    desk.call("forget", id=[desk.remember("an old secret", private=True)])
    (desk.root / "connected.json").write_text(json.dumps({"files": {"/x": {"agent": "claude-code"}}}))

    found = desk.call("privacy")

    assert found["pid"] == os.getpid()
    assert found["model"] == {"name": "stub", "file": "/models/stub.onnx", "sha256": "0" * 64}
    assert found["memories"] == {"live": 2, "private": 1}
    assert (found["agents"], found["watched"], found["language_model"]) == (["claude-code"], [], None)

from __future__ import annotations

from datetime import UTC, datetime

from slm.cli.render.privacy import privacy
from slm.cli.render.text import Layout

PIPE = Layout(None, False, datetime(2026, 11, 24, tzinfo=UTC))
FOUND = {
    "pid": 4121,
    "network": {"tried": ["an internet socket", "a name look-up"], "refused": True, "said": ["refused", "refused too"]},
    "sockets": {"unix": 2, "listening": ["/run/slm.sock"], "internet": []},
    "files": [f"/data/file{i:02d}" for i in range(14)],
    "stored": [{"what": "texts", "path": "/data/store.mdb", "bytes": 90_000}],
    "model": {"name": "mini", "file": "/models/mini.onnx", "sha256": "ab" * 32},
    "memories": {"live": 9, "private": 2},
    "agents": ["claude-code"],
    "watched": ["/home/anna/notes"],
    "language_model": None,
}


def test_the_answer_comes_first_and_then_what_it_rests_on():
    """experience.md, doctor --privacy."""
    lines = privacy(FOUND, PIPE)

    assert lines[0] == "ok   slm opens no network socket (daemon 4121)"
    assert "tried       an internet socket: refused" in lines
    assert "sockets     2 Unix, /run/slm.sock; none to a network" in lines
    assert "stored      texts: 90 kB in /data/store.mdb" in lines
    assert f"model       mini, /models/mini.onnx, sha256 {'ab' * 32}" in lines
    assert "private     2 of 9 memories, never shown to agents" in lines
    assert "connected   claude-code. What an agent recalls goes wherever its model runs" in lines
    assert "            … and 2 more" in lines
    assert any("not encrypted" in line for line in lines)


def test_a_network_that_was_not_refused_is_bad():
    network = {"tried": ["an internet socket", "a name look-up"], "refused": False, "said": []}

    lines = privacy(FOUND | {"network": network}, PIPE)

    assert lines[0].startswith("BAD  the daemon (4121) could use the network")
    assert "tried       an internet socket: not refused" in lines


def test_an_internet_socket_is_bad_even_where_a_new_one_is_refused():
    lines = privacy(FOUND | {"sockets": {"unix": 1, "listening": [], "internet": ["tcp 0100007F:1F90"]}}, PIPE)

    assert lines[0].startswith("BAD")
    assert "sockets     1 Unix; tcp 0100007F:1F90" in lines


def test_a_language_model_is_named():
    """trust.md: says where data goes."""
    lines = privacy(FOUND | {"language_model": "http://127.0.0.1:11434/v1", "agents": []}, PIPE)

    assert any("http://127.0.0.1:11434/v1, from the command, never the daemon" in line for line in lines)
    assert "connected   no agent" in lines


def test_long_lines_are_wrapped_under_their_column():
    """A terminal of 40 columns shows whole words, indented."""
    lines = privacy(FOUND, PIPE._replace(width=40))

    assert max(map(len, lines[1:])) <= 40

"""connect on real files of a made home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

AGENTS = ["claude-code", "codex", "cursor", "gemini", "vscode"]
FILES = {
    "claude-code": (".claude.json", ".claude/settings.json"),
    "codex": (".codex/config.toml", ".codex/hooks.json"),
    "cursor": (".cursor/mcp.json", ".cursor/hooks.json"),
    "gemini": (".gemini/settings.json", ".gemini/settings.json"),
    "vscode": (".config/Code/User/mcp.json", ".copilot/hooks/slm.json"),
}
THEIRS = {
    ".json": '{\n\t// mine\n\t"hooks": {"Stop": [{"hooks": [{"command": "say done"}]}]},\n\t"a": 1,\n}\n',
    ".toml": '# mine\nmodel = "o5"\n\n[mcp_servers.web]\ncommand = "web"\n',
}


@pytest.fixture
def home(_private_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(_private_home / ".config"))
    return _private_home


def _tree(home: Path) -> dict[str, bytes]:
    """Every file of the home but slm's own."""
    files = (path for path in home.rglob("*") if path.is_file())
    return {str(path.relative_to(home)): path.read_bytes() for path in files if "data" not in path.parts}


def _write_theirs(home: Path, agent: str) -> None:
    for name in FILES[agent]:
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(THEIRS[file.suffix].encode())


@pytest.mark.parametrize("theirs", [False, True])
@pytest.mark.parametrize("agent", AGENTS)
def test_removing_restores_every_file_byte_for_byte(client, home: Path, agent: str, theirs: bool) -> None:
    """The issue: --remove restores byte for byte; a file that slm made is gone again."""
    if theirs:
        _write_theirs(home, agent)
    before = _tree(home)

    assert client("connect", agent).code == 0
    assert client("connect", agent, "--hooks").code == 0
    changed = _tree(home)
    assert all(b"slm" in changed[name] for name in FILES[agent])
    assert client("connect", agent, "--remove").code == 0

    assert _tree(home) == before


@pytest.mark.parametrize("agent", AGENTS)
def test_connecting_again_changes_nothing(client, home: Path, agent: str) -> None:
    """The issue: idempotent."""
    client("connect", agent, "--hooks")
    before = _tree(home)

    ran = client("connect", agent, "--hooks")

    assert _tree(home) == before
    assert f"{agent} is connected already" in ran.stderr


@pytest.mark.parametrize("agent", AGENTS)
def test_what_the_user_changed_meanwhile_stays(client, home: Path, agent: str) -> None:
    """Then only slm's entries go, and the backup is named."""
    _write_theirs(home, agent)
    client("connect", agent, "--hooks")
    for name in set(FILES[agent]):
        file = home / name
        file.write_text(file.read_text().replace("# mine", "# still mine").replace("// mine", "// still mine"))

    ran = client("connect", agent, "--remove")

    for name in set(FILES[agent]):
        text = (home / name).read_text()
        assert "still mine" in text
        assert "slm" not in text
    assert "changed since slm was added" in ran.stderr


def test_a_dry_run_shows_the_change_and_makes_none(client, home: Path) -> None:
    """The issue: --dry-run diff."""
    _write_theirs(home, "claude-code")
    before = _tree(home)

    ran = client("connect", "claude-code", "--hooks", "--dry-run")

    assert _tree(home) == before
    assert not (home / "data").exists()
    lines = ran.stdout.splitlines()
    assert [line for line in lines if line.startswith("+++")] == [
        f"+++ {home}/.claude.json",
        f"+++ {home}/.claude/settings.json",
    ]
    assert any(line.startswith("+") and "hook session-start" in line for line in lines)
    changes = json.loads(client("--json", "connect", "claude-code", "--dry-run").stdout)["changes"]
    assert [change["file"] for change in changes] == [f"{home}/.claude.json"]


def test_the_file_before_is_kept_beside_it_for_the_owner_alone(client, home: Path) -> None:
    """The issue: with backup; such files hold keys. The file keeps its own mode."""
    _write_theirs(home, "gemini")
    settings = home / FILES["gemini"][0]
    settings.chmod(0o640)
    content = settings.read_bytes()

    ran = client("connect", "gemini")

    backup = settings.with_name("settings.json.before-slm")
    assert (backup.read_bytes(), backup.stat().st_mode & 0o777) == (content, 0o600)
    assert settings.stat().st_mode & 0o777 == 0o640
    assert f"before: {backup}" in ran.stderr


def test_an_older_backup_is_not_written_over(client, home: Path) -> None:
    """It may be the only copy of something."""
    _write_theirs(home, "gemini")
    older = home / ".gemini" / "settings.json.before-slm"
    older.write_text("older")

    client("connect", "gemini")

    assert older.read_text() == "older"
    assert older.with_name("settings.json.before-slm-1").exists()


def test_a_linked_file_is_changed_where_it_lies(client, home: Path) -> None:
    """Configuration that is kept in a repository and linked stays linked."""
    kept = home / "dotfiles" / "claude.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    (home / ".claude.json").symlink_to(kept)

    client("connect", "claude-code")

    assert (home / ".claude.json").is_symlink()
    assert b"slm" in kept.read_bytes()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe{}", b"[]"])
def test_a_file_that_cant_be_read_is_left_alone(client, home: Path, content: bytes) -> None:
    """What its agent couldn't read either is for its user to mend."""
    (home / ".claude.json").write_bytes(content)

    ran = client("connect", "claude-code")

    assert ran.code == 2
    assert ".claude.json" in ran.stderr
    assert (home / ".claude.json").read_bytes() == content


@pytest.mark.parametrize("agent", AGENTS)
def test_an_agent_that_is_connected_to_a_profile_speaks_with_that_one(client, home: Path, agent: str, tmp_path) -> None:
    """An option that does nothing would send the agent to the usual memories, and say that it is connected."""
    before = _tree(home)
    given = ("--profile", "work", "--config", str(tmp_path / "own config.toml"))

    assert client(*given, "connect", agent, "--hooks").code == 0
    changed = _tree(home)
    assert all(b"--profile=work" in changed[name] for name in FILES[agent])
    assert all(b"own config.toml" in changed[name] for name in FILES[agent])
    again = client(*given, "connect", agent, "--hooks")
    assert "connected already" in again.stderr
    assert client("connect", agent, "--hooks").code == 0
    assert not any(b"--profile" in content for content in _tree(home).values())

    assert client("connect", agent, "--remove").code == 0
    assert _tree(home) == before


def test_a_link_that_leads_to_itself_is_said(client, home: Path) -> None:
    """A mistake of the user's is no traceback."""
    (home / ".gemini").mkdir()
    (home / ".gemini/settings.json").symlink_to("settings.json")

    ran = client("connect", "gemini")

    assert ran.code == 2
    assert "can't be read" in ran.stderr


def test_a_file_that_its_owner_may_not_write_is_left_alone(client, home: Path) -> None:
    """Whoever takes his own right to write away means it: such files are made by other programs."""
    _write_theirs(home, "gemini")
    file = home / ".gemini/settings.json"
    file.chmod(0o444)
    before = _tree(home)

    ran = client("connect", "gemini")

    assert (ran.code, _tree(home)) == (8, before)
    assert "read-only" in ran.stderr


def test_a_file_that_cant_be_written_is_not_said_to_be_connected(client, home: Path) -> None:
    """The folder can't be made: below /proc nothing can, whoever asks."""
    (home / ".gemini").symlink_to("/proc/self/nosuch")

    ran = client("connect", "gemini")

    assert ran.code == 8
    assert not list(home.rglob("connected.json"))


def test_removing_what_isnt_connected_says_so(client, home: Path) -> None:
    """And changes nothing."""
    ran = client("connect", "cursor", "--remove")

    assert (ran.code, ran.stderr) == (0, "cursor isn't connected\n")
    assert _tree(home) == {}


def test_an_unknown_agent_is_wrong_usage(client) -> None:
    """The error names those there are."""
    ran = client("connect", "emacs")

    assert ran.code == 2
    assert "claude-code" in ran.stderr


def test_status_knows_who_is_connected(client, home: Path) -> None:
    """experience.md: "agents claude-code"."""
    from slm.engine.agent_log import connected_agents

    client("connect", "codex")
    client("connect", "claude-code")

    root = home / "data" / "slm"
    assert connected_agents(root) == ["claude-code", "codex"]
    client("connect", "codex", "--remove")
    assert connected_agents(root) == ["claude-code"]
    client("connect", "claude-code", "--remove")
    assert (connected_agents(root), list(root.glob("connected*"))) == ([], [])

"""What doctor mends: permissions on real files; daemons that only tell what was done to them."""

from __future__ import annotations

import pytest

from slm import __version__
from slm.cli import mending
from slm.cli.mending import made_private, renewed_daemon
from slm.errors import StorageRefused
from slm.paths import Paths


def test_rights_of_others_are_taken_away_and_counted(tmp_path):
    """trust.md: files 0600, folders 0700. What the owner may do stays."""
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    script = data / "script"
    script.touch()
    script.chmod(0o754)

    assert made_private(data)() == "made 2 files and folders yours alone"
    assert (data.stat().st_mode & 0o777, script.stat().st_mode & 0o777) == (0o700, 0o700)


def test_private_files_need_no_mending(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)

    assert made_private(data)() is None
    assert made_private(tmp_path / "none")() is None


def test_a_file_that_cannot_be_made_private_is_told(tmp_path, monkeypatch):
    """A file system without permissions says no, and so does doctor."""
    tmp_path.chmod(0o755)

    def refuse(path, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(type(tmp_path), "chmod", refuse)

    with pytest.raises(StorageRefused, match="can't be made private: Operation not permitted"):
        made_private(tmp_path)()


@pytest.fixture
def daemon(monkeypatch):
    """Makes a daemon of some version run; None: none listens. Notes restarts."""
    restarted = []

    class Connection:
        def close(self):
            pass

    class Client(Connection):
        def __init__(self, *_, **__):
            pass

        def call(self, op):
            return {"version": Client.version, "pid": 41}

    def set_up(version, holder=None):
        Client.version = version
        monkeypatch.setattr(mending.thin, "find", lambda *_: Connection() if version else None)
        monkeypatch.setattr(mending, "JsonClient", Client)
        monkeypatch.setattr(mending.process, "daemon_pid", lambda paths: holder)
        monkeypatch.setattr(mending.process, "restart", lambda paths: restarted.append(paths) or 42)
        return restarted

    return set_up


@pytest.fixture
def paths(tmp_path):
    return Paths({"HOME": str(tmp_path)})


def test_an_older_daemon_is_restarted(daemon, paths):
    """client.md: a newer client asks an older daemon to restart; nothing acknowledged is lost by it."""
    restarted = daemon("0.0.1")

    assert renewed_daemon(paths)() == "restarted the daemon of version 0.0.1 as pid 42"
    assert restarted == [paths]


@pytest.mark.parametrize("version", [__version__, "99.0.0"])
def test_a_daemon_as_new_or_newer_is_left_alone(version, daemon, paths):
    """client.md: an older client is served."""
    restarted = daemon(version)

    assert renewed_daemon(paths)() is None
    assert restarted == []


def test_a_daemon_that_listens_nowhere_is_restarted(daemon, paths):
    """client.md: the daemon checks that its socket still exists; doctor needn't wait for that."""
    restarted = daemon(None, holder=4121)

    assert "listened nowhere" in renewed_daemon(paths)()
    assert len(restarted) == 1


def test_without_a_daemon_nothing_is_started(daemon, paths):
    restarted = daemon(None)

    assert renewed_daemon(paths)() is None
    assert restarted == []

"""The units and what systemd is told; a script stands in for systemctl, systemd's own checker for systemd."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from slm.cli import systemd
from slm.daemon import process
from slm.paths import Paths


@pytest.fixture
def told(monkeypatch, tmp_path):
    """A systemctl on the PATH that notes its words, and fails at those in the file ``fails``."""
    log = tmp_path / "told"
    log.touch()
    fails = tmp_path / "fails"
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "systemctl"
    script.write_text(
        f'#!/bin/sh\necho "$*" >> {log}\n[ -e {fails} ] && /bin/grep -q "$2" {fails} && '
        'echo "Access denied" >&2 && exit 4\nexit 0\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(process, "stop", lambda paths: None)
    return log, fails


@pytest.fixture
def units():
    """Where the socket and the service lie in the home of these tests."""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "systemd" / "user"
    return folder / "slm.socket", folder / "slm.service"


def paths_of(tmp_path, **chosen):
    return Paths({"HOME": str(tmp_path), "TMPDIR": str(tmp_path)}, **chosen)


def test_the_service_runs_this_daemon_and_allows_unix_sockets_alone(tmp_path):
    """trust.md: the systemd unit restricts address families to AF_UNIX."""
    lines = systemd.units(paths_of(tmp_path, socket="/run/s.sock"))["slm.service"].splitlines()

    assert "RestrictAddressFamilies=AF_UNIX" in lines
    assert "NoNewPrivileges=yes" in lines
    assert f"Environment=SLM_DATA_DIR={tmp_path}/.local/share/slm" in lines
    assert "Environment=SLM_SOCKET=/run/s.sock" in lines
    assert next(line for line in lines if line.startswith("ExecStart=")).endswith(" -m slm daemon run")


def test_the_socket_is_the_users_alone_and_starts_the_service(tmp_path):
    """client.md: socket activation, SocketMode=0600. Nothing but the socket begins with the login."""
    texts = systemd.units(paths_of(tmp_path, socket="/run/50%/s.sock"))

    wanted = {"ListenStream=/run/50%%/s.sock", "SocketMode=0600", "DirectoryMode=0700", "WantedBy=sockets.target"}
    assert wanted <= set(texts["slm.socket"].splitlines())
    assert "Requires=slm.socket" in texts["slm.service"].splitlines()
    assert "[Install]" not in texts["slm.service"]


def test_systemd_listens_where_the_daemon_would(tmp_path):
    """Two homes, one runtime folder: the socket is the usual one, or this data root's own while that is taken."""
    with tempfile.TemporaryDirectory(prefix="slm-") as short:  # a socket's path is short
        paths = paths_of(short)
        assert systemd.socket_of(paths) == paths.socket
        Path(paths.socket).parent.mkdir(mode=0o700)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(paths.socket)
            other.listen()

            assert systemd.socket_of(paths) == paths.own_socket
            Path(paths.data).mkdir(parents=True, mode=0o700)
            Path(paths.endpoint).write_text(f"{paths.socket}\n4121\n0.1.0\n")
            assert systemd.socket_of(paths) == paths.socket


def test_odd_characters_in_paths_are_read_back_as_they_are(tmp_path):
    """systemd.unit(5): % is a specifier, quotes and backslashes are its own."""
    text = systemd.units(paths_of(tmp_path, config='/a b/50%/q"x'))["slm.service"]

    assert 'Environment="SLM_CONFIG=/a b/50%%/q\\"x"' in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd isn't installed")
def test_systemd_itself_finds_nothing_wrong_with_them(tmp_path):
    """Oracle: systemd-analyze verify."""
    texts = systemd.units(paths_of(tmp_path, socket="/run/s.sock"))
    for name, text in texts.items():
        (tmp_path / name).write_text(text)

    files = [str(tmp_path / name) for name in texts]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )

    assert "slm." not in done.stderr


def test_install_writes_them_and_has_the_socket_opened(told, client, units):
    """Nothing is started: clients are told of a socket at which a daemon begins when they connect."""
    ran = client("daemon", "install")

    assert ran.code == 0
    assert told[0].read_text().splitlines()[1:] == [
        "--user daemon-reload", "--user disable slm.service", "--user enable --now slm.socket",
    ]  # fmt: skip
    assert all(unit.read_text().startswith(systemd.MARK) for unit in units)
    assert all(str(unit) in ran.stderr for unit in units)
    paths = Paths(os.environ)
    assert paths.dormant()
    assert f"ListenStream={paths.published_socket()}\n" in units[0].read_text()


def test_a_dry_run_shows_the_units_and_touches_nothing(told, client, units):
    """client.md: shown by --dry-run; it needs no systemd."""
    ran = client("daemon", "install", "--dry-run")

    assert ran.stdout.splitlines().count(systemd.MARK) == 2
    assert all(f"would write {unit}:" in ran.stderr for unit in units)
    assert told[0].read_text() == ""
    assert not any(unit.exists() for unit in units)
    shown = json.loads(client("daemon", "install", "--dry-run", "--json").stdout)["units"]
    assert list(shown) == [str(unit) for unit in units]


@pytest.mark.parametrize("absent", ["not installed", "no session"])
def test_without_systemd_it_says_so_and_installs_nothing(absent, told, client, monkeypatch, units):
    if absent == "not installed":
        monkeypatch.setenv("PATH", "/nosuch")
    else:
        told[1].write_text("show-environment")

    ran = client("daemon", "install")

    assert ran.code == 3
    assert "has no systemd here" in ran.stderr
    assert not any(unit.exists() for unit in units)


def test_what_systemd_refuses_is_told_in_its_words(told, client):
    told[1].write_text("enable")

    ran = client("daemon", "install")

    assert ran.code == 70
    assert "systemctl --user enable --now slm.socket failed: Access denied" in ran.stderr


def test_uninstall_stops_and_removes_them(told, client, units):
    """Clients are no longer sent to a socket that nobody opens."""
    client("daemon", "install")
    dry = client("daemon", "uninstall", "--dry-run")
    ran = client("daemon", "uninstall")

    assert dry.stderr.startswith(f"would stop and remove {units[0]}\n")
    assert ran.code == 0
    assert "--user disable --now slm.socket slm.service" in told[0].read_text()
    assert not any(unit.exists() for unit in units)
    assert not Paths(os.environ).dormant()
    assert client("daemon", "uninstall").stderr == "nothing is installed\n"


def test_a_service_that_an_earlier_slm_has_installed_is_removed_alone(told, client, units):
    """It began at login, and had no socket."""
    units[1].parent.mkdir(parents=True)
    units[1].write_text(systemd.MARK + "\n[Service]\nExecStart=/bin/true\n")

    client("daemon", "uninstall")

    assert "--user disable --now slm.service\n" in told[0].read_text()
    assert not units[1].exists()


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_unit_of_somebody_elses_is_left_alone(verb, which, told, client, units):
    """client.md: merges, never clobbers."""
    units[which].parent.mkdir(parents=True)
    units[which].write_text("[Service]\nExecStart=/bin/true\n")

    ran = client("daemon", verb)

    assert ran.code == 2
    assert "slm has not written it" in ran.stderr
    assert units[which].read_text().startswith("[Service]")
    assert not units[1 - which].exists()

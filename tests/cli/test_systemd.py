"""The unit and what systemd is told; a script stands in for systemctl, systemd's own checker for systemd."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
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
def unit():
    """Where the unit lies in the home of these tests."""
    return Path(os.environ["XDG_CONFIG_HOME"]) / "systemd" / "user" / "slm.service"


def test_the_unit_runs_this_daemon_and_allows_unix_sockets_alone(tmp_path):
    """trust.md: the systemd unit restricts address families to AF_UNIX."""
    lines = systemd.unit(Paths({"HOME": str(tmp_path)}, socket="/run/s.sock")).splitlines()

    assert "RestrictAddressFamilies=AF_UNIX" in lines
    assert "NoNewPrivileges=yes" in lines
    assert f"Environment=SLM_DATA_DIR={tmp_path}/.local/share/slm" in lines
    assert "Environment=SLM_SOCKET=/run/s.sock" in lines
    assert next(line for line in lines if line.startswith("ExecStart=")).endswith(" -m slm daemon run")


def test_odd_characters_in_paths_are_read_back_as_they_are():
    """systemd.unit(5): % is a specifier, quotes and backslashes are its own."""
    text = systemd.unit(Paths({"HOME": "/home/ann"}, config='/a b/50%/q"x'))

    assert 'Environment="SLM_CONFIG=/a b/50%%/q\\"x"' in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd isn't installed")
def test_systemd_itself_finds_nothing_wrong_with_it(tmp_path):
    """Oracle: systemd-analyze verify."""
    path = tmp_path / systemd.UNIT
    path.write_text(systemd.unit(Paths({"HOME": str(tmp_path)})))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True, check=False
    )

    assert systemd.UNIT not in done.stderr


def test_install_writes_it_and_has_it_started(told, client, unit):
    ran = client("daemon", "install")

    assert ran.code == 0
    assert told[0].read_text().splitlines()[1:] == ["--user daemon-reload", "--user enable --now slm.service"]
    assert unit.read_text().startswith(systemd.MARK)
    assert str(unit) in ran.stderr


def test_a_dry_run_shows_the_unit_and_touches_nothing(told, client, unit):
    """client.md: shown by --dry-run; it needs no systemd."""
    ran = client("daemon", "install", "--dry-run")

    assert ran.stdout.splitlines()[0] == systemd.MARK
    assert told[0].read_text() == ""
    assert not unit.exists()
    assert json.loads(client("daemon", "install", "--dry-run", "--json").stdout)["path"] == str(unit)


@pytest.mark.parametrize("absent", ["not installed", "no session"])
def test_without_systemd_it_says_so_and_installs_nothing(absent, told, client, monkeypatch, unit):
    if absent == "not installed":
        monkeypatch.setenv("PATH", "/nosuch")
    else:
        told[1].write_text("show-environment")

    ran = client("daemon", "install")

    assert ran.code == 3
    assert "has no systemd here" in ran.stderr
    assert not unit.exists()


def test_what_systemd_refuses_is_told_in_its_words(told, client):
    told[1].write_text("enable")

    ran = client("daemon", "install")

    assert ran.code == 70
    assert "systemctl --user enable --now slm.service failed: Access denied" in ran.stderr


def test_uninstall_stops_and_removes_it(told, client, unit):
    client("daemon", "install")
    dry = client("daemon", "uninstall", "--dry-run")
    ran = client("daemon", "uninstall")

    assert dry.stderr.startswith("would stop and remove")
    assert ran.code == 0
    assert "--user disable --now slm.service" in told[0].read_text()
    assert not unit.exists()
    assert client("daemon", "uninstall").stderr == "nothing is installed\n"


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_a_unit_of_somebody_elses_is_left_alone(verb, told, client, unit):
    """client.md: merges, never clobbers."""
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=/bin/true\n")

    ran = client("daemon", verb)

    assert ran.code == 2
    assert "slm has not written it" in ran.stderr
    assert unit.read_text().startswith("[Service]")

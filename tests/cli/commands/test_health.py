"""status, stats and doctor; doctor looks at a real (and empty) home."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from slm import __version__
from slm.cli import checks
from slm.errors import DaemonUnavailable, ModelUnavailable, NotFound
from slm.model import MAX_TEXT_BYTES


class Daemon:
    """A running daemon's connection, with canned answers."""

    def __init__(self, version=__version__, found=None, error=None):
        self.answers = {"ping": {"version": version, "pid": 4121}, "doctor": {"checks": found or []}}
        self.error = error
        self.asked = []

    def close(self):
        """Hang up."""

    def call(self, op, **fields):
        self.asked.append((op, fields))
        if op == "doctor" and self.error:
            raise self.error
        return self.answers[op]


@pytest.fixture
def install(monkeypatch, tmp_path):
    """This installation: an slm beside the interpreter, found through the PATH."""
    folder = tmp_path / "venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "slm").write_text("#!/bin/sh\nfrom slm.daemon import thin\n")
    (folder / "slm").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python3"))
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def runs(monkeypatch):
    """Makes a daemon run, or not."""

    def set_up(daemon):
        def running(options, environ):
            if isinstance(daemon, Exception):
                raise daemon
            return daemon

        monkeypatch.setattr(checks, "running", running)

    set_up(None)
    return set_up


def doctor(client):
    ran = client("doctor", "--json")
    return ran.code, {check["name"]: check for check in json.loads(ran.stdout)["checks"]}


def test_all_is_well_on_a_fresh_installation(client, install, runs):
    code, found = doctor(client)

    assert code == 0
    assert list(found) == ["command", "config", "folder", "daemon", "model", "store", "disk"]
    assert found["daemon"]["detail"] == "none runs, the first command starts one"
    assert found["model"]["detail"] == "all-MiniLM-L6-v2, file verified"


def test_doctor_on_a_terminal_is_a_line_a_check(client, install, runs):
    ran = client("doctor")

    assert ran.code == 0
    assert len(ran.stdout.splitlines()) == 7
    assert all(line.startswith("ok ") for line in ran.stdout.splitlines())
    assert ran.calls == []


def test_no_slm_on_the_path_is_found(client, install, runs, monkeypatch):
    monkeypatch.setenv("PATH", "/nosuch")

    code, found = doctor(client)

    assert code == 1
    assert found["command"]["fix"] == f"add {install} to the PATH"


@pytest.mark.parametrize(
    ("script", "whose"),
    [("from superlocalmemory import main", "superlocalmemory"), ("echo hello", "another program of that name")],
)
def test_another_program_of_that_name_is_found(script, whose, client, install, runs, monkeypatch, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "slm").write_text(f"#!/bin/sh\n{script}\n")
    (other / "slm").chmod(0o755)
    monkeypatch.setenv("PATH", f"{other}{os.pathsep}{install}")

    code, found = doctor(client)

    assert code == 1
    assert whose in found["command"]["detail"]
    assert found["command"]["fix"] == f"put {install} before {other} in the PATH"


def test_a_link_to_this_installation_is_this_installation(client, install, runs, monkeypatch, tmp_path):
    links = tmp_path / "links"
    links.mkdir()
    (links / "slm").symlink_to(install / "slm")
    monkeypatch.setenv("PATH", str(links))

    assert doctor(client)[1]["command"]["ok"]


def test_a_wrong_configuration_is_found_by_its_line(client, install, runs, monkeypatch, tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[recall]\nlimits = 3\n")
    monkeypatch.setenv("SLM_CONFIG", str(file))

    code, found = doctor(client)

    assert code == 1
    assert f"{file}:2" in found["config"]["detail"]
    assert not found["model"]["ok"]


def test_a_folder_open_to_others_is_found(client, install, runs, monkeypatch, tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    monkeypatch.setenv("SLM_DATA_DIR", str(data))

    code, found = doctor(client)

    assert code == 1
    assert found["folder"]["fix"] == f"chmod 700 {data}"
    data.chmod(0o700)
    assert doctor(client)[1]["folder"]["detail"] == f"{data}, private"


def test_a_missing_model_is_found(client, install, runs, monkeypatch):
    def missing(spec):
        raise ModelUnavailable("the bundled model is not installed", hint="pip install it")

    monkeypatch.setattr(checks, "resolve", missing)

    code, found = doctor(client)

    assert (code, found["model"]["fix"]) == (1, "pip install it")


def test_a_full_disk_is_found(client, install, runs, monkeypatch):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: type("Usage", (), {"free": MAX_TEXT_BYTES})())

    code, found = doctor(client)

    assert code == 1
    assert found["disk"]["detail"].startswith("only 1.0 MB are free")


def test_a_running_daemon_adds_its_own_checks(client, install, runs):
    daemon = Daemon(found=[{"name": "store", "ok": False, "detail": "damaged", "fix": "restore"}])
    runs(daemon)

    ran = client("doctor", "--json", "--profile", "work")
    found = json.loads(ran.stdout)["checks"]

    assert ran.code == 1
    assert [check["name"] for check in found] == ["command", "config", "folder", "daemon", "store"]
    assert found[3]["detail"].startswith("pid 4121 answers")
    assert daemon.asked == [("ping", {}), ("doctor", {"profile": "work"})]


def test_a_daemon_that_cannot_check_is_itself_a_finding(client, install, runs):
    runs(Daemon(error=NotFound("no such profile", hint="slm profile list")))

    code, found = doctor(client)

    assert code == 1
    assert found["store"]["fix"] == "slm profile list"


def test_a_daemon_of_another_version_is_found(client, install, runs):
    runs(Daemon(version="0.0.1"))

    code, found = doctor(client)

    assert code == 1
    assert found["daemon"]["fix"] == "slm daemon restart"


def test_a_socket_that_cannot_be_reached_is_found(client, install, runs):
    runs(DaemonUnavailable("something forbids the connection", where={"socket": "/run/slm.sock"}, hint="ls -l"))

    code, found = doctor(client)

    assert code == 1
    assert found["daemon"]["detail"] == "something forbids the connection; socket: /run/slm.sock"


def test_a_newer_daemon_is_not_to_be_restarted(client, install, runs):
    """client.md: an older client is served; a restart would bring the older daemon back."""
    runs(Daemon(version="99.0.0"))

    assert doctor(client)[1]["daemon"]["fix"] == "install that version here too"


def test_a_daemon_without_a_model_is_told_as_that(client, install, runs):
    runs(Daemon(error=ModelUnavailable("the bundled model's file is damaged", hint="pip install it")))

    code, found = doctor(client)

    assert (code, found["model"]["fix"]) == (1, "pip install it")


def test_a_damaged_store_is_found_without_a_daemon(client, install, runs, monkeypatch, tmp_path):
    """trust.md: the daemon may die of it, so doctor looks before one is started."""
    data = tmp_path / "data"
    (data / "default").mkdir(parents=True, mode=0o700)
    data.chmod(0o700)
    (data / "default" / "store.mdb").write_bytes(b"x" * 9000)
    (data / "default" / "store.mdb").chmod(0o600)
    monkeypatch.setenv("SLM_DATA_DIR", str(data))

    code, found = doctor(client)

    assert code == 1
    assert found["folder"]["ok"]
    assert "aren't those of a store" in found["store"]["detail"]


def test_a_daemon_that_holds_the_data_and_listens_nowhere_is_found(client, install, runs, monkeypatch):
    monkeypatch.setattr(checks.process, "daemon_pid", lambda paths: 4121)

    code, found = doctor(client)

    assert code == 1
    assert "a daemon (pid 4121) holds the data but listens nowhere" in found["daemon"]["detail"]


def test_fix_mends_permissions_and_says_so(client, install, runs, monkeypatch, tmp_path):
    """Without --fix nothing is touched; with it the check is made again."""
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    monkeypatch.setenv("SLM_DATA_DIR", str(data))

    assert client("doctor").code == 1
    assert data.stat().st_mode & 0o777 == 0o755
    ran = client("doctor", "--fix")

    assert ran.code == 0
    assert data.stat().st_mode & 0o777 == 0o700
    assert "     mended: made 1 file or folder yours alone\n" in ran.stdout


def test_fix_leaves_what_it_cannot_mend(client, install, runs, monkeypatch):
    runs(Daemon(version="99.0.0"))
    monkeypatch.setattr(checks.mending, "renewed_daemon", lambda paths: lambda: None)

    ran = client("doctor", "--fix", "--json")
    found = {check["name"]: check for check in json.loads(ran.stdout)["checks"]}

    assert ran.code == 1
    assert "mended" not in found["daemon"]


@pytest.mark.parametrize(("refused", "internet", "code"), [(True, [], 0), (False, [], 1), (True, ["tcp 1:2"], 1)])
def test_privacy_ends_with_0_only_where_the_network_is_out_of_reach(refused, internet, code, client):
    """trust.md: slm doctor --privacy shows it on the spot."""
    answer = {"network": {"refused": refused}, "sockets": {"internet": internet}}

    ran = client("doctor", "--privacy", "--json", answers={"privacy": answer})

    assert (ran.code, json.loads(ran.stdout)) == (code, answer)


def test_a_left_over_socket_is_told_and_no_fault(client, install, runs, monkeypatch, tmp_path):
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    monkeypatch.setenv("SLM_SOCKET", str(path))

    code, found = doctor(client)

    assert code == 0
    assert "left over" in found["daemon"]["detail"]


def test_the_data_folder_may_be_missing_far_up(tmp_path):
    assert checks.disk(Path(tmp_path / "a" / "b" / "c")).endswith(f"free in {tmp_path}")


@pytest.mark.parametrize("op", ["status", "stats"])
def test_status_and_stats_in_json_are_the_result(op, either):
    result = {"memories": {"live": 3}} if op == "status" else {"words": 3}

    assert json.loads(either(op, "--json", answers={op: result}).stdout) == result


WEIGHTS = {
    "learns": True,
    "epoch": 0,
    "uses": 0,
    "weights": [{"term": "words", "weight": 1.5, "default": 1.5, "drift": 0.0, "std_error": 0.2}],
}


def test_stats_weights_shows_the_weights(either):
    found = either("stats", "weights", answers={"weights": WEIGHTS})

    assert found.stdout.splitlines()[-1] == "learnt from 0 uses, epoch 0"
    assert json.loads(either("stats", "weights", "--json", answers={"weights": WEIGHTS}).stdout) == WEIGHTS


def test_stats_weights_reset_goes_back_to_the_defaults(either):
    found = either("stats", "weights", "--reset", answers={"weights_reset": {**WEIGHTS, "epoch": 3}})

    assert found.stdout.splitlines()[-1] == "learnt from 0 uses, epoch 3"


def test_reset_without_weights_is_refused(either):
    found = either("stats", "--reset", answers={})

    assert found.code == 2
    assert "slm stats weights --reset" in found.stderr


PHASES = {"day": "2026-11-24", "phases": {"active": 3}, "pinned": 0, "weeks": [], "next": []}


def test_stats_phases_shows_how_far_memories_have_faded(either):
    found = either("stats", "phases", answers={"phases": PHASES})

    assert found.calls == [("phases", {})]
    assert found.stdout.splitlines()[0] == "active 3, warm 0, cold 0, archived 0"
    assert json.loads(either("stats", "phases", "--json", answers={"phases": PHASES}).stdout) == PHASES

"""daemon: its process is handled by slm.daemon.process, here only told about."""

from __future__ import annotations

import json

import pytest

from slm.daemon import process
from slm.errors import DaemonUnavailable


@pytest.fixture
def told(monkeypatch):
    """Replaces start, stop and restart by functions that note where they were told to look."""
    seen = []

    def note(name, pid):
        def act(paths):
            seen.append((name, paths.data))
            return pid

        return act

    for name, pid in (("start", 41), ("stop", 42), ("restart", 43)):
        monkeypatch.setattr(process, name, note(name, pid))
    return seen


@pytest.mark.parametrize(
    ("verb", "said"), [("start", "daemon 41 runs"), ("stop", "daemon 42 ended"), ("restart", "daemon 43 runs")]
)
def test_the_daemon_is_started_stopped_and_restarted(verb, said, told, client, monkeypatch, tmp_path):
    monkeypatch.setenv("SLM_DATA_DIR", str(tmp_path))

    ran = client("daemon", verb)

    assert (ran.code, ran.stdout, ran.stderr) == (0, "", said + "\n")
    assert told == [(verb, str(tmp_path))]


def test_the_process_id_is_told_in_json(told, client):
    assert json.loads(client("daemon", "start", "--json").stdout) == {"pid": 41}


def test_no_daemon_to_stop_is_no_error(client, monkeypatch):
    monkeypatch.setattr(process, "stop", lambda paths: None)

    ran = client("daemon", "stop")

    assert (ran.code, ran.stderr) == (0, "no daemon runs\n")


def test_why_it_does_not_start_is_told(client, monkeypatch):
    def fail(paths):
        raise DaemonUnavailable("the daemon died while starting", where={"log": paths.log}, hint="slm daemon logs")

    monkeypatch.setattr(process, "start", fail)

    ran = client("daemon", "start")

    assert ran.code == 3
    assert "the daemon died while starting" in ran.stderr


def test_the_end_of_the_log_is_shown_harmlessly(client, monkeypatch):
    asked = []

    def last(paths, count):
        asked.append(count)
        return ["first", "second \x1b[2J"]

    monkeypatch.setattr(process, "last_log_lines", last)

    assert client("daemon", "logs", "-n", "2").stdout == "first\nsecond \\x1b[2J\n"
    assert json.loads(client("daemon", "logs", "--json").stdout) == {"lines": ["first", "second \x1b[2J"]}
    assert asked == [2, 50]


def test_no_log_is_no_error(client):
    assert client("daemon", "logs").code == 0

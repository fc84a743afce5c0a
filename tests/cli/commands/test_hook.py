"""hook in the full program: the same hook, for those who run slm as a module."""

from __future__ import annotations

import pytest

from slm.daemon import hook


@pytest.mark.parametrize("event", hook.EVENTS)
def test_every_event_is_a_command_that_runs_the_hook(client, monkeypatch, event: str) -> None:
    """One implementation, two ways to it."""
    ran: list[list[str]] = []
    monkeypatch.setattr("slm.daemon.hook.main", lambda argv, program: ran.append(list(argv)) or 0)

    assert client("hook", event, "--budget", "300", "--profile", "work").code == 0
    assert ran == [[event, "--budget=300", "--profile=work"]]


def test_hook_alone_is_wrong_usage_for_people(client) -> None:
    """It says which events there are."""
    ran = client("hook")

    assert ran.code == 2
    assert "slm hook --help" in ran.stderr

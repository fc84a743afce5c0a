"""Backups of a daemon that is in use, and of one that is killed."""

from __future__ import annotations

import threading

from tests.end_to_end.home import wait_until


def test_a_new_laptop_has_what_the_old_one_had(home, tmp_path):
    """experience.md: backup create, backup restore FILE."""
    kept = home.remember("the API listens on 5433 since the PG16 move", "--tag", "api")
    before = home.exported()
    file = str(tmp_path / "b.slm")
    assert home.slm("backup", "create", file).code == 0
    assert home.slm("backup", "verify", file).code == 0
    assert home.slm("backup", "restore", file).code == 2

    restored = home.slm("--profile", "new", "backup", "restore", file)

    assert restored.code == 0, restored.err
    shown = home.slm("--json", "--profile", "new", "recall", "which port does the api use")
    assert [hit["memory"]["id"] for hit in shown.document["hits"]] == [kept]
    assert home.exported() == before
    assert "backup" in home.slm("status").out


def test_a_daemon_killed_during_backups_loses_nothing(home, tmp_path):
    """kill -9 while one client remembers and another backs up: every backup that was acknowledged is sound."""
    acknowledged: list[str] = []
    stopped = threading.Event()

    def back_up() -> None:
        attempt = 0
        while not stopped.is_set():
            attempt += 1
            file = str(tmp_path / f"{attempt}.slm")
            if home.slm("backup", "create", file).code == 0:
                acknowledged.append(file)

    ids = [home.remember("heron number 0")]
    thread = threading.Thread(target=back_up)
    thread.start()
    for number in range(1, 4):
        assert wait_until(lambda wanted=number: len(acknowledged) >= wanted)
        home.kill()
        ids.append(home.remember(f"heron number {number}"))
    stopped.set()
    thread.join()

    assert {record["id"] for record in home.exported()} == set(ids)
    assert len(acknowledged) >= 3
    assert all(home.slm("backup", "verify", file).code == 0 for file in acknowledged[-4:])

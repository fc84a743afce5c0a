"""Imports of real processes, killed in the middle."""

from __future__ import annotations

import json

from tests.end_to_end.home import wait_until
from tests.ingest.exports import CHATGPT, message, tree, zipped

N_TURNS = 700


def export_of(path) -> str:
    """An archive with one long conversation: three batches."""
    turns = [message("user", f"Heron number {i} stood in the reeds.", at=1_730_000_000.0 + i) for i in range(N_TURNS)]
    return zipped(path, {"conversations.json": [tree(*turns)]})


def counted(said) -> dict[str, int]:
    assert said.code == 0, said.err
    return {name: said.document[name] for name in ("records", "stored", "confirmed")}


def test_an_import_whose_client_was_killed_goes_on_from_there(home, tmp_path):
    """kill -9 of the client once the first batch is stored; the second run adds what is missing, a third nothing."""
    path = export_of(tmp_path / "export.zip")
    home.remember("The API listens on 5433.")
    client = home.begin("import", path, "--from", "chatgpt")
    assert wait_until(lambda: home.slm("--json", "status").document["memories"]["total"] > 1)
    client.kill()
    client.communicate()

    went_on = counted(home.slm("--json", "import", path, "--from", "chatgpt"))
    again = counted(home.slm("--json", "import", path, "--from", "chatgpt"))

    assert went_on["records"] == went_on["stored"] + went_on["confirmed"] == N_TURNS
    assert again == {"records": N_TURNS, "stored": 0, "confirmed": N_TURNS}
    texts = [record["text"] for record in home.exported()][1:]
    assert texts == [f"Heron number {i} stood in the reeds." for i in range(N_TURNS)]


def test_an_import_whose_daemon_was_killed_goes_on_from_there(home, tmp_path):
    """kill -9 of the daemon: the client fails, and the same command finds what was acknowledged."""
    path = export_of(tmp_path / "export.zip")
    home.remember("The API listens on 5433.")
    client = home.begin("import", path, "--from", "chatgpt")
    assert wait_until(lambda: home.slm("--json", "status").document["memories"]["total"] > 1)
    home.kill()
    client.communicate()

    went_on = counted(home.slm("--json", "import", path, "--from", "chatgpt"))

    assert went_on["records"] == N_TURNS
    assert len(home.exported()) == N_TURNS + 1
    assert home.slm("log", "--verify").code == 0


def test_a_folder_and_standard_input_are_read_by_the_whole_program(home, tmp_path):
    """The same three memories, whichever way they come."""
    (tmp_path / "conversations.json").write_text(json.dumps(CHATGPT))

    folder = counted(home.slm("--json", "import", str(tmp_path), "--from", "chatgpt"))
    piped = counted(home.slm("--json", "import", "-", "--from", "chatgpt", stdin=json.dumps(CHATGPT).encode()))

    assert folder == {"records": 3, "stored": 3, "confirmed": 0}
    assert piped == {"records": 3, "stored": 0, "confirmed": 3}
    listed = home.slm("--json", "list", "--source", "chatgpt: Moving the API", "--ids")
    assert listed.code == 0
    assert home.slm("export", "--format", "markdown").out.count("\n- ") == 3

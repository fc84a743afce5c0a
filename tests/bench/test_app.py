"""The commands that measure published sets: their arguments, and the document for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from slm.bench import app as module
from slm.bench.quality import sets
from tests.bench import conversations
from tests.bench.json_lines import CRANFIELD, write

SETS = ("longmemeval", "beam", "factconsolidation", "cranfield")


def invoke(*argv: str) -> str:
    result = CliRunner().invoke(module.app, list(argv), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_measured_by_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The folder, ``--quick`` and ``--seed`` arrive; the document carries commit and processor."""
    asked = []
    monkeypatch.setattr(sets, "run", lambda *given, **options: asked.append((given, options)) or {"set": name})

    printed = json.loads(invoke(name, str(tmp_path), "--quick", "--seed", "3", "--json"))

    assert asked == [((name, tmp_path), {"quick": True, "seed": 3})]
    assert printed["set"] == name
    assert {"version", "commit", "processor", "cores"} <= set(printed)


def test_locomo_takes_its_own_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One conversation, an audit, wrong metadata."""
    asked = []
    monkeypatch.setattr(sets, "run_locomo", lambda *given, **options: asked.append((given, options)) or {})
    file, audit = conversations.write(tmp_path), tmp_path / "audit.jsonl"
    audit.write_text("")

    invoke("locomo", str(file), "--json")
    invoke(
        "locomo", str(file), "--conversation", "conv-2", "--audit", str(audit), "--shuffle", "authors", "--json"
    )  # fmt: skip

    assert asked[0] == (
        (file,), {"conversation": None, "audit": None, "shuffle": None, "quick": False, "seed": 7}
    )  # fmt: skip
    assert asked[1][1] == {
        "conversation": "conv-2", "audit": audit, "shuffle": "authors", "quick": False, "seed": 7,
    }  # fmt: skip


def test_mixed_takes_all_sets_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder under the name of its set."""
    asked = []
    monkeypatch.setattr(sets, "run_mixed", lambda *given, **options: asked.append((given, options)) or {})
    folders = [tmp_path / name for name in SETS]
    for folder in folders:
        folder.mkdir()
    file = conversations.write(tmp_path)

    invoke("mixed", str(file), *map(str, folders), "--json")

    assert asked == [((file, dict(zip(SETS, folders, strict=True))), {"seed": 7})]


def test_a_table_is_printed_for_people(tmp_path: Path) -> None:
    """From the files through real ingestion to the lines."""
    printed = invoke("cranfield", str(write(tmp_path / "set", CRANFIELD)), "--quick")

    assert printed.startswith("Cranfield: 1 stores, 2 memories, 2 questions")
    assert "words alone (BM25)" in printed


@pytest.mark.parametrize("name", ["locomo", *SETS])
def test_data_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    """A path to a published set is an argument, never a default."""
    result = CliRunner().invoke(module.app, [name, str(tmp_path / "nowhere")])

    assert result.exit_code == 2
    assert CliRunner().invoke(module.app, [name]).exit_code == 2


def test_every_command_that_needs_no_data_is_part_of_all() -> None:
    """``slm bench all`` runs what anybody can run."""
    commands = set(typer.main.get_command(module.app).commands)  # type: ignore[attr-defined]

    assert {"locomo", "mixed", *SETS} <= commands

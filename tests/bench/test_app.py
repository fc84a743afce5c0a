"""The commands that measure published sets: their arguments, and the document for machines."""

from __future__ import annotations

import json
import subprocess
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


def test_every_set_has_its_command() -> None:
    """The sets of the table and the two with arguments of their own."""
    commands = set(typer.main.get_command(module.app).commands)  # type: ignore[attr-defined]

    assert set(sets.SETS) == set(SETS)
    assert {"locomo", "mixed", *SETS} <= commands


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one commit that slm seems to lie in."""
    package = tmp_path / "checkout" / "slm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    git(package.parent, "init", "-q")
    git(package, "add", "-A")
    git(package, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "first")
    monkeypatch.setattr(module.slm, "__file__", str(package / "__init__.py"))
    return package


def git(folder: Path, *argv: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *argv], capture_output=True, text=True, check=True).stdout.strip()


def test_a_result_names_the_commit_it_was_measured_at(checkout: Path) -> None:
    """STYLE.md, a claim: the commit. A tag doesn't hide it."""
    git(checkout, "tag", "v9")

    assert module.provenance.__wrapped__()["commit"] == git(checkout, "rev-parse", "--short", "HEAD")


def test_a_result_of_a_changed_program_says_so(checkout: Path) -> None:
    """Such a figure can't be measured again from its commit."""
    (checkout / "__init__.py").write_text("changed = True")

    assert module.provenance.__wrapped__()["commit"] == git(checkout, "rev-parse", "--short", "HEAD") + "-dirty"


def test_an_installed_program_knows_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a repository the version has to do."""
    monkeypatch.setattr(module.slm, "__file__", str(tmp_path / "slm" / "__init__.py"))

    found = module.provenance.__wrapped__()

    assert found["commit"] is None
    assert found["version"] == module.slm.__version__


def test_the_commit_is_that_of_the_start(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A measurement takes minutes, in which the repository may move on under it."""
    module.provenance.cache_clear()
    began = git(checkout, "rev-parse", "--short", "HEAD")
    printed: list[str] = []
    monkeypatch.setattr(module.typer, "echo", printed.append)

    def measured(*_: object, **__: object) -> dict[str, str]:
        (checkout / "__init__.py").write_text("changed = True")
        return {}

    monkeypatch.setattr(sets, "run", measured)
    try:
        module.run(["cranfield", str(checkout), "--json"])
    finally:
        module.provenance.cache_clear()

    assert json.loads(printed[0])["commit"] == began

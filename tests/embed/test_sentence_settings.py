"""The files of sentence-transformers, in the forms that its releases have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from slm.embed.sentence_settings import read
from slm.errors import ModelUnavailable
from tests.embed.tiny_onnx import folder


def refusal(made: Path) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        read(made)
    return caught.value


@pytest.mark.parametrize(
    ("settings", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "include_prompt": True}, "mean"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode": "mean"}, "mean"),
        ({"word_embedding_dimension": 8}, "mean"),
    ],
)
def test_pooling_is_read_in_its_old_and_new_form(tmp_path, settings, pooling):
    """A flag a mode, later the mode's name."""
    assert read(folder(tmp_path, **{"1_Pooling__config": settings})).pooling == pooling


@pytest.mark.parametrize(
    "settings",
    [
        {"pooling_mode_max_tokens": True},
        {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
        {"pooling_mode": "lasttoken"},
        {"pooling_mode": ["mean"]},
        {"pooling_mode_weightedmean_tokens": True},
    ],
)
def test_other_pooling_is_refused(tmp_path, settings):
    """A vector pooled otherwise than the model was trained would be silently worse."""
    error = refusal(folder(tmp_path, **{"1_Pooling__config": settings}))

    assert "isn't supported" in error.message
    assert error.where["model"].endswith("config.json")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"sentence_bert_config": {"max_seq_length": 128}}, 128),
        ({"sentence_bert_config": {"max_seq_length": 8192}}, 512),
        ({"sentence_bert_config": {"max_seq_length": None}, "tokenizer_config": {"model_max_length": 384}}, 384),
        ({"tokenizer_config": {"model_max_length": 10**30}}, 256),
        ({"tokenizer_config": {"model_max_length": 1e30}}, 256),
        ({}, 256),
    ],
)
def test_the_longest_text_is_read_and_bounded(tmp_path, files, expected):
    """A length beyond 512 would take memory with its square; one that means "not known" is no length."""
    assert read(folder(tmp_path, **files)).max_tokens == expected


@pytest.mark.parametrize("told", [0, 15, -1, "long", True, [4], 64.5])
def test_a_length_that_is_none_is_refused(tmp_path, told):
    """Nothing can be embedded in no tokens."""
    assert "max_seq_length" in refusal(folder(tmp_path, sentence_bert_config={"max_seq_length": told})).message


@pytest.mark.parametrize(
    ("settings", "prefixes"),
    [
        ({"prompts": {"query": "query: ", "document": "passage: "}}, ("query: ", "passage: ")),
        ({"prompts": {"query": "query: ", "passage": "passage: "}}, ("query: ", "passage: ")),
        ({"prompts": {"query": "Find: "}, "default_prompt_name": None}, ("Find: ", "")),
        ({"prompts": {"all": "text: "}, "default_prompt_name": "all"}, ("text: ", "text: ")),
        ({"prompts": {}}, ("", "")),
        ({"prompts": None}, ("", "")),
    ],
)
def test_prompts_are_read(tmp_path, settings, prefixes):
    """Both names for a document's prompt, and a default for all texts."""
    found = read(folder(tmp_path, config_sentence_transformers=settings))

    assert (found.query_prefix, found.document_prefix) == prefixes


@pytest.mark.parametrize("prompts", [["query: "], {"query": 3}, "query: "])
def test_prompts_that_are_no_texts_are_refused(tmp_path, prompts):
    """A user's mistake shows no traceback."""
    assert "prompts" in refusal(folder(tmp_path, config_sentence_transformers={"prompts": prompts})).message


def layers(*kinds: str) -> list[dict[str, str]]:
    return [{"type": f"sentence_transformers.models.{kind}"} for kind in kinds]


def test_a_further_layer_is_refused_by_name(tmp_path):
    """A Dense layer lies outside the ONNX file: leaving it out would give other vectors."""
    error = refusal(folder(tmp_path, modules=layers("Transformer", "Pooling", "Dense")))

    assert "layers outside its ONNX file: Dense" in error.message


def test_the_usual_layers_are_accepted(tmp_path):
    """Transformer, pooling, normalising: what slm does itself."""
    assert read(folder(tmp_path, modules=layers("Transformer", "Pooling", "Normalize"))).pooling == "mean"


@pytest.mark.parametrize("modules", [[{}], ["Transformer"], {"0": "Transformer"}, 7])
def test_a_list_of_layers_of_another_form_is_refused(tmp_path, modules):
    """A user's mistake shows no traceback."""
    assert "isn't a list of layers" in refusal(folder(tmp_path, modules=modules)).message

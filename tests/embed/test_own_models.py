"""A user's own model, in tiny: every promise about folders, seen through a loaded embedder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slm.embed.onnx import Embedder
from slm.errors import ModelUnavailable
from tests.embed.tiny_onnx import INPUTS, VOCABULARY, folder, lookup, table

CLS, SEP, RED, GREEN, ISH = (VOCABULARY.index(piece) for piece in ("[CLS]", "[SEP]", "red", "green", "##ish"))
PASSAGES = {"prompts": {"query": "red ", "document": "blue "}}


def load(path: Path) -> Embedder:
    return Embedder.load(str(path), threads=1)


def refusal(path: Path) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        load(path)
    assert caught.value.exit_code == 7
    return caught.value


def normalised(state: np.ndarray) -> np.ndarray:
    return state / np.linalg.norm(state)


def test_mean_pooling_takes_all_tokens_the_two_ends_included(tmp_path):
    """By hand: the table's rows of [CLS], the two words and [SEP]."""
    (found,) = load(folder(tmp_path)).embed(["red green"])

    assert found.mean == pytest.approx(normalised(table()[[CLS, RED, GREEN, SEP]].mean(axis=0)), abs=1e-6)


def test_cls_pooling_takes_the_first_token(tmp_path):
    """By hand: the table's row of [CLS], whatever the text."""
    embedder = load(folder(tmp_path, **{"1_Pooling__config": {"pooling_mode_cls_token": True}}))

    assert embedder.pooling == "cls"
    assert embedder.embed(["red green"])[0].mean == pytest.approx(normalised(table()[CLS]), abs=1e-6)


def test_padding_does_not_reach_the_mean(tmp_path):
    """A short text beside a long one."""
    short, _ = load(folder(tmp_path)).embed(["red", "green " * 40])

    assert short.mean == pytest.approx(normalised(table()[[CLS, RED, SEP]].mean(axis=0)), abs=1e-6)


def test_codes_hold_a_sign_a_dimension(tmp_path):
    """By hand: the table's rows of the kept pieces; zero is not positive."""
    (found,) = load(folder(tmp_path)).embed(["the greenish."])

    assert found.pieces.tolist() == [GREEN, ISH]
    assert found.codes.tolist() == np.packbits(table()[[GREEN, ISH]] > 0, axis=1).tolist()
    assert found.n_tokens == 4


def test_dimensions_that_never_vary_are_found(tmp_path):
    """The tiny model's last one is 0 for every token."""
    assert load(folder(tmp_path)).constant_dims == (7,)


@pytest.mark.parametrize("dims", [384, 768, 1024, 4096])
def test_models_of_the_usual_widths_are_taken(tmp_path, dims):
    """Published sentence embedders have 384 (small) to 4,096 dimensions; a sign bit each."""
    (found,) = load(folder(tmp_path, lookup(table(dims)))).embed(["red"])

    assert (found.mean.shape, found.codes.shape) == ((dims,), (1, dims // 8))


@pytest.mark.parametrize("dims", [12, 4104])
def test_dimensions_that_no_store_could_hold_are_refused_at_load(tmp_path, dims):
    """Specification: sign bits are kept in whole bytes, and their sums in float32."""
    error = refusal(folder(tmp_path, lookup(table(dims))))

    assert f"{dims} dimensions" in error.message


def test_prefixes_are_put_before_queries_and_documents(tmp_path):
    """By hand: the same model without prefixes, given the prefixed texts."""
    plain = load(folder(tmp_path / "plain"))
    prefixed = load(folder(tmp_path / "prefixed", config_sentence_transformers=PASSAGES))

    assert prefixed.prefix == "red |blue "
    assert prefixed.embed(["green"])[0].mean.tolist() == plain.embed(["blue green"])[0].mean.tolist()
    assert prefixed.embed_query("green").mean.tolist() == plain.embed_query("red green").mean.tolist()


def test_chunks_leave_room_for_the_prefix_and_the_ends(tmp_path):
    """A chunk that isn't read whole would be found by its beginning only."""
    short = {"sentence_bert_config": {"max_seq_length": 32}}
    embedder = load(folder(tmp_path, config_sentence_transformers=PASSAGES, **short))

    assert embedder.chunk_limit == 32 - 2 - 1
    assert embedder.embed(["green " * embedder.chunk_limit])[0].n_tokens == 30


def test_a_prefix_that_leaves_no_room_is_refused(tmp_path):
    """Fewer pieces than a chunk needs."""
    files = {
        "config_sentence_transformers": {"prompts": {"document": "blue " * 20}},
        "sentence_bert_config": {"max_seq_length": 16},
    }

    assert "leaves no room" in refusal(folder(tmp_path, **files)).message


@pytest.mark.parametrize("inputs", [INPUTS[:1], INPUTS[:2]])
def test_a_model_is_given_only_the_inputs_it_has(tmp_path, inputs):
    """DistilBERT's family has no token types."""
    embedder = load(folder(tmp_path, lookup(table(), inputs=inputs)))

    assert embedder.embed(["red"])[0].mean.shape == (8,)


def test_an_input_that_is_unknown_is_refused(tmp_path):
    """Guessing its value would give wrong vectors."""
    error = refusal(folder(tmp_path, lookup(table(), inputs=[*INPUTS, "pixel_values"])))

    assert "pixel_values" in error.message


@pytest.mark.parametrize("output", ["token_embeddings", "hidden"])
def test_token_states_may_have_another_name(tmp_path, output):
    """It is the output with three axes."""
    assert load(folder(tmp_path, lookup(table(), output=output))).dims == 8


def test_a_model_without_token_states_is_refused(tmp_path):
    """Late interaction needs them, and the pooling is not known."""
    assert "no token states" in refusal(folder(tmp_path, lookup(table(), rank=2))).message


def test_a_file_that_is_not_onnx_is_refused_with_one_line(tmp_path):
    """The reason is onnxruntime's."""
    error = refusal(folder(tmp_path, b"PK\x03\x04 not a model"))

    assert "onnxruntime can't load the model" in error.message
    assert "\n" not in error.message
    assert error.where == {"model": str(tmp_path / "model.onnx")}


def test_a_truncated_model_is_refused(tmp_path):
    """What an interrupted copy leaves."""
    assert "can't load" in refusal(folder(tmp_path, lookup(table())[:-40])).message


def test_a_vocabulary_larger_than_the_models_is_refused_at_load(tmp_path):
    """Its ids would reach past the table: the files don't belong together."""
    made = folder(tmp_path, lookup(table()[:4]))

    assert "can't run the model" in refusal(made).message


def test_a_vector_without_direction_is_refused(tmp_path):
    """All zeros, or not a number: nothing could be near it."""
    for value in (0.0, np.nan):
        error = refusal(folder(tmp_path, lookup(np.full_like(table(), value))))

        assert "no direction" in error.message


def test_a_token_without_a_state_has_no_direction_and_spoils_nothing(tmp_path):
    """A row of zeros in the model's table: the others of the question keep theirs, and no division warns."""
    states = table()
    states[RED] = 0.0
    query = load(folder(tmp_path, lookup(states))).embed_query("red green")

    assert query.states[0].tolist() == [0.0] * 8
    assert query.states[1] == pytest.approx(normalised(states[GREEN]))


def test_a_dynamically_quantised_model_embeds_one_text_a_run(tmp_path):
    """Its scale is taken over the whole batch: only alone does a text have one vector."""
    embedder = load(folder(tmp_path, lookup(table(), dynamic=True)))
    texts = ["red", "green blue", "the greenish blue red ."]

    assert [indices for indices, _ in embedder.slices(texts)] == [[0], [1], [2]]
    assert "dynamically quantised" in embedder.warnings[0]
    for text, found in zip(texts, embedder.embed(texts), strict=True):
        assert found.mean.tolist() == embedder.embed([text])[0].mean.tolist()


def test_dynamic_quantisation_does_depend_on_the_batch(tmp_path):
    """The fact behind the rule, on the same tiny model run by hand."""
    embedder = load(folder(tmp_path, lookup(table(), dynamic=True)))
    red, all_pieces = [CLS, RED, SEP], list(range(len(VOCABULARY)))

    assert embedder.token_states([red])[0].tolist() != embedder.token_states([red, all_pieces])[0].tolist()


def test_pieces_of_a_large_vocabulary_wrap_around(tmp_path):
    """Ids are kept in sixteen bits: 65,536 + 3 is stored as 3."""
    rows = np.random.default_rng(1).normal(size=(65_540, 8)).astype(np.float32)
    made = folder(tmp_path, lookup(rows))
    pieces = [*VOCABULARY, *(f"[unused{i}]" for i in range(65_539 - len(VOCABULARY))), "whale"]
    (made / "vocab.txt").write_text("\n".join(pieces) + "\n")

    assert load(made).embed(["red whale"])[0].pieces.tolist() == [RED, 3]

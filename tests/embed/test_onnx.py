"""The bundled model: its vectors, and that nothing but the text decides them."""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm.embed.late_tokens import MAX_KEPT
from slm.embed.onnx import PADDED_TOKENS_PER_RUN, TEXTS_PER_RUN, Embedder, runs
from slm.errors import ModelUnavailable

WORDS = [
    "the",
    "harbour",
    "master",
    "wrote",
    "that",
    "rain",
    "fell",
    "on",
    "42",
    "ships,",
    "none",
    "of",
    "which",
    "had",
    "left",
    "Lisbon;",
    "Ana's",
    "ledger",
    "agrees",
]
EMBEDDING_TEXTS = ["", "Rain.", "🙂", "to be or not to be", "The harbour master wrote it down. " * 12, "word " * 600]


def sentences(count: int, seed: int, longest: int = 90) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=draw.randint(1, longest))) for _ in range(count)]


def same(ours, theirs) -> bool:
    """Bit for bit, in every field."""
    pairs = zip(ours, theirs, strict=True)
    return all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes()
        for one, other in pairs
        for a, b in zip(one, other, strict=True)
    )


def plainly(embedder: Embedder, text: str) -> np.ndarray:
    """The oracle: one text, no padding, the mean of its token states divided by its length."""
    ids = np.array([embedder.tokenizer.encode(text, embedder.max_tokens)])
    feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    states = embedder._session.run(["last_hidden_state"], feed)[0][0].astype(np.float64)
    return states.mean(axis=0) / np.linalg.norm(states.mean(axis=0))


def test_a_known_sentence_has_its_published_vector(embedder):
    """The first three values of the float32 model; int8 weights move them by a few thousandths."""
    (found,) = embedder.embed(["This is an example sentence"])

    assert found.mean[:3] == pytest.approx([0.0677, 0.0635, 0.0487], abs=0.004)


def test_what_means_the_same_lies_closer_than_what_does_not(embedder):
    """What the model is for."""
    about, alike, other = embedder.embed(
        ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "Taxes rose in May."]
    )

    assert about.mean @ alike.mean > 0.5 > 0.3 > about.mean @ other.mean


def test_a_vector_is_the_normalised_mean_of_all_token_states(embedder):
    """Oracle: one text a run, in float64."""
    for text in EMBEDDING_TEXTS:
        assert embedder.embed([text])[0].mean == pytest.approx(plainly(embedder, text), abs=1e-6)


@pytest.mark.parametrize("text", EMBEDDING_TEXTS)
def test_the_parts_of_an_embedding_have_their_shapes(embedder, text):
    """Documented shapes, types and lengths."""
    found = embedder.embed([text])[0]
    n_kept = len(found.pieces)

    assert (found.mean.shape, found.mean.dtype) == ((384,), np.float32)
    assert (found.codes.shape, found.codes.dtype) == ((n_kept, 48), np.uint8)
    assert found.pieces.dtype == np.uint16
    assert 1 <= n_kept <= MAX_KEPT
    assert np.linalg.norm(found.mean) == pytest.approx(1.0, abs=1e-6)
    assert found.n_tokens == min(embedder.count(text), embedder.max_tokens - 2)


def test_codes_are_the_signs_of_the_kept_token_states(embedder):
    """Oracle: the states that a query shows, bit by bit."""
    text = "Postgres moved to port 5433 on Tuesday"
    stored, asked = embedder.embed([text])[0], embedder.embed_query(text)

    assert stored.pieces.tolist() == asked.pieces.tolist()
    assert np.unpackbits(stored.codes, axis=1).tolist() == (asked.states > 0).astype(int).tolist()


def test_a_vector_does_not_depend_on_the_batch_its_order_or_the_threads(embedder):
    """Bit for bit: weight-only int8, padding masked, means taken text by text."""
    texts = sentences(30, seed=1)
    alone = [embedder.embed([text])[0] for text in texts]
    together, backwards = embedder.embed(texts), embedder.embed(texts[::-1])[::-1]
    on_two = Embedder.load("bundled", threads=2).embed(texts)

    assert same(together, alone)
    assert same(backwards, alone)
    assert same(on_two, alone)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6), st.randoms())
def test_any_texts_give_the_same_vectors_in_any_company(embedder, texts, shuffler):
    """Bit for bit, whatever the texts are; surrogates too."""
    shuffled = list(range(len(texts)))
    shuffler.shuffle(shuffled)
    found = embedder.embed([texts[i] for i in shuffled])

    assert same(found, [embedder.embed([texts[i]])[0] for i in shuffled])
    assert all(np.isfinite(one.mean).all() for one in found)


def test_threads_that_embed_at_once_get_the_vectors_of_one(embedder):
    """onnxruntime's sessions may be shared."""
    texts = sentences(24, seed=2, longest=12)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: embedder.embed([text])[0], texts))

    assert same(found, embedder.embed(texts))


def test_slices_cover_every_text_once_and_only_as_they_are_asked_for(embedder):
    """Between two slices a caller may do something else."""
    texts = sentences(25, seed=3, longest=20)
    slices = embedder.slices(texts)
    first, _ = next(slices)
    seen = [*first, *(i for indices, _ in slices for i in indices)]

    assert len(first) == TEXTS_PER_RUN
    assert sorted(seen) == list(range(25))


def test_no_text_gives_no_embedding(embedder):
    """An empty batch runs nothing."""
    assert embedder.embed([]) == []


def test_a_text_beyond_the_limit_is_read_up_to_it(embedder):
    """What follows can't matter."""
    long = "harbour " * 254

    assert same(embedder.embed([long]), embedder.embed([long + "and something else entirely"]))


def test_a_query_has_the_vector_of_the_same_text(embedder):
    """The bundled model has no prefix."""
    asked, (stored,) = embedder.embed_query("where is the harbour?"), embedder.embed(["where is the harbour?"])

    assert asked.mean.tobytes() == stored.mean.tobytes()
    assert np.linalg.norm(asked.states, axis=1) == pytest.approx(np.ones(1), abs=1e-6)
    assert (asked.states.dtype, asked.states.shape) == (np.float32, (1, 384))


def test_a_repeated_query_comes_from_the_cache(embedder):
    """The very same object, which can't be written to."""
    first = embedder.embed_query("a query asked twice")

    assert embedder.embed_query("a query asked twice") is first
    with pytest.raises(ValueError, match="read-only"):
        first.mean[0] = 1.0


def test_the_least_recently_asked_query_leaves_the_cache():
    """Oracle: the order of use, with room for two."""
    small = Embedder.load("bundled", threads=1, query_cache=2)
    first, second = small.embed_query("one"), small.embed_query("two")
    small.embed_query("one")
    small.embed_query("three")

    assert small.embed_query("one") is first
    assert small.embed_query("two") is not second


def test_long_queries_leave_the_cache_sooner():
    """What is bounded is the room, 32 token states a query: of 250 each, one fits among eight and not two."""
    small = Embedder.load("bundled", threads=1, query_cache=8)
    first = small.embed_query("whale " * 300)
    assert small.embed_query("whale " * 300) is first

    second = small.embed_query("harbour " * 300)
    assert small.embed_query("harbour " * 300) is second
    assert small.embed_query("whale " * 300) is not first


def test_forgotten_queries_are_embedded_anew(embedder):
    """Another object with the same bits."""
    first = embedder.embed_query("a query to be forgotten")
    embedder.forget_queries()

    again = embedder.embed_query("a query to be forgotten")
    assert again is not first
    assert same([first], [again])


def test_a_cache_of_size_zero_keeps_nothing():
    """And the answer is the same."""
    off = Embedder.load("bundled", threads=1, query_cache=0)
    first, again = off.embed_query("one"), off.embed_query("one")

    assert first is not again
    assert same([first], [again])


def test_the_bundled_model_says_what_it_is(embedder):
    """What the store's fingerprint is made of."""
    assert (embedder.name, embedder.dims, embedder.pooling, embedder.prefix) == ("all-MiniLM-L6-v2", 384, "mean", "")
    assert (embedder.max_tokens, embedder.chunk_limit, embedder.warnings) == (256, 128, ())
    assert len(embedder.sha256) == 64


def test_the_constant_dimensions_never_vary(embedder):
    """A fact of the model, on texts that have nothing in common."""
    means = np.stack([found.mean for found in embedder.embed([*sentences(10, seed=4), *EMBEDDING_TEXTS])])
    varying = np.setdiff1d(np.arange(384), embedder.constant_dims)

    assert means[:, embedder.constant_dims].std(axis=0).max() < 1e-6
    assert means[:, varying].std(axis=0).min() > 1e-3


def test_threads_of_zero_are_those_of_the_machine():
    """The configuration's default loads, and gives the same vector."""
    (found,) = Embedder.load("bundled").embed(["This is an example sentence"])

    assert found.mean[0] == pytest.approx(0.0677, abs=0.004)


def test_an_unknown_model_is_refused():
    """With exit code 7."""
    with pytest.raises(ModelUnavailable) as caught:
        Embedder.load("/nowhere/at/all")

    assert caught.value.exit_code == 7


def test_importing_the_embedder_loads_no_onnxruntime():
    """Those who only name its types stay light."""
    program = "import sys, slm.embed.onnx; print('onnxruntime' in sys.modules, 'tokenizers' in sys.modules)"
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)

    assert found.stdout.split() == ["False", "False"]


@given(st.lists(st.integers(2, 512), max_size=60), st.booleans())
def test_runs_take_every_text_once_within_both_bounds(lengths, batch_invariant):
    """At most 8 texts and 512 tokens a run, padding included; one text a run for a model that needs it."""
    found = list(runs(lengths, batch_invariant))

    assert sorted(i for run in found for i in run) == list(range(len(lengths)))
    for run in found:
        assert 1 <= len(run) <= (TEXTS_PER_RUN if batch_invariant else 1)
        assert len(run) * max(lengths[i] for i in run) <= PADDED_TOKENS_PER_RUN


@given(st.lists(st.integers(2, 512), max_size=60))
def test_runs_go_from_short_to_long(lengths):
    """Texts of like length share a run, so that little is padding."""
    order = [lengths[i] for run in runs(lengths) for i in run]

    assert order == sorted(lengths)

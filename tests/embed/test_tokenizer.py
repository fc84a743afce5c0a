"""Which tokenizer a folder gets: our own where it repeats the folder's exactly, else the optional package's."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from tokenizers import BertWordPieceTokenizer, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from slm.embed.foreign_tokenizer import ForeignTokenizer
from slm.embed.model_files import VOCABULARY, resolve
from slm.embed.tokenizer import load_tokenizer
from slm.embed.wordpiece import WordPiece
from slm.errors import ModelUnavailable
from tests.embed.texts import texts
from tests.embed.tiny_onnx import folder

BERT = json.loads(BertWordPieceTokenizer(str(VOCABULARY), lowercase=True).to_str())
TEMPLATE = json.loads(
    processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1", [("[CLS]", 101), ("[SEP]", 102)]
    ).__getstate__()
)


def changed(part: str, **values: object) -> dict:
    """The reference's own description of BERT's tokenizer with some values of one part changed."""
    settings = copy.deepcopy(BERT)
    settings[part].update(values)
    return settings


def loaded(path: Path, **files: object):
    return load_tokenizer(resolve(str(folder(path, **files))))


def refusal(path: Path, **files: object) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as caught:
        loaded(path, **files)
    return caught.value


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory) -> ForeignTokenizer:
    """A byte-level BPE tokenizer, as of the RoBERTa family, trained on a sentence."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    backend.train_from_iterator(["the whales sing at night"], trainer)
    backend.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    path = tmp_path_factory.mktemp("bpe") / "tokenizer.json"
    backend.save(str(path))
    return ForeignTokenizer(path)


def test_a_vocabulary_alone_gets_our_own(tmp_path):
    """BERT's is the only tokenizer that is written that way."""
    assert isinstance(loaded(tmp_path), WordPiece)


@pytest.mark.parametrize(
    "settings",
    [
        BERT,
        {**BERT, "post_processor": TEMPLATE},
        changed("normalizer", lowercase=False),
        changed("normalizer", strip_accents=False),
        changed("normalizer", handle_chinese_chars=False),
    ],
    ids=["bert", "template", "cased", "accents", "ideographs"],
)
def test_a_bert_tokenizer_gets_our_own_with_its_settings(tmp_path, settings):
    """Oracle: the reference reading the same file."""
    own = loaded(tmp_path, tokenizer=settings)
    oracle = Tokenizer.from_str(json.dumps(settings))

    assert isinstance(own, WordPiece)
    for text in ("Héllo 東京 WÖRLD, [SEP] it's", "ÀÉÎ", "日本 a\u0301"):
        assert own.encode(text, 99) == oracle.encode(text).ids


@pytest.mark.parametrize(
    "settings",
    [
        changed("model", max_input_chars_per_word=50),
        changed("model", continuing_subword_prefix="@@"),
        changed("normalizer", clean_text=False),
        {**BERT, "normalizer": {"type": "Lowercase"}},
        {**BERT, "pre_tokenizer": {"type": "Whitespace"}},
        {**BERT, "normalizer": None},
        {**BERT, "post_processor": None},
        {**BERT, "added_tokens": [*BERT["added_tokens"], {**BERT["added_tokens"][0], "id": 1, "content": "[unused0]"}]},
    ],
    ids=["short words", "prefix", "controls", "normaliser", "splitter", "none", "no frame", "added token"],
)
def test_any_other_word_piece_tokenizer_gets_the_package(tmp_path, settings):
    """Our own would give other ids."""
    found = loaded(tmp_path, tokenizer=settings)
    oracle = Tokenizer.from_str(json.dumps(settings))

    assert isinstance(found, ForeignTokenizer)
    for text in ("Héllo [unused0] WÖRLD, it's " + "x" * 60, "a\x01b"):
        assert found.encode(text, 99) == oracle.encode(text).ids


def test_without_the_package_the_hint_is_the_extra(tmp_path, monkeypatch):
    """What to install, word for word."""
    monkeypatch.setitem(sys.modules, "slm.embed.foreign_tokenizer", None)

    error = refusal(tmp_path, tokenizer=changed("normalizer", clean_text=False))

    assert error.hint == "pip install 'slm-memory[tokenizers]'"
    assert error.exit_code == 7


@pytest.mark.parametrize("settings", [{}, {"model": None}, {"model": "BERT"}, {"model": {"type": "WordPiece"}}])
def test_a_file_that_describes_no_tokenizer_is_refused(tmp_path, settings):
    """A user's mistake shows no traceback."""
    error = refusal(tmp_path, tokenizer=settings)

    assert error.where["model"].endswith("tokenizer.json")


def test_a_vocabulary_that_is_not_berts_is_refused(tmp_path):
    """MPNet's, for one, writes its special tokens otherwise."""
    folder(tmp_path)
    (tmp_path / "vocab.txt").write_text("<s>\n<pad>\n</s>\n[UNK]\nred\n")

    with pytest.raises(ModelUnavailable, match=r"lacks \[CLS\]"):
        load_tokenizer(resolve(str(tmp_path)))


def test_a_vocabulary_that_is_not_text_is_refused(tmp_path):
    """A binary file under that name."""
    folder(tmp_path)
    (tmp_path / "vocab.txt").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ModelUnavailable, match="isn't UTF-8"):
        load_tokenizer(resolve(str(tmp_path)))


@settings(max_examples=50, deadline=None)
@given(texts())
def test_a_foreign_tokenizer_frames_and_counts(byte_level, text):
    """By definition: the two ends are no pieces."""
    ids = byte_level.encode(text, 1 << 20)

    assert (ids[0], ids[-1]) == (0, 2)
    assert byte_level.count(text) == len(ids) - 2


def test_a_foreign_tokenizer_cuts_at_the_limit(byte_level):
    """The last of the ids is still the end."""
    assert len(byte_level.encode("whales sing " * 50, 16)) == 16
    assert byte_level.encode("whales sing " * 50, 16)[-1] == 2
    assert byte_level.count("whales sing " * 50) > 16


def test_a_foreign_tokenizer_reads_lone_surrogates(byte_level):
    """The package refuses them; they are replaced."""
    assert byte_level.count("a\ud800b") > 2


def test_a_foreign_tokenizer_knows_its_special_tokens(byte_level):
    """The unknown token stands for a text, so it isn't one of them."""
    assert byte_level.special_ids == {0, 1, 2}
    assert byte_level.padding == 1


def test_a_sentence_piece_like_normaliser_is_left_to_the_package(tmp_path):
    """What it normalises is its own business."""
    settings = {**BERT, "normalizer": json.loads(normalizers.NFKC().__getstate__())}

    assert loaded(tmp_path, tokenizer=settings).count("ﬁne") == 1

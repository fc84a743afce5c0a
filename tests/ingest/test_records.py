"""The gate for records from outside."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.ingest.records import MAX_NAME_BYTES, MAX_TAGS, check_record
from slm.model import DEFAULTS, FIELDS, ID_ALPHABET, KINDS, MAX_TEXT_BYTES, Memory

ID = "k3m9qk3m9qk3"
FULL = {
    "id": ID, "text": " API listens on 5433\n", "kind": "fact", "tags": ["api", "ünï"], "speaker": "Anna",
    "session": "s1",
    "scope": "github.com/acme/api", "source": "notes/a.md", "observed_at": "2024-03-14",
    "recorded_at": "2024-03-14T10:30:00Z", "valid_from": "0001-01-01", "valid_until": "9999-12-31T00:00:00+01:00",
    "importance": 0.7, "pinned": True, "private": False, "trust": 1.0, "supersedes": ["p7d2xp7d2xp7"],
    "superseded_by": "b2v8nb2v8nb2", "claims": ["api.port=5433"], "idempotency_key": "a:1", "actor": "import:jsonl",
    "uses": 3,
    "confirmations": 1, "last_used": "2024-03-15T00:00:00Z", "forgotten_at": "2024-03-16T00:00:00Z", "never_true": True,
    "reason": "a slip", "claims_dropped": ["k3m9q7zt"], "claims_ended": ["k3m9q7zt@2024-03-14T00:00:00Z"],
    "conflicts_accepted": ["k3m9q7zt0abc"],
}  # fmt: skip


def refusal(obj: object, where: str = "record 3") -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        check_record(obj, where)
    return caught.value


def test_every_field_of_a_memory_is_taken_and_none_is_changed():
    """Specification: the fields of Memory.record()."""
    assert set(FULL) == set(FIELDS)
    assert check_record(FULL, "") == FULL


def test_only_the_text_is_required():
    """Specification."""
    assert check_record({"text": "x"}, "") == {"text": "x"}
    assert refusal({}).message == "record 3: field 'text' is missing"


def test_what_a_memory_writes_passes():
    """Specification: the record is the same on input and output; empty values say nothing."""
    assert check_record(Memory(ID, "x").record(), "") == {
        "id": ID, "text": "x", "kind": "note", "tags": [], "scope": "global", "importance": 0.5, "pinned": False,
        "private": False, "trust": 0.9, "supersedes": [], "claims": [], "actor": "cli", "uses": 0,
    }  # fmt: skip


def test_values_take_their_plain_form():
    """Specification: tuples to lists, one id to a list, whole numbers to shares, names stripped, tags once."""
    record = {
        "text": "x",
        "tags": ("b", "a", "b"),
        "supersedes": ID,
        "importance": 1,
        "speaker": " Anna ",
        "session": None,
    }

    assert check_record(record, "") == {
        "text": "x", "tags": ["b", "a"], "supersedes": [ID], "importance": 1.0, "speaker": "Anna",
    }  # fmt: skip


def test_tags_are_composed():
    """Specification: one spelling of one tag (NFC)."""
    assert check_record({"text": "x", "tags": ["u\u0308ber"]}, "")["tags"] == ["über"]


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ({"txt": "x"}, "record 3: unknown field 'txt'; did you mean 'text'?"),
        ({"text": "x", "zzz": 1}, "record 3: unknown field 'zzz'"),
        ({"text": "x", "tag": ["a"]}, "record 3: unknown field 'tag'; did you mean 'tags'?"),
        ({"text": "x", "phase": "active"}, "record 3: unknown field 'phase'"),
        ({"text": "x", 7: 1}, "record 3: unknown field 7"),
        (None, "record 3: a record is an object with at least a text, not None"),
        (["text"], "record 3: a record is an object with at least a text, not ['text']"),
        ("text", "record 3: a record is an object with at least a text, not 'text'"),
        ({"text": "x", "claims": "a=b"}, "record 3: field 'claims' must be a list of texts, not 'a=b'"),
        (
            {"text": "x", "claims": ["a"] * 2 + [str(n) for n in range(100)]},
            "record 3: field 'claims' must be at most 100 claims, not ['a', 'a', '0', '1', '2', '3', '4', '5',…",
        ),
        (
            {"text": "x", "claims_dropped": ["short"]},
            "record 3: field 'claims_dropped' must be a list of digests of claims, not ['short']",
        ),
        (
            {"text": "x", "claims_ended": ["k3m9q7zt"]},
            "record 3: field 'claims_ended' must be a list of digests of claims with times: digest@time, "
            "not ['k3m9q7zt']",
        ),
        (
            {"text": "x", "claims_ended": ["k3m9q7zt@soon"]},
            "record 3: field 'claims_ended' is no ISO 8601 time: 'soon'",
        ),
        (
            {"text": "x", "conflicts_accepted": "k3m9q7zt0abc"},
            "record 3: field 'conflicts_accepted' must be a list of ids of conflicts, not 'k3m9q7zt0abc'",
        ),
        ({"text": "x", "observed_at": "soon"}, "record 3: field 'observed_at' is no ISO 8601 time: 'soon'"),
        ({"text": "x", "valid_until": "2024"}, "record 3: field 'valid_until' is no ISO 8601 time: '2024'"),
        (
            {"text": "x", "kind": "idea"},
            "record 3: field 'kind' must be one of note, fact, preference, decision, event, turn, not 'idea'",
        ),
    ],
)
def test_a_refusal_says_where_and_what(obj, message):
    """Specification: names its place, suggests the likely field."""
    assert refusal(obj).message == message


def test_an_unknown_field_lists_the_known_ones():
    """Specification."""
    assert refusal({"zzz": 1}).hint == "fields: " + ", ".join(FIELDS)


def test_without_a_place_the_message_starts_with_the_field():
    """Specification."""
    assert refusal({"text": ""}, "").message.startswith("field 'text' must be")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""), ("text", " \n\t"), ("text", None), ("text", 3), ("text", ["x"]), ("text", b"x"),
        ("text", "a\0b"), ("text", "a\ud800"), ("text", "x" * (MAX_TEXT_BYTES + 1)),
        ("text", "é" * (MAX_TEXT_BYTES // 2 + 1)),
        ("id", "K3M9QK3M9QK3"), ("id", "k3m9q"), ("id", "k3m9qk3m9qil"), ("id", ""), ("id", None), ("id", f"{ID}\n"),
        ("kind", None), ("kind", ["note"]), ("kind", "Note"),
        ("tags", "a"), ("tags", None), ("tags", [1]), ("tags", [""]), ("tags", ["a b"]), ("tags", ["a,b"]),
        ("tags", ["a\tb"]),
        ("tags", ["a\x07"]), ("tags", ["-a"]), ("tags", ["+a"]), ("tags", ["a\u2028"]), ("tags", ["a\u200eb"]),
        ("tags", ["x" * 129]), ("tags", ["\udfff"]), ("tags", {"a": 1}),
        ("tags", [str(n) for n in range(MAX_TAGS + 1)]),
        ("speaker", ""), ("speaker", " "), ("speaker", 3), ("speaker", "a\nb"), ("session", "a\x1b[31m"),
        ("source", "a\0"),
        ("scope", None), ("scope", "x" * (MAX_NAME_BYTES + 1)), ("source", "a\u2029b"), ("actor", "\udc80"),
        ("idempotency_key", ["a"]), ("reason", "\x7f"),
        ("observed_at", 20240314), ("observed_at", "1600-01-01"), ("observed_at", "9999-12-31"),
        ("recorded_at", "2262-04-12"),
        ("valid_from", "0000-01-01"), ("last_used", True), ("forgotten_at", "yesterday"),
        ("importance", -0.1), ("importance", 1.1), ("importance", "high"), ("importance", True),
        ("importance", float("nan")),
        ("importance", None), ("trust", float("inf")), ("trust", 10**400), ("pinned", 1), ("pinned", "yes"),
        ("private", None),
        ("never_true", 0), ("uses", -1), ("uses", 1.0), ("uses", True), ("uses", 1 << 32), ("confirmations", "3"),
        ("supersedes", 3), ("supersedes", [3]), ("supersedes", ""), ("supersedes", [ID, "no id"]), ("supersedes", None),
        ("superseded_by", "k3m9q"), ("superseded_by", [ID]), ("claims", "x"), ("claims", None), ("claims", [None]),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_form_is_refused_and_its_field_named(field, value):
    """Specification: types, ranges, kinds, times, ids, tags, control characters, sizes, surrogates."""
    error = refusal({"text": "x", field: value})

    assert error.message.startswith("record 3: ")
    assert field in error.message or field == "claims"
    assert len(error.message) < 400
    assert error.message.isprintable()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", "x" * MAX_TEXT_BYTES), ("text", "a\tb\r\n\x1b[31m"), ("text", "👩‍👩‍👧"), ("text", "\ufeffx"),
        ("tags", []), ("tags", ["c++", "a/b", "#x", "日本"]), ("supersedes", ["k3"]), ("supersedes", []),
        ("uses", (1 << 32) - 1),
        ("importance", 0), ("trust", 1), ("observed_at", "1700-01-01"), ("observed_at", "2262-01-01"),
        ("source", "x" * MAX_NAME_BYTES), ("speaker", "Zoë O'Neil 🙂"), ("valid_until", "9999-12-31"),
        *(("kind", kind) for kind in KINDS),
    ],
)  # fmt: skip
def test_values_at_the_limits_are_taken(field, value):
    """Specification: limits are inclusive."""
    assert check_record({"text": "x", field: value}, "")[field] == value


@pytest.mark.parametrize("field", [field for field in FIELDS if DEFAULTS[field] in (None, "")])
def test_a_null_is_as_if_the_field_were_not_there(field):
    """Specification: exports write nulls."""
    assert check_record({"text": "x", field: None}, "") == {"text": "x"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.fixed_dictionaries(
    {"text": st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")).filter(str.strip)},
    optional={
        "id": st.text(ID_ALPHABET, min_size=12, max_size=12),
        "kind": st.sampled_from(KINDS),
        "tags": st.lists(st.from_regex(r"[a-zä-ö/#.]{1,9}", fullmatch=True), max_size=4, unique=True),
        "speaker": st.none() | st.sampled_from(["Anna", " Bo "]),
        "importance": st.floats(0, 1),
        "supersedes": st.text(ID_ALPHABET, min_size=12, max_size=12) | st.lists(st.just(ID), max_size=1),
        "valid_from": st.dates().map(str),
        "uses": st.integers(0, 1 << 31),
        "pinned": st.booleans(),
    },
)  # fmt: skip


@given(RECORDS)
def test_a_checked_record_passes_again_unchanged_and_is_plain_json(record):
    """Theorem: idempotence; a memory takes it."""
    checked = check_record(record, "")

    assert check_record(checked, "") == checked
    assert json.loads(json.dumps(checked)) == checked
    assert Memory.from_record({"id": ID, **checked}).text == record["text"]


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), JSON, max_size=4) | JSON)
def test_any_json_is_a_record_or_refused_with_its_place(obj):
    """Specification: nothing but InvalidInput, in one printable line."""
    with contextlib.suppress(InvalidInput):
        assert "text" in check_record(obj, "line 7")


@given(st.text(max_size=200))
def test_messages_show_no_control_characters(text):
    """Specification: a refusal is safe to print."""
    message = refusal({"text": "x", text + "\x1b": 1}).message

    assert message.isprintable()
    assert len(message) < 150

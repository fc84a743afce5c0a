"""Every importer against files that no program writes: it reads them or says InvalidInput, and nothing else."""

from __future__ import annotations

import io
import json
import random
import zipfile
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from slm.errors import InvalidInput
from slm.ingest.formats import IMPORTERS
from slm.ingest.jsonl import WEIGHTS
from slm.ingest.records import check_record
from tests.ingest.exports import SAMPLES, json_lines

FUZZED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FORMATS = sorted(SAMPLES)
LARGE = int("9" * 400)
"""More than any float holds."""
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([LARGE, -LARGE, 1e308, float("nan"), float("inf"), 0, "", "\0", "\ud800", "9999-12-31T23:59:59"])
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def read(name: str, file: Any) -> None:
    """Read a file to its end; whatever comes out is a record that the gate takes."""
    try:
        for _, record in IMPORTERS[name].read(str(file), io.BytesIO(), lambda _: None):
            if WEIGHTS not in record:
                check_record(record, "again")
    except InvalidInput:
        return


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a document but the whole."""
    if not isinstance(document, dict | list):
        return []
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    return [found for key, value in inner for found in ((*at, key), *places(value, (*at, key)))]


def with_value(document: Any, at: tuple[Any, ...], value: Any) -> Any:
    changed = inner = deepcopy(document)
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


@pytest.mark.parametrize("name", FORMATS)
@FUZZED
@given(raw=st.binary(max_size=400))
@example(raw=b"")
@example(raw=b"PK\x03\x04")
@example(raw=b"\xff\xfe" + '[{"text": "a"}]'.encode("utf-16-le"))
@example(raw='{"text": "März"}'.encode("latin-1"))
@example(raw=b"[" * 100_000)
@example(raw=b'{"a":' * 100_000)
@example(raw=b"9" * 5000)
@example(raw=b'[{"memory": "a", "created_at": ' + b"9" * 5000 + b"}]")
def test_no_bytes_break_an_importer(name, raw, tmp_path) -> None:
    """trust.md: fuzz every importer; random bytes, wrong encodings, deep nesting, numbers without end."""
    (tmp_path / SAMPLES[name][0]).write_bytes(raw)

    read(name, tmp_path / SAMPLES[name][0])


@pytest.mark.parametrize("name", FORMATS)
@FUZZED
@given(data=st.data())
def test_no_value_at_any_place_breaks_an_importer(name, data, tmp_path) -> None:
    """trust.md: what another program's next version may write where a text stands today."""
    file, content, _ = SAMPLES[name]
    if not file.endswith("md"):
        document = json.loads(content) if file.endswith("json") else [json.loads(line) for line in content.splitlines()]
        changed = document
        for _ in range(data.draw(st.integers(1, 3))):
            changed = with_value(changed, data.draw(st.sampled_from(places(changed))), data.draw(VALUES))
        content = json.dumps(changed) if file.endswith("json") else json_lines(*changed)
        raw = content.encode()
    else:
        raw = bytearray(content.encode())
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / file).write_bytes(raw)

    read(name, tmp_path / file)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_cut_anywhere_or_with_any_byte_changed_is_read_or_refused(method, tmp_path) -> None:
    """trust.md: truncated archives; a flipped byte lies in names, sizes, offsets, methods or the packed text."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("conversations.json", SAMPLES["chatgpt"][1])
    whole, path, draw = buffer.getvalue(), tmp_path / "export.zip", random.Random(7)

    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        read("chatgpt", path)
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << draw.randrange(8)]) + whole[at + 1 :])
        read("chatgpt", path)


@pytest.mark.parametrize("filling", [b" ", b"a"])
def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused(filling, tmp_path) -> None:
    """trust.md: a zip bomb is read a block at a time, and given up at the longest element."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("conversations.json", "w") as member:
        member.write(b'["' if filling == b"a" else b"[")
        for _ in range(160):
            member.write(filling * (1 << 20))
    assert path.stat().st_size < 1 << 20

    with pytest.raises(InvalidInput, match=r"longer than 64|ends too early|missing"):
        list(IMPORTERS["chatgpt"].read(str(path), io.BytesIO(), lambda _: None))

"""The files of an export: named, in a folder, in an archive, or from standard input."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest

from slm.errors import InvalidInput
from slm.ingest.json_stream import elements
from slm.ingest.places import files
from tests.ingest.exports import zipped

WANTED = re.compile(r"(?:.*/)?conversations(?:-\d+)?\.json")


def found(place: str, stdin: bytes = b"") -> list[tuple[str, bytes]]:
    return [(name, stream.read()) for name, stream in files(place, io.BytesIO(stdin), WANTED, "conversations.json")]


def values(path: Path) -> list[object]:
    """What the files of a place hold, read as importers read it."""
    streams = files(str(path), io.BytesIO(), WANTED, "conversations.json")
    return [element.value for name, stream in streams for element in elements(stream, name)]


def test_a_file_is_taken_whatever_its_name(tmp_path):
    """Specification."""
    (tmp_path / "my.export").write_text("[]")

    assert found(str(tmp_path / "my.export")) == [(str(tmp_path / "my.export"), b"[]")]


def test_a_dash_is_standard_input():
    """Specification."""
    assert found("-", b"[1]") == [("stdin", b"[1]")]


def test_a_folder_gives_the_wanted_files_in_the_order_of_their_names(tmp_path):
    """Large exports are split into numbered files."""
    for name in ("conversations-001.json", "conversations-000.json", "shared_conversations.json", "user.json"):
        (tmp_path / name).write_text(name)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "conversations.json").write_text("deep")

    names = ["conversations-000.json", "conversations-001.json", "deep/conversations.json"]
    assert [name for name, _ in found(str(tmp_path))] == names


def test_links_and_hidden_files_in_a_folder_are_not_followed(tmp_path):
    """An unpacked archive of somebody else's must not lead to files outside it."""
    outside = tmp_path / "secret.json"
    outside.write_text("[]")
    folder = tmp_path / "export"
    (folder / ".hidden").mkdir(parents=True)
    (folder / ".hidden" / "conversations.json").write_text("[]")
    (folder / "conversations.json").symlink_to(outside)

    with pytest.raises(InvalidInput, match=r"no conversations\.json in there"):
        found(str(folder))


def test_an_archive_is_read_in_place(tmp_path):
    """Nothing is unpacked, so a member's name can't lead anywhere."""
    members = {"../../conversations.json": "[1]", "a/conversations-002.json": "[2]", "x.json": "[3]"}

    assert found(zipped(tmp_path / "e.zip", members)) == [
        ("../../conversations.json", b"[1]"), ("a/conversations-002.json", b"[2]"),
    ]  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["e.zip"]


def test_an_archive_without_the_file_says_so(tmp_path):
    """Specification."""
    with pytest.raises(InvalidInput, match=r"e\.zip: no conversations\.json in there"):
        found(zipped(tmp_path / "e.zip", {"x.json": "[]"}))


def test_a_damaged_archive_is_named(tmp_path):
    """A download that broke off, and one with a flipped bit."""
    path = tmp_path / "e.zip"
    zipped(path, {"conversations.json": "[" + "1, " * 5000 + "1]"})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidInput, match="damaged archive"):
        found(str(path))

    path.write_bytes(whole[:60] + bytes([whole[60] ^ 255]) + whole[61:])
    with pytest.raises(InvalidInput, match=r"damaged archive|can't be read|not JSON|not UTF-8"):
        values(path)


def test_an_archive_with_a_password_says_what_to_do(tmp_path):
    """zipfile reads no encrypted members without a password; the flag alone marks them."""
    path = tmp_path / "e.zip"
    zipped(path, {"conversations.json": "[]"})
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)

    with pytest.raises(InvalidInput) as refusal:
        found(str(path))
    assert refusal.value.hint == "unpack it, and import the folder"


def test_an_empty_archive_is_no_archive_of_an_export(tmp_path):
    """An archive without members begins otherwise: it reads as a file that holds no JSON."""
    with zipfile.ZipFile(tmp_path / "e.zip", "w"):
        pass

    with pytest.raises(InvalidInput, match=r"not JSON|not UTF-8"):
        values(tmp_path / "e.zip")


@pytest.mark.parametrize("place", ["nosuch.json", "nosuch/x.json"])
def test_a_file_that_is_not_there_is_named(place, tmp_path, monkeypatch):
    """Specification."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InvalidInput, match=f"{place}: No such file"):
        found(place)

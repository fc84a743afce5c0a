"""Bad input of every sort: each says what, where and how to mend it, has its exit code, and leaves the store alone."""

from __future__ import annotations

import lmdb
import pytest

from slm.store import migrations
from tests.end_to_end.home import Home


@pytest.fixture
def untouched(lived_in: Home):
    """Requires the store to be the same after the test."""

    def state() -> tuple[object, object]:
        with lived_in.json() as client:
            return lived_in.exported(), client.call("log", verify=True)

    before = state()
    yield lived_in
    assert state() == before


@pytest.mark.parametrize(
    ("argv", "stdin", "message"),
    [
        (["remember", ""], b"", "a text that isn't empty"),
        (["remember", "-"], b"", "a text that isn't empty"),
        (["remember", "-"], b" \n\t\n", "a text that isn't empty"),
        (["remember", "-"], b"x" * (2 << 20), "too long"),
        (["remember", "-"], b"caf\xe9", "standard input is not UTF-8 (byte 3)"),
        (["recall", "-"], b"caf\xe9", "standard input is not UTF-8 (byte 3)"),
        (["remember", "a\udce9b"], b"", "Unicode"),
        (["remember", "--batch", "-"], b'{"text": "good"}\n{"txt": "bad"}\n', "did you mean 'text'?"),
        (["remember", "--batch", "-"], b'{"text": "good"}\nnot json\n', "2"),
        (["remember", "--at", "some day", "x"], b"", "can't read 'some day' as a time"),
        (["remember", "--importance", "7", "x"], b"", "a number from 0 to 1"),
    ],
)
def test_a_text_that_can_not_be_taken_is_refused(untouched: Home, argv: list[str], stdin: bytes, message: str) -> None:
    """Exit code 2 and a sentence that names the trouble."""
    said = untouched.slm(*argv, stdin=stdin)

    assert said.code == 2
    assert said.err.startswith("slm: error: ")
    assert message in said.err
    assert "Traceback" not in said.err


def test_a_text_of_two_mebibytes_from_a_file_is_refused(untouched: Home) -> None:
    """The same limit on the way of batches."""
    record = b'{"text": "' + b"x" * (2 << 20) + b'"}\n'

    said = untouched.slm("remember", "--batch", "-", stdin=record)

    assert said.code == 2
    assert "1,048,576 bytes" in said.err


def test_an_unknown_id_is_named_with_the_way_to_ids(untouched: Home) -> None:
    """Exit code 4."""
    for verb in (["show"], ["used"], ["pin"], ["forget"], ["correct"]):
        said = untouched.slm(*verb, "zzzzz", *(["better"] if verb == ["correct"] else []))

        assert said.code == 4, verb
        assert "no memory with the id zzzzz" in said.err
        assert "slm list" in said.err


def test_an_ambiguous_prefix_names_what_it_fits(home: Home) -> None:
    """Exit code 4: give more characters. Thirty-three ids can't all differ in their first of 32 characters."""
    records = "".join(f'{{"text": "note {i}"}}\n' for i in range(33))
    assert home.slm("remember", "--batch", "-", stdin=records.encode()).code == 0
    ids = home.slm("list", "--ids").out.split()
    shared = next(i[0] for i in ids if sum(other[0] == i[0] for other in ids) > 1)

    said = home.slm("forget", shared)

    assert said.code == 4
    assert f"the id {shared} fits several memories" in said.err
    assert "give more characters of it" in said.err
    assert len(home.slm("list", "--ids").out.split()) == 33


def test_an_unknown_configuration_key_is_named_with_a_suggestion(home: Home) -> None:
    """trust.md: unknown keys are errors with a suggestion; nothing starts."""
    config = home.root / "home" / ".config" / "slm" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[recall]\nlimt = 3\n")

    said = home.slm("recall", "x")

    assert said.code == 2
    assert "limt" in said.err
    assert "limit" in said.err
    assert str(config) in said.err
    assert not (home.data / "default").exists()


def test_a_store_newer_than_the_program_is_refused_untouched(home: Home) -> None:
    """trust.md: refused with a clear error; exit code 6."""
    home.remember("written by the future")
    home.stop()
    file = home.data / "default" / "store.mdb"
    with lmdb.open(str(file), subdir=False, max_dbs=64) as environment, environment.begin(write=True) as txn:
        migrations.write_schema(environment, txn, migrations.SCHEMA + 1)
    (home.data / "default" / "store.lock").unlink()
    before = file.read_bytes()

    for argv in (["recall", "future"], ["remember", "x"], ["list"]):
        said = home.slm(*argv)
        assert said.code == 6, said.err
        assert f"the store has schema {migrations.SCHEMA + 1}" in said.err
        assert str(file) in said.err
        assert "install the slm that wrote it" in said.err
    home.stop()

    assert file.read_bytes() == before


def test_a_socket_path_too_long_is_refused_with_what_to_set(home: Home) -> None:
    """Exit code 3: no system call takes a path that long."""
    said = home.slm("recall", "x", env={"SLM_SOCKET": str(home.root / ("s" * 120))})

    assert said.code == 3
    assert "at most 103" in said.err
    assert "SLM_SOCKET" in said.err


def test_a_model_that_is_not_there_is_named(home: Home) -> None:
    """Exit code 7; nothing is downloaded."""
    config = home.root / "home" / ".config" / "slm" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[embed]\nmodel = "/nowhere/model"\n')

    said = home.slm("remember", "x")

    assert said.code == 7
    assert "/nowhere/model" in said.err


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o707])
def test_a_data_folder_open_to_others_is_refused(home: Home, mode: int) -> None:
    """trust.md: files 0600, folders 0700, refused otherwise; exit code 8."""
    home.data.mkdir(mode=0o700)
    home.data.chmod(mode)

    said = home.slm("remember", "x")

    assert said.code == 8
    assert "can be read or written by others" in said.err
    assert f"chmod 700 {home.data}" in said.err
    assert list(home.data.iterdir()) == []


def test_a_store_folder_open_to_others_is_refused(home: Home) -> None:
    """The same for one profile, when the daemon opens it."""
    home.remember("x")
    home.stop()
    (home.data / "default").chmod(0o755)

    said = home.slm("recall", "x")

    assert said.code == 8
    assert f"chmod 700 {home.data}/default" in said.err


def test_everything_written_is_private(lived_in: Home) -> None:
    """trust.md: files 0600, folders 0700."""
    found = [lived_in.data, *lived_in.data.rglob("*")]

    assert {path.name for path in found} >= {"data", "default", "store.mdb", "codes.i8"}
    assert [path for path in found if path.stat().st_mode & 0o077] == []

"""The data root as a check sees it, on real folders."""

from __future__ import annotations

import os

import pytest

from slm.cli import data_folder
from slm.cli.data_folder import folder, open_to_others, synced_by
from slm.errors import StorageRefused


@pytest.fixture
def data(tmp_path):
    """A private data root with a profile in it."""
    made = tmp_path / "data"
    (made / "default").mkdir(parents=True, mode=0o700)
    made.chmod(0o700)
    store = made / "default" / "store.mdb"
    store.touch(0o600)
    return made


def test_a_private_folder_is_well(data):
    """trust.md: files 0600, folders 0700."""
    assert folder(data) == f"{data}, private"


def test_a_folder_that_is_not_there_yet_is_no_trouble(tmp_path):
    """experience.md: the first command makes what it needs."""
    assert folder(tmp_path / "none").endswith("will be made by the first memory")


def test_a_file_that_others_may_read_is_named(data):
    """trust.md: refused otherwise; doctor says which file and both ways to mend it."""
    store = data / "default" / "store.mdb"
    store.chmod(0o644)

    with pytest.raises(StorageRefused) as caught:
        folder(data)

    assert str(store) in caught.value.message
    assert "slm doctor --fix" in caught.value.hint


def test_several_open_files_are_counted(data):
    """One line a check: the first is named."""
    (data / "default" / "store.mdb").chmod(0o640)
    (data / "default").chmod(0o750)

    with pytest.raises(StorageRefused, match="default and 1 more can be read"):
        folder(data)


def test_a_link_out_of_the_folder_is_not_followed(data, tmp_path):
    """What lies elsewhere isn't slm's to judge."""
    foreign = tmp_path / "foreign"
    foreign.touch(0o644)
    (data / "link").symlink_to(foreign)

    assert list(open_to_others(data)) == []


def test_the_data_root_itself_may_be_a_link(data, tmp_path):
    """paths.make_private: data may lie on another disk."""
    link = tmp_path / "link"
    link.symlink_to(data)
    data.chmod(0o755)

    assert list(open_to_others(link)) == [link]


def test_a_folder_that_cannot_be_written_says_what_still_works(data, monkeypatch):
    """experience.md: recall works where nothing can be written."""
    monkeypatch.setattr(data_folder.os, "access", lambda path, how: how != os.W_OK)

    with pytest.raises(StorageRefused, match="recalls, and remembers nothing"):
        folder(data)


def test_another_users_folder_is_refused(data, monkeypatch):
    """trust.md: private folders of one's own."""
    monkeypatch.setattr(data_folder.os, "getuid", lambda: os.geteuid() + 1)

    with pytest.raises(StorageRefused, match="belongs to another user"):
        folder(data)


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive", "Nextcloud"])
def test_a_synced_folder_is_told_by_its_name(name, tmp_path):
    """experience.md: warns on cloud-synced folders."""
    data = tmp_path / name / "slm"
    data.mkdir(parents=True, mode=0o700)

    assert synced_by(data) == name
    with pytest.raises(StorageRefused, match="kept in step with other machines"):
        folder(data)


def test_a_synced_folder_is_told_by_the_mark_in_it(data, tmp_path):
    """Syncthing keeps .stfolder at the top of what it copies."""
    (tmp_path / ".stfolder").mkdir()

    assert synced_by(data) == str(tmp_path / ".stfolder")


def test_an_ordinary_folder_is_not_taken_for_a_synced_one(data):
    assert synced_by(data) is None

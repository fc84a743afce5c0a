"""Where things lie, and which folders are refused."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.errors import DaemonUnavailable, StorageRefused
from slm.paths import MAX_SOCKET_PATH_BYTES, Paths, check_length, check_private, make_folder, make_private, parent

HOME = {"HOME": "/home/anna"}
FOLDERS = st.text(st.characters(categories=["L", "N"], max_codepoint=0x2FF), min_size=1, max_size=12).map(
    "/srv/".__add__
)


@pytest.fixture
def private(tmp_path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder


def test_the_usual_places_are_those_of_the_xdg_standard() -> None:
    """XDG base directory specification: the defaults below $HOME."""
    paths = Paths(HOME)

    assert paths.data == "/home/anna/.local/share/slm"
    assert paths.config == "/home/anna/.config/slm/config.toml"
    assert paths.log == "/home/anna/.local/state/slm/daemon.log"
    assert paths.cache == "/home/anna/.cache/slm"
    assert paths.kernels == "/home/anna/.cache/slm/numba"


def test_the_xdg_variables_move_everything() -> None:
    """XDG base directory specification."""
    variables = {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c/", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/k"}

    paths = Paths(HOME | variables)

    assert (paths.data, paths.config, paths.log, paths.cache) == (
        "/d/slm", "/c/slm/config.toml", "/s/slm/daemon.log", "/k/slm",
    )  # fmt: skip


@pytest.mark.parametrize("value", ["", "relative", "./here"])
def test_a_relative_xdg_folder_is_ignored(value) -> None:
    """XDG base directory specification: "consider the path invalid and ignore it"."""
    assert Paths(HOME | {"XDG_DATA_HOME": value}).data == "/home/anna/.local/share/slm"


def test_slm_variables_come_before_xdg() -> None:
    """Specification: SLM_DATA_DIR, SLM_SOCKET and SLM_CONFIG override."""
    variables = {"SLM_DATA_DIR": "/d/x/", "SLM_CONFIG": "/c/x.toml", "SLM_SOCKET": "/s/x.sock", "XDG_DATA_HOME": "/no"}

    paths = Paths(HOME | variables)

    assert (paths.data, paths.config, paths.socket) == ("/d/x", "/c/x.toml", "/s/x.sock")


def test_options_come_before_variables() -> None:
    """Specification: the flags --socket and --config."""
    variables = {"SLM_SOCKET": "/s/variable.sock", "SLM_CONFIG": "/c/variable.toml"}

    paths = Paths(HOME | variables, socket="/s/option.sock", config="/c/option.toml")

    assert (paths.socket, paths.config) == ("/s/option.sock", "/c/option.toml")


def test_a_relative_option_counts_from_the_working_folder(tmp_path, monkeypatch) -> None:
    """Pinned behaviour: what the user typed means what the shell would mean."""
    monkeypatch.chdir(tmp_path)

    assert Paths(HOME, config="mine.toml").config == f"{tmp_path}/mine.toml"


def test_without_home_the_password_database_knows() -> None:
    """Specification: works under ``env -i``."""
    home = pwd.getpwuid(os.getuid()).pw_dir

    assert Paths({}).data == f"{home.rstrip('/')}/.local/share/slm"


def test_the_usual_socket_lies_in_the_private_runtime_folder(private) -> None:
    """Specification: $XDG_RUNTIME_DIR/slm/slm.sock."""
    assert Paths(HOME | {"XDG_RUNTIME_DIR": str(private)}).socket == f"{private}/slm/slm.sock"


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777])
def test_a_runtime_folder_open_to_others_is_not_used(private, mode) -> None:
    """Specification: no group or other bits."""
    private.chmod(mode)

    assert Paths(HOME | {"XDG_RUNTIME_DIR": str(private)}).socket == f"/tmp/slm-{os.getuid()}/slm.sock"


def test_a_runtime_folder_that_is_missing_is_not_used(tmp_path) -> None:
    """Specification: cron and ssh sessions may name one that is gone."""
    environ = HOME | {"XDG_RUNTIME_DIR": str(tmp_path / "gone"), "TMPDIR": "/var/tmp/"}

    assert Paths(environ).socket == f"/var/tmp/slm-{os.getuid()}/slm.sock"


@given(FOLDERS, FOLDERS)
def test_each_data_root_has_a_socket_and_a_log_of_its_own(one, other) -> None:
    """Two daemons on two data roots must not share a socket (FNV-1a: 32 bits, no collision in such samples)."""
    first, second = (Paths(HOME | {"SLM_DATA_DIR": folder}) for folder in (one, other))

    assert (first.socket == second.socket) == (one == other)
    assert (first.log == second.log) == (one == other)
    assert first.socket != Paths(HOME).socket


def test_naming_the_usual_data_root_changes_nothing() -> None:
    """Pinned behaviour: SLM_DATA_DIR set to the default means the default daemon."""
    assert Paths(HOME | {"SLM_DATA_DIR": "/home/anna/.local/share/slm"}).socket == Paths(HOME).socket


def test_the_endpoint_file_says_where_the_daemon_listens(private) -> None:
    """Specification: clients read the endpoint file first (cron has no XDG_RUNTIME_DIR)."""
    paths = Paths({"SLM_DATA_DIR": str(private)})
    assert paths.published_socket() is None

    Path(paths.endpoint).write_text("/run/user/7/slm/slm.sock\n4121\n0.1.0\n")

    assert paths.published_socket() == "/run/user/7/slm/slm.sock"


@pytest.mark.parametrize("text", ["", "\n", "/half/written", "\n1\n0.1.0\n"])
def test_an_endpoint_file_that_is_not_whole_is_none(private, text) -> None:
    """Fault: a crash may leave anything."""
    paths = Paths({"SLM_DATA_DIR": str(private)})
    Path(paths.endpoint).write_text(text)

    assert paths.published_socket() is None


def test_a_named_socket_comes_before_the_endpoint_file(private) -> None:
    """Specification: --socket is explicit."""
    paths = Paths({"SLM_DATA_DIR": str(private)}, socket="/s/named.sock")
    Path(paths.endpoint).write_text("/s/published.sock\n1\n0.1.0\n")

    assert paths.published_socket() == "/s/named.sock"


@given(st.integers(1, 200))
def test_a_path_is_refused_exactly_when_no_socket_can_have_it(length) -> None:
    """struct sockaddr_un: 104 bytes on BSD and macOS with the closing NUL."""
    path = "/" + "x" * (length - 1)

    if length <= MAX_SOCKET_PATH_BYTES:
        assert check_length(path) == path
    else:
        with pytest.raises(DaemonUnavailable, match="bytes long") as caught:
            check_length(path)
        assert caught.value.exit_code == 3
        assert "SLM_SOCKET" in (caught.value.hint or "")


def test_the_length_counts_bytes_not_letters() -> None:
    """The kernel counts bytes."""
    with pytest.raises(DaemonUnavailable):
        check_length("/" + "ü" * 60)


def test_a_private_folder_passes(private) -> None:
    """Specification."""
    check_private(str(private))


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o777, 0o1777])
def test_a_socket_folder_open_to_others_is_refused(private, mode) -> None:
    """Specification: 0700."""
    private.chmod(mode)

    with pytest.raises(DaemonUnavailable, match="not a private folder"):
        check_private(str(private))


def test_a_link_to_a_private_folder_is_refused_for_a_socket(private, tmp_path) -> None:
    """Specification: checked with lstat; in a shared temporary folder a link may be somebody else's."""
    link = tmp_path / "link"
    link.symlink_to(private)

    with pytest.raises(DaemonUnavailable):
        check_private(str(link))


def test_a_file_is_no_socket_folder(tmp_path) -> None:
    """Specification."""
    file = tmp_path / "file"
    file.touch(mode=0o700)

    with pytest.raises(DaemonUnavailable):
        check_private(str(file))


def test_a_missing_socket_folder_is_told_apart(tmp_path) -> None:
    """No folder means no daemon, which is no refusal."""
    with pytest.raises(FileNotFoundError):
        check_private(str(tmp_path / "missing"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused(private) -> None:
    """Specification: own uid."""
    os.chown(private, 12345, -1)

    with pytest.raises(DaemonUnavailable):
        check_private(str(private))
    with pytest.raises(StorageRefused):
        make_private(str(private))


def test_folders_are_made_for_their_owner_alone(tmp_path) -> None:
    """Specification: folders 0700, the umask of the caller notwithstanding."""
    before = os.umask(0)
    try:
        make_private(str(tmp_path / "a" / "b"))
    finally:
        os.umask(before)

    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_data_may_lie_behind_a_link(private, tmp_path) -> None:
    """Pinned behaviour: another disk."""
    link = tmp_path / "link"
    link.symlink_to(private)

    make_private(str(link))


@pytest.mark.parametrize("name", ["below/the/link", "slm", "a/../../b"])
def test_a_link_that_leads_nowhere_is_no_endless_search(tmp_path, name) -> None:
    """A disk that isn't mounted: mkdir says that the parent is missing, and the parent says that it is there."""
    (tmp_path / "far").symlink_to(tmp_path / "not mounted" / "share")

    with pytest.raises(StorageRefused, match="can't be made: No such file"):
        make_folder(f"{tmp_path}/far/{name}")


def test_a_relative_path_in_a_deleted_folder_is_said(tmp_path, monkeypatch) -> None:
    """Not a traceback: it happens to whoever removes a checkout in another terminal."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(StorageRefused, match="deleted"):
        Paths({"HOME": "/home/anna"}, socket="my.sock")


def test_a_data_folder_open_to_others_is_refused_with_the_command_that_closes_it(private) -> None:
    """Specification: "Files 0600, folders 0700, refused otherwise"."""
    private.chmod(0o750)

    with pytest.raises(StorageRefused) as caught:
        make_private(str(private))

    assert caught.value.hint == f"chmod 700 {private}"
    assert caught.value.exit_code == 8


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path) -> None:
    """An error says what and where."""
    file = tmp_path / "file"
    file.touch(mode=0o600)

    with pytest.raises(StorageRefused, match="a file stands"):
        make_private(str(file))
    with pytest.raises(StorageRefused, match="can't be made"):
        make_private(str(file / "below"))


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=4))
def test_the_parent_is_what_pathlib_says(names) -> None:
    """Oracle: pathlib."""
    path = "/" + "/".join(names)

    assert parent(path) == str(Path(path).parent)


def test_locating_things_imports_builtin_modules_alone() -> None:
    """Every command pays for what is imported here."""
    code = "import sys; sys.path.append(sys.argv[1]); import slm.paths; slm.paths.Paths({}); print(*sys.modules)"
    root = str(Path(__file__).resolve().parents[1])

    listed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, root], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"os", "pathlib", "re", "enum", "typing", "dataclasses"} & set(listed)

"""Where one user's things lie: data, configuration, log, cache and the daemon's socket.

Every client reads this on its way to the daemon, so it imports builtin modules alone. Paths are strings.
"""

from __future__ import annotations

import posix

from slm.errors import DaemonUnavailable, StorageRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SOCKET_PATH_BYTES = 103
"""The shortest limit of a socket's path among Unix systems: 104 bytes with the closing NUL."""

HOOK_LOG = "hooks"
"""The file in the data root in which the hooks of agents say how they fared."""

CONNECTED = "connected.json"
"""The file in the data root that says which agents are connected, and what their files were before."""

DIRECTORY, TYPE_MASK, OTHERS = 0o040000, 0o170000, 0o077


class Paths:
    """The places of one data root; none of them need exist.

    ``data`` is the data root, ``config`` the configuration file, ``log`` the daemon's log, ``cache`` the folder of
    what can be made anew. ``chosen_socket`` is the socket that the user named, None for the usual one. ``environ`` are
    the variables that all of it follows from.
    """

    __slots__ = ("_runtime", "_suffix", "cache", "chosen_socket", "config", "data", "environ", "log")

    def __init__(self, environ: Mapping[str, str], *, socket: str | None = None, config: str | None = None) -> None:
        self.environ = environ
        usual_data = _base(environ, "XDG_DATA_HOME", ".local/share")
        self.data = _absolute(environ.get("SLM_DATA_DIR") or usual_data)
        self.config = _absolute(
            config or environ.get("SLM_CONFIG") or _base(environ, "XDG_CONFIG_HOME", ".config") + "/config.toml"
        )
        self.cache = _base(environ, "XDG_CACHE_HOME", ".cache")
        named = socket or environ.get("SLM_SOCKET")
        self.chosen_socket = _absolute(named) if named else None
        self._suffix = "" if self.data == usual_data else "-" + _fingerprint(self.data)
        self.log = f"{_base(environ, 'XDG_STATE_HOME', '.local/state')}/daemon{self._suffix}.log"
        self._runtime = _runtime_folder(environ)

    @property
    def daemon_lock(self) -> str:
        """The file that the daemon of this data root keeps locked for its life."""
        return self.data + "/daemon.lock"

    @property
    def start_lock(self) -> str:
        """The file that whoever starts a daemon keeps locked meanwhile."""
        return self.data + "/start.lock"

    @property
    def endpoint(self) -> str:
        """The file in which the running daemon names its socket, its process and its version, a line each."""
        return self.data + "/endpoint"

    @property
    def kernels(self) -> str:
        """The folder of compiled kernels."""
        return self.cache + "/numba"

    @property
    def socket(self) -> str:
        """Where a daemon started now listens. Other data roots than the usual one have sockets of their own."""
        return check_length(self.chosen_socket or f"{self._runtime}/slm{self._suffix}.sock")

    @property
    def own_socket(self) -> str:
        """Where it listens instead while the daemon of another data root listens there."""
        return check_length(f"{self._runtime}/slm-{_fingerprint(self.data)}.sock")

    def dormant(self) -> bool:
        """Whether the endpoint file tells of a socket at which a daemon begins when a client connects."""
        lines = self._published()
        return len(lines) > 2 and lines[1] == b"0"

    def published_socket(self) -> str | None:
        """Where a client finds the daemon: the named socket, else what the endpoint file says, else None."""
        if self.chosen_socket:
            return check_length(self.chosen_socket)
        lines = self._published()
        return lines[0].decode("utf-8", "surrogateescape") if len(lines) > 2 and lines[0] else None

    def _published(self) -> list[bytes]:
        """The lines of the endpoint file, none without one."""
        try:
            descriptor = posix.open(self.endpoint, posix.O_RDONLY | posix.O_CLOEXEC)
        except OSError:
            return []
        try:
            return posix.read(descriptor, 4096).split(b"\n")
        finally:
            posix.close(descriptor)


def check_length(socket: str) -> str:
    """``socket`` again. Raises :class:`DaemonUnavailable` when no system call can take a path that long."""
    length = len(socket.encode("utf-8", "surrogateescape"))
    if length > MAX_SOCKET_PATH_BYTES:
        raise DaemonUnavailable(
            f"the socket's path is {length} bytes long, at most {MAX_SOCKET_PATH_BYTES} are possible",
            where={"socket": socket},
            hint="set SLM_SOCKET to a shorter path, in a folder that only you can open",
        )
    return socket


def check_private(folder: str) -> None:
    """Refuse a socket's folder that is a link, somebody else's, or open to others.

    Raises :class:`DaemonUnavailable`, or FileNotFoundError when there is no such folder.
    """
    found = posix.lstat(folder)
    if found.st_uid == posix.getuid() and found.st_mode & (TYPE_MASK | OTHERS) == DIRECTORY:
        return
    raise DaemonUnavailable(
        "the socket's folder is not a private folder of yours, so what listens there can't be trusted",
        where={"folder": folder},
        hint=f"look whose it is (ls -ld {folder}); yours: chmod 700 {folder}; not yours: remove it or set SLM_SOCKET",
    )


def make_folder(folder: str) -> None:
    """Create ``folder`` with its parents, for its owner only. Raises :class:`StorageRefused` when it can't be made."""
    try:
        _make(folder)
    except OSError as error:
        raise StorageRefused(f"the folder can't be made: {error.strerror}", where={"folder": folder}) from error


def make_private(folder: str) -> None:
    """Create ``folder`` where it is missing.

    Raises :class:`StorageRefused` when it can't be made, or is there but no folder, somebody else's, or open to others.
    A link to a private folder is fine: data may lie on another disk.
    """
    make_folder(folder)
    found = posix.stat(folder)
    if found.st_mode & TYPE_MASK != DIRECTORY:
        raise StorageRefused("a file stands where a folder should", where={"folder": folder})
    if found.st_uid != posix.getuid() or found.st_mode & OTHERS:
        raise StorageRefused(
            "the folder can be read or written by others", where={"folder": folder}, hint=f"chmod 700 {folder}"
        )


def parent(path: str) -> str:
    """The folder that holds an absolute ``path``."""
    return path.rpartition("/")[0] or "/"


def _make(folder: str, *, with_parents: bool = True) -> None:
    try:
        posix.mkdir(folder, 0o700)
    except FileExistsError:
        pass
    except FileNotFoundError:
        if not with_parents or folder == "/":
            raise  # above it stands a link that leads nowhere, or a file system in which nothing can be made
        _make(parent(folder))
        _make(folder, with_parents=False)


def _base(environ: Mapping[str, str], variable: str, below_home: str) -> str:
    """The folder of slm below one of the XDG base directories; relative ones are ignored, as the standard says."""
    named = environ.get(variable, "")
    return (named.rstrip("/") if named.startswith("/") else f"{_home(environ)}/{below_home}") + "/slm"


def _home(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if home.startswith("/"):
        return home.rstrip("/")
    import pwd

    return pwd.getpwuid(posix.getuid()).pw_dir.rstrip("/")


def _runtime_folder(environ: Mapping[str, str]) -> str:
    """The session's own folder where it is private, else a folder of the user's under the temporary folder."""
    named = environ.get("XDG_RUNTIME_DIR", "")
    if named.startswith("/"):
        try:
            check_private(named.rstrip("/") or "/")
        except (DaemonUnavailable, OSError):
            pass
        else:
            return named.rstrip("/") + "/slm"
    named = environ.get("TMPDIR", "")
    temporary = named.rstrip("/") if named.startswith("/") else "/tmp"  # noqa: S108 - made and checked as private
    return f"{temporary}/slm-{posix.getuid()}"


def _absolute(path: str) -> str:
    whole = path if path.startswith("/") else f"{_folder_here(path)}/{path}"
    return whole.rstrip("/") or "/"


def _folder_here(path: str) -> str:
    try:
        return posix.getcwd()
    except OSError as error:
        raise StorageRefused("this folder has been deleted, so nothing is in it", where={"path": path}) from error


def _fingerprint(path: str) -> str:
    """Eight hexadecimal digits that tell data roots apart (32-bit FNV-1a: :mod:`hashlib` costs a client 2 ms)."""
    state = 0x811C9DC5
    for byte in path.encode("utf-8", "surrogateescape"):
        state = (state ^ byte) * 0x01000193 & 0xFFFFFFFF
    return f"{state:08x}"

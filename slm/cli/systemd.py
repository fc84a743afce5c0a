"""The daemon as a service of the user's systemd: its first client starts it, and it can open Unix sockets alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from slm.cli.files import replaced_whole
from slm.daemon.server import free_path, publish_dormant
from slm.daemon.spawn import full_program
from slm.errors import InvalidInput, SlmError
from slm.paths import Paths, make_folder, make_private

SERVICE, SOCKET = "slm.service", "slm.socket"
CONTROL = "systemctl"
MARK = "# Written by slm daemon install; slm daemon uninstall removes it."

LISTENS = """\
{mark}
[Unit]
Description=slm, the socket at which its first client starts it
Documentation=man:slm-daemon(1)

[Socket]
ListenStream={socket}
SocketMode=0600
DirectoryMode=0700
RemoveOnStop=yes

[Install]
WantedBy=sockets.target
"""
SERVES = """\
{mark}
[Unit]
Description=slm, a personal memory for local agents
Documentation=man:slm(1)
Requires={socket_unit}
After={socket_unit}

[Service]
ExecStart={command}
{environment}Restart=on-failure
RestartSec=2
KillMode=mixed
TimeoutStopSec=20
UMask=0077
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
"""


def unit_paths(environ: Mapping[str, str]) -> tuple[Path, Path]:
    """Where the socket and the service lie, among the user's own units."""
    base = environ.get("XDG_CONFIG_HOME", "")
    home = environ.get("HOME", "")
    folder = Path(base if base.startswith("/") else f"{home}/.config") / "systemd" / "user"
    return folder / SOCKET, folder / SERVICE


def units(paths: Paths) -> dict[str, str]:
    """The texts of the two units by name: the socket of these paths, and the daemon that is started for it.

    The socket is the one that a daemon started now would take. The kernel refuses the daemon every address family but
    AF_UNIX.
    """
    socket = _escaped(socket_of(paths))
    return {SOCKET: LISTENS.format(mark=MARK, socket=socket), SERVICE: _service(paths)}


def socket_of(paths: Paths) -> str:
    """Where systemd is to listen: where this data root's daemon does, else where one started now would."""
    return paths.published_socket() or free_path(paths)


def _service(paths: Paths) -> str:
    named = {"SLM_DATA_DIR": paths.data, "SLM_CONFIG": paths.config, "SLM_SOCKET": paths.chosen_socket}
    variables = [name for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME") if paths.environ.get(name)]
    named |= {name: paths.environ[name] for name in variables}
    environment = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in named.items() if value)
    command = " ".join(_quoted(word.replace("$", "$$")) for word in [*full_program(), "daemon", "run"])
    return SERVES.format(mark=MARK, socket_unit=SOCKET, command=command, environment=environment)


def available(environ: Mapping[str, str]) -> bool:
    """Whether this user has a systemd that can be told about units."""
    if not shutil.which(CONTROL, path=environ.get("PATH")):
        return False
    return _control(environ, "show-environment").returncode == 0


def install(paths: Paths, environ: Mapping[str, str]) -> list[Path]:
    """Write the units and let systemd listen, now and from every login on; nothing runs until a client connects.

    No daemon of this data root may run. Raises :class:`SlmError` when a step fails.
    """
    require_own(environ)
    socket, texts = socket_of(paths), units(paths)
    written = unit_paths(environ)
    make_folder(str(written[0].parent))
    for path in written:
        replaced_whole(str(path), texts[path.name].splitlines())
    _must(environ, "daemon-reload")
    _must(environ, "disable", SERVICE)  # one that an earlier slm has installed began at login
    _must(environ, "enable", "--now", SOCKET)
    make_private(paths.data)
    publish_dormant(paths, socket)
    return list(written)


def uninstall(paths: Paths, environ: Mapping[str, str]) -> list[Path]:
    """Stop and forget the units that there are. The memories stay."""
    found = installed(environ)
    require_own(environ)
    if found and available(environ):
        _must(environ, "disable", "--now", *(path.name for path in found))
    for path in found:
        path.unlink()
    if found and available(environ):
        _must(environ, "daemon-reload")
    if found and paths.dormant():
        Path(paths.endpoint).unlink()
    return found


def installed(environ: Mapping[str, str]) -> list[Path]:
    """The units that are there."""
    return [path for path in unit_paths(environ) if path.exists()]


def require_own(environ: Mapping[str, str]) -> None:
    """Raises :class:`InvalidInput` for units of these names which slm hasn't written."""
    for path in installed(environ):
        if MARK not in path.read_text("utf-8", "replace"):
            raise InvalidInput(
                "a unit of that name is there, and slm has not written it",
                where={"unit": str(path)},
                hint="move it away, then slm daemon install",
            )


def _must(environ: Mapping[str, str], *words: str) -> None:
    done = _control(environ, *words)
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise SlmError(f"systemctl --user {' '.join(words)} failed: {said}", hint=f"systemctl --user status {SOCKET}")


def _control(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(CONTROL, path=environ.get("PATH")) or CONTROL
    return subprocess.run([program, "--user", *words], env=dict(environ), capture_output=True, text=True, check=False)


def _escaped(path: str) -> str:
    """A path as systemd reads it back where it takes one as it stands."""
    return path.replace("%", "%%")


def _quoted(word: str) -> str:
    """A word as systemd reads it back: % doubled, quotes and backslashes escaped."""
    escaped = _escaped(word.replace("\\", "\\\\").replace('"', '\\"'))
    return f'"{escaped}"' if escaped != word or " " in word else word

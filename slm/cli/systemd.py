"""The daemon as a service of the user's systemd: it runs from login on, and can open Unix sockets alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from slm.cli.files import replaced_whole
from slm.daemon.spawn import full_program
from slm.errors import InvalidInput, SlmError
from slm.paths import Paths, make_folder

UNIT = "slm.service"
CONTROL = "systemctl"
MARK = "# Written by slm daemon install; slm daemon uninstall removes it."

TEMPLATE = """\
{mark}
[Unit]
Description=slm, a personal memory for local agents
Documentation=man:slm(1)

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

[Install]
WantedBy=default.target
"""


def unit_path(environ: Mapping[str, str]) -> Path:
    """Where the user's own units lie."""
    base = environ.get("XDG_CONFIG_HOME", "")
    home = environ.get("HOME", "")
    return Path(base if base.startswith("/") else f"{home}/.config") / "systemd" / "user" / UNIT


def unit(paths: Paths) -> str:
    """The unit's text: the daemon of these paths, with every address family but AF_UNIX refused by the kernel."""
    named = {"SLM_DATA_DIR": paths.data, "SLM_CONFIG": paths.config, "SLM_SOCKET": paths.chosen_socket}
    variables = [name for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME") if paths.environ.get(name)]
    named |= {name: paths.environ[name] for name in variables}
    environment = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in named.items() if value)
    command = " ".join(_quoted(word.replace("$", "$$")) for word in [*full_program(), "daemon", "run"])
    return TEMPLATE.format(mark=MARK, command=command, environment=environment)


def available(environ: Mapping[str, str]) -> bool:
    """Whether this user has a systemd that can be told about the unit."""
    if not shutil.which(CONTROL, path=environ.get("PATH")):
        return False
    return _control(environ, "show-environment").returncode == 0


def install(paths: Paths, environ: Mapping[str, str]) -> Path:
    """Write the unit and let systemd start it now and at every login. Raises :class:`SlmError` when one fails."""
    path = unit_path(environ)
    require_own(path)
    make_folder(str(path.parent))
    replaced_whole(str(path), unit(paths).splitlines())
    _must(environ, "daemon-reload")
    _must(environ, "enable", "--now", UNIT)
    return path


def uninstall(environ: Mapping[str, str]) -> Path | None:
    """Stop and forget the unit; None when there is none. The memories stay."""
    path = unit_path(environ)
    if not path.exists():
        return None
    require_own(path)
    if available(environ):
        _must(environ, "disable", "--now", UNIT)
    path.unlink()
    if available(environ):
        _must(environ, "daemon-reload")
    return path


def require_own(path: Path) -> None:
    """Raises :class:`InvalidInput` for a unit of that name which slm hasn't written."""
    if path.exists() and MARK not in path.read_text("utf-8", "replace"):
        raise InvalidInput(
            "a unit of that name is there, and slm has not written it",
            where={"unit": str(path)},
            hint="move it away, then slm daemon install",
        )


def _must(environ: Mapping[str, str], *words: str) -> None:
    done = _control(environ, *words)
    if done.returncode:
        said = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise SlmError(f"systemctl --user {' '.join(words)} failed: {said}", hint=f"systemctl --user status {UNIT}")


def _control(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which(CONTROL, path=environ.get("PATH")) or CONTROL
    return subprocess.run([program, "--user", *words], env=dict(environ), capture_output=True, text=True, check=False)


def _quoted(word: str) -> str:
    """A word as systemd reads it back: % doubled, quotes and backslashes escaped."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != word or " " in word else word

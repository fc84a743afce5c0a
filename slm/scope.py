"""The project a folder belongs to: the repository's remote, else its root commit, else ``global``.

Repositories are read as plain files. One git command runs (for the root commit of a repository without a remote), with
the user's and system's configuration switched off, transports forbidden and two seconds to answer, and only in the
user's own repositories: nothing that lies in a repository is executed.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from functools import lru_cache
from pathlib import Path

GLOBAL = "global"

MAX_POINTER_BYTES = 4096
MAX_CONFIG_BYTES = 1 << 20
ROOT_COMMIT_TIMEOUT_S = 2.0

_SECTION = re.compile(r'\s*\[\s*([A-Za-z0-9.-]+)\s*(?:"((?:[^"\\]|\\.)*)")?\s*\](.*)')
_ASSIGNMENT = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$")
_CONTINUED = re.compile(r"(?<!\\)((?:\\\\)*)\\\r?\n")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)/?(.*)", re.DOTALL)
_SCP = re.compile(r"([^/:\[]+|[^/:\[]*\[[0-9A-Fa-f:.]+\]):(?!//|:)(.+)", re.DOTALL)
_HOST = re.compile(r"[\w.-]+|\[[0-9a-f:.]+\]")
_REMOTE_SCHEMES = frozenset({"ssh", "git+ssh", "ssh+git", "https", "http", "git", "ftp", "ftps"})


def scope_of(cwd: str | None) -> str:
    """The scope of an absolute folder: ``github.com/acme/api``, ``git:<root commit>``, ``git:<folder>`` or ``global``.

    Worktrees have the scope of their main repository, submodules their own. Never raises for what lies on the disk.
    """
    common = _common_folder(cwd) if cwd else None
    if common is None:
        return GLOBAL
    config = common / "config"
    return _remote(config, _stamp(config)) or _root(common)


def short(scope: str) -> str:
    """The scope without its host: ``acme/api``."""
    host, slash, path = scope.partition("/")
    return path if slash and not host.startswith("git:") else scope


def normalise_remote(url: str) -> str | None:
    """``host/path`` of a remote's URL in any of git's spellings, without credentials; None for a local path."""
    url = url.strip()
    if found := _URL.fullmatch(url):
        scheme, authority, path = found.groups()
        if scheme.lower() not in _REMOTE_SCHEMES:
            return None
        path = re.split(r"[?#]", path, maxsplit=1)[0]
    elif found := _SCP.fullmatch(url):
        authority, path = found.groups()
    else:
        return None
    host, colon, port = authority.rpartition("@")[2].partition(":") if "[" not in authority else _bracketed(authority)
    if colon and port and not port.isdigit():
        return None
    host = host.lower().rstrip(".")
    path = re.sub(r"/+", "/", path).strip("/").removesuffix(".git").rstrip("/")
    if not path or not _HOST.fullmatch(host) or not path.isprintable() or " " in path:
        return None
    return f"{host}/{path}"


def _bracketed(authority: str) -> tuple[str, str, str]:
    host, _, rest = authority.rpartition("@")[2].partition("]")
    return host + "]", rest[:1], rest[1:]


def _common_folder(cwd: str) -> Path | None:
    """The folder that holds the repository's config: ``.git`` itself, or what a worktree's or submodule's points to."""
    try:
        start = Path(cwd)
        if not start.is_absolute() or not start.is_dir():
            return None
        start = start.resolve()
        for folder in (start, *start.parents):
            if (common := _repository(folder / ".git")) is not None:
                return common
    except (OSError, ValueError, RuntimeError):
        pass
    return None


def _repository(dot_git: Path) -> Path | None:
    git_folder = dot_git
    if not dot_git.is_dir():
        pointer = _text(dot_git, MAX_POINTER_BYTES)
        if pointer is None or not pointer.startswith("gitdir:"):
            return None
        git_folder = dot_git.parent / pointer.removeprefix("gitdir:").strip()
    if not (git_folder / "HEAD").is_file():
        return None
    shared = _text(git_folder / "commondir", MAX_POINTER_BYTES)
    return (git_folder / shared.strip() if shared else git_folder).resolve()


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


def _text(path: Path, limit: int) -> str | None:
    """A regular file's text; None when it is empty, longer than ``limit`` bytes, no file or can't be read."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:  # Path.open takes no opener
            content = file.read(limit + 1) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else b""
    except (OSError, ValueError):
        return None
    return content.decode("utf-8", "replace") if 0 < len(content) <= limit else None


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


@lru_cache(maxsize=512)
def _remote(config: Path, _stamp: int) -> str | None:
    """The normalised URL of ``origin``, else of the only remote. The stamp makes a changed file read again."""
    urls = remote_urls(_text(config, MAX_CONFIG_BYTES) or "")
    if "origin" in urls:
        return normalise_remote(urls["origin"])
    return normalise_remote(next(iter(urls.values()))) if len(urls) == 1 else None


def remote_urls(config: str) -> dict[str, str]:
    """The first URL of each remote in a git configuration. Includes and rewrites of URLs are not followed."""
    urls: dict[str, str] = {}
    section: tuple[str, str] = ("", "")
    for line in _CONTINUED.sub(r"\1", config).replace("\r\n", "\n").split("\n"):
        rest = line
        if found := _SECTION.match(line):
            section = (found[1].lower(), re.sub(r"\\(.)", r"\1", found[2] or ""))
            rest = found[3]
        if section[0] == "remote" and (found := _ASSIGNMENT.match(rest)) and found[1].lower() == "url" and found[2]:
            urls.setdefault(section[1], _value(found[2]))
    return urls


def _value(raw: str) -> str:
    """A value of git's configuration: quotes taken off, escapes read, the remark cut."""
    out, quoted, escaped = [], False, False
    for sign in raw:
        if escaped:
            out.append({"n": "\n", "t": "\t", "b": ""}.get(sign, sign))
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif sign in "#;" and not quoted:
            break
        else:
            out.append(sign)
    return "".join(out).strip()


def _root(common: Path) -> str:
    folder = common.parent if common.name == ".git" else common
    name = re.sub(r"[^\w.-]+", "-", folder.name.removesuffix(".git")) or "root"
    try:
        own = common.stat().st_uid in (os.getuid(), 0)
        return f"git:{(_root_commit(common, _stamp(common / 'HEAD')) if own else None) or name}"
    except (LookupError, OSError):
        return f"git:{name}"


@lru_cache(maxsize=512)
def _root_commit(common: Path, _stamp: int) -> str | None:
    """Twelve digits of the smallest root commit, None when git is too slow or absent.

    LookupError, which isn't cached, when there is no commit yet.
    """
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
               f"--git-dir={common}", "rev-list", "--max-parents=0", "HEAD", "--"]  # fmt: skip
    environment = {
        "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_REPLACE_OBJECTS": "1",
    }  # fmt: skip
    try:
        done = subprocess.run(  # fixed arguments; the only outside word is the folder
            command, env=environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True,
            timeout=ROOT_COMMIT_TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    except OSError as error:
        raise LookupError("git doesn't start") from error
    roots: list[bytes] = sorted(re.findall(rb"^[0-9a-f]{40,64}$", done.stdout, re.MULTILINE))
    if not roots:
        raise LookupError("no commit yet")
    return roots[0][:12].decode("ascii")

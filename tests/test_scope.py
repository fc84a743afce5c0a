"""The project of a folder: remotes, root commits, worktrees, and repositories that mean harm."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Never

import pytest
from hypothesis import given
from hypothesis import strategies as st

import slm.scope
from slm.scope import normalise_remote, remote_urls, scope_of, short

GIT = shutil.which("git")
needs_git = pytest.mark.skipif(GIT is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_DATE": "2024-03-14T10:30:00Z", "GIT_COMMITTER_DATE": "2024-03-14T10:30:00Z",
    }  # fmt: skip
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    command = [str(GIT), *who, *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


def repository(folder: Path, config: str = "") -> Path:
    """A repository as its plain files: what slm reads of one."""
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / ".git" / "config").write_text(config)
    return folder


def with_remote(url: str, name: str = "origin") -> str:
    return f'[core]\n\tbare = false\n[remote "{name}"]\n\turl = {url}\n\tfetch = +refs/heads/*:refs/remotes/{name}/*\n'


SPELLINGS = [
    "https://github.com/acme/api.git",
    "https://github.com/acme/api",
    "https://github.com/acme/api/",
    "https://github.com/acme/api.git/",
    "http://GitHub.com:8080/acme/api",
    "https://user@github.com/acme/api.git",
    "https://user:pass@word@github.com:443/acme/api.git",
    "ssh://git@github.com/acme/api.git",
    "ssh://git@github.com:22/acme/api",
    "ssh://git@github.com.//acme//api.git",
    "git+ssh://git@github.com/acme/api",
    "git://github.com/acme/api.git",
    "git@github.com:acme/api.git",
    "git@github.com:/acme/api",
    "github.com:acme/api",
    "  git@GITHUB.com:acme/api.git\n",
    "https://github.com/acme/api.git?x=1#y",
]


@pytest.mark.parametrize("url", SPELLINGS)
def test_every_spelling_of_a_remote_is_one_scope(url) -> None:
    """Specification: ssh, https and scp forms, ports, credentials and .git are equal."""
    assert normalise_remote(url) == "github.com/acme/api"


@pytest.mark.parametrize(
    "url",
    ["", "/srv/git/api.git", "../api", "./api", "api", "file:///srv/api", "ext::sh -c touch", "https://github.com",
     "https://github.com/", "https:///acme/api", "https://us er/x y", "https://github.com/a\nb", "git@:x",
     "https://user:p/a@github.com/acme/api", "ssh://-oProxyCommand=x/y z", "transport::address",
     "git@host:\x1b[31m"],
)  # fmt: skip
def test_what_names_no_host_and_path_is_no_remote(url) -> None:
    """Specification: local paths and nonsense are not scopes."""
    assert normalise_remote(url) is None


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        ("git@[::1]:acme/api.git", "[::1]/acme/api"),
        ("ssh://git@[2001:DB8::1]:22/acme/api", "[2001:db8::1]/acme/api"),
        ("https://git.example.org/a/b/c/d.git", "git.example.org/a/b/c/d"),
        ("https://github.com/Acme/API", "github.com/Acme/API"),
        ("ssh://host/~ada/api.git", "host/~ada/api"),
        ("https://host/@acme/api", "host/@acme/api"),
        ("https://host/api.git.git", "host/api.git"),
    ],
)
def test_paths_are_kept_as_they_are_written(url, scope) -> None:
    """Specification: only the host is lower-cased."""
    assert normalise_remote(url) == scope


@given(st.from_regex(r"[a-z0-9]{1,8}(\.[a-z]{2,3})?", fullmatch=True),
       st.from_regex(r"[\w-]{1,8}(/[\w-]{1,8}){1,2}", fullmatch=True),
       st.from_regex(r"[A-Za-z0-9!%:@]{1,12}", fullmatch=True), st.integers(1, 65_535))  # fmt: skip
def test_no_credential_and_no_port_survives(host, path, secret, port) -> None:
    """Theorem: the scope depends on host and path alone."""
    expected = normalise_remote(f"https://{host}/{path}")

    assert normalise_remote(f"https://u:{secret}@{host}:{port}/{path}.git") == expected
    assert normalise_remote(f"ssh://{secret.replace(':', '')}@{host}:{port}/{path}") == expected
    assert normalise_remote(f"git@{host}:{path}") == expected


@given(st.text(max_size=50))
def test_any_url_is_normalised_or_none_and_normalising_is_stable(url) -> None:
    """Theorem: a scope read as an https URL is itself."""
    found = normalise_remote(url)

    assert found is None or normalise_remote(f"https://{found}.git") == found


# Configuration files


def test_the_configuration_is_read_as_git_reads_it() -> None:
    """Specification: git-config, checked by eye."""
    config = (
        "; remark\n[core]\n\turl = no\n"
        '[Remote "a\\"b"]\n\tURL = "x;y" ; remark\n\turl = second\n'
        '[remote "c"] url = one\\\n two # remark\n'
        '[remote "d"]\n\tpushurl = no\n\turl\n'
        '[remote "e"]\n\turl = \\"q\\" z\\\\\r\n'
        '[remote]\n\turl = unnamed\n[branch "x"]\n\turl = no\n'
    )

    assert remote_urls(config) == {'a"b': "x;y", "c": "one two", "e": '"q" z\\', "": "unnamed"}


@needs_git
@given(url=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=30).filter(str.strip))
def test_a_url_that_git_writes_reads_back(tmp_path_factory, url) -> None:
    """Oracle: git itself, written by `git config`."""
    folder = tmp_path_factory.mktemp("config")
    git(folder, "config", "--file", "config", "remote.origin.url", url)

    assert remote_urls((folder / "config").read_text()) == {"origin": url.strip()}


# Folders


@pytest.mark.parametrize("cwd", [None, "", "relative", "/does/not/exist", "/a\0b", "/dev/null", "~"])
def test_no_folder_is_global(cwd) -> None:
    """Specification: a folder that does not exist -> global."""
    assert scope_of(cwd) == "global"


def test_outside_git_is_global(tmp_path) -> None:
    """Specification."""
    assert scope_of(str(tmp_path)) == "global"


def test_a_folder_deep_inside_has_the_repositorys_scope(tmp_path) -> None:
    """Specification."""
    deep = repository(tmp_path / "api", with_remote("git@github.com:acme/api.git")) / "a" / "b"
    deep.mkdir(parents=True)

    assert scope_of(str(deep)) == "github.com/acme/api"
    assert scope_of(str(tmp_path / "api" / ".git")) == "github.com/acme/api"


def test_a_symbolic_link_to_a_folder_has_the_scope_of_what_it_points_to(tmp_path) -> None:
    """Specification: the real folder counts."""
    repository(tmp_path / "api", with_remote("git@github.com:acme/api.git"))
    (tmp_path / "link").symlink_to(tmp_path / "api")

    assert scope_of(str(tmp_path / "link")) == "github.com/acme/api"


def test_origin_comes_first_then_the_only_remote(tmp_path) -> None:
    """Specification."""
    two = with_remote("https://a.org/x/y", "fork") + with_remote("https://b.org/x/y")
    one = with_remote("https://a.org/x/y", "fork")
    unclear = one + with_remote("https://c.org/x/y", "other")

    assert scope_of(str(repository(tmp_path / "two", two))) == "b.org/x/y"
    assert scope_of(str(repository(tmp_path / "one", one))) == "a.org/x/y"
    assert scope_of(str(repository(tmp_path / "unclear", unclear))) == "git:unclear"


def test_a_changed_remote_is_noticed(tmp_path) -> None:
    """Specification: cached by path and time of change."""
    folder = repository(tmp_path, with_remote("https://a.org/x/y"))
    assert scope_of(str(folder)) == "a.org/x/y"

    config = folder / ".git" / "config"
    config.write_text(with_remote("https://b.org/x/y"))
    os.utime(config, ns=(1, 1))

    assert scope_of(str(folder)) == "b.org/x/y"


# Root commits


@needs_git
def test_without_a_remote_clones_share_the_root_commit(tmp_path) -> None:
    """Specification: "git:" and 12 digits of the root commit."""
    (tmp_path / "one").mkdir()
    git(tmp_path / "one", "init", "-q")
    git(tmp_path / "one", "commit", "-q", "--allow-empty", "-m", "root")
    root = git(tmp_path / "one", "rev-parse", "HEAD").strip()
    git(tmp_path / "one", "commit", "-q", "--allow-empty", "-m", "next")
    git(tmp_path, "clone", "-q", str(tmp_path / "one"), "two")

    assert scope_of(str(tmp_path / "one")) == scope_of(str(tmp_path / "two")) == f"git:{root[:12]}"


@needs_git
def test_of_several_roots_the_smallest_counts(tmp_path) -> None:
    """Specification: lexicographically smallest root."""
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    git(tmp_path, "checkout", "-q", "--orphan", "other")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "two")
    git(tmp_path, "merge", "-q", "--allow-unrelated-histories", "-m", "both", "main")
    roots = git(tmp_path, "rev-list", "--max-parents=0", "HEAD").split()

    assert len(roots) == 2
    assert scope_of(str(tmp_path)) == f"git:{min(roots)[:12]}"


@needs_git
def test_before_the_first_commit_the_folder_names_the_scope_and_after_it_the_commit(tmp_path) -> None:
    """Specification: no commit -> folder name; that answer isn't kept."""
    folder = tmp_path / "my api"
    folder.mkdir()
    git(folder, "init", "-q")
    assert scope_of(str(folder)) == "git:my-api"

    git(folder, "commit", "-q", "--allow-empty", "-m", "root")

    assert scope_of(str(folder)) == f"git:{git(folder, 'rev-parse', 'HEAD')[:12]}"


@needs_git
def test_worktrees_share_the_main_repositorys_scope_also_without_a_remote(tmp_path) -> None:
    """Specification."""
    main, tree = tmp_path / "main", tmp_path / "tree"
    main.mkdir()
    git(main, "init", "-q")
    git(main, "commit", "-q", "--allow-empty", "-m", "root")
    git(main, "worktree", "add", "-q", str(tree))

    assert scope_of(str(tree)) == scope_of(str(main))
    git(main, "remote", "add", "origin", "git@github.com:acme/api.git")
    assert scope_of(str(tree)) == "github.com/acme/api"


@needs_git
def test_submodules_have_a_scope_of_their_own(tmp_path) -> None:
    """Specification."""
    for name in ("library", "main"):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init", "-q")
        git(tmp_path / name, "commit", "-q", "--allow-empty", "-m", name)
    git(tmp_path / "main", "submodule", "--quiet", "add", str(tmp_path / "library"), "lib")
    git(tmp_path / "main" / "lib", "remote", "set-url", "origin", "https://github.com/acme/library.git")

    assert scope_of(str(tmp_path / "main" / "lib")) == "github.com/acme/library"


def test_without_git_the_folder_names_the_scope(tmp_path, monkeypatch) -> None:
    """Specification: no git binary -> folder name."""
    monkeypatch.setattr(slm.scope.shutil, "which", lambda name: None)

    assert scope_of(str(repository(tmp_path / "api"))) == "git:api"


def test_a_git_that_does_not_answer_is_not_waited_for_twice(tmp_path, monkeypatch) -> None:
    """Specification: 2 s time-out; cached."""
    calls = []

    def slow(command, **options) -> Never:
        calls.append(options["timeout"])
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(slm.scope.shutil, "which", lambda name: "/usr/bin/git")
    monkeypatch.setattr(slm.scope.subprocess, "run", slow)
    folder = repository(tmp_path / "api")

    assert [scope_of(str(folder)), scope_of(str(folder))] == ["git:api", "git:api"]
    assert calls == [2.0]


# Repositories that mean harm


@needs_git
def test_nothing_a_repository_configures_is_run(tmp_path) -> None:
    """Specification: never executes anything from the repository."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "root")
    proof, script = tmp_path / "proof", tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {proof}\n")
    script.chmod(0o755)
    for hook in ("post-checkout", "reference-transaction", "fsmonitor-watchman", "post-index-change"):
        shutil.copy(script, tmp_path / ".git" / "hooks" / hook)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.gitProxy", "credential.helper",
                "diff.external", "gpg.program", "core.alternateRefsCommand", "uploadpack.packObjectsHook"):  # fmt: skip
        git(tmp_path, "config", key, str(script))
    git(tmp_path, "config", "alias.rev-list", f"!{script}")
    git(tmp_path, "config", "core.hooksPath", str(tmp_path / ".git" / "hooks"))

    assert scope_of(str(tmp_path)).startswith("git:")
    assert not proof.exists()


@needs_git
def test_a_missing_commit_is_not_fetched(tmp_path) -> None:
    """Specification: transports are forbidden, also those of a partial clone."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "root")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "next")
    root = git(tmp_path, "rev-list", "--max-parents=0", "HEAD").strip()
    (tmp_path / ".git" / "objects" / root[:2] / root[2:]).unlink()
    proof = tmp_path / "proof"
    git(tmp_path, "config", "remote.evil.url", f"ext::sh -c touch% {proof}")
    git(tmp_path, "config", "remote.evil.promisor", "true")
    git(tmp_path, "config", "remote.other.url", "https://other.example.org/x/y")
    git(tmp_path, "config", "extensions.partialClone", "evil")
    git(tmp_path, "config", "core.repositoryFormatVersion", "1")
    git(tmp_path, "config", "protocol.ext.allow", "always")

    assert scope_of(str(tmp_path)) == f"git:{tmp_path.name}"
    assert not proof.exists()


def test_git_is_not_run_in_somebody_elses_repository(tmp_path, monkeypatch) -> None:
    """Specification: only the user's own repositories."""
    monkeypatch.setattr(slm.scope, "_root_commit", lambda common, stamp: pytest.fail("git was run"))
    folder = repository(tmp_path / "api")
    if os.getuid() == 0:
        os.chown(folder / ".git", 4242, -1)
    else:
        monkeypatch.setattr(slm.scope.os, "getuid", lambda: 4242)

    assert scope_of(str(folder)) == "git:api"


@pytest.mark.parametrize(
    "pointer",
    ["", "gitdir:", "gitdir: /does/not/exist", "gitdir: .", "nonsense", "gitdir: a\0b", "gitdir: " + "x" * 9000],
)  # fmt: skip
def test_a_damaged_git_file_is_no_repository(tmp_path, pointer) -> None:
    """Specification: safe on malicious repositories."""
    (tmp_path / ".git").write_text(pointer)

    assert scope_of(str(tmp_path)) == "global"


def test_a_loop_of_links_a_pipe_and_a_link_to_itself_are_no_repository(tmp_path) -> None:
    """Specification: no symlink loops, nothing that blocks."""
    for name in ("loop", "pipe", "mutual"):
        (tmp_path / name).mkdir()
    (tmp_path / "loop" / ".git").symlink_to(".git")
    os.mkfifo(tmp_path / "pipe" / ".git")
    (tmp_path / "mutual" / ".git").write_text("gitdir: .git")

    assert {scope_of(str(tmp_path / name)) for name in ("loop", "pipe", "mutual")} == {"global"}


@pytest.mark.parametrize("kind", ["pipe", "huge", "folder", "binary", "absent"])
def test_a_configuration_that_cannot_be_read_is_passed_over(tmp_path, kind) -> None:
    """Specification: size caps; unreadable is as if it were empty."""
    folder = repository(tmp_path / "api")
    config = folder / ".git" / "config"
    config.unlink()
    if kind == "pipe":
        os.mkfifo(config)
    elif kind == "huge":
        config.write_text(with_remote("https://a.org/x/y") + "#" * (1 << 20))
    elif kind == "folder":
        config.mkdir()
    elif kind == "binary":
        config.write_bytes(bytes(range(256)) * 10)

    assert scope_of(str(folder)) == "git:api"


@pytest.mark.skipif(os.getuid() == 0, reason="root reads everything")
def test_a_repository_without_permission_is_passed_over(tmp_path) -> None:
    """Specification: safe on unreadable repositories."""
    folder = repository(tmp_path / "api", with_remote("https://a.org/x/y"))
    (folder / ".git").chmod(0)
    try:
        assert scope_of(str(folder)) in ("global", "git:api")
    finally:
        (folder / ".git").chmod(stat.S_IRWXU)


# Short names


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("github.com/acme/api", "acme/api"),
        ("host/a/b/c", "a/b/c"),
        ("git:0123456789ab", "git:0123456789ab"),
        ("git:api", "git:api"),
        ("global", "global"),
        ("work", "work"),
    ],
)
def test_the_short_name_leaves_out_the_host(scope, expected) -> None:
    """Specification."""
    assert short(scope) == expected

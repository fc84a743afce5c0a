"""Real shells with the scripts loaded, and a program called slm that tells how it was asked."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from slm.cli.docs.completions import SCRIPTS

STORED = "k3m9q\tAPI listens: on [5433]\\np7d2x\tother\\n"
FAKE = f"#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$ASKED\"\nprintf '{STORED}'\n"
WAIT_S = 20.0


class Shell:
    """A folder with the scripts, files to complete, and the fake program on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked = folder / "asked"
        program = folder / "bin" / "slm"
        program.parent.mkdir()
        program.write_text(FAKE)
        program.chmod(0o755)
        (folder / "here").mkdir()
        (folder / "here" / "notes.md").touch()
        (folder / "here" / "inner").mkdir()
        for name, text in SCRIPTS.values():
            (folder / name).write_text(text())
        self.env = {"PATH": f"{program.parent}:{os.environ['PATH']}", "HOME": str(folder), "ASKED": str(self.asked)}
        self.env |= {"TERM": "dumb", "LC_ALL": "C.UTF-8"}

    def questions(self) -> list[str]:
        """How the program was asked."""
        return self.asked.read_text().splitlines() if self.asked.exists() else []

    def bash(self, *words: str) -> list[str]:
        """What bash would offer for the last of ``words``."""
        line = " ".join(f"'{word}'" for word in words)
        code = (
            f"source '{self.folder}/slm.bash'; compopt() {{ :; }}; COMP_WORDS=({line}); "
            'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _slm; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        return self._run("bash", "--norc", "-c", code)

    def fish(self, line: str) -> list[str]:
        """What fish would offer at the end of ``line``, without what it says of it."""
        code = f"source '{self.folder}/slm.fish'; complete -C '{line}'"
        return [offer.partition("\t")[0] for offer in self._run("fish", "--no-config", "-c", code)]

    def zsh(self, line: str) -> str:
        """How the program is asked after ``line``, a TAB and Enter in a terminal of zsh."""
        start = f"fpath=('{self.folder}' $fpath); autoload -Uz compinit; compinit -u -D; PS1=; print READ''Y\n"
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder / "here")
            os.execvpe("zsh", ["zsh", "-f", "-i"], self.env)
        try:
            os.write(terminal, start.encode())
            _read_until(terminal, "READY")
            os.write(terminal, line.encode() + b"\t")
            os.write(terminal, b"\nprint DON''E\n")
            _read_until(terminal, "DONE")
            return self.questions()[-1]
        finally:
            os.kill(pid, signal.SIGKILL)
            os.close(terminal)
            os.waitpid(pid, 0)

    def _run(self, *command: str) -> list[str]:
        done = subprocess.run(
            command, env=self.env, cwd=self.folder / "here", capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [line for line in done.stdout.splitlines() if line]


def needs(shell: str) -> pytest.MarkDecorator:
    """Skips where the shell isn't installed; CI installs all three where it may."""
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


def _read_until(terminal: int, word: str) -> None:
    seen = ""
    while word not in seen:
        ready, _, _ = select.select([terminal], [], [], WAIT_S)
        assert ready, f"the shell said no more after {seen!r}"
        seen += os.read(terminal, 65536).decode(errors="replace")

"""The README's console blocks as one session of a new user: run them, compare, write them anew.

    python -m tests.readme.session README.md

prints the file with every block as it is today. Ids get fixed names in the order in which they come up, and a block
keeps its text where only times, percentages, scores and their bars have changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from slm.model import ID_ALPHABET
from tests.end_to_end.home import DEADLINE_S, SCRIPT, Home
from tests.readme.blocks import blocks

LANGUAGE = "console"
PROMPT = "$ "

MEMORIES = (
    "k3m9qx7v2b4d", "p7d2xw4n8c1h", "b2v8nt5y0r6g", "w8c4tf3z9m1j", "h5n1ez6d7q2s", "t9g6ra4x3k8w", "d4z7jm1c5v9p",
    "r6y3bh8k0n2e",
)  # fmt: skip
"""What the memories of the session are called, in the order in which they are made."""
SHORTEST = 5
WORD = re.compile(rf"(?<![\w:])[{ID_ALPHABET}]{{{SHORTEST},{len(MEMORIES[0])}}}(?!\w)")
CONFLICT = re.compile(rf"\bc:[{ID_ALPHABET}]{{3,}}\b")

VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"\d+ ms\b"), "N ms"),
    (re.compile(r"\d+ %"), "N %"),
    (re.compile(r"-?\d+\.\d\d\b"), "N.NN"),
    (re.compile(r" *[▏▎▍▌▋▊▉█]+ *"), " BAR "),
)


def neutral(text: str) -> str:
    """``text`` without what differs from one run or machine to the next."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


class Names:
    """The fixed names of a session's ids."""

    def __init__(self) -> None:
        self._by_id: dict[str, str] = {}
        self._by_conflict: dict[str, str] = {}

    def meet(self, ids: list[str]) -> None:
        """Name those that are new. ValueError: more memories than names."""
        for id_ in ids:
            if id_ not in self._by_id:
                if len(self._by_id) == len(MEMORIES):
                    raise ValueError(f"the session makes more than {len(MEMORIES)} memories")
                self._by_id[id_] = MEMORIES[len(self._by_id)]

    def shown(self, output: str) -> str:
        """``output`` with names in the place of ids, whole ones and beginnings."""
        for conflict in CONFLICT.findall(output):
            self._by_conflict.setdefault(conflict, f"c:4d{len(self._by_conflict) + 1}")
        named = WORD.sub(lambda word: _renamed(word[0], self._by_id), output)
        return CONFLICT.sub(lambda word: self._by_conflict[word[0]], named)

    def meant(self, command: str) -> str:
        """``command`` with ids in the place of names."""
        ids = {name: id_ for id_, name in self._by_id.items()}
        conflicts = {name: conflict for conflict, name in self._by_conflict.items()}
        real = WORD.sub(lambda word: _renamed(word[0], ids), command)
        return CONFLICT.sub(lambda word: conflicts.get(word[0], word[0]), real)


def _renamed(word: str, names: dict[str, str]) -> str:
    fitting = [name[: len(word)] for id_, name in names.items() if id_.startswith(word)]
    return fitting[0] if len(fitting) == 1 else word


class Session:
    """One user at one terminal: commands go through a shell in which ``slm`` is the installed script."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.names = Names()
        self._env = home.env | {"PATH": f"{SCRIPT.parent}{os.pathsep}{home.env['PATH']}"}

    def ran(self, block: str) -> str:
        """The block's commands, each with what it prints now, in both streams."""
        commands = [line.removeprefix(PROMPT) for line in block.splitlines() if line.startswith(PROMPT)]
        return "".join(f"{PROMPT}{command}\n{self._run(command)}" for command in commands)

    def _run(self, command: str) -> str:
        done = subprocess.run(
            ["sh", "-c", self.names.meant(command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=DEADLINE_S, check=False, cwd=self.home.env["HOME"],
            env=self._env,
        )  # fmt: skip
        self.names.meet([line["id"] for line in self.home.exported() if "id" in line])
        return self.names.shown(done.stdout)


def written(markdown: str, home: Home) -> str:
    """``markdown`` with its console blocks as a session in ``home`` prints them, word for word where they are true."""
    session, parts = Session(home), []
    end = 0
    for block in blocks(markdown, LANGUAGE):
        now = session.ran(block.text)
        parts += [markdown[end : block.start], block.text if neutral(now) == neutral(block.text) else now]
        end = block.end
    return "".join([*parts, markdown[end:]])


def main(readme: Path) -> None:
    """Print ``readme`` with its sessions as they are today."""
    with tempfile.TemporaryDirectory() as cache:
        home = Home(Path(cache))
        try:
            sys.stdout.write(written(readme.read_text(encoding="utf-8"), home))
        finally:
            home.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""A text in the user's own editor."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from slm.cli.context import Context
from slm.errors import InvalidInput

USUAL_EDITOR = "vi"


def edited(context: Context, text: str) -> str:
    """The text as the user leaves it in ``$VISUAL``, ``$EDITOR`` or vi, without the last line's end.

    The file is private and removed afterwards. Raises :class:`InvalidInput` without a terminal or an editor, and when
    the editor fails.
    """
    context.in_client()
    command = _command(context)
    if not context.interactive() or not command or not shutil.which(command[0]):
        raise InvalidInput("no editor to correct the text in", hint="slm correct ID the right text; or set EDITOR")
    with tempfile.TemporaryDirectory(prefix="slm-") as folder:
        file = Path(folder) / "memory.txt"
        file.touch(0o600)
        file.write_text(text + "\n", encoding="utf-8", newline="")
        status = subprocess.run([*command, str(file)], check=False).returncode
        if status != 0:
            raise InvalidInput(f"the editor ended with status {status}; nothing was changed")
        return _read(file)


def _command(context: Context) -> list[str]:
    """The words of the editor's command; none where they can't be told."""
    try:
        return shlex.split(context.environ.get("VISUAL") or context.environ.get("EDITOR") or USUAL_EDITOR)
    except ValueError:
        return []


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8").removesuffix("\n")
    except (UnicodeDecodeError, OSError):
        raise InvalidInput("the editor left no UTF-8 text; nothing was changed") from None

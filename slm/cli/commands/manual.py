"""man and completions: the manual, completion at the prompt, and the files of both."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import RUNNING
from slm.cli.context import Context, context_of
from slm.cli.docs.completions import SCRIPTS
from slm.cli.docs.pages import page, pages
from slm.cli.docs.roff import plain, roff
from slm.cli.docs.values import KINDS, values
from slm.counted import counted
from slm.errors import InvalidInput, NotFound, StorageRefused

Shell = Literal["bash", "zsh", "fish"]
Folder = Annotated[str | None, typer.Option("--output", metavar="DIR", help="Write the files into this folder.")]


def man(
    ctx: typer.Context,
    command: Annotated[list[str] | None, typer.Argument(metavar="COMMAND...", help="None: of slm itself.")] = None,
    output: Folder = None,
) -> int:
    """Show the manual page of a command; with --output write all pages as files."""
    context = context_of(ctx)
    context.in_client()
    if output is not None:
        return _write(context, Path(output), {f"{each.name}.1": roff(each) for each in pages()})
    found = page(tuple(command or ()))
    if found is None:
        raise NotFound(f"there is no command {' '.join(command or ())}", hint="slm --help lists them")
    if context.out.terminal and (program := shutil.which("man")):
        with tempfile.NamedTemporaryFile("w", suffix=".1", encoding="ascii") as file:
            file.write(roff(found))
            file.flush()
            return subprocess.run([program, "-l", file.name], check=False).returncode
    context.out.lines(plain(found, context.out.layout))
    return 0


def print_script(context: Context, shell: str) -> int:
    """Print the completion script of a shell."""
    context.in_client()
    context.out.lines(SCRIPTS[shell][1]().splitlines())
    return 0


def bash(ctx: typer.Context) -> int:
    """Print the script for bash."""
    return print_script(context_of(ctx), "bash")


def zsh(ctx: typer.Context) -> int:
    """Print the script for zsh."""
    return print_script(context_of(ctx), "zsh")


def fish(ctx: typer.Context) -> int:
    """Print the script for fish."""
    return print_script(context_of(ctx), "fish")


def install(
    ctx: typer.Context,
    shell: Annotated[Shell | None, typer.Argument(help="None: the one of $SHELL.")] = None,
    output: Folder = None,
) -> int:
    """Write the script to where the shell looks for it; with --output those of all shells into a folder."""
    context = context_of(ctx)
    context.in_client()
    if output is not None:
        return _write(context, Path(output), {name: text() for name, text in SCRIPTS.values()})
    chosen = shell or Path(context.environ.get("SHELL", "")).name
    if chosen not in SCRIPTS:
        raise InvalidInput(f"no completion for the shell {chosen!r}", hint="slm completions install bash|zsh|fish")
    name, text = SCRIPTS[chosen]
    folder, said = _place(chosen, context.environ)
    _write_all(folder, {"slm" if chosen == "bash" else name: text()})
    context.out.done({"shell": chosen, "folder": str(folder)}, [f"completion for {chosen} is in {folder}", said])
    return 0


def _place(shell: str, environ: Mapping[str, str]) -> tuple[Path, str]:
    """Where a shell looks for a user's completions, and what is left to do."""
    home = Path(environ.get("HOME") or Path.home())
    data = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    if shell == "bash":
        return data / "bash-completion/completions", "new shells have it, where bash-completion is installed"
    if shell == "fish":
        return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "fish/completions", "new shells have it"
    folder = data / "zsh/site-functions"
    return folder, f"if it isn't in your fpath yet, put fpath+=({folder}) before compinit in ~/.zshrc"


def _write(context: Context, folder: Path, files: Mapping[str, str]) -> int:
    _write_all(folder, files)
    context.out.done({"folder": str(folder), "files": sorted(files)}, [f"{counted(len(files), 'file')} in {folder}"])
    return 0


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    """Write files that others may read. Raises :class:`StorageRefused`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageRefused(f"can't be written: {error.strerror}", where={"folder": str(folder)}) from error


def candidates(ctx: typer.Context, kind: str) -> int:
    """Print the values of a kind that may stand at a prompt, each with a tab and what it is."""
    context = context_of(ctx)
    if kind not in KINDS:
        raise InvalidInput(f"{kind!r} is none of {', '.join(KINDS)}")
    context.out.lines(_shown(values(context, kind)))
    return 0


def _shown(found: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"{name}\t{told}" for name, told in found if name.isprintable())


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(rich_help_panel=RUNNING)(man)
    below = group(app, "completions", "Completion at the prompt: install, or print a script.", RUNNING)
    for command in (install, bash, zsh, fish):
        below.command()(command)
    app.command(hidden=True)(candidates)

"""connect: agents learn of slm by an entry in their own configuration, and forget it again."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from slm.cli import agents
from slm.cli.argv import Options
from slm.cli.commands.options import RUNNING, DryRun
from slm.cli.connecting import Edit, Records, carry_out, to_connect, to_remove, undo
from slm.cli.connection import paths_of
from slm.cli.context import Context, context_of
from slm.daemon.spawn import full_program
from slm.paths import Paths
from slm.visible import one_line, visible


def connect(
    ctx: typer.Context,
    name: Annotated[agents.Name, typer.Argument(metavar="AGENT", help="claude-code, codex, cursor, gemini, vscode.")],
    hooks: Annotated[bool, typer.Option("--hooks", help="Tell the agent what is known, unasked; count uses.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take slm out of the agent's files again.")] = False,
    dry_run: DryRun = False,
) -> int:
    """Connect an agent: slm's server is added to the agent's own configuration, which is backed up before."""
    context = context_of(ctx)
    context.in_client()
    paths = paths_of(context.options, context.environ)
    agent = agents.agent(name, _command(), context.environ, _chosen(context.options, paths))
    records = Records.load(paths.data)
    targets = [agent.server, agent.hooks] if hooks or remove else [agent.server]
    edits = to_remove(targets, records) if remove else to_connect(targets)
    if dry_run:
        return _show(context, edits)
    if remove:
        kept = undo(edits, targets, records)
        said = [f"{name} is no longer connected" if edits else f"{name} isn't connected", *_kept(kept)]
    else:
        backups = carry_out(edits, name, records)
        said = [f"{name} is connected; start it anew" if edits else f"{name} is connected already"]
        said += [f"  before: {one_line(each)}" for each in backups] + ([agent.remark] if hooks and agent.remark else [])
    document = {"agent": name, "connected": not remove, "changed": [str(edit.file) for edit in edits]}
    context.out.done(document, [*said[:1], *(f"  changed {one_line(str(edit.file))}" for edit in edits), *said[1:]])
    return 0


def _show(context: Context, edits: list[Edit]) -> int:
    if context.out.json:
        changes = [{"file": str(edit.file), "diff": "\n".join(edit.diff())} for edit in edits]
        context.out.document({"changes": changes})
    else:
        context.out.lines(visible(line) for edit in edits for line in edit.diff())
        context.out.talk([] if edits else ["nothing would change"])
    return 0


def _kept(backups: list[str]) -> list[str]:
    return [
        f"  changed since slm was added, so only slm's entries went; before that: {one_line(each)}" for each in backups
    ]


def _chosen(options: Options, paths: Paths) -> list[str]:
    """The store and the daemon that were named on the command line: the agent's own calls name them too."""
    config, socket = options.config and paths.config, options.socket and paths.chosen_socket
    chosen = {"profile": options.profile, "scope": options.scope, "config": config, "socket": socket}
    return [f"--{name}={value}" for name, value in chosen.items() if value]


def _command() -> list[str]:
    """What runs slm from anywhere: the script beside this interpreter, else the one in the PATH, else the module."""
    script = Path(sys.executable).with_name("slm")
    found = str(script) if script.exists() else shutil.which("slm")
    return [found] if found else full_program()


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(rich_help_panel=RUNNING)(connect)

"""profile and scope: the stores, and the projects within one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slm.cli.commands.groups import group
from slm.cli.commands.options import RUNNING, Yes
from slm.cli.context import context_of
from slm.cli.render.state import size
from slm.cli.render.text import columns
from slm.counted import MEMORIES, counted
from slm.visible import one_line

Name = Annotated[str, typer.Argument(metavar="NAME")]


def list_profiles(ctx: typer.Context) -> int:
    """List the profiles."""
    context = context_of(ctx)
    result = context.call("profiles")
    if context.out.json:
        context.out.document(result)
    else:
        context.out.lines(columns([_profile(each) for each in result["profiles"]], right=frozenset({1, 2})))
    return 0


def _profile(profile: dict[str, Any]) -> tuple[str, ...]:
    count = profile.get("memories")
    return one_line(profile["name"]), "" if count is None else counted(count, *MEMORIES), size(profile["disk_bytes"])


def create_profile(ctx: typer.Context, name: Name) -> int:
    """Make an empty profile; one is also made by its first use."""
    context = context_of(ctx)
    context.out.done(context.call("profile_create", name=name), [f"profile {name}: slm --profile {name} …"])
    return 0


def delete_profile(ctx: typer.Context, name: Name, yes: Yes = False) -> int:
    """Delete a profile with all its memories. This can't be undone."""
    context = context_of(ctx)
    context.in_client()
    if not yes and not context.confirm(f"delete the profile {name} with all its memories, for good?"):
        context.out.talk(["nothing was deleted"])
        return 1
    context.out.done(context.call("profile_delete", name=name), [f"deleted the profile {name}"])
    return 0


def list_scopes(ctx: typer.Context) -> int:
    """List the scopes with their memories; * marks the one of this folder."""
    context = context_of(ctx)
    result = context.call("scopes")
    if context.out.json:
        context.out.document(result)
        return 0
    known = {each["name"]: each["memories"] for each in result["scopes"]}
    known.setdefault(result["current"], 0)
    rows = [("*" if name == result["current"] else "", one_line(name), str(known[name])) for name in sorted(known)]
    context.out.lines(columns(rows, gap=" ", right=frozenset({2})))
    return 0


def rename_scope(
    ctx: typer.Context,
    old: Annotated[str, typer.Argument(metavar="FROM")],
    new: Annotated[str, typer.Argument(metavar="TO")],
) -> int:
    """Move the memories of one scope to another name."""
    context = context_of(ctx)
    result = context.call("scope_rename", **{"from": old, "to": new})
    context.out.done(result, [f"moved {counted(result['renamed'], *MEMORIES)} from {one_line(old)} to {one_line(new)}"])
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    profiles = group(app, "profile", "Separate stores: list, create, delete.", RUNNING)
    profiles.command("list")(list_profiles)
    profiles.command("create")(create_profile)
    profiles.command("delete")(delete_profile)
    scopes = group(app, "scope", "Projects: list, rename.", RUNNING)
    scopes.command("list")(list_scopes)
    scopes.command("rename")(rename_scope)

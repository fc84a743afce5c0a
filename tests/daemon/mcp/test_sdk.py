"""Conformance: the official SDK's client over stdio, in every generation of the protocol that it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.client import session as sdk_session
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from slm.daemon.mcp.eras import HANDSHAKE_VERSIONS, MODERN_VERSIONS
from tests.daemon.mcp.relays import THIN, start_daemon
from tests.end_to_end.home import Home

VERSIONS = (*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS)
STRUCTURED = VERSIONS[2:]


@pytest.fixture(scope="module")
def home(kernels: Path) -> Iterator[Home]:
    """One daemon for all versions."""
    made = Home(kernels)
    start_daemon(made)
    yield made
    made.close()


@pytest.fixture
def connect(home: Home, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Connects the SDK's client at one version."""

    @asynccontextmanager
    async def at(version: str, *options: str, cwd: Path | None = None, **more: Any) -> Any:
        modern = version in MODERN_PROTOCOL_VERSIONS
        if not modern:
            monkeypatch.setattr(sdk_session, "LATEST_HANDSHAKE_VERSION", version)
        arguments = [*THIN[1:], "mcp", *options]
        server = StdioServerParameters(command=THIN[0], args=arguments, env=home.env, cwd=cwd or home.env["HOME"])
        async with Client(stdio_client(server), mode=version if modern else "legacy", **more) as client:
            assert client.protocol_version == version
            yield client

    return at


def test_we_speak_every_generation_that_the_sdk_speaks() -> None:
    """Brief: every protocol generation. A newer SDK that knows more fails here."""
    assert HANDSHAKE_VERSIONS == HANDSHAKE_PROTOCOL_VERSIONS
    assert MODERN_VERSIONS == MODERN_PROTOCOL_VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_that_is_offered_works(connect, version) -> None:
    """The SDK validates every message, and structured answers by their output schemas."""

    async def converse() -> None:
        async with connect(version) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert len(tools) == 6
            assert all(tool.output_schema for tool in tools.values()) == (version in STRUCTURED)
            made = await client.call_tool("memory_remember", {"text": f"version {version} was here", "kind": "fact"})
            assert not made.is_error
            found = await client.call_tool("memory_recall", {"query": f"version {version} was here", "why": True})
            assert version in found.content[0].text
            assert (found.structured_content is not None) == (version in STRUCTURED)
            assert not (await client.call_tool("memory_context", {"topic": "versions"})).is_error
            kept = (await client.call_tool("memory_recall", {"query": "zebra"})).content[0].text
            assert kept
            assert (await client.call_tool("memory_get", {"ids": ["!"]})).is_error
            assert (await client.call_tool("memory_forget", {"ids": ["zzzz"]})).is_error
            assert [r.name for r in (await client.list_resources()).resources] == ["profile"]
            templates = (await client.list_resource_templates()).resource_templates
            assert [template.uri_template for template in templates] == ["memory://{id}"]
            assert (await client.read_resource("memory://profile")).contents[0].text
            assert [prompt.name for prompt in (await client.list_prompts()).prompts] == ["recall"]
            prompt = await client.get_prompt("recall", {"question": f"version {version}"})
            assert prompt.messages[0].role == "user"

    anyio.run(converse)


@pytest.mark.parametrize("version", VERSIONS)
def test_all_tools_work_for_those_who_ask_for_them(connect, version) -> None:
    """client.md: ``--tools full``. A contradiction is told, and the three answers keep to their schemas."""

    async def converse() -> None:
        async with connect(version, "--tools", "full") as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            assert {"memory_list", "memory_audit", "memory_used"} < tools
            for day in ("Monday", "Friday"):
                await client.call_tool("memory_remember", {"text": day, "claims": [f"review-{version}.day={day}"]})
            listed = await client.call_tool("memory_list", {"limit": 2})
            assert "Friday" in listed.content[0].text
            audit = await client.call_tool("memory_audit", {"limit": 50, "budget_tokens": 20_000})
            assert "can't all be true" in audit.content[0].text
            assert not audit.is_error
            ids = [word[5:17] for word in audit.content[0].text.split() if word.startswith("[slm:")][:2]
            assert not (await client.call_tool("memory_used", {"ids": ids})).is_error

    anyio.run(converse)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_there_is_an_error_of_the_protocol(connect, version) -> None:
    """Unknown tools and resources; the connection goes on."""

    async def converse() -> None:
        async with connect(version) as client:
            with pytest.raises(MCPError):
                await client.call_tool("memory_erase", {})
            with pytest.raises(MCPError):
                await client.read_resource("memory://zzzzzzzzzzzz")
            assert (await client.list_tools()).tools

    anyio.run(converse)


def test_a_client_that_may_choose_takes_the_newest_generation(connect, home) -> None:
    """mode=auto probes server/discover and needs no handshake."""

    async def converse() -> None:
        arguments = [*THIN[1:], "mcp"]
        server = StdioServerParameters(command=THIN[0], args=arguments, env=home.env, cwd=home.env["HOME"])
        async with Client(stdio_client(server), mode="auto") as client:
            assert client.protocol_version == MODERN_PROTOCOL_VERSIONS[-1]
            assert client.server_info.name == "slm"
            assert "memory_recall" in client.instructions

    anyio.run(converse)


@pytest.mark.parametrize("version", [HANDSHAKE_PROTOCOL_VERSIONS[-1], MODERN_PROTOCOL_VERSIONS[-1]])
def test_the_clients_roots_name_the_project(connect, version, tmp_path) -> None:
    """client.md: the relay's folder belongs to no project, so the client is asked, in the way of its generation."""
    from mcp_types import ListRootsResult, Root

    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / ".git" / "config").write_text('[remote "origin"]\n url = git@github.com:acme/roots.git\n')

    async def roots(_: Any) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri=tmp_path.as_uri())])

    async def converse() -> None:
        async with connect(version, list_roots_callback=roots) as client:
            found = (await client.call_tool("memory_recall", {"query": "x"})).structured_content
            assert (found["scope"][0], found["scope_from"]) == ("github.com/acme/roots", "roots")

    anyio.run(converse)


@pytest.mark.parametrize("version", [HANDSHAKE_PROTOCOL_VERSIONS[-1], MODERN_PROTOCOL_VERSIONS[-1]])
def test_the_clients_session_survives_a_restart_of_the_daemon(connect, version, home) -> None:
    """client.md: the relay replays the handshake; the SDK's client notices nothing."""

    async def converse() -> None:
        async with connect(version) as client:
            text = f"before the restart {version}"
            made = await client.call_tool("memory_remember", {"text": text})
            home.stop()
            got = await client.call_tool("memory_get", {"ids": [made.structured_content["id"]]})
            assert got.structured_content["memories"][0]["text"] == text

    anyio.run(converse)

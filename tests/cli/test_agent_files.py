from __future__ import annotations

import json

import pytest
import tomli

from slm import jsonc
from slm.cli.agent_files import connected, disconnected, is_empty
from slm.cli.agents import Change, Default, Item, Member, Table, agent, ours

SERVER = Member(("mcpServers", "slm"), {"command": "/bin/slm", "args": ["mcp"]})
HOOK = Item(("hooks", "Stop"), {"hooks": [{"type": "command", "command": "/bin/slm hook stop"}]})
TABLE = Table("mcp_servers.slm", {"command": "/bin/slm", "args": ["mcp"]})
OTHER_HOOKS = '{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}}'
TOML = '# mine\nmodel = "o5"  # fast\n\n[mcp_servers.web]\ncommand = "web"\n\n[tui]\ntheme = "x"\n'


@pytest.mark.parametrize("change", [SERVER, HOOK, Default(("version",), 1)])
@pytest.mark.parametrize("text", ["", "{}", OTHER_HOOKS, '{\n  "mcpServers": {\n    "web": {} // mine\n  }\n}\n'])
def test_connecting_twice_is_connecting_once(text: str, change: Change) -> None:
    """The issue: idempotent."""
    once = connected(text, [change])

    assert connected(once, [change]) == once


@pytest.mark.parametrize("text", ["{}", OTHER_HOOKS, '{\n  "mcpServers": {\n    "web": {} // mine\n  }\n}\n'])
def test_disconnecting_leaves_what_was_there(text: str) -> None:
    """The issue: byte for byte, also where the user's own hooks of the same event stand."""
    assert disconnected(connected(text, [SERVER, HOOK]), [SERVER, HOOK]) == text


def test_the_users_own_hooks_stay_beside_slms() -> None:
    """client.md: installers that clobber hooks are what users complain of."""
    stops = jsonc.parse(connected(OTHER_HOOKS, [HOOK])).plain()["hooks"]["Stop"]

    assert [each["hooks"][0]["command"] for each in stops] == ["say done", "/bin/slm hook stop"]


def test_a_hook_of_an_older_place_is_replaced_not_doubled() -> None:
    """slm was installed somewhere else, or its time-out has changed."""
    old = Item(HOOK.path, {"hooks": [{"type": "command", "command": "/old/slm hook stop", "timeout": 9}]})

    assert (
        jsonc.parse(connected(connected("{}", [old]), [HOOK])).plain() == jsonc.parse(connected("{}", [HOOK])).plain()
    )


def test_what_is_only_set_by_default_is_never_changed() -> None:
    """Cursor's version number is the user's once it is there."""
    assert connected('{"version": 2}', [Default(("version",), 1)]) == '{"version": 2}'
    assert disconnected('{"version": 1}', [Default(("version",), 1)]) == '{"version": 1}'


@pytest.mark.parametrize("text", ["", TOML, TOML.replace("\n", "\r\n"), 'model = "o5"'])
def test_a_table_is_added_and_taken_out_again(text: str) -> None:
    """Codex: oracle is the parsed document; comments and the other tables stay as they are."""
    added = connected(text, [TABLE])

    assert tomli.loads(added)["mcp_servers"]["slm"] == {"command": "/bin/slm", "args": ["mcp"]}
    assert connected(added, [TABLE]) == added
    left = disconnected(added, [TABLE])
    assert tomli.loads(left) == tomli.loads(text)
    assert left.strip() == text.strip()


def test_keys_that_the_user_added_to_the_table_stay_while_connected() -> None:
    """A start-up time of one's own."""
    text = '[mcp_servers.slm]\ncommand = "/old/slm"\nargs = ["mcp"]\nstartup_timeout_sec = 5\n'

    table = tomli.loads(connected(text, [TABLE]))["mcp_servers"]["slm"]

    assert (table["command"], table["startup_timeout_sec"]) == ("/bin/slm", 5)


@pytest.mark.parametrize(("text", "change"), [("{", SERVER), ("a = ", TABLE), ('{"hooks": {"Stop": {}}}', HOOK)])
def test_a_file_that_cant_be_read_is_not_guessed_at(text: str, change: Change) -> None:
    """ValueError, and the caller changes nothing."""
    with pytest.raises(ValueError, match=r"JSON|TOML|list"):
        connected(text, [change])


def test_a_table_written_inline_is_refused_or_right() -> None:
    """Where the editor of lines can't do it, nothing is written."""
    with pytest.raises(ValueError, match="can't be edited"):
        connected('mcp_servers = {web = {command = "x"}}\n', [TABLE])


def test_an_empty_table_written_inline_stops_nothing() -> None:
    """TOML: ``x = {}`` is complete; no header can add to it, and beside it one may stand."""
    with pytest.raises(ValueError, match="can't be edited"):
        connected("mcp_servers = {}\n", [TABLE])
    beside = tomli.loads(connected("limits = {}\n", [TABLE]))

    assert beside == {"limits": {}, "mcp_servers": {"slm": dict(TABLE.values)}}


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ('\ufeff{\r\n  "a": 1\r\n}\r\n', SERVER),
        ('{\r\n  "a": 1\r\n}', HOOK),
        ('\ufeffmodel = "x"\r\n', TABLE),
        ('\ufeffmodel = "x"\n', TABLE),
        ("\ufeff", SERVER),
    ],
)
def test_a_file_keeps_its_line_ends_and_its_mark(text: str, change: Change) -> None:
    """A file of another system, or of an editor that marks texts, stays one of it."""
    there = connected(text, [change])

    assert there.startswith("\ufeff") is text.startswith("\ufeff")
    assert there.count("\ufeff") == text.count("\ufeff")
    if "\r\n" in text:
        assert there.count("\n") == there.count("\r\n") > text.count("\n")
    assert connected(there, [change]) == there
    gone = disconnected(there, [change])
    assert gone.strip() == text.strip() or gone == text + "{}\n"


def test_mixed_line_ends_stay_mixed() -> None:
    """No byte changes that slm has no reason to change."""
    text = '{\r\n  "a": 1,\n  "b": 2\r\n}\n'

    assert disconnected(connected(text, [SERVER]), [SERVER]) == text


@pytest.mark.parametrize(("text", "empty"), [("", True), ("{}\n", True), ('{"a": 1}', False), ("// mine\n{}", False)])
def test_empty_is_what_holds_nothing_of_the_users(text: str, empty: bool) -> None:
    """A comment is something."""
    assert is_empty(text) is empty


@pytest.mark.parametrize(
    ("command", "is_ours"),
    [
        ("/usr/bin/slm hook stop", True), ("'/my tools/slm' hook user-prompt", True),
        ("/venv/python -E -P -m slm hook stop", True), ("say slm hook", False), ("slmx hook stop", False),
        ("'unclosed", False), ("hook", False),
    ],
)  # fmt: skip
def test_slms_own_hooks_are_known_by_what_they_run(command: str, is_ours: bool) -> None:
    """Whatever place slm had when they were written."""
    assert ours({"command": command}) is is_ours
    assert ours({"hooks": [{"command": command}]}) is is_ours
    assert not ours({"hooks": [{"command": command}, {"command": "say done"}]})


@pytest.mark.parametrize("name", ["claude-code", "codex", "cursor", "gemini", "vscode"])
def test_every_agent_gets_a_server_and_hooks_that_run_this_slm(name) -> None:
    """The issue: five agents. The files are the agents' own, in the home that is theirs."""
    found = agent(name, ["/my tools/slm"], {"HOME": "/home/anna"})

    server = json.dumps([each._asdict() for each in found.server.changes])
    hooks = json.dumps([each._asdict() for each in found.hooks.changes])
    assert ('"/my tools/slm"' in server, '"mcp"' in server) == (True, True)
    assert all(f"'/my tools/slm' hook {event}" in hooks for event in ("session-start", "stop"))
    assert ("hook user-prompt" in hooks) is (name != "cursor")
    assert all(str(each.file).startswith("/home/anna/.") for each in (found.server, found.hooks))


def test_agents_that_keep_their_files_elsewhere_are_found_there() -> None:
    """CLAUDE_CONFIG_DIR, CODEX_HOME, XDG_CONFIG_HOME: the agents' own variables."""
    environ = {"HOME": "/h", "CLAUDE_CONFIG_DIR": "/c", "CODEX_HOME": "/x", "XDG_CONFIG_HOME": "/g"}

    assert str(agent("claude-code", ["slm"], environ).hooks.file) == "/c/settings.json"
    assert str(agent("codex", ["slm"], environ).server.file) == "/x/config.toml"
    assert str(agent("vscode", ["slm"], environ).server.file) == "/g/Code/User/mcp.json"

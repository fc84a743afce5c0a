"""``slm mcp`` as a process, with a real daemon behind it that stops, dies, comes back or can't start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slm import __version__
from slm.daemon import relay
from slm.daemon.thin import Survey
from tests.daemon.mcp.relays import PROGRAM, THIN, Relay, start_daemon
from tests.end_to_end.home import Home, wait_until


@pytest.fixture(scope="module")
def served(kernels: Path) -> Iterator[Home]:
    """A home with a daemon that no test ends."""
    made = Home(kernels)
    start_daemon(made)
    yield made
    made.close()


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Iterator[Callable[..., Relay]]:
    """Starts relays: of the test's own home if it has one, else of that which all share."""
    home = request.getfixturevalue("home" if "home" in request.fixturenames else "served")
    made: list[Relay] = []

    def begin(*options: str, cwd: str | None = None) -> Relay:
        made.append(Relay(home, *options, cwd=cwd))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def test_a_relay_starts_the_daemon_and_answers(start, home) -> None:
    """client.md: a daemon is started when none runs; stdout holds messages and nothing else."""
    agent = start()

    assert agent.greet()["result"]["serverInfo"] == {"name": "slm", "title": "slm memory", "version": __version__}
    assert agent.tool("memory_remember", text="the API listens on 5433")["status"] == "stored"
    assert agent.leave() == 0
    assert agent.process.stderr is not None
    assert agent.process.stderr.read() == b""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_an_agent_does_not_notice_that_the_daemon_was_replaced(start, home, how) -> None:
    """client.md: on a daemon restart the relay replays the handshake. What was acknowledged is there."""
    agent = start()
    agent.greet()
    kept = agent.tool("memory_remember", text="the API listens on 5433")["id"]
    before = home.pid()

    home.end_daemon(how)
    found = agent.tool("memory_recall", query="which port does the API listen on")

    assert found["hits"][0]["id"] == kept
    assert home.pid() != before
    assert agent.tool("memory_get", ids=[kept])["memories"][0]["by"] == "agent test"


def test_a_stopped_daemon_stays_stopped_until_somebody_asks(start, home) -> None:
    """``slm daemon stop`` with agents attached must not start a new one at once."""
    agent = start()
    agent.greet()
    home.stop()

    assert home.pid() is None
    assert agent.process.poll() is None
    assert agent.request("ping")["result"] == {}
    assert home.pid() is not None


def test_questions_that_were_under_way_are_answered_by_the_next_daemon(start, home) -> None:
    """A daemon stopped in its tracks, then killed: reading is repeated, a change is not."""
    agent = start()
    agent.greet()
    agent.tool("memory_remember", text="the API listens on 5433")
    pid = home.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    reading = agent.post("tools/call", name="memory_recall", arguments={"query": "the API listens"})
    changing = agent.post("tools/call", name="memory_remember", arguments={"text": "another"})
    listing = agent.post("tools/list")
    assert wait_until(lambda: _unread(agent) == 0)

    home.kill()
    answers = {answer["id"]: answer for answer in (agent.hear() for _ in range(3))}

    assert answers[reading]["result"]["structuredContent"]["hits"]
    assert len(answers[listing]["result"]["tools"]) == 6
    assert "unknown" in answers[changing]["error"]["message"]
    assert answers[changing]["error"]["code"] == -32000


def _unread(agent: Relay) -> int:
    """Bytes that the relay has not taken from its input."""
    import array
    import fcntl
    import termios

    assert agent.process.stdin is not None
    size = array.array("i", [0])
    fcntl.ioctl(agent.process.stdin.fileno(), termios.FIONREAD, size)
    return size[0]


def test_what_keeps_the_daemon_from_starting_is_answered_and_tried_again(start, home) -> None:
    """A relay outlives trouble: the agent hears what is wrong and how to mend it, then goes on."""
    home.data.mkdir(mode=0o755)
    home.data.chmod(0o755)
    agent = start()

    refused = agent.request("ping")
    home.data.chmod(0o700)

    assert refused["error"]["code"] == -32000
    assert "chmod 700" in refused["error"]["message"]
    assert agent.request("ping")["result"] == {}


def test_a_message_that_is_too_long_is_refused_and_the_conversation_goes_on(start) -> None:
    """The relay keeps it from the daemon, which would hang up."""
    agent = start()
    agent.greet()
    agent.write(b'{"jsonrpc":"2.0","id":5,"method":"ping","x":"' + b"y" * (5 << 20) + b'"}\n')

    assert agent.hear()["error"]["code"] == -32600
    assert agent.request("ping")["result"] == {}


def test_garbage_is_answered_through_the_relay_too(start) -> None:
    """It carries bytes; the daemon judges them."""
    agent = start()
    agent.greet()
    agent.write(b"nonsense\n\xff\n[]\n")

    assert [agent.hear()["error"]["code"] for _ in range(3)] == [-32700, -32700, -32600]


def test_what_was_asked_before_the_input_closed_is_answered(start) -> None:
    """``printf … | slm mcp`` works."""
    agent = start()
    numbers = [agent.post("ping") for _ in range(20)]
    assert agent.process.stdin is not None
    agent.process.stdin.close()

    assert [agent.hear()["id"] for _ in numbers] == numbers
    assert agent.process.wait(20) == 0


def test_an_agent_that_reads_late_gets_whole_lines(start) -> None:
    """Answers wait in pipes and sockets; nothing is cut or lost."""
    agent = start()
    agent.greet()
    numbers = [agent.post("tools/list") for _ in range(60)]

    answers = [agent.hear() for _ in numbers]

    assert [answer["id"] for answer in answers] == numbers
    assert all(len(answer["result"]["tools"]) == 6 for answer in answers)


def test_the_scope_is_that_of_the_folder_where_the_agent_started_it(start, tmp_path) -> None:
    """client.md: the relay sends its cwd."""
    repository = tmp_path / "naïve api"
    (repository / ".git").mkdir(parents=True)
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (repository / ".git" / "config").write_text('[remote "origin"]\n url = git@github.com:acme/api.git\n')
    agent = start(cwd=str(repository))
    agent.greet()

    assert agent.tool("memory_recall", query="x")["scope"] == ["github.com/acme/api", "global"]


def test_options_reach_the_daemon(start) -> None:
    """``--tools full --read-only --scope --profile``."""
    agent = start("--tools", "full", "--read-only", "--scope=work", "--profile", "other")
    agent.greet()

    assert "memory_list" in [tool["name"] for tool in agent.request("tools/list")["result"]["tools"]]
    assert agent.request("tools/call", name="memory_remember", arguments={"text": "x"})["error"]["code"] == -32602
    assert agent.tool("memory_recall", query="x")["scope"] == ["work"]


def test_twelve_agents_at_once_are_all_served(start) -> None:
    """Brief: twelve agents at once; each hears its own answers."""
    agents = [start() for _ in range(12)]
    for agent in agents:
        agent.greet()
    for i, agent in enumerate(agents):
        agent.post("tools/call", name="memory_remember", arguments={"text": f"agent {i} was here, number {i}"})

    ids = [agent.hear()["result"]["structuredContent"]["id"] for agent in agents]

    assert len(set(ids)) == 12
    for i, agent in enumerate(agents):
        text = agent.tool("memory_get", ids=[ids[i]])["memories"][0]["text"]
        assert text == f"agent {i} was here, number {i}"


def test_agents_that_come_and_go_leave_no_thread_and_no_descriptor(start, served) -> None:
    """Bounded: what a connection takes is given back."""
    pid = served.pid()

    def held() -> tuple[int, int]:
        return len(list(Path(f"/proc/{pid}/task").iterdir())), len(list(Path(f"/proc/{pid}/fd").iterdir()))

    def visit() -> None:
        agents = [start() for _ in range(4)]
        for agent in agents:
            agent.greet()
            agent.tool("memory_recall", query="x")
        for agent in agents:
            agent.leave()

    visit()
    before = held()
    for _ in range(3):
        visit()

    assert wait_until(lambda: held() <= before, 20)


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [(["mcp", "--tools", "many"], 2, "many"), (["mcp", "x"], 2, "x"), (["mcp", "--help"], 0, "--read-only")],
)
def test_what_is_no_plain_start_is_read_by_the_full_program(served, argv, code, said) -> None:
    """One parser judges command lines."""
    done = subprocess.run([*THIN, *argv], env=served.env, capture_output=True, timeout=60, check=False)

    assert done.returncode == code
    assert said in (done.stdout + done.stderr).decode()


def test_the_full_program_relays_as_well(served) -> None:
    """``python -m slm mcp``: where the script is not installed."""
    ping = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode() + b"\n"
    done = subprocess.run([*PROGRAM, "mcp"], input=ping, env=served.env, capture_output=True, timeout=60, check=False)

    assert json.loads(done.stdout) == {"jsonrpc": "2.0", "id": 1, "result": {}}


@pytest.mark.parametrize(
    ("argv", "read"),
    [
        ("mcp", ("core", False, "", "")),
        ("mcp --tools=full --read-only", ("full", True, "", "")),
        ("--profile work mcp --scope x", ("core", False, "work", "x")),
        ("mcp --socket /s --config=/c", ("core", False, "", "")),
        ("mcp mcp", None),
        ("mcp --tools", None),
        ("mcp --json", None),
        ("mcp -- x", None),
    ],
)
def test_a_command_line_is_read_without_a_parser_or_left_alone(argv, read) -> None:
    """A relay starts in milliseconds; whatever it doesn't know goes to the full program."""
    chosen = relay.options(argv.split())

    assert (chosen and (chosen.tools, chosen.read_only, chosen.profile, chosen.scope)) == read
    assert Survey(argv.split()).verb == "mcp"


def test_a_hello_is_one_line_whatever_the_folder_is_called(tmp_path, monkeypatch) -> None:
    """Line breaks, quotes and bytes that are no UTF-8."""
    folder = tmp_path / 'a\n"b\\\udcff'
    folder.mkdir()
    monkeypatch.chdir(folder)

    preface, line, rest = relay.hello(relay.Options(), {"TZ": ":Europe/Berlin"}).split(b"\n")

    assert (preface, rest) == (b"slm-mcp/1", b"")
    assert json.loads(line)["cwd"] == str(folder)
    assert json.loads(line)["zone"] == "Europe/Berlin"


def test_the_relay_imports_no_package_before_its_first_message() -> None:
    """``json`` costs 5 ms and ``socket`` more: the relay begins on builtin modules."""
    listed = "from slm.daemon import thin, relay; print(*sorted(sys.modules))"
    command = [*THIN[:-1], THIN[-1].split("from slm")[0] + listed]
    loaded = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode().split()

    assert not {"json", "socket", "selectors", "re", "typing", "enum", "signal"} & set(loaded)


def test_a_person_who_starts_it_is_told_what_it_is(served) -> None:
    """A command that waits in silence looks broken; standard output stays the protocol's."""
    ours, theirs = os.openpty()
    relaying = subprocess.Popen(
        [*THIN, "mcp"], env=served.env, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(theirs)
    os.write(ours, b"\x04")

    out, err = relaying.communicate(timeout=60)
    os.close(ours)

    assert (out, relaying.returncode) == (b"", 0)
    assert b"agent" in err

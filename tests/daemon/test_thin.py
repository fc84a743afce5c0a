"""The client of the fast lane, run as a process against a daemon with an engine that echoes."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slm.daemon.dialects import decode
from slm.daemon.thin import FAST, PREFACE, READ_ONLY, Survey, encode

WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
CHECKOUT = Path(__file__).resolve().parents[2]


# what the client understands of a command line


@pytest.mark.parametrize("verb", sorted(FAST))
def test_a_verb_of_question_and_answer_takes_the_fast_lane(verb) -> None:
    """Specification: the list of verbs."""
    assert Survey([verb, "word"]).fast


@pytest.mark.parametrize(
    "argv",
    [
        [], ["--help"], ["recall", "--help"], ["recall", "-h"], ["--version"], ["import", "file"], ["forget", "k3m9q"],
        ["undo"], ["daemon", "stop"], ["bench"], ["remember", "--batch", "file"], ["remember", "--batch=file"],
        ["nonsense"], ["--socket", "recall"], ["recall", "--timeout", "soon"], ["recall", "--timeout", "0"],
        ["recall", "--timeout", "nan"], ["recall", "--timeout=-1"], ["recall", "--timeout"],
    ],
)  # fmt: skip
def test_everything_else_runs_in_the_clients_own_process(argv) -> None:
    """Specification: help, usage errors, prompts, progress, files and streams."""
    assert not Survey(argv).fast


def test_global_options_are_found_before_and_after_the_verb() -> None:
    """Specification: accepted anywhere before ``--``."""
    survey = Survey(["--socket", "/s", "recall", "--config=/c", "port", "--timeout", "2.5", "--json"])

    assert (survey.verb, survey.socket, survey.config, survey.timeout_s, survey.json) == (
        "recall",
        "/s",
        "/c",
        2.5,
        True,
    )


def test_nothing_after_two_dashes_is_an_option() -> None:
    """Specification."""
    survey = Survey(["remember", "--", "--socket", "/s", "--help", "--json"])

    assert survey.fast
    assert (survey.socket, survey.json) == (None, False)


@pytest.mark.parametrize(
    ("argv", "reads"),
    [
        (["remember", "-"], True),
        (["remember", "--", "-"], True),
        (["remember", "a-b"], False),
        (["recall", "--", "a"], False),
    ],
)
def test_standard_input_is_read_only_for_a_lone_dash(argv, reads) -> None:
    """Specification: a hook's or a loop's standard input must not be eaten."""
    assert Survey(argv).reads_stdin is reads


def test_only_verbs_that_change_nothing_are_repeated() -> None:
    """Specification: one retry for read-only verbs only."""
    assert not {"remember", "correct", "pin", "unpin", "tag", "used"} & READ_ONLY
    assert READ_ONLY <= FAST


@given(st.lists(WORDS), st.dictionaries(WORDS.map("SLM_".__add__), WORDS), st.none() | st.binary(max_size=64))
def test_what_is_sent_is_what_is_heard(argv, variables, stdin) -> None:
    """Round trip; standard input may hold any bytes, NUL among them."""
    variables = {name.replace("=", ""): value for name, value in variables.items()}
    message = encode(argv, variables, stdin)

    length = int.from_bytes(message[len(PREFACE) : len(PREFACE) + 4], "big")
    body = message[len(PREFACE) + 4 :]
    request = decode(body, 7)

    assert len(body) == length
    assert (request.argv, request.env, request.stdin) == (argv, variables, stdin)
    assert (request.cwd, request.started_ns) == (str(Path.cwd()), 7)


def test_only_slms_own_variables_and_those_of_the_terminal_are_sent() -> None:
    """Privacy: other programs' secrets stay where they are."""
    sent = decode(encode(["status"], {"AWS_SECRET": "x", "NO_COLOR": "1", "SLM_PROFILE": "work"}, None)[14:], 0).env

    assert sent == {"NO_COLOR": "1", "SLM_PROFILE": "work"}


def test_the_fast_lane_imports_builtin_modules_alone(world) -> None:
    """Each of these costs a command milliseconds: json 10, socket 9, os 2 (measured here)."""
    world.slm("status")
    code = "import sys; sys.path.append(sys.argv[1]); from slm.daemon.thin import main; main(['status'], ['']); "
    command = [sys.executable, "-I", "-S", "-c", code + "print(*sys.modules)", str(CHECKOUT)]
    slow = {"os", "pathlib", "re", "enum", "typing", "dataclasses", "json", "socket", "struct", "slm.daemon.spawn"}

    listed = subprocess.run(command, capture_output=True, text=True, check=True, env=world.env).stdout.split()

    assert "slm.daemon.thin" in listed
    assert not slow & set(listed)


# an exchange


def test_output_errors_and_exit_code_are_the_daemons(world) -> None:
    """Specification: frames 1, 2 and X."""
    done = world.slm("recall", "five", "words")

    assert done.stdout == f"recall five words in {Path.cwd()}\n".encode()
    assert done.stderr == b"heard\n"
    assert done.returncode == 5


def test_the_clients_folder_is_sent(world) -> None:
    """Specification: the scope follows from it."""
    assert world.slm("recall", "x", cwd="/usr").stdout == b"recall x in /usr\n"


def test_a_deleted_folder_is_no_folder(world) -> None:
    """Fault: the folder of a shell may be gone."""
    gone = world.root / "gone"
    gone.mkdir()
    command = world.client_command("recall", "x")
    ran = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" && rmdir "$1" && shift && exec "$@"', "sh", str(gone), *command],
        capture_output=True, env=world.env, check=False,
    )  # fmt: skip

    assert ran.stdout == b"recall x in \n"


def test_standard_input_reaches_the_daemon_byte_by_byte(world) -> None:
    """Specification: with a lone dash, to 1 MiB; bytes that are not UTF-8 are the daemon's to judge."""
    text = b"\xff\0 two\nlines"

    assert b"<" + text + b">" in world.slm("remember", "-", stdin=text).stdout


def test_a_text_of_exactly_one_mebibyte_is_taken_and_one_byte_more_is_not(world) -> None:
    """Specification: 1 MiB, exit code 2."""
    longest = b"x" * (1 << 20)

    taken = world.slm("remember", "-", stdin=longest)
    refused = world.slm("remember", "-", stdin=longest + b"x")

    assert longest in taken.stdout
    assert refused.returncode == 2
    assert b"at most 1 MiB" in refused.stderr


def test_what_the_daemon_hands_back_is_run_here(world) -> None:
    """Specification: frame L."""
    done = world.slm("recall", "locally")

    assert done.stdout.split() == [b"locally:", b"recall", b"locally"]


def test_what_was_read_from_standard_input_is_there_for_the_local_run(world) -> None:
    """Pinned behaviour: more than a pipe's buffer holds."""
    text = b"much\n" * 50_000

    assert text in world.slm("remember", "-", "locally", stdin=text).stdout


def test_a_local_verb_starts_no_daemon(world) -> None:
    """Specification: help works without one."""
    assert world.slm("export").stdout.split() == [b"locally:", b"export"]
    assert world.starts() == 0


def test_an_error_has_its_own_exit_code_and_the_next_step(world) -> None:
    """Specification: exit codes of slm.errors."""
    done = world.slm("recall", "missing")

    assert done.returncode == 4
    assert done.stderr == b"slm: error: no memory with the id missing\n  fix: slm list shows ids\n"


@pytest.mark.parametrize("bug", ["bug", "memory"])
def test_a_bug_in_one_request_leaves_the_daemon_alive(world, bug) -> None:
    """Fault: an exception, and no memory left for a request."""
    done = world.slm("recall", bug)

    assert done.returncode == 70
    assert b"internal error" in done.stderr
    assert world.slm("recall", "again").returncode == 0
    assert world.starts() == 1
    assert b"Traceback" in Path(world.paths.log).read_bytes()


def test_an_argument_that_is_not_unicode_is_refused(world) -> None:
    """Fault: a file name or a paste in another encoding."""
    done = world.slm("remember", b"\xff\xfe".decode("utf-8", "surrogateescape"))

    assert done.returncode == 2
    assert b"not Unicode" in done.stderr


def test_a_large_answer_arrives_whole(world) -> None:
    """Three frames' worth of socket buffers."""
    assert len(world.slm("recall", "large").stdout) == 3 << 20


def test_errors_of_the_client_are_json_when_json_is_asked(world) -> None:
    """Specification: errors are JSON on stderr then."""
    done = world.slm("remember", "-", "--json", stdin=b"x" * (2 << 20))

    assert json.loads(done.stderr)["error"]["type"] == "usage"


def test_a_reader_that_leaves_is_no_error(world) -> None:
    """``slm list | head``: SIGPIPE, as every Unix program."""
    process = world.begin("recall", "large")
    process.stdout.close()

    assert process.wait(20) == -signal.SIGPIPE
    assert process.stderr.read() == b""


def test_a_full_disk_under_standard_output_is_said(world) -> None:
    """Fault: exit code 8."""
    with Path("/dev/full").open("wb") as full:
        process = world.begin("recall", "x", stdout=full)
        _, errors = process.communicate(timeout=20)

    assert process.returncode == 8
    assert b"No space left" in errors


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_files_are_taken_for_empty_ones(world, closed) -> None:
    """Fault: the socket would get their number, and the answer would be sent to the daemon."""
    command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *world.client_command("recall", "five")]

    for _ in range(2):  # with and without a start
        done = subprocess.run(command, capture_output=True, env=world.env, timeout=20, check=False)

        assert done.returncode == 5
        assert done.stdout == (
            b"" if ">&-" in closed.replace("2>&-", "") else f"recall five in {Path.cwd()}\n".encode()
        )
    assert world.starts() == 1


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_words_arrive_as_utf_8_whatever_the_locale(world, locale) -> None:
    """Fault: cron has no locale."""
    world.env["LC_ALL"] = locale

    assert "recall Malmö 🦉 in".encode() in world.slm("recall", "Malmö 🦉").stdout


def test_interrupted_means_exit_code_130(world, eventually) -> None:
    """Specification: Ctrl-C."""
    process = world.begin("recall", "wait")
    eventually((world.data / "waiting").exists)

    process.send_signal(signal.SIGINT)

    assert process.wait(20) == 130
    assert process.stderr.read() == b""


def test_a_client_killed_while_it_waits_leaves_nothing_behind(world, eventually) -> None:
    """Fault: kill -9 of a client in the middle of a request."""
    client = world.json()
    assert client.call("descriptors")
    before = client.call("descriptors"), client.call("threads")
    process = world.begin("recall", "wait")
    eventually((world.data / "waiting").exists)

    process.kill()
    client.call("go")

    eventually(lambda: (client.call("descriptors"), client.call("threads")) == before)
    assert world.starts() == 1


def test_the_width_of_the_terminal_is_sent(world) -> None:
    """Specification: the terminal's width and which outputs are terminals."""
    code = (
        "import sys; sys.path.append(sys.argv[1]); from slm.daemon import thin; import posix\n"
        "posix.write(int(sys.argv[2]), thin.encode(['status'], {}, None))"
    )
    reading, writing = os.pipe()
    primary, secondary = pty.openpty()
    termios.tcsetwinsize(secondary, (30, 97))
    subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(CHECKOUT), str(writing)],
        stdin=subprocess.DEVNULL, stdout=secondary, stderr=subprocess.DEVNULL, pass_fds=[writing], check=True,
    )  # fmt: skip
    request = decode(os.read(reading, 1 << 16)[14:], 0)
    for descriptor in (reading, writing, primary, secondary):
        os.close(descriptor)

    assert (request.width, request.stdout_tty, request.stderr_tty) == (97, True, False)


# a daemon that doesn't answer, or not as it should


def test_a_suspended_daemon_is_named_with_its_process_after_the_timeout(world) -> None:
    """Specification: "daemon (pid N) doesn't answer", the fix, exit code 9."""
    world.slm("status")
    pid = world.pid()
    os.kill(pid, signal.SIGSTOP)

    done = world.slm("recall", "x", "--timeout", "0.2")
    os.kill(pid, signal.SIGCONT)

    assert done.returncode == 9
    assert done.stderr.startswith(f"slm: error: the daemon (pid {pid}) doesn't answer\n".encode())
    assert b"slm daemon restart" in done.stderr
    assert world.slm("recall", "x").returncode == 0
    assert world.starts() == 1


def test_a_question_is_repeated_when_the_daemon_dies_under_it(world) -> None:
    """Specification: one retry for read-only verbs; this daemon dies of the question each time."""
    done = world.slm("recall", "die")

    assert done.returncode == 3
    assert world.starts() == 2


def test_a_change_is_never_repeated_when_its_outcome_is_unknown(world) -> None:
    """Specification: say that the outcome is unknown."""
    done = world.slm("remember", "die")

    assert done.returncode == 3
    assert b"unknown" in done.stderr
    assert world.starts() == 1


@pytest.fixture
def impostor(world) -> Iterator[socket.socket]:
    """A socket that listens but is no daemon of ours."""
    path = world.root / "x.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(8)
    yield listener
    listener.close()


def _serve_once(listener, answer, *, read) -> None:
    connection, _ = listener.accept()
    if read:
        connection.recv(1 << 16)
    connection.sendall(answer)
    connection.close()


def test_an_answer_cut_short_is_an_error(world, impostor) -> None:
    """Fault: the daemon is killed while it answers."""
    process = world.begin("recall", "x", "--socket", str(world.root / "x.sock"))
    _serve_once(impostor, b"1\0\0\0\x05hello1\0\0\0\x09wor", read=True)
    output, errors = process.communicate(timeout=20)

    assert (process.returncode, output) == (3, b"hello")
    assert b"within its answer" in errors


def test_a_request_that_was_not_read_is_sent_again(world, impostor) -> None:
    """A reset without an answer proves that nothing was read, so that even a change can be repeated."""
    process = world.begin("remember", "x", "--socket", str(world.root / "x.sock"))
    _serve_once(impostor, b"", read=False)
    _serve_once(impostor, b"1\0\0\0\x02okX\0\0\0\x030 9", read=True)
    output, _ = process.communicate(timeout=20)

    assert (process.returncode, output) == (0, b"ok")


def test_a_full_queue_is_waited_for_until_the_timeout(world, impostor) -> None:
    """Fault: nobody accepts, and the kernel takes no more connections."""
    waiting = []
    path = str(world.root / "x.sock")
    try:
        while True:
            client = socket.socket(socket.AF_UNIX)
            client.setblocking(False)
            waiting.append(client)
            client.connect(path)
    except BlockingIOError:
        pass

    done = world.slm("recall", "x", "--socket", path, "--timeout", "0.1")
    for client in waiting:
        client.close()

    assert done.returncode == 9
    assert b"doesn't answer" in done.stderr


def test_a_forbidden_socket_is_named_as_such_and_nothing_is_started(world) -> None:
    """Specification: a sandbox is named, exit code 3. A sandbox's EPERM, made by a stand-in for the socket."""
    code = (
        "import sys; sys.path.append(sys.argv[1]); from slm.daemon import thin\n"
        "class Forbidden:\n"
        "    def __init__(self, *_): pass\n"
        "    def settimeout(self, _): pass\n"
        "    def close(self): pass\n"
        "    def connect(self, _): raise PermissionError(1, 'Operation not permitted')\n"
        "thin._socket.socket = Forbidden\n"
        "sys.exit(thin.main(['recall', 'x', '--socket', '/tmp/x.sock'], ['no']))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(CHECKOUT)], capture_output=True, env=world.env, check=False
    )

    assert done.returncode == 3
    assert b"sandbox" in done.stderr
    assert b"nothing was started" in done.stderr
    assert world.starts() == 0


def test_a_socket_path_that_is_too_long_is_said_before_anything_is_tried(world) -> None:
    """Specification: path length check, exit code 3."""
    done = world.slm("recall", "x", "--socket", "/tmp/" + "x" * 120)

    assert done.returncode == 3
    assert b"125 bytes long" in done.stderr
    assert world.starts() == 0

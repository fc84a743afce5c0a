"""What is said on the socket, over a pair of connected sockets: no process, no server."""

import json
import socket
import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slm import __version__
from slm.daemon import dialects, thin
from slm.daemon.dialects import CliReply, CliRequest, Handlers, decode, serve, take_caller
from slm.daemon.versions import newer
from slm.daemon.wire import Connection, Hangup, TooLong
from slm.errors import InvalidInput, NotFound
from slm.model import Caller

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
RESERVED = {"op", "id", *dialects.CALLER_FIELDS}


class Control:
    """Counts what the dialects ask of the server."""

    def __init__(self) -> None:
        self.stops = 0
        self.waits = 0

    def stop(self) -> None:
        self.stops += 1

    def wait_until_unreachable(self) -> None:
        self.waits += 1


def echo(op: str, fields: dict[str, Any], caller: Caller) -> Any:
    if op == "missing":
        raise NotFound("no such memory", where={"id": "k3m9q"}, hint="slm list")
    if op == "bug":
        raise KeyError("a bug")
    if op == "memory":
        raise MemoryError
    return [op, fields, caller.actor]


def echo_cli(request: CliRequest) -> CliReply | None:
    if request.argv == ["local"]:
        return None
    return CliReply(" ".join(request.argv).encode(), b"", 0)


def converse(
    sent: bytes, *, busy: bool = False, control: Control | None = None, handlers: Handlers | None = None
) -> bytes:
    """All that the daemon answers to a client that sends ``sent`` and then finishes."""
    ours, theirs = socket.socketpair()
    writer = threading.Thread(target=_send, args=(ours, sent))
    writer.start()
    with ours, theirs:
        with suppress(Hangup):
            serve(Connection(theirs), handlers or Handlers(echo_cli, echo), control or Control(), busy=busy)
        theirs.close()
        ours.settimeout(10)
        answer = b"".join(iter(lambda: _receive(ours), b""))
        writer.join()
    return answer


def _send(ours: socket.socket, data: bytes) -> None:
    try:
        ours.sendall(data)
        ours.shutdown(socket.SHUT_WR)
    except OSError:
        return  # it has hung up on us


def _receive(ours: socket.socket) -> bytes:
    try:
        return ours.recv(1 << 16)
    except ConnectionResetError:
        return b""


def ask(*lines: bytes, **options: Any) -> list[Any]:
    answer = converse(b"slm-json/1\n" + b"".join(line + b"\n" for line in lines), **options)
    return [json.loads(line) for line in answer.splitlines()]


def frames(answer: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    while answer:
        length = int.from_bytes(answer[1:5], "big")
        found.append((answer[:1], answer[5 : 5 + length]))
        answer = answer[5 + length :]
    return found


# slm-json/1


@given(st.dictionaries(st.text(max_size=6).filter(lambda name: name not in RESERVED), VALUES, max_size=4), VALUES)
def test_fields_and_tag_come_back_as_they_were_sent(fields, tag) -> None:
    """Specification: ``id`` is echoed; every field, ``id`` among them, reaches the handler."""
    fields["id"] = tag
    request = json.dumps({"op": "echo", **fields}).encode()

    assert ask(request) == [{"id": tag, "ok": True, "result": ["echo", fields, "script"]}]


def test_requests_of_one_connection_are_answered_in_order() -> None:
    """Specification: JSON lines, as many as the client likes."""
    answers = ask(*(json.dumps({"op": "echo", "id": i}).encode() for i in range(50)))

    assert [answer["id"] for answer in answers] == list(range(50))


def test_an_error_carries_type_message_and_hint() -> None:
    """Specification: {"ok": false, "error": {"type", "message", "hint"}}."""
    error = {"type": "not_found", "message": "no such memory; id: k3m9q", "hint": "slm list"}

    assert ask(b'{"op": "missing"}') == [{"ok": False, "error": error}]


@pytest.mark.parametrize("op", ["bug", "memory"])
def test_a_bug_is_an_answer_of_type_internal_and_the_connection_goes_on(op, capsys) -> None:
    """Fault: any exception, MemoryError among them; the log has the traceback."""
    bug, ping = ask(json.dumps({"op": op}).encode(), b'{"op": "ping"}')

    assert bug["error"]["type"] == "internal"
    assert ping["ok"]
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    [
        b"{", b"nonsense", b"\xff\xfe", b"\0\0", b"[]", b'"op"', b"7", b"null", b"{}", b'{"op": 7}', b'{"op": null}',
        b'{"op": "echo", "x": NaN}', b'{"op": "echo", "x": Infinity}',
        b'{"op": "echo", "id": 1e400}', b"[" * 100_000, b'{"op":' * 50_000,
        b'{"op": "echo", "text": "\\ud800"}', b'{"op": "echo", "n": ' + b"9" * 5000 + b"}", b"\xef\xbb\xbf{}",
    ],
)  # fmt: skip
def test_what_is_no_request_gets_an_error_and_the_connection_is_kept(line) -> None:
    """Fault: malformed JSON, wrong encoding, NUL bytes, nesting bombs, lone surrogates, huge numbers."""
    refused, ping = ask(line, b'{"op": "ping"}')

    assert refused["error"]["type"] == "usage"
    assert ping["ok"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_end_a_conversation_without_an_answer_to_each_line(garbage) -> None:
    """Fuzz: whatever a line holds, it gets one answer, and the next request is heard."""
    lines = [line for line in garbage.split(b"\n") if line.strip()]

    answers = ask(garbage, b'{"op": "ping"}')

    assert len(answers) == len(lines) + 1
    assert answers[-1]["result"]["version"] == __version__


def test_empty_lines_are_not_answered() -> None:
    """Pinned behaviour: a person types them."""
    assert len(ask(b"", b"  ", b'{"op": "ping"}')) == 1


def test_a_request_without_its_newline_is_not_carried_out() -> None:
    """A client that died while it wrote has not asked."""
    heard = []

    def listen(op, fields, caller) -> None:
        heard.append(op)

    answer = converse(b'slm-json/1\n{"op": "echo"}', handlers=Handlers(echo_cli, listen))

    assert (answer, heard) == (b"", [])


def test_a_line_longer_than_four_mebibytes_is_refused() -> None:
    """Specification: 4 MiB; the rest of such a line can't be told from a request, so the connection ends."""
    answers = ask(b'{"op": "' + b"x" * (4 << 20) + b'"}', b'{"op": "ping"}')

    assert [answer["error"]["type"] for answer in answers] == ["usage"]


def test_ping_and_shutdown_are_the_servers_own() -> None:
    """Specification."""
    control = Control()

    ping, stopping = ask(b'{"op": "ping"}', b'{"op": "shutdown"}', control=control)

    assert ping["result"]["version"] == __version__
    assert stopping["result"] == {"stopping": True}
    assert control.stops == 1


def test_who_asks_is_taken_out_of_the_fields() -> None:
    """Specification: profile, scope, cwd, zone, actor go into the Caller; null means not given."""
    fields = {"query": "x", "profile": "work", "scope": None, "cwd": "/src", "zone": "+02:00", "actor": "mcp:claude"}

    caller = take_caller(fields)

    assert caller == Caller(actor="mcp:claude", profile="work", cwd="/src", zone="+02:00")
    assert fields == {"query": "x"}


@pytest.mark.parametrize("value", [7, True, ["a"], {"a": 1}])
@pytest.mark.parametrize("name", dialects.CALLER_FIELDS)
def test_who_asks_is_said_in_strings(name, value) -> None:
    """Specification: bad types are usage errors."""
    with pytest.raises(InvalidInput, match=f"{name} is a string"):
        take_caller({name: value})


# slm-cli/1


def command(*argv: str, stdin: bytes | None = None) -> bytes:
    return thin.encode(argv, {}, stdin)


def with_version(version: str) -> bytes:
    body = command("status")[14:].replace(__version__.encode(), version.encode(), 1)
    return b"slm-cli/1\n" + len(body).to_bytes(4, "big") + body


def test_a_command_is_answered_with_its_output_and_exit_code() -> None:
    """Specification: frames 1 and X; X carries the code and the nanoseconds taken."""
    output, (kind, end) = frames(converse(command("recall", "port")))

    assert output == (b"1", b"recall port")
    assert kind == b"X"
    assert end.split()[0] == b"0"
    assert int(end.split()[1]) > 0


def test_a_command_that_the_client_must_run_is_handed_back() -> None:
    """Specification: frame L."""
    assert frames(converse(command("local"))) == [(b"L", b"")]


@pytest.mark.parametrize("version", ["99.0.0", "0.1.1", "0.2", "1.0.0"])
def test_a_newer_client_makes_the_daemon_leave_before_it_is_answered(version) -> None:
    """Specification: stop accepting, unlink, then answer; the client starts its own."""
    control = Control()

    assert frames(converse(with_version(version), control=control)) == [(b"V", __version__.encode())]
    assert (control.stops, control.waits) == (1, 1)


@pytest.mark.parametrize("version", ["0.0.9", "0.1", __version__, "", "nonsense", "1.x"])
def test_an_older_client_is_served(version) -> None:
    """Specification; what is no version is no reason to leave."""
    control = Control()

    assert frames(converse(with_version(version), control=control))[-1][0] == b"X"
    assert control.stops == 0


@given(st.lists(st.integers(0, 99), min_size=1, max_size=4), st.lists(st.integers(0, 99), min_size=1, max_size=4))
def test_versions_are_compared_by_number(one, other) -> None:
    """Oracle: lists of integers; 0.10 is newer than 0.9."""
    assert newer(".".join(map(str, one)), ".".join(map(str, other))) == (one > other)


def test_a_request_longer_than_four_mebibytes_is_refused_unread() -> None:
    """Specification: frames at most 4 MiB."""
    answer = converse(b"slm-cli/1\n" + (5 << 20).to_bytes(4, "big"))

    assert frames(answer)[-1][1].startswith(b"2 ")


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_in_a_frame_break_the_daemon(body) -> None:
    """Fuzz: a frame that is no request gets a usage error, one that happens to be a request an answer."""
    answer = frames(converse(b"slm-cli/1\n" + len(body).to_bytes(4, "big") + body))

    assert answer[-1][0] in b"XV"


@given(st.binary(max_size=60))
def test_decoding_accepts_or_raises_value_error(body) -> None:
    """Fuzz: nothing else escapes."""
    try:
        request = decode(body, 0)
    except ValueError:
        return
    assert isinstance(request, CliRequest)


@given(st.integers(0, 60))
def test_half_a_request_is_not_carried_out(length) -> None:
    """Fault: a client killed while it wrote."""
    whole = command("remember", "x" * 40)

    assert converse(whole[: min(length, len(whole) - 1)]) == b""


def test_an_argument_that_is_not_unicode_is_a_usage_error() -> None:
    """Fault: it could be stored by nobody."""
    (_, message), (_, end) = frames(converse(command("remember", "\udcff")))

    assert b"not Unicode" in message
    assert end.startswith(b"2 ")


def test_errors_are_json_when_json_is_asked():
    """Specification: errors are JSON on stderr then."""
    (_, message), _ = frames(converse(command("remember", "--json", "\udcff")))

    assert json.loads(message)["error"]["type"] == "usage"


# the first line


@pytest.mark.parametrize("preface", [b"GET / HTTP/1.1\r", b"slm-cli/2", b"slm-mcp/9", b"", b"hello"])
def test_an_unknown_dialect_is_told_which_there_are(preface) -> None:
    """Specification: the first line chooses."""
    assert converse(preface + b"\n").startswith(b"slm: this socket speaks")


def test_a_first_line_that_never_ends_is_cut_off() -> None:
    """Fault: garbage without a newline must not be collected."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"x" * 4096)
        with pytest.raises(TooLong):
            serve(Connection(theirs), Handlers(echo_cli, echo), Control(), busy=False)


def test_a_busy_daemon_says_so_in_either_dialect() -> None:
    """Specification: the limit of connections answers politely, exit code 3."""
    (answer,) = ask(b'{"op": "echo"}', busy=True)
    (_, message), (_, end) = frames(converse(command("recall"), busy=True))

    assert answer["error"]["type"] == "no_daemon"
    assert b"busy" in message
    assert end.startswith(b"3 ")


# reading and writing


@given(
    st.lists(st.binary(min_size=1, max_size=30).map(lambda b: b.replace(b"\n", b".")), max_size=6), st.integers(1, 9)
)
def test_lines_don_t_depend_on_how_they_are_cut_into_packets(lines, size) -> None:
    """Stream sockets keep order, not boundaries. Oracle: bytes.split."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        data = b"".join(line + b"\n" for line in lines)
        for start in range(0, len(data), size):
            ours.sendall(data[start : start + size])
        ours.shutdown(socket.SHUT_WR)
        connection = Connection(theirs)
        read = [connection.line(64, 5.0) for _ in lines]

        assert read == lines
        assert connection.line(64, 5.0) is None


@given(st.binary(min_size=2, max_size=50), st.data())
def test_exact_reads_and_lines_share_what_was_received(data, draw) -> None:
    """The preface line is followed by a binary frame."""
    cut = draw.draw(st.integers(1, len(data)))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"first\n" + data)
        connection = Connection(theirs)

        assert connection.line(10, 5.0) == b"first"
        assert connection.exactly(cut, 5.0) + connection.exactly(len(data) - cut, 5.0) == data


def test_a_line_as_long_as_allowed_is_taken_and_one_byte_more_is_not() -> None:
    """Specification: the limit is inclusive."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"x" * 10 + b"\n" + b"x" * 11 + b"\n")
        connection = Connection(theirs)

        assert connection.line(10, 5.0) == b"x" * 10
        with pytest.raises(TooLong):
            connection.line(10, 5.0)


def test_a_slow_drip_is_cut_off_at_the_deadline_of_the_whole_line() -> None:
    """Fault: each byte comes in time, the line does not."""
    ours, theirs = socket.socketpair()
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.005):
            ours.send(b"x")

    dripping = threading.Thread(target=drip)
    with ours, theirs:
        dripping.start()
        try:
            with pytest.raises(Hangup):
                Connection(theirs).line(1 << 20, 0.1)
        finally:
            stop.set()
            dripping.join()


def test_a_frame_that_stops_half_way_is_cut_off_at_its_deadline() -> None:
    """Fault: half frames."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"abc")
        with pytest.raises(Hangup):
            Connection(theirs).exactly(4, 0.05)


def test_a_reader_that_doesn_t_read_is_dropped_at_the_deadline() -> None:
    """Specification: a slow reader can't grow the daemon."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(Hangup):
        Connection(theirs).send(b"x" * (8 << 20), 0.05)


def test_finishing_lets_what_was_sent_be_read() -> None:
    """Draining: requests that had arrived are answered, then comes the end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"asked\n")
        connection = Connection(theirs)
        connection.finish_reading()

        assert connection.line(64, 5.0, wait_for_first=True) == b"asked"
        assert connection.line(64, 5.0, wait_for_first=True) is None

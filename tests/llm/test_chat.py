"""The chat client against a server that answers well, badly, slowly and not at all."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress

import pytest

from slm.config import Llm
from slm.errors import ModelUnavailable, TimedOut
from slm.llm import chat as chat_module
from slm.llm.chat import chat
from slm.llm.server import server_of
from tests.llm.fake_server import event, message, reply, said, serving, stream

ASKED = [{"role": "user", "content": "which port?"}]


def answer_of(behave, *, timeout_s=20.0, ended: threading.Event | None = None) -> str:
    """What chat gives; ``ended`` lets a hanging server go on when it has given up."""
    with serving(behave) as fake:
        try:
            return chat(server_of(Llm(base_url=fake.url)), "", ASKED, key=None, timeout_s=timeout_s)
        finally:
            if ended is not None:
                ended.set()


def trouble_of(behave) -> str:
    with pytest.raises(ModelUnavailable) as failed:
        answer_of(behave)
    assert "127.0.0.1" in failed.value.where["server"]
    return failed.value.message


def test_a_streamed_answer_is_put_together():
    assert answer_of(said("It is ", "5433", " [k3m9q].")) == "It is 5433 [k3m9q]."


def test_a_stream_may_be_cut_anywhere_and_end_its_lines_with_carriage_returns():
    """Server-sent events: lines end in \\n, \\r\\n; comments and other fields are skipped."""
    whole = b": hello\r\nevent: x\r\n" + event("5433 ünd").replace(b"\n", b"\r\n") + b"data: [DONE]\r\n\r\n"

    assert answer_of(stream(*(whole[i : i + 1] for i in range(len(whole))))) == "5433 ünd"


def test_an_answer_that_comes_at_once_is_taken_too():
    assert answer_of(reply(200, message(content="5433"))) == "5433"


def test_a_last_event_that_only_counts_tokens_adds_nothing():
    """OpenAI, stream_options.include_usage: an event with no choices."""
    usage = b'data: {"choices": [], "usage": {"total_tokens": 7}}\n\n'

    assert answer_of(stream(event("5433"), event("", finish_reason="stop"), usage, b"data: [DONE]\n\n")) == "5433"


def test_what_a_reasoning_model_thinks_aloud_is_left_out():
    assert answer_of(said("<think>\nport? ", "hm\n</think>\n\n", "5433")) == "5433"


def test_the_request_names_the_model_and_carries_the_key():
    with serving(said("x")) as fake:
        chat(server_of(Llm(base_url=fake.url)), "qwen3", ASKED, key="s3cret", timeout_s=20)
    path, headers, body = fake.requests[0]

    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer s3cret"
    assert body == {"model": "qwen3", "messages": ASKED, "stream": True, "temperature": 0}


def test_no_model_and_no_key_are_sent_where_none_is_set():
    with serving(said("x")) as fake:
        chat(server_of(Llm(base_url=fake.url + "/")), "", ASKED, key=None, timeout_s=20)
    path, headers, body = fake.requests[0]

    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert "model" not in body


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"choices": 1}', b'{"choices": [1]}', b'{"choices": [{"message": null}]}',
     b"\xff\xfe", b"[" * 5000, b'{"choices": [{"message": []}]}'],
)  # fmt: skip
def test_garbage_is_an_error_and_not_an_answer(body):
    assert "no answer of a chat" in trouble_of(reply(200, body))


@pytest.mark.parametrize("garbage", [b"data: {\n\n", b"data: 7\n\n", b'data: {"choices": [{"delta": 3}]}\n\n'])
def test_garbage_in_a_stream_is_an_error(garbage):
    assert "no answer of a chat" in trouble_of(stream(event("The port"), garbage))


def test_an_empty_answer_is_an_error():
    assert "said nothing" in trouble_of(said(" ", "\n"))


def test_thinking_without_an_end_is_no_answer():
    assert "said nothing" in trouble_of(said("<think>", "and so on"))


def test_a_stream_that_breaks_off_is_an_error():
    """Half a sentence can say the opposite of the whole."""
    assert "broke off" in trouble_of(stream(event("The port is not")))


@pytest.mark.parametrize("behave", [
    reply(200, message(content=None, refusal="I can't help with that")),
    stream(event(None, finish_reason="content_filter")),
])  # fmt: skip
def test_a_refusal_is_told_as_one(behave):
    assert "refuses" in trouble_of(behave)


def test_an_error_of_the_server_is_told_with_its_words():
    body = json.dumps({"error": {"message": "model 'x' not found,\n try pulling it"}}).encode()

    assert trouble_of(reply(404, body)).endswith("404 Not Found: model 'x' not found, try pulling it")


@pytest.mark.parametrize(
    "body", [b"", b"plain words", b'{"error": "no"}', b'{"error": null}', b"\xff" * 100_000, b"[" * 60_000]
)
def test_any_error_page_is_told_in_a_line(body):
    told = trouble_of(reply(500, body, "text/plain"))

    assert told.startswith("the language model's server refused: 500")
    assert len(told) < 400


def test_an_error_in_the_middle_of_a_stream_is_told():
    assert "out of memory" in trouble_of(stream(event("5"), b'data: {"error": {"message": "out of memory"}}\n\n'))


def test_an_error_that_is_null_is_none():
    """Servers that write every field out say so in each event."""
    assert answer_of(stream(event("5"), b'data: {"error": null, "choices": []}\n\n', b"data: [DONE]\n\n")) == "5"


def test_a_redirect_is_not_followed():
    """Else a server on this machine could send the memories elsewhere."""
    with serving(said("elsewhere")) as other:
        assert "307" in trouble_of(reply(307, b"", Location=other.url + "/chat/completions"))
    assert other.requests == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    with serving(said("from the proxy")) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        assert answer_of(said("from the server")) == "from the server"


def test_an_endless_answer_is_cut_off(monkeypatch):
    monkeypatch.setattr(chat_module, "MAX_ANSWER_BYTES", 10_000)

    assert "longer than" in trouble_of(stream(*[event("more " * 100)] * 100))


def test_no_server_is_an_error_that_names_it():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(ModelUnavailable, match="doesn't answer") as failed:
        chat(server_of(Llm(base_url=url)), "", ASKED, key=None, timeout_s=5)
    assert failed.value.exit_code == 7


def test_a_server_that_speaks_another_protocol_is_an_error():
    def banner(handler):
        handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")

    assert "doesn't answer" in trouble_of(banner)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + event("The ")])
def test_a_server_that_hangs_ends_with_a_time_out(start):
    """Before its first byte as in the middle of a stream."""
    ended = threading.Event()

    def hang(handler):
        handler.wfile.write(start)
        ended.wait(30)

    with pytest.raises(TimedOut, match=r"within 0\.3 s") as failed:
        answer_of(hang, timeout_s=0.3, ended=ended)
    assert failed.value.exit_code == 9


def test_a_slow_drip_ends_with_the_deadline_too():
    """Each byte comes in time, the whole never would: the limit is that of the answer, not of a read."""
    ended = threading.Event()

    def drip(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while not ended.wait(0.01):
            handler.wfile.write(b":")
            handler.wfile.flush()

    with pytest.raises(TimedOut):
        answer_of(drip, timeout_s=0.5, ended=ended)


def test_a_handshake_that_drips_ends_with_the_deadline_too():
    """A record of TLS is announced, and its bytes come one by one: no single read is late."""
    ended = threading.Event()

    def drip(listener):
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(b"\x16\x03\x03\x40\x00")
            while not ended.wait(0.01):
                connection.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,))
        dripping.start()
        try:
            server = server_of(Llm(base_url=f"https://127.0.0.1:{listener.getsockname()[1]}"))
            with pytest.raises(TimedOut, match=r"within 0\.5 s"):
                chat(server, "", ASKED, key=None, timeout_s=0.5)
        finally:
            ended.set()
            dripping.join()


def test_a_server_without_a_certificate_is_sent_nothing():
    """Plain HTTP where TLS is asked for: an error before the question leaves."""
    with serving(said("5432")) as fake:
        server = server_of(Llm(base_url=fake.url.replace("http:", "https:")))
        with pytest.raises(ModelUnavailable, match="doesn't answer"):
            chat(server, "", ASKED, key=None, timeout_s=20)
    assert fake.requests == []

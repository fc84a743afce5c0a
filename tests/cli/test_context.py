"""What a command gets from its host."""

from __future__ import annotations

import threading

import pytest

from slm.cli.argv import Options
from slm.cli.context import Context, RunLocally
from tests.cli.canned import FakeCall, answer, hit


def context(host="daemon", **more):
    return Context(
        host, Options(), None, more.pop("backend", FakeCall({"op": {}})), {}, "/home/anna", "Europe/Berlin", **more
    )


def test_fields_that_say_nothing_are_left_out():
    backend = FakeCall({"op": {}})

    context(backend=backend).call("op", a=None, b=False, c=[], d=0, e=0.0, f="", g=True, h=["x"])

    assert backend.calls == [("op", {"d": 0, "e": 0.0, "f": "", "g": True, "h": ["x"]})]


def test_an_import_speaks_under_its_own_name():
    backend = FakeCall({"op": {}})

    context(backend=backend).call("op", as_actor="import:markdown")

    assert backend.asked[0][2].actor == "import:markdown"


def test_the_daemon_leaves_what_needs_a_process_to_the_client():
    with pytest.raises(RunLocally):
        context().in_client()
    with pytest.raises(RunLocally):
        context().confirm("sure?")
    with pytest.raises(RunLocally):
        context().text(["-"], "the text")
    context("client").in_client()


def test_an_input_that_was_sent_needs_no_client():
    assert context(stdin=b"text\n").text(["-"], "the text") == "text"
    assert context(stdin=b"").text(["-"], "the text") == ""


def test_only_the_last_line_end_of_an_input_is_dropped():
    assert context(stdin=b"a\n\n").text(["-"], "the text") == "a\n"


@pytest.mark.parametrize("argv", [("forget", "-"), ("forget", "-", "--erase", "--yes")])
def test_an_input_that_is_too_long_is_refused_whole(client, argv):
    """Of a list of ids the first part would be forgotten and the rest not, and nobody would know."""
    ran = client(*argv, stdin=b"k3m9q0000000\n" * 90_000)

    assert (ran.code, ran.calls) == (2, [])


def test_requests_at_the_same_time_keep_apart(daemon):
    """The daemon renders on one thread a connection."""
    results = {}

    def ask(number):
        text = f"memory {number}"
        results[number] = [
            daemon("recall", "x", answers={"recall": answer(hit(text=text))}, width=40 + number).stdout
            for _ in range(10)
        ]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for number, shown in results.items():
        assert len(set(shown)) == 1
        assert shown[0].startswith(f"k3m9q  memory {number}\n")

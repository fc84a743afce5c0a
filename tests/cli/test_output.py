"""Where output goes."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from slm.cli.output import Output, OutputClosed, usable_width
from slm.cli.render.text import Layout
from slm.errors import NotFound

PLAIN = Layout(None, False, datetime(2026, 11, 24, tzinfo=UTC))


def output(**options):
    return Output(io.BytesIO(), io.BytesIO(), PLAIN, PLAIN, **options)


class Gone(io.BytesIO):
    """A stream whose reader has gone."""

    def write(self, _):
        raise BrokenPipeError


def test_data_and_talk_go_separate_ways():
    out = output()
    out.lines(["data"])
    out.talk(["talk"])

    assert (out.stdout.getvalue(), out.stderr.getvalue()) == (b"data\n", b"talk\n")


@pytest.mark.parametrize("options", [{"quiet": True}, {"json": True}])
def test_nothing_is_talked_when_quiet_or_in_json(options):
    out = output(**options)
    out.talk(["talk"])

    assert out.stderr.getvalue() == b""


def test_a_change_is_told_or_given_as_its_document():
    plain, asked = output(), output(json=True)
    for out in (plain, asked):
        out.done({"id": "k3m9q"}, ["done"])

    assert (plain.stdout.getvalue(), plain.stderr.getvalue()) == (b"", b"done\n")
    assert (asked.stdout.getvalue(), asked.stderr.getvalue()) == (b'{"id": "k3m9q"}\n', b"")


def test_output_is_utf8_whatever_the_locale():
    out = output()
    out.lines(["naïve 漢字"])

    assert out.stdout.getvalue() == "naïve 漢字\n".encode()


def test_half_a_character_is_written_out_rather_than_lost():
    out = output()
    out.lines(["a\ud800b"])

    assert out.stdout.getvalue() == b"a\\ud800b\n"


def test_an_error_is_coloured_where_talk_is():
    out = Output(io.BytesIO(), io.BytesIO(), PLAIN, PLAIN._replace(colour=True))
    out.error(NotFound("no memory k3m9q"))

    assert out.stderr.getvalue() == b"\x1b[31mslm: error:\x1b[0m no memory k3m9q\n"


@pytest.mark.parametrize(
    "write", [lambda out: out.lines(["x"]), lambda out: out.document({}), lambda out: out.talk(["x"])]
)
def test_a_reader_that_has_gone_is_told_by_one_exception(write):
    out = Output(Gone(), Gone(), PLAIN, PLAIN)

    with pytest.raises(OutputClosed):
        write(out)


@pytest.mark.parametrize(("width", "used"), [(None, None), (1, 40), (40, 40), (123, 123), (200, 200), (500, 200)])
def test_a_width_is_used_within_its_limits(width, used):
    assert usable_width(width) == used

"""Which servers a question may go to: those of this machine, unless the user said otherwise."""

from __future__ import annotations

import socket

import pytest

from slm.config import Config, Llm
from slm.errors import ConfigInvalid, ModelUnavailable
from slm.llm.server import server_of


@pytest.fixture
def names(monkeypatch):
    """A name service that knows what the test puts in."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(host, port, **_):
        if host not in known:
            raise socket.gaierror(-2, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in known[host]]

    monkeypatch.setattr("slm.llm.server.socket.getaddrinfo", getaddrinfo)
    return known


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:11434/v1", "http://127.9.9.9/v1/", "http://[::1]:8080", "https://127.0.0.1"]
)
def test_loopback_addresses_are_of_this_machine(url):
    """RFC 1122: all of 127.0.0.0/8; RFC 4291: ::1."""
    assert not server_of(Llm(base_url=url)).remote


def test_without_a_server_nothing_is_asked_and_the_error_says_how_to_set_one():
    with pytest.raises(ConfigInvalid, match="no language model is set") as failed:
        server_of(Llm())
    assert "slm config set llm.base_url" in failed.value.hint


def test_another_machine_is_refused_until_it_is_allowed(names):
    names["api.example.com"] = ["93.184.216.34"]

    with pytest.raises(ConfigInvalid, match=r"api\.example\.com is not on this machine") as failed:
        server_of(Llm(base_url="https://api.example.com/v1"))
    assert "llm.allow_remote" in failed.value.hint
    assert server_of(Llm(base_url="https://api.example.com/v1", allow_remote=True)).remote


def test_a_name_that_has_an_address_elsewhere_besides_loopback_is_not_of_this_machine(names):
    """Else the second look-up of a name could send memories away."""
    names["both.test"] = ["127.0.0.1", "203.0.113.9"]

    with pytest.raises(ConfigInvalid, match="not on this machine"):
        server_of(Llm(base_url="http://both.test/v1"))


def test_localhost_counts_by_its_addresses_and_not_by_its_name(names):
    names["localhost"] = ["10.0.0.7"]

    with pytest.raises(ConfigInvalid, match="not on this machine"):
        server_of(Llm(base_url="http://localhost:11434/v1"))


def test_memories_go_to_another_machine_encrypted_only(names):
    names["box.lan"] = ["192.168.1.5"]

    with pytest.raises(ConfigInvalid, match="https only"):
        server_of(Llm(base_url="http://box.lan/v1", allow_remote=True))


def test_an_unknown_name_is_an_error_that_names_it(names):
    with pytest.raises(ModelUnavailable, match="can't be found") as failed:
        server_of(Llm(base_url="http://nowhere.test:9/v1"))
    assert failed.value.where == {"server": "nowhere.test:9"}


@pytest.mark.parametrize("host", ["a..b", "...", "a" * 70 + ".test"])
def test_a_name_that_no_machine_can_have_is_an_error_and_not_a_bug(host):
    """Python's look-up refuses these before asking anyone, with another error."""
    with pytest.raises(ModelUnavailable, match="not the name of a machine"):
        server_of(Llm(base_url=f"http://{host}:9/v1"))


@pytest.mark.parametrize(("url", "name"), [
    ("http://127.0.0.1:11434/v1", "127.0.0.1:11434"), ("http://127.0.0.1", "127.0.0.1"),
    ("http://[::1]:81/x", "[::1]:81"),
])  # fmt: skip
def test_a_server_is_named_by_host_and_port(url, name):
    assert server_of(Llm(base_url=url)).name == name


@pytest.mark.parametrize("url", [
    "127.0.0.1:11434", "ftp://127.0.0.1", "http://", "http://me:secret@127.0.0.1", "http://127.0.0.1:99999", "http://h?x=1",
])  # fmt: skip
def test_a_url_that_cannot_be_meant_is_refused_by_the_configuration(url):
    with pytest.raises(ConfigInvalid, match=r"llm\.base_url"):
        Config.load(None, {"llm.base_url": url})

"""Where a language model listens, and whether a question may go there: this machine, unless the user allowed others."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from slm.config import Llm
from slm.errors import ConfigInvalid, ModelUnavailable

PORTS = {"http": 80, "https": 443}


class Server(NamedTuple):
    """A server with one of the addresses of its ``host``, which is the one connected to: no second look-up.

    ``path`` is what stands before ``/chat/completions``; ``remote`` says that texts leave this machine.
    """

    scheme: str
    host: str
    address: str
    port: int
    path: str
    remote: bool

    @property
    def name(self) -> str:
        """Host and port, as people are told."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def server_of(llm: Llm) -> Server:
    """The server that the configuration names, resolved and allowed.

    Raises :class:`ConfigInvalid` where none is set, its address is no URL, or it isn't on this machine and
    ``llm.allow_remote`` is off or the way there is not encrypted; :class:`ModelUnavailable` for an unknown name.
    """
    if not llm.base_url:
        hint = "slm config set llm.base_url http://127.0.0.1:11434/v1   (a server of yours that speaks OpenAI's chat)"
        raise ConfigInvalid("no language model is set, and slm brings none", hint=hint)
    parts = urlsplit(llm.base_url)
    assert parts.hostname is not None, "the configuration checks the URL"
    port = parts.port or PORTS[parts.scheme]
    addresses = _addresses(parts.hostname, port)
    remote = not all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses)
    server = Server(parts.scheme, parts.hostname, addresses[0], port, parts.path.rstrip("/"), remote)
    if remote and not llm.allow_remote:
        hint = "slm config set llm.allow_remote true sends your question and the memories it finds there"
        raise ConfigInvalid(f"llm.base_url: {server.name} is not on this machine", hint=hint)
    if remote and server.scheme != "https":
        raise ConfigInvalid(f"llm.base_url: memories go to {server.name} through https only", hint="https://…")
    return server


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a name with an empty or too long part is no name
        told = getattr(error, "strerror", None) or "not the name of a machine"
        where = {"server": f"{host}:{port}"}
        raise ModelUnavailable(f"the language model's server can't be found: {told}", where=where) from None
    return [str(entry[4][0]) for entry in found]

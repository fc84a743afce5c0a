"""The guard against network sockets, in processes of their own: an audit hook can't be removed."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def run(code: str, *, guarded: bool = True) -> str:
    """What the code prints, or the name of the exception that ended it."""
    install = "from slm.daemon import guard; guard.install()\n" if guarded else ""
    source = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})\n{install}import socket\n{code}\nprint('done')"
    done = subprocess.run([sys.executable, "-I", "-c", source], capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1].partition(":")[0].rpartition(".")[2]


NETWORK = [
    "socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
    "socket.socket()",
    "socket.create_connection(('127.0.0.1', 9))",
    "socket.create_server(('127.0.0.1', 0))",
    "socket.getaddrinfo('localhost', 80)",
    "socket.gethostbyname('localhost')",
    "socket.gethostbyaddr('127.0.0.1')",
    "socket.getnameinfo(('127.0.0.1', 80), 0)",
    "import urllib.request; urllib.request.urlopen('http://localhost')",
]


@pytest.mark.parametrize("code", NETWORK)
def test_every_way_to_the_network_is_refused(code):
    """Specification: AF_INET, AF_INET6 and name look-ups. urllib wraps what it gets in an error of its own."""
    assert run(code) in {"NetworkRefusedError", "URLError", "<urlopen error slm opens no network socket"}


@pytest.mark.parametrize("code", ["socket.socket(socket.AF_UNIX)", "socket.socketpair()"])
def test_unix_sockets_are_left_alone(code):
    """Specification: the daemon's own socket."""
    assert run(code) == "done"


def test_without_the_guard_a_network_socket_can_be_made():
    """The tests above would notice a guard that does nothing."""
    assert run("socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()", guarded=False) == "done"


def test_the_guard_imports_nothing_that_could_have_opened_a_socket_before_it():
    """Specification: installed before anything else is imported."""
    boot = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r})"
    code = f"{boot}; from slm.daemon import guard; print('socket' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_a_refusal_is_a_permission_error():
    """Libraries that fall back on OSError go on without the network."""
    assert run("try:\n    socket.socket()\nexcept OSError as error:\n    print(error)").startswith(
        "slm opens no network"
    )

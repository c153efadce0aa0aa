"""The suite itself reaches no other machine; here is that this is so, in every kind of process."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.docs.pages import ROOT
from tests.refusing.sitecustomize import FOLDER, environment_with_hook

ReachedOutside: type[Exception] = sys._refuses_other_machines  # type: ignore[attr-defined]
# Addresses that are set aside for documentation, and a name that nobody has.
OUTSIDE = ("203.0.113.7", "2001:db8::7", "relay.example.invalid")
REACH = "import socket\nsocket.create_connection(('203.0.113.7', 9), timeout=1)\n"


@pytest.mark.parametrize("host", OUTSIDE)
def test_a_connection_to_another_machine_is_refused(host: str) -> None:
    """By number or by name, before anything is sent or looked up."""
    with pytest.raises(ReachedOutside, match="tests reach this machine alone"):
        socket.create_connection((host, 9), timeout=1)


def test_a_socket_cannot_get_around_it() -> None:
    """Neither a bare one, nor one without a connection, nor a name alone."""
    with socket.socket() as plain, pytest.raises(ReachedOutside):
        plain.connect(("203.0.113.7", 9))
    with socket.socket(type=socket.SOCK_DGRAM) as datagram, pytest.raises(ReachedOutside):
        datagram.sendto(b"x", ("203.0.113.7", 9))
    with pytest.raises(ReachedOutside):
        socket.getaddrinfo("relay.example.invalid", 443)
    with pytest.raises(ReachedOutside):
        socket.gethostbyname("relay.example.invalid")


def test_libraries_cannot_get_around_it() -> None:
    """They end in the same calls."""
    with pytest.raises(ReachedOutside):
        urllib.request.urlopen("http://203.0.113.7:9/", timeout=1)

    async def open_one() -> None:
        await asyncio.open_connection("203.0.113.7", 9)

    with pytest.raises(ReachedOutside):
        asyncio.run(open_one())


def test_this_machine_can_be_reached() -> None:
    """A test may run a server of its own."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as client,
    ):
        assert client.getpeername() == server.getsockname()


@pytest.mark.parametrize("variables", [None, {"PATH": os.environ["PATH"]}, {}])
def test_a_process_that_a_test_starts_is_refused_too(variables: dict[str, str] | None) -> None:
    """Also one whose environment is made from nothing."""
    command = [sys.executable, "-c", REACH]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert "ReachedOutside" in done.stderr


def test_a_process_of_a_process_is_refused_too() -> None:
    """The command starts processes of its own."""
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {REACH!r}], env={{}})"
    command = [sys.executable, "-c", inner]
    done = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    assert "ReachedOutside" in done.stderr


def test_a_path_of_ones_own_is_kept() -> None:
    """Some tests have one."""
    found = environment_with_hook({"PYTHONPATH": "/mine", "A": "b"})
    assert found == {"PYTHONPATH": os.pathsep.join([FOLDER, "/mine"]), "A": "b"}
    assert environment_with_hook(found) == found


def test_only_a_python_that_takes_nothing_from_its_environment_is_without_it() -> None:
    """One test starts such a one: a language server of its own, which speaks through a pipe."""
    asked = "import sys; print(hasattr(sys, '_refuses_other_machines'))"
    told = [
        subprocess.run(
            [sys.executable, *options, "-c", asked], capture_output=True, text=True, check=True
        ).stdout.strip()
        for options in ((), ("-I",))
    ]
    assert told == ["True", "False"]
    isolated = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("*.py")
        if re.search(r'"-[IE]"', path.read_text(encoding="utf-8"))
    ]
    assert sorted(isolated) == ["tests/grounding/lsp/parts.py", "tests/test_no_outside.py"]

"""No test reaches another machine: a socket to anywhere but this one is refused, loudly.

An audit hook, so that nothing that is loaded later gets around it, in the process of the suite
(`tests/conftest.py`) and in every Python that is started from there: found as `sitecustomize`
through PYTHONPATH, which the hook itself puts into environments that are made from nothing.
"""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - nothing is imported
_HERE = ("127.", "::1", "0.0.0.0", "::", "localhost", "")
_CONNECTING = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKING_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_PATH = "PYTHONPATH"
_MARK = "_refuses_other_machines"


class ReachedOutside(RuntimeError):
    """Somebody wanted to reach another machine; no `except OSError` takes it for an answer."""


def install() -> None:
    """Refuse from now on, in this process and in those that it starts."""
    if not hasattr(sys, _MARK):
        # Found there by whoever asks, for a module may be loaded under two names.
        setattr(sys, _MARK, ReachedOutside)
        sys.addaudithook(_watch)


def environment_with_hook(variables: "dict[str, str]") -> "dict[str, str]":
    """Return variables with which a Python refuses too; others of the same path stay."""
    there = variables.get(_PATH, "")
    if FOLDER in there.split(os.pathsep):
        return variables
    return {**variables, _PATH: os.pathsep.join(filter(None, (FOLDER, there)))}


def _watch(event: str, arguments: "tuple[object, ...]") -> None:
    if event in _CONNECTING:
        _refuse_address(arguments[1])
    elif event in _LOOKING_UP:
        _refuse_host(arguments[0])
    elif event == "subprocess.Popen":
        _pass_on(arguments[0], arguments[3])


def _refuse_address(address: object) -> None:
    # Other families (a socket's file, a kernel's number) do not leave the machine.
    if isinstance(address, tuple) and address and isinstance(address[0], str):
        _refuse_host(address[0])


def _refuse_host(host: object) -> None:
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or not isinstance(host, str):
        return
    if host in _HERE or host.startswith(_HERE[0]):
        return
    raise ReachedOutside(f"a test wanted to reach {host!r}; tests reach this machine alone")


def _pass_on(executable: object, variables: object) -> None:
    """Put the hook into an environment that was made for a Python of ours."""
    name = os.path.basename(str(executable)) if executable else ""  # noqa: PTH119
    if isinstance(variables, dict) and name.startswith(("python", "bicameral-mcp")):
        variables.update(environment_with_hook(variables))


install()

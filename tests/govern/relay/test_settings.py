"""Endpoint and token: from a variable or the system's keyring, and shown to nobody."""

import os
import subprocess
import sys
from pathlib import Path

import keyring.errors
import pytest

from bicameral.govern.relay.gates import Gates
from bicameral.govern.relay.settings import (
    ENDPOINT,
    SERVICE,
    TOKEN,
    RelaySettings,
    Setting,
    open_keyring,
    read_settings,
)
from tests.docs.pages import ROOT

SECRET = "s3cret-" + "b" * 25
ADDRESS = "https://relay.example.invalid/v1"


class Kept:
    """A keyring that holds what it is given, or is locked."""

    def __init__(self, *, is_locked: bool = False, **kept: str) -> None:
        self._kept = kept
        self._is_locked = is_locked
        self.asked: list[str] = []

    def get_password(self, service: str, name: str) -> str | None:
        assert service == SERVICE
        self.asked.append(name)
        if self._is_locked:
            raise keyring.errors.KeyringLocked(f"cannot unlock {SECRET}")
        return self._kept.get(name)


def test_a_variable_goes_before_the_keyring_which_is_then_not_asked() -> None:
    """A keyring may ask a person to unlock it, and nobody likes that for nothing."""
    kept = Kept(endpoint="https://other.example.invalid", token="other")
    found = read_settings({ENDPOINT: f" {ADDRESS} ", TOKEN: SECRET}, kept)
    assert (found.endpoint.value, found.endpoint.source) == (ADDRESS, "environment")
    assert (found.token.value, found.token.source) == (SECRET, "environment")
    assert kept.asked == []


def test_what_no_variable_says_comes_from_the_keyring() -> None:
    """One by one: the address may be public and the token not."""
    found = read_settings({ENDPOINT: ADDRESS}, Kept(token=SECRET))
    assert found.endpoint.source == "environment"
    assert (found.token.value, found.token.source) == (SECRET, "keyring")


@pytest.mark.parametrize("keyring_", [None, Kept(), Kept(endpoint=" ", token="")])
def test_what_is_nowhere_is_missing(keyring_: Kept | None) -> None:
    """Also where the extra is not installed, and where a variable is blank."""
    found = read_settings({ENDPOINT: "  ", TOKEN: ""}, keyring_)
    assert (found.endpoint.told, found.token.told) == ("missing", "missing")
    assert found.trouble == ""


def test_a_keyring_that_gives_no_answer_is_said_without_its_words() -> None:
    """What it says may hold what it was asked for."""
    found = read_settings({}, Kept(is_locked=True))
    assert (found.endpoint.told, found.token.told) == ("missing", "missing")
    assert found.trouble == "the keyring gave no answer (KeyringLocked)"


def test_nothing_shows_a_value_not_even_in_part() -> None:
    """In a traceback, a log or a page: only that it is set."""
    found = read_settings({ENDPOINT: ADDRESS, TOKEN: SECRET}, None)
    for shown in (repr(found), str(found), repr(found.token), f"{found.token}"):
        assert "s3cret" not in shown
        assert "relay.example" not in shown
    assert repr(found.token) == "Setting(set)"


def test_the_real_keyring_is_asked_under_our_name(tmp_path: Path) -> None:
    """Through the library itself, with a backend that keeps its entries in a file."""
    backend = (
        "import json, os\n"
        "from keyring.backend import KeyringBackend\n\n\n"
        "class FileBackend(KeyringBackend):\n"
        "    priority = 1\n\n"
        "    def get_password(self, service, username):\n"
        "        with open(os.environ['KEPT'], encoding='utf-8') as file:\n"
        "            return json.load(file).get(f'{service}/{username}')\n\n"
        "    def set_password(self, service, username, password):\n"
        "        raise NotImplementedError\n"
    )
    (tmp_path / "file_backend.py").write_text(backend, encoding="utf-8")
    entries = f'{{"bicameral-relay/endpoint": "{ADDRESS}", "bicameral-relay/token": "{SECRET}"}}'
    (tmp_path / "kept.json").write_text(entries, encoding="utf-8")
    code = (
        "from bicameral.govern.relay.settings import open_keyring, read_settings\n"
        "found = read_settings({}, open_keyring())\n"
        f"assert found.endpoint.value == {ADDRESS!r} and found.token.value == {SECRET!r}\n"
        "print(found)\n"
    )
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
        "PYTHON_KEYRING_BACKEND": "file_backend.FileBackend",
        "KEPT": str(tmp_path / "kept.json"),
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
    )
    assert (
        done.stdout.strip()
        == "RelaySettings(endpoint=Setting(set), token=Setting(set), trouble='')"
    )


def test_the_keyring_is_there_where_the_extra_is_installed() -> None:
    """It is asked by its own name, so any backend that a person has serves."""
    assert open_keyring() is not None


OPEN = RelaySettings(Setting(ADDRESS, "environment"), Setting(SECRET, "environment"))
NONE = Setting("", "missing")


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        (Gates(False, "BICAMERAL_TELEMETRY", "given", OPEN), "flag `relay` is off (BICAMERAL_T"),
        (Gates(True, "default", "missing", OPEN), "nobody consented"),
        (Gates(True, "default", "void", OPEN), "for another disclosure"),
        (Gates(True, "default", "given", RelaySettings(NONE, OPEN.token)), "no endpoint is set"),
        (Gates(True, "default", "given", RelaySettings(OPEN.endpoint, NONE)), "no token is set"),
    ],
)
def test_each_gate_alone_keeps_everything_here(gates: Gates, words: str) -> None:
    """Three independent ways of being off, and each says itself."""
    [closed] = gates.closed
    assert words in closed


def test_all_gates_open_leave_no_reason() -> None:
    """Only then may anything be sent."""
    assert Gates(True, "default", "given", OPEN).closed == ()

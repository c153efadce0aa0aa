"""The table `[lsp]`: what is read of it, and that what is wrong switches off and is said."""

import tomllib

import pytest

from bicameral.grounding.lsp.servers import LANGUAGES, SERVERS, spoken_in
from bicameral.grounding.lsp.settings import Settings, read_settings


def read(text: str) -> tuple[Settings, tuple[str, ...]]:
    return read_settings(tomllib.loads(text)["lsp"])


def test_a_home_without_the_table_asks_for_nothing() -> None:
    """The defaults hold."""
    assert read_settings(None) == (Settings(), ())


def test_commands_are_read_and_an_empty_one_switches_off() -> None:
    """As a person writes them."""
    settings, warnings = read('[lsp]\npython = ["ty", "server"]\ngo = []\nany_found = true\n')

    assert settings.commands == {"python": ("ty", "server"), "go": ()}
    assert settings.any_found is True
    assert warnings == ()


@pytest.mark.parametrize("value", ['"ty server"', "true", "7", '["ty", 7]', '[""]', "{}"])
def test_a_command_of_another_form_switches_its_language_off_and_is_said(value: str) -> None:
    """Whoever wrote it may have meant just that."""
    settings, [warning] = read(f"[lsp]\npython = {value}\n")

    assert settings.commands == {"python": ()}
    assert warning == "`lsp.python` is not a list of words, so no server is used for python"


@pytest.mark.parametrize("value", ['"true"', "1", "[]"])
def test_only_a_boolean_lets_any_server_start(value: str) -> None:
    """A text that says false must not mean true."""
    settings, [warning] = read(f"[lsp]\nany_found = {value}\n")

    assert settings.any_found is False
    assert "lsp.any_found" in warning


@pytest.mark.parametrize(("value", "start", "call"), [("20", 20, 21), ("0.5", 0.5, 1.5)])
def test_a_slow_server_can_be_given_more_time(value: str, start: float, call: float) -> None:
    """What is waited for in one call grows with it; a later answer does not take longer."""
    settings, warnings = read(f"[lsp]\nstart_seconds = {value}\n")

    limits = settings.limits
    assert (limits.start, limits.answer, limits.call) == (start, 2.0, call)
    assert warnings == ()


@pytest.mark.parametrize("value", ["0", "61", "-1", "nan", '"5"', "true"])
def test_a_time_out_of_bounds_is_not_taken_and_said(value: str) -> None:
    """No value lets a call wait for ever."""
    settings, [warning] = read(f"[lsp]\nstart_seconds = {value}\n")

    assert settings.limits == Settings().limits
    assert "from 0.1 to 60" in warning


def test_an_unknown_key_is_said_with_those_that_are_known() -> None:
    """A misspelt language would be without its server for ever."""
    settings, [warning] = read('[lsp]\npyhton = ["ty"]\n')

    assert settings.commands == {}
    assert "`lsp.pyhton` is not known" in warning
    assert "python" in warning


def test_what_is_no_table_switches_all_of_it_off() -> None:
    """`lsp = false` is how one might try."""
    settings, [warning] = read_settings(False)

    assert set(settings.commands) == LANGUAGES
    assert set(settings.commands.values()) == {()}
    assert "no language server is used" in warning


def test_every_server_has_languages_whose_files_are_known() -> None:
    """A row that no file leads to is dead."""
    suffixes = "py go rs ts tsx js jsx c cpp java rb cs kt php lua swift zig".split()
    found = {spoken.language for each in suffixes if (spoken := spoken_in(f"a.{each}"))}

    assert found == LANGUAGES
    assert spoken_in("README.md") is None
    assert len({server.name for server in SERVERS}) == len(SERVERS)

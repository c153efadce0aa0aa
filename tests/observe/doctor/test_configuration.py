"""Capture and configuration: what is set and does not do what it seems to is named."""

import re
from pathlib import Path

import pytest

from bicameral.observe.doctor.configuration import KNOWN
from tests.cli.parts import Person
from tests.docs.pages import read, table_rows
from tests.observe.doctor.parts import examine, is_named
from tests.observe.doctor.test_installation import write_entry


def with_telemetry(person: Person, value: str, **more: str) -> Person:
    return person.elsewhere(person.home, BICAMERAL_TELEMETRY=value, **more)


@pytest.mark.parametrize("value", ["1", "on", "true", "enabled", "relay", "prefight"])
def test_a_switch_that_captures_nothing_is_named(person: Person, value: str) -> None:
    """Whoever sets it believes that it is on."""
    result = examine(with_telemetry(person, value), "capture")
    assert is_named(result, "is set, and nothing is captured", "BICAMERAL_TELEMETRY=preflight")


@pytest.mark.parametrize("value", ["", "off", "0", "preflight", "raw", "relay,preflight"])
def test_a_switch_that_does_what_it_says_passes(person: Person, value: str) -> None:
    """Off is a choice as well."""
    assert examine(with_telemetry(person, value), "capture")["status"] == "PASS"


def test_a_word_that_is_not_known_is_named(person: Person) -> None:
    """The rest of the list works, so nothing else would show it."""
    assert is_named(
        examine(with_telemetry(person, "preflight,rwa"), "capture"), "'rwa' is not known"
    )


def test_a_switch_that_the_policy_refuses_is_named(person: Person) -> None:
    """An explicit off wins, and stands in a file that is not looked at every day."""
    person.home.mkdir(mode=0o700)
    (person.home / "config.toml").write_text("[telemetry]\npreflight = false\n")
    result = examine(with_telemetry(person, "preflight"), "capture")
    assert is_named(result, "nothing is captured", "config.toml decides", "preflight = true")


@pytest.mark.parametrize("variable", ["", "preflight"])
def test_a_policy_that_cannot_be_read_is_what_has_to_be_mended(
    person: Person, variable: str
) -> None:
    """No variable switches anything on while the file is broken."""
    person.home.mkdir(mode=0o700)
    (person.home / "config.toml").write_text("[telemetry\npreflight = true\n")
    result = examine(with_telemetry(person, variable), "capture")
    assert is_named(result, "cannot be read")
    assert result["mend"] == f"correct or remove {person.home / 'config.toml'}"


def test_capture_that_is_off_for_a_client_is_named(person: Person, you: Path) -> None:
    """Codex passes on only the variables that its entry names."""
    (you / ".codex").mkdir()
    settings = you / ".codex" / "config.toml"
    settings.write_text('[mcp_servers.bicameral]\ncommand = "bicameral-mcp"\n')
    result = examine(with_telemetry(person, "preflight"), "capture")
    assert is_named(result, "off for the server that Codex starts", f"Codex: off ({settings})")
    assert result["mend"] == "bicameral-mcp setup codex --telemetry preflight --replace --write"
    assert person.run_here(*result["mend"].split()[1:]).status == 0
    assert examine(with_telemetry(person, "preflight"), "capture")["status"] == "PASS"


def test_capture_that_a_clients_entry_switches_off_is_named(person: Person) -> None:
    """The variable of the entry wins over the shell's."""
    write_entry(person, "bicameral-mcp", BICAMERAL_TELEMETRY="off")
    assert is_named(examine(with_telemetry(person, "raw"), "capture"), "Claude Code: off")
    assert examine(person, "capture")["status"] == "PASS"


def test_capture_that_only_a_client_has_on_passes_and_is_seen(person: Person) -> None:
    """It is set where the docs say."""
    write_entry(person, "bicameral-mcp", BICAMERAL_TELEMETRY="preflight")
    result = examine(person, "capture")
    assert result["status"] == "PASS"
    assert result["evidence"][1].startswith("Claude Code: on (")


def test_every_value_is_shown_with_what_decided_it(person: Person) -> None:
    """So that nobody has to guess which of two places won."""
    person.home.mkdir(mode=0o700)
    (person.home / "config.toml").write_text("[telemetry]\npreflight = true\n")
    chosen = person.elsewhere(
        person.home,
        BICAMERAL_HOME=str(person.home),
        BICAMERAL_PREFLIGHT_MUTE="1",
        BICAMERAL_TRACE="1",
    )
    evidence = examine(chosen, "configuration")["evidence"]
    assert f"home: {person.home} (BICAMERAL_HOME)" in evidence
    assert "preflight: on (config.toml)" in evidence
    assert "raw: off (default)" in evidence
    assert "preflight is muted: 1 (BICAMERAL_PREFLIGHT_MUTE)" in evidence
    assert "tracing: on (BICAMERAL_TRACE)" in evidence
    assert "ledger: a file (default)" in evidence


def test_a_variable_that_nothing_reads_is_named(person: Person) -> None:
    """A slip of a key changes nothing and says nothing."""
    wrong = person.elsewhere(person.home, BICAMERAL_TELEMETRI="preflight")
    assert is_named(
        examine(wrong, "configuration"), "BICAMERAL_TELEMETRI is set", "BICAMERAL_TELEMETRY is read"
    )


@pytest.mark.parametrize("url", ["mysql://me:hunter2@host/x", "not a url hunter2"])
def test_a_url_that_cannot_be_used_is_named_without_its_password(person: Person, url: str) -> None:
    """A report is shown to others."""
    result = examine(person.elsewhere(person.home, BICAMERAL_LEDGER_URL=url), "configuration")
    assert is_named(result, "the ledger's URL", "postgresql://user:password@host/database")
    assert "hunter2" not in str(result)


def test_the_password_of_a_good_url_is_not_shown(person: Person) -> None:
    """Neither is anything else of it."""
    url = "postgresql://me:hunter2@db.example.invalid/decisions"
    result = examine(person.elsewhere(person.home, BICAMERAL_LEDGER_URL=url), "configuration")
    assert "ledger: the server of its URL (BICAMERAL_LEDGER_URL)" in result["evidence"]
    assert not re.search("hunter2|example", str(result))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[telemetry\n", "cannot be read"),
        ('[telemetry]\npreflight = "false"\n', "is not true or false"),
        ('[tracing]\nenabled = "true"\n', "is not true or false"),
        ("[telemetri]\npreflight = true\n", "`telemetri` is not known"),
    ],
)
def test_a_policy_that_is_not_understood_is_named(person: Person, text: str, words: str) -> None:
    """What it says is off, whatever was meant."""
    person.home.mkdir(mode=0o700)
    (person.home / "config.toml").write_text(text)
    assert is_named(examine(person, "configuration"), words)


def test_the_variables_that_are_known_are_those_of_the_docs() -> None:
    """A new one that was forgotten here would be called unread."""
    cells = {row[0].strip("`") for row in table_rows(read("docs/reference/environment.md"))}
    assert {each for each in cells if each.startswith("BICAMERAL_")} <= set(KNOWN)

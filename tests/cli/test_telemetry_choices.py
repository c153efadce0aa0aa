"""`telemetry on|off|relay|disclose`: what a person chooses, what that shows, and what it does."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bicameral import __version__
from bicameral.capture.flags import read_flags
from bicameral.capture.policy import POLICY_FILE
from tests.cli.golden.disclosed import FOLDER, PAGES, without_home
from tests.cli.parts import Person
from tests.conftest import Clock

STAMP = "2026-05-28T20:26:40.000000Z"


def choose(person: Person, *words: str) -> dict[str, Any]:
    ended = person.run_here("telemetry", *words, "--json")
    assert ended.status == 0, ended.err
    return ended.answer()


def policy(person: Person) -> dict[str, Any]:
    return tomllib.loads((person.home / POLICY_FILE).read_text(encoding="utf-8"))


def flags(person: Person) -> tuple[bool, bool, bool]:
    """Return relay, preflight and raw as the next start of a server would read them."""
    found = read_flags(person.environment.variables, lambda _warning: None, home=person.home)
    return found.relay, found.preflight, found.raw


@pytest.mark.parametrize("name", PAGES)
def test_the_disclosure_is_as_it_was_looked_at(person: Person, name: str) -> None:
    """Every word of it is a promise; one that changes is seen in review."""
    told = person.elsewhere(person.home, COLUMNS="100", **PAGES[name])
    ended = told.run_here("telemetry", "disclose")
    assert (ended.status, ended.err) == (0, "")
    shown = without_home(ended.out, str(person.home))
    assert shown == (FOLDER / name).read_text(encoding="utf-8")
    assert not person.home.exists(), "to look makes nothing"


def test_on_is_written_with_its_date_and_version_and_holds_from_then_on(
    person: Person, clock: Clock
) -> None:
    """What the next server reads is what the command said it would."""
    answer = choose(person, "on")
    stamp = answer["after"]["upload"]["consented_at"]
    assert stamp is None, "capture is no consent to send"
    assert (answer["before"]["preflight"], answer["after"]["preflight"]) == (False, True)
    assert "preflight_events.jsonl" not in answer["before"]["kept"]
    assert "preflight_events.jsonl" in answer["after"]["kept"]
    assert flags(person) == (True, True, False)
    chosen = policy(person)["chosen"]
    assert chosen == {"command": "telemetry on", "at": STAMP, "version": __version__}


def test_plain_text_is_asked_for_in_so_many_words(person: Person) -> None:
    """And taken back by the next `on` without them."""
    assert choose(person, "on", "--raw")["after"]["raw"] is True
    assert flags(person) == (True, True, True)
    assert choose(person, "on")["after"]["raw"] is False
    assert flags(person) == (True, True, False)


def test_relay_without_an_explicit_yes_shows_what_it_is_about_and_writes_nothing(
    person: Person,
) -> None:
    """Nobody consents by a word that could have been a look."""
    ended = person.run_here("telemetry", "relay")
    assert ended.status == 1
    assert "what an upload would send" in ended.out
    assert "never: source text" in ended.out
    assert "--i-understand" in ended.err
    refusal = person.run_here("telemetry", "relay", "--json")
    assert json.loads(refusal.out)["error"] == "input_refused"
    assert not person.home.exists()


def test_a_consent_is_recorded_with_what_was_shown(person: Person) -> None:
    """Its date, the version, and the digest of the disclosure."""
    shown = choose(person, "disclose")
    assert shown["upload"]["consent"] == "missing"
    answer = choose(person, "relay", "--i-understand")
    assert answer["after"]["upload"]["consent"] == "given"
    assert policy(person)["consent"] == {
        "at": STAMP,
        "version": __version__,
        "disclosure": shown["disclosure"],
    }
    assert flags(person) == (True, False, False), "a consent captures nothing"


def test_a_consent_to_another_disclosure_is_void(person: Person) -> None:
    """As if it had been given under a version that sent less."""
    choose(person, "relay", "--i-understand")
    path = person.home / POLICY_FILE
    text = path.read_text(encoding="utf-8")
    given = policy(person)["consent"]["disclosure"]
    path.write_text(text.replace(given, "0" * 64), encoding="utf-8")
    assert choose(person, "disclose")["upload"]["consent"] == "void"
    choose(person, "relay", "--i-understand")
    assert choose(person, "disclose")["upload"]["consent"] == "given"


def test_off_undoes_everything_in_one_command(person: Person) -> None:
    """Capture, plain text, the permission and the consent."""
    choose(person, "on", "--raw")
    choose(person, "relay", "--i-understand")
    answer = choose(person, "off")
    assert answer["after"]["upload"]["consent"] == "missing"
    assert flags(person) == (False, False, False)
    assert policy(person).keys() == {"telemetry", "chosen"}
    kept = choose(person, "disclose")["kept"]
    assert {each["when"] for each in kept} == {"always", "by hand"}


def test_what_a_person_wrote_in_the_file_stays(person: Person) -> None:
    """The file is theirs; the command changes its own words only."""
    person.home.mkdir(mode=0o700)
    mine = "# ours, agreed on Monday\n[lsp]\npython = []\n"
    (person.home / POLICY_FILE).write_text(mine, encoding="utf-8")
    for words in (("on",), ("relay", "--i-understand"), ("off",)):
        choose(person, *words)
    assert (person.home / POLICY_FILE).read_text(encoding="utf-8").startswith(mine)


def test_a_variable_that_decides_otherwise_is_named(person: Person) -> None:
    """Off in a variable wins, and a person who wonders is told."""
    quiet = person.elsewhere(person.home, BICAMERAL_TELEMETRY="off")
    answer = choose(quiet, "on")
    [overruled] = answer["overruled"]
    assert overruled.startswith("preflight is off nevertheless: BICAMERAL_TELEMETRY says so")
    shown = quiet.run_here("telemetry", "on").out
    assert "off nevertheless" in shown
    assert "takes effect once nothing overrules it" in " ".join(shown.split())
    assert "at the next start" not in " ".join(shown.split())
    assert "undo: bicameral-mcp telemetry off" in " ".join(shown.split())


def test_what_was_shown_stands_before_and_after(person: Person) -> None:
    """The page for a person has both, and says when it holds and how to undo it."""
    shown = " ".join(person.run_here("telemetry", "on").out.split())
    assert "capture of preflights: off → on" in shown
    assert "the flag alone sends nothing: an upload needs a consent and an endpoint" in shown
    assert "kept before: failure_labels.jsonl" in shown
    assert "kept after: preflight_events.jsonl" in shown
    assert "takes effect at the next start of the server" in shown
    same = " ".join(person.run_here("telemetry", "on").out.split())
    assert "kept before and after: preflight_events.jsonl" in same


def test_the_settings_of_a_relay_are_told_as_set_and_in_no_other_way(person: Person) -> None:
    """Neither the address nor the token, not even in part."""
    secret = "t0ps3cret-" + "a" * 22
    address = "https://relay.frobnitz.example/v1"
    told = person.elsewhere(
        person.home, BICAMERAL_RELAY_ENDPOINT=address, BICAMERAL_RELAY_TOKEN=secret
    )
    for words in (("disclose",), ("disclose", "--json"), ("on",), ("on", "--json"), ("status",)):
        ended = told.run_here("telemetry", *words)
        assert ended.status == 0
        for part in ("t0ps3cret", "frobnitz", "relay."):
            assert part not in ended.out + ended.err
    upload = choose(told, "disclose")["upload"]
    assert (upload["endpoint"], upload["token"]) == ("set", "set")
    assert upload["is_possible"] is False


def test_a_home_that_cannot_be_written_is_an_error_with_a_way_on(
    person: Person, tmp_path: Path
) -> None:
    """A choice that was not written down was not made."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    ended = person.elsewhere(tmp_path / "file" / "home").run_here("telemetry", "on")
    assert ended.status == 1
    assert "BICAMERAL_HOME" in ended.err


def test_what_undoes_a_choice_is_named_for_each_of_them(person: Person) -> None:
    """`off` does not undo itself, and what it undoes of `relay` is more than that."""
    assert choose(person, "on", "--raw")["undo"] == "bicameral-mcp telemetry off"
    relayed = choose(person, "relay", "--i-understand")["undo"]
    assert relayed == "bicameral-mcp telemetry off, which switches capture off as well"
    undo = choose(person, "off")["undo"]
    assert undo == (
        "bicameral-mcp telemetry on --raw and bicameral-mcp telemetry relay --i-understand"
    )
    assert flags(person) == (False, False, False)
    for words in undo.split(" and "):
        choose(person, *words.split()[2:])
    assert flags(person) == (True, True, True)
    choose(person, "off")
    assert "nothing was on" in choose(person, "off")["undo"]


def test_rows_that_outlive_off_are_named_with_what_removes_them(person: Person) -> None:
    """Whoever reads that nothing is kept would look no further."""
    assert choose(person, "disclose")["left"] == {}
    choose(person, "on")
    assert person.run_here("telemetry", "status").status == 0
    size = (person.home / "preflight_events.jsonl").stat().st_size
    shown = " ".join(person.run_here("telemetry", "off").out.split())
    assert (
        "here from before, until bicameral-mcp telemetry erase: "
        f"preflight_events.jsonl: {size} bytes"
    ) in shown
    told = " ".join(person.run_here("telemetry", "disclose").out.split())
    assert f"preflight_events.jsonl (with capture on; {size} bytes are here from before)" in told
    assert "stays until `bicameral-mcp telemetry erase` removes it" in told
    assert choose(person, "disclose")["left"]["preflight_events.jsonl"] == size

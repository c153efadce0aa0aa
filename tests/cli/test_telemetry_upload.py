"""`telemetry enqueue` and `upload` as a person runs them: gates, exit codes, no secret shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.policy import POLICY_FILE
from bicameral.cli.telemetry_upload import KEPT
from bicameral.govern.spool.folder import FOLDER, PENDING, open_spool
from tests.cli.parts import Person
from tests.govern.relay.there import TOKEN, There, listening, status

ENDPOINT_VARIABLE, TOKEN_VARIABLE = "BICAMERAL_RELAY_ENDPOINT", "BICAMERAL_RELAY_TOKEN"


@pytest.fixture
def sender(reader: Person) -> Person:
    """Somebody whose preflights were captured, and who has chosen nothing else."""
    capturing = reader.elsewhere(reader.home, BICAMERAL_TELEMETRY="preflight")
    for topic in ("retry failed charges", "page through listings"):
        assert capturing.run_here("preflight", topic, "src/payments.py").status == 0
    return reader.elsewhere(reader.home, BICAMERAL_TELEMETRY="preflight,relay")


def connected(sender: Person, each: There, **more: str) -> Person:
    """Return the same person with an endpoint and a token, who has consented."""
    assert sender.run_here("telemetry", "relay", "--i-understand").status == 0
    variables = {ENDPOINT_VARIABLE: each.url, TOKEN_VARIABLE: TOKEN, **more}
    return sender.elsewhere(sender.home, **variables)


def answer(person: Person, *words: str, expected: int = 0) -> dict[str, Any]:
    ended = person.run_here("telemetry", *words, "--json")
    assert ended.status == expected, ended.err
    return ended.answer()


def pending(person: Person) -> list[Path]:
    return sorted((person.home / FOLDER / PENDING).iterdir())


def test_what_was_queued_is_sent_and_let_go_of(sender: Person) -> None:
    """The way from captured rows to the other side, once through."""
    queued = answer(sender, "enqueue")
    assert queued["queued"] >= 6
    with listening(status(201)) as each:
        me = connected(sender, each)
        done = answer(me, "upload")
        assert (done["sent_rows"], done["kept_batches"]) == (queued["queued"], 0)
        assert all(request.is_signed() for request in each.requests)
        assert len(each.row_ids()) == queued["queued"]
    assert pending(sender) == []
    told = answer(me, "status")["spool"]
    assert (told["sent"]["rows"], told["pending"]["rows"]) == (queued["queued"], 0)


def test_the_pages_say_the_same_in_words(sender: Person) -> None:
    """For a person, line by line."""
    queued = " ".join(sender.run_here("telemetry", "enqueue").out.split())
    assert queued.endswith("/pending; nothing was sent")
    idle = sender.elsewhere(sender.home, BICAMERAL_TELEMETRY="relay")
    idle.run_here("telemetry", "enqueue")
    again = idle.run_here("telemetry", "enqueue").out.splitlines()
    assert (again[0], again[-1]) == ("queued: nothing new", "nothing was sent")
    with listening(status(200)) as each:
        me = connected(sender, each)
        plan = me.run_here("telemetry", "upload", "--dry-run").out
        assert plan.startswith("would be sent: 2 batches, ")
        assert "can anything be sent: yes" in plan
        assert each.requests == []
        shown = me.run_here("telemetry", "upload").out
        assert shown.startswith("sent: 2 batches, ")
        assert "answers: 200: 2" in shown
    status_page = me.run_here("telemetry", "status").out
    assert "uploads: possible (flag on, consent given, endpoint set, token set)" in " ".join(
        status_page.split()
    )
    assert "0 rows waiting" in status_page


@pytest.mark.parametrize("code", [301, 400, 401, 429])
def test_what_is_not_taken_is_kept_and_says_so(sender: Person, code: int) -> None:
    """With an exit status of its own, for a script."""
    answer(sender, "enqueue")
    before = pending(sender)
    with listening(status(code, Retry_After="900")) as each:
        ended = connected(sender, each).run_here("telemetry", "upload")
    assert ended.status == KEPT
    assert f"answers: {code}: " in ended.out
    assert "kept for another time: 2 batches" in ended.out
    assert pending(sender) == before


# Three independent ways of being off: with all else as it should be, each keeps everything here.


def off(person: Person) -> Person:
    return person.elsewhere(person.home, BICAMERAL_TELEMETRY="off")


def off_in_the_file(person: Person) -> Person:
    path = person.home / POLICY_FILE
    text = path.read_text(encoding="utf-8").replace("relay = true", "relay = false")
    path.write_text(text, encoding="utf-8")
    return person


def without_consent(person: Person) -> Person:
    path = person.home / POLICY_FILE
    text = path.read_text(encoding="utf-8").partition("[consent]")[0]
    path.write_text(text, encoding="utf-8")
    return person


def with_a_void_consent(person: Person) -> Person:
    path = person.home / POLICY_FILE
    text = path.read_text(encoding="utf-8").replace('disclosure = "', 'disclosure = "0')
    path.write_text(text, encoding="utf-8")
    return person


def without_endpoint(person: Person) -> Person:
    return person.elsewhere(person.home, **{ENDPOINT_VARIABLE: ""})


def without_token(person: Person) -> Person:
    return person.elsewhere(person.home, **{TOKEN_VARIABLE: ""})


@pytest.mark.parametrize(
    ("close", "words"),
    [
        (off, "the flag `relay` is off (BICAMERAL_TELEMETRY)"),
        (off_in_the_file, "the flag `relay` is off (config.toml)"),
        (without_consent, "nobody consented"),
        (with_a_void_consent, "for another disclosure"),
        (without_endpoint, "no endpoint is set"),
        (without_token, "no token is set"),
    ],
)
def test_one_gate_that_is_closed_keeps_everything_here(
    sender: Person, close: Any, words: str
) -> None:
    """Not one connection is opened, and the message names the gate."""
    answer(sender, "enqueue")
    with listening(status(200)) as each:
        me = close(connected(sender, each))
        refused = answer(me, "upload", expected=1)
        assert refused["error"] == "upload_off"
        assert words in refused["message"]
        plan = answer(me, "upload", "--dry-run")
        assert plan["upload"]["is_possible"] is False
        assert any(words in reason for reason in plan["upload"]["closed"])
        assert each.requests == []
    assert len(pending(sender)) == 2


def test_nothing_is_queued_while_the_flag_is_off(sender: Person) -> None:
    """Whoever switched everything off finds nothing waiting either."""
    refused = answer(off(sender), "enqueue", expected=1)
    assert refused["error"] == "upload_off"
    assert not (sender.home / FOLDER).exists()


@pytest.mark.parametrize(
    "variables",
    [
        {ENDPOINT_VARIABLE: "http://relay.example.invalid/frobnitz"},
        {ENDPOINT_VARIABLE: "https://frobnitz:pw@relay.example.invalid/"},
        {TOKEN_VARIABLE: "frobnitz"},
    ],
)
def test_settings_that_cannot_be_used_are_refused_unquoted(
    sender: Person, variables: dict[str, str]
) -> None:
    """They are secrets, or may be."""
    answer(sender, "enqueue")
    with listening(status(200)) as each:
        me = connected(sender, each, **variables)
        ended = me.run_here("telemetry", "upload", "--json")
        assert ended.status == 1
        assert ended.answer()["error"] == "endpoint_refused"
        assert "frobnitz" not in ended.out + ended.err
        assert each.requests == []


def test_a_token_is_found_nowhere(sender: Person) -> None:
    """In no file, no trace, no page and no error, whatever the other side answers."""
    answer(sender, "enqueue")
    said = ""
    for code in (500, 401, 200):
        with listening(status(code, Retry_After="900")) as each:
            me = connected(sender, each, BICAMERAL_TRACE="1")
            for words in (("status",), ("disclose",), ("upload", "--dry-run"), ("upload",)):
                for form in ((), ("--json",)):
                    ended = me.run_here("telemetry", *words, *form)
                    said += ended.out + ended.err
            ran = me.run("telemetry", "upload", "--trace", variables=me.environment.variables)
            said += ran.out + ran.err
            assert f":{each.port}" not in said
            assert all(TOKEN not in str(request) for request in each.requests)
            assert all(TOKEN.encode() not in request.body for request in each.requests)
    for part in (TOKEN, TOKEN[:8], TOKEN[-12:]):
        assert part not in said
        for path in me.home.rglob("*"):
            assert not path.is_file() or part.encode() not in path.read_bytes(), path


def test_a_second_upload_says_that_the_first_is_at_work(sender: Person) -> None:
    """After it has waited a moment for its turn."""
    answer(sender, "enqueue")
    with listening(status(200)) as each:
        me = connected(sender, each)
        with open_spool(sender.environment):
            refused = answer(me, "upload", expected=1)
        assert refused["error"] == "spool_busy"
        assert each.requests == []


def test_a_dry_run_changes_nothing(sender: Person) -> None:
    """Not even the folders of the spool are made."""
    plan = answer(sender, "upload", "--dry-run")
    assert (plan["batches"], plan["rows"], plan["bytes"]) == (0, 0, 0)
    assert not (sender.home / FOLDER).exists()
    assert json.dumps(plan)

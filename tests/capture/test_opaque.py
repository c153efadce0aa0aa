"""Ids that clients make up: opaque ones stand, others only as their keyed digest."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.edits import record_edit
from bicameral.capture.hashes import Hashes
from bicameral.capture.opaque import (
    PREFLIGHT_FORM,
    SESSION_FORM,
    opaque_preflight,
    opaque_session,
    stored_session,
)
from bicameral.capture.reminders import remind_once
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE, read_rows
from bicameral.capture.sessions import record_session_end
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from tests.conftest import MakeEnvironment

SESSION = "Frobnitz session /home/mara"
PREFLIGHT = "mara@frobnitz refund"
HASHES = Hashes(b"s" * 32)
OTHERS = Hashes(b"o" * 32)


def salted() -> Hashes:
    """Return the hashes of one install."""
    return HASHES


def unsalted() -> Hashes:
    """Fail: nobody needs a salt for an id that is opaque."""
    raise AssertionError


@pytest.mark.parametrize("session_id", ["cli-6687a7fa", "process-0f", "a.b:c_d-e", "x" * 128])
def test_an_opaque_session_id_stands_as_it_is(session_id: str) -> None:
    """Clients' own ids are the join with their own logs, and no salt is asked for them."""
    assert opaque_session(session_id, unsalted) == session_id


def test_a_uuid_stands_as_it_is() -> None:
    """Also one that the client made, of whatever version and case."""
    for given_id in (
        "abc5b96e-489e-4412-a147-6ae605f85074",
        "ABC5B96E-489E-1412-A147-6AE605F85074",
    ):
        assert opaque_preflight(given_id, unsalted) == given_id
    assert opaque_preflight(None, unsalted) is None


@given(text=st.text(min_size=1, max_size=200))
def test_what_stands_for_any_text_has_the_form_and_is_the_same_again(text: str) -> None:
    """So rows that named one thing still do, and whoever shapes it twice changes nothing."""
    session = opaque_session(text, salted)
    preflight = opaque_preflight(text, salted)
    assert SESSION_FORM.fullmatch(session)
    assert preflight is not None
    assert PREFLIGHT_FORM.fullmatch(preflight)
    assert (session, preflight) == (opaque_session(text, salted), opaque_preflight(text, salted))
    assert opaque_session(session, unsalted) == session
    assert opaque_preflight(preflight, unsalted) == preflight


def test_a_digest_is_the_installs_own() -> None:
    """Without the salt nobody can test a guess."""
    assert opaque_session(SESSION, salted) != opaque_session(SESSION, lambda: OTHERS)
    assert opaque_preflight(PREFLIGHT, salted) != opaque_preflight(PREFLIGHT, lambda: OTHERS)


@pytest.fixture(params=["preflight", "raw"])
def capturing(request: pytest.FixtureRequest, make_environment: MakeEnvironment) -> Environment:
    """Return an environment where capture is on, in either mode."""
    return make_environment(variables={"BICAMERAL_TELEMETRY": request.param})


def write_all(telemetry: Telemetry) -> None:
    """Write a row of each kind that a call can write."""
    ids: Any = {"session_id": SESSION, "preflight_id": PREFLIGHT}
    telemetry.start_session(SESSION)
    telemetry.write_preflight_event(
        **ids, topic="t", file_paths=["a.py"], fired=False, surfaced_ids=[], reason="no_matches"
    )
    telemetry.write_preflight_dedup_decision(**ids)
    telemetry.write_graph_expansion_fallback(**ids, reason="budget", file_paths=["a.py"])
    telemetry.write_preflight_prompt_bypassed(
        **ids, decision_id="dec_1", reason="", state_preserved=True
    )
    telemetry.write_ingest_refused(session_id=SESSION, reason="input_refused", source="x")
    for preflight_id in (PREFLIGHT, None):
        telemetry.write_engagement(
            session_id=SESSION,
            tool="bind",
            decision_id="dec_1",
            preflight_id=preflight_id,
            file_paths=["a.py"],
        )


def hooks(environment: Environment) -> None:
    """Let the hooks of the same session run."""
    record_edit(environment, session_id=SESSION, file_path="a.py")
    assert not remind_once(environment, session_id=SESSION, file_path="a.py")
    assert remind_once(environment, session_id=SESSION, file_path="b.py")
    record_session_end(environment, session_id=SESSION, reason="closed")


def test_no_writer_stores_words_in_an_id_and_all_of_them_say_the_same(
    capturing: Environment,
) -> None:
    """Rows, markers and hooks of one session find each other by the digest, in either mode."""
    telemetry = Telemetry(capturing)
    write_all(telemetry)
    hooks(capturing)
    kept = [path.read_bytes() for path in capturing.home.rglob("*") if path.is_file()]
    assert any((capturing.home / "sessions").iterdir())
    for words in (b"Frobnitz", b"mara", b"frobnitz"):
        assert not any(words in content for content in kept)

    telemetry.end_session(SESSION)
    telemetry.close()
    rows = [*read_rows(capturing.home / EVENTS_FILE), *read_rows(capturing.home / ENGAGEMENTS_FILE)]
    assert len({str(row["event_type"]) for row in rows if "event_type" in row}) == 9
    assert {row["session_id"] for row in rows} == {stored_session(capturing, SESSION)}
    named = {row["preflight_id"] for row in rows if "preflight_id" in row}
    assert len(named) == 1
    assert list(read_rows(capturing.home / ENGAGEMENTS_FILE))[-1]["attribution"] == "fallback"
    assert not any((capturing.home / "sessions").iterdir())


def test_looking_a_session_up_makes_no_salt(environment: Environment) -> None:
    """Where none is, no digest was ever stored."""
    assert stored_session(environment, SESSION) == SESSION
    assert not (environment.home / "salt").exists()

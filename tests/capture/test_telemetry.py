"""Telemetry: the rows, field by field, and what never stands in them (PT-01..17, 26)."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bicameral.capture import events
from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.hashes import Hashes
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE, read_rows
from bicameral.capture.salt import read_salt
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from tests.conftest import Clock, MakeEnvironment

Row = dict[str, object]
P1 = "0b5f3b1e-3c60-4f0e-8f2d-5f2f6d0f9b11"
COMMON = {"ts", "session_id", "repository_id", "schema", "event_type"}
PREFLIGHT_FIELDS = COMMON | {
    "preflight_id",
    "topic_hash",
    "file_paths_hash",
    "path_hashes",
    "fired",
    "surfaced_ids",
    "reason",
    "ledger_revision",
    "latency_ms",
}
ENGAGEMENT_FIELDS = {
    "ts",
    "session_id",
    "tool",
    "decision_id",
    "preflight_id",
    "file_paths_hash",
    "path_hashes",
    "attribution",
}
PATHS = ["src/pay/retry.py", "src/pay/api.py", "docs/pay.md"]
MakeTelemetry = Callable[..., Telemetry]


@pytest.fixture
def make_telemetry(make_environment: MakeEnvironment) -> Iterator[MakeTelemetry]:
    """Build telemetry as processes of one install would, by default with capture on."""
    made: list[Telemetry] = []

    def make(switches: str = "preflight", **options: str) -> Telemetry:
        environment = make_environment(variables={"BICAMERAL_TELEMETRY": switches})
        made.append(Telemetry(environment, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for telemetry in made:
        telemetry.close()


def preflight(telemetry: Telemetry, **changes: object) -> None:
    given: dict[str, object] = {
        "session_id": "s1",
        "preflight_id": P1,
        "topic": "retry failed payments",
        "file_paths": PATHS,
        "fired": True,
        "surfaced_ids": ["dec_1", "dec_2"],
        "reason": "fired",
    }
    telemetry.write_preflight_event(**given | changes)  # type: ignore[arg-type]


def engage(telemetry: Telemetry, **changes: object) -> None:
    given: dict[str, object] = {
        "session_id": "s1",
        "tool": "bicameral.bind",
        "decision_id": "dec_1",
        "preflight_id": None,
        "file_paths": PATHS[:1],
    }
    telemetry.write_engagement(**given | changes)  # type: ignore[arg-type]


def events_of(environment: Environment) -> list[Row]:
    return list(read_rows(environment.home / EVENTS_FILE))


def engagements_of(environment: Environment) -> list[Row]:
    return list(read_rows(environment.home / ENGAGEMENTS_FILE))


def hashes_of(environment: Environment) -> Hashes:
    return Hashes(read_salt(environment.home, environment.random_bytes))


def test_each_preflight_gets_its_own_id_while_capture_is_on(
    make_telemetry: MakeTelemetry,
) -> None:
    """The thread that later calls are tied to; none is promised when nothing is kept."""
    telemetry = make_telemetry()
    ids = {telemetry.new_preflight_id() for _ in range(2)}

    assert len(ids) == 2
    assert {uuid.UUID(text).version for text in ids if text} == {4}
    for switches in ("0", "1", "relay"):
        assert make_telemetry(switches).new_preflight_id() is None


def test_a_preflight_row_has_exactly_its_fields(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """Reconciliation needs each of them, and a person was promised no other."""
    telemetry = make_telemetry(repository_id="r1")
    preflight(telemetry, ledger_revision="17", latency_ms=2.5)

    (row,) = events_of(environment)
    hashes = hashes_of(environment)
    assert row == {
        "ts": "2026-05-28T20:26:40.000000Z",
        "session_id": "s1",
        "repository_id": "r1",
        "schema": 1,
        "event_type": "preflight",
        "preflight_id": P1,
        "topic_hash": hashes.hash_topic("retry failed payments"),
        "file_paths_hash": hashes.hash_file_paths(PATHS),
        "path_hashes": [hashes.hash_path(path) for path in PATHS],
        "fired": True,
        "surfaced_ids": ["dec_1", "dec_2"],
        "reason": "fired",
        "ledger_revision": "17",
        "latency_ms": 2.5,
    }
    assert set(row) == PREFLIGHT_FIELDS


def test_what_is_unknown_is_null_and_not_missing(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """One shape for every reader."""
    preflight(make_telemetry(), preflight_id=None)

    (row,) = events_of(environment)
    assert set(row) == PREFLIGHT_FIELDS
    assert [key for key, value in row.items() if value is None] == [
        "repository_id",
        "preflight_id",
        "ledger_revision",
        "latency_ms",
    ]


def test_raw_mode_adds_two_fields_and_no_more(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """Who asked for plain text gets the topic and the paths."""
    preflight(make_telemetry("raw", repository_root="/shop"), file_paths=["/shop/src\\a.py"])

    (row,) = events_of(environment)
    assert set(row) == PREFLIGHT_FIELDS | {"topic", "file_paths"}
    assert (row["topic"], row["file_paths"]) == ("retry failed payments", ["src/a.py"])


def test_raw_text_passes_through_the_redaction_first(make_environment: MakeEnvironment) -> None:
    """Plain text is where secrets stand."""
    environment = make_environment()
    telemetry = Telemetry(
        environment,
        flags=TelemetryFlags(preflight=True, raw=True),
        redact=lambda text: text.replace("hunter2", "***"),
    )
    preflight(telemetry, topic="use hunter2", file_paths=["conf/hunter2.ini"])
    telemetry.write_preflight_prompt_bypassed(
        session_id="s1",
        preflight_id=None,
        decision_id="d",
        reason="hunter2 works",
        state_preserved=True,
    )
    telemetry.close()

    assert b"hunter2" not in (environment.home / EVENTS_FILE).read_bytes()
    assert events_of(environment)[0]["topic"] == "use ***"


def test_an_engagement_row_has_exactly_its_fields(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """The other half of the join."""
    engage(make_telemetry(), preflight_id=P1)

    (row,) = engagements_of(environment)
    hashes = hashes_of(environment)
    assert set(row) == ENGAGEMENT_FIELDS
    assert (row["tool"], row["decision_id"]) == ("bicameral.bind", "dec_1")
    assert (row["preflight_id"], row["attribution"]) == (P1, "explicit")
    assert row["file_paths_hash"] == hashes.hash_file_paths(PATHS[:1])
    assert row["path_hashes"] == [hashes.hash_path(PATHS[0])]


def test_an_engagement_on_one_of_three_paths_is_attributed_in_hashed_mode(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """One hash for all paths of a call could say nothing about a file."""
    preflight(make_telemetry())
    engage(make_telemetry(), file_paths=[PATHS[2]])

    (row,) = engagements_of(environment)
    assert (row["preflight_id"], row["attribution"]) == (P1, "fallback")


def test_an_engagement_that_fits_no_preflight_is_kept_without_one(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """It is evidence all the same: of a miss, perhaps."""
    telemetry = make_telemetry()
    engage(telemetry)
    preflight(telemetry, file_paths=["elsewhere.py"])
    engage(telemetry)
    engage(telemetry, file_paths=[])

    assert [(row["preflight_id"], row["attribution"]) for row in engagements_of(environment)] == [
        (None, "fallback")
    ] * 3


def test_two_sessions_at_once_do_not_poach_from_each_other(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """Two windows on one file: each call belongs to the preflight of its own window."""
    one, two = make_telemetry(), make_telemetry()
    for number in range(20):
        of_first, of_second = str(uuid.UUID(int=number)), str(uuid.UUID(int=100 + number))
        preflight(one, session_id="s1", preflight_id=of_first)
        preflight(two, session_id="s2", preflight_id=of_second)
        engage(two, session_id="s1")
        engage(one, session_id="s2")

        of_one, of_two = engagements_of(environment)[-2:]
        assert of_one["preflight_id"] == of_first
        assert of_two["preflight_id"] == of_second


def test_two_repositories_with_a_file_of_the_same_name_are_kept_apart(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """The salt is the install's, so `src/main.py` hashes alike in all of them."""
    preflight(make_telemetry(repository_id="r1"), session_id="s9")
    engage(make_telemetry(repository_id="r2"))
    engage(make_telemetry(repository_id="r1"))
    engage(make_telemetry(repository_id="r2"), repository_id="r1")

    assert [row["preflight_id"] for row in engagements_of(environment)] == [None, P1, P1]


def test_every_spelling_of_a_path_gives_one_hash(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """The preflight came from Windows, the engagement from Linux."""
    preflight(make_telemetry(repository_root="C:\\shop"), file_paths=["C:\\shop\\src\\a.py", " "])
    preflight(make_telemetry(repository_root="/shop"), file_paths=["", "/shop/./src/a.py"])

    one, two = events_of(environment)
    assert one["path_hashes"] == two["path_hashes"]
    assert one["file_paths_hash"] == two["file_paths_hash"]
    assert one["path_hashes"] == [hashes_of(environment).hash_path("src/a.py")]


def write_every_kind(telemetry: Telemetry, text: str) -> None:
    """Hand in the text wherever a caller may hand in a person's text."""
    telemetry.start_session("s1")
    preflight(telemetry, topic=text, file_paths=[text, f"src/{text}/a.py"])
    engage(telemetry, file_paths=[text])
    telemetry.write_preflight_prompt_bypassed(
        session_id="s1",
        preflight_id=P1,
        decision_id="dec_1",
        reason=text,
        state_preserved=True,
    )
    telemetry.write_ingest_refused(session_id="s1", reason="too_large", source=text)
    telemetry.write_preflight_dedup_decision(
        session_id="s1", preflight_id=P1, invalidated_by_revision_bump=True
    )
    telemetry.write_graph_expansion_fallback(
        session_id="s1", preflight_id=P1, reason="parse_error", file_paths=[text]
    )
    telemetry.end_session("s1")


def test_every_kind_of_row_reads_back_as_its_own_struct(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """What is written and what is documented are one."""
    write_every_kind(make_telemetry(repository_id="r1"), "text")

    rows = events_of(environment)
    kinds = [str(row["event_type"]) for row in rows]
    assert set(kinds) == set(events.EVENT_KINDS) - {"edit_observed", "preflight_reminded"}
    for row in rows:
        struct = events.EVENT_KINDS[str(row["event_type"])]
        assert row["repository_id"] == "r1"
        assert set(row) == set(struct.__struct_fields__) - {"topic", "file_paths"}
        assert msgspec.to_builtins(msgspec.convert(row, struct)) == row


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (
            "preflight_prompt_bypassed",
            {"preflight_id": P1, "decision_id": "dec_1", "state_preserved": True},
        ),
        ("ingest_refused", {"reason": "too_large"}),
        (
            "preflight_dedup_decision",
            {
                "preflight_id": P1,
                "invalidated_by_revision_bump": True,
                "bypassed_revision_unknown": False,
            },
        ),
        ("graph_expansion_fallback", {"preflight_id": P1, "reason": "parse_error"}),
    ],
)
def test_a_further_row_carries_what_its_kind_is_about(
    make_telemetry: MakeTelemetry, environment: Environment, kind: str, fields: Row
) -> None:
    """One test per kind."""
    write_every_kind(make_telemetry(), "text")

    (row,) = [row for row in events_of(environment) if row["event_type"] == kind]
    assert {key: row[key] for key in fields} == fields


def test_a_bypass_reason_is_plain_only_in_raw_mode(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """A person writes it, and may name a customer."""
    for switches in ("preflight", "raw"):
        write_every_kind(make_telemetry(switches), "a reason")

    hashed, plain = [row["reason"] for row in events_of(environment) if "state_preserved" in row]
    assert hashed == hashes_of(environment).hash_topic("a reason")
    assert plain == "a reason"


@pytest.mark.parametrize(
    "planted",
    [
        "JIRA-4711 Refund flow for ACME",
        "Acme Holdings",
        "tenants/acme-eu/billing.py",
        "Zürich GmbH",
    ],
)
def test_planted_text_is_found_in_no_byte_of_the_home(
    make_telemetry: MakeTelemetry, environment: Environment, planted: str
) -> None:
    """Privacy by what is written, not by what is said about it."""
    write_every_kind(make_telemetry(), planted)

    words = [planted, *planted.replace("/", " ").split()]
    spellings = {form for word in words for form in (word, json.dumps(word).strip('"'))}
    files = [entry for entry in environment.home.rglob("*") if entry.is_file()]
    assert len(files) >= 3
    for entry in files:
        content = entry.read_bytes().lower()
        for spelling in spellings:
            assert spelling.lower().encode() not in content, entry


def test_switched_off_nothing_is_made(
    make_telemetry: MakeTelemetry, environment: Environment, warnings_shown: list[str]
) -> None:
    """Not a file, not the folder, not a word."""
    for switches in ("0", "1", "relay"):
        telemetry = make_telemetry(switches)
        write_every_kind(telemetry, "text")
        telemetry.end_abandoned_sessions()
        assert not telemetry.telemetry_enabled()
        assert telemetry.status().files[0].attempted == 0

    assert not environment.home.exists()
    assert warnings_shown == []


def test_the_flags_are_resolved_once(make_environment: MakeEnvironment) -> None:
    """What a person decided at the start holds until the end."""
    variables = {"BICAMERAL_TELEMETRY": "raw"}
    telemetry = Telemetry(make_environment(variables=variables))
    variables["BICAMERAL_TELEMETRY"] = "0"

    assert (telemetry.telemetry_enabled(), telemetry.raw_capture_enabled()) == (True, True)
    off = Telemetry(
        make_environment(variables={"BICAMERAL_TELEMETRY": "raw"}), flags=TelemetryFlags()
    )
    assert (off.telemetry_enabled(), off.raw_capture_enabled()) == (False, False)


def test_capture_costs_no_call_that_was_not_made(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """A session without engagements has none, a batch of three has three."""
    telemetry = make_telemetry()
    telemetry.start_session("s1")
    preflight(telemetry)
    telemetry.end_session("s1")
    assert engagements_of(environment) == []

    for decision_id in ("dec_1", "dec_2", "dec_3"):
        engage(telemetry, decision_id=decision_id)
    assert [row["decision_id"] for row in engagements_of(environment)] == [
        "dec_1",
        "dec_2",
        "dec_3",
    ]


def test_the_end_of_a_server_ends_every_session_it_serves(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """A server for a team serves many, and learns of its own end once."""
    telemetry = make_telemetry()
    for session_id in ("s1", "s2", "s3"):
        telemetry.start_session(session_id)
    telemetry.end_session("s2", reason="clear")
    telemetry.end_sessions()
    telemetry.end_sessions()

    ended = [row for row in events_of(environment) if row["event_type"] == "session_ended"]
    assert [(row["session_id"], row["reason"]) for row in ended] == [
        ("s2", "clear"),
        ("s1", "closed"),
        ("s3", "closed"),
    ]


def test_status_tells_what_is_kept_and_where(
    make_telemetry: MakeTelemetry, environment: Environment
) -> None:
    """What the tool and `doctor` show."""
    telemetry = make_telemetry("relay,preflight")
    assert [file.size_bytes for file in telemetry.status().files] == [0, 0]
    preflight(telemetry)
    preflight(telemetry)
    engage(telemetry)

    status = telemetry.status()
    assert status.home == str(environment.home)
    assert status.flags == TelemetryFlags(relay=True, preflight=True)
    assert status.flags.sources["preflight"] == "BICAMERAL_TELEMETRY"
    assert status.last_error == ""
    of_events, of_engagements = status.files
    assert of_events.name == EVENTS_FILE
    assert of_events.size_bytes == (environment.home / EVENTS_FILE).stat().st_size
    assert (of_events.attempted, of_events.written, of_events.dropped) == (2, 2, 0)
    assert (of_engagements.attempted, of_engagements.rotated_files) == (1, 0)


def test_time_is_taken_from_the_environment(
    make_telemetry: MakeTelemetry, environment: Environment, clock: Clock
) -> None:
    """Also when it goes backwards."""
    telemetry = make_telemetry()
    for seconds in (0, 1.5, -3_600):
        clock.advance(seconds=seconds)
        preflight(telemetry)

    assert [row["ts"] for row in events_of(environment)] == [
        "2026-05-28T20:26:40.000000Z",
        "2026-05-28T20:26:41.500000Z",
        "2026-05-28T19:26:41.500000Z",
    ]


def test_a_home_is_made_by_the_first_row_alone(
    make_telemetry: MakeTelemetry, environment: Environment, tmp_path: Path
) -> None:
    """Building a server, and asking for ids, leaves no trace."""
    telemetry = make_telemetry()
    telemetry.new_preflight_id()
    telemetry.status()
    assert list(tmp_path.iterdir()) == []

    preflight(telemetry)
    assert environment.home.is_dir()

"""`bicameral.telemetry`: what is captured, where, how much, and who switched it on."""

import pytest

from bicameral.govern.disclosure import digest_of, sendable
from bicameral.registry.whole import whole_registry
from bicameral.review.reconciliation.summary import SUMMARY_FILE, Summary, encode_summary
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench


@pytest.mark.parametrize(
    ("value", "flags"),
    [
        ("", (False, False, True)),
        ("off", (False, False, False)),
        ("1", (False, False, True)),
        ("preflight", (True, False, False)),
        ("raw", (True, True, False)),
        ("relay,preflight", (True, False, True)),
    ],
)
def test_the_switches_are_told_with_what_set_them(
    make_bench: MakeBench, value: str, flags: tuple[bool, bool, bool]
) -> None:
    """Preflight capture, raw text, and the permission to upload by hand."""
    answer = make_bench(BICAMERAL_TELEMETRY=value).call("telemetry")

    assert (answer["preflight_capture"], answer["raw_capture"], answer["relay"]) == flags
    assert ("BICAMERAL_TELEMETRY" in answer["decided_by"]) is bool(value)


def test_a_flag_alone_permits_no_upload(make_bench: MakeBench) -> None:
    """An agent tells its person: flag, consent and what both come to are three things."""
    bench = make_bench(BICAMERAL_TELEMETRY="relay")

    def told() -> tuple[object, ...]:
        answer = bench.call("telemetry")
        return answer["relay"], answer["upload_consent"], answer["upload_permitted"]

    assert told() == (True, "missing", False)
    digest = digest_of(sendable(whole_registry()))
    bench.environment.home.mkdir(exist_ok=True)
    for given, state in (("another", "void"), (digest, "given")):
        consent = f'[consent]\nat = "2026-03-05"\nversion = "1"\ndisclosure = "{given}"\n'
        (bench.environment.home / "config.toml").write_text(consent, "utf-8")
        assert told() == (True, state, state == "given")


def test_what_was_written_is_counted_per_file(bench: Bench) -> None:
    """This server's own rows, and the size of what is there."""
    decision = bench.decide("Charges carry an idempotency key")
    bench.bind(decision, "src/payments.py")
    bench.call("preflight", topic="Retry", file_paths=["src/payments.py"])

    answer = bench.call("telemetry")

    cards = {each["name"]: each for each in answer["files"]}
    assert list(cards)[:3] == ["preflight_events.jsonl", "engagements.jsonl", "metrics.jsonl"]
    for name, rows in (("preflight_events.jsonl", 2), ("engagements.jsonl", 1)):
        size = (bench.environment.home / name).stat().st_size
        assert cards[name] == {
            "name": name,
            "size_bytes": size,
            "attempted": rows,
            "written": rows,
            "dropped": 0,
        }
    assert answer["home"] == str(bench.environment.home)
    assert answer["session_id"] == "session-1"


def test_every_file_that_is_there_is_told(make_bench: MakeBench) -> None:
    """What one of them left out would be recorded in silence: the table is the registry's."""
    bench = make_bench(BICAMERAL_TELEMETRY="preflight", BICAMERAL_TRACE="1")
    bench.call("preflight", topic="Retry", file_paths=["src/payments.py"])
    home, registered = bench.environment.home, list(whole_registry().by_file())
    for name in registered:
        place = home / name.replace("*", "other")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    (home / "hook_failures.jsonl").write_bytes(b"{}\n")
    (home / "hook_failures.jsonl.1").write_bytes(b"{}\n{}\n")

    cards = {each["name"]: each for each in bench.call("telemetry")["files"]}

    assert list(cards) == registered
    assert cards["trace.jsonl"]["written"] > 0
    # The span of this very call was written after it was told.
    assert 0 < cards["trace.jsonl"]["size_bytes"] < (home / "trace.jsonl").stat().st_size
    put_aside = cards["hook_failures.jsonl"]
    assert (put_aside["size_bytes"], put_aside["rotated_files"], put_aside["written"]) == (9, 1, 0)


def test_a_trace_that_cannot_be_written_is_told(make_bench: MakeBench) -> None:
    """Like every other drop, with its reason."""
    bench = make_bench(BICAMERAL_TELEMETRY="", BICAMERAL_TRACE="1")
    (bench.environment.home / "trace.jsonl").mkdir(parents=True)
    bench.call("search", query="retry")

    answer = bench.call("telemetry")

    [trace] = [each for each in answer["files"] if each["name"] == "trace.jsonl"]
    assert trace["dropped"] > 0
    assert "trace.jsonl" in answer["last_error"]


def test_with_capture_off_it_is_told_and_nothing_is_made(make_bench: MakeBench) -> None:
    """Asking what is captured must not begin to capture."""
    bench = make_bench(BICAMERAL_TELEMETRY="")

    answer = bench.call("telemetry")

    assert [each["written"] for each in answer["files"]] == [0, 0, 0]
    assert not bench.environment.home.exists()


def test_drops_are_shown_with_their_reason(bench: Bench) -> None:
    """PT-13: what could not be recorded is not hidden."""
    (bench.environment.home / "salt").mkdir(parents=True)
    bench.call("preflight", topic="Retry payments")

    answer = bench.call("telemetry")

    [events, *_] = answer["files"]
    assert (events["attempted"], events["written"], events["dropped"]) == (2, 1, 1)
    assert "salt" in answer["last_error"]


def test_it_is_the_callers_session_that_is_told(bench: Bench) -> None:
    """The id that stands in the rows."""
    assert bench.call("telemetry", session_id="mine")["session_id"] == "mine"


def test_unknown_arguments_are_refused(bench: Bench) -> None:
    """There is nothing to ask for."""
    assert "session_id" in bench.refuse("telemetry", verbose=True).next_step


def test_the_last_reconciliation_is_told(bench: Bench) -> None:
    """Whoever asks what is captured asks what came of it."""
    assert bench.call("telemetry").get("last_reconciliation") is None
    bench.call("preflight", topic="Retry", file_paths=["src/payments.py"])
    summary = Summary(
        finished_at="2026-03-05T09:30:00.000000Z",
        totals={"suspected_miss": 1, "normal": 4},
        error="ledger_busy: the ledger is locked",
    )
    (bench.environment.home / SUMMARY_FILE).write_bytes(encode_summary(summary))

    assert bench.call("telemetry")["last_reconciliation"] == {
        "finished_at": "2026-03-05T09:30:00.000000Z",
        "suspected_misses": 1,
        "suspected_false_fires": 0,
        "normal": 4,
        "error": "ledger_busy: the ledger is locked",
    }

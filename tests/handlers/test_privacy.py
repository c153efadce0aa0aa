"""PT-09: in hashed mode nothing that anybody wrote is found outside the ledger.

The ledger and the code index are what the tools work with, whether anything is captured or
not: the one holds the decisions, the other names of files and subjects of commits, as git does.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.opaque import stored_session
from bicameral.errors import IngestRefused
from bicameral.govern.retention import read_policy
from bicameral.removal.erasing import Wanted, erase
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench

TICKET = "PAY-4711 Refund stuck for Frobnitz"
CUSTOMER = "Frobnitz Holding"
TENANT = "tenants/frobnitz-eu/billing.py"
MAIL = "mara.frobnitz@example.invalid"
SECRET = "sk_" + "live_" + "Zm9vYmFyYmF6cXV4cXV1eA1234"
BRANCH = "feature/frobnitz-refund"
PLANTED = (TICKET, CUSTOMER, TENANT, MAIL, SECRET, BRANCH, "frobnitz", "4711")

# Ids, hashes and durations: among hundreds of lines any four digits come by chance.
RANDOM = rb"[0-9a-f]{16}|\"duration_ms\":[0-9.e-]+"


def drive_everything(bench: Bench) -> None:
    """Call every tool, in ways that succeed and fail, with planted words in each argument."""
    words = f"{TICKET} for {CUSTOMER}, {MAIL}, {SECRET}"
    bench.repository.git("switch", "--quiet", "--create", BRANCH)
    bench.repository.commit(TICKET, **{TENANT: f"def refund():\n    return '{CUSTOMER}'\n"})
    entry = {"title": TICKET, "description": words, "rationale": words, "source_ref": words}
    grouped = {**entry, "feature_group": CUSTOMER, "participants": [MAIL]}
    [stored] = bench.call("ingest", decisions=[grouped])["decisions"]
    decision_id = stored["decision_id"]
    bench.repository.write(f"docs/{CUSTOMER}/0001-x.md", f"# {TICKET}\n\n## Decision\n\n{words}\n")
    bench.call("ingest", paths=[f"docs/{CUSTOMER}", TENANT, f"{MAIL}/*.md"])
    shown = bench.call("preflight", topic=words, file_paths=[TENANT, f"new/{MAIL}.py"])
    threaded = {"preflight_id": shown["preflight_id"]}
    selectors = [f"{TENANT}::refund", TENANT, f"{TENANT}:1-2", f"{CUSTOMER}.py"]
    bound = bench.call(
        "bind",
        bindings=[{"decision_id": decision_id, "selector": each} for each in selectors],
        **threaded,
    )["bindings"]
    bench.judge(bound[0], "compliant")
    bench.repository.commit(TICKET, **{TENANT: f"def refund():\n    return '{MAIL}'\n"})
    bench.call("link_commit", commit=BRANCH, **threaded)
    bench.try_call("link_commit", commit=CUSTOMER)
    bench.call(
        "resolve",
        verdicts=[_verdict(bound[0], note=words)],
        bypasses=[{"decision_id": decision_id, "reason": words}],
        answers=[{"question_id": CUSTOMER, "answer": words}],
    )
    bench.call("update", decision_id=decision_id, action="amend", description=words)
    bench.call("update", decision_id=decision_id, action="regroup", feature_group=CUSTOMER)
    bench.try_call("update", decision_id=TICKET, action="retire")
    bench.call("ratify", decision_id=decision_id, action="ratify", **threaded)
    bench.call("search", query=words)
    bench.call("history", feature_group=CUSTOMER)
    bench.call("history", decision_id=decision_id)
    bench.try_call("history", decision_id=MAIL)
    bench.read(f"bicameral://decisions/{decision_id}")
    bench.prompt("preflight", topic=words, file_paths=TENANT)
    bench.try_call("preflight", topic=words, file_paths=[f"../{CUSTOMER}"])
    bench.try_call("preflight", topic=words, **{CUSTOMER: MAIL})
    bench.try_call("ingest", paths=[f"/{CUSTOMER}"])
    with suppress(IngestRefused):
        while True:
            bench.services.ingest_rate.take()
    bench.refuse("ingest", paths=[TENANT])
    bench.call("preflight", topic=words, preflight_id=MAIL, session_id=f"{CUSTOMER} {SECRET}")
    bench.call("telemetry")
    bench.services.telemetry.end_sessions()


def _verdict(bound: dict[str, Any], *, note: str) -> dict[str, str]:
    names = ("decision_id", "region_id", "digest")
    return {name: bound[name] for name in names} | {"verdict": "partial", "note": note}


def outside_the_ledger(home: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of everything below the home but ledger and code index."""
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if not name.startswith(("ledger.sqlite3", "index")):
            yield name, name.encode() + (path.read_bytes() if path.is_file() else b"")


def spellings(planted: str) -> set[bytes]:
    """Return how a text could stand in a file without being read at a glance."""
    plain = planted.lower().encode()
    return {
        plain,
        planted.lower().replace("/", "\\/").encode(),
        planted.lower().replace(" ", "%20").encode(),
        base64.b64encode(planted.encode())[:-4].lower(),
        planted.encode().hex().encode(),
    }


def test_hashed_mode_stores_nothing_that_anybody_wrote(make_bench: MakeBench) -> None:
    """A ticket, a customer, a path, an e-mail, a secret: in no byte and no name of a file."""
    bench = make_bench(BICAMERAL_TELEMETRY="preflight")

    drive_everything(bench)

    found = dict(outside_the_ledger(bench.environment.home))
    assert {"preflight_events.jsonl", "engagements.jsonl", "salt"} <= found.keys()
    for name, content in found.items():
        for planted in PLANTED:
            for spelling in spellings(planted):
                assert spelling not in content.lower(), (planted, name)


def test_the_code_index_holds_what_git_lists_and_no_text(make_bench: MakeBench) -> None:
    """What code says and what was asked is none of its business."""
    bench = make_bench(BICAMERAL_TELEMETRY="preflight")

    drive_everything(bench)
    known_id = bench.services.workspace.known_id
    assert known_id
    bench.services.workspace.code_index(known_id).bring_up(lambda *_: None)

    index = bench.environment.home / "index"
    held = b"".join(path.read_bytes() for path in index.iterdir()).lower()
    assert TENANT.encode() in held
    for planted in (MAIL, SECRET, BRANCH, f"{TICKET} for {CUSTOMER}"):
        for spelling in spellings(planted):
            assert spelling not in held, planted


def test_a_trace_in_hashed_mode_holds_nothing_that_anybody_wrote(make_bench: MakeBench) -> None:
    """Names and sizes only: also of what was refused, of errors, and of made-up arguments."""
    bench = make_bench(BICAMERAL_TELEMETRY="preflight", BICAMERAL_TRACE="1")

    drive_everything(bench)

    found = dict(outside_the_ledger(bench.environment.home))
    assert found["trace.jsonl"].count(b"\n") > 300
    statuses = {row["status"] for row in bench.rows("trace.jsonl")}
    assert statuses == {"success", "blocked", "error"}
    for name, content in found.items():
        told = re.sub(RANDOM, b"", content.lower())
        for planted in PLANTED:
            for spelling in spellings(planted):
                assert spelling not in told, (planted, name)


def test_a_trace_without_capture_makes_no_file_of_capture(make_bench: MakeBench) -> None:
    """The two are switched apart; a salt is made for an id that is only told by its digest."""
    bench = make_bench(BICAMERAL_TELEMETRY="off", BICAMERAL_TRACE="1")

    drive_everything(bench)

    names = {name for name, _ in outside_the_ledger(bench.environment.home)}
    assert {name.removesuffix(".lock") for name in names} == {"trace.jsonl", "salt"}


def test_a_session_whose_id_is_words_is_erased_by_them(make_bench: MakeBench) -> None:
    """Its rows, its marker and its spans stand under the digest, and are found by it."""
    bench = make_bench(BICAMERAL_TELEMETRY="preflight", BICAMERAL_TRACE="1")
    bench.call("preflight", topic="Retry", session_id=CUSTOMER)
    stored = stored_session(bench.environment, CUSTOMER)
    bench.call("preflight", topic="Refund", session_id="another")

    gone = erase(bench.environment, read_policy(), Wanted(stored))

    assert {part.name for part in gone} >= {"preflight_events.jsonl", "trace.jsonl", "sessions/"}
    kept = dict(outside_the_ledger(bench.environment.home))
    assert b"another" in kept["trace.jsonl"]
    assert not any(stored.encode() in content for content in kept.values())


def test_every_kind_of_row_was_written(make_bench: MakeBench) -> None:
    """Else the test above would look for words where none could be."""
    bench = make_bench(BICAMERAL_TELEMETRY="preflight")

    drive_everything(bench)

    kinds = {row["event_type"] for row in bench.rows("preflight_events.jsonl")}
    assert kinds == {
        "session_started",
        "preflight",
        "preflight_prompt_bypassed",
        "ingest_refused",
        "session_ended",
    }
    tools = {row["tool"].removeprefix("bicameral.") for row in bench.engagements()}
    assert tools == {
        "ingest",
        "bind",
        "link_commit",
        "resolve",
        "update",
        "ratify",
        "history",
    }


def test_raw_mode_keeps_the_topic_and_the_paths(make_bench: MakeBench) -> None:
    """Where the person asked for plain text, triage can show it."""
    bench = make_bench(BICAMERAL_TELEMETRY="raw")
    bench.call("preflight", topic="Refund stuck for Frobnitz", file_paths=[TENANT])

    [row] = bench.events()
    assert row["topic"] == "Refund stuck for Frobnitz"
    assert row["file_paths"] == [TENANT]
    assert len(row["path_hashes"]) == 1


def test_hashes_agree_between_the_modes(make_bench: MakeBench) -> None:
    """Switching raw on must not make old rows incomparable."""
    found = []
    for value in ("preflight", "raw"):
        bench = make_bench(BICAMERAL_TELEMETRY=value)
        bench.call("preflight", topic="Refund stuck", file_paths=[TENANT])
        found.append(bench.events()[-1])

    names = ("topic_hash", "file_paths_hash", "path_hashes")
    assert [found[0][name] for name in names] == [found[1][name] for name in names]


@pytest.mark.parametrize("value", ["", "off", "relay"])
def test_with_capture_off_the_home_holds_ledger_and_code_index_and_nothing_else(
    make_bench: MakeBench, value: str
) -> None:
    """Every tool was driven, and nothing of it was recorded."""
    bench = make_bench(BICAMERAL_TELEMETRY=value)

    drive_everything(bench)

    assert dict(outside_the_ledger(bench.environment.home)) == {}


def test_raw_mode_still_keeps_no_secret(make_bench: MakeBench) -> None:
    """Who asked for plain text did not ask for keys in it; the rest of the text stays."""
    bench = make_bench(BICAMERAL_TELEMETRY="raw", BICAMERAL_TRACE="1")
    decision = bench.decide("Charges carry an idempotency key")
    topic = f"Rotate {SECRET} for Frobnitz"
    bench.call("preflight", topic=topic, file_paths=[f"keys/{SECRET}.txt"])
    bench.call("resolve", bypasses=[{"decision_id": decision.id, "reason": topic}])

    for name, content in outside_the_ledger(bench.environment.home):
        assert SECRET.encode() not in content, name
    assert bench.events()[0]["topic"].startswith("Rotate ")
    assert bench.events()[0]["topic"].endswith(" for Frobnitz")
    assert "Frobnitz" in bench.events("preflight_prompt_bypassed")[0]["reason"]
    assert "Frobnitz" not in (bench.environment.home / "trace.jsonl").read_text("utf-8")

"""`bicameral.search`: decisions by words, best first, page by page."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.ledger.domain import Content
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench
from tests.handlers.paging import ids, pages


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_best_match_comes_first(make_bench: MakeBench, mode: str) -> None:
    """With its status, and a word that the text is quoted."""
    bench = make_bench(mode=mode)
    bench.decide("Refunds are posted", "They carry the idempotency key of their charge.")
    best = bench.decide("Idempotency keys on charges", "Every charge has an idempotency key.")
    bench.decide("Rank results by date")
    bench.bind(best, "src/payments.py")

    answer = bench.call("search", query="idempotency of charges")

    assert [each["title"] for each in answer["decisions"]] == [
        "Idempotency keys on charges",
        "Refunds are posted",
    ]
    assert (answer["total"], answer["decisions"][0]["status"]) == (2, "pending")
    assert "not instructions" in answer["notice"]


def test_decisions_that_ended_are_found_too(bench: Bench) -> None:
    """Whoever searches wants to know why something is no longer so."""
    for signoff in ("superseded", "rejected"):
        bench.decide(f"Charges carry a {signoff} key", signoff=signoff)

    found = bench.call("search", query="charges carry a key")["decisions"]

    assert {each["signoff"] for each in found} == {"superseded", "rejected"}


@pytest.mark.parametrize("query", ["nothing of the kind", "?!", "%", "'; DROP TABLE decisions;--"])
def test_no_match_is_an_empty_answer(bench: Bench, query: str) -> None:
    """Words are looked up, never made part of a query."""
    bench.decide("Charges carry an idempotency key")

    answer = bench.call("search", query=query)

    assert (answer["decisions"], answer["total"]) == ([], 0)
    assert "next_cursor" not in answer


def test_an_unknown_repository_holds_nothing(bench: Bench) -> None:
    """Reading makes no file."""
    assert bench.call("search", query="charges")["total"] == 0
    assert not (bench.environment.home / "ledger.sqlite3").exists()


@pytest.fixture
def many(bench: Bench) -> Bench:
    contents = [
        Content(title=f"Keys on charges {n}", description="charge " * (n % 5)) for n in range(23)
    ]
    bench.decide_all(contents)
    return bench


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(limit=st.integers(1, 30))
def test_pages_cover_what_was_found_once(many: Bench, limit: int) -> None:
    """A law: whatever the page's size, in one order, nothing missed, nothing twice."""
    everything = many.call("search", query="keys on charges", limit=50)

    found = pages(many, "search", query="keys on charges", limit=limit)

    assert ids(found) == ids([everything])
    assert len(set(ids(found))) == everything["total"] == 23
    assert all(len(page["decisions"]) <= limit for page in found)
    assert all(page["total"] == 23 for page in found)


def test_a_page_of_the_longest_decisions_is_small(bench: Bench) -> None:
    """At full length of every text, among a thousand."""
    contents = [
        Content(title=f"Keys {n} on charges " * 12, description="Every charge, a key. " * 32)
        for n in range(1_000)
    ]
    bench.decide_all(contents)

    for cursor in ("0", "250", "490"):
        page = bench.call("search", query="keys on charges", cursor=cursor)
        assert (len(page["decisions"]), page["total"]) == (10, 500)
        assert len(json.dumps(page)) < 20_000
    assert "next_cursor" not in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "`query` is required"),
        ({"query": ""}, "query"),
        ({"query": "q" * 1_001}, "1000"),
        ({"query": "keys", "cursor": "next"}, "is not a cursor"),
        ({"query": "keys", "limit": 51}, "must be 50 or less"),
        ({"q": "keys"}, "query"),
    ],
)
def test_bad_arguments_say_what_is_wrong(
    many: Bench, arguments: dict[str, object], said: str
) -> None:
    """A model reads this and tries again."""
    refused = many.refuse("search", **arguments)

    assert refused.error == "input_refused"
    assert said in refused.message


def test_a_cursor_behind_the_end_is_an_empty_page(many: Bench) -> None:
    """Nothing more is an answer."""
    assert many.call("search", query="keys", cursor=str(2**62))["decisions"] == []

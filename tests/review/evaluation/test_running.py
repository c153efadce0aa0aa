"""Rows run through the real tools: seeded as they say, asked apart, and cleared away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import server
from bicameral.environment import Environment
from bicameral.errors import DatasetRefused
from bicameral.review.dataset import Asked, EvalRow, SeedDecision
from bicameral.review.evaluation.asking import Outcome, estimate_tokens, run_rows
from bicameral.review.evaluation.project import build_project, files_of
from bicameral.review.evaluation.seeding import Call, batches, seed_ledger, seeds_of, text_of
from tests.conftest import GIT_VARIABLES
from tests.review.evaluation.parts import decision, row, tools_of

KEY = decision(
    "key",
    "Send an idempotency key with every charge",
    description="The gateway then answers a repeated call with the first result.",
    feature_group="payments",
    paths=["payments/charge.py"],
)
BACK_OFF = decision("back-off", "Back off exponentially between retries", paths=["web/retry.ts"])
CARDS = decision("cards", "Mask card numbers in every log line", signoff="proposed")


@pytest.fixture
def environment(environment: Environment) -> Environment:
    return replace(environment, variables=GIT_VARIABLES)


def run(environment: Environment, *rows: EvalRow, **named: Any) -> list[Outcome]:
    """Run rows on real tools."""
    return run_rows(
        rows,
        open_tools=named.pop("open_tools", tools_of(environment)),
        variables=GIT_VARIABLES,
        monotonic_ns=environment.monotonic_ns,
        **named,
    )


@contextmanager
def seeded(environment: Environment, tmp_path: Path, *rows: EvalRow) -> Iterator[server.Desk]:
    """Seed a ledger that stays, and open it."""
    project = build_project(tmp_path / "repository", GIT_VARIABLES, files_of(rows))
    desk = server.Desk(environment, start=project.root, session_id="look")
    seed_ledger(desk.call, project, rows, progress=lambda _done, _total: None)
    yield desk
    desk.close()


def cards_of(desk: server.Desk) -> dict[str, dict[str, Any]]:
    """Return every decision in full, by its title."""
    listed = desk.call("bicameral.history", {"limit": 50})["decisions"]
    found = [desk.call("bicameral.history", {"decision_id": each["id"]}) for each in listed]
    return {each["decision"]["title"]: each["decision"] for each in found}


def test_the_ledger_holds_what_the_rows_say(environment: Environment, tmp_path: Path) -> None:
    """Sign-off, binding, verdict and drift, all brought about by the tools themselves."""
    drifted = decision("d", "Round amounts half to even", paths=["m.py", "n.py"], has_drifted=True)
    beside = decision("e", "Keep amounts in minor units", paths=["m.py"])
    rows = [row("1", decisions=[KEY, CARDS]), row("2", decisions=[drifted, beside, KEY])]
    with seeded(environment, tmp_path, *rows) as desk:
        cards = cards_of(desk)
    assert {title: (card["signoff"], card["status"]) for title, card in cards.items()} == {
        KEY.title: ("ratified", "reflected"),
        CARDS.title: ("proposed", "ungrounded"),
        drifted.title: ("ratified", "drifted"),
        beside.title: ("ratified", "reflected"),
    }
    card = cards[drifted.title]
    assert {region["path"]: region["status"] for region in card["regions"]} == {
        "m.py": "drifted",
        "n.py": "reflected",
    }
    assert cards[KEY.title]["source"] == "eval:key"
    assert cards[KEY.title]["feature_group"] == "payments"


def test_rows_of_one_ledger_compete(environment: Environment) -> None:
    """A decision of another row is shown where it would be in a team's ledger."""
    other = decision("other", "Name the owner in every file", paths=["payments/charge.py"])
    outcomes = run(
        environment,
        row("1", paths=["payments/charge.py"], decisions=[KEY], expected=["key"]),
        row("2", paths=["web/other.ts"], decisions=[other]),
    )
    assert set(outcomes[0].shown) == {"key", "other"}
    assert not outcomes[0].is_right
    assert outcomes[1].is_right


def test_each_row_has_a_session_of_its_own(environment: Environment) -> None:
    """What one row was shown must not keep the next one from being shown it."""
    rows = [
        row(str(number), paths=["payments/charge.py"], decisions=[KEY], expected=["key"])
        for number in range(3)
    ]
    assert [each.is_right for each in run(environment, *rows)] == [True] * 3


def test_what_was_asked_before_is_asked_in_the_same_session(environment: Environment) -> None:
    """A settled decision is news to a session once."""
    paths = ["payments/charge.py"]
    [first, second] = run(
        environment,
        row("1", topic="Sort imports", paths=paths, decisions=[KEY]),
        row(
            "2",
            topic="Charge twice",
            paths=paths,
            decisions=[KEY],
            before=[Asked(topic="Sort imports", file_paths=paths)],
        ),
    )
    assert (first.shown, second.shown) == (("key",), ())
    assert second.reason == "no_relevant_decisions"


def test_repeats_are_new_sessions_and_answer_the_same(environment: Environment) -> None:
    """They are for latencies: the second must not be a `recently_checked`."""
    [outcome] = run(
        environment,
        row(paths=["payments/charge.py"], decisions=[KEY], expected=["key"]),
        repeat=4,
    )
    assert len(outcome.latencies_ms) == 4
    assert outcome.is_right
    assert outcome.is_stable


def test_an_answer_that_changes_between_repeats_is_seen(environment: Environment) -> None:
    """Figures of one repeat would hide it."""
    answers = 0

    @contextmanager
    def forgetful(root: Path, home: Path) -> Iterator[Call]:
        def call(name: str, arguments: Any) -> dict[str, Any]:
            nonlocal answers
            answer = tools(name, arguments)
            answers += name == "bicameral.preflight"
            return {**answer, "decisions": []} if answers > 1 else answer

        with tools_of(environment)(root, home) as tools:
            yield call

    asked = row(paths=["payments/charge.py"], decisions=[KEY], expected=["key"])
    [outcome] = run(environment, asked, repeat=2, open_tools=forgetful)
    assert not outcome.is_stable
    assert outcome.is_right  # by its first answer


def test_equal_texts_are_one_decision_and_equal_keys_are_not() -> None:
    """Rows are promoted by different people at different times."""
    rows = [
        row("1", decisions=[decision("a", "Use cursors", paths=["a.py"], signoff="proposed")]),
        row("2", decisions=[decision("b", "Use  cursors", paths=["b.py"], has_drifted=True)]),
        row("3", decisions=[decision("a", "Use offsets")]),
    ]
    first, second = seeds_of(rows)
    assert (first.ref, first.text[0], first.paths) == ("eval:a", "Use cursors", ("a.py", "b.py"))
    assert (first.is_ratified, first.drifted_path) == (True, "b.py")
    assert (second.ref, second.text[0]) == ("eval:a:2", "Use offsets")


def test_a_row_is_answered_in_its_own_keys(environment: Environment) -> None:
    """Two rows may name one decision differently, and both be right."""
    again = SeedDecision(
        key="charge-key",
        title=KEY.title,
        paths=KEY.paths,
        description=KEY.description,
        feature_group=KEY.feature_group,
    )
    assert text_of(again) == text_of(KEY)
    outcomes = run(
        environment,
        row("1", paths=["payments/charge.py"], decisions=[KEY], expected=["key"]),
        row("2", paths=["payments/charge.py"], decisions=[again], expected=["charge-key"]),
    )
    assert [each.shown for each in outcomes] == [("key",), ("charge-key",)]


def test_decisions_that_collide_leave_nothing_that_waits(environment: Environment) -> None:
    """A waiting question would fire in every row of the set."""
    other = decision("other", "Send an idempotency key with each charge")
    [silent, both] = run(
        environment,
        row("1", topic="Draw a map", paths=["map.ts"], decisions=[KEY, other]),
        row(
            "2",
            topic="Send an idempotency key with a charge",
            decisions=[KEY, other],
            expected=["key", "other"],
        ),
    )
    assert silent.is_right
    assert both.is_right


def test_more_decisions_than_one_call_takes_are_seeded(environment: Environment) -> None:
    """Real sets grow; ingest and bind take so many at a time."""
    words = "amber basalt copper dolomite emerald flint granite halite indigo jasper".split()
    more = [
        decision(f"{a}-{b}", f"Paint the {a} {b}", paths=[f"{a}/{b}.py"])
        for a in words
        for b in words[:6]
    ]
    told: list[tuple[str, int, int]] = []
    outcomes = run(
        environment,
        row("1", paths=["jasper/amber.py"], decisions=more[:30]),
        row("2", paths=["jasper/flint.py"], decisions=more[30:], expected=["jasper-flint"]),
        progress=lambda *step: told.append(step),
    )
    assert [each.shown for each in outcomes] == [("jasper-amber",), ("jasper-flint",)]
    assert told == [("seeded", 50, 60), ("seeded", 60, 60), ("asked", 1, 2), ("asked", 2, 2)]


def test_decisions_as_documents_have_them_are_seeded(environment: Environment) -> None:
    """A promoted decision may be longer than what can be given, and bind a document."""
    long = decision(
        "long",
        "Cut " + "very " * 99,
        description="x " * 9_000,
        feature_group="g" * 120,
        paths=["docs/guide.md", "logo.png", "a b/ü.rs"],
    )
    [outcome] = run(environment, row(paths=["docs/guide.md"], decisions=[long], expected=["long"]))
    assert outcome.is_right


def test_nothing_stays_behind(environment: Environment) -> None:
    """Neither after a good run nor after a bad one."""
    homes: list[Path] = []
    open_tools = tools_of(environment, homes.append)
    run(environment, row(decisions=[KEY]), open_tools=open_tools)
    with pytest.raises(DatasetRefused, match="cannot be seeded"):
        run(environment, row(decisions=[decision("x", paths=["a:1-2"])]), open_tools=open_tools)
    assert len(homes) == 2
    assert not any(home.parent.exists() for home in homes)
    assert not environment.home.exists()


def test_tokens_are_a_quarter_of_the_bytes_of_the_compact_answer() -> None:
    """Rounded up; what is not ASCII costs its bytes."""
    assert estimate_tokens({}) == 1
    assert estimate_tokens({"a": [1, 2]}) == 3  # {"a":[1,2]} has eleven
    assert estimate_tokens({"a": "ü" * 4}) == 4  # eight, and eight of them are ü


@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_batches_lose_nothing(size: int) -> None:
    """And none is larger than it may be."""
    found = list(batches([1, 2, 3, 4, 5], size))
    assert [each for batch in found for each in batch] == [1, 2, 3, 4, 5]
    assert max(map(len, found)) <= size

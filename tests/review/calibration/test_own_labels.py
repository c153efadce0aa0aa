"""A person's own labels: what each says of decisions, as the ledger knows them now."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from bicameral.environment import Environment
from bicameral.ledger.bindings import decisions_on
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import set_signoff
from bicameral.ledger.domain import Decision, View
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.calibrating import gates_around
from bicameral.review.calibration.cases import Case, Collected, Reason
from bicameral.review.calibration.own_labels import OwnLedger, collect_own
from bicameral.review.calibration.trials import make_trials
from bicameral.review.rows import REVIEW_FILE, Label, ReviewRow
from bicameral.review.triage.labels import append_label
from tests.conftest import environment_at
from tests.ledger.parts import ACTOR, a_decision, a_region, a_repository, bound

TOPIC = "retry the payment gateway with an idempotency token"
TRIALS = make_trials(gates_around(Gate()).tried)


class Home:
    """A data home with a ledger, reviewed rows and labels."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.environment: Environment = environment_at(home)
        self.ledger = Ledger(self.environment)
        with self.ledger.writing(ACTOR) as transaction:
            self.repository_id = a_repository(transaction)
            self.keys = a_decision(transaction, "Idempotency token on payment gateway retry")
            self.budget = a_decision(transaction, "Payment gateway retry budget per token")
            self.listing = a_decision(transaction, "Paginate listings by cursor")

    def reviewed(self, **changes: object) -> ReviewRow:
        """Write a reviewed row."""
        row = msgspec.structs.replace(ROW, repository_id=self.repository_id, **changes)
        with (self.environment.home / REVIEW_FILE).open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")
        return row

    def label(self, row: ReviewRow, label: Label) -> None:
        append_label(self.environment, row.id, "label", who="me", label=label)

    def collect(
        self, *, promoted: frozenset[str] = frozenset(), view: View | None = None
    ) -> Collected:
        with self.ledger.reading() as connection:
            own = OwnLedger(connection, lambda repository_id: view or View(repository_id))
            return collect_own(self.environment.home, own, TRIALS, promoted=promoted)


ROW = ReviewRow(
    id="review-1",
    ts="2026-05-28T20:26:40.000000Z",
    session_id="session",
    repository_id=None,
    preflight_id=None,
    classification="suspected_miss",
    confidence=0.9,
    because="engaged",
    fired=False,
    reason="no_matches",
    surfaced_ids=[],
    topic_hash="0" * 16,
    path_hashes=[],
    session_ended_at="2026-05-28T20:30:00.000000Z",
    topic=TOPIC,
    file_paths=["src/pay.py"],
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    yield made
    made.ledger.close()


def sides(collected: Collected) -> tuple[set[str], set[str]]:
    [case] = collected.cases
    return set(case.wanted), set(case.unwanted)


def test_a_real_miss_wants_what_was_missed(home: Home) -> None:
    """For that topic, from now on."""
    row = home.reviewed(missed_ids=[home.keys.id], surfaced_ids=[home.budget.id])
    home.label(row, "real_miss")
    assert sides(home.collect()) == ({home.keys.id}, set())


def test_a_real_false_fire_does_not_want_what_was_unused(home: Home) -> None:
    """What else was shown may have been of use; nothing is said about it."""
    row = home.reviewed(unused_ids=[home.budget.id], surfaced_ids=[home.budget.id, home.keys.id])
    home.label(row, "real_false_fire")
    assert sides(home.collect()) == (set(), {home.budget.id})


def test_what_was_no_failure_wants_what_was_shown(home: Home) -> None:
    """The person says that it was right to show it."""
    shown = [home.budget.id, home.keys.id]
    home.label(home.reviewed(surfaced_ids=shown, unused_ids=shown), "not_a_failure")
    assert sides(home.collect()) == (set(shown), set())


def test_the_label_that_stands_counts(home: Home) -> None:
    """Another label, or an undo, changes what is learned."""
    row = home.reviewed(missed_ids=[home.keys.id], unused_ids=[home.budget.id])
    home.label(row, "real_miss")
    home.label(row, "real_false_fire")
    assert sides(home.collect()) == (set(), {home.budget.id})
    append_label(home.environment, row.id, "undo", who="me")
    assert sides(home.collect()) == ({home.keys.id}, set())
    append_label(home.environment, row.id, "undo", who="me")
    assert home.collect() == Collected()


def test_a_row_without_a_label_is_not_a_labelled_row(home: Home) -> None:
    """It is neither used nor reported as left out."""
    home.reviewed(missed_ids=[home.keys.id])
    assert home.collect() == Collected()


LEFT_OUT: Mapping[str, tuple[dict[str, object], Label, Reason]] = {
    "hashed": ({"topic": None, "file_paths": None}, "real_miss", "hashed"),
    "borderline": ({}, "borderline", "borderline"),
    "a label that names nothing": ({"unused_ids": []}, "real_false_fire", "names no decision"),
    "a topic of other words": ({"topic": "zebra crossing"}, "real_miss", "out of reach"),
    "a decision that is gone": ({"missed_ids": ["dec_gone"]}, "real_miss", "not standing"),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_a_label_that_says_nothing_about_the_gate_is_left_out(home: Home, name: str) -> None:
    """Each for its own reason."""
    changes, label, reason = LEFT_OUT[name]
    home.label(home.reviewed(**{"missed_ids": [home.keys.id], **changes}), label)
    collected = home.collect()
    assert (collected.cases, dict(collected.left_out)) == ([], {reason: 1})


@pytest.mark.parametrize("signoff", ["rejected", "superseded"])
def test_a_decision_that_no_longer_stands_is_no_longer_wanted(home: Home, signoff: str) -> None:
    """No gate shows it, and rightly so."""
    row = home.reviewed(missed_ids=[home.keys.id])
    home.label(row, "real_miss")
    with home.ledger.writing(ACTOR) as transaction:
        set_signoff(transaction, home.keys, "ratified" if signoff == "superseded" else "rejected")
        if signoff == "superseded":
            set_signoff(transaction, home.keys, "superseded")
    assert home.collect().left_out == {"not standing": 1}


def bind(home: Home, decision: Decision, branch: str = "") -> None:
    with home.ledger.writing(ACTOR) as transaction:
        bound(transaction, decision, a_region(transaction, "src/pay.py", branch=branch), branch)


def test_a_decision_on_the_asked_paths_is_no_matter_of_the_gate(home: Home) -> None:
    """It surfaces by its binding; another one of the same row still counts."""
    row = home.reviewed(missed_ids=[home.keys.id])
    home.label(row, "real_miss")
    bind(home, home.keys)
    assert home.collect().left_out == {"bound to the paths": 1}
    both = home.reviewed(id="review-2", missed_ids=[home.keys.id, home.budget.id])
    home.label(both, "real_miss")
    assert sides(home.collect()) == ({home.budget.id}, set())


def test_the_paths_are_seen_through_the_view_that_is_given(home: Home) -> None:
    """What only a branch has bound surfaces there and nowhere else."""
    home.label(home.reviewed(missed_ids=[home.keys.id]), "real_miss")
    bind(home, home.keys, "topic-branch")
    on_branch = View(home.repository_id, "topic-branch")
    with home.ledger.reading() as connection:
        assert not decisions_on(connection, View(home.repository_id), ["src/pay.py"], most=5)
    assert len(home.collect().cases) == 1
    assert home.collect(view=on_branch).left_out == {"bound to the paths": 1}


def test_a_promoted_row_counts_once_where_its_copy_is_at_hand(home: Home) -> None:
    """And by itself where the data set is not."""
    row = home.reviewed(missed_ids=[home.keys.id])
    home.label(row, "real_miss")
    append_label(home.environment, row.id, "promote", who="me", eval_row_id="eval-1")
    assert home.collect(promoted=frozenset({"eval-1"})).left_out == {"promoted": 1}
    assert len(home.collect(promoted=frozenset({"eval-2"})).cases) == 1


def test_a_wanted_decision_that_no_gate_can_show_is_counted(home: Home) -> None:
    """The person learns that words are missing, not a gate."""
    home.label(home.reviewed(missed_ids=[home.keys.id, home.listing.id]), "real_miss")
    collected = home.collect()
    assert sides(collected) == ({home.keys.id}, set())
    assert collected.out_of_reach == 1


def test_the_captured_topic_is_in_no_field_of_a_case(home: Home) -> None:
    """Cases are shown on screens and kept as evidence."""
    home.label(home.reviewed(missed_ids=[home.keys.id]), "real_miss")
    [case] = home.collect().cases
    assert isinstance(case, Case)
    assert case.is_own
    assert "with an idempotency" not in repr(case)

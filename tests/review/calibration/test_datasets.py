"""Rows of data sets: asked on a real ledger of their own, and left out only for a reason."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bicameral.ledger.database import Ledger
from bicameral.preflight.topic import Gate, match_topic
from bicameral.review.calibration.calibrating import gates_around
from bicameral.review.calibration.cases import Collected, Reason
from bicameral.review.calibration.datasets import ACTOR, collect_rows, elsewhere, seed
from bicameral.review.calibration.folds import families_of
from bicameral.review.calibration.trials import make_trials
from bicameral.review.dataset import Asked, EvalRow, SeedDecision
from tests.conftest import environment_at
from tests.review.calibration.parts import collected_from
from tests.review.calibration.worlds import identified, misses_by_share, world

GATES = gates_around(Gate())
OTHER = SeedDecision(key="other", title="Paginate listings by cursor")


def a_row(**changes: object) -> EvalRow:
    row = EvalRow(
        id="row",
        origin="labelled",
        category="plain_hit",
        topic="retry the payment gateway with an idempotency token",
        decisions=[
            SeedDecision(
                key="keys",
                title="Idempotency token on every payment gateway retry",
                description="A retry without one may charge twice.",
            ),
            OTHER,
        ],
        expected=["keys"],
    )
    return identified(msgspec.structs.replace(row, **changes))


def only(row: EvalRow) -> Collected:
    return collected_from([row])


def titles(collected: Collected, side: str) -> set[str]:
    [case] = collected.cases
    return {case.titles[each] for each in getattr(case, side)}


def test_a_row_gives_its_wanted_decision_and_what_else_a_gate_could_show() -> None:
    """What shares nothing with the topic is no choice of any gate, and no label about one."""
    found = only(a_row())
    assert titles(found, "wanted") == {"Idempotency token on every payment gateway retry"}
    assert titles(found, "unwanted") == set()
    assert not found.left_out


def test_decisions_of_other_rows_compete_as_in_a_ledger() -> None:
    """The evaluation seeds them together, so what else surfaces is a false fire here too."""
    rival = SeedDecision(key="rival", title="Payment gateway retry budget per idempotency token")
    elsewhere = a_row(topic="something unheard", decisions=[rival], expected=[])
    found = collected_from([a_row(), elsewhere])
    assert titles(found, "unwanted") == {rival.title}
    assert found.left_out == {"out of reach": 1}
    [case] = collected_from([a_row()], [elsewhere]).cases
    assert case.unwanted == frozenset()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"label": "borderline"}, "borderline"),
        ({"before": [Asked(topic="retry the payment gateway")]}, "asked before"),
        ({"topic": "update the service"}, "out of reach"),
        ({"topic": "listings kept apart from unheard elsewhere zebra"}, "out of reach"),
    ],
)
def test_a_row_that_says_nothing_about_the_gate_is_left_out(
    changes: dict[str, object], reason: Reason
) -> None:
    """With the reason, so that a person knows what to label instead."""
    assert only(a_row(**changes)).left_out == {reason: 1}


def test_a_decision_bound_to_the_asked_paths_is_no_matter_of_the_gate() -> None:
    """It surfaces anyway, be it bound or named in its text; the others still count."""
    bound = [msgspec.structs.replace(a_row().decisions[0], paths=["src/pay.py"])]
    named = [msgspec.structs.replace(a_row().decisions[0], description="See src/pay.py.")]
    for decisions in (bound, named):
        row = a_row(decisions=decisions, file_paths=["src/pay.py"])
        assert only(row).left_out == {"bound to the paths": 1}
        assert only(a_row(decisions=decisions, file_paths=["src/other.py"])).cases
    rival = SeedDecision(key="rival", title="Payment gateway retry budget per idempotency token")
    found = only(a_row(decisions=[*bound, rival], file_paths=["src/pay.py"]))
    assert (titles(found, "wanted"), titles(found, "unwanted")) == (set(), {rival.title})


def test_the_same_row_counts_once() -> None:
    """In one file or in two."""
    assert collected_from([a_row()], [a_row()]).left_out == {"given twice": 1}
    assert collected_from([a_row(), a_row()]).left_out == {"given twice": 1}
    assert collected_from([a_row()], [a_row(note="seen")]).left_out == {"given twice": 1}
    assert len(collected_from([a_row(), a_row(topic="payment gateway retry token")]).cases) == 2


def test_what_no_gate_can_show_is_counted_apart() -> None:
    """A miss of every gate speaks of words and not of the gate."""
    row = a_row(expected=["keys", "other"])
    found = only(row)
    assert titles(found, "wanted") == {"Idempotency token on every payment gateway retry"}
    assert found.out_of_reach == 1


def test_each_gate_shows_what_a_preflight_with_it_would_match(tmp_path: Path) -> None:
    """The way round over readings and trials ends where the real rule does."""
    rows = misses_by_share(6)
    few = [GATES.tried[n] for n in range(0, len(GATES.tried), 500)]
    home = tmp_path / "home"
    cases = collect_rows(environment_at(home), [rows], make_trials(few)).cases
    assert not home.exists()
    # The same decisions in a ledger that is kept, asked one gate after the other.
    ledger = Ledger(elsewhere(environment_at(home), home))
    in_order = sorted(rows, key=msgspec.json.encode)
    with ledger.writing(ACTOR) as transaction:
        shelf = seed(transaction, 0, in_order)
    by_id = {row.id: row for row in rows}
    with ledger.reading() as connection:
        for case in cases:
            for gate, shown in zip(few, case.shown, strict=True):
                found = match_topic(connection, shelf.repository_id, by_id[case.id].topic, gate)
                assert shown == {each.decision_id for each in found}
    ledger.close()


def test_a_person_s_own_home_is_not_touched(tmp_path: Path) -> None:
    """Data sets are asked elsewhere, whatever ledger the variables name."""
    home = tmp_path / "home"
    url = f"sqlite:///{tmp_path / 'team.sqlite3'}"
    environment = replace(environment_at(home), variables={"BICAMERAL_LEDGER_URL": url})
    collected = collect_rows(environment, [[a_row()]], make_trials(GATES.tried))
    assert len(collected.cases) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_row_of_a_large_set_is_about_what_it_wants_or_what_comes_nearest() -> None:
    """Or one ledger of many rows would be one family, and nothing could be held out."""
    made = world(4)
    shared = made.words(2)
    rows = []
    for row in made.rows(8, shared=3, unknown=0, is_wanted=True):
        [own] = row.decisions
        # Every decision holds the same two words in passing.
        own = msgspec.structs.replace(own, description=f"{own.description} {' '.join(shared)}")
        topic = f"{row.topic} {shared[0]}"
        rows.append(identified(msgspec.structs.replace(row, topic=topic, decisions=[own])))
    assert len(families_of(collected_from(rows).cases)) == 8

"""The gates that are tried: the default among them, and an order among equals that is stated."""

import pytest

from bicameral.preflight.topic import Gate, decide, read_evidence
from bicameral.review.calibration.calibrating import gates_around
from bicameral.review.calibration.gates import (
    CalibrationRow,
    GateValues,
    values_of,
    why_refused,
)
from bicameral.review.calibration.grid import KNOBS, all_gates, by_preference, distance
from bicameral.review.calibration.trials import make_trials, shown_by
from tests.preflight.test_topic import a_ledger, a_random_ledger


def test_the_default_is_in_the_grid_and_every_number_can_go_either_way() -> None:
    """A grid that begins at the default could only learn in one direction."""
    assert Gate() in all_gates()
    for knob in KNOBS:
        assert min(knob.values) < getattr(Gate(), knob.name) < max(knob.values), knob.name


def test_every_gate_tried_is_one_that_may_be_applied() -> None:
    """A proposal that the server then refuses would be worse than none."""
    for gate in all_gates():
        assert why_refused(row_of(values_of(gate))) == ""


def row_of(values: GateValues) -> CalibrationRow:
    return CalibrationRow(ts="t", action="apply", who="w", gate=values, previous=values, package="")


@pytest.mark.parametrize(
    ("gate", "steps"),
    [
        (Gate(), 0),
        (Gate(coverage=0.5), 1),
        (Gate(coverage=0.4, lone_coverage=0.7), 3),
        (Gate(commonest=0.4), 2),
        (Gate(always_rare=2), 1),
        (Gate(of_best=0.8, most=1), 3),
        (Gate(coverage=0.65), 0.5),
    ],
)
def test_the_distance_counts_steps(gate: Gate, steps: float) -> None:
    """One step of each number, as the page lists them."""
    assert distance(gate, Gate()) == distance(Gate(), gate) == steps


def test_the_nearest_come_first_and_of_those_the_most_silent() -> None:
    """Among gates that cost the same, change least; and if something must change, show less."""
    present = Gate(coverage=0.7)
    ordered = by_preference([*all_gates(), present, present], present)
    assert len(ordered) == len(all_gates())
    assert ordered[0] == present
    assert [distance(gate, present) for gate in ordered] == sorted(
        distance(gate, present) for gate in ordered
    )
    at_one_step = [gate for gate in ordered if distance(gate, present) == 1]
    assert at_one_step[0] == Gate(coverage=0.8)
    assert at_one_step[-1] == Gate(coverage=0.6)


def test_a_gate_beside_the_grid_is_tried_too() -> None:
    """The one in force may come from another version."""
    odd = Gate(coverage=0.55, most=4)
    gates = gates_around(odd)
    assert gates.tried[gates.present] == odd
    assert gates.tried[gates.default] == Gate()
    assert len(gates.tried) == len(all_gates()) + 1


@pytest.mark.parametrize("seed", range(6))
def test_trials_show_what_each_gate_shows_alone(seed: int) -> None:
    """What is shared between gates is a saving of time and nothing else."""
    gates = all_gates()[seed::97]
    topics = ["invoice retry gateway", "payment gateway kafka unheard", "quota", "vault shard x"]
    trials = make_trials(gates)
    with a_ledger(a_random_ledger(seed)) as (connection, repository_id):
        for topic in topics:
            evidence = read_evidence(connection, repository_id, topic, trials.counting)
            alone = [frozenset(e.decision_id for e in decide(evidence, gate)) for gate in gates]
            assert shown_by(evidence, trials) == alone

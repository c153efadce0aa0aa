"""Trials: many gates on one reading of the ledger, with what they have in common done once.

A gate counts words (two of its numbers) and then chooses among decisions (the other four);
thousands of gates are a few ways to count and some hundred ways to choose. Both steps are
those of the preflight itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bicameral.preflight.topic import Evidence, Gate, choose, shares_enough, weigh


@dataclass(frozen=True, slots=True)
class Trials:
    """The gates tried, and how each is put together.

    `plan` gives for each gate the number of its way to count and of its way to choose.
    Whatever any of the gates lets through, `laxest` lets through by its share.
    """

    gates: Sequence[Gate]
    counting: Sequence[Gate]
    choosing: Sequence[Gate]
    plan: Sequence[tuple[int, int]]
    laxest: Gate


def make_trials(gates: Sequence[Gate]) -> Trials:
    """Return the trials of some gates."""
    counting = {_count_of(gate): gate for gate in gates}
    choosing = {_choice_of(gate): gate for gate in gates}
    count_numbers = {each: number for number, each in enumerate(counting)}
    choice_numbers = {each: number for number, each in enumerate(choosing)}
    return Trials(
        gates=gates,
        counting=tuple(counting.values()),
        choosing=tuple(choosing.values()),
        plan=[(count_numbers[_count_of(g)], choice_numbers[_choice_of(g)]) for g in gates],
        laxest=replace(
            gates[0],
            coverage=min(gate.coverage for gate in gates),
            lone_coverage=min(gate.lone_coverage for gate in gates),
        ),
    )


def shown_by(evidence: Evidence, trials: Trials) -> list[frozenset[str]]:
    """Return the decisions that each gate shows."""
    weighed = [
        tuple(each for each in weigh(evidence, gate) if shares_enough(each, trials.laxest))
        for gate in trials.counting
    ]
    chosen = {
        held: [frozenset(e.decision_id for e in choose(held, gate)) for gate in trials.choosing]
        for held in set(weighed)
    }
    tables = [chosen[held] for held in weighed]
    return [tables[count][choice] for count, choice in trials.plan]


def _count_of(gate: Gate) -> tuple[float, int]:
    return gate.commonest, gate.always_rare


def _choice_of(gate: Gate) -> tuple[float, float, float, int]:
    return gate.coverage, gate.lone_coverage, gate.of_best, gate.most

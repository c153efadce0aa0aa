"""Small makers for the tests of calibration: an environment, cases, and a fit over them."""

import tempfile
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

from bicameral.preflight.topic import Gate
from bicameral.review.calibration.calibrating import check_enough, gates_around
from bicameral.review.calibration.cases import Case, Collected
from bicameral.review.calibration.datasets import collect_rows
from bicameral.review.calibration.fitting import Fit, Gates, fit
from bicameral.review.calibration.trials import make_trials
from bicameral.review.dataset import EvalRow
from tests.conftest import environment_at

DEFAULT = Gate()


def collected_from(*data_sets: Sequence[EvalRow], present: Gate = DEFAULT) -> Collected:
    """Run the rows on a real ledger."""
    with tempfile.TemporaryDirectory() as folder:
        return collect_rows(
            environment_at(Path(folder)), data_sets, make_trials(gates_around(present).tried)
        )


def fitted_to(
    *data_sets: Sequence[EvalRow], present: Gate = DEFAULT, ratio: float = 2, folds: int = 5
) -> Fit:
    """Fit the gate to data sets, as the command does."""
    collected = collected_from(*data_sets, present=present)
    check_enough(collected, folds=folds)
    gates = gates_around(present)
    return fit(collected.cases, gates, ratio=Fraction(ratio), folds=folds)


def proposed(fitted: Fit) -> Gate:
    return fitted.gates.tried[fitted.proposed_gate]


TWO_GATES = Gates((Gate(), Gate(coverage=0.4)), present=0, default=0)


def a_case(
    key: str,
    *,
    wanted: Iterable[str] = (),
    unwanted: Iterable[str] = (),
    shown: Sequence[Iterable[str]] = ((), ()),
    kin: Iterable[str] = (),
) -> Case:
    """Make a case by hand; `shown` is what each of the gates shows."""
    return Case(
        key=key,
        id=key,
        is_own=False,
        topic=f"topic of {key}",
        shown=[frozenset(each) for each in shown],
        wanted=frozenset(wanted),
        unwanted=frozenset(unwanted),
        kin=frozenset(kin or {key}),
        titles={},
    )

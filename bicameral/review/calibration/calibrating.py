"""A calibration from beginning to end: gather what is labelled, refuse too little, and fit.

Nothing is written here: not to the person's ledger, not to the data home.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from bicameral.environment import Environment
from bicameral.errors import TooFewLabels
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import View
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.cases import MEANINGS, Collected
from bicameral.review.calibration.datasets import collect_rows
from bicameral.review.calibration.fitting import Fit, Gates, fit
from bicameral.review.calibration.folds import families_of, unwanted_of, wanted_of
from bicameral.review.calibration.grid import all_gates, by_preference
from bicameral.review.calibration.own_labels import OwnLedger, collect_own
from bicameral.review.calibration.trials import make_trials
from bicameral.review.dataset import REAL_DATASET
from bicameral.review.evaluation.reading import read_dataset

FEWEST = 20
"""Of wanted pairs and of unwanted ones; below it, one pair is more than 5 % of its side."""
DEFAULT_RATIO = Fraction(2)
"""One miss counts as two false fires: show what is wanted at least one time in three."""
DEFAULT_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was labelled, and what fitting the gate to it found."""

    collected: Collected
    fit: Fit


def calibrate(
    environment: Environment,
    ledger: Ledger,
    *,
    start: Path,
    data: Sequence[Path],
    present: Gate,
    ratio: Fraction = DEFAULT_RATIO,
    folds: int = DEFAULT_FOLDS,
) -> Calibration:
    """Fit the gate to the labels of this home and the rows of the data sets.

    `start` is a folder of the repository, whose own data set is used if it is there; `data`
    are further ones. Raises `TooFewLabels`, `DatasetRefused`, `NotARepository`, `LedgerError`
    and `OSError`.
    """
    workspace = Workspace(environment, ledger, start=start)
    gates = gates_around(present)
    trials = make_trials(gates.tried)
    own_set = workspace.repository.root / REAL_DATASET
    data_sets = [read_dataset(path) for path in (*([own_set] if own_set.exists() else []), *data)]
    collected = collect_rows(environment, data_sets, trials)
    promoted = {row.id for rows in data_sets for row in rows}
    with ledger.reading() as connection:
        here = workspace.view(connection)

        def view_of(repository_id: str) -> View:
            is_here = here is not None and here.repository_id == repository_id
            return here if here and is_here else View(repository_id)

        own = OwnLedger(connection, view_of)
        collected.add(collect_own(environment.home, own, trials, promoted=promoted))
    check_enough(collected, folds=folds)
    return Calibration(collected, fit(collected.cases, gates, ratio=ratio, folds=folds))


def gates_around(present: Gate) -> Gates:
    """Return the gates to try: the grid, the one in force and the default."""
    tried = by_preference([*all_gates(), present, Gate()], present)
    return Gates(tried, present=tried.index(present), default=tried.index(Gate()))


def check_enough(collected: Collected, *, folds: int) -> None:
    """Raise `TooFewLabels`, with what is there and what is missing, where it is not enough."""
    wanted, unwanted = wanted_of(collected.cases), unwanted_of(collected.cases)
    families = len(families_of(collected.cases))
    if min(wanted, unwanted) < FEWEST:
        missing = {"wanted": FEWEST - wanted, "unwanted": FEWEST - unwanted}
        more = " and ".join(f"{count} {side}" for side, count in missing.items() if count > 0)
        raise TooFewLabels(
            f"{wanted} wanted and {unwanted} unwanted decisions are labelled in a way that the "
            f"gate decides; {FEWEST} of each are needed, so {more} more{left_out(collected)}",
            next_step=_HOW_TO_GET_MORE,
        )
    if families < folds:
        raise TooFewLabels(
            f"the labels are about {families} different topics and decisions; {folds} folds "
            f"need {folds}{left_out(collected)}",
            next_step=f"label other topics, or take fewer folds (at least 2, at most {families})"
            if families > 1
            else _HOW_TO_GET_MORE,
        )


def left_out(collected: Collected) -> str:
    """Return in words which rows were left out and why; nothing if none was."""
    counts = [(collected.left_out[each], meaning) for each, meaning in MEANINGS.items()]
    told = ", ".join(f"{count} ({meaning})" for count, meaning in counts if count)
    return f"; rows left out: {told}" if told else ""


_HOW_TO_GET_MORE = (
    "label suspects with `bicameral-mcp triage next`: real_miss and not_a_failure say what is "
    "wanted, real_false_fire what is not, where BICAMERAL_TELEMETRY=raw captured their topics; "
    "or name a data set with --data"
)

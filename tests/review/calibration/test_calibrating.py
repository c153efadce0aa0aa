"""A calibration from beginning to end: enough labels or a refusal that says what is missing."""

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from bicameral.errors import DatasetRefused, NotARepository, TooFewLabels
from bicameral.ledger.database import Ledger
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.calibrating import FEWEST, Calibration, calibrate, check_enough
from bicameral.review.calibration.cases import Collected
from bicameral.review.calibration.report import document_of, evidence_of
from bicameral.review.dataset import REAL_DATASET, EvalRow
from tests.conftest import GIT_VARIABLES, Repository, environment_at
from tests.review.calibration.parts import DEFAULT, a_case
from tests.review.calibration.worlds import identified, misses_by_share, world

Calibrate = Callable[..., Calibration]


@pytest.fixture
def calibrated(tmp_path: Path, repository: Repository) -> Calibrate:
    """Calibrate in a repository, with these rows as its own data set or in other files."""

    def run(
        own: Iterable[EvalRow] = (), *others: Iterable[EvalRow], present: Gate = DEFAULT
    ) -> Calibration:
        write(repository.root / REAL_DATASET, own)
        data = [write(tmp_path / f"data{number}.jsonl", rows) for number, rows in enumerate(others)]
        environment = replace(environment_at(tmp_path / "home"), variables=GIT_VARIABLES)
        with closing(Ledger(environment)) as ledger:
            return calibrate(environment, ledger, start=repository.root, data=data, present=present)

    return run


def write(path: Path, rows: Iterable[EvalRow]) -> Path:
    lines = [msgspec.json.encode(row) + b"\n" for row in rows]
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lines))
    return path


def some(*, wanted: int, unwanted: int) -> Collected:
    cases = [a_case(f"w{n}", wanted=["d"]) for n in range(wanted)]
    return Collected([*cases, *(a_case(f"u{n}", unwanted=["d"]) for n in range(unwanted))])


@pytest.mark.parametrize(
    ("wanted", "unwanted", "missing"),
    [
        (0, 0, "20 wanted and 20 unwanted more"),
        (19, 40, "1 wanted more"),
        (25, 7, "13 unwanted more"),
        (12, 19, "8 wanted and 1 unwanted more"),
    ],
)
def test_too_few_labels_are_refused_with_what_is_there_and_what_is_missing(
    wanted: int, unwanted: int, missing: str
) -> None:
    """Both counts exactly, and how to get there."""
    with pytest.raises(TooFewLabels) as caught:
        check_enough(some(wanted=wanted, unwanted=unwanted), folds=5)
    assert caught.value.message.startswith(f"{wanted} wanted and {unwanted} unwanted decisions")
    assert f"so {missing}" in caught.value.message
    assert "bicameral-mcp triage next" in caught.value.next_step


def test_just_enough_is_enough() -> None:
    """Twenty of each, and as many families as folds."""
    assert FEWEST == 20
    check_enough(some(wanted=20, unwanted=20), folds=5)


def test_labels_about_too_few_things_are_refused() -> None:
    """Three families cannot be held out five times."""
    few = Collected(
        [
            a_case(f"{n}", wanted=["d"] * (n % 2), unwanted=["d"] * (1 - n % 2), kin=f"{n % 3}")
            for n in range(60)
        ]
    )
    with pytest.raises(TooFewLabels, match="about 3 different") as caught:
        check_enough(few, folds=5)
    assert "at most 3" in caught.value.next_step
    check_enough(few, folds=3)
    one = Collected([a_case(case.key, wanted="d", unwanted="u", kin="x") for case in few.cases])
    with pytest.raises(TooFewLabels, match="about 1 different") as caught:
        check_enough(one, folds=2)
    assert "triage next" in caught.value.next_step


def test_a_refusal_says_which_rows_were_left_out_and_why(calibrated: Calibrate) -> None:
    """Somebody who labelled fifty rows must not be told that there are none."""
    rows = [
        identified(msgspec.structs.replace(row, label="borderline")) for row in misses_by_share(3)
    ]
    with pytest.raises(TooFewLabels, match=r"6 \(labelled as borderline\)"):
        calibrated(rows)


def test_the_repository_s_own_data_set_is_used(calibrated: Calibrate) -> None:
    """Rows that were promoted there need no option."""
    assert calibrated(misses_by_share()).fit.verdict == "fitted"


def test_further_data_sets_are_used_beside_it(calibrated: Calibrate) -> None:
    """Neither alone would be enough."""
    rows = misses_by_share()
    assert calibrated(rows[:25], rows[25:]).fit.verdict == "fitted"


def test_a_file_that_is_not_there_or_no_data_set_is_refused(
    tmp_path: Path, calibrated: Calibrate
) -> None:
    """A misspelt name must not look like too few labels."""
    (tmp_path / "data0.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(DatasetRefused, match="line 1"):
        calibrated((), ())
    with pytest.raises(DatasetRefused, match="cannot be read"):
        calibrated((), misses_by_share(), ())


def test_outside_a_repository_it_says_so(tmp_path: Path) -> None:
    """The data set of a repository is part of the question."""
    environment = replace(environment_at(tmp_path / "home"), variables=GIT_VARIABLES)
    with closing(Ledger(environment)) as ledger, pytest.raises(NotARepository):
        calibrate(environment, ledger, start=tmp_path, data=[], present=Gate())


def test_what_is_reported_adds_up(calibrated: Calibrate) -> None:
    """A person checks the sums before they trust the proposal."""
    found = calibrated(misses_by_share())
    document = document_of(found)
    assert document["labels"]["wanted"] == document["labels"]["unwanted"] == 25
    assert document["changed"] == {"coverage": [0.6, 0.4]}
    assert (document["gate"]["coverage"], document["proposed"]["coverage"]) == (0.6, 0.4)
    for name in ("present", "default", "fitted"):
        for figure in ("cost", "misses", "false_fires"):
            parts = [fold[name][figure] for fold in document["folds"]]
            assert sum(parts) == document["held_out"][name][figure]
    assert document["held_out"]["present"] == {"cost": 50, "misses": 25, "false_fires": 0}
    assert document["all_rows"]["proposed"] == {"cost": 0, "misses": 0, "false_fires": 0}
    assert document["own_rows"]["rows"] == 0
    assert len(document["changes"]) == 25
    assert all(each["is_better"] and each["is_wanted"] for each in document["changes"])
    assert document["sign_test"] == {"better": 25, "worse": 0, "alike": 25, "probability": 0.0}


def test_the_evidence_of_an_apply_holds_ids_and_figures_and_no_text(
    calibrated: Calibrate,
) -> None:
    """It stays in the home for good."""
    rows = misses_by_share()
    evidence = evidence_of(calibrated(rows))
    assert evidence["rows"] == sorted(row.id for row in rows)
    text = msgspec.json.encode(evidence).decode()
    assert not any(word in text for row in rows for word in row.topic.split())
    assert msgspec.json.decode(text) == evidence


def test_the_gate_in_force_is_what_a_proposal_is_measured_against(calibrated: Calibrate) -> None:
    """With the best gate in force already, there is nothing to propose."""
    found = calibrated(misses_by_share(), present=Gate(coverage=0.4))
    assert found.fit.verdict == "keep"
    assert found.fit.default.misses == 25


def test_many_rows_take_little_time_and_are_all_counted(calibrated: Calibrate) -> None:
    """Two hundred labelled rows in one ledger."""
    made = world(3)
    rows = made.rows(100, shared=3, unknown=3, is_wanted=True)
    rows += made.rows(100, shared=2, unknown=3, is_wanted=False)
    document = document_of(calibrated(rows))
    assert (document["labels"]["rows"], document["labels"]["families"]) == (200, 200)
    assert document["changed"] == {"coverage": [0.6, 0.4]}

"""`eval`: the data sets run through the real preflight, each on a ledger seeded for it.

Everything happens in temporary folders with data homes of their own and capture off; the
person's ledger, home and repository are not touched, but for the files that are asked for.
"""

import itertools
import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bicameral.cli.eval_page import show
from bicameral.cli.execution import Work
from bicameral.cli.progress import ProgressBar
from bicameral.environment import Environment, prepare_home
from bicameral.errors import NotARepository
from bicameral.grounding.repository import Repository
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.gates import CALIBRATIONS_FILE, read_gate
from bicameral.review.dataset import REAL_DATASET, EvalRow
from bicameral.review.evaluation.asking import Outcome, run_rows
from bicameral.review.evaluation.baseline import (
    Baseline,
    Comparison,
    baseline_of,
    compare_with_baseline,
    read_baseline,
    write_baseline,
)
from bicameral.review.evaluation.divergence import compare
from bicameral.review.evaluation.junit import as_junit
from bicameral.review.evaluation.reading import read_dataset
from bicameral.review.evaluation.record import (
    record_of_comparison,
    record_of_divergence,
    record_of_set,
)
from bicameral.review.evaluation.seeding import Call
from bicameral.review.evaluation.shipped import SYNTHETIC_DATASET

MOST_REPEATS = 100
_OWN_VARIABLES = ("BICAMERAL_", "CLAUDE_")


def configure(parser: ArgumentParser) -> None:
    """Take the data sets, what to compare with, and what to write."""
    parser.add_argument("--synthetic", metavar="FILE", help="another synthetic set than our own")
    parser.add_argument("--real", metavar="FILE", help=f"the real set (default: {REAL_DATASET})")
    parser.add_argument("--only", choices=("synthetic", "real"), help="run one of the two")
    parser.add_argument(
        "--baseline", metavar="FILE", help="end with 1 where the run is worse than this one"
    )
    parser.add_argument(
        "--write-baseline", metavar="FILE", help="keep this run's quality to compare later ones"
    )
    parser.add_argument(
        "--fail-on-divergence",
        action="store_true",
        help="end with 1 where the real set differs from the synthetic one",
    )
    parser.add_argument("--junit", metavar="FILE", help="write JUnit XML: a test case for each row")
    parser.add_argument(
        "--wrong", action="store_true", help="list the rows that are not answered as they should be"
    )
    parser.add_argument(
        "--default-gate", action="store_true", help="leave out what `calibrate` applied here"
    )
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        metavar="N",
        help=f"ask each row N times, for steadier latencies (1 to {MOST_REPEATS})",
    )


@dataclass(frozen=True, slots=True)
class Ran:
    """What one data set came to; no outcomes where it has no rows yet."""

    path: Path
    outcomes: list[Outcome]


def run(work: Work, options: Namespace) -> int:
    """Run the sets, show what came out, and say by the status whether it is good enough."""
    _check(options)
    before = read_baseline(work.start / options.baseline) if options.baseline else None
    started = work.environment.monotonic_ns()
    done = _evaluate(work, options)
    outcomes = {name: each.outcomes for name, each in done.items()}
    record = _record(done, before)
    record["gate"] = _gate_in_force(work, is_default=options.default_gate)
    record["seconds"] = round((work.environment.monotonic_ns() - started) / 1e9, 1)
    record["status"] = _status(record, options)
    if options.junit:
        (work.start / options.junit).write_text(as_junit(outcomes), encoding="utf-8")
    if options.write_baseline:
        _write_baseline(work.start / options.write_baseline, baseline_of(outcomes))
    record["written"] = {"junit": options.junit, "baseline": options.write_baseline}
    work.show(record, lambda answer, page: show(answer, page, lists_wrong=options.wrong))
    return int(record["status"])


def _write_baseline(path: Path, baseline: Baseline) -> None:
    """Write what was run; a set that was left out by `--only` stays as it was."""
    known = read_baseline(path).sets if path.is_file() else {}
    write_baseline(path, Baseline(sets={**known, **baseline.sets}))


def _check(options: Namespace) -> None:
    if not 1 <= options.repeat <= MOST_REPEATS:
        options.refuse(f"--repeat takes a number from 1 to {MOST_REPEATS}")
    for name, other in (("synthetic", "real"), ("real", "synthetic")):
        if getattr(options, name) and options.only == other:
            options.refuse(f"--{name} does not go with --only {other}")
    if options.fail_on_divergence and options.only:
        options.refuse(f"--fail-on-divergence needs both sets, so not --only {options.only}")


def _evaluate(work: Work, options: Namespace) -> dict[str, Ran]:
    paths = _datasets(work, options)
    rows = {}
    for name, path in paths.items():
        # Only the real set may be missing: it begins with the first row that is promoted.
        is_none_yet = name == "real" and not options.real and not path.is_file()
        rows[name] = [] if is_none_yet else read_dataset(path)
    return {
        name: Ran(paths[name], _run(work, options, found) if found else [])
        for name, found in rows.items()
    }


def _datasets(work: Work, options: Namespace) -> dict[str, Path]:
    synthetic, real = options.synthetic, options.real
    found = {
        "synthetic": work.start / synthetic if synthetic else SYNTHETIC_DATASET,
        "real": work.start / real if real else _root(work) / REAL_DATASET,
    }
    return {name: path for name, path in found.items() if options.only in {None, name}}


def _root(work: Work) -> Path:
    try:
        return Repository.discover(work.start, work.environment.variables).root
    except NotARepository:
        return work.start


def _run(work: Work, options: Namespace, rows: Sequence[EvalRow]) -> list[Outcome]:
    bar = ProgressBar(sys.stderr, work.environment.monotonic_ns)
    calibrations = None if options.default_gate else _calibrations(work)

    @contextmanager
    def open_tools(root: Path, home: Path) -> Iterator[Call]:
        environment = elsewhere(work.environment, root=root, home=home)
        prepare_home(home)
        if calibrations:
            shutil.copyfile(calibrations, home / CALIBRATIONS_FILE)
        desk = work.connect(
            environment,
            start=root,
            session_id="evaluation",
            ends_session=False,
            progress=lambda _step, _done, _total: None,
            trace=False,  # made-up preflights: they would push the real ones out of sight
        )
        try:
            yield desk.call
        finally:
            desk.close()

    try:
        return run_rows(
            rows,
            open_tools=open_tools,
            variables=elsewhere(work.environment, root=work.start, home=work.start).variables,
            monotonic_ns=work.environment.monotonic_ns,
            repeat=options.repeat,
            progress=bar,
        )
    finally:
        bar.clear()


def elsewhere(environment: Environment, *, root: Path, home: Path) -> Environment:
    """Return an environment that knows nothing of the person's ledger, session or capture."""
    variables = environment.variables.items()
    own = {name: value for name, value in variables if not name.startswith(_OWN_VARIABLES)}
    # Ids rise as they are made: decisions that score alike come in the same order every time.
    numbers = itertools.count(1)
    return replace(
        environment,
        home=home,
        cwd=root,
        variables={**own, "BICAMERAL_TELEMETRY": "off"},
        random_bytes=lambda length: next(numbers).to_bytes(length, "big"),
    )


def _calibrations(work: Work) -> Path | None:
    path = work.environment.home / CALIBRATIONS_FILE
    return path if path.is_file() else None


def _gate_in_force(work: Work, *, is_default: bool) -> str:
    gate = Gate() if is_default else read_gate(work.environment.home, work.environment.warn)
    return "default" if gate == Gate() else "calibrated"


def _record(done: Mapping[str, Ran], before: Baseline | None) -> dict[str, Any]:
    record: dict[str, Any] = {
        "sets": {name: record_of_set(ran.path, ran.outcomes) for name, ran in done.items()},
        "divergence": None,
        "baseline": None,
    }
    if all(name in done and done[name].outcomes for name in ("real", "synthetic")):
        divergence = compare(done["real"].outcomes, done["synthetic"].outcomes)
        record["divergence"] = record_of_divergence(divergence)
    if before:
        record["baseline"] = {
            name: record_of_comparison(_compared(ran.outcomes, before, name))
            for name, ran in done.items()
        }
    return record


def _compared(outcomes: Sequence[Outcome], before: Baseline, name: str) -> Comparison:
    known = before.sets.get(name)
    return compare_with_baseline(outcomes, known) if known else Comparison((), (), len(outcomes))


def _status(record: dict[str, Any], options: Namespace) -> int:
    compared = (record["baseline"] or {}).values()
    is_worse = any(each["regressions"] for each in compared)
    differs = bool(record["divergence"] and record["divergence"]["alarm"])
    return int(is_worse or (differs and options.fail_on_divergence))

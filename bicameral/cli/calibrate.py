"""`calibrate`: fit the topic gate to labelled rows; show what would change before it does."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import msgspec

from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, count
from bicameral.ledger.database import open_ledger
from bicameral.review.calibration.calibrating import (
    DEFAULT_FOLDS,
    DEFAULT_RATIO,
    Calibration,
    calibrate,
)
from bicameral.review.calibration.cases import MEANINGS
from bicameral.review.calibration.gates import CalibrationRow, read_gate
from bicameral.review.calibration.records import apply_gate, read_history, revert_gate
from bicameral.review.calibration.report import document_of, evidence_of
from bicameral.review.evaluation.shipped import SYNTHETIC_DATASET
from bicameral.review.triage.labels import person_at_work

LARGEST_RATIO = 100
FEWEST_FOLDS, MOST_FOLDS = 2, 20
MOST_CHANGES = 20
SMALLEST_SHOWN = 0.001
_TAKES_EFFECT = "servers use it from their next start, commands at once"


SYNTHETIC = "synthetic"


def configure(parser: ArgumentParser) -> None:
    """Take what to learn from, what a miss costs, and what to do with the result."""
    parser.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="FILE",
        help="a data set to use beside the repository's own and your labels, or the word "
        "`synthetic` for the one in the package; may be repeated",
    )
    parser.add_argument(
        "--cost",
        type=_ratio,
        default=DEFAULT_RATIO,
        metavar="RATIO",
        help=f"how many false fires one miss costs (default: {DEFAULT_RATIO})",
    )
    parser.add_argument(
        "--folds",
        type=_folds,
        default=DEFAULT_FOLDS,
        metavar="K",
        help=f"parts for cross-validation, {FEWEST_FOLDS} to {MOST_FOLDS} "
        f"(default: {DEFAULT_FOLDS})",
    )
    parser.add_argument("--by", metavar="NAME", help="who applies or reverts (default: you)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="put the proposed gate in force")
    what.add_argument("--revert", action="store_true", help="bring back the gate before the last")
    what.add_argument("--history", action="store_true", help="show every gate that was applied")


def run(work: Work, options: Namespace) -> int:
    """Do one of the four."""
    environment = work.environment
    who = person_at_work(environment.variables, options.by)
    if options.history:
        work.show(_history(work), _show_history)
    elif options.revert:
        work.show(_row_document(revert_gate(environment, who=who)), _show_reverted)
    else:
        found = _calibrate(work, options)
        document = {**document_of(found), "applied": None}
        if options.apply and found.fit.verdict != "keep":
            gate = found.fit.gates.tried[found.fit.proposed_gate]
            row = apply_gate(environment, gate, evidence=evidence_of(found), who=who)
            document["applied"] = {"ts": row.ts, "who": row.who}
        work.show(document, _show_calibration)
    return 0


def _calibrate(work: Work, options: Namespace) -> Calibration:
    with closing(open_ledger(work.environment)) as ledger:
        return calibrate(
            work.environment,
            ledger,
            start=work.start,
            data=[
                SYNTHETIC_DATASET if name == SYNTHETIC else work.start / name
                for name in options.data
            ],
            present=read_gate(work.environment.home, work.environment.warn),
            ratio=options.cost,
            folds=options.folds,
        )


def _history(work: Work) -> Answer:
    history = read_history(work.environment.home)
    return {
        "gate": asdict(read_gate(work.environment.home, work.environment.warn)),
        "rows": [_row_document(row) for row in history.rows],
        "skipped": history.skipped,
    }


def _row_document(row: CalibrationRow) -> dict[str, Any]:
    return dict(msgspec.to_builtins(row))


def _ratio(text: str) -> Fraction:
    try:
        ratio = Fraction(text)
    except (ValueError, ZeroDivisionError):
        ratio = Fraction(0)
    if not 0 < ratio <= LARGEST_RATIO:
        raise ArgumentTypeError(f"{text!r} is no number above 0 and up to {LARGEST_RATIO}")
    return ratio


def _folds(text: str) -> int:
    if not (text.isdecimal() and FEWEST_FOLDS <= int(text) <= MOST_FOLDS):
        raise ArgumentTypeError(f"{text!r} is no number from {FEWEST_FOLDS} to {MOST_FOLDS}")
    return int(text)


# How it looks.


def _show_calibration(answer: Answer, page: Page) -> None:
    _show_labels(answer, page)
    page.line()
    _show_folds(answer, page)
    page.line()
    if answer["verdict"] == "keep":
        page.line("keep the gate you have", style="bold")
        page.line("on rows that the fit had not seen, nothing costs less", indent=2)
        return
    _show_proposal(answer, page)
    page.line()
    if answer["applied"]:
        page.line(f"applied by {answer['applied']['who']}: {_TAKES_EFFECT}", style="green")
        page.line("take it back with `bicameral-mcp calibrate --revert`")
    else:
        page.line("nothing was written; put it in force with --apply")


def _show_labels(answer: Answer, page: Page) -> None:
    labels = answer["labels"]
    page.line(
        f"{count(labels['rows'], 'labelled row')} that the topic gate decides, "
        f"{labels['own_rows']} of them your own",
        style="bold",
    )
    page.facts(
        f"{labels['wanted']} decisions wanted, {labels['unwanted']} unwanted",
        f"one miss costs {_number(answer['cost_ratio'])} false fires",
        indent=2,
    )
    for reason, rows in labels["left_out"].items():
        page.facts(f"{count(rows, 'row')} left out: {MEANINGS[reason]}", indent=2)
    if answer["applied"] and not labels["own_rows"]:
        page.line("none of these rows is yours: it may fit others better than you", style="yellow")
    if labels["out_of_reach"]:
        told = count(labels["out_of_reach"], "wanted decision")
        page.facts(f"{told} beyond every gate tried: other words than the topic", indent=2)


def _show_folds(answer: Answer, page: Page) -> None:
    page.line("cost on rows that the fit had not seen (misses + false fires)", style="bold")
    page.line(_columns("fold", "rows", "your gate", "default", "fitted"), is_wrapped=False)
    for each in answer["folds"]:
        page.line(_columns(str(each["fold"]), str(each["rows"]), *_costs(each)), is_wrapped=False)
    total = _columns("all", str(answer["labels"]["rows"]), *_costs(answer["held_out"]))
    page.line(total, style="bold", is_wrapped=False)
    signs = answer["sign_test"]
    page.facts(
        f"of {answer['labels']['families']} families, {signs['better']} better and "
        f"{signs['worse']} worse than with your gate",
        f"chance alone would do as much in {_percent(signs['probability'])} of trials",
        indent=2,
    )


def _show_proposal(answer: Answer, page: Page) -> None:
    is_default = answer["verdict"] == "default"
    page.line("proposed gate" + (": the default" if is_default else ""), style="bold")
    for name, (before, after) in answer["changed"].items():
        page.line(f"{name}: {before:g} → {after:g}", indent=2, style="green")
    _show_before_and_after("on all rows", answer["all_rows"], page)
    if answer["own_rows"]["rows"]:
        _show_before_and_after("on your own labels", answer["own_rows"], page)
    page.line()
    changes = answer["changes"]
    page.line(f"{count(len(changes), 'decision')} would change sides", style="bold")
    for each in changes[:MOST_CHANGES]:
        _show_change(each, page)
    if len(changes) > MOST_CHANGES:
        page.line(f"and {len(changes) - MOST_CHANGES} more; see them with --json", style="dim")


def _show_before_and_after(where: str, found: Mapping[str, Any], page: Page) -> None:
    before, after = _figures(found["present"]), _figures(found["proposed"])
    page.line(f"{where}: cost {before} → {after}", indent=2)


def _show_change(each: Mapping[str, Any], page: Page) -> None:
    side = "shown" if each["is_shown"] else "left out"
    page.line(
        f"{'+' if each['is_better'] else '-'} {side}, {_wish(each)}: {each['title']}",
        indent=2,
        style="green" if each["is_better"] else "red",
    )
    page.facts(each.get("topic", ""), each["row"], indent=4)


def _wish(each: Mapping[str, Any]) -> str:
    return "wanted" if each["is_wanted"] else "not wanted"


def _columns(*cells: str) -> str:
    fold, rows, *costs = cells
    return f"  {fold:<5}{rows:>5}" + "".join(f"{cost:>16}" for cost in costs)


def _costs(found: Mapping[str, Any]) -> Sequence[str]:
    return [_figures(found[name]) for name in ("present", "default", "fitted")]


def _figures(found: Mapping[str, Any]) -> str:
    return f"{_number(found['cost'])} ({found['misses']} + {found['false_fires']})"


def _percent(probability: float) -> str:
    return "less than 0.1%" if probability < SMALLEST_SHOWN else f"{probability:.1%}"


def _number(value: float) -> str:
    return f"{value:.6g}"


def _show_reverted(answer: Answer, page: Page) -> None:
    page.line(f"reverted by {answer['who']}: {_TAKES_EFFECT}", style="green")
    _show_change_of_gate(answer, page)


def _show_history(answer: Answer, page: Page) -> None:
    for row in reversed(answer["rows"]):
        page.line(f"{row['action']} by {row['who']}", style="bold")
        page.facts(row["ts"], f"version {row['package']}", _rested_on(row), indent=2)
        _show_change_of_gate(row, page)
    if not answer["rows"]:
        page.line("no gate was ever applied; the default holds")
    if answer["skipped"]:
        page.line(f"{count(answer['skipped'], 'line')} that cannot be read", style="yellow")
    numbers = ", ".join(f"{name} {value:g}" for name, value in answer["gate"].items())
    page.line(f"in force: {numbers}")


def _show_change_of_gate(row: Mapping[str, Any], page: Page) -> None:
    names = [name for name in row["gate"] if row["gate"][name] != row["previous"][name]]
    for name in names:
        page.line(f"{name}: {row['previous'][name]:g} → {row['gate'][name]:g}", indent=2)


def _rested_on(row: Mapping[str, Any]) -> str:
    rows = row.get("evidence", {}).get("rows", ())
    return f"from {count(len(rows), 'labelled row')}" if isinstance(rows, list) else ""

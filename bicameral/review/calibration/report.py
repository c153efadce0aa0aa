"""A calibration as one document: for `--json`, for the page, and as the evidence of an apply.

It holds ids, titles, counts and figures. The topic of a row stands in it where a data set
gives it, and never where it was captured from a person's own work.
"""

from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from bicameral.preflight.topic import Gate
from bicameral.review.calibration.calibrating import Calibration
from bicameral.review.calibration.cases import Case
from bicameral.review.calibration.fitting import Change, Fit, HeldOut, Tally, changes, tally
from bicameral.review.calibration.folds import families_of, unwanted_of, wanted_of

Document = dict[str, Any]


def document_of(calibration: Calibration) -> Document:
    """Return all that a calibration found."""
    fit, collected = calibration.fit, calibration.collected
    tried = fit.gates.tried
    return {
        "verdict": fit.verdict,
        "gate": asdict(tried[fit.gates.present]),
        "proposed": asdict(tried[fit.proposed_gate]),
        "fitted": asdict(tried[fit.fitted_gate]),
        "changed": changed_numbers(tried[fit.gates.present], tried[fit.proposed_gate]),
        "labels": {
            **_counts(fit.cases),
            "own_rows": sum(case.is_own for case in fit.cases),
            "families": len(families_of(fit.cases)),
            "left_out": dict(sorted(collected.left_out.items())),
            "out_of_reach": collected.out_of_reach,
        },
        "cost_ratio": _number(fit.ratio),
        "gates_tried": len(tried),
        "folds": [_fold(number, each, fit.ratio) for number, each in enumerate(fit.folds, 1)],
        "held_out": {
            "present": _figures(fit.present, fit.ratio),
            "default": _figures(fit.default, fit.ratio),
            "fitted": _figures(fit.fitted, fit.ratio),
            "proposed": _figures(fit.proposed, fit.ratio),
        },
        "sign_test": {
            "better": fit.signs.better,
            "worse": fit.signs.worse,
            "alike": fit.signs.alike,
            "probability": round(fit.signs.probability, 4),
        },
        "all_rows": _before_and_after(fit, fit.cases),
        "own_rows": _before_and_after(fit, [case for case in fit.cases if case.is_own]),
        "changes": _changes(fit),
    }


def evidence_of(calibration: Calibration) -> Document:
    """Return what the record of an apply keeps: the figures, and the ids of the rows."""
    document = document_of(calibration)
    kept = ("labels", "cost_ratio", "folds", "held_out", "sign_test", "all_rows", "own_rows")
    rows = sorted(case.id for case in calibration.fit.cases)
    return {**{name: document[name] for name in kept}, "rows": rows}


def changed_numbers(before: Gate, after: Gate) -> dict[str, list[float]]:
    """Return the numbers that differ, each as before and after."""
    was, now = asdict(before), asdict(after)
    return {name: [was[name], now[name]] for name in was if was[name] != now[name]}


def _fold(number: int, each: HeldOut, ratio: Fraction) -> Document:
    return {
        "fold": number,
        **_counts(list(each.fold.cases)),
        "families": len(each.fold.families),
        "present": _figures(each.present, ratio),
        "default": _figures(each.default, ratio),
        "fitted": _figures(each.fitted, ratio),
    }


def _counts(cases: Sequence[Case]) -> Document:
    return {"rows": len(cases), "wanted": wanted_of(cases), "unwanted": unwanted_of(cases)}


def _before_and_after(fit: Fit, cases: Sequence[Case]) -> Document:
    return {
        **_counts(cases),
        "present": _figures(tally(cases, fit.gates.present), fit.ratio),
        "proposed": _figures(tally(cases, fit.proposed_gate), fit.ratio),
    }


def _figures(found: Tally, ratio: Fraction) -> Document:
    return {
        "cost": _number(found.cost(ratio)),
        "misses": found.misses,
        "false_fires": found.false_fires,
    }


def _number(value: Fraction) -> float:
    return value.numerator if value.denominator == 1 else round(float(value), 6)


def _changes(fit: Fit) -> list[Document]:
    """What it costs comes first: that is what a person has to weigh."""
    found = [_change(each) for each in changes(fit, to=fit.proposed_gate)]
    return sorted(found, key=lambda each: (each["is_better"], each["title"], each["row"]))


def _change(each: Change) -> Document:
    case = each.case
    found = {
        "row": case.id,
        "is_own": case.is_own,
        "title": case.titles[each.decision_id],
        "is_wanted": each.is_wanted,
        "is_shown": each.is_shown,
        "is_better": each.is_better,
    }
    # The ids of a data set's decisions are those of a ledger that is gone.
    return {
        **found,
        **({"decision_id": each.decision_id} if case.is_own else {"topic": case.topic}),
    }

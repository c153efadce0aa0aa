"""The baseline: what a run showed when it was last called good, and what has become worse.

Rows are compared by id, so a row that was added cannot hide one that got worse. Latencies
are no part of it: they belong to a machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from bicameral.errors import DatasetRefused
from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.figures import Counts, by_category, counts_of

SCHEMA = 1


class CategoryFigures(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one category came to; for people, for a run compares the rows themselves."""

    rows: int
    right: int
    fired: int
    precision: float | None
    recall: float | None


class SetBaseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One data set: the keys that each row showed, by the row's id."""

    rows: int
    right: int
    categories: dict[str, CategoryFigures]
    shown: dict[str, list[str]]


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A run that was called good."""

    schema: int = SCHEMA
    sets: dict[str, SetBaseline]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that shows something else than it did."""

    row_id: str
    category: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    got_worse: bool
    got_better: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """One data set against its baseline. `regressions` say in words what fails the run."""

    regressions: tuple[str, ...]
    changes: tuple[Change, ...]
    new_rows: int


def baseline_of(runs: Mapping[str, Sequence[Outcome]]) -> Baseline:
    """Return what is to be remembered of a run, by the names of its data sets."""
    return Baseline(sets={name: _set_of(outcomes) for name, outcomes in runs.items()})


def read_baseline(path: Path) -> Baseline:
    """Return a baseline that was written; raises `DatasetRefused` for anything else."""
    again = "write it anew with `bicameral-mcp eval --write-baseline FILE`"
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Baseline)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DatasetRefused(
            f"the baseline {path} cannot be read: {reason}", next_step=again
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DatasetRefused(f"{path} is no baseline: {error}", next_step=again) from error
    if found.schema > SCHEMA:
        raise DatasetRefused(
            f"{path}: `schema` {found.schema} is newer than this version knows ({SCHEMA})",
            next_step="use the version that wrote it, or a newer one",
        )
    return found


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Replace the file as a whole, or leave it as it was."""
    text = msgspec.json.format(msgspec.json.encode(baseline), indent=2) + b"\n"
    temporary = path.with_name(f"{path.name}.part")
    temporary.write_bytes(text)
    temporary.replace(path)


def compare_with_baseline(outcomes: Sequence[Outcome], before: SetBaseline) -> Comparison:
    """Say what became worse: fewer rows right, or a category worse by more than one row.

    A row that the baseline has and the data set has not fails too, or a data set could be
    emptied unseen. New rows and improvements never fail.
    """
    common = [each for each in outcomes if each.row.id in before.shown]
    was = [_as_it_was(each, before.shown[each.row.id]) for each in common]
    gone = before.shown.keys() - {each.row.id for each in outcomes}
    regressions = [*_of_all(was, common), *_of_categories(was, common)]
    if gone:
        regressions.append(f"rows of the baseline are gone: {', '.join(sorted(gone))}")
    pairs = zip(was, common, strict=True)
    changes = [_change(old, new) for old, new in pairs if set(old.shown) != set(new.shown)]
    return Comparison(tuple(regressions), tuple(changes), len(outcomes) - len(common))


def _as_it_was(outcome: Outcome, shown: Iterable[str]) -> Outcome:
    keys = tuple(shown)
    return replace(outcome, shown=keys, fired=bool(keys))


def _of_all(was: Sequence[Outcome], now: Sequence[Outcome]) -> Iterable[str]:
    before, after = counts_of(was), counts_of(now)
    if after.right < before.right:
        yield f"{after.right} of {after.rows} rows are right, {before.right} were"


def _of_categories(was: Sequence[Outcome], now: Sequence[Outcome]) -> Iterable[str]:
    after = {name: counts_of(rows) for name, rows in by_category(now).items()}
    for name, rows in by_category(was).items():
        yield from _of_category(name, counts_of(rows), after[name])


def _of_category(name: str, before: Counts, after: Counts) -> Iterable[str]:
    expecting = before.rows - before.silent
    for measure, rows in (("recall", expecting), ("precision", before.fired)):
        old, new = getattr(before, measure), getattr(after, measure)
        # The smallest step that one row can make; ratios of small counts jump by it.
        if old is not None and new is not None and old - new > 1 / rows + 1e-9:
            yield f"{name}: {measure} {new:.2f}, was {old:.2f}"


def _change(was: Outcome, now: Outcome) -> Change:
    return Change(
        row_id=now.row.id,
        category=now.row.category,
        was=was.shown,
        now=now.shown,
        got_worse=was.is_right and not now.is_right,
        got_better=now.is_right and not was.is_right,
    )


def _set_of(outcomes: Sequence[Outcome]) -> SetBaseline:
    counts = counts_of(outcomes)
    return SetBaseline(
        rows=counts.rows,
        right=counts.right,
        categories={
            name: _category_of(counts_of(rows)) for name, rows in by_category(outcomes).items()
        },
        shown={each.row.id: list(each.shown) for each in outcomes},
    )


def _category_of(counts: Counts) -> CategoryFigures:
    return CategoryFigures(
        rows=counts.rows,
        right=counts.right,
        fired=counts.fired,
        precision=_rounded(counts.precision),
        recall=_rounded(counts.recall),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)

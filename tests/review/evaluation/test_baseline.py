"""A baseline: worse fails and says where, better never does."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import DatasetRefused
from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.baseline import (
    Baseline,
    CategoryFigures,
    Comparison,
    baseline_of,
    compare_with_baseline,
    read_baseline,
    write_baseline,
)
from tests.review.evaluation.parts import outcome

GOOD = [
    *(outcome("a", "a", name=f"hit{n}") for n in range(4)),
    *(outcome("", "", name=f"quiet{n}", category="plain_silence") for n in range(4)),
    outcome("a", "", name="missed", category="jargon"),
]


def compared(now: list[Outcome], was: list[Outcome] | None = None) -> Comparison:
    """Compare with the baseline of another run."""
    return compare_with_baseline(now, baseline_of({"s": GOOD if was is None else was}).sets["s"])


def changed(**shown: str) -> list[Outcome]:
    """Return the good run with some rows shown otherwise, by their names."""
    return [
        outcome("".join(e.row.expected), shown[e.row.id], name=e.row.id, category=e.row.category)
        if e.row.id in shown
        else e
        for e in GOOD
    ]


def test_a_baseline_is_what_a_run_showed(tmp_path: Path) -> None:
    """Written and read again it is the same; it holds no time of any kind."""
    path = tmp_path / "baseline.json"
    write_baseline(path, baseline_of({"synthetic": GOOD}))
    found = read_baseline(path)
    assert found == baseline_of({"synthetic": GOOD})
    held = found.sets["synthetic"]
    assert (held.rows, held.right) == (9, 8)
    assert held.categories["jargon"] == CategoryFigures(
        rows=1, right=0, fired=0, precision=None, recall=0.0
    )
    assert (held.shown["hit0"], held.shown["missed"]) == (["a"], [])
    assert "ms" not in json.loads(path.read_text(encoding="utf-8"))
    assert [each.name for each in tmp_path.iterdir()] == ["baseline.json"]


def test_the_same_run_is_no_worse() -> None:
    """And nothing changed."""
    assert compared(GOOD) == Comparison((), (), 0)


def test_a_row_that_is_no_longer_right_fails_the_run() -> None:
    """It names the row, what it showed and what it shows."""
    comparison = compared(changed(hit0=""))
    assert comparison.regressions == ("7 of 9 rows are right, 8 were",)
    [change] = comparison.changes
    assert (change.row_id, change.was, change.now) == ("hit0", ("a",), ())
    assert (change.got_worse, change.got_better) == (True, False)


def test_an_improvement_never_fails() -> None:
    """It is told, so that the baseline can be raised."""
    comparison = compared(changed(missed="a"))
    assert comparison.regressions == ()
    assert [each.got_better for each in comparison.changes] == [True]


def test_one_category_may_not_pay_for_another() -> None:
    """As many rows are right as before, but one kind of question is lost."""
    was = [
        *(outcome("a", "a", name=f"hit{n}") for n in range(4)),
        *(outcome("a", "", name=f"jargon{n}", category="jargon") for n in range(4)),
    ]
    now = [
        *(outcome("a", "", name=f"hit{n}") for n in range(4)),
        *(outcome("a", "a", name=f"jargon{n}", category="jargon") for n in range(4)),
    ]
    assert compared(now, was).regressions == ("plain_hit: recall 0.00, was 1.00",)


def test_a_category_may_lose_one_rows_worth() -> None:
    """One row within a category changes the ratio by a step: that alone is no trend."""
    was = [outcome("a", "a", name=f"h{n}") for n in range(4)]
    was += [outcome("a", "", name="j", category="jargon")]
    now = [outcome("a", "a" if n else "", name=f"h{n}") for n in range(4)]
    now += [outcome("a", "a", name="j", category="jargon")]
    assert compared(now, was).regressions == ()
    two = [outcome("a", "a" if n > 1 else "", name=f"h{n}") for n in range(4)]
    more = [outcome("a", "", name=f"m{n}", category="jargon") for n in range(2)]
    heard = [outcome("a", "a", name=f"m{n}", category="jargon") for n in range(2)]
    found = compared([*two, *heard], [*was[:4], *more])
    assert found.regressions == ("plain_hit: recall 0.50, was 1.00",)


def test_noise_in_rows_that_were_wrong_already_is_seen() -> None:
    """No fewer rows are right, and still more that is wrong is shown."""
    was = [outcome("ab", "a", name=f"h{n}") for n in range(4)]
    now = [outcome("ab", "axyz", name=f"h{n}") for n in range(4)]
    assert compared(now, was).regressions == ("plain_hit: precision 0.25, was 1.00",)


def test_rows_that_are_gone_fail_the_run() -> None:
    """Else emptying the data set would be the surest way to pass."""
    comparison = compared(GOOD[1:])
    assert comparison.regressions == ("rows of the baseline are gone: hit0",)
    assert compared([]).regressions[0].startswith("rows of the baseline are gone: ")


def test_new_rows_never_fail_even_when_they_are_missed() -> None:
    """The best rows to add are those that are missed today."""
    comparison = compared([*GOOD, outcome("a", "", name="new", category="jargon")])
    assert comparison == Comparison((), (), 1)


@given(
    shown=st.lists(st.sampled_from(["", "a", "x", "ax"]), min_size=len(GOOD), max_size=len(GOOD))
)
def test_a_run_is_never_worse_than_itself(shown: list[str]) -> None:
    """Whatever it showed."""
    now = changed(**{each.row.id: keys for each, keys in zip(GOOD, shown, strict=True)})
    assert compared(now, now) == Comparison((), (), 0)


@given(names=st.sets(st.sampled_from([each.row.id for each in GOOD])))
def test_making_rows_right_never_fails(names: set[str]) -> None:
    """From any worse run, putting things right is never a regression."""
    wrong = changed(**dict.fromkeys(names, "x"))
    assert compared(GOOD, wrong).regressions == ()


WRONG = {
    "missing": (None, "cannot be read"),
    "not JSON": ("{", "no baseline"),
    "another document": ('{"rows": []}', "no baseline"),
    "not UTF-8": (b'{"schema": 1, "sets": {"\xff": {}}}', "no baseline"),
    "newer": ('{"schema": 2, "sets": {}}', "newer than this version"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_baseline_is_refused(
    content: str | bytes | None, said: str, tmp_path: Path
) -> None:
    """A guard that cannot read what it guards must not be green."""
    path = tmp_path / "baseline.json"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DatasetRefused, match=said):
        read_baseline(path)


def test_a_baseline_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    """It is replaced as a whole."""
    path = tmp_path / "baseline.json"
    write_baseline(path, Baseline(sets={}))
    (tmp_path / "baseline.json.part").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_baseline(path, baseline_of({"s": GOOD}))
    assert read_baseline(path) == Baseline(sets={})

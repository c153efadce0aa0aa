"""The data sets that are committed: complete, in the contract's form, and as good as recorded."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from bicameral.review.dataset import REAL_DATASET, Category, EvalRow, SeedDecision
from bicameral.review.evaluation.baseline import CategoryFigures, read_baseline
from bicameral.review.evaluation.reading import read_dataset, read_rows
from bicameral.review.evaluation.seeding import seeds_of
from bicameral.review.evaluation.shipped import SYNTHETIC_DATASET
from tests.eval.build import as_lines, rows

ROOT = Path(__file__).parent.parent.parent
BASELINE = ROOT / "tests/eval/baseline.json"
SETS = {"synthetic": SYNTHETIC_DATASET, "real": ROOT / REAL_DATASET}
EACH_SET = pytest.mark.parametrize("path", SETS.values(), ids=SETS.keys())
# On two busy cores the clock may say more; this is what the work itself takes.
MOST_SECONDS = 15


def test_the_synthetic_set_is_what_its_sources_say() -> None:
    """To change it, change the sources and run `python -m tests.eval.build`."""
    assert SYNTHETIC_DATASET.read_bytes() == as_lines(rows())


def test_the_synthetic_set_covers_every_category() -> None:
    """The catalogue of misses and false fires, each with enough rows to say something."""
    found = read_dataset(SYNTHETIC_DATASET)
    counts = Counter(each.category for each in found)
    assert len(found) >= 150
    assert set(counts) == set(get_args(Category))
    assert min(counts.values()) >= 8
    assert {each.origin for each in found} == {"synthetic"}
    assert 60 <= len(seeds_of(found)) <= 80


def test_a_key_of_the_synthetic_set_always_means_the_same() -> None:
    """Its rows are about one team's ledger."""
    found = {each.key: each for row in read_dataset(SYNTHETIC_DATASET) for each in row.decisions}
    assert len(seeds_of(read_dataset(SYNTHETIC_DATASET))) == len(found)
    for row in read_dataset(SYNTHETIC_DATASET):
        for each in row.decisions:
            assert each == found[each.key]


def test_misses_expect_something_and_false_fires_are_tempting() -> None:
    """A row about a miss that expects silence, or a false fire without a bait, shows nothing."""
    for row in read_dataset(SYNTHETIC_DATASET):
        if row.category in {"shared_common_words", "drifted_but_irrelevant", "plain_silence"}:
            assert row.expected == [], row.id
        if row.category in {"jargon", "ungrounded_decision", "no_paths_given", "plain_hit"}:
            assert row.expected, row.id
        if row.category in {"shared_common_words", "drifted_but_irrelevant", "global_notice"}:
            assert len(row.decisions) > len(row.expected), row.id


FORMS = {
    "ungrounded_decision": lambda row: not any(each.paths for each in expected_of(row)),
    "no_paths_given": lambda row: not row.file_paths,
    "dependency_of_the_path": lambda row: any(
        not set(row.file_paths) & set(each.paths) for each in expected_of(row)
    ),
    "dedup_coarseness": lambda row: bool(row.before),
    "drifted_but_irrelevant": lambda row: any(each.has_drifted for each in row.decisions),
}


def expected_of(row: EvalRow) -> list[SeedDecision]:
    return [each for each in row.decisions if each.key in row.expected]


@EACH_SET
def test_rows_have_the_form_of_their_category(path: Path) -> None:
    """What a category is called, its rows are."""
    wrong = [
        row.id
        for row in read_dataset(path)
        if row.category in FORMS and row.origin != "labelled" and not FORMS[row.category](row)
    ]
    assert wrong == []


@EACH_SET
def test_no_question_comes_twice(path: Path) -> None:
    """With two answers, one of them would always be wrong; ids are checked by the reader."""
    found = read_dataset(path)
    asked = [(each.topic, *each.file_paths, str(each.before)) for each in found]
    assert [each for each, times in Counter(asked).items() if times > 1] == []


def test_the_real_set_says_where_its_rows_come_from() -> None:
    """Rows that nobody labelled are not passed off as labelled."""
    found = read_dataset(SETS["real"])
    assert {each.origin for each in found} >= {"demo", "generated"}
    assert "synthetic" not in {each.origin for each in found}
    assert all(each.label is None for each in found if each.origin != "labelled")


def test_what_ci_runs_is_no_worse_than_the_baseline(tmp_path: Path) -> None:
    """The whole of both sets, as a process, within its time; the baseline is of these rows."""
    code = (
        "import sys, time, server\n"
        "status = server.main(sys.argv[1:])\n"
        "print(time.process_time(), file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    variables = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, "eval", "--json", "--baseline", str(BASELINE)],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        check=False,
        timeout=300,
    )
    told = json.loads(done.stdout)
    assert {name: each["regressions"] for name, each in told["baseline"].items()} == {
        "synthetic": [],
        "real": [],
    }
    assert {name: each["new_rows"] for name, each in told["baseline"].items()} == {
        "synthetic": 0,
        "real": 0,
    }
    assert done.returncode == 0
    assert [told["sets"][name]["unstable"] for name in SETS] == [[], []]
    assert float(done.stderr.split()[-1]) <= MOST_SECONDS
    assert list(tmp_path.iterdir()) == []


def test_the_figures_of_the_baseline_are_those_of_its_rows() -> None:
    """They are for people, and nobody should be misled by a figure that was not updated."""
    baseline = read_baseline(BASELINE)
    for name, path in SETS.items():
        held = baseline.sets[name]
        found = {row.id: row for row in read_dataset(path)}
        assert set(held.shown) == set(found)
        right = [row for row in found.values() if set(held.shown[row.id]) == set(row.expected)]
        assert (held.rows, held.right) == (len(found), len(right))
        for category, figures in held.categories.items():
            own = [row for row in found.values() if row.category == category]
            assert figures == figures_of(own, held.shown)


def figures_of(found: list[EvalRow], shown: dict[str, list[str]]) -> CategoryFigures:
    """Count once more, in another way than the code does."""
    told = [(set(row.expected), set(shown[row.id])) for row in found]
    both = sum(len(expected & keys) for expected, keys in told)
    all_shown = sum(len(keys) for _, keys in told)
    all_expected = sum(len(expected) for expected, _ in told)
    return CategoryFigures(
        rows=len(told),
        right=sum(expected == keys for expected, keys in told),
        fired=sum(bool(keys) for _, keys in told),
        precision=round(both / all_shown, 4) if all_shown else None,
        recall=round(both / all_expected, 4) if all_expected else None,
    )


def test_the_row_that_the_guide_shows_is_one() -> None:
    """Whoever copies it must not be refused."""
    page = (ROOT / "docs/how-to/evaluate.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    line = json.dumps(json.loads(example)).encode()
    [row] = read_rows([line], name="evaluate.md")
    assert row.expected == ["seat-hold"]

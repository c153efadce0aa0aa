"""`eval` as a person and CI run it: status, output, files, and nothing touched."""

import json
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

import server
from bicameral.cli.eval_page import show, table
from bicameral.cli.main import run
from bicameral.cli.page import Page
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.gates import CALIBRATIONS_FILE, CalibrationRow, values_of
from bicameral.review.dataset import REAL_DATASET, EvalRow, row_id
from bicameral.review.evaluation.baseline import read_baseline
from tests.cli.parts import Person, fill
from tests.conftest import GIT_VARIABLES, MakeEnvironment, Repository
from tests.review.evaluation.parts import decision, row

KEY = decision("key", "Send an idempotency key with every charge", paths=["payments/charge.py"])
TIDES = decision("tides", "Refuse sailings at low water")
ROWS = [
    row("hit", paths=["payments/charge.py"], decisions=[KEY], expected=["key"]),
    row(
        "heard",
        topic="Refuse sailings when the water is low",
        category="ungrounded_decision",
        decisions=[TIDES],
        expected=["tides"],
    ),
    row("missed", topic="Postpone boats", category="jargon", decisions=[TIDES], expected=["tides"]),
    row("quiet", topic="Draw a map", category="plain_silence", paths=["map.ts"]),
]
DEAF = Gate(coverage=1.0, lone_coverage=1.0, commonest=0.0, always_rare=0)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def person(repository: Repository, make_environment: MakeEnvironment, temporary: Path) -> Person:
    fill(repository)
    environment = make_environment(
        cwd=repository.root, variables={**GIT_VARIABLES, "COLUMNS": "100"}
    )
    # Real clocks: latencies are measured.
    environment = replace(environment, monotonic_ns=time.perf_counter_ns)
    return Person(repository, environment.home, environment)


def named(each: EvalRow) -> EvalRow:
    """Return a row under the id that it has to have."""
    return msgspec.structs.replace(each, id=row_id(each))


def write(path: Path, rows: Iterable[EvalRow]) -> str:
    """Write a data set; return its path as an argument."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(msgspec.json.encode(named(each)) + b"\n" for each in rows))
    return str(path)


@pytest.fixture
def synthetic(tmp_path: Path) -> str:
    return write(tmp_path / "synthetic.jsonl", ROWS)


def deafen(home: Path) -> None:
    """Apply a gate that lets no topic pass, as `calibrate --apply` would."""
    made = CalibrationRow(
        ts="2026-03-05T09:30:00.000000Z",
        action="apply",
        who="you",
        gate=values_of(DEAF),
        previous=values_of(Gate()),
        package="0",
    )
    home.mkdir(mode=0o700)
    (home / CALIBRATIONS_FILE).write_bytes(msgspec.json.encode(made) + b"\n")


def test_a_person_sees_a_table_and_what_is_not_right(person: Person, synthetic: str) -> None:
    """Every category with its figures; undefined ones are no numbers."""
    ended = person.run_here("eval", "--synthetic", synthetic, "--wrong")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0] == "synthetic: 4 rows (synthetic 4) on 2 decisions"
    cells = {line.split()[0]: line.split()[1:-1] for line in lines[3:8]}
    assert cells == {
        "jargon": ["1", "0", "-", "0.00", "0.00", "-"],
        "ungrounded_decision": ["1", "1", "1.00", "1.00", "1.00", "-"],
        "plain_hit": ["1", "1", "1.00", "1.00", "1.00", "-"],
        "plain_silence": ["1", "1", "-", "-", "0.00", "0.00"],
        "all": ["4", "3", "1.00", "0.67", "0.50", "0.00"],
    }
    assert f"{named(ROWS[2]).id} · jargon" in lines
    assert "  shown: nothing (no_matches)" in lines
    assert "real: none yet; promote rows with `bicameral-mcp triage promote`" in lines
    assert lines[-1].startswith("gate: default · ")


def test_the_real_set_is_found_at_the_root_of_the_repository(
    person: Person, synthetic: str
) -> None:
    """From any folder within it, as promotion writes it there."""
    write(person.repository.root / REAL_DATASET, [replace_origin(each) for each in ROWS])
    words = ["eval", "--synthetic", synthetic, "--json", "--repo", "src"]
    told = person.run_here(*words).answer()
    assert told["sets"]["real"]["all"]["rows"] == 4
    assert told["sets"]["real"]["origins"] == {"labelled": 4}
    assert told["sets"]["real"]["all"]["right"] == told["sets"]["synthetic"]["all"]["right"] == 3
    assert [each["told"] for each in told["divergence"]["differences"]] == [False] * 3
    page = person.run_here(*words[:3]).out
    assert "too few rows to tell (n = 4 and 4)" in page


def replace_origin(each: EvalRow) -> EvalRow:
    return msgspec.structs.replace(each, origin="labelled")


def test_it_runs_where_there_is_no_repository(person: Person, tmp_path: Path) -> None:
    """The synthetic set travels with the package; nothing else is needed."""
    outside = tmp_path / "outside"
    outside.mkdir()
    ended = person.run_here("eval", "--only", "real", "--repo", str(outside))
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("real: none yet")


def test_nothing_of_the_person_is_touched_and_nothing_stays(
    person: Person, synthetic: str, temporary: Path
) -> None:
    """Neither home nor ledger nor repository, whatever their variables point to."""
    head, state = person.repository.git("rev-parse", "HEAD"), person.repository.git("status", "-s")
    marked = person.elsewhere(
        person.home,
        BICAMERAL_LEDGER_URL="sqlite:///nowhere/ledger.sqlite3",
        BICAMERAL_TELEMETRY="raw",
        BICAMERAL_PREFLIGHT_MUTE="1",
        CLAUDE_PROJECT_DIR=str(person.repository.root),
        CLAUDE_CODE_SESSION_ID="theirs",
        GIT_DIR=str(person.repository.root / ".git"),
    )
    told = marked.run_here("eval", "--synthetic", synthetic, "--json").answer()
    assert told["sets"]["synthetic"]["all"]["right"] == 3
    assert not person.home.exists()
    assert list(temporary.iterdir()) == []
    assert person.repository.git("rev-parse", "HEAD") == head
    assert person.repository.git("status", "-s") == state
    assert person.repository.git("log", "--all", "--format=%H").split() == [head]


def test_an_interrupted_run_leaves_nothing(person: Person, synthetic: str, temporary: Path) -> None:
    """Ctrl-C in the middle of the questions."""
    asked = 0

    class Interrupted(server.Desk):
        def call(self, name: str, arguments: Any) -> dict[str, Any]:
            nonlocal asked
            asked += name == "bicameral.preflight"
            if asked == 2:
                raise KeyboardInterrupt
            return super().call(name, arguments)

    status = run(
        ["eval", "--synthetic", synthetic],
        person.environment,
        serve=lambda _environment, _options: 0,
        connect=Interrupted,
    )
    assert (status, asked) == (130, 2)
    assert list(temporary.iterdir()) == []


def test_a_gate_that_went_deaf_is_a_regression(
    person: Person, synthetic: str, tmp_path: Path
) -> None:
    """The gate of this home is what is measured; without it the run is as it was."""
    baseline = str(tmp_path / "baseline.json")
    words = ("eval", "--synthetic", synthetic)
    written = person.run_here(*words, "--write-baseline", baseline)
    assert written.status == 0
    assert f"baseline written: {baseline}" in written.out
    good = person.run_here(*words, "--baseline", baseline)
    assert good.status == 0
    assert "synthetic: not worse than the baseline" in good.out
    deafen(person.home)
    deaf = person.run_here(*words, "--baseline", baseline)
    assert deaf.status == 1
    assert "synthetic: worse than the baseline\n  2 of 4 rows are right, 3 were\n" in deaf.out
    assert f"  worse: {named(ROWS[1]).id} (ungrounded_decision)\n" in deaf.out
    assert "    showed tides; shows nothing\n" in deaf.out
    assert "to make this run the baseline: --write-baseline FILE" in deaf.out
    assert "gate: calibrated" in deaf.out
    again = person.run_here(*words, "--baseline", baseline, "--default-gate", "--json")
    assert (again.status, again.answer()["gate"]) == (0, "default")
    assert [each.name for each in person.home.iterdir()] == [CALIBRATIONS_FILE]


GONE = f"rows of the baseline are gone: {named(ROWS[0]).id}"
CHANGED: dict[str, tuple[Callable[[list[EvalRow]], list[EvalRow]], int, str]] = {
    "a row is gone": (lambda rows: rows[1:], 1, GONE),
    "a right answer is another": (
        lambda rows: [msgspec.structs.replace(rows[0], expected=[]), *rows[1:]],
        1,
        GONE,
    ),
    "all are gone": (lambda _rows: [], 1, "rows of the baseline are gone: row_"),
    "a row is new": (
        lambda rows: [*rows, msgspec.structs.replace(rows[2], topic="Postpone all")],
        0,
        "1 row not in the baseline",
    ),
}


@pytest.mark.parametrize(("change", "status", "said"), CHANGED.values(), ids=CHANGED.keys())
def test_a_changed_data_set_is_told_from_a_grown_one(
    change: Callable[[list[EvalRow]], list[EvalRow]],
    status: int,
    said: str,
    person: Person,
    tmp_path: Path,
) -> None:
    """Rows may be added freely; what the baseline promises must still be asked."""
    baseline = str(tmp_path / "baseline.json")
    real = tmp_path / "real.jsonl"
    words = ("eval", "--only", "real", "--real")
    assert person.run_here(*words, write(real, ROWS), "--write-baseline", baseline).status == 0
    ended = person.run_here(*words, write(real, change(ROWS)), "--baseline", baseline)
    assert ended.status == status
    assert said in ended.out


def test_a_real_set_that_was_lost_is_a_regression(
    person: Person, synthetic: str, tmp_path: Path
) -> None:
    """None yet is fine, none any more is not."""
    baseline = str(tmp_path / "baseline.json")
    place = person.repository.root / REAL_DATASET
    write(place, ROWS)
    words = ("eval", "--synthetic", synthetic)
    assert person.run_here(*words, "--write-baseline", baseline).status == 0
    place.unlink()
    ended = person.run_here(*words, "--baseline", baseline)
    assert ended.status == 1
    assert "real: worse than the baseline" in ended.out
    assert person.run_here(*words, "--only", "synthetic", "--baseline", baseline).status == 0


def test_a_set_that_was_not_run_keeps_its_baseline(
    person: Person, synthetic: str, tmp_path: Path
) -> None:
    """Raising one set's baseline must not drop the other's unseen."""
    baseline = tmp_path / "baseline.json"
    write(person.repository.root / REAL_DATASET, ROWS[:2])
    words = ("eval", "--synthetic", synthetic, "--write-baseline", str(baseline))
    assert person.run_here(*words).status == 0
    before = read_baseline(baseline)
    assert person.run_here(*words, "--only", "synthetic").status == 0
    assert read_baseline(baseline) == before
    assert before.sets["real"].rows == 2


def test_divergence_fails_only_where_that_is_asked_for(person: Person, tmp_path: Path) -> None:
    """Twenty-four rows that are heard in one set, and missed in the other."""
    shown = [
        row(f"s{n}", topic=f"Task {n}", paths=KEY.paths, decisions=[KEY], expected=["key"])
        for n in range(24)
    ]
    missed = [
        row(f"r{n}", topic=f"Task {n}", paths=["b.py"], decisions=[KEY], expected=["key"])
        for n in range(24)
    ]
    sets = ("--synthetic", write(tmp_path / "s", shown), "--real", write(tmp_path / "r", missed))
    ended = person.run_here("eval", *sets)
    assert ended.status == 0
    assert "recall: 0.00 and 1.00, difference -1.00 (-1.00 to -1.00): they differ" in ended.out
    assert person.run_here("eval", *sets, "--fail-on-divergence").status == 1
    same = (*sets[:2], "--real", sets[1])
    ended = person.run_here("eval", *same, "--fail-on-divergence")
    assert ended.status == 0
    assert "recall: 1.00 and 1.00, difference +0.00 (+0.00 to +0.00): not told apart" in ended.out


def test_junit_names_every_row(person: Person, synthetic: str, tmp_path: Path) -> None:
    """Beside the table, for a CI service."""
    path = tmp_path / "junit.xml"
    assert person.run_here("eval", "--synthetic", synthetic, "--junit", str(path)).status == 0
    root = ElementTree.parse(path).getroot()
    cases = [case.get("name", "").split()[0] for case in root.iter("testcase")]
    assert cases == [named(each).id for each in ROWS]
    assert [suite.get("name") for suite in root] == ["synthetic", "real"]
    assert (root.get("tests"), root.get("failures")) == ("4", "1")


def test_repeats_make_more_latencies_of_the_same_rows(person: Person, synthetic: str) -> None:
    """Twenty measurements are enough for a 95th percentile."""
    told = person.run_here("eval", "--synthetic", synthetic, "--json", "--repeat", "5").answer()
    whole = told["sets"]["synthetic"]["all"]
    assert (whole["rows"], whole["latency_ms"]["n"], whole["tokens"]["n"]) == (4, 20, 4)
    assert 0 < whole["latency_ms"]["p50"] <= whole["latency_ms"]["p95"]
    assert whole["tokens"]["p95"] is None


WRONG_USAGE = [
    ("--repeat", "0"),
    ("--repeat", "101"),
    ("--repeat", "many"),
    ("--only", "both"),
    ("--only", "real", "--synthetic", "x"),
    ("--only", "synthetic", "--real", "x"),
    ("--only", "real", "--fail-on-divergence"),
]


@pytest.mark.parametrize("words", WRONG_USAGE, ids=" ".join)
def test_wrong_usage_ends_with_2(words: tuple[str, ...], person: Person) -> None:
    """Before anything is run."""
    ended = person.run_here("eval", *words)
    assert (ended.status, ended.out) == (2, "")
    assert "usage: bicameral-mcp eval" in ended.err


REFUSED = [
    (("--synthetic", "gone.jsonl"), "gone.jsonl cannot be read"),
    (("--real", "gone.jsonl"), "gone.jsonl cannot be read"),
    (("--baseline", "gone.json"), "gone.json cannot be read"),
    (("--synthetic", "wrong.jsonl"), "wrong.jsonl, line 2: `expectd` is no field of a row"),
]


@pytest.mark.parametrize(
    ("words", "said"), REFUSED, ids=["synthetic", "real", "baseline", "a line"]
)
def test_what_cannot_be_read_is_refused(
    words: tuple[str, ...], said: str, person: Person, temporary: Path
) -> None:
    """With the line and the field; nothing was run, and nothing stays."""
    good = json.loads(msgspec.json.encode(named(ROWS[3])))
    lines = [json.dumps(good), json.dumps({**good, "id": "b", "expectd": []})]
    (person.repository.root / "wrong.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ended = person.run_here("eval", *words, "--json")
    assert ended.status == 1
    assert said in ended.err
    assert ended.answer()["error"] == "dataset_refused"
    assert list(temporary.iterdir()) == []


def test_what_cannot_be_written_is_refused(person: Person, synthetic: str) -> None:
    """A report that CI waits for must not be missing in silence."""
    ended = person.run_here("eval", "--synthetic", synthetic, "--junit", "no/such/folder.xml")
    assert ended.status == 1
    assert "folder.xml" in ended.err


def test_a_process_whose_output_is_piped_says_nothing_else(person: Person, tmp_path: Path) -> None:
    """The bar is for a terminal; a log of CI stays clean."""
    ended = person.run("eval", "--synthetic", write(tmp_path / "s.jsonl", ROWS))
    assert (ended.status, ended.err) == (0, "")


def test_rows_that_answer_now_so_and_now_so_are_named() -> None:
    """They make every other figure doubtful."""
    nothing = {"n": 0, "p50": None, "p95": None}
    figures = dict.fromkeys(("precision", "recall", "fire_rate", "fire_rate_on_silent"))
    whole = {**figures, "rows": 1, "right": 1, "latency_ms": nothing, "tokens": nothing}
    one = {
        "path": "p",
        "is_shipped": False,
        "decisions": 1,
        "origins": {"demo": 1},
        "all": whole,
        "categories": {},
        "unstable": ["row_x"],
        "wrong": [],
    }
    answer = {
        "sets": {"real": one},
        "divergence": None,
        "baseline": None,
        "written": {},
        "gate": "default",
        "seconds": 0.1,
    }
    page = Page(width=100)
    show(answer, page, lists_wrong=True)
    assert "answered differently when repeated: row_x" in page.text()


def test_a_table_has_its_columns_aligned() -> None:
    """Names to the left, numbers to the right."""
    assert table([("", "rows"), ("plain", "7"), ("a", "11")]) == [
        "       rows",
        "plain     7",
        "a        11",
    ]

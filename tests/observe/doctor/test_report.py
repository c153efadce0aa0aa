"""The report and the command: every check in it, its shape, its statuses, where it is kept."""

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bicameral import __version__
from bicameral.capture.locks import held_lock
from bicameral.cli.page import Page
from bicameral.cli.reconcile import WAITS_MILLISECONDS
from bicameral.environment import Environment
from bicameral.errors import SettingsRefused
from bicameral.observe.doctor import CHECKS, report_schema, run_checks
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.report import as_answer
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.table import Check, chosen
from bicameral.observe.metrics.last_run import LAST_RUN_FILE
from bicameral.review.reconciliation.reconcile import LOCK_FILE
from bicameral.review.reconciliation.summary import SUMMARY_FILE
from tests.cli.parts import Person
from tests.cli.terminal import on_terminal
from tests.conftest import Repository
from tests.observe.doctor.parts import around, examine, state_of
from tests.plugin.waiting import wait_for_summary
from tests.server.served import Served, variables_for

SCHEMA = Path(__file__).parent.parent.parent.parent / "docs/reference/doctor.schema.json"


def a_check(run: Callable[[Surroundings], Finding], *, number: int = 1) -> Check:
    return Check(number, "a-check", "a title", "What it does.", "When it fails.", run)


def test_a_healthy_machine_has_no_failure_and_every_check_in_its_report(user: Person) -> None:
    """What is not checked is named as skipped, with why; nothing is left out."""
    ended = user.run_here("doctor", "--json")
    answer = ended.answer()
    assert [each["id"] for each in answer["results"]] == [each.id for each in CHECKS]
    wrong = [each for each in answer["results"] if each["status"] == "FAIL"]
    assert (ended.status, wrong) == (0, [])
    assert all(each["reason"] for each in answer["results"])
    assert {each["id"] for each in answer["results"] if each["status"] == "SKIP"} <= {
        "clients",
        "language-servers",
    }
    assert answer["app_version"] == __version__


def test_a_report_is_valid_by_the_schema_that_is_written_out(user: Person) -> None:
    """Whoever reads reports by program builds on it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema == report_schema(), "run `python -m tests.docs`"
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    report = user.run_here("doctor", "--json").answer()
    assert list(validator.iter_errors(report)) == []
    for name, wrong in (("status", "MAYBE"), ("number", 0), ("evidence", "text"), ("id", "A B")):
        broken = {**report, "results": [{**report["results"][0], name: wrong}]}
        assert list(validator.iter_errors(broken)), name
    assert list(validator.iter_errors({**report, "results": None}))


def test_nothing_in_the_home_is_changed(user: Person) -> None:
    """A look that changes what it looks at proves nothing afterwards."""
    before = state_of(user.home)
    assert len(before) > 8
    user.run_here("doctor", "--json")
    assert state_of(user.home) == before


def test_nothing_in_the_home_is_changed_while_a_server_has_its_files_open(user: Person) -> None:
    """The ledger's log and index, the logs and the session's marker are a live server's."""
    given = variables_for(user.home, BICAMERAL_TELEMETRY="preflight")
    (user.home / SUMMARY_FILE).unlink()
    with Served(user.repository.root, given) as served:
        served.receive()
        served.call("preflight", topic="charge a card", file_paths=["src/payments.py"])
        served.call("ratify", decision_id=list(user.ids().values())[1], action="ratify")
        # The server had it started in a process of its own, which writes here too.
        wait_for_summary(user.home)
        with held_lock(user.home / LOCK_FILE, attempts=WAITS_MILLISECONDS) as is_over:
            assert is_over
        before = state_of(user.home)
        assert any(each.endswith("ledger.sqlite3-wal") for each in before)
        assert any(each.endswith(".open") for each in before)
        answer = user.run_here("doctor", "--json").answer()
        # Whoever has just done something replaces this one soon afterwards, and so its folder.
        replaced = user.home / LAST_RUN_FILE
        own = {str(user.home), str(replaced), f"{replaced}.new"}
        assert set(changes(before, state_of(user.home))) <= own
        statuses = {each["id"]: each["status"] for each in answer["results"]}
        assert statuses["ledger-integrity"] == statuses["locks"] == "PASS"
        # The server is as able to write as before.
        served.call("preflight", topic="another", file_paths=["src/payments.py"])


def changes(
    before: dict[str, tuple[object, ...]], after: dict[str, tuple[object, ...]]
) -> list[str]:
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))


def test_a_home_that_is_not_there_is_not_made(person: Person) -> None:
    """Whoever only asks has not decided to use it."""
    assert person.run_here("doctor").status == 0
    assert not person.home.exists()


def test_a_check_that_breaks_is_a_failure_and_the_next_one_runs(
    environment: Environment, repository: Repository
) -> None:
    """What is broken must not stop the telling."""

    def broken(_around: Surroundings) -> Finding:
        raise RuntimeError("a\nsurprise")

    def refused(_around: Surroundings) -> Finding:
        raise SettingsRefused("no home", next_step="set HOME")

    def unreadable(_around: Surroundings) -> Finding:
        raise PermissionError(13, "Permission denied", "/x/salt")

    checks = [a_check(e) for e in (broken, refused, unreadable, lambda _around: passed("fine"))]
    report = run_checks(around(environment, repository.root), checks)
    assert [each.status for each in report.results] == ["FAIL", "FAIL", "FAIL", "PASS"]
    assert "RuntimeError" in report.results[0].reason
    assert report.results[0].evidence == ["a surprise"]
    assert report.results[1].mend == "set HOME"
    assert report.results[2].reason == "/x/salt: Permission denied"
    assert report.exit_status == 1


def test_only_some_are_run_by_id_or_number(person: Person) -> None:
    """In the order of the table, each once."""
    answer = person.run_here("doctor", "--json", "--only", "git, 4,git").answer()
    assert [each["id"] for each in answer["results"]] == ["plugin", "git"]
    assert [each.id for each in chosen("25,python")] == ["python", "contracts"]


def test_an_unknown_check_cannot_be_run(person: Person) -> None:
    """Else a typing error would read as all is well."""
    ended = person.run_here("doctor", "--only", "git,gti")
    assert (ended.status, ended.out) == (2, "")
    assert "no check is called 'gti'" in ended.err


def test_the_report_is_kept_in_both_forms_for_its_owner_alone(
    person: Person, tmp_path: Path
) -> None:
    """It names folders of the person, so nobody else may read it."""
    kept = tmp_path / "new" / "reports"
    for _ in range(2):  # an earlier report is replaced
        ended = person.run_here("doctor", "--only", "git,home", "--json", "--out", str(kept))
    assert json.loads((kept / "doctor.json").read_text(encoding="utf-8")) == ended.answer()
    text = (kept / "doctor.txt").read_text(encoding="utf-8")
    assert "git answers" in text
    assert "git version" in text
    assert "\x1b" not in text
    assert sorted(each.name for each in kept.iterdir()) == ["doctor.json", "doctor.txt"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in kept.iterdir()} == {0o600}


def test_a_report_that_cannot_be_kept_is_said(person: Person, tmp_path: Path) -> None:
    """It was asked for, so its absence is no success."""
    (tmp_path / "file").write_text("")
    ended = person.run_here("doctor", "--only", "git", "--out", str(tmp_path / "file"))
    assert ended.status == 2
    assert "git answers" in ended.out
    assert "next: see that the place exists" in ended.err


def test_under_a_failure_stand_its_evidence_and_what_mends_it(person: Person) -> None:
    """On one line each, whatever the width, so that it can be copied."""
    deaf = person.elsewhere(person.home, BICAMERAL_TELEMETRY="on")
    ended = deaf.run_here("doctor")
    assert ended.status == 1
    lines = ended.out.splitlines()
    [at] = [number for number, line in enumerate(lines) if line.startswith("FAIL")]
    assert lines[at].startswith("FAIL  15 capture is as it seems: BICAMERAL_TELEMETRY is set")
    assert lines[at + 1].startswith("         in this shell: off")
    assert "         mend: export BICAMERAL_TELEMETRY=preflight" in lines[at + 2]
    assert sum(line[:4] in {"PASS", "FAIL", "SKIP"} for line in lines) == len(CHECKS)
    assert lines[-1].startswith(f"{len(CHECKS)} checks: ")
    assert "\x1b" not in ended.out


def test_colour_is_for_a_terminal_alone(person: Person) -> None:
    """A file or a pipe gets the words."""
    variables = {"BICAMERAL_HOME": str(person.home), "PATH": person.environment.variables["PATH"]}
    words = ("doctor", "--only", "git")
    with on_terminal(*words, cwd=person.repository.root, variables=variables) as terminal:
        shown = terminal.wait_for("1 check")
        assert terminal.end() == 0
    assert "\x1b[32mPASS  17 git" in shown
    assert "\x1b" not in person.run(*words).out


def test_ids_and_numbers_are_unique_and_in_order() -> None:
    """They are written into scripts."""
    assert [each.number for each in CHECKS] == sorted({each.number for each in CHECKS})
    assert len({each.id for each in CHECKS}) == len(CHECKS)


def test_a_duration_is_of_the_monotonic_clock(
    environment: Environment, repository: Repository
) -> None:
    """The wall clock may jump meanwhile."""
    moments = iter([0, 1_000_000, 3_500_000, 10_000_000])
    timed = replace(environment, monotonic_ns=lambda: next(moments))
    report = run_checks(around(timed, repository.root), [a_check(lambda _around: passed("fine"))])
    assert [each.duration_ms for each in report.results] == [2.5]
    assert report.duration_ms == 10.0
    assert as_answer(report)["generated_at"] == "2026-05-28T20:26:40.000000Z"


def test_text_of_others_cannot_steer_the_terminal(person: Person) -> None:
    """Paths and settings come from anywhere."""
    from bicameral.cli.doctor import show

    finding = failed("a\x1b[2Jb", "c\rd", mend="e\x07f")
    result = {"number": 1, "title": "t", "status": "FAIL", "reason": finding.reason}
    result |= {"evidence": list(finding.evidence), "mend": finding.mend}
    page = Page()
    show({"results": [result], "duration_ms": 1.0}, page, is_full=False)
    assert not {"\x1b", "\r", "\x07"} & set(page.text())


@pytest.mark.parametrize("check", [each.id for each in CHECKS])
def test_every_check_runs_alone(user: Person, check: str) -> None:
    """One that leaned on another would be a riddle with `--only`."""
    assert examine(user, check)["status"] in {"PASS", "SKIP"}

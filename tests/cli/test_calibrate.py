"""`calibrate`: shows before it writes, writes so that a preflight answers otherwise, and undoes."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

import server
from bicameral.preflight.preflight import BINDING_CONFIDENCE, MENTION_CONFIDENCE
from bicameral.preflight.topic import Gate
from bicameral.review.calibration.calibrating import DEFAULT_FOLDS, DEFAULT_RATIO, FEWEST
from bicameral.review.calibration.gates import CALIBRATIONS_FILE
from bicameral.review.calibration.grid import KNOBS, all_gates
from bicameral.review.dataset import EvalRow
from bicameral.review.rows import REVIEW_FILE, Label, ReviewRow
from bicameral.review.triage.labels import append_label
from tests.cli.parts import Person
from tests.docs.pages import ROOT, read
from tests.docs.running import Shell, run_page
from tests.review.calibration.shop import write_labelled
from tests.review.calibration.worlds import identified, misses_by_share

# Two of the four words that tell decisions apart are those of the first record.
TOPIC = "idempotency charge zebra quokka"


def data_set(person: Person, rows: Iterable[EvalRow], name: str = "labelled.jsonl") -> str:
    (person.repository.root / name).write_bytes(
        b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    )
    return name


def calibrations(person: Person) -> Path:
    return person.home / CALIBRATIONS_FILE


@pytest.fixture
def labelled(reader: Person) -> tuple[Person, str]:
    """A person with a data set that asks for a lower share than the default's."""
    return reader, data_set(reader, misses_by_share())


def test_with_too_few_labels_it_says_how_many_are_needed(reader: Person) -> None:
    """Refused with exact counts and a way to get more, and nothing is written."""
    ended = reader.run_here("calibrate")
    assert ended.status == 1
    assert "0 wanted and 0 unwanted decisions" in ended.err
    assert "20 of each are needed" in ended.err
    assert "bicameral-mcp triage next" in " ".join(ended.err.split())
    name = data_set(reader, misses_by_share(15))
    refusal = reader.run_here("calibrate", "--data", name, "--json").answer()
    assert refusal["error"] == "too_few_labels"
    assert "so 5 wanted and 5 unwanted more" in refusal["message"]
    assert not calibrations(reader).exists()


def test_it_shows_what_would_change_and_writes_nothing(labelled: tuple[Person, str]) -> None:
    """Before and after, per fold and in all, and each decision that changes sides."""
    person, name = labelled
    ended = person.run_here("calibrate", "--data", name)
    assert (ended.status, ended.err) == (0, "")
    assert "coverage: 0.6 → 0.4" in ended.out
    assert "50 (25 + 0)" in ended.out
    assert "on all rows: cost 50 (25 + 0) → 0 (0 + 0)" in ended.out
    assert "of 50 families, 25 better and 0 worse" in " ".join(ended.out.split())
    assert "25 decisions would change sides" in ended.out
    assert ended.out.count("+ shown, wanted:") == 20
    assert "and 5 more; see them with --json" in ended.out
    assert "nothing was written" in ended.out
    assert not calibrations(person).exists()


def test_as_json_it_is_one_document_with_every_change(labelled: tuple[Person, str]) -> None:
    """For scripts, and for whoever wants all of it."""
    person, name = labelled
    answer = person.run_here("calibrate", "--data", name, "--json").answer()
    assert answer["verdict"] == "fitted"
    assert len(answer["changes"]) == 25
    assert len(answer["folds"]) == 5
    assert answer["applied"] is None


def surfaced(person: Person, topic: str = TOPIC) -> list[str]:
    """Ask the real preflight, over an engine built as a server's is."""
    desk = server.Desk(person.environment, start=person.repository.root, session_id="s")
    try:
        answer = desk.call("bicameral.preflight", {"topic": topic})
    finally:
        desk.close()
    return [each["title"] for each in answer.get("decisions", [])]


def test_an_applied_gate_is_used_by_the_next_preflight_and_a_revert_takes_it_back(
    labelled: tuple[Person, str],
) -> None:
    """The whole way: silent, applied, shown, reverted, silent again."""
    person, name = labelled
    assert surfaced(person) == []
    applied = person.run_here("calibrate", "--data", name, "--apply", "--by", "Ada")
    assert "applied by Ada: servers use it from their next start" in applied.out
    assert surfaced(person) == ["Send an idempotency key with every charge"]
    again = person.run_here("calibrate", "--data", name, "--apply")
    assert "keep the gate you have" in again.out
    assert len(calibrations(person).read_bytes().splitlines()) == 1
    reverted = person.run_here("calibrate", "--revert", "--by", "Ada")
    assert (reverted.status, "coverage: 0.4 → 0.6" in reverted.out) == (0, True)
    assert surfaced(person) == []
    assert person.run_here("calibrate", "--revert").status == 1


def test_a_server_that_runs_keeps_the_gate_it_began_with(labelled: tuple[Person, str]) -> None:
    """As the answer says: the next start picks it up."""
    person, name = labelled
    desk = server.Desk(person.environment, start=person.repository.root, session_id="s")
    person.run_here("calibrate", "--data", name, "--apply")
    assert desk.call("bicameral.preflight", {"topic": TOPIC})["fired"] is False
    desk.close()
    assert surfaced(person) != []


def test_the_history_shows_every_change_with_who_and_why(labelled: tuple[Person, str]) -> None:
    """Newest first; and what is in force."""
    person, name = labelled
    nothing = person.run_here("calibrate", "--history")
    assert "no gate was ever applied; the default holds" in nothing.out
    person.run_here("calibrate", "--data", name, "--apply", "--by", "Ada")
    person.run_here("calibrate", "--revert", "--by", "Grace")
    with calibrations(person).open("ab") as file:
        file.write(b'{"torn')
    shown = person.run_here("calibrate", "--history").out
    assert shown.index("revert by Grace") < shown.index("apply by Ada")
    assert "from 50 labelled rows" in shown
    assert "1 line that cannot be read" in shown
    answer = person.run_here("calibrate", "--history", "--json").answer()
    assert [row["action"] for row in answer["rows"]] == ["apply", "revert"]
    assert (answer["gate"]["coverage"], answer["skipped"]) == (0.6, 1)


def test_evidence_that_a_hand_changed_does_not_break_the_history(
    labelled: tuple[Person, str],
) -> None:
    """It is shown to people and decides nothing."""
    person, name = labelled
    person.run_here("calibrate", "--data", name, "--apply")
    row = json.loads(calibrations(person).read_text("utf-8"))
    calibrations(person).write_text(json.dumps({**row, "evidence": {"rows": 7}}), "utf-8")
    assert person.run_here("calibrate", "--history").status == 0


def test_a_gate_that_cannot_be_used_is_told_and_the_default_holds(
    labelled: tuple[Person, str],
) -> None:
    """In every command that builds the engine."""
    person, name = labelled
    person.run_here("calibrate", "--data", name, "--apply")
    text = calibrations(person).read_text("utf-8").replace('"most":3', '"most":99')
    calibrations(person).write_text(text, encoding="utf-8")
    ended = person.run("preflight", TOPIC)
    assert "nothing to act on" in ended.out
    assert "default topic gate holds" in ended.err


@pytest.mark.parametrize(
    "words",
    [
        ["--cost", "0"],
        ["--cost", "-1"],
        ["--cost", "101"],
        ["--cost", "nan"],
        ["--cost", "1/0"],
        ["--cost", "much"],
        ["--folds", "1"],
        ["--folds", "21"],
        ["--folds", "five"],
        ["--folds", "²"],
        ["--apply", "--revert"],
        ["--apply", "--history"],
        ["--data"],
    ],
)
def test_wrong_usage_is_refused_before_anything_is_read(person: Person, words: list[str]) -> None:
    """With the status of wrong usage."""
    assert person.run_here("calibrate", *words).status == 2


def test_another_ratio_and_other_folds_are_taken(labelled: tuple[Person, str]) -> None:
    """A team for which a miss costs half a false fire, or three of them."""
    person, name = labelled
    for ratio, cost in (("0.5", 12.5), ("3", 75), ("5/2", 62.5)):
        words = ("calibrate", "--data", name, "--cost", ratio, "--folds", "3", "--json")
        answer = person.run_here(*words).answer()
        assert answer["held_out"]["present"]["cost"] == cost
        assert len(answer["folds"]) == 3


def test_a_missing_data_set_is_an_error(person: Person) -> None:
    """And not a calibration with fewer rows."""
    ended = person.run_here("calibrate", "--data", "nowhere.jsonl", "--json")
    assert (ended.status, ended.answer()["error"]) == (1, "dataset_refused")


def test_what_no_gate_can_mend_is_told(reader: Person) -> None:
    """The cure is another wording or a binding, and not a gate."""
    rows = misses_by_share()
    other = msgspec.structs.replace(rows[0], topic=f"{rows[1].topic} again")
    both = [*rows[1].decisions, *rows[0].decisions]
    keys = [each.key for each in both]
    rows.append(identified(msgspec.structs.replace(other, decisions=both, expected=keys)))
    ended = reader.run_here("calibrate", "--data", data_set(reader, rows))
    assert "1 wanted decision beyond every gate tried" in ended.out


REVIEWED = ReviewRow(
    id="",
    ts="2026-05-28T20:26:40.000000Z",
    session_id="s",
    repository_id=None,
    preflight_id=None,
    classification="suspected_miss",
    confidence=0.9,
    because="",
    fired=False,
    reason="no_matches",
    surfaced_ids=[],
    topic_hash="0" * 16,
    path_hashes=[],
    session_ended_at="2026-05-28T20:30:00.000000Z",
)


def review(person: Person, number: int, label: Label, **changes: Any) -> None:
    row = msgspec.structs.replace(REVIEWED, id=f"own-{number:03}", **changes)
    with (person.home / REVIEW_FILE).open("ab") as file:
        file.write(msgspec.json.encode(row) + b"\n")
    append_label(person.environment, row.id, "label", who="me", label=label)


def test_a_person_s_own_labels_are_learned_from_and_their_topics_stay_theirs(
    reader: Person,
) -> None:
    """Before and after is told on them, and no captured word is shown or kept."""
    rows = misses_by_share()
    entries = [
        {"title": each.title, "description": each.description, "source_ref": row.id}
        for row in rows
        for each in row.decisions
    ]
    desk = server.Desk(reader.environment, start=reader.repository.root, session_id="s")
    answer = desk.call("bicameral.ingest", {"decisions": entries})
    desk.close()
    ids = {card["source"]: card["decision_id"] for card in answer["decisions"]}
    for number, row in enumerate(rows):
        one = [ids[row.id]]
        if row.expected:
            review(reader, number, "real_miss", topic=row.topic, missed_ids=one)
        else:
            review(reader, number, "real_false_fire", topic=row.topic, unused_ids=one)
    review(reader, 900, "real_miss", missed_ids=[ids[rows[0].id]])
    before = (reader.home / "ledger.sqlite3").read_bytes()

    ended = reader.run_here("calibrate", "--apply")
    assert ended.status == 0
    assert "50 labelled rows that the topic gate decides, 50 of them your own" in ended.out
    assert "1 row left out: captured without the text of the topic" in ended.out
    assert "on your own labels: cost 50 (25 + 0) → 0 (0 + 0)" in ended.out
    assert (reader.home / "ledger.sqlite3").read_bytes() == before
    # The words that only the topics hold, and no decision's title.
    shown = {word for each in entries for word in f"{each['title']} {each['description']}".split()}
    private = {word for row in rows for word in row.topic.split()} - shown
    assert len(private) > 100
    kept = ended.out + calibrations(reader).read_text("utf-8")
    assert not any(word in kept for word in private)


def test_another_home_has_its_own_gate(labelled: tuple[Person, str], tmp_path: Path) -> None:
    """A gate belongs to the home, as the labels do."""
    person, name = labelled
    person.run_here("calibrate", "--data", name, "--apply")
    other = person.elsewhere(tmp_path / "other")
    shutil.copytree(person.home, other.home)
    (other.home / CALIBRATIONS_FILE).unlink()
    assert surfaced(person) != []
    assert surfaced(other) == []


PAGE = "docs/how-to/calibrate-the-gate.md"


def test_the_page_shows_what_really_comes_out(tmp_path: Path) -> None:
    """Its example is a data set of a shop; to bring the page up to date, run this file."""
    assert page_done_anew(tmp_path) == read(PAGE), "run `python -m tests.cli.test_calibrate`"


def page_done_anew(home: Path) -> str:
    shell = Shell(home.resolve())
    shell.make_project()
    write_labelled(shell.cwd / "labelled.jsonl")
    return run_page(read(PAGE), shell)


def test_the_values_on_the_page_are_those_of_the_grid() -> None:
    """Whoever wonders about a proposal looks there."""
    for knob in KNOBS:
        default = getattr(Gate(), knob.name)
        values = ", ".join(f"**{v:g}**" if v == default else f"{v:g}" for v in knob.values)
        assert f"| `{knob.name}` | {values} | {knob.step:g} |" in read(PAGE)
    assert f"{len(all_gates()):,} gates" in read(PAGE)
    assert FEWEST == 20
    assert DEFAULT_RATIO == 2
    assert DEFAULT_FOLDS == 5
    assert f"{BINDING_CONFIDENCE:.2f} for a binding, {MENTION_CONFIDENCE:.2f}" in read(PAGE)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (ROOT / PAGE).write_text(page_done_anew(Path(folder)), encoding="utf-8")

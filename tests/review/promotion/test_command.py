"""`triage promote` as a person and as a script runs it, and the file that comes of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bicameral.errors import PromotionRefused
from bicameral.review.evaluation.reading import read_dataset
from bicameral.review.promotion.answers import read_answers
from bicameral.review.promotion.promotion import CHECKLIST
from bicameral.review.rows import LABELS_FILE
from bicameral.review.triage.queue import read_labels
from tests.cli.parts import Ended, Person
from tests.review.promotion.parts import Bench, write
from tests.review.promotion.planted import SECRETS

TOKEN = SECRETS["github classic token"]()
PRIVATE_TOPIC = f"Zelda retries with {TOKEN} on vault.northwind.internal"
BOUND_SECONDS = 300
SWEEP = ("--resolve", "all=replace")


@pytest.fixture
def person(bench: Bench) -> Person:
    return Person(bench.repository, bench.environment.home, bench.environment)


@pytest.fixture
def clean(bench: Bench) -> str:
    return bench.review(missed_ids=[bench.add()]).id


@pytest.fixture
def private(bench: Bench) -> str:
    """A row with a secret, a person and a host in its topic."""
    return bench.review(number=2, topic=PRIVATE_TOPIC, missed_ids=[bench.add()]).id


def promote(person: Person, *words: str) -> Ended:
    return person.run_here("triage", "promote", *words)


def promotions(bench: Bench) -> list[Any]:
    said, _ = read_labels(bench.environment.home / LABELS_FILE)
    return [each for rows in said.values() for each in rows if each.action == "promote"]


def test_a_clean_row_is_written_and_recorded(person: Person, bench: Bench, clean: str) -> None:
    """The row in the repository, and in the data home who put it there."""
    done = promote(person, clean, "--confirm", "--by", "zelda", "--json").answer()
    (row,) = bench.rows()
    assert done["eval_row_id"] == row.id == done["row"]["id"]
    assert done["file"] == str(bench.dataset)
    assert not done["was_there"]
    (said,) = promotions(bench)
    assert (said.review_id, said.eval_row_id, said.who) == (clean, row.id, "zelda")
    shown = person.run_here("triage", "show", clean, "--json").answer()
    assert row.id in json.dumps(shown)


def test_nothing_is_written_unless_somebody_vouches(
    person: Person, bench: Bench, clean: str
) -> None:
    """The scan cannot know customers; a person has to say that there are none."""
    refused = promote(person, clean)
    assert refused.status == 1
    assert "nobody has confirmed the checklist" in refused.err
    for sentence in CHECKLIST:
        assert sentence in refused.err.replace("\n", " ")
    assert not bench.dataset.exists()
    assert promotions(bench) == []


def test_open_findings_are_listed_and_nothing_is_written(
    person: Person, bench: Bench, private: str
) -> None:
    """Where, what kind, and how to answer; the secret itself is never shown."""
    refused = promote(person, private, "--confirm")
    assert refused.status == 1
    for kind in ("github_token", "person_name", "host"):
        assert f"{kind} in topic" in refused.out
        assert f"{kind} in topic" in refused.err
    assert "▸[github_token, 40 characters]◂" in refused.out
    assert TOKEN not in refused.out + refused.err
    assert "--resolve" in refused.err
    assert not bench.dataset.exists()


def test_a_script_gets_the_findings_as_one_document(
    person: Person, bench: Bench, private: str
) -> None:
    """It answers them by their ids and runs the command again."""
    refused = promote(person, private, "--confirm", "--json")
    document = refused.answer()
    assert (refused.status, document["error"]) == (1, "promotion_refused")
    assert "error:" in refused.err
    kinds = {each["kind"]: each for each in document["findings"]}
    assert set(kinds) == {"github_token", "person_name", "host"}
    assert kinds["host"]["shown"] == "vault.northwind.internal"
    assert TOKEN not in refused.out + refused.err
    words = [f"--resolve={each['id']}=replace" for each in document["findings"]]
    assert promote(person, private, "--confirm", "--json", *words).status == 0
    (row,) = bench.rows()
    assert row.topic == "person-1 retries with [secret] on host-1.example"


def test_what_is_kept_is_written_with_its_reason_in_the_record(
    person: Person, bench: Bench, private: str
) -> None:
    """Later one can ask why it is there; the record itself holds no text of the row."""
    plan = promote(person, private, "--dry-run", "--json").answer()
    (host,) = (each for each in plan["findings"] if each["kind"] == "host")
    keep = f"{host['id'][:8]}=keep:it is in the public handbook"
    assert promote(person, private, "--confirm", *SWEEP, "--resolve", keep).status == 0
    (row,) = bench.rows()
    assert "vault.northwind.internal" in row.topic
    (said,) = promotions(bench)
    assert said.note == "kept host in topic: it is in the public handbook"


def test_a_dry_run_shows_the_row_and_writes_nothing(
    person: Person, bench: Bench, private: str
) -> None:
    """Who vouches for a row has to have read it."""
    shown = promote(person, private, "--dry-run")
    assert shown.status == 0
    assert "person-1 retries with [secret] on host-1.example" in shown.out
    assert "3 findings to answer; nothing was written" in shown.out
    swept = promote(person, private, "--dry-run", *SWEEP)
    assert "answered: replace" in swept.out
    assert "to answer" not in swept.out
    assert not bench.dataset.exists()


def test_a_clean_dry_run_says_that_nothing_was_found(person: Person, clean: str) -> None:
    """Silence could also mean that nobody looked."""
    assert "nothing private was found" in promote(person, clean, "--dry-run").out


def test_promoting_again_adds_nothing(person: Person, bench: Bench, clean: str) -> None:
    """The same row in the same words is the same row; in other words it is refused."""
    assert promote(person, clean, "--confirm").status == 0
    again = promote(person, clean, "--confirm", "--json").answer()
    assert again["was_there"]
    assert "stands in" in promote(person, clean, "--confirm").out
    other = promote(person, clean, "--confirm", "--topic", "pay once")
    assert other.status == 1
    assert "already, as row_" in other.err
    assert len(bench.rows()) == 1
    assert len(promotions(bench)) == 1


def test_a_row_that_was_removed_by_hand_can_be_promoted_anew(
    person: Person, bench: Bench, clean: str
) -> None:
    """The file is the team's; what they take out is out."""
    promote(person, clean, "--confirm")
    bench.dataset.write_bytes(b"")
    assert promote(person, clean, "--confirm", "--topic", "pay once").status == 0
    (row,) = bench.rows()
    assert row.topic == "pay once"
    assert [each.eval_row_id for each in promotions(bench)][-1] == row.id


def test_another_file_can_be_named(person: Person, bench: Bench, clean: str) -> None:
    """Some keep their data elsewhere."""
    assert promote(person, clean, "--confirm", "--to", "rows.jsonl").status == 0
    assert (bench.repository.root / "rows.jsonl").exists()
    assert not bench.dataset.exists()


def test_hashed_rows_take_topic_and_paths_from_the_command(person: Person, bench: Bench) -> None:
    """In hashed mode nobody else knows them."""
    row = bench.review(topic=None, file_paths=None, missed_ids=[bench.add()])
    refused = promote(person, row.id, "--confirm")
    assert "only hashes of its topic and paths" in refused.err
    words = ("--topic", "retry failed charges", "--path", "src/payments.py", "--note", "seen twice")
    assert promote(person, row.id, "--confirm", *words).status == 0
    (written,) = bench.rows()
    assert (written.topic, written.file_paths) == ("retry failed charges", ["src/payments.py"])
    assert written.note == "seen twice"


def test_rows_can_be_read_by_the_evaluation(person: Person, bench: Bench, private: str) -> None:
    """A row that cannot be run is worth nothing."""
    promote(person, private, "--confirm", *SWEEP)
    assert read_dataset(bench.dataset) == bench.rows()


def test_a_wrong_id_and_a_wrong_answer_are_refused(person: Person, clean: str) -> None:
    """With the way to the right one."""
    assert "triage list" in promote(person, "rev_nothing").err
    assert "no answer to a finding" in promote(person, clean, "--resolve", "everything").err
    assert "is no category" in promote(person, clean, "--category", "luck").err


KILLED = """
import os, sys
from pathlib import Path
from bicameral.environment import read_environment
from bicameral.review.promotion import promotion
real = promotion.append_label
def die(*words, **more):
    os.kill(os.getpid(), 9)
promotion.append_label = die
import server
server.main(sys.argv[1:])
"""


def test_a_promotion_that_was_killed_before_its_record_is_completed_by_doing_it_again(
    person: Person, bench: Bench, clean: str
) -> None:
    """Killed between the two files, it left the whole row; again, it adds only the record."""
    words = ["triage", "promote", clean, "--confirm"]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words],
        cwd=bench.repository.root,
        env=person.variables({"USER": "zquux"}),
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert len(bench.rows()) == 1
    assert promotions(bench) == []
    assert promote(person, clean, "--confirm", "--json").answer()["was_there"]
    assert len(bench.rows()) == 1
    assert [each.eval_row_id for each in promotions(bench)] == [bench.rows()[0].id]


def test_two_who_promote_the_same_row_at_once_agree(bench: Bench, clean: str) -> None:
    """Both began before either wrote: the second finds the row, or is refused."""
    suspect = bench.review(number=3, missed_ids=[bench.add("Use cents")])
    first, second = bench.begin(suspect), bench.begin(suspect)
    third = bench.begin(suspect, topic="pay in cents")
    nothing = read_answers([])
    assert not write(first, nothing, bench.environment).was_there
    assert write(second, nothing, bench.environment).was_there
    with pytest.raises(PromotionRefused, match="stands in"):
        write(third, nothing, bench.environment)
    assert len(bench.rows()) == len(promotions(bench)) == 1


def test_a_planted_link_is_refused(
    person: Person, bench: Bench, clean: str, tmp_path: Path
) -> None:
    """Through the command too."""
    target = tmp_path / "target.jsonl"
    target.write_bytes(b"")
    bench.dataset.parent.mkdir(parents=True)
    bench.dataset.symlink_to(target)
    refused = promote(person, clean, "--confirm", "--json")
    assert refused.answer()["error"] == "dataset_refused"
    assert target.read_bytes() == b""
    assert promotions(bench) == []


@pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is needed")
class TestOnATerminal:
    """One key for each finding, and yes in full at the end."""

    def sit(self, person: Person, *words: str) -> Any:
        from tests.cli.terminal import Terminal

        return Terminal(
            "triage",
            "promote",
            *words,
            cwd=person.repository.root,
            variables=person.variables({"USER": "zquux"}),
        )

    def test_each_finding_takes_one_key(self, person: Person, bench: Bench, private: str) -> None:
        """Kept with a reason, replaced, and a secret that cannot be kept."""
        with self.sit(person, private) as terminal:
            assert "▸Zelda◂" in terminal.wait_for("3 to answer", "q leave")
            terminal.press("r")
            assert TOKEN not in terminal.wait_for("2 to answer", "q leave")
            terminal.press("k")
            terminal.wait_for("reason: ")
            terminal.press("it is only old\n")
            terminal.wait_for("a secret is never kept", "2 to answer", "q leave")
            terminal.press("a")
            terminal.wait_for("1 to answer", "q leave")
            terminal.press("k")
            terminal.wait_for("reason: ")
            terminal.press("it is in the handbook\n")
            terminal.wait_for("Its texts may be shared", "type yes")
            terminal.press("yes\n")
            assert terminal.end() == 0
        (row,) = bench.rows()
        assert row.topic == "person-1 retries with [secret] on vault.northwind.internal"

    def test_leaving_leaves_everything_as_it_was(
        self, person: Person, bench: Bench, private: str
    ) -> None:
        """Also with half of the findings answered."""
        with self.sit(person, private) as terminal:
            terminal.wait_for("3 to answer", "q leave")
            terminal.press("g")
            terminal.wait_for("2 to answer", "q leave")
            terminal.press("q")
            terminal.wait_for("nothing was written")
            assert terminal.end() == 1
        assert not bench.dataset.exists()

    def test_anything_but_yes_is_no(self, person: Person, bench: Bench, clean: str) -> None:
        """A key pressed by habit must not vouch for anything."""
        with self.sit(person, clean) as terminal:
            terminal.wait_for("type yes")
            terminal.press("y\n")
            terminal.wait_for("nobody has confirmed")
            assert terminal.end() == 1
        assert not bench.dataset.exists()

    def test_what_is_hashed_is_asked_for(self, person: Person, bench: Bench) -> None:
        """The person at the terminal remembers what was asked."""
        row = bench.review(topic=None, file_paths=None, missed_ids=[bench.add()])
        with self.sit(person, row.id) as terminal:
            terminal.wait_for("topic, as it was asked: ")
            terminal.press("retry failed charges\n")
            terminal.wait_for("a path that was named")
            terminal.press("src/payments.py\n")
            terminal.wait_for("a path that was named")
            terminal.press("\n")
            terminal.wait_for("type yes")
            terminal.press("yes\n")
            assert terminal.end() == 0
        (written,) = bench.rows()
        assert (written.topic, written.file_paths) == ("retry failed charges", ["src/payments.py"])

"""`triage next` on a real terminal: each key, each way to leave, and the terminal afterwards."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from bicameral.cli.page import Page
from bicameral.cli.triage_keys import LEAVE, first_key
from bicameral.cli.triage_sitting import Sitting
from bicameral.environment import Environment
from bicameral.review.rows import LABELS_FILE
from tests.cli.parts import Person
from tests.review.triage.parts import a_row, a_suspect, labels_on_disk, write_reviews

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a pseudo-terminal is needed")

from tests.cli.terminal import Terminal  # noqa: E402 - needs POSIX

IDS = [f"rev_{number:016x}" for number in (1, 2, 3)]
FIRST, SECOND, THIRD = IDS
KEYS = "q leave"
Sit = Callable[..., AbstractContextManager[Terminal]]


@pytest.fixture
def triager(person: Person) -> Person:
    """One with three suspects, of falling confidence, the second captured in plain text."""
    rows = [a_row(id=each, confidence=0.9 - n / 10) for n, each in enumerate(IDS)]
    rows[1] = a_row(id=SECOND, confidence=0.8, topic="Retry charges", file_paths=["src/pay.py"])
    write_reviews(person.home, rows)
    return person


@pytest.fixture
def sit(triager: Person) -> Sit:
    """Sit down at a terminal; the first row is on it."""

    @contextmanager
    def sit_down(*options: str, columns: int = 100, **variables: str) -> Iterator[Terminal]:
        words = ("triage", "next", *options)
        settings = {"USER": "ada", **triager.variables(variables)} | variables
        settings.pop("LC_ALL", None) if "LC_ALL" not in variables else None
        with Terminal(
            *words, cwd=triager.repository.root, variables=settings, columns=columns
        ) as terminal:
            yield terminal

    return sit_down


def said(person: Person) -> list[tuple[str, str, str | None]]:
    return [(each.review_id, each.action, each.label) for each in labels_on_disk(person.home)]


@pytest.mark.parametrize(
    ("key", "label"),
    [
        *(("m", "real_miss"), ("f", "real_false_fire"), ("b", "borderline")),
        *(("n", "not_a_failure"), ("M", "real_miss")),
    ],
)
def test_one_key_labels_and_goes_on(sit: Sit, triager: Person, key: str, label: str) -> None:
    """Without Enter; the label is on the disk before the next row shows."""
    with sit() as terminal:
        shown = terminal.wait_for("1 of 3", FIRST, KEYS)
        assert shown.index("suspected miss, high (0.90)") < shown.index("missed: ")
        terminal.press(key)
        terminal.wait_for("2 of 3", f"labelled {label}: {FIRST}", SECOND)
        assert said(triager) == [(FIRST, "label", label)]
        terminal.wait_for(KEYS)
        terminal.press("q")
        assert terminal.end() == 0
        assert "1 row labelled, 2 left" in terminal.shown
        assert terminal.attributes() == terminal.before
    assert [each.who for each in labels_on_disk(triager.home)] == ["ada"]


def test_a_whole_queue_is_worked_with_every_other_key(sit: Sit, triager: Person) -> None:
    """Skip, undo, note, plain text and help, as a person mixes them."""
    with sit("--by", "Grace") as terminal:
        terminal.wait_for("1 of 3", KEYS)
        terminal.press("u")
        terminal.wait_for("nothing was labelled in this sitting", KEYS)
        terminal.press("s")
        terminal.wait_for("2 of 3", "skipped", KEYS)
        terminal.press("r")
        terminal.wait_for("topic: Retry charges", "paths: src/pay.py", KEYS)
        terminal.press("t")
        terminal.wait_for("note: ")
        terminal.press("hesitated, then\x7f\x7f\x7f\x7fso\n")
        terminal.wait_for("note: hesitated, so", KEYS)
        terminal.press("b")
        terminal.wait_for("3 of 3", "not captured in plain text", KEYS)
        terminal.press("u")
        terminal.wait_for("2 of 3", "taken back borderline", "note: hesitated, so", KEYS)
        terminal.press("r")
        terminal.wait_for("topic: 362e8ec5b48d2e17", KEYS)
        terminal.press("?")
        terminal.wait_for("a real miss: a decision should have been shown", "q  leave")
        terminal.press("n")
        terminal.wait_for("3 of 3", f"labelled not_a_failure: {SECOND}", "q  leave")
        terminal.press("f")
        terminal.wait_for("that was the last row", "u  take the last label back")
        terminal.press("u")
        terminal.wait_for("3 of 3", f"taken back real_false_fire: {THIRD}")
        terminal.press("m")
        terminal.wait_for(f"labelled real_miss: {THIRD}", "u  take the last label back")
        terminal.press("q")
        assert terminal.end() == 0
        assert "2 rows labelled, 1 left" in terminal.shown
        assert terminal.attributes() == terminal.before
    assert said(triager) == [
        (SECOND, "label", "borderline"),
        (SECOND, "undo", None),
        (SECOND, "label", "not_a_failure"),
        (THIRD, "label", "real_false_fire"),
        (THIRD, "undo", None),
        (THIRD, "label", "real_miss"),
    ]
    notes = [each.note for each in labels_on_disk(triager.home)]
    assert notes == ["hesitated, so", "", "hesitated, so", "", "", ""]
    assert {each.who for each in labels_on_disk(triager.home)} == {"Grace"}
    left = triager.run_here("triage", "list", "--json").answer()["rows"]
    assert [each["id"] for each in left] == [FIRST], "a skipped row waits for the next time"


@pytest.mark.parametrize("keys", ["x", "\n", " ", "\x1b[A", "\x1bb", "é", b"\xff", "\x1a"])
def test_other_keys_label_nothing(sit: Sit, triager: Person, keys: str | bytes) -> None:
    """An arrow or Alt-b begins with Escape and ends with a letter; Ctrl-Z has no shell here."""
    with sit() as terminal:
        terminal.wait_for("1 of 3", KEYS)
        terminal.press(keys)
        terminal.wait_for("1 of 3", KEYS)
        terminal.press("q")
        assert terminal.end() == 0
    assert said(triager) == []


def test_keys_that_come_in_one_piece_label_one_row(sit: Sit, triager: Person) -> None:
    """What was pasted, or pressed before a row was on the screen, was not meant for it."""
    with sit() as terminal:
        terminal.wait_for("1 of 3", KEYS)
        terminal.press("mmmmmm")
        terminal.wait_for("2 of 3", KEYS)
        terminal.press("q")
        assert terminal.end() == 0
    assert said(triager) == [(FIRST, "label", "real_miss")]


@pytest.mark.parametrize("key", ["q", "\x04"])
def test_leaving_keeps_what_was_labelled(sit: Sit, triager: Person, key: str) -> None:
    """Ctrl-D is the end of input; both are a way out, not a failure."""
    with sit() as terminal:
        terminal.wait_for(KEYS)
        terminal.press("f")
        terminal.wait_for("2 of 3", KEYS)
        terminal.press(key)
        assert terminal.end() == 0
        assert terminal.attributes() == terminal.before
    assert len(said(triager)) == 1


@pytest.mark.parametrize(
    ("how", "status"),
    [("\x03", 130), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_the_terminal_is_restored_whatever_ends_the_sitting(
    sit: Sit, triager: Person, how: str | signal.Signals, status: int
) -> None:
    """A shell that does not echo what is typed is worse than a lost label."""
    with sit() as terminal:
        terminal.wait_for("1 of 3", KEYS)
        assert terminal.attributes() != terminal.before
        terminal.press("m")
        terminal.wait_for("2 of 3", KEYS)
        if isinstance(how, str):
            terminal.press(how)
        else:
            terminal.send(how)
        assert terminal.end() == status
        assert "1 row labelled, 2 left" in terminal.shown
        assert "Traceback" not in terminal.shown
        assert terminal.attributes() == terminal.before
    assert len(said(triager)) == 1


def test_it_is_restored_also_from_the_middle_of_a_note(sit: Sit, triager: Person) -> None:
    """Ctrl-C there leaves; what was typed belongs to no label."""
    with sit() as terminal:
        terminal.wait_for(KEYS)
        terminal.press("t")
        terminal.wait_for("note: ")
        terminal.press("half a th\x03")
        assert terminal.end() == 130
        assert terminal.attributes() == terminal.before
    assert said(triager) == []


@pytest.mark.parametrize("labelled", [0, 1, 2])
def test_a_kill_between_keys_loses_no_label(sit: Sit, triager: Person, labelled: int) -> None:
    """Whoever sees the next row may rely on the one before."""
    with sit() as terminal:
        for number in range(labelled):
            terminal.wait_for(f"{number + 1} of 3", KEYS)
            terminal.press("n")
        terminal.wait_for(f"{labelled + 1} of 3")
        terminal.send(signal.SIGKILL)
        assert terminal.end() == -signal.SIGKILL
    assert said(triager) == [(each, "label", "not_a_failure") for each in IDS[:labelled]]


def test_a_person_who_hangs_up_ends_the_sitting(sit: Sit, triager: Person) -> None:
    """A closed window must not leave a process behind that turns in circles."""
    with sit() as terminal:
        terminal.wait_for(KEYS)
        terminal.press("m")
        terminal.wait_for("2 of 3", KEYS)
        terminal.hang_up()
        assert terminal.process.wait(120) != 0
    assert len(said(triager)) == 1


def test_a_resized_terminal_gets_the_row_anew(sit: Sit) -> None:
    """In lines that fit; the keys still work."""
    with sit(columns=100) as terminal:
        terminal.wait_for("1 of 3", KEYS)
        terminal.resize(50)
        shown = terminal.wait_for("1 of 3", "leave").replace("\x1b[H\x1b[2J", "")
        assert max(len(line) for line in visible_lines(shown)) <= 50
        terminal.press("q")
        assert terminal.end() == 0


def visible_lines(shown: str) -> list[str]:
    plain = shown
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"):
        plain = plain.replace(code, "")
    return plain.splitlines()


def test_a_locale_without_utf8_shows_and_takes_what_it_can(sit: Sit, triager: Person) -> None:
    """Nothing ends with a traceback; a note of odd bytes is still a note."""
    with sit(LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0") as terminal:
        terminal.wait_for("1 of 3", KEYS)
        terminal.press("t")
        terminal.wait_for("note: ")
        terminal.press(b"caf\xe9\n")
        terminal.wait_for("1 of 3", "note: caf", KEYS)
        terminal.press("m")
        terminal.wait_for("2 of 3", KEYS)
        terminal.press("q")
        assert terminal.end() == 0
        assert "Traceback" not in terminal.shown
    assert [each.note for each in labels_on_disk(triager.home)] == ["caf\ufffd"]


def test_a_label_that_cannot_be_saved_keeps_the_row(sit: Sit, triager: Person) -> None:
    """The person hears why, and may press the key again when there is room."""
    blocker = triager.home / LABELS_FILE
    with sit() as terminal:
        terminal.wait_for("1 of 3", KEYS)
        os.mkfifo(blocker)
        terminal.press("m")
        terminal.wait_for("1 of 3", "not saved, so the row stays: not a regular file", KEYS)
        blocker.unlink()
        terminal.press("m")
        terminal.wait_for("2 of 3", KEYS)
        kept = blocker.read_bytes()
        blocker.unlink()
        os.mkfifo(blocker)
        terminal.press("u")
        terminal.wait_for("2 of 3", "not taken back: not a regular file", KEYS)
        blocker.unlink()
        blocker.write_bytes(kept)
        terminal.press("q")
        assert terminal.end() == 0
    assert said(triager) == [(FIRST, "label", "real_miss")]


def test_an_empty_queue_needs_no_terminal(sit: Sit, triager: Person) -> None:
    """It says why, and gives the prompt back."""
    for each in IDS:
        triager.run_here("triage", "label", each, "borderline")
    with sit() as terminal:
        assert terminal.end() == 0
        assert "every suspected row has its label" in terminal.shown
        assert terminal.attributes() == terminal.before


def test_json_is_never_interactive(sit: Sit) -> None:
    """A script may run on a terminal."""
    with sit("--json") as terminal:
        assert terminal.end() == 0
        assert f'"id": "{FIRST}"' in terminal.shown


@pytest.mark.parametrize(
    ("pressed", "key"),
    [
        (b"", LEAVE),
        (b"m", "m"),
        (b"Mm", "m"),
        (b"\x1b", "\x1b"),
        (b"\x1b[B", "\x1b"),
        ("ñ".encode(), "ñ"),
        (b"\xff\xfe", "\ufffd"),
    ],
)
def test_bytes_become_one_key(pressed: bytes, key: str) -> None:
    """The first one counts; an escape sequence is a key of its own."""
    assert first_key(pressed) == key


class Scripted:
    """Keys from a list."""

    clears_screen = False

    def __init__(self, keys: str) -> None:
        self.left = list(keys)

    def __enter__(self) -> "Scripted":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def forget(self) -> None:
        """Nothing waits."""

    def read(self) -> str:
        return self.left.pop(0) if self.left else LEAVE

    def read_line(self, prompt: str = "") -> str:
        return "a note"


def test_a_decision_is_read_once_for_a_row(
    environment: Environment, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """The ledger may be far away, and the row is drawn again for every odd key."""
    read: list[str] = []

    def read_decisions(suspect: object) -> dict[str, object]:
        read.append(suspect.row.id)  # type: ignore[attr-defined]
        return {}

    suspects = [a_suspect(a_row(id=each)) for each in IDS]
    sitting = Sitting(environment, suspects, "ada", False, read_decisions, Page)  # type: ignore[arg-type]
    sitting.work_through(Scripted("x?tr?smu"))
    assert read == [FIRST, SECOND, THIRD, SECOND]
    assert sitting.summary() == "0 rows labelled, 3 left\n"
    assert capfdbinary.readouterr().out.count(b" of 3") == 9

"""A sitting: one row on the screen after another, one key for each label.

A label is synced to the disk before the next row shows, so that whatever ends the sitting
takes nothing back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bicameral.cli.execution import write
from bicameral.cli.page import Page, count
from bicameral.cli.triage_cards import Decisions, show_suspect
from bicameral.cli.triage_keys import LEAVE, REDRAW, Keys
from bicameral.environment import Environment
from bicameral.review.rows import Label, LabelRow
from bicameral.review.triage.labels import append_label
from bicameral.review.triage.queue import Suspect

LABEL_KEYS: dict[str, Label] = {
    "m": "real_miss",
    "f": "real_false_fire",
    "b": "borderline",
    "n": "not_a_failure",
}
_LEAVE_KEYS = frozenset({"q", LEAVE})
_CLEAR = "\x1b[H\x1b[2J"
_KEYS = (
    "m real miss   f real false fire   b borderline   n not a failure",
    "s skip   u undo   t note   r raw text   ? help   q leave",
)
_HELP = (
    "m  a real miss: a decision should have been shown and was not",
    "f  a real false fire: what was shown was of no use",
    "b  borderline: people could disagree",
    "n  not a failure: the preflight did right",
    "s  skip: say nothing; the row waits for the next time",
    "u  take back the last label of this sitting",
    "t  write a note, which goes with the label that follows",
    "r  plain text instead of hashes, where raw mode captured it, and back",
    "q  leave; so do Ctrl-C and Ctrl-D. All labels are saved already",
)


@dataclass(slots=True)
class Sitting:
    """Where a person stands in a queue, and what the screen shows."""

    environment: Environment
    suspects: Sequence[Suspect]
    who: str
    is_raw: bool
    read_decisions: Callable[[Suspect], Decisions]
    make_page: Callable[[], Page]
    position: int = 0
    note: str = ""
    message: str = ""
    shows_help: bool = False
    done: list[tuple[int, LabelRow]] = field(default_factory=list)
    _decisions: dict[int, Decisions] = field(default_factory=dict)

    @property
    def current(self) -> Suspect | None:
        """The row on the screen; none when all were worked."""
        return self.suspects[self.position] if self.position < len(self.suspects) else None

    def work_through(self, keys: Keys) -> None:
        """Show and read until the queue is worked or the person leaves."""
        while self.current is not None or self.done:
            # Before the row is drawn: nobody can have meant it yet.
            keys.forget()
            shown = self.last_page() if self.current is None else self.screen(self.current)
            write((_CLEAR if keys.clears_screen else "\n") + shown)
            key = keys.read()
            if key in _LEAVE_KEYS or (self.current is None and key not in {"u", REDRAW}):
                return
            if key != REDRAW:
                self.press(key, keys)

    def last_page(self) -> str:
        """Return the page behind the last row: the last label can still be taken back."""
        page = self.make_page()
        page.line(self.message, style="green")
        page.line("that was the last row")
        page.line()
        page.line("u  take the last label back     any other key  leave", style="dim")
        return page.text()

    def screen(self, suspect: Suspect) -> str:
        """Return the page of the row."""
        page = self.make_page()
        if self.message:
            page.line(self.message, style="green")
        page.line(f"{self.position + 1} of {len(self.suspects)}", style="dim")
        if self.position not in self._decisions:  # read once, however often it is drawn
            self._decisions = {self.position: self.read_decisions(suspect)}
        show_suspect(suspect, page, self._decisions[self.position], is_raw=self.is_raw)
        if self.note:
            page.line(f"note: {self.note}", style="yellow")
        page.line()
        for each in _HELP if self.shows_help else _KEYS:
            page.line(each, style="dim")
        return page.text()

    def press(self, key: str, keys: Keys) -> None:
        """Do what a key asks for."""
        self.message = ""
        if key in LABEL_KEYS:
            self._label(LABEL_KEYS[key])
        elif key == "s":
            self._go_on("skipped")
        elif key == "u":
            self._undo()
        elif key == "t":
            self.note = keys.read_line("note: ")
        elif key == "r":
            self.is_raw = not self.is_raw
        elif key == "?":
            self.shows_help = not self.shows_help
        else:
            self.message = "that key means nothing here; ? says what the others do"

    def summary(self) -> str:
        """Return what the sitting came to, in a line."""
        rest = len(self.suspects) - len(self.done)
        return f"{count(len(self.done), 'row')} labelled, {rest} left\n"

    def _label(self, label: Label) -> None:
        suspect = self.suspects[self.position]
        try:
            said = append_label(
                self.environment, suspect.row.id, "label", who=self.who, label=label, note=self.note
            )
        except OSError as error:
            self.message = f"not saved, so the row stays: {error.strerror or error}"
            return
        self.done.append((self.position, said))
        self._go_on(f"labelled {label}: {suspect.row.id}")

    def _undo(self) -> None:
        if not self.done:
            self.message = "nothing was labelled in this sitting; older labels: triage undo ID"
            return
        position, said = self.done[-1]
        try:
            append_label(self.environment, said.review_id, "undo", who=self.who)
        except OSError as error:
            self.message = f"not taken back: {error.strerror or error}"
            return
        self.done.pop()
        self.position, self.note = position, said.note
        self.message = f"taken back {said.label}: {said.review_id}"

    def _go_on(self, message: str) -> None:
        self.position += 1
        self.note, self.message = "", message

"""A team's project: a real repository, and the book of what the team has decided.

The book is kept by the generator from what it did, never read back from the ledger.
"""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from tests.conftest import Clock, Repository
from tests.review.generator.vocabulary import Rule, Subject, title_of

WAVED_FOR_NS = 3_600 * 1_000_000_000
SYMBOLS = ("accept", "settle")


class Tools(Protocol):
    """The tools of one server."""

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A function in a file of the project."""

    path: str
    symbol: str

    @property
    def selector(self) -> str:
        """How `bind` is told of it."""
        return f"{self.path}::{self.symbol}"


@dataclass(slots=True, eq=False)
class Decided:
    """A decision as the team knows it; `place` is the code it governs, bound or not."""

    subject: Subject
    rule: Rule
    place: Place
    is_ratified: bool
    id: str = ""
    stands: bool = True
    bound: set[str] = field(default_factory=set)
    """The paths that it is bound to."""
    waved_ns: int | None = None
    successor: "Decided | None" = None
    again: str = ""
    """The same, stated once more: the decision that collides with it."""

    @property
    def title(self) -> str:
        """What the decision is called."""
        return title_of(self.subject, self.rule)

    @property
    def now(self) -> "Decided":
        """What took its place, if something did."""
        return self.successor.now if self.successor else self


class Project:
    """One repository under work, with its decisions and its code."""

    def __init__(
        self, root: Path, clock: Clock, topics: Callable[[], tuple[Subject, Rule]]
    ) -> None:
        self.repository = Repository(root)
        self.repository.git("config", "core.fsync", "none")
        self.clock = clock
        self.book: list[Decided] = []
        self._topics = topics
        self._numbers = count(1)
        self._versions: dict[Place, int] = {}
        self._fresh: list[str] = []
        # Two repositories with one first commit would be one repository.
        self.repository.commit("start", **{"README.md": f"The project {root.name}.\n"})

    def plan_place(self, subject: Subject) -> Place:
        """Think of a file of its own for a subject; its first change writes it."""
        path = f"src/{subject.plain}/part{next(self._numbers)}.py"
        for symbol in SYMBOLS:
            self._versions[Place(path, symbol)] = 1
        return Place(path, SYMBOLS[0])

    def new_place(self, subject: Subject) -> Place:
        """Make a file of its own for a subject, in the work tree."""
        place = self.plan_place(subject)
        self.write(place.path)
        self._fresh.append(place.path)
        return place

    def beside(self, place: Place) -> Place:
        """Return the other function of the same file."""
        [other] = {*SYMBOLS} - {place.symbol}
        return Place(place.path, other)

    def change(self, place: Place) -> Path:
        """Change what a function does, in the work tree; return the file."""
        self._versions[place] += 1
        return self.write(place.path)

    def write(self, path: str) -> Path:
        """Write a file as it should be now."""
        functions = [
            f"def {place.symbol}(order):\n    return order.step({version})\n"
            for place, version in self._versions.items()
            if place.path == path
        ]
        return self.repository.write(path, "\n\n".join(functions))

    def commit(self, paths: Iterable[str], message: str) -> None:
        """Commit these files and no others, as an agent does beside others."""
        named = sorted(set(paths))
        self.repository.git("add", "--", *named)
        self.repository.git("commit", "--quiet", "--allow-empty", "-m", message, "--", *named)

    def commit_fresh(self) -> None:
        """Commit the files that were made for what is about to begin."""
        if self._fresh:
            self.commit(self._fresh, "prepare")
            self._fresh.clear()

    def draw_decision(self, chance: random.Random, *, shares: Decided | None = None) -> Decided:
        """Think of a decision, with a file of its own or on the code that another governs."""
        subject, rule = self._topics()
        place = self.new_place(subject) if shares is None else shares.place
        return Decided(subject, rule, place, is_ratified=chance.random() < 0.6)

    def decide(self, team: Tools, decided: Sequence[Decided], *, bound: Iterable[Decided]) -> None:
        """Let the team record decisions, bind some of them, and sign what it agreed on."""
        if not decided:
            return
        entries = [_entry(each) for each in decided]
        cards = team.call("bicameral.ingest", {"decisions": entries})["decisions"]
        ids = {card["title"]: card["decision_id"] for card in cards}
        for each in decided:
            each.id = ids[each.title]
        self.book += decided
        bindings = [{"decision_id": e.id, "selector": e.place.selector} for e in bound]
        if bindings:
            team.call("bicameral.bind", {"bindings": bindings})
        for each in bound:
            each.bound.add(each.place.path)
        for each in decided:
            if each.is_ratified:
                team.call("bicameral.ratify", {"decision_id": each.id, "action": "ratify"})

    def retire(self, team: Tools, decided: Decided) -> None:
        """Let the team take a decision back."""
        team.call("bicameral.update", {"decision_id": decided.id, "action": "retire"})
        decided.stands = False

    def supersede(self, team: Tools, decided: Decided, successor: Decided) -> None:
        """Let the team put another decision in the place of one."""
        self.decide(team, [successor], bound=[])
        changes = {"decision_id": decided.id, "action": "supersede", "superseded_by": successor.id}
        team.call("bicameral.update", changes)
        decided.stands = False
        decided.successor = successor

    def collide(self, team: Tools, decided: Decided) -> None:
        """Let somebody state a decision once more, so that a person has to settle it."""
        title = f"{decided.title}, item {next(self._numbers)}"
        entry = _entry(decided) | {"title": title, "source_ref": f"another meeting, {title}"}
        [card] = team.call("bicameral.ingest", {"decisions": [entry]})["decisions"]
        if card.get("collides_with"):
            decided.again = card["decision_id"]
        else:  # not seen as the same: nothing waits, and the double is taken back
            changes = {"decision_id": card["decision_id"], "action": "retire"}
            team.call("bicameral.update", changes)

    def settle(self, team: Tools) -> None:
        """Let a person answer what still waits."""
        for decided in self.book:
            if decided.again:
                asked = {"decision_id": decided.again}
                found = team.call("bicameral.history", asked)["decision"].get("questions", [])
                team.call("bicameral.resolve", {"answers": [rejecting(e) for e in found]})
                decided.again = ""

    def waved(self) -> set[str]:
        """Return the decisions that somebody waved through within the hour."""
        since = self.clock() - WAVED_FOR_NS
        return {e.id for e in self.book if e.waved_ns is not None and e.waved_ns > since}


def rejecting(card: Mapping[str, Any]) -> dict[str, str]:
    """Return a person's answer to a waiting question: what was there first stands."""
    return {"question_id": card["question_id"], "answer": "reject_new"}


def _entry(decided: Decided) -> dict[str, str]:
    technical, jargon = decided.rule.technical.lower(), decided.subject.jargon
    return {
        "title": decided.title,
        "description": f"All {jargon} go through {technical}; exceptions are signed off.",
        "source_ref": f"minutes, {decided.title}",
    }

"""An agent in one session: it asks, edits, commits and calls, and what it asked is kept.

Every act goes through the real tools or the real after-edit hook; time passes in between.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.review.generator.project import Decided, Place, Project, Tools, rejecting
from tests.review.generator.tasks import Task
from tests.review.generator.truth import KnownPreflight, missed_of, truth_of

THREADED = frozenset({"bind", "link_commit", "resolve", "ratify", "update"})


@dataclass(frozen=True, slots=True)
class Habits:
    """How an agent works whatever its task is.

    `keeps_house` is how often it also works on a decision that is not of its task, `hidden`
    how often its conduct leaves no trace.
    """

    threads_id: bool
    has_hook: bool
    is_muted: bool
    keeps_house: float
    hidden: float


@dataclass(slots=True)
class Agent:
    """One client in one session on one project. `observe_edit` is its after-edit hook."""

    session_id: str
    project: Project
    desk: Tools
    team: Tools
    habits: Habits
    chance: random.Random
    observe_edit: Callable[[Path], None]
    told: set[str] = field(default_factory=set)
    known: list[KnownPreflight] = field(default_factory=list)
    preflight_id: str | None = None
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """Questions that its newest answer said wait for a person."""
    changed: list[str] = field(default_factory=list)
    """Files that it changed and has not committed."""

    def call(self, tool: str, *, threads: bool = True, **arguments: Any) -> dict[str, Any]:
        """Call a tool as this session's client, some seconds after the last act."""
        self.project.clock.advance(seconds=self.chance.uniform(2, 45))
        if threads and self.habits.threads_id and tool in THREADED:
            arguments["preflight_id"] = self.preflight_id
        return self.desk.call(f"bicameral.{tool}", arguments)

    def ask(self, task: Task) -> KnownPreflight:
        """Ask the preflight, and keep what that really was."""
        standing = [each.id for each in task.relevant]
        relevant = [*standing, *(each.again for each in task.relevant if each.again)]
        waved = self.project.waved()
        answer = self.call(
            "preflight", topic=task.topic, file_paths=list(task.paths), limit=task.limit
        )
        surfaced = [card["id"] for card in answer.get("decisions", [])]
        self.told |= {*surfaced, *_waiting_in(answer)}
        self.waiting = answer.get("waiting", [])
        missed = missed_of(standing, told=self.told, waved=waved)
        muted = self.habits.is_muted
        self.preflight_id = answer["preflight_id"]
        self.known.append(
            KnownPreflight(
                preflight_id=answer["preflight_id"],
                session_id=self.session_id,
                topic=task.topic,
                file_paths=task.paths,
                way=task.way,
                conduct=(),
                relevant_ids=tuple(relevant),
                surfaced_ids=tuple(surfaced),
                missed_ids=missed,
                reason=answer["reason"],
                truth=truth_of(relevant=relevant, surfaced=surfaced, missed=missed, is_muted=muted),
                leaves_trace=True,
            )
        )
        return self.known[-1]

    def note(self, task: Task, conduct: Sequence[str], *, leaves_trace: bool) -> None:
        """Keep what the agent did about its newest task."""
        for number in range(len(self.known) - task.times, len(self.known)):
            self.known[number] = replace(
                self.known[number], conduct=tuple(conduct), leaves_trace=leaves_trace
            )

    def note_cut_off(self) -> None:
        """Keep that what it asked last was never acted on, if it was killed before."""
        for number, known in enumerate(self.known):
            if not known.conduct:
                mattered = known.missed_ids or {*known.surfaced_ids} & {*known.relevant_ids}
                self.known[number] = replace(
                    known, conduct=("is cut off",), leaves_trace=not mattered
                )

    def change(self, places: Iterable[Place], *, is_observed: bool = True) -> None:
        """Edit code; the client's hook tells of it if the client has one."""
        for place in places:
            self.project.clock.advance(seconds=self.chance.uniform(5, 90))
            file = self.project.change(place)
            self.changed.append(place.path)
            if is_observed and self.habits.has_hook:
                self.observe_edit(file)

    def commit(self) -> None:
        """Commit what this agent changed."""
        if self.changed:
            self.project.commit(self.changed, "work")
            self.changed.clear()

    def link(self, *, judges: bool) -> None:
        """Commit, bring the commit into the ledger, and judge what is wanted of it or not."""
        self.commit()
        linked = self.call("link_commit", limit=50)
        wanted = [card for card in linked["touched"] if card["verdict_wanted"]]
        if judges and wanted:
            names = ("decision_id", "region_id", "digest")
            self.call(
                "resolve",
                verdicts=[
                    {name: card[name] for name in names} | {"verdict": "compliant"}
                    for card in wanted
                ],
            )

    def bind(self, decided: Decided, place: Place) -> None:
        """Say that a decision governs a place."""
        entry = {"decision_id": decided.id, "selector": place.selector}
        self.call("bind", bindings=[entry])
        decided.bound.add(place.path)

    def ratify(self, decided: Decided) -> None:
        """Let the person sign a decision."""
        self.call("ratify", decision_id=decided.id, action="ratify")
        decided.is_ratified = True

    def regroup(self, decided: Decided, *, threads: bool = True) -> None:
        """Say which feature a decision belongs to; `threads`: as part of the newest task."""
        group = f"{decided.subject.plain} {self.chance.randint(1, 9)}"
        changes = {"decision_id": decided.id, "action": "regroup", "feature_group": group}
        self.call("update", threads=threads, **changes)

    def read(self, decided: Decided) -> None:
        """Read a decision in full."""
        self.call("history", decision_id=decided.id)

    def wave(self, decided: Decided) -> None:
        """Let the person wave a decision through."""
        self.call(
            "resolve", bypasses=[{"decision_id": decided.id, "reason": "not for this hotfix"}]
        )
        decided.waved_ns = self.project.clock()

    def answer(self) -> None:
        """Pass on what the person says to the questions that wait."""
        if self.waiting:
            self.call("resolve", answers=[rejecting(each) for each in self.waiting])

    def search(self, decided: Decided) -> None:
        """Look for a decision by words, as one does who suspects that there is one."""
        self.call("search", query=decided.rule.technical)


def _waiting_in(answer: dict[str, Any]) -> set[str]:
    """Return the decisions that the waiting questions of an answer name."""
    cards = answer.get("waiting", [])
    named = {card.get(name) for card in cards for name in ("decision_id", "other_decision_id")}
    return {each for each in named if each}

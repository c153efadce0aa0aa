"""Tasks: what an agent means to do, which decisions really matter for it, what it will ask.

All of it is drawn before the server is asked, so that what it answers cannot bend it.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.review.generator import vocabulary
from tests.review.generator.project import Decided, Place, Project

REUSED = 0.3
"""How often a task is about a decision that an earlier session already had to do with."""
REUSED_AT_ONCE = 0.8
"""The same for a session beside another one, whose `NEWEST` decisions it is about."""
NEWEST = 4


@dataclass(frozen=True, slots=True)
class Task:
    """One intent. `edits` is the code that it will really change.

    `times` is how often it is asked; `later` is decided after the answer; `successor` takes
    the place of what is relevant after the answer; `collision` waits for a person.
    """

    way: str
    topic: str
    paths: tuple[str, ...]
    edits: tuple[Place, ...]
    relevant: tuple[Decided, ...] = ()
    limit: int = 5
    times: int = 1
    later: Decided | None = None
    successor: Decided | None = None
    collision: Decided | None = None


@dataclass(slots=True)
class Arrangement:
    """What has to stand before the session begins: decisions, bindings, files."""

    chance: random.Random
    project: Project
    is_beside: bool = False
    """Whether another session is at work on the same."""
    decided: list[Decided] = field(default_factory=list)
    bound: list[Decided] = field(default_factory=list)
    retired: list[Decided] = field(default_factory=list)
    """Decisions that are taken back before the session begins."""
    taken: list[Decided] = field(default_factory=list)
    """Older decisions that a task of this session is about already."""

    def bound_decision(self) -> Decided:
        """Return a decision that is bound to its code, an older one now and then."""
        return self._older(lambda each: each.place.path in each.bound) or self._new(is_bound=True)

    def free_decision(self) -> Decided:
        """Return a decision that is bound to nothing."""
        return self._older(lambda each: not each.bound) or self._new(is_bound=False)

    def decision_beside(self, other: Decided) -> Decided:
        """Return a new decision that is bound to the code of another."""
        return self._new(is_bound=True, shares=other)

    def retired_decision(self) -> Decided:
        """Return a bound decision that will have been taken back."""
        made = self._new(is_bound=True)
        self.retired.append(made)
        return made

    def thought(self) -> Decided:
        """Return a decision that nobody has recorded yet."""
        return self.project.draw_decision(self.chance)

    def place(self, decided: Decided) -> Place:
        """Return a fresh file of the same part of the product."""
        return self.project.new_place(decided.subject)

    def likely(self, share: float) -> bool:
        """Say yes in this share of cases."""
        return self.chance.random() < share

    def _older(self, fits: Callable[[Decided], bool]) -> Decided | None:
        if not self.likely(REUSED_AT_ONCE if self.is_beside else REUSED):
            return None
        book = [e for e in self.project.book if e.stands and e not in self.taken and fits(e)]
        if not book:
            return None
        self.taken.append(self.chance.choice(book[-NEWEST:] if self.is_beside else book))
        return self.taken[-1]

    def _new(self, *, is_bound: bool, shares: Decided | None = None) -> Decided:
        made = self.project.draw_decision(self.chance, shares=shares)
        self.decided.append(made)
        if is_bound:
            self.bound.append(made)
        return made


def _names_the_file(to: Arrangement) -> Task:
    decided = to.bound_decision()
    words = vocabulary.in_its_words if to.likely(0.5) else vocabulary.in_other_words
    more = (to.place(decided),) if to.likely(0.4) else ()
    edits = (decided.place, *more)
    return Task(
        way="names the bound file",
        topic=words(decided.subject, decided.rule),
        paths=tuple(each.path for each in edits),
        edits=edits,
        relevant=(decided,),
    )


def _in_its_words(to: Arrangement) -> Task:
    decided = to.free_decision()
    work = to.place(decided)
    return Task(
        way="asks in the decision's words",
        topic=vocabulary.in_its_words(decided.subject, decided.rule),
        paths=(work.path,) if to.likely(0.6) else (),
        edits=(work,),
        relevant=(decided,),
    )


def _in_other_words(to: Arrangement) -> Task:
    decided = to.free_decision()
    work = to.place(decided)
    return Task(
        way="asks in other words",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(work.path,),
        edits=(work,),
        relevant=(decided,),
        times=2 if to.likely(0.15) else 1,
    )


def _without_paths(to: Arrangement) -> Task:
    decided = to.bound_decision() if to.likely(0.5) else to.free_decision()
    return Task(
        way="names no paths",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(),
        edits=(decided.place,) if decided.bound or decided in to.bound else (to.place(decided),),
        relevant=(decided,),
    )


def _names_another_file(to: Arrangement) -> Task:
    decided = to.bound_decision()
    work = to.place(decided)
    return Task(
        way="names another file than the bound one",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(work.path,),
        edits=(work, decided.place),
        relevant=(decided,),
    )


def _plans_a_file(to: Arrangement) -> Task:
    decided = to.free_decision()
    planned = to.project.plan_place(decided.subject)
    return Task(
        way="names a file that is yet to be written",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(planned.path,),
        edits=(planned,),
        relevant=(decided,),
    )


def _names_the_folder(to: Arrangement) -> Task:
    decided = to.bound_decision()
    return Task(
        way="names the folder",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(decided.place.path.rpartition("/")[0],),
        edits=(decided.place,),
        relevant=(decided,),
        limit=20,
    )


def _asks_for_one(to: Arrangement) -> Task:
    decided = to.bound_decision()
    return Task(
        way="asks for fewer than there are",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(decided.place.path,),
        edits=(decided.place,),
        relevant=(decided, to.decision_beside(decided)),
        limit=1,
    )


def _asks_twice(to: Arrangement) -> Task:
    decided = to.bound_decision()
    return Task(
        way="asks the same twice",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(decided.place.path,),
        edits=(decided.place,),
        relevant=(decided,),
        times=2,
    )


def _waits_for_a_person(to: Arrangement) -> Task:
    decided = to.free_decision()
    work = to.place(decided)
    return Task(
        way="a question waits",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(work.path,),
        edits=(work,),
        relevant=(decided,),
        collision=decided,
    )


def _superseded_meanwhile(to: Arrangement) -> Task:
    decided = to.bound_decision()
    return Task(
        way="superseded after the answer",
        topic=vocabulary.in_other_words(decided.subject, decided.rule),
        paths=(decided.place.path,),
        edits=(decided.place,),
        relevant=(decided,),
        successor=to.thought(),
    )


def _quiet(to: Arrangement) -> Task:
    thought = to.thought()
    return Task(
        way="nothing was decided about it",
        topic=vocabulary.chore(to.chance, thought.subject),
        paths=(thought.place.path,) if to.likely(0.8) else (),
        edits=(thought.place,),
    )


def _decided_later(to: Arrangement) -> Task:
    thought = to.thought()
    words = vocabulary.in_its_words if to.likely(0.5) else vocabulary.in_other_words
    return Task(
        way="decided after the answer",
        topic=words(thought.subject, thought.rule),
        paths=(thought.place.path,),
        edits=(thought.place,),
        later=thought,
    )


def _retired_before(to: Arrangement) -> Task:
    decided = to.retired_decision()
    return Task(
        way="retired before the question",
        topic=vocabulary.in_its_words(decided.subject, decided.rule),
        paths=(decided.place.path,),
        edits=(decided.place,),
    )


def _shares_words(to: Arrangement) -> Task:
    decided = to.free_decision()
    work = to.place(decided)
    return Task(
        way="shares words with a decision",
        topic=vocabulary.about_its_words(decided.subject, decided.rule),
        paths=(work.path,) if to.likely(0.6) else (),
        edits=(work,),
    )


def _names_too_much(to: Arrangement) -> Task:
    decided = to.bound_decision()
    work = to.place(decided)
    return Task(
        way="names a file that it will not touch",
        topic=vocabulary.chore(to.chance, decided.subject),
        paths=(work.path, decided.place.path),
        edits=(work,),
    )


WAYS: Mapping[Callable[[Arrangement], Task], int] = {
    _names_the_file: 16,
    _in_its_words: 12,
    _in_other_words: 12,
    _without_paths: 6,
    _names_another_file: 6,
    _plans_a_file: 4,
    _names_the_folder: 3,
    _asks_for_one: 5,
    _asks_twice: 4,
    _waits_for_a_person: 4,
    _superseded_meanwhile: 3,
    _quiet: 12,
    _decided_later: 4,
    _retired_before: 3,
    _shares_words: 12,
    _names_too_much: 10,
}
"""How a question comes about, with its share of all tasks."""


def draw_task(to: Arrangement) -> Task:
    """Draw one task, and add to the arrangement what it needs."""
    [way] = to.chance.choices(list(WAYS), weights=list(WAYS.values()))
    return way(to)

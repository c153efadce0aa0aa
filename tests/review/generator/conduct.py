"""Conduct: what an agent does after the answer, for each kind of agent and each outcome.

Heeding, finding out what was missed, and passing over what did not matter leave the traces
that they leave in life. `HIDDEN` conduct is what no log can show, or shows as its opposite.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tests.review.generator.agent import Agent
from tests.review.generator.project import Decided, Place
from tests.review.generator.tasks import Task
from tests.review.generator.truth import KnownPreflight

STOPS = 0.1
"""How often an agent that nothing relevant was shown to does nothing after asking."""
LINKS_LATE = 0.12
"""How often the commit comes only after the session's next task."""
BESIDE = "works on another decision too"
THREADS_WRONGLY = 0.2
"""How often a call that is not of the task carries its id all the same."""


@dataclass(frozen=True, slots=True)
class Case:
    """One decision that matters for a task, as the agent meets it."""

    agent: Agent
    task: Task
    decided: Decided

    @property
    def is_edited(self) -> bool:
        """Whether the task changes the code that the decision is bound to."""
        place = self.decided.place
        return place in self.task.edits and place.path in self.decided.bound

    @property
    def is_named(self) -> bool:
        """Whether the question named that code's file, or a folder around it."""
        path = self.decided.place.path
        return any(path == each or path.startswith(f"{each}/") for each in self.task.paths)

    @property
    def work(self) -> Place:
        """The code that the task is most about."""
        return self.task.edits[0]


Move = Callable[[Case], None]


def _links(case: Case) -> None:
    case.agent.link(judges=False)


def _links_and_judges(case: Case) -> None:
    case.agent.link(judges=True)


def _binds(case: Case) -> None:
    case.agent.bind(case.decided, case.work)


def _ratifies(case: Case) -> None:
    case.agent.ratify(case.decided)


def _regroups(case: Case) -> None:
    case.agent.regroup(case.decided)


def _reads(case: Case) -> None:
    case.agent.read(case.decided)


def _bypasses(case: Case) -> None:
    case.agent.wave(case.decided)


def _only_edits(_case: Case) -> None:
    """The hook has told of the edit already."""


def heeding(case: Case) -> dict[str, tuple[Move, int]]:
    """Return the ways to heed a decision that was told, with their weights."""
    decided, hooked = case.decided, case.agent.habits.has_hook
    is_bound_here = case.work.path in decided.bound
    return {
        "links the commit": (_links, 4 * case.is_edited),
        "links and judges": (_links_and_judges, 4 * case.is_edited),
        "binds": (_binds, 5 * (not is_bound_here)),
        "edits under the hook": (_only_edits, 3 * (case.is_edited and case.is_named and hooked)),
        "ratifies": (_ratifies, 1 * (decided.stands and not decided.is_ratified)),
        "regroups": (_regroups, 1),
        "reads": (_reads, 2),
        "bypasses": (_bypasses, 1),
    }


def finding_out(case: Case) -> dict[str, tuple[Move, int]]:
    """Return the ways to find a decision that was missed, with their weights."""
    decided, hooked = case.decided, case.agent.habits.has_hook
    return {
        "links the commit": (_links, 3 * case.is_edited),
        "links and judges": (_links_and_judges, 3 * case.is_edited),
        "binds": (_binds, 6),
        "edits under the hook": (_only_edits, 2 * (case.is_edited and case.is_named and hooked)),
        "ratifies": (_ratifies, 1 * (decided.stands and not decided.is_ratified)),
        "regroups": (_regroups, 1),
    }


def carry_out(agent: Agent, task: Task) -> Iterator[None]:
    """Work on a task from the question to the commit; a step ends at each `yield`."""
    # Others may have taken back or replaced what mattered when the task was thought of.
    task = replace(task, relevant=tuple(e.now for e in task.relevant if e.now.stands))
    for _ in range(task.times):
        asked = agent.ask(task)
        yield
    if agent.chance.random() < agent.habits.hidden and (hide := _hiding(asked, task)):
        name = _chosen(agent, dict.fromkeys(hide, 1))
        agent.note(task, [name], leaves_trace=False)
        HIDDEN[name](agent, task, asked)
        yield
        return
    yield from _openly(agent, task, asked)


def _openly(agent: Agent, task: Task, asked: KnownPreflight) -> Iterator[None]:
    if not task.relevant and not task.later and agent.chance.random() < STOPS:
        agent.note(task, ["stops"], leaves_trace=True)
        return
    agent.change(task.edits)
    yield
    yield from _meanwhile(agent, task)
    names = []
    for decided in task.relevant:
        case = Case(agent, task, decided)
        is_missed = decided.id in asked.missed_ids
        if is_missed and agent.chance.random() < 0.5:
            agent.search(decided)
        moves = finding_out(case) if is_missed else heeding(case)
        name = _chosen(agent, {each: weight for each, (_, weight) in moves.items()})
        moves[name][0](case)
        names.append(f"{'finds out, ' if is_missed else ''}{name}")
        yield
    agent.note(task, names or ["goes on"], leaves_trace=True)
    if agent.chance.random() < agent.habits.keeps_house:
        _keep_house(agent, task, names)
    if agent.chance.random() >= LINKS_LATE:
        agent.commit()
    if not names and agent.chance.random() < 0.3:
        agent.link(judges=False)


def _meanwhile(agent: Agent, task: Task) -> Iterator[None]:
    """Let happen what happens between the answer and what the agent does about it."""
    project = agent.project
    if task.later is not None:
        decider = agent.desk if agent.chance.random() < 0.5 else agent.team
        project.decide(decider, [task.later], bound=[task.later])
        yield
    if task.successor is not None and task.relevant and task.relevant[0].stands:
        project.supersede(agent.team, task.relevant[0], task.successor)
        yield
        agent.link(judges=True)
        agent.bind(task.successor, task.edits[0])
        yield
    if task.collision is not None and agent.chance.random() < 0.5:
        agent.answer()
        yield


def _keep_house(agent: Agent, task: Task, names: list[str]) -> None:
    """Set a decision right that has nothing to do with the task."""
    others = [each for each in agent.project.book if each.stands and each not in task.relevant]
    is_wrong = agent.habits.threads_id and agent.chance.random() < THREADS_WRONGLY
    if others:
        agent.regroup(agent.chance.choice(others), threads=is_wrong)
        how = "passes its id with a call on another decision" if is_wrong else BESIDE
        agent.note(task, [*(names or ["goes on"]), how], leaves_trace=not is_wrong)


def _chosen(agent: Agent, weights: Mapping[str, int]) -> str:
    [name] = agent.chance.choices(list(weights), weights=list(weights.values()))
    return name


def _hiding(asked: KnownPreflight, task: Task) -> tuple[str, ...]:
    """Return the hidden conduct that there is for this outcome; none where nothing is hidden."""
    if asked.truth == "suspected_miss":
        return ("never finds out", "finds out, only reads")
    if asked.truth == "suspected_false_fire":
        return ("edits beside what was shown", "reads what did not matter")
    if asked.surfaced_ids and task.successor is None:
        return ("heeds without a trace", "stops though it mattered")
    return ()


def _work_apart(agent: Agent, task: Task, asked: KnownPreflight) -> None:
    """Change only what no decision is bound to."""
    bound = {path for decided in agent.project.book for path in decided.bound}
    agent.change(place for place in task.edits if place.path not in bound)
    agent.commit()


def _only_read(agent: Agent, task: Task, asked: KnownPreflight) -> None:
    for decided in task.relevant:
        if decided.id in asked.missed_ids:
            agent.read(decided)
    _work_apart(agent, task, asked)


def _heed_in_silence(agent: Agent, task: Task, asked: KnownPreflight) -> None:
    agent.change(task.edits, is_observed=False)
    agent.commit()


def _stop(agent: Agent, task: Task, asked: KnownPreflight) -> None:
    """The person had another idea."""


def _edit_beside(agent: Agent, task: Task, asked: KnownPreflight) -> None:
    shown = [each for each in agent.project.book if each.id in asked.surfaced_ids]
    agent.change(agent.project.beside(each.place) for each in shown)
    agent.commit()


def _read_in_vain(agent: Agent, task: Task, asked: KnownPreflight) -> None:
    shown = [each for each in agent.project.book if each.id in asked.surfaced_ids]
    agent.read(shown[0])
    agent.change(task.edits)
    agent.commit()


HIDDEN: Mapping[str, Callable[[Agent, Task, KnownPreflight], None]] = {
    "never finds out": _work_apart,
    "finds out, only reads": _only_read,
    "heeds without a trace": _heed_in_silence,
    "stops though it mattered": _stop,
    "edits beside what was shown": _edit_beside,
    "reads what did not matter": _read_in_vain,
}
"""Conduct that leaves no trace, or the trace of its opposite."""

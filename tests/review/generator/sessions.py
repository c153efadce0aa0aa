"""Whole sessions on the real server: `generate` returns them with their truth.

One data home, two repositories, a fresh server for each session; what varies is drawn from
one source, so the same seed does the same.
"""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from bicameral.environment import Environment
from tests.conftest import GIT_VARIABLES, Clock
from tests.review.generator.agent import Agent, Habits
from tests.review.generator.conduct import carry_out
from tests.review.generator.desks import Desk, InProcess
from tests.review.generator.project import Project
from tests.review.generator.tasks import Arrangement, Task, draw_task
from tests.review.generator.truth import MODES, Ending, Generated, KnownSession, Mode
from tests.review.generator.vocabulary import subjects_with_rules

HIDDEN_SHARE = 0.015
HOOKED = 0.75
KEEPS_HOUSE = 0.02
CUT_OFF = 0.15
"""How often a server that is killed is killed in the middle of a task."""
SHAPES = {
    "one task": 28,
    "several tasks": 40,
    "in parallel": 12,
    "killed": 10,
    "muted": 4,
    "two repositories": 6,
}
"""What a session is like, with its share of all."""
TELEMETRY = {"hashed": "preflight", "raw": "raw"}


@dataclass(slots=True)
class World:
    """A data home, the projects of a team, and the clock that all of it goes by.

    `hooked` is the share of clients with an after-edit hook; `keeps_house` and `hidden` are
    the habits of its agents.
    """

    folder: Path
    chance: random.Random
    hidden: float = HIDDEN_SHARE
    hooked: float = HOOKED
    keeps_house: float = KEEPS_HOUSE
    clock: Clock = field(default_factory=Clock)
    open_desk: Callable[[Environment, Path, str], Desk] = InProcess
    """Starts a server of a session; the team has its own, in this process."""
    warnings: list[str] = field(default_factory=list)
    projects: list[Project] = field(init=False)
    teams: dict[int, InProcess] = field(init=False)
    sessions: list[KnownSession] = field(default_factory=list)

    def __post_init__(self) -> None:
        topics = subjects_with_rules(self.chance)
        self.projects = [
            Project(self.folder / f"repository{number}", self.clock, topics.__next__)
            for number in (1, 2)
        ]
        self.teams = {
            id(each): InProcess(self.environment(), each.repository.root, f"team-{number}")
            for number, each in enumerate(self.projects)
        }

    @property
    def home(self) -> Path:
        """The data home."""
        return self.folder / "home"

    def environment(self, **variables: str) -> Environment:
        """Return an environment of this world; capture is on unless the variables say else."""
        return Environment(
            home=self.home,
            cwd=self.folder,
            variables={**GIT_VARIABLES, "BICAMERAL_TELEMETRY": "preflight", **variables},
            process_id=os.getpid(),
            time_ns=self.clock,
            monotonic_ns=self.clock,
            random_bytes=self.chance.randbytes,
            warn=self.warnings.append,
        )

    def arrange(self, project: Project, count: int, *, is_beside: bool = False) -> list[Task]:
        """Draw tasks, and let the team decide what they need before anybody asks."""
        arrangement = Arrangement(self.chance, project, is_beside)
        tasks = [draw_task(arrangement) for _ in range(count)]
        self.clock.advance(seconds=self.chance.uniform(600, 20_000))
        project.commit_fresh()
        team = self.teams[id(project)]
        project.decide(team, arrangement.decided, bound=arrangement.bound)
        for decided in arrangement.retired:
            project.retire(team, decided)
        for task in tasks:
            if task.collision is not None and task.collision.stands:
                project.collide(team, task.collision)
        self.clock.advance(seconds=self.chance.uniform(60, 600))
        return tasks

    def close(self) -> None:
        """End the team's own sessions, and let hours pass."""
        for team in self.teams.values():
            team.close()
        self.clock.advance(seconds=86_400)

    def generated(self) -> Generated:
        """Return what is known of all that happened."""
        return Generated(
            home=self.home,
            repositories=tuple(each.repository.root for each in self.projects),
            sessions=tuple(self.sessions),
            titles={decided.id: decided.title for each in self.projects for decided in each.book},
            over_ns=self.clock(),
        )


def generate(
    folder: Path,
    *,
    sessions: int,
    chance: random.Random,
    modes: Sequence[Mode] = MODES,
    hidden: float = HIDDEN_SHARE,
) -> Generated:
    """Generate at least this many sessions in `folder`, the modes in turn; return the truth.

    `chance` decides everything else. `hidden` is the share of tasks whose conduct leaves no
    trace. Sessions stay as their ends left them; nothing is reconciled.
    """
    world = World(folder, chance, hidden)
    run_sessions(world, sessions, modes)
    world.close()
    assert world.warnings == []
    return world.generated()


def run_sessions(world: World, count: int, modes: Sequence[Mode]) -> None:
    """Run sessions one after the other, parallel ones at once."""
    while len(world.sessions) < count:
        mode = modes[len(world.sessions) % len(modes)]
        [shape] = world.chance.choices(list(SHAPES), weights=list(SHAPES.values()))
        run_shape(world, shape, mode)


def run_shape(world: World, shape: str, mode: Mode) -> None:
    """Run one session, or several at once, of a shape."""
    project, *others = world.chance.sample(world.projects, k=len(world.projects))
    number = len(world.sessions)
    width = 2 if shape == "in parallel" else 1
    most = 1 if shape == "one task" else 4
    with ExitStack() as stack:
        running = []
        for beside in range(width):
            session = Session(world, f"session-{number + beside}", shape, mode)
            places = [project, *others] if shape == "two repositories" else [project]
            for place in places:
                count = world.chance.randint(min(2, most), most)
                tasks = world.arrange(place, count, is_beside=beside > 0)
                session.join(place, tasks, stack)
            running.append(session)
        interleave(world.chance, [steps for each in running for steps in each.steps])
    for session in running:
        world.sessions.append(session.known())
    for place in (project, *others):
        place.settle(world.teams[id(place)])


def interleave(chance: random.Random, running: list[Iterator[None]]) -> None:
    """Let each go on by a step when the draw says so, until all are at their end."""
    left = list(running)
    while left:
        steps = chance.choice(left)
        if next(steps, left) is left:
            left.remove(steps)


class Session:
    """One session while it runs: its servers, its agents, and how it will end."""

    def __init__(self, world: World, session_id: str, shape: str, mode: Mode) -> None:
        self._world = world
        self._session_id = session_id
        self._shape = shape
        self._mode = mode
        self._agents: list[Agent] = []
        self._habits = Habits(
            threads_id=mode.threading == "explicit",
            has_hook=world.chance.random() < world.hooked,
            is_muted=shape == "muted",
            keeps_house=world.keeps_house,
            hidden=world.hidden,
        )
        self._ended: Ending = "killed" if shape == "killed" else "closed"
        self.steps: list[Iterator[None]] = []

    def join(self, project: Project, tasks: Sequence[Task], stack: ExitStack) -> None:
        """Start a server of this session on a project, with an agent to do the tasks."""
        world = self._world
        variables = {"BICAMERAL_TELEMETRY": TELEMETRY[self._mode.capture]}
        if self._habits.is_muted:
            variables["BICAMERAL_PREFLIGHT_MUTE"] = "1"
        root = project.repository.root
        desk = world.open_desk(world.environment(**variables), root, self._session_id)
        stack.callback(desk.close if self._ended == "closed" else desk.kill)
        agent = Agent(
            session_id=self._session_id,
            project=project,
            desk=desk,
            team=world.teams[id(project)],
            habits=self._habits,
            chance=world.chance,
            observe_edit=desk.observe_edit,
        )
        self._agents.append(agent)
        steps = work_through(agent, tasks)
        if self._ended == "killed" and world.chance.random() < CUT_OFF:
            steps = islice(steps, world.chance.randint(1, 5))
        self.steps.append(steps)

    def known(self) -> KnownSession:
        """Return what is known of the session, once it is over."""
        for agent in self._agents:
            agent.note_cut_off()
        return KnownSession(
            session_id=self._session_id,
            shape=self._shape,
            mode=self._mode,
            repository=str(self._agents[0].project.repository.root),
            ended=self._ended,
            preflights=tuple(each for agent in self._agents for each in agent.known),
        )


def work_through(agent: Agent, tasks: Sequence[Task]) -> Iterator[None]:
    """Do one task after the other."""
    for task in tasks:
        yield from carry_out(agent, task)

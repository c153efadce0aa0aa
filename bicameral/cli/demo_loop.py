"""The demo's loop: builds the project, starts the servers, tells the story, checks the files.

Its servers are traced, in the demo's own data home, unless tracing is switched off.
"""

from pathlib import Path

import anyio

from bicameral.cli.demo_account import Account, LoopBroken
from bicameral.cli.demo_agent import connected
from bicameral.cli.demo_project import Project, build_project
from bicameral.cli.demo_prompt import Prompt
from bicameral.cli.demo_review import Review, go_wrong
from bicameral.cli.demo_story import (
    Story,
    check_captured,
    check_nothing_captured,
    tell_without_capture,
)
from bicameral.cli.demo_trace import show_trace
from bicameral.cli.execution import Work
from bicameral.observe.switch import TracingSwitch, read_switch


def tell_story(work: Work, folder: Path) -> int:
    """Go through the loop on a project built in a folder; raises `LoopBroken`."""
    started = work.environment.monotonic_ns()
    account = Account(work)
    account.say(
        "A payments service with six decision records, in a real git repository.",
        "An agent talks to the server over stdio; what follows are its real answers.",
    )
    project = build_project(folder / "project", work.environment.variables)
    home, silent_home = folder / "home", folder / "silent-home"
    prompt = Prompt(project.root, home, work.environment.variables, account)
    tracing = tracing_of(work)
    preflight_id = anyio.run(_with_capture, project, home, account, tracing)
    check_captured(home, preflight_id, account)
    if tracing.enabled:
        show_trace(home, preflight_id, prompt, account)
    anyio.run(_with_a_bad_day, project, home, account, tracing)
    Review(project, prompt, account).tell()
    anyio.run(_without_capture, project, silent_home, account)
    check_nothing_captured(silent_home, account)
    _end(account, seconds=(work.environment.monotonic_ns() - started) / 1e9)
    return 0


def tracing_of(work: Work) -> TracingSwitch:
    """Return the switch of the demo's servers: on, unless the person says otherwise."""
    environment = work.environment
    return read_switch(environment.variables, environment.warn, option=work.trace, policy=True)


async def _with_capture(
    project: Project, home: Path, account: Account, tracing: TracingSwitch
) -> str:
    told = Told()
    async with connected(project.root, home, telemetry="preflight", tracing=tracing) as agent:
        with told:
            account.say(f"Protocol {agent.protocol}; tools: {', '.join(await agent.tools())}")
            told.preflight_id = await Story(agent, project, account).tell()
    return told.result()


async def _with_a_bad_day(
    project: Project, home: Path, account: Account, tracing: TracingSwitch
) -> None:
    told = Told()
    async with connected(project.root, home, telemetry="preflight", tracing=tracing) as agent:
        with told:
            await go_wrong(agent, project, account)
    told.result()


async def _without_capture(project: Project, home: Path, account: Account) -> None:
    told = Told()
    async with connected(project.root, home, telemetry=None) as agent:
        with told:
            await tell_without_capture(agent, account)
    told.result()


class Told:
    """Carries a broken loop out of the client's task group, which would wrap it."""

    def __init__(self) -> None:
        self.preflight_id = ""
        self._broken: LoopBroken | None = None

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        """Keep a broken loop for later."""
        self._broken = error if isinstance(error, LoopBroken) else None
        return self._broken is not None

    def result(self) -> str:
        """Return the id, or raise what broke the loop."""
        if self._broken is not None:
            raise self._broken
        return self.preflight_id


def _end(account: Account, *, seconds: float) -> None:
    account.record["seconds"] = round(seconds, 3)
    account.say(
        "",
        f"{len(account.record['proved'])} claims checked in {seconds:.1f} s; the folder is gone.",
        "On a repository of yours, which is only read: bicameral-mcp demo --repo PATH",
    )
    account.close()

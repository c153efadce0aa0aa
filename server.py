"""The composition root: reads the outside once, builds the engine, and hands it on.

Whatever is heavy is imported only on the way that needs it: a client waits for the first
listing, a person for `--version`, and a hook must not be felt at all.
"""

import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bicameral.environment import Environment, read_environment
from bicameral.errors import InputRefused

if TYPE_CHECKING:
    from pydantic import BaseModel

    from bicameral.cli.main import ServeOptions
    from bicameral.observe.recorder import Recorder
    from bicameral.observe.switch import TracingSwitch
    from bicameral.serving.tool import Tool
    from handlers.services import Services

LISTINGS = Path(__file__).parent / "bicameral" / "serving" / "listings.json"
ON_WORDS = frozenset({"1", "on", "true", "yes"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `bicameral-mcp`; return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    environment = read_environment()
    if words[:1] == ["hook"]:
        from bicameral.cli.hook import run_hook  # noqa: PLC0415 - a hook must not be felt

        standard_input = sys.stdin.buffer if sys.stdin is not None else io.BytesIO()
        # All is written then; taking the interpreter apart would be felt after every edit.
        os._exit(run_hook(words[1:], environment, standard_input))
    from bicameral.cli.main import run  # noqa: PLC0415 - a hook does without

    return run(words, environment, serve=serve, connect=Desk)


def serve(environment: Environment, options: "ServeOptions") -> int:
    """Serve one client over stdio until it leaves."""
    from bicameral.serving.stdio import serve as serve_stdio  # noqa: PLC0415 - start-up time

    opened: list[Services] = []

    def load_tables() -> Any:
        from handlers.table import tables  # noqa: PLC0415 - imported behind the front

        services = build(environment, start=options.repository, trace=options.trace)
        opened.append(services)
        services.telemetry.end_abandoned_sessions()
        if services.telemetry.telemetry_enabled():
            _start_reconciliation(environment)
        return replace(tables(services), tracer=services.tracer)

    def end() -> None:
        for services in opened:
            services.telemetry.end_sessions()
            services.metrics.close()
            services.surroundings.close()
            services.workspace.close()
            if services.tracer is not None:
                services.tracer.close()

    serve_stdio(
        environment,
        load_tables=load_tables,
        listings=LISTINGS,
        tool_names=options.tool_names,
        on_start=lambda _session_id, _client_name: None,
        on_end=end,
    )


def _start_reconciliation(environment: Environment) -> None:
    """Have a process of its own read what earlier sessions left: this one may be killed."""
    from bicameral.review.reconciliation.detached import start_detached  # noqa: PLC0415

    if not environment.home.is_dir():
        return  # capture has said by now that it cannot be used
    try:
        start_detached(environment)
    except OSError as error:
        environment.warn(f"the reconciliation could not be started: {error}")


def build(
    environment: Environment,
    *,
    start: Path | None = None,
    progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
    trace: bool | None = None,
    is_alone: bool = False,
) -> "Services":
    """Build the engine. `start` is a folder of the repository; else where the client works.

    `trace` is what the command line says of tracing, None if it says nothing; `is_alone`
    says that one command is all that it is built for.
    """
    from bicameral.capture.telemetry import Telemetry  # noqa: PLC0415 - start-up time
    from bicameral.grounding.workspace import Workspace  # noqa: PLC0415
    from bicameral.intake.limits import RateLimit  # noqa: PLC0415
    from bicameral.ledger.database import open_ledger  # noqa: PLC0415
    from bicameral.observe.metrics.recording import Metrics  # noqa: PLC0415
    from bicameral.preflight.memory import Memory  # noqa: PLC0415
    from bicameral.preflight.surroundings import Surroundings  # noqa: PLC0415
    from bicameral.review.calibration.gates import read_gate  # noqa: PLC0415
    from handlers.services import Services  # noqa: PLC0415

    variables = environment.variables
    place = start or Path(variables.get("CLAUDE_PROJECT_DIR") or environment.cwd)
    ledger = open_ledger(environment)
    workspace = Workspace(environment, ledger, start=place)
    telemetry = Telemetry(environment, repository_root=str(place))
    tracing = _tracing_switch(environment, trace)
    tracer = _open_tracer(environment, tracing, is_raw=telemetry.flags.raw)
    traces = (tracer.log,) if tracer is not None and tracer.log is not None else ()
    return Services(
        environment=environment,
        ledger=ledger,
        workspace=workspace,
        telemetry=telemetry,
        metrics=Metrics(
            environment,
            telemetry.flags,
            logs=(*telemetry.logs, *traces),
            recorder=telemetry.recorder,
        ),
        memory=Memory(environment.monotonic_ns),
        surroundings=Surroundings(environment, workspace, is_alone=is_alone),
        gate=read_gate(environment.home, environment.warn),
        ingest_rate=RateLimit(environment.monotonic_ns),
        is_muted=variables.get("BICAMERAL_PREFLIGHT_MUTE", "").strip().lower() in ON_WORDS,
        progress=progress,
        tracing=tracing,
        tracer=tracer,
    )


def _tracing_switch(environment: Environment, trace: bool | None) -> "TracingSwitch":
    from bicameral.capture.policy import read_policy  # noqa: PLC0415 - start-up time
    from bicameral.observe.switch import read_switch  # noqa: PLC0415

    # Capture has read the same file just before, and said what is amiss with it.
    policy = read_policy(environment.home, lambda _warning: None).tracing_enabled
    return read_switch(environment.variables, environment.warn, option=trace, policy=policy)


def _open_tracer(
    environment: Environment, tracing: "TracingSwitch", *, is_raw: bool
) -> "Recorder | None":
    if not tracing.enabled:
        return None
    from bicameral.capture.policy import read_policy  # noqa: PLC0415 - nothing while it is off
    from bicameral.observe.opening import open_recorder  # noqa: PLC0415

    # Capture has said by now what is amiss with the file.
    policy = read_policy(environment.home, lambda _warning: None)
    return open_recorder(
        environment,
        is_raw=is_raw,
        is_live=tracing.source == "--trace",
        arguments=policy.trace_arguments,
    )


class Desk:
    """The tools as the command line calls them: the same handlers, without a client.

    `ends_session` is false where the session is a client's and goes on without this process.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        start: Path | None = None,
        session_id: str,
        ends_session: bool = True,
        progress: Callable[[str, int, int], None] = lambda _step, _done, _total: None,
        trace: bool | None = None,
    ) -> None:
        from bicameral.serving.tool import Call  # noqa: PLC0415 - start-up time
        from handlers.table import tables  # noqa: PLC0415

        self._services = build(
            environment, start=start, progress=progress, trace=trace, is_alone=True
        )
        self._tools = {tool.name: tool for tool in tables(self._services).tools}
        self._call = Call(session_id=session_id, is_by_person=True)
        self._ends_session = ends_session

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        """Call a tool by its dotted name; raises `BicameralError` as the tool does.

        An argument `session_id` names the session of this call, as a client's would.
        """
        from bicameral.serving.traced import note_answer, note_call, open_call  # noqa: PLC0415

        tool = self._tools[name]
        call = replace(self._call, session_id=_named_session(arguments) or self._call.session_id)
        services = self._services
        with (
            services.metrics.call(name, surface="cli"),
            open_call(services.tracer, tool, arguments, door="cli") as root,
        ):
            note_call(root, call)
            checked = self._checked(tool, arguments)
            answer = tool.run(services, call, checked)
            note_answer(root, answer)
        return dict(answer.model_dump(mode="json"))

    @staticmethod
    def _checked(tool: "Tool[Any, Any, Any]", arguments: Mapping[str, object]) -> "BaseModel":
        from bicameral.serving.refusals import check_arguments  # noqa: PLC0415 - start-up time

        try:
            return check_arguments(tool.name, tool.arguments, arguments)
        except InputRefused as refusal:
            command = tool.name.removeprefix("bicameral.").replace("_", "-")
            raise InputRefused(
                refusal.message, next_step=f"see `bicameral-mcp {command} --help`"
            ) from None

    @property
    def tool_names(self) -> tuple[str, ...]:
        """Every tool by its dotted name, in the order of the table."""
        return tuple(self._tools)

    @property
    def services(self) -> "Services":
        """The engine, for what no tool does (export, import, erase)."""
        return self._services

    def close(self) -> None:
        """End the session, if it is this process's own, and let go of everything."""
        telemetry = self._services.telemetry
        if self._ends_session:
            telemetry.end_sessions()
        telemetry.close()
        self._services.metrics.close()
        self._services.surroundings.close()
        self._services.workspace.close()
        if self._services.tracer is not None:
            self._services.tracer.close()
        self._services.ledger.close()


def _named_session(arguments: Mapping[str, object]) -> str:
    named = arguments.get("session_id")
    return named if isinstance(named, str) else ""


if __name__ == "__main__":
    raise SystemExit(main())

"""What every handler is given: the parts of the engine, built once in `server.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.grounding.workspace import Workspace
from bicameral.intake.ingest import Progress
from bicameral.intake.limits import RateLimit
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor
from bicameral.observe.metrics.recording import Metrics
from bicameral.observe.switch import TracingSwitch
from bicameral.preflight.memory import Memory
from bicameral.preflight.surroundings import Surroundings
from bicameral.preflight.topic import Gate
from bicameral.serving.tool import Call

if TYPE_CHECKING:  # nothing of it is loaded while tracing is off
    from bicameral.observe.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Services:
    """The engine as handlers see it."""

    environment: Environment
    ledger: Ledger
    workspace: Workspace
    telemetry: Telemetry
    metrics: Metrics
    memory: Memory
    surroundings: Surroundings
    gate: Gate
    ingest_rate: RateLimit
    is_muted: bool
    progress: Progress
    tracing: TracingSwitch
    tracer: "Recorder | None"

    def actor(self, call: Call, tool: str, preflight_id: str | None = None) -> Actor:
        """Say who writes, for the audit."""
        return Actor(session_id=call.session_id, tool=tool, preflight_id=preflight_id)

    def note_engagement(
        self,
        call: Call,
        tool: str,
        preflight_id: str | None,
        concerned: Iterable[tuple[str, Sequence[str]]],
    ) -> None:
        """Record that the caller engaged with decisions: (id, paths) for each, once."""
        for decision_id, paths in concerned:
            self.telemetry.write_engagement(
                session_id=call.session_id,
                tool=tool,
                decision_id=decision_id,
                preflight_id=preflight_id,
                file_paths=paths,
                repository_id=self.workspace.known_id,
            )

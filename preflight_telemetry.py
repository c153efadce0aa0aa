"""The public face of capture; usable from any other MCP server.

The functions write through one `Telemetry` of this process, built from the process
environment at the first call. A server that builds its own `Telemetry` needs none of them.
"""

from collections.abc import Iterable
from functools import cache

from bicameral.capture.flags import TelemetryFlags, read_flags
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment, read_environment
from bicameral.observe.metrics.recording import Metrics

__all__ = [
    "Environment",
    "Telemetry",
    "TelemetryFlags",
    "emit_metric",
    "new_preflight_id",
    "process_telemetry",
    "raw_capture_enabled",
    "read_environment",
    "read_flags",
    "telemetry_enabled",
    "write_engagement",
    "write_preflight_event",
]


@cache
def process_metrics() -> Metrics:
    """Return the `Metrics` that `emit_metric` of this module writes through."""
    telemetry = process_telemetry()
    return Metrics(
        telemetry.environment,
        telemetry.flags,
        logs=telemetry.logs,
        recorder=telemetry.recorder,
    )


@cache
def process_telemetry() -> Telemetry:
    """Return the `Telemetry` that the functions of this module write through."""
    return Telemetry(read_environment())


def telemetry_enabled() -> bool:
    """Tell whether preflight capture is on (`BICAMERAL_TELEMETRY=preflight`)."""
    return process_telemetry().telemetry_enabled()


def raw_capture_enabled() -> bool:
    """Tell whether rows also carry plain text (`BICAMERAL_TELEMETRY=raw`)."""
    return process_telemetry().raw_capture_enabled()


def new_preflight_id() -> str | None:
    """Return a fresh UUID (version 4) for one preflight; none while capture is off."""
    return process_telemetry().new_preflight_id()


def write_preflight_event(
    *,
    session_id: str,
    preflight_id: str | None,
    topic: str,
    file_paths: Iterable[str],
    fired: bool,
    surfaced_ids: Iterable[str],
    reason: str,
    ledger_revision: str | None = None,
    latency_ms: float | None = None,
    repository_id: str | None = None,
) -> None:
    """Record one preflight; see `Telemetry.write_preflight_event`."""
    process_telemetry().write_preflight_event(
        session_id=session_id,
        preflight_id=preflight_id,
        topic=topic,
        file_paths=file_paths,
        fired=fired,
        surfaced_ids=surfaced_ids,
        reason=reason,
        ledger_revision=ledger_revision,
        latency_ms=latency_ms,
        repository_id=repository_id,
    )


def write_engagement(
    *,
    session_id: str,
    tool: str,
    decision_id: str,
    preflight_id: str | None,
    file_paths: Iterable[str],
    repository_id: str | None = None,
) -> None:
    """Record that a call concerned a decision; see `Telemetry.write_engagement`."""
    process_telemetry().write_engagement(
        session_id=session_id,
        tool=tool,
        decision_id=decision_id,
        preflight_id=preflight_id,
        file_paths=file_paths,
        repository_id=repository_id,
    )


def emit_metric(name: str, value: float = 1, **attrs: object) -> None:
    """Append a metric of this server's; see `bicameral.observe.emit_metric`."""
    process_metrics().emit(name, value, attrs)

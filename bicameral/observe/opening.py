"""Opening a recorder: what the switch, the flags and the variables ask for, put together."""

from bicameral.capture.log import DEFAULT_LIMITS, RotatedLog
from bicameral.capture.rotation import Limits
from bicameral.environment import Environment
from bicameral.observe.live import LiveLines
from bicameral.observe.recorder import Recorder, Sink
from bicameral.observe.ring import process_ring
from bicameral.observe.span_row import TRACE_FILE
from bicameral.observe.span_table import FACT_NAMES

ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"


def open_recorder(
    environment: Environment, *, is_raw: bool, is_live: bool, limits: Limits = DEFAULT_LIMITS
) -> Recorder:
    """Return a recorder into the ring of this process and the data home's `trace.jsonl`.

    `is_raw` lets texts stand, as raw capture does; `is_live` says each span on stderr too.
    """
    sinks: list[Sink] = [LiveLines(environment.warn)] if is_live else []
    sinks += _bridges(environment)
    log = RotatedLog(environment.home / TRACE_FILE, limits=limits)
    return Recorder(
        environment,
        ring=process_ring(),
        log=log,
        is_raw=is_raw,
        facts=FACT_NAMES,
        sinks=sinks,
    )


def _bridges(environment: Environment) -> list[Sink]:
    endpoint = environment.variables.get(ENDPOINT_VARIABLE, "").strip()
    if not endpoint:
        return []
    try:
        from bicameral.observe.export import open_bridge  # noqa: PLC0415 - the SDK is slow
    except ImportError as error:
        environment.warn(
            f"spans are not sent to {ENDPOINT_VARIABLE}: {error.name} is not installed; "
            "install it with: pip install 'bicameral-preflight[otel]'"
        )
        return []
    return [open_bridge(endpoint)]

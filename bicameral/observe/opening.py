"""Opening a recorder: what the switch, the flags and the variables ask for, put together."""

from collections.abc import Callable

from bicameral.capture.arguments import Mode
from bicameral.capture.hashes import Hashes
from bicameral.capture.log import DEFAULT_LIMITS, RotatedLog
from bicameral.capture.opaque import read_hashes
from bicameral.capture.rotation import Limits
from bicameral.environment import Environment
from bicameral.observe.live import LiveLines
from bicameral.observe.recorder import Recorder, Sink
from bicameral.observe.ring import process_ring
from bicameral.observe.sent import SentArguments
from bicameral.observe.span_row import TRACE_FILE
from bicameral.observe.span_table import FACT_NAMES

ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"


def open_recorder(
    environment: Environment,
    *,
    is_raw: bool,
    is_live: bool,
    arguments: str = "omit",
    limits: Limits = DEFAULT_LIMITS,
) -> Recorder:
    """Return a recorder into the ring of this process and the data home's `trace.jsonl`.

    `arguments` is the word of `[tracing] arguments`; `is_raw` says that plain text is captured,
    without which `full` counts as `hash`. `is_live` says each span on stderr too.
    """
    salted = _salted(environment)
    mode = argument_mode(arguments, is_raw=is_raw)
    sinks: list[Sink] = [LiveLines(environment.warn)] if is_live else []
    sinks += _bridges(environment)
    log = RotatedLog(environment.home / TRACE_FILE, limits=limits)
    return Recorder(
        environment,
        ring=process_ring(),
        log=log,
        # What a call was sent stands in the spans within it as well.
        is_raw=mode == "full",
        facts=FACT_NAMES,
        sinks=sinks,
        arguments=SentArguments(mode, digest=lambda text: salted().hash_topic(text)),
        salted=salted,
    )


def argument_mode(word: str, *, is_raw: bool) -> Mode:
    """Return how arguments are kept: as the word says, `full` in raw mode only, else `omit`."""
    if word == "full":
        return "full" if is_raw else "hash"
    return "hash" if word == "hash" else "omit"


def _salted(environment: Environment) -> Callable[[], Hashes]:
    """Return the salted hashes of events, whose salt is read, or made, when first asked for."""
    hashes: list[Hashes] = []

    def salted() -> Hashes:
        if not hashes:
            hashes.append(read_hashes(environment))
        return hashes[0]

    return salted


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

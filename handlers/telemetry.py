"""`bicameral.telemetry`: what is captured, where, how much, and whether it may be uploaded."""

from collections.abc import Iterator

from bicameral.capture.policy import read_policy
from bicameral.capture.status import FileStatus, describe_file, describe_log
from bicameral.govern.consent import State, read_consent, state_of
from bicameral.review.reconciliation.summary import read_summary
from bicameral.serving.tool import Call, Tool
from handlers.services import Services
from handlers.shapes import Answer, Arguments, SessionId

NAME = "bicameral.telemetry"


class TelemetryArguments(Arguments):
    """Nothing is needed."""

    session_id: SessionId = None


class FileCard(Answer):
    """One file and what became of the lines this server appended to it."""

    name: str
    size_bytes: int
    rotated_files: int = 0
    attempted: int
    written: int
    dropped: int


class ReconciliationCard(Answer):
    """How the last reconciliation ended; the counts are of all that it ever said."""

    finished_at: str
    suspected_misses: int
    suspected_false_fires: int
    normal: int
    error: str = ""


class TelemetryAnswer(Answer):
    """What is captured."""

    session_id: str
    preflight_capture: bool
    raw_capture: bool
    relay: bool
    upload_consent: State
    upload_permitted: bool
    decided_by: str
    home: str
    files: list[FileCard] = []
    last_error: str = ""
    last_reconciliation: ReconciliationCard | None = None


def run(services: Services, call: Call, arguments: TelemetryArguments) -> TelemetryAnswer:
    """Report the effective switches, and the files as they are."""
    status = services.telemetry.status()
    flags = status.flags
    consent = _consent(services)
    return TelemetryAnswer(
        session_id=call.session_id,
        preflight_capture=flags.preflight,
        raw_capture=flags.raw,
        relay=flags.relay,
        upload_consent=consent,
        upload_permitted=flags.relay and consent == "given",
        decided_by="; ".join(f"{name}: {why}" for name, why in flags.sources.items()),
        home=status.home,
        files=[_card(each) for each in files_of(services)],
        last_error=status.last_error or services.metrics.last_error or _tracing_error(services),
        last_reconciliation=_reconciliation(services),
    )


def files_of(services: Services) -> Iterator[FileStatus]:
    """Yield every file of the registry that this server appends to or that is there."""
    from bicameral.registry.whole import whole_registry  # noqa: PLC0415 - seldom asked for

    tracer = services.tracer
    logs = [*services.telemetry.logs, services.metrics.log]
    logs += [tracer.log] if tracer is not None and tracer.log is not None else []
    own = {log.path.name: log for log in logs}
    for name in whole_registry().by_file():
        log = own.get(name)
        found = describe_log(log) if log else describe_file(services.environment.home, name)
        if found is not None:
            yield found


def _consent(services: Services) -> State:
    """Hold the consent of the data home against what an upload would send now."""
    from bicameral.govern.disclosure import digest_of, sendable  # noqa: PLC0415 - seldom asked for
    from bicameral.registry.whole import whole_registry  # noqa: PLC0415

    # Capture has said by now what is amiss with the file.
    policy = read_policy(services.environment.home, lambda _warning: None)
    return state_of(read_consent(policy), digest_of(sendable(whole_registry())))


def _tracing_error(services: Services) -> str:
    return "" if services.tracer is None else services.tracer.last_error


def _reconciliation(services: Services) -> ReconciliationCard | None:
    summary = read_summary(services.environment.home)
    if summary is None:
        return None
    return ReconciliationCard(
        finished_at=summary.finished_at,
        suspected_misses=summary.totals.get("suspected_miss", 0),
        suspected_false_fires=summary.totals.get("suspected_false_fire", 0),
        normal=summary.totals.get("normal", 0),
        error=summary.error,
    )


def _card(each: FileStatus) -> FileCard:
    return FileCard(
        name=each.name,
        size_bytes=each.size_bytes,
        rotated_files=each.rotated_files,
        attempted=each.attempted,
        written=each.written,
        dropped=each.dropped,
    )


TOOL = Tool(
    name=NAME,
    title="What is captured",
    description=(
        "Tell the person what Bicameral records about its use on this machine, where and how "
        "much. It records nothing unless switched on, and sends nothing by itself. Not for "
        "decisions (bicameral.history)."
    ),
    arguments=TelemetryArguments,
    answer=TelemetryAnswer,
    run=run,
    read_only=True,
    destructive=False,
    idempotent=True,
)

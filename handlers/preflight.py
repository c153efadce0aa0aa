"""`bicameral.preflight`: the decisions that bind a change about to be made, or silence."""

from collections.abc import Sequence
from functools import partial

from pydantic import Field

from bicameral.errors import HomeUnusable, LedgerError
from bicameral.grounding.history.citations import names_of_comments
from bicameral.grounding.index.question import Seen
from bicameral.grounding.workspace import Reading
from bicameral.ledger.domain import View
from bicameral.preflight.named import names_of_files
from bicameral.preflight.preflight import Answer as Found
from bicameral.preflight.preflight import Asked, Surfaced, answer_preflight
from bicameral.serving.tool import Call, Tool
from bicameral.tracing import span
from handlers.services import Services
from handlers.shapes import (
    NOTICE,
    Answer,
    Arguments,
    DecisionCard,
    PreflightId,
    QuestionCard,
    SessionId,
    decision_card,
    question_card,
)

NAME = "bicameral.preflight"


class PreflightArguments(Arguments):
    """What is about to change, and where."""

    topic: str = Field(
        max_length=8_000,
        description="One sentence: what you are about to change and why, in the task's words.",
    )
    file_paths: list[str] = Field(
        default=[],
        max_length=2_000,
        description="The files you expect to change, relative to the repository's root.",
    )
    limit: int = Field(default=5, ge=1, le=20, description="Most decisions to return.")
    preflight_id: PreflightId = None
    session_id: SessionId = None


class SurfacedCard(DecisionCard):
    """A decision that matters for the change, and why."""

    via: str = Field(
        description="binding, mention (its text names the path), import (it binds what the path "
        "imports), topic (words), code (the files cite it in a comment, or hold what its text "
        "names), history (past commits near the files cite it) or kin (its text speaks of these "
        "paths)"
    )
    confidence: float
    why: str
    drifted: bool = Field(default=False, description="Its code moved away from it.")


class PreflightAnswer(Answer):
    """What binds the change; with `fired` false there is nothing to do."""

    preflight_id: str | None
    fired: bool
    reason: str
    decisions: list[SurfacedCard] = []
    waiting: list[QuestionCard] = Field(default=[], description="Wait for a person's answer.")
    more: int = Field(default=0, description="Further decisions left out by the limit.")
    behind: str = Field(default="", description="Why ledger or code index may lag behind the code.")
    notice: str = ""


def run(services: Services, call: Call, arguments: PreflightArguments) -> PreflightAnswer:
    """Answer, and record exactly one event, also where the ledger cannot answer."""
    preflight_id = arguments.preflight_id or services.telemetry.new_preflight_id()
    started = services.environment.monotonic_ns()
    paths = services.workspace.normalise(arguments.file_paths)

    def record(found: Found | None) -> None:
        services.telemetry.write_preflight_event(
            session_id=call.session_id,
            preflight_id=preflight_id,
            topic=arguments.topic,
            file_paths=paths,
            fired=found.fired if found else False,
            surfaced_ids=[each.decision.id for each in found.surfaced] if found else [],
            reason=found.reason if found else "ledger_unavailable",
            ledger_revision=_as_text(found.revision) if found else None,
            latency_ms=(services.environment.monotonic_ns() - started) / 1e6,
            repository_id=services.workspace.known_id,
        )

    try:
        found, behind = _find(services, call, arguments, preflight_id, paths)
    except (LedgerError, HomeUnusable):
        record(None)
        raise
    record(found)
    if found.dedup in {"invalidated_by_revision_bump", "bypassed_revision_unknown"}:
        services.telemetry.write_preflight_dedup_decision(
            session_id=call.session_id,
            preflight_id=preflight_id,
            invalidated_by_revision_bump=found.dedup == "invalidated_by_revision_bump",
            bypassed_revision_unknown=found.dedup == "bypassed_revision_unknown",
            repository_id=services.workspace.known_id,
        )
    return _answer(preflight_id, found, behind)


def _find(
    services: Services,
    call: Call,
    arguments: PreflightArguments,
    preflight_id: str | None,
    paths: tuple[str, ...],
) -> tuple[Found, str]:
    if services.is_muted:
        return Found("preflight_disabled"), ""
    with services.workspace.reading(services.actor(call, NAME)) as reading:
        caught_up = reading.seen
        seen = _look_at_imports(services, call, preflight_id, caught_up.view, paths)
        asked = Asked(
            session_id=call.session_id,
            topic=arguments.topic,
            paths=paths,
            limit=arguments.limit,
            now=services.environment.time_ns() // 1_000_000,
            imports=seen.imports,
            is_partial=bool(seen.fallback),
            cited=names_of_comments(seen.citations),
            beside=names_of_comments(seen.beside),
            names=names_of_files(seen.names),
        )
        found = _decide(services, reading, asked)
    return found, "; ".join(each for each in (caught_up.behind, seen.behind, found.behind) if each)


def _decide(services: Services, reading: Reading, asked: Asked) -> Found:
    sent = {"topic": asked.topic, "paths": asked.paths}
    with span("preflight", "decide", "gate", sent) as deciding:
        found = answer_preflight(
            reading.connection,
            reading.seen.view,
            asked,
            current=reading.revision,
            memory=services.memory,
            gate=services.gate,
            scene_of=partial(services.surroundings.scene, revision=reading.revision),
        )
        deciding.set_output(
            {"reason": found.reason, "shown": found.surfaced, "waiting": found.waiting},
            dedup=found.dedup,
            more=found.more,
            revision=found.revision,
        )
    return found


def _look_at_imports(
    services: Services,
    call: Call,
    preflight_id: str | None,
    view: View | None,
    paths: Sequence[str],
) -> Seen:
    """Ask the code index, within its budget; record where it could not say everything."""
    if view is None or not paths:
        return Seen()
    with span("grounding", "imports", "code-index", {"paths": paths}) as looking:
        seen = services.workspace.code_index(view.repository_id).ask(paths)
        looking.set_output({"imports": seen.imports}, reason=seen.fallback or "whole")
    if seen.fallback:
        services.telemetry.write_graph_expansion_fallback(
            session_id=call.session_id,
            preflight_id=preflight_id,
            reason=seen.fallback,
            file_paths=paths,
            repository_id=services.workspace.known_id,
        )
    return seen


def _answer(preflight_id: str | None, found: Found, behind: str) -> PreflightAnswer:
    return PreflightAnswer(
        preflight_id=preflight_id,
        fired=found.fired,
        reason=found.reason,
        decisions=[_card(each) for each in found.surfaced],
        waiting=[question_card(each) for each in found.waiting],
        more=found.more,
        behind=behind,
        notice=NOTICE if found.surfaced or found.waiting else "",
    )


def _as_text(revision: int | None) -> str | None:
    return None if revision is None else str(revision)


def _card(each: Surfaced) -> SurfacedCard:
    return SurfacedCard(
        **decision_card(each.decision, each.status, each.groundings),
        via=each.via,
        confidence=each.confidence,
        why=each.why,
        drifted=each.has_drifted,
    )


TOOL = Tool(
    name=NAME,
    title="Preflight: decisions that bind a change",
    description=(
        "Call this before changing code: it returns the team's recorded decisions that bind the "
        "files or the topic, code that drifted from them, and questions waiting for a person; "
        "or fired: false, and then say nothing about it and go on. Thread the preflight_id "
        "through bicameral.bind, link_commit, ratify and update. Not for reading or explaining "
        "code, and not for free search (bicameral.search)."
    ),
    arguments=PreflightArguments,
    answer=PreflightAnswer,
    run=run,
    read_only=True,
    destructive=False,
    idempotent=False,
)

"""`bicameral.ingest`: decisions from ADR files and documents, or given directly."""

from datetime import date

from pydantic import Field

from bicameral.errors import IngestRefused, InputRefused
from bicameral.intake.direct import Given, draft_of
from bicameral.intake.draft import Reading
from bicameral.intake.ingest import Ingested, ingest
from bicameral.intake.reading import read_paths
from bicameral.intake.storing import Stored
from bicameral.ledger.domain import Level
from bicameral.serving.tool import Call, Tool
from handlers.services import Services
from handlers.shapes import Answer, Arguments, SessionId, one_line, shorten

NAME = "bicameral.ingest"
MOST_LISTED = 50


class DecisionEntry(Arguments):
    """A decision given directly."""

    title: str = Field(min_length=3, max_length=300)
    description: str = Field(default="", max_length=8_000, description="What was decided.")
    rationale: str = Field(default="", max_length=8_000, description="Why.")
    source_ref: str = Field(
        default="", max_length=500, description="Where it was decided: a link, a meeting, a PR."
    )
    feature_group: str = Field(default="", max_length=100)
    level: Level = Field(default="L2", description="L1 product, L2 technical, L3 detail")
    participants: list[str] = Field(default=[], max_length=50)
    decided_on: str = Field(default="", description="The day, as YYYY-MM-DD.")


class IngestArguments(Arguments):
    """Where to read decisions from, or the decisions themselves."""

    paths: list[str] = Field(
        default=[],
        max_length=200,
        description="Files, folders or globs (docs/adr, docs/**/*.md) in the repository.",
    )
    decisions: list[DecisionEntry] = Field(
        default=[], max_length=100, description="Decisions that no file of the repository holds."
    )
    session_id: SessionId = None


class StoredCard(Answer):
    """A decision that was added or changed."""

    decision_id: str
    title: str
    source: str
    outcome: str = Field(description="added, amended or moved")
    signoff: str
    bound_to: list[str] = Field(
        default=[], description="Code that its text names, bound as inferred."
    )
    collides_with: str = Field(default="", description="A person has to settle this.")
    warnings: list[str] = []


class SkippedCard(Answer):
    """A document that gave no decision, and why."""

    path: str
    reason: str


class IngestAnswer(Answer):
    """What was read, and what became of it."""

    added: int
    amended: int
    unchanged: int
    inferred_bindings: int
    decisions: list[StoredCard] = Field(default=[], description="Added or changed ones.")
    superseded: list[str] = Field(
        default=[], description="Titles of decisions that gave way to one of these."
    )
    skipped: list[SkippedCard] = []
    unresolved: list[str] = Field(default=[], description="References that name no decision.")
    more: int = Field(default=0, description="Entries left out of these lists.")


def run(services: Services, call: Call, arguments: IngestArguments) -> IngestAnswer:
    """Read, store and bind; a refusal is recorded and reaches the caller."""
    try:
        services.ingest_rate.take()
        reading = _read(services, arguments)
        done = ingest(
            services.ledger,
            services.workspace,
            services.actor(call, NAME),
            reading,
            progress=services.progress,
        )
    except (IngestRefused, InputRefused) as refusal:
        services.telemetry.write_ingest_refused(
            session_id=call.session_id,
            reason=refusal.code,
            source="\0".join(arguments.paths),
            repository_id=services.workspace.known_id,
        )
        raise
    concerned = [each for each in done.stored if each.outcome != "unchanged"]
    services.note_engagement(call, NAME, None, [(each.decision.id, ()) for each in concerned])
    return _answer(done)


def _read(services: Services, arguments: IngestArguments) -> Reading:
    if not (arguments.paths or arguments.decisions):
        raise InputRefused(
            "there is nothing to ingest",
            next_step="give paths (files, folders, globs) or decisions",
        )
    read = Reading()
    if arguments.paths:
        read = read_paths(services.workspace.repository.root, arguments.paths)
    given = tuple(draft_of(_given(entry)) for entry in arguments.decisions)
    return Reading((*read.drafts, *given), read.skipped, read.unresolved)


def _given(entry: DecisionEntry) -> Given:
    return Given(
        title=one_line(entry.title),
        description=entry.description,
        rationale=entry.rationale,
        ref=entry.source_ref,
        feature_group=entry.feature_group,
        level=entry.level,
        participants=entry.participants,
        decided_on=_day(entry.decided_on),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputRefused(
            f"{text[:40]!r} is not a day", next_step="write decided_on as YYYY-MM-DD"
        ) from None


def _answer(done: Ingested) -> IngestAnswer:
    changed = [each for each in done.stored if each.outcome != "unchanged"]
    unresolved = [
        f"{each.source_ref} names {shorten(each.reference.text, 120)!r}: {each.reason}"
        for each in done.unresolved
    ]
    superseded = [shorten(title, 120) for each in done.stored for title in each.superseded]
    lists = (changed, done.skipped, unresolved, superseded)
    return IngestAnswer(
        added=sum(each.outcome == "added" for each in changed),
        amended=sum(each.outcome != "added" for each in changed),
        unchanged=len(done.stored) - len(changed),
        inferred_bindings=sum(map(len, done.bound.values())),
        decisions=[_card(each, done) for each in changed[:MOST_LISTED]],
        superseded=superseded[:MOST_LISTED],
        skipped=[SkippedCard(path=e.path, reason=e.reason) for e in done.skipped[:MOST_LISTED]],
        unresolved=unresolved[:MOST_LISTED],
        more=sum(max(0, len(each) - MOST_LISTED) for each in lists),
    )


def _card(each: Stored, done: Ingested) -> StoredCard:
    return StoredCard(
        decision_id=each.decision.id,
        title=shorten(each.draft.title, 120),
        source=each.draft.source_ref,
        outcome=each.outcome,
        signoff=each.decision.signoff,
        bound_to=list(done.bound.get(each.decision.id, ())),
        collides_with=each.collides_with,
        warnings=[shorten(text, 200) for text in each.decision.content.warnings[:3]],
    )


TOOL = Tool(
    name=NAME,
    title="Ingest decisions",
    description=(
        "Read decisions from ADR files, folders or documents of this repository, or take them as "
        "given. Repeating it changes nothing; changed sources amend their decisions; a collision "
        "with a standing decision waits for a person. Not for changing one decision "
        "(bicameral.update)."
    ),
    arguments=IngestArguments,
    answer=IngestAnswer,
    run=run,
    read_only=False,
    destructive=False,
    idempotent=True,
)

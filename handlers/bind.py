"""`bicameral.bind`: say which code a decision binds, by symbol, lines or file."""

from dataclasses import asdict

from pydantic import Field

from bicameral.errors import BicameralError, HomeUnusable, LedgerError, SelectorRefused
from bicameral.grounding.binding import Bound
from bicameral.serving.tool import Call, Tool
from handlers.services import Services
from handlers.shapes import Answer, Arguments, Failure, Identifier, PreflightId, SessionId

NAME = "bicameral.bind"
MOST_BINDINGS = 100


class BindingEntry(Arguments):
    """One binding to make."""

    decision_id: Identifier
    selector: str = Field(
        min_length=1,
        max_length=2_048,
        description="path::Qualified.name for a symbol, path:10-20 for lines, path for a whole "
        "file, or a bare symbol name that is unique in the repository.",
    )


class BindArguments(Arguments):
    """Which decisions bind which code."""

    bindings: list[BindingEntry] = Field(
        min_length=1, max_length=MOST_BINDINGS, description="Each a decision and a place."
    )
    preflight_id: PreflightId = None
    session_id: SessionId = None


class ResolutionCard(Answer):
    """A language server's part in finding the code, where the syntax alone could not tell."""

    backend: str = Field(description="The server that decided, else tree-sitter.")
    capability: str = Field(description="full, degraded, or unavailable: none could be asked")
    fallback_reason: str = Field(default="", description="Why no server decided for certain.")


class BoundCard(Answer):
    """What became of one entry."""

    decision_id: str
    selector: str
    bound: bool = Field(description="False where it was bound already, or was refused.")
    region_id: str = ""
    path: str = ""
    symbol: str = ""
    lines: str = ""
    digest: str = Field(default="", description="What a verdict on this code has to name.")
    backend: str = Field(default="", description="tree-sitter, or text where that cannot read it")
    capability: str = Field(default="", description="full or degraded")
    fallback_reason: str = ""
    resolution: ResolutionCard | None = Field(
        default=None, description="Only where a language server was needed to find the code."
    )
    failure: Failure | None = None


class BindAnswer(Answer):
    """What was bound, entry by entry, in the order given."""

    preflight_id: str | None
    bindings: list[BoundCard]


def run(services: Services, call: Call, arguments: BindArguments) -> BindAnswer:
    """Bind every entry that can be; a refused one says why."""
    actor = services.actor(call, NAME, arguments.preflight_id)
    cards, budget = [], services.workspace.budget()
    engaged: dict[str, list[str]] = {}
    for entry in arguments.bindings:
        try:
            bound = services.workspace.bind(actor, entry.decision_id, entry.selector, budget=budget)
        except (LedgerError, HomeUnusable):
            raise  # the ledger's own failure concerns the whole call
        except BicameralError as error:
            cards.append(_refused(entry, error))
            continue
        engaged.setdefault(entry.decision_id, []).append(bound.region.path)
        cards.append(_bound(entry, bound))
    services.note_engagement(call, NAME, arguments.preflight_id, engaged.items())
    return BindAnswer(preflight_id=arguments.preflight_id, bindings=cards)


def _bound(entry: BindingEntry, bound: Bound) -> BoundCard:
    region, state, decided = bound.region, bound.state, bound.resolution
    return BoundCard(
        decision_id=entry.decision_id,
        selector=entry.selector,
        bound=bound.is_new,
        region_id=region.id,
        path=region.path,
        symbol=region.selector if region.kind == "symbol" else "",
        lines=f"{state.start_line}-{state.end_line}",
        digest=state.digest,
        backend=state.backend,
        capability=state.capability,
        fallback_reason=state.fallback_reason,
        resolution=ResolutionCard(**asdict(decided)) if decided else None,
    )


def _refused(entry: BindingEntry, error: BicameralError) -> BoundCard:
    failure = Failure(error=error.code, message=error.message, next_step=error.next_step)
    resolution = None
    if isinstance(error, SelectorRefused) and error.fallback_reason:
        resolution = ResolutionCard(
            backend="tree-sitter",
            capability=error.capability,
            fallback_reason=error.fallback_reason,
        )
    return BoundCard(
        decision_id=entry.decision_id,
        selector=entry.selector,
        bound=False,
        resolution=resolution,
        failure=failure,
    )


TOOL = Tool(
    name=NAME,
    title="Bind decisions to code",
    description=(
        "Say that a decision governs a symbol, a range of lines or a file, so that a preflight "
        "on that file surfaces it and drift is noticed. Repeating it changes nothing. Not for "
        "judging whether the code complies (bicameral.resolve)."
    ),
    arguments=BindArguments,
    answer=BindAnswer,
    run=run,
    read_only=False,
    destructive=False,
    idempotent=True,
)

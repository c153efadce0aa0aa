"""`bicameral.bind`: say which code a decision binds, by symbol, lines or file."""

from pydantic import Field

from bicameral.errors import BicameralError, HomeUnusable, LedgerError
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
    failure: Failure | None = None


class BindAnswer(Answer):
    """What was bound, entry by entry, in the order given."""

    preflight_id: str | None
    bindings: list[BoundCard]


def run(services: Services, call: Call, arguments: BindArguments) -> BindAnswer:
    """Bind every entry that can be; a refused one says why."""
    actor = services.actor(call, NAME, arguments.preflight_id)
    cards = []
    engaged: dict[str, list[str]] = {}
    for entry in arguments.bindings:
        try:
            bound = services.workspace.bind(actor, entry.decision_id, entry.selector)
        except (LedgerError, HomeUnusable):
            raise  # the ledger's own failure concerns the whole call
        except BicameralError as error:
            cards.append(_refused(entry, error))
            continue
        engaged.setdefault(entry.decision_id, []).append(bound.region.path)
        region, state = bound.region, bound.state
        cards.append(
            BoundCard(
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
            )
        )
    services.note_engagement(call, NAME, arguments.preflight_id, engaged.items())
    return BindAnswer(preflight_id=arguments.preflight_id, bindings=cards)


def _refused(entry: BindingEntry, error: BicameralError) -> BoundCard:
    failure = Failure(error=error.code, message=error.message, next_step=error.next_step)
    return BoundCard(
        decision_id=entry.decision_id, selector=entry.selector, bound=False, failure=failure
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

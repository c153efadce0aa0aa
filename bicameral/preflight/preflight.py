"""The preflight: which decisions bind a change about to be made, or why it stays silent.

Reads the ledger only, by indexed look-ups whose number does not depend on its size.
It fires only with something to act on: a decision not yet known to the session, code that
moved away from one, or something that waits for a person.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection

from bicameral.ledger.bindings import decisions_on_each
from bicameral.ledger.bypasses import bypassed_lately
from bicameral.ledger.domain import Decision, Grounding, Status, View
from bicameral.ledger.domain import Question as Waiting
from bicameral.ledger.questions import waiting_questions
from bicameral.ledger.status import decision_status, has_changed_since_judged
from bicameral.ledger.text import content_terms
from bicameral.preflight.imported import Through, importers_of, reached_by_import
from bicameral.preflight.memory import DedupDecision, Memory
from bicameral.preflight.memory import Question as Remembered
from bicameral.preflight.reading import Question
from bicameral.preflight.standing import Standing
from bicameral.preflight.surroundings import Scene, nothing_around
from bicameral.preflight.telling import tell_candidates
from bicameral.preflight.topic import Gate, is_generic
from bicameral.preflight.unbound import Unbound, find_unbound

Reason = Literal[
    "fired",
    "no_matches",
    "no_relevant_decisions",
    "recently_checked",
    "preflight_disabled",
    "topic_too_generic",
]
Via = Literal["binding", "mention", "import", "topic", "code", "history", "kin"]

BINDING_CONFIDENCE = 0.9
MENTION_CONFIDENCE = 0.8
IMPORT_CONFIDENCE = 0.7
MOST_CANDIDATES = 200
MOST_WAITING = 5
MOST_BY_IMPORT = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A preflight as asked: paths are repository-relative; `now` is milliseconds, UTC.

    `imports` are the files that each path imports; `is_partial` says that there may be more,
    so the answer is not to be remembered as the last word. `cited` are the names of decisions
    that comments in these files cite, `beside` those that files cite beside a new one,
    `names` are the keys of the names of code in these files.
    """

    session_id: str
    topic: str
    paths: tuple[str, ...]
    limit: int
    now: int
    imports: Mapping[str, Sequence[str]] = field(default_factory=dict)
    is_partial: bool = False
    cited: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    names: tuple[int, ...] = ()


STILL_READING = "what is usual among past commits is still being found out; ask again"

SceneOf = Callable[[Connection, View, bool], Scene]
"""Says what surrounds a question of a view, with paths or without."""


@dataclass(frozen=True, slots=True)
class Surfaced:
    """One decision to show, why, and where it binds the asked paths, or what they import."""

    decision: Decision
    status: Status
    via: Via
    confidence: float
    why: str
    groundings: tuple[Grounding, ...]
    has_drifted: bool
    """Whether its code changed since it was judged compliant, or was judged drifted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a preflight says. `more` counts decisions left out by the limit."""

    reason: Reason
    surfaced: tuple[Surfaced, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    more: int = 0
    revision: int | None = None
    dedup: DedupDecision = "new"
    behind: str = ""
    """What was not known yet when it was given, in words."""

    @property
    def fired(self) -> bool:
        """Whether there is something to act on."""
        return self.reason == "fired"


def answer_preflight(
    connection: Connection,
    view: View | None,
    asked: Asked,
    *,
    current: int | None,
    memory: Memory,
    gate: Gate,
    scene_of: SceneOf,
) -> Answer:
    """Answer a preflight from the ledger. `view` is None for a repository it does not know.

    `current` is the revision that the connection sees. `scene_of` says what surrounds the
    question; it is asked only where an answer is due.
    """
    question = _remembered(asked, view)
    dedup = memory.check(question, current)
    if dedup == "repeated":
        return Answer("recently_checked", revision=current, dedup=dedup)
    scene = scene_of(connection, view, bool(asked.paths)) if view else nothing_around()
    if not (asked.is_partial or scene.is_partial):
        memory.remember(question, current)
    if view is None:
        return Answer(_silence(asked, has_candidates=False), revision=current, dedup=dedup)
    candidates = find_candidates(
        connection, view, asked, gate, scene, current=current, standing=memory.standing
    )
    unknown = [each for each in candidates if _is_news(each, asked.session_id, memory)]
    news = _without_bypassed(connection, unknown, asked)
    waiting = waiting_questions(connection, view.repository_id, most=MOST_WAITING)
    shown = tuple(_with_few_imported(news)[: asked.limit])
    tell_candidates(candidates, news=_ids(unknown), unwaved=_ids(news), shown=_ids(shown))
    fires = bool(shown) or any(
        not memory.was_shown(asked.session_id, each.id, "waiting") for each in waiting
    )
    if not fires:
        reason = _silence(asked, has_candidates=bool(candidates))
        answer = Answer(reason, waiting=tuple(waiting), revision=current, dedup=dedup)
    else:
        _mark(memory, asked.session_id, shown, waiting)
        more = len(news) - len(shown)
        answer = Answer("fired", shown, tuple(waiting), more, current, dedup)
    return replace(answer, behind=STILL_READING if scene.is_partial else "")


def find_candidates(
    connection: Connection,
    view: View,
    asked: Asked,
    gate: Gate,
    scene: Scene,
    *,
    current: int | None,
    standing: Standing,
) -> list[Surfaced]:
    """Return the standing decisions that bind the paths or that the topic is about.

    `current` and `standing` are the revision and what was read at it already.
    """
    importers = importers_of(asked.paths, asked.imports)
    bound, imported = decisions_on_each(
        connection, view, [asked.paths, list(importers)], most=MOST_CANDIDATES
    )
    paths_of: dict[str, list[str]] = {}
    for path, ids in bound.items():
        for decision_id in ids:
            paths_of.setdefault(decision_id, []).append(path)
    question = Question(asked.topic, asked.paths, asked.cited, asked.beside, asked.names)
    unbound = find_unbound(connection, view.repository_id, question, gate, scene)
    reached = reached_by_import(imported, importers)
    ids = list(dict.fromkeys([*paths_of, *reached, *unbound]))
    surfaced = [
        _surface(each, groundings, paths_of.get(each.id, ()), reached.get(each.id, ()), unbound)
        for each, groundings in standing.of(connection, view, current, ids)
    ]
    return sorted(surfaced, key=_importance)


def _surface(
    decision: Decision,
    groundings: Sequence[Grounding],
    paths: Sequence[str],
    through: Sequence[Through],
    unbound: Mapping[str, Unbound],
) -> Surfaced:
    match = unbound.get(decision.id)
    places = set(paths or (each.imported for each in through))
    here = tuple(each for each in groundings if each.region.path in places)
    if paths:
        via, confidence, why = _bound_here(here, paths)
    elif match is None or (through and match.confidence <= IMPORT_CONFIDENCE):
        via, confidence, why = _bound_behind(through)
    else:
        via, confidence, why = match.via, match.confidence, match.why
    return Surfaced(
        decision=decision,
        status=decision_status(groundings),
        via=via,
        confidence=confidence,
        why=why,
        groundings=here,
        has_drifted=any(_has_drifted(each) for each in groundings),
    )


def _bound_here(here: Sequence[Grounding], paths: Sequence[str]) -> tuple[Via, float, str]:
    place = paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"
    if any(each.origin == "explicit" for each in here):
        return "binding", BINDING_CONFIDENCE, f"bound to {place}"
    symbols = [each.region.selector for each in here if each.region.kind == "symbol"]
    named = f"{symbols[0]} in {place}" if symbols else place
    return "mention", MENTION_CONFIDENCE, f"its text names {named}"


def _bound_behind(through: Sequence[Through]) -> tuple[Via, float, str]:
    first = through[0]
    more = f" and {len(through) - 1} more" if len(through) > 1 else ""
    why = f"{first.importer} imports {first.imported}{more}, which it binds"
    return "import", IMPORT_CONFIDENCE, why


def _has_drifted(grounding: Grounding) -> bool:
    return grounding.verdict == "drifted" or has_changed_since_judged(grounding)


def _importance(each: Surfaced) -> tuple[bool, float, bool, bool, int]:
    """What drifted first; but what is reached by an import stands behind what binds the files."""
    is_reached = each.via == "import"
    return (
        is_reached or not each.has_drifted,
        -each.confidence,
        is_reached and not each.has_drifted,
        is_reached and _is_settled(each),
        -each.decision.number,
    )


def _is_settled(each: Surfaced) -> bool:
    return each.decision.signoff == "ratified" and each.status == "reflected"


def _with_few_imported(news: Sequence[Surfaced]) -> list[Surfaced]:
    """Leave out all but the first few that are reached by an import: a hub would flood."""
    reached = [each for each in news if each.via == "import"]
    too_many = {each.decision.id for each in reached[MOST_BY_IMPORT:]}
    return [each for each in news if each.decision.id not in too_many]


def _is_news(each: Surfaced, session_id: str, memory: Memory) -> bool:
    """A settled decision, ratified and reflected, is news to a session once."""
    if not _is_settled(each):
        return True
    return not memory.was_shown(session_id, each.decision.id, each.decision.updated_at)


def _without_bypassed(
    connection: Connection, news: Sequence[Surfaced], asked: Asked
) -> list[Surfaced]:
    waved = bypassed_lately(connection, [each.decision.id for each in news], now=asked.now)
    return [each for each in news if each.decision.id not in waved]


def _ids(surfaced: Iterable[Surfaced]) -> set[str]:
    return {each.decision.id for each in surfaced}


def _mark(
    memory: Memory, session_id: str, shown: Iterable[Surfaced], waiting: Iterable[Waiting]
) -> None:
    for each in shown:
        memory.mark_shown(session_id, each.decision.id, each.decision.updated_at)
    for question in waiting:
        memory.mark_shown(session_id, question.id, "waiting")


def _silence(asked: Asked, *, has_candidates: bool) -> Reason:
    if has_candidates:
        return "no_relevant_decisions"
    return "topic_too_generic" if is_generic(asked.topic) and not asked.paths else "no_matches"


def _remembered(asked: Asked, view: View | None) -> Remembered:
    return Remembered(
        session_id=asked.session_id,
        branch=view.branch if view else "",
        words=content_terms(asked.topic) or frozenset({asked.topic}),
        paths=frozenset(asked.paths),
    )

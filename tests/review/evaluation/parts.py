"""Parts for tests of the evaluation: rows and outcomes from a few words, and real tools."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import server
from bicameral.environment import Environment
from bicameral.preflight.topic import Gate
from bicameral.review.dataset import Asked, Category, EvalRow, SeedDecision
from bicameral.review.evaluation.asking import Open, Outcome
from bicameral.review.evaluation.seeding import Call


def decision(key: str, title: str = "", **fields: Any) -> SeedDecision:
    """Return a decision; without a title its key is one."""
    return SeedDecision(key=key, title=title or f"Decide about {key}", **fields)


def row(
    name: str = "r",
    *,
    topic: str = "Change something",
    category: Category = "plain_hit",
    decisions: Sequence[SeedDecision] = (),
    expected: Sequence[str] = (),
    paths: Sequence[str] = (),
    before: Sequence[Asked] = (),
) -> EvalRow:
    """Return a row whose id is its name."""
    return EvalRow(
        id=name,
        origin="synthetic",
        category=category,
        topic=topic,
        file_paths=list(paths),
        decisions=list(decisions),
        expected=list(expected),
        before=list(before),
    )


def outcome(
    expected: str = "",
    shown: str = "",
    *,
    name: str = "r",
    category: Category = "plain_hit",
    latencies_ms: tuple[float, ...] = (1.0,),
    tokens: int = 10,
) -> Outcome:
    """Return an outcome; each letter is the key of a decision."""
    asked = row(
        name, category=category, decisions=[decision(k) for k in expected], expected=expected
    )
    reason = "fired" if shown else "no_matches"
    return Outcome(asked, tuple(shown), bool(shown), reason, tokens, latencies_ms)


class DeafDesk(server.Desk):
    """A desk whose topic gate lets nothing pass."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._services = replace(self._services, gate=Gate(coverage=1.01, lone_coverage=1.01))


def tools_of(
    environment: Environment, opened: Callable[[Path], object] = lambda _home: None
) -> Open:
    """Return how to open the real tools; `opened` hears of each data home."""

    @contextmanager
    def open_tools(root: Path, home: Path) -> Iterator[Call]:
        opened(home)
        inner = replace(environment, home=home, cwd=root)
        desk = server.Desk(inner, start=root, session_id="evaluation", ends_session=False)
        try:
            yield desk.call
        finally:
            desk.close()

    return open_tools

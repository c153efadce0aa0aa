"""Spans: stretches of a text that a detector objects to, joined where they overlap."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one text that a detector objects to; `end` is exclusive."""

    start: int
    end: int
    kind: str
    is_secret: bool = False


def merged(spans: Iterable[Span], rank: Callable[[Span], int]) -> list[Span]:
    """Join what overlaps; the whole stretch gets the kind of the lowest rank in it."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end, rank(each))):
        last = joined[-1] if joined else None
        if last is None or span.start >= last.end:
            joined.append(span)
            continue
        gravest = min(last, span, key=rank)
        end = max(last.end, span.end)
        joined[-1] = Span(last.start, end, gravest.kind, gravest.is_secret)
    return joined

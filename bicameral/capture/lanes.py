"""The two lanes of what is written: which rows must not go missing, and which may.

A durable row is evidence: a preflight, an engagement, a session, a label. A droppable one
helps to look at the machine, and no finding rests on it. Either is counted when it is lost.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from bicameral.capture.log import Counts, RotatedLog

Lane = Literal["durable", "droppable"]
EVERY_LANE: tuple[Lane, ...] = ("durable", "droppable")
# Every file of lines in the data home. Those that people wrote or decided are synced, and
# their failures are errors that reach the person, so they are never dropped in silence.
LANES: Mapping[str, Lane] = MappingProxyType(
    {
        "preflight_events.jsonl": "durable",
        "engagements.jsonl": "durable",
        "failure_review.jsonl": "durable",
        "failure_labels.jsonl": "durable",
        "calibrations.jsonl": "durable",
        "metrics.jsonl": "droppable",
        "trace.jsonl": "droppable",
        "hook_failures.jsonl": "droppable",
    }
)


def drops_by_lane(logs: Iterable[RotatedLog]) -> dict[Lane, Counts]:
    """Sum what became of the lines of this process: `attempted == written + dropped` in each."""
    found = [(LANES[log.path.name], log.counts) for log in logs]
    return {lane: _sum(counts for own, counts in found if own == lane) for lane in EVERY_LANE}


def _sum(every: Iterable[Counts]) -> Counts:
    counts = list(every)
    return Counts(sum(each.written for each in counts), sum(each.dropped for each in counts))

"""The report: one result for each check that was asked for, as a machine reads it.

Its shape is the JSON Schema that `report_schema` gives; a new field is a new version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bicameral.observe.doctor.finding import Detail, Status

REPORT_VERSION = 1
_Duration = Annotated[float, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class Result:
    """One check: its number and id, what it found, and how long it took."""

    number: Annotated[int, Meta(ge=1)]
    id: Annotated[str, Meta(pattern="^[a-z]+(-[a-z]+)*$")]
    title: str
    status: Status
    reason: Annotated[str, Meta(min_length=1)]
    evidence: list[str]
    mend: str
    details: Mapping[str, Detail]
    duration_ms: _Duration


@dataclass(frozen=True, slots=True)
class Report:
    """All results; `generated_at` is a stamp in UTC, durations are milliseconds."""

    report_version: Annotated[int, Meta(ge=1)]
    generated_at: str
    app_version: str
    results: list[Result]
    duration_ms: _Duration

    @property
    def exit_status(self) -> int:
        """0 when no check failed, else 1."""
        return int(bool(failures(self.results)))


def failures(results: Sequence[Result]) -> list[Result]:
    """Return the results that failed."""
    return [each for each in results if each.status == "FAIL"]


def as_answer(report: Report) -> dict[str, Any]:
    """Return a report as its JSON document has it."""
    return dict(msgspec.to_builtins(report))


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a report's document."""
    schema = msgspec.json.schema(Report)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of bicameral-mcp doctor",
        **schema,
    }

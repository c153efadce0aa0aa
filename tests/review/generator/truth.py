"""What is known of a generated session: what mattered, what was answered, what that makes it.

Truth follows from intent and answer alone. It knows nothing of engagements, paths or hashes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bicameral.review.rows import Classification

Capture = Literal["hashed", "raw"]
Threading = Literal["explicit", "fallback"]
Ending = Literal["closed", "killed"]


@dataclass(frozen=True, slots=True)
class Mode:
    """What is captured, and whether agents thread the `preflight_id` through their calls."""

    capture: Capture
    threading: Threading

    def __str__(self) -> str:
        return f"{self.capture}, {self.threading}"


MODES = tuple(
    Mode(capture, threading)
    for threading in ("explicit", "fallback")
    for capture in ("hashed", "raw")
)


@dataclass(frozen=True, slots=True)
class KnownPreflight:
    """One preflight with its truth.

    `way` is how the question came about, `conduct` what the agent then did. `relevant_ids`
    are the decisions that really mattered, decided before the server was asked; of those,
    `missed_ids` stood and were not told. `leaves_trace` is false where no log can show it.
    """

    preflight_id: str
    session_id: str
    topic: str
    file_paths: tuple[str, ...]
    way: str
    conduct: tuple[str, ...]
    relevant_ids: tuple[str, ...]
    surfaced_ids: tuple[str, ...]
    missed_ids: tuple[str, ...]
    reason: str
    truth: Classification
    leaves_trace: bool


@dataclass(frozen=True, slots=True)
class KnownSession:
    """One session: its shape, how it ended, and its preflights in order."""

    session_id: str
    shape: str
    mode: Mode
    repository: str
    ended: Ending
    preflights: tuple[KnownPreflight, ...]


@dataclass(frozen=True, slots=True)
class Generated:
    """A data home full of sessions, the repositories they worked on, and the truth.

    `titles` names every decision by its id. `over_ns` is a moment (nanoseconds since the
    epoch) when all sessions are over, by the clock that they went by.
    """

    home: Path
    repositories: tuple[Path, ...]
    sessions: tuple[KnownSession, ...]
    titles: dict[str, str]
    over_ns: int

    @property
    def preflights(self) -> tuple[KnownPreflight, ...]:
        """Every preflight of every session."""
        return tuple(known for session in self.sessions for known in session.preflights)


def missed_of(
    relevant_standing: Collection[str], *, told: Collection[str], waved: Collection[str]
) -> tuple[str, ...]:
    """Return what mattered, stood, and was told neither now nor earlier in the session.

    What a person waved through within the hour they know, and do not want to hear again.
    """
    return tuple(each for each in relevant_standing if each not in {*told, *waved})


def truth_of(
    *, relevant: Collection[str], surfaced: Collection[str], missed: Collection[str], is_muted: bool
) -> Classification:
    """Return what a preflight really was; one that a person switched off cannot fail."""
    if missed and not is_muted:
        return "suspected_miss"
    if surfaced and not set(surfaced) & set(relevant):
        return "suspected_false_fire"
    return "normal"

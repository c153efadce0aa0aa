"""The queue: a fold over what reconciliation suspects and what people said about it.

Both files are read line by line, and one row is held at a time. Lines that are no rows are
skipped and counted; of the rows that nobody asks for only the number is kept.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec

from bicameral.errors import InputRefused, NotFound
from bicameral.review.rows import (
    LABELS_FILE,
    REVIEW_FILE,
    SCHEMA,
    Classification,
    Label,
    LabelRow,
    ReviewRow,
)

Band = Literal["low", "medium", "high"]
BANDS: tuple[Band, ...] = ("high", "medium", "low")
MEDIUM_FROM, HIGH_FROM = 0.5, 0.8
_LEAST_URGENT_FIRST = ("normal", "suspected_false_fire", "suspected_miss")
_MOST_NAMED = 5
_SEE_IDS = "see the ids with `bicameral-mcp triage list --all`"


class Head(msgspec.Struct, frozen=True):
    """As much of a review row as tells whether anybody asks for the rest."""

    id: str
    ts: str
    classification: Classification
    schema: int = SCHEMA


_decode_head = msgspec.json.Decoder(Head).decode
_decode_row = msgspec.json.Decoder(ReviewRow).decode
_decode_label = msgspec.json.Decoder(LabelRow).decode


@dataclass(frozen=True, slots=True)
class Suspect:
    """One review row and what became of it.

    `label` is the row of the label that stands, if one does; `promoted` the last promotion;
    `history` is all that was ever said, oldest first.
    """

    row: ReviewRow
    history: tuple[LabelRow, ...] = ()
    label: LabelRow | None = None
    promoted: LabelRow | None = None

    @property
    def band(self) -> Band:
        """How sure reconciliation was."""
        return band_of(self.row.confidence)

    @property
    def concerned_ids(self) -> tuple[str, ...]:
        """The decisions that it is about: missed, shown for nothing, or named as evidence."""
        evidence = (each.decision_id for each in self.row.evidence)
        return tuple(dict.fromkeys((*self.row.missed_ids, *self.row.unused_ids, *evidence)))


class Reviews:
    """The reviewed rows as they stand in the file, each with what was said about it.

    Iterating reads both files anew and holds one row at a time. Afterwards `reviewed` counts
    all rows `within` the time asked for, by day (`2026-03-05`) and classification; `skipped`
    the lines that were no rows, `orphans` the labelled rows that are gone.
    """

    def __init__(
        self, home: Path, keep: Callable[[Head], bool], within: Callable[[str], bool]
    ) -> None:
        self._home = home
        self._keep = keep
        self._within = within
        self._said: dict[str, list[LabelRow]] = {}
        self._seen: set[str] = set()
        self.reviewed: Counter[tuple[str, Classification]] = Counter()
        self.skipped = 0

    @property
    def orphans(self) -> int:
        """How many rows that were labelled are not in the file any more."""
        return len(self._said.keys() - self._seen)

    def holds(self, review_id: str) -> bool:
        """Tell whether a row of this id stands in the file, whatever its time."""
        return review_id in self._seen

    def __iter__(self) -> Iterator[Suspect]:
        self._seen, self.reviewed = set(), Counter()
        self._said, self.skipped = read_labels(self._home / LABELS_FILE)
        for line in _lines(self._home / REVIEW_FILE):
            try:
                head = _decode_head(line)
                row = self._row(head, line)
            except ValueError:
                self.skipped += 1
                continue
            # Reconciliation adds each row once; a file put together twice must not count so.
            if head.id in self._seen:
                continue
            self._seen.add(head.id)
            if not self._within(head.ts):
                continue
            self.reviewed[head.ts[:10], head.classification] += 1
            if row is not None:
                yield fold(row, self._said.get(row.id, ()))

    def _row(self, head: Head, line: bytes) -> ReviewRow | None:
        """Return the whole row if anybody asks for it; `ValueError` when it is none."""
        if head.schema > SCHEMA:
            raise ValueError("written by a newer version")
        date.fromisoformat(head.ts[:10])
        is_wanted = head.id in self._said or self._keep(head)
        return _decode_row(line) if is_wanted else None


def is_suspected(head: Head) -> bool:
    """Tell whether a row waits for a person."""
    return head.classification != "normal"


def read_reviews(
    home: Path,
    *,
    keep: Callable[[Head], bool] = is_suspected,
    within: Callable[[str], bool] = lambda _stamp: True,
) -> Reviews:
    """Return the rows that `keep` asks for, and all that were ever labelled.

    `within` tells of a preflight's stamp whether to look at the row at all. Iterating raises
    `OSError` when a file is there and cannot be read.
    """
    return Reviews(home, keep, within)


def find_suspect(home: Path, prefix: str) -> Suspect:
    """Return the row that an id, or the beginning of one, names.

    Raises `NotFound` when none begins so, `InputRefused` when several do.
    """
    if not prefix:
        raise InputRefused("the id is empty", next_step=_SEE_IDS)
    reviews = read_reviews(home, keep=lambda head: head.id.startswith(prefix))
    found = {each.row.id: each for each in reviews if each.row.id.startswith(prefix)}
    if prefix in found:
        return found[prefix]
    if len(found) > 1:
        raise _ambiguous(prefix, sorted(found))
    if not found:
        raise NotFound(
            f"no reviewed row has an id that begins with {prefix[:80]!r}",
            next_step=_SEE_IDS,
        )
    return next(iter(found.values()))


def band_of(confidence: float) -> Band:
    """Return the band of a confidence: below 0.5 low, below 0.8 medium, else high."""
    if confidence < MEDIUM_FROM:
        return "low"
    return "medium" if confidence < HIGH_FROM else "high"


def read_labels(path: Path) -> tuple[dict[str, list[LabelRow]], int]:
    """Return what was said about each row, oldest first, and how many lines were skipped."""
    said: dict[str, list[LabelRow]] = {}
    skipped = 0
    for line in _lines(path):
        try:
            row = _decode_label(line)
        except ValueError:
            skipped += 1
            continue
        if row.schema > SCHEMA or (row.action == "label" and row.label is None):
            skipped += 1
            continue
        said.setdefault(row.review_id, []).append(row)
    return said, skipped


def fold(row: ReviewRow, said: Iterable[LabelRow]) -> Suspect:
    """Return a row with what was said about it; an undo brings back the label before."""
    history = tuple(said)
    standing: list[LabelRow] = []
    promoted = None
    for each in history:
        if each.action == "label":
            standing.append(each)
        elif each.action == "promote":
            promoted = each
        elif standing:
            standing.pop()
    return Suspect(row, history, standing[-1] if standing else None, promoted)


def first_in_order(suspects: Iterable[Suspect], most: int) -> list[Suspect]:
    """Return the first of them as they are worked: misses, then the surest, then the newest."""
    return heapq.nlargest(most, suspects, key=_urgency)


def standing_label(suspect: Suspect) -> Label | None:
    """Return the word of the label that stands, if one does."""
    return None if suspect.label is None else suspect.label.label


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines that hold something; a file that is not there has none."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        yield from (line for line in file if line.strip())


def _urgency(suspect: Suspect) -> tuple[int, float, str]:
    row = suspect.row
    return _LEAST_URGENT_FIRST.index(row.classification), row.confidence, row.ts


def _ambiguous(prefix: str, ids: list[str]) -> InputRefused:
    named = ", ".join(ids[:_MOST_NAMED]) + (" and more" if len(ids) > _MOST_NAMED else "")
    return InputRefused(
        f"{prefix[:80]!r} is the beginning of {len(ids)} ids: {named}",
        next_step="give more of the id",
    )

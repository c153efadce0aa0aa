"""Filters: which reviewed rows a person asked for; all that are given have to hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bicameral.capture.stamps import Stamps, read_stamp_ns
from bicameral.errors import InputRefused
from bicameral.review.rows import Classification, Label
from bicameral.review.triage.queue import Band, Head, Suspect, is_suspected, standing_label

ClassName = Literal["miss", "false-fire", "normal"]
CLASSES: dict[ClassName, Classification] = {
    "miss": "suspected_miss",
    "false-fire": "suspected_false_fire",
    "normal": "normal",
}
NAMES: dict[Classification, ClassName] = {found: name for name, found in CLASSES.items()}

_DAY_NS = 86_400_000_000_000
_UNITS = {"m": _DAY_NS // 1_440, "h": _DAY_NS // 24, "d": _DAY_NS, "w": 7 * _DAY_NS}
_AGE = re.compile(r"(?P<number>[0-9]{1,6})(?P<unit>[mhdw])")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Filters:
    """What to pick; `since` (included) and `until` (excluded) are stamps of preflights.

    `is_labelled` asks for rows with a label (true), without one (false) or either (none).
    `feature_group` needs the groups of the concerned decisions, which the ledger knows.
    """

    classification: Classification | None = None
    band: Band | None = None
    since: str | None = None
    until: str | None = None
    feature_group: str | None = None
    label: Label | None = None
    is_labelled: bool | None = None

    def keeps(self, head: Head) -> bool:
        """Tell from the head of a row whether the rest is worth reading."""
        wanted = self.classification
        return is_suspected(head) if wanted is None else head.classification == wanted

    def is_within(self, stamp: str) -> bool:
        """Tell whether a stamp lies between `since` and `until`."""
        return (self.since is None or stamp >= self.since) and (
            self.until is None or stamp < self.until
        )

    def pass_through(self, suspect: Suspect, groups: Mapping[str, str]) -> bool:
        """Tell whether a row is asked for; `groups` are feature groups by decision id."""
        label = standing_label(suspect)
        checks = (
            self._means(suspect),
            self.band in {None, suspect.band},
            self.is_within(suspect.row.ts),
            self.is_labelled in {None, label is not None},
            self.label in {None, label},
            self.feature_group is None
            or any(groups.get(each) == self.feature_group for each in suspect.concerned_ids),
        )
        return all(checks)

    def _means(self, suspect: Suspect) -> bool:
        if self.classification is not None:
            return suspect.row.classification == self.classification
        # A normal row is nobody's work, unless somebody gave it a label.
        return suspect.row.classification != "normal" or suspect.label is not None


def read_moment(text: str, *, now_ns: int, is_end: bool = False) -> str:
    """Return the stamp that an age (`30m`, `36h`, `7d`, `2w`) or an ISO 8601 date or time means.

    A date alone means its first moment, and as an end the first moment after it.
    Raises `InputRefused` for anything else.
    """
    try:
        if age := _AGE.fullmatch(text):
            return Stamps().write(now_ns - int(age["number"]) * _UNITS[age["unit"]])
        moment_ns = read_stamp_ns(text)
        if is_end and _DAY.fullmatch(text):
            moment_ns += _DAY_NS
        return Stamps().write(moment_ns)
    except (ValueError, OverflowError):
        raise InputRefused(
            f"{text[:40]!r} is no age and no date",
            next_step="give an age such as 36h, 7d or 2w, or a date such as 2026-03-31",
        ) from None


def week_of(day: str) -> str:
    """Return the ISO week of a day: `2026-W10` for `2026-03-05`."""
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02d}"

"""Labels: what people say about suspected rows, appended one line at a time.

A label is on the disk before the call returns, whoever else labels meanwhile. Nothing is
ever changed or removed: another label, or an undo, is another line.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from bicameral.capture.durable import durable_file
from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment, prepare_home
from bicameral.review.rows import LABELS_FILE, Label, LabelRow

UNKNOWN_PERSON = "unknown"
LONGEST_NOTE = 2_000
LONGEST_NAME = 200
# A millisecond apart: as many people as share a home write theirs within a few of them.
LOCK_ATTEMPTS = 30_000


def person_at_work(variables: Mapping[str, str], named: str | None = None) -> str:
    """Return who labels: the name given, else `USER` or `USERNAME`, else `unknown`."""
    found = (named, variables.get("USER"), variables.get("USERNAME"))
    return next((name.strip() for name in found if name and name.strip()), UNKNOWN_PERSON)


def append_label(
    environment: Environment,
    review_id: str,
    action: Literal["label", "undo", "promote"],
    *,
    who: str,
    label: Label | None = None,
    note: str = "",
    eval_row_id: str | None = None,
) -> LabelRow:
    """Append one row, sync it to the disk, and return it.

    Raises `OSError` when it could not be written whole; the file then is as it was.
    Raises `HomeUnusable` when the data home cannot be made.
    """
    row = LabelRow(
        ts=Stamps().write(environment.time_ns()),
        review_id=review_id,
        action=action,
        who=storable(who, LONGEST_NAME),
        label=label,
        note=storable(note, LONGEST_NOTE),
        eval_row_id=eval_row_id,
    )
    path = prepare_home(environment.home) / LABELS_FILE
    with durable_file(path, attempts=LOCK_ATTEMPTS) as labels:
        labels.append(msgspec.json.encode(row))
    return row


def storable(text: str, longest: int) -> str:
    """Return a text as a row can hold it: with `?` for what has no UTF-8, and cut if need be."""
    return text.strip()[:longest].encode("utf-8", "replace").decode("utf-8")

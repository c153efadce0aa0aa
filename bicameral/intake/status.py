"""What a status says: the words as written, what they amount to, and since when.

A dated log of states is read to its latest entry. A whole supersession outweighs an older
`Accepted` that was left standing beside it; a partial one does not.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bicameral.intake.dates import find_date
from bicameral.intake.draft import LONGEST_STATUS, SignOff
from bicameral.intake.markup import cut, normal, plain, without_bullet
from bicameral.intake.supersession import active_part, is_partial, whole_passive
from bicameral.intake.vocabulary import SIGNOFF_OF, STATUS_WORD

_NAMED = re.compile(r"^(?:[^\W\d_]{1,20}\s){0,2}(?:status|statut|estado|stato|статус)\s*[:：=-]\s*")
_NEGATED = re.compile(r"(?:\bnot(?: yet)?|\bto be|\bawaiting|\bnoch nicht|\bnicht|\bpas|\bне)\s*$")
_CHOICES = re.compile(r"[|/,{\[]")
_LINES = 12
_LONGEST_LINE = 500
_LONGEST_UNKNOWN = 80
_A_CHOICE_OF = 3


@dataclass(frozen=True, slots=True)
class Status:
    """A status as written ("" when none is stated), what it amounts to, and its date."""

    text: str = ""
    signoff: SignOff = "proposed"
    since: date | None = None


def read_status(lines: Sequence[str]) -> Status:
    """Read the lines of a status section or field."""
    shown = [(raw.lstrip()[:1] == ">", without_bullet(raw[:_LONGEST_LINE])) for raw in lines]
    # A quotation explains the template's states, unless it is all there is.
    told = [line for quoted, line in shown if line and not quoted] or [line for _, line in shown]
    told = [line for line in told[:_LINES] if line and not is_choice(line)]
    judged = [(line, found) for line in told if (found := judge(line))]
    if not judged:
        short = next((line for line in told if len(line) <= _LONGEST_UNKNOWN), "")
        return Status(plain(short), "proposed", find_date(short))
    line, signoff = _decisive(judged)
    ended = next((found for found in told if whole_passive(plain(found))), None)
    if ended and signoff != "superseded":
        line, signoff = ended, "superseded"
    return Status(cut(plain(line), LONGEST_STATUS), signoff, find_date(line))


def judge(line: str) -> SignOff | None:
    """Return what a line's first status word amounts to, None when it has none."""
    words = normal(active_part(plain(line[:_LONGEST_LINE])))
    words = _NAMED.sub("", words)
    for found in STATUS_WORD.finditer(words):
        signoff = SIGNOFF_OF[found[0]]
        if signoff == "superseded" and is_partial(words):
            continue
        return "proposed" if _NEGATED.search(words[: found.start()]) else signoff
    return "ratified" if is_partial(words) and STATUS_WORD.search(words) else None


def is_choice(line: str) -> bool:
    """Tell whether a line lists the states to choose from, as templates do."""
    words = normal(plain(line[:_LONGEST_LINE]))
    states = {SIGNOFF_OF[found[0]] for found in STATUS_WORD.finditer(words)}
    several = len(states) >= _A_CHOICE_OF and bool(_CHOICES.search(words))
    return several or ("{" in words and "}" in words and "|" in words)


def _decisive(judged: Sequence[tuple[str, SignOff]]) -> tuple[str, SignOff]:
    """Return the latest entry of a dated log, else the first line."""
    dated = [(found, index) for index, (line, _) in enumerate(judged) if (found := find_date(line))]
    if len(dated) > 1:
        return judged[max(dated)[1]]
    return judged[0]

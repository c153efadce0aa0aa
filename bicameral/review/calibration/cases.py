"""Cases: labelled questions as calibration sees them, and why others are not among them.

A case holds what each gate that is tried would show, found from the ledger once. Only pairs
of a question and a decision that the topic gate decides are in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from bicameral.ledger.text import content_terms

Reason = Literal[
    "hashed",
    "borderline",
    "names no decision",
    "promoted",
    "given twice",
    "asked before",
    "bound to the paths",
    "not standing",
    "out of reach",
]
"""Why a row, or one decision of it, says nothing about the gate; see `MEANINGS`."""

MEANINGS: Mapping[Reason, str] = {
    "hashed": "captured without the text of the topic",
    "borderline": "labelled as borderline",
    "names no decision": "the label does not say which decision",
    "promoted": "its copy in a data set counts instead",
    "given twice": "the same row came before",
    "asked before": "what the session was told before decides, not the gate",
    "bound to the paths": "its decisions surface by their paths, whatever the gate",
    "not standing": "its decisions are rejected, superseded or gone",
    "out of reach": "no gate that is tried shows a decision of it",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One labelled question, with the decisions that are `wanted` and those that are not.

    `shown` are the decisions that each gate shows, in the order of the gates tried. Cases
    that share a mark in `kin` belong to one family (`folds.py`). `key` tells cases apart;
    `topic` is empty where it is a person's own.
    """

    key: str
    id: str
    is_own: bool
    topic: str
    shown: Sequence[frozenset[str]]
    wanted: frozenset[str]
    unwanted: frozenset[str]
    kin: frozenset[str]
    titles: Mapping[str, str]


@dataclass(slots=True)
class Collected:
    """Cases, how many rows were left out for which reason, and what no gate can show.

    `out_of_reach` counts wanted pairs, of any row, that every gate tried would miss.
    """

    cases: list[Case] = field(default_factory=list)
    left_out: Counter[Reason] = field(default_factory=Counter)
    out_of_reach: int = 0

    def add(self, other: "Collected") -> None:
        """Take in what was collected elsewhere."""
        self.cases += other.cases
        self.left_out += other.left_out
        self.out_of_reach += other.out_of_reach


def kinship(topic: str, about: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """Return the marks of a row: the words of its topic, and the decisions it is about.

    A decision is known by its texts, for the same one has another id in another ledger.
    """
    words = " ".join(sorted(content_terms(topic)))
    decisions = (f"decision {digest(chr(0).join(texts))}" for texts in about)
    return frozenset({f"topic {digest(words)}", *decisions})


def digest(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

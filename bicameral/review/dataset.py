"""The rows of a data set: one question to the preflight, and what it should have answered.

A row carries the decisions it is about, so that a data set stands without anybody's ledger.
"""

from hashlib import sha256
from typing import Literal

import msgspec

from bicameral.review.rows import Label

REAL_DATASET = "tests/eval/real_dataset.jsonl"
"""Where promoted rows go, below the root of the repository that is at work."""
SCHEMA = 1
_ID_DIGITS = 16

Origin = Literal["synthetic", "demo", "generated", "labelled"]
Category = Literal[
    # misses
    "vocabulary_of_the_topic",  # the topic's words are not the decision's
    "vocabulary_of_the_decision",  # the decision's words are not the code's or the task's
    "jargon",
    "ungrounded_decision",
    "no_paths_given",
    "dependency_of_the_path",
    "dedup_coarseness",
    # false fires
    "shared_common_words",
    "global_notice",
    "drifted_but_irrelevant",
    "generic_topic",
    # neither
    "plain_hit",
    "plain_silence",
]


class SeedDecision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A decision as the evaluation seeds it; `paths` are files that it is bound to.

    `has_drifted`: the code at its first path was judged drifted from it.
    """

    key: str
    title: str
    description: str = ""
    rationale: str = ""
    feature_group: str = ""
    signoff: Literal["proposed", "ratified"] = "ratified"
    paths: list[str] = []
    has_drifted: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question, as a client asks it; paths are relative to the repository's root."""

    topic: str
    file_paths: list[str] = []


class EvalRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One question with its right answer.

    `expected` are the keys of the decisions that must surface; what else surfaces is a
    false fire, and an empty list asks for silence. `before` is asked first, in the same
    session. `id` is derived from the content.
    """

    id: str
    origin: Origin
    category: Category
    topic: str
    file_paths: list[str] = []
    decisions: list[SeedDecision] = []
    expected: list[str] = []
    before: list[Asked] = []
    label: Label | None = None
    note: str = ""
    schema: int = SCHEMA


def row_id(row: EvalRow) -> str:
    """Return the id that the content of a row gives it: what is asked, and what is right.

    A note or a label may be changed without making it another row.
    """
    content = msgspec.structs.replace(row, id="", note="", label=None)
    return f"row_{sha256(msgspec.json.encode(content)).hexdigest()[:_ID_DIGITS]}"

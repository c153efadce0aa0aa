"""Sensitivity: what a field can reveal, in four classes; a class includes all below it.

A field whose content depends on the mode has the class of the most that it can hold.
"""

from typing import Literal

Sensitivity = Literal["S0", "S1", "S2", "S3"]

MEANINGS: dict[Sensitivity, str] = {
    "S0": "coarse counters, versions, codes of ours, bucketed times",
    "S1": "operational metadata without content: opaque ids, salted hashes, exact times",
    "S2": "what can reveal the shape of a workspace: relative paths, names of branches",
    "S3": "content, and who somebody is: topics, decision texts, notes, messages, names",
}
CLASSES: tuple[Sensitivity, ...] = tuple(MEANINGS)


def is_within(sensitivity: Sensitivity, cap: Sensitivity) -> bool:
    """Tell whether a field of this class may stand where `cap` is the most that may."""
    return CLASSES.index(sensitivity) <= CLASSES.index(cap)

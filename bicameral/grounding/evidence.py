"""By what code was recognised that is not where it was, as a value and as the ledger's text."""

import json
from dataclasses import asdict, dataclass
from typing import Literal

Outcome = Literal["unchanged", "cosmetic", "moved", "renamed", "split", "changed", "removed"]
KnownBy = Literal["digest", "similarity", "name"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What became of a region's place, and how that is known.

    `known_by`: the `digest` of its meaning (its own name left out where it was renamed), the
    `similarity` of its tokens (0 to 1), or its `name` in a file that git takes for renamed.
    `moved_from` is its old place. `places` are the parts of what was split, or the candidates
    of which none could be preferred.
    """

    known_by: KnownBy
    moved_from: str
    similarity: float | None = None
    places: tuple[str, ...] = ()

    def in_words(self) -> str:
        """Say how it was recognised, as `digest` or `similarity 0.83`."""
        if self.similarity is None:
            return self.known_by
        said = f"similarity {self.similarity:.2f}"
        return said if self.known_by == "similarity" else f"{self.known_by}, {said}"


def as_text(outcome: Outcome, evidence: Evidence | None) -> str:
    """Return an outcome with its evidence as text; empty for none."""
    if evidence is None:
        return ""
    return json.dumps({"outcome": outcome} | asdict(evidence), ensure_ascii=False)


def from_text(text: str) -> tuple[Outcome, Evidence] | None:
    """Read back what `as_text` wrote; None for an empty text."""
    if not text:
        return None
    found = json.loads(text)
    outcome = found.pop("outcome")
    return outcome, Evidence(**found | {"places": tuple(found["places"])})

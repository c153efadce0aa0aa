"""Worlds with known labels: made-up words, decisions made of them, and topics that share some.

Words are nobody's, so that how much of a topic a decision holds is known to the digit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random

import msgspec

from bicameral.ledger.text import COMMON_STEMS, terms_of
from bicameral.review.dataset import EvalRow, SeedDecision, row_id

CONSONANTS = "bdfgklmnprtvz"


@dataclass
class World:
    """A source of words that no other word of the world has the stem of."""

    random: Random
    _taken: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def words(self, number: int) -> list[str]:
        """Return fresh words."""
        return [self._word() for _ in range(number)]

    def _word(self) -> str:
        while True:
            pairs = (self.random.choice(CONSONANTS) + self.random.choice("aou") for _ in range(4))
            word = "".join(pairs)
            [term] = terms_of(word)
            if term not in self._taken and term not in COMMON_STEMS:
                self._taken.add(term)
                return word

    def row(
        self,
        *,
        shared: int,
        unknown: int,
        is_wanted: bool,
        in_title: bool = True,
        beside: Sequence[SeedDecision] = (),
        paths: Sequence[str] = (),
    ) -> EvalRow:
        """Return a question that shares words with a decision of its own, and holds others.

        `beside` are further decisions it carries; they are not expected.
        """
        number = next(self._numbers)
        own, rest = self.words(shared), self.words(4)
        title, body = (own + rest[:1], rest[1:]) if in_title else (rest[:1], own + rest[1:])
        decision = SeedDecision(
            key=f"d{number}", title=" ".join(title), description=" ".join(body), paths=list(paths)
        )
        topic = own + self.words(unknown)
        self.random.shuffle(topic)
        return identified(
            EvalRow(
                id="",
                origin="synthetic",
                category="plain_hit" if is_wanted else "shared_common_words",
                topic=" ".join(topic),
                file_paths=list(paths),
                decisions=[decision, *beside],
                expected=[decision.key] if is_wanted else [],
            )
        )

    def rows(self, number: int, **how: object) -> list[EvalRow]:
        """Return rows that are alike but for their words."""
        return [self.row(**how) for _ in range(number)]  # type: ignore[arg-type]


def identified(row: EvalRow) -> EvalRow:
    """Return a row under the id that follows from its content, as a data set wants it."""
    return msgspec.structs.replace(row, id=row_id(row))


def world(seed: int) -> World:
    return World(Random(seed))


def noisy(seed: int, *, rows: int = 90) -> list[EvalRow]:
    """Return rows with shares of all kinds, labelled by a rule of the world and some whim."""
    made = world(seed)
    threshold, whim = made.random.uniform(0.4, 0.75), made.random.uniform(0.0, 0.3)
    found: list[EvalRow] = []
    for _ in range(rows):
        shared, unknown = made.random.randint(1, 4), made.random.randint(0, 4)
        is_wanted = (shared / (shared + unknown) >= threshold) != (made.random.random() < whim)
        # Some ask about a decision that another row asked about too.
        beside = found[-1].decisions[:1] if found and made.random.random() < 0.3 else ()
        in_title = made.random.random() < 0.7
        row = made.row(
            shared=shared, unknown=unknown, is_wanted=is_wanted, in_title=in_title, beside=beside
        )
        found.append(row)
    return found


def misses_by_share(number: int = 25, *, seed: int = 1) -> list[EvalRow]:
    """Return a world whose best gate is known: what is wanted shares 43 %, what is not 34 %."""
    made = world(seed)
    wanted = made.rows(number, shared=3, unknown=3, is_wanted=True)
    return wanted + made.rows(number, shared=2, unknown=3, is_wanted=False)

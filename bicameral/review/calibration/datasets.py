"""Rows of data sets as cases: asked of a ledger that holds the decisions of their data set.

The ledger is a real one in a temporary folder, seeded as the evaluation seeds its own, so
that both speak of the same thing; the person's own ledger is not touched.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import Connection

from bicameral.environment import Environment
from bicameral.intake.direct import Given, draft_of
from bicameral.intake.storing import content_of, source_of
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import add_decision
from bicameral.ledger.domain import Actor
from bicameral.ledger.repositories import ensure_repository
from bicameral.ledger.terms import matches_among
from bicameral.ledger.transaction import Transaction
from bicameral.preflight.topic import read_evidence
from bicameral.review.calibration.cases import (
    Case,
    Collected,
    Reason,
    kinship,
)
from bicameral.review.calibration.trials import Trials, shown_by
from bicameral.review.dataset import EvalRow
from bicameral.review.evaluation.seeding import Seed, seeds_of, text_of

ACTOR = Actor(session_id="calibration", tool="cli.calibrate")


@dataclass(frozen=True, slots=True)
class Shelf:
    """The decisions of one data set: where they stand in the ledger, and each by its id."""

    repository_id: str
    seeds: Mapping[str, Seed]


def collect_rows(
    environment: Environment, data_sets: Iterable[Sequence[EvalRow]], trials: Trials
) -> Collected:
    """Return the cases among the rows of some data sets, whatever order these come in."""
    found = Collected()
    # In an order of content: equal scores are told apart by what came first.
    in_order = sorted(
        (sorted(rows, key=msgspec.json.encode) for rows in data_sets), key=msgspec.json.encode
    )
    with TemporaryDirectory(prefix="bicameral-calibration-") as folder:
        ledger = Ledger(elsewhere(environment, Path(folder)))
        try:
            with ledger.writing(ACTOR) as transaction:
                shelves = [seed(transaction, n, rows) for n, rows in enumerate(in_order)]
            with ledger.reading() as connection:
                for row, shelf in _distinct(zip(in_order, shelves, strict=True), found):
                    _collect(connection, row, shelf, trials, found)
        finally:
            ledger.close()
    return found


def _distinct(
    data_sets: Iterable[tuple[Sequence[EvalRow], Shelf]], found: Collected
) -> Iterator[tuple[EvalRow, Shelf]]:
    """Yield each row that can be used, once; its id follows from its content."""
    known: set[str] = set()
    for rows, shelf in data_sets:
        for row in rows:
            if reason := _why_left_out(row, is_known=row.id in known):
                found.left_out[reason] += 1
            else:
                known.add(row.id)
                yield row, shelf


def _why_left_out(row: EvalRow, *, is_known: bool) -> Reason | None:
    if is_known:
        return "given twice"
    if row.label == "borderline":
        return "borderline"
    return "asked before" if row.before else None


def elsewhere(environment: Environment, home: Path) -> Environment:
    """Return the environment of a temporary ledger, which comes out the same every time."""
    # Ids in rising order: decisions with equal scores are told apart by them.
    numbers = itertools.count(1)
    return replace(
        environment,
        home=home,
        time_ns=lambda: 0,
        random_bytes=lambda length: next(numbers).to_bytes(length, "big"),
    )


def seed(transaction: Transaction, number: int, rows: Sequence[EvalRow]) -> Shelf:
    """Put the decisions of a data set into a repository of its own."""
    repository_id = ensure_repository(transaction, [f"data set {number}"])
    return Shelf(
        repository_id,
        {_add(transaction, repository_id, each): each for each in seeds_of(rows)},
    )


def _add(transaction: Transaction, repository_id: str, seed: Seed) -> str:
    # As if given to `bicameral.ingest`, which decides what of it is searched.
    title, description, rationale, feature_group = seed.text
    draft = draft_of(
        Given(title, description, rationale, ref=seed.ref, feature_group=feature_group)
    )
    return add_decision(
        transaction,
        repository_id,
        content_of(draft),
        source_of(draft),
        signoff="ratified" if seed.is_ratified else "proposed",
    ).id


def _collect(
    connection: Connection, row: EvalRow, shelf: Shelf, trials: Trials, found: Collected
) -> None:
    evidence = read_evidence(connection, shelf.repository_id, row.topic, trials.counting)
    shown = shown_by(evidence, trials)
    expected = {text_of(each) for each in row.decisions if each.key in row.expected}
    by_path = {key for key, seed in shelf.seeds.items() if _is_bound(seed, row)}
    wanted = {key for key, seed in shelf.seeds.items() if seed.text in expected} - by_path
    reach = frozenset[str]().union(*shown) - by_path
    found.out_of_reach += len(wanted - reach)
    if not reach:
        own = {text_of(each) for each in row.decisions}
        is_bound = any(shelf.seeds[key].text in own for key in by_path)
        found.left_out["bound to the paths" if is_bound else "out of reach"] += 1
        return
    matches = matches_among(evidence.holders, evidence.weights)
    best_first = [each.decision_id for each in matches if each.decision_id in reach]
    found.cases.append(
        Case(
            key=row.id,
            id=row.id,
            is_own=False,
            topic=row.topic,
            shown=shown,
            wanted=reach & wanted,
            unwanted=reach - wanted,
            # About what it wants; where it wants nothing, about what comes nearest.
            kin=kinship(row.topic, (shelf.seeds[e].text for e in wanted or best_first[:1])),
            titles={key: shelf.seeds[key].text[0] for key in reach},
        )
    )


def _is_bound(seed: Seed, row: EvalRow) -> bool:
    """Return whether a decision surfaces by the asked paths: bound there, or naming one."""
    text = "\n".join(seed.text)
    return any(path in seed.paths or path in text for path in row.file_paths)

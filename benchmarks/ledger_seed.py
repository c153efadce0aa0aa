"""A large ledger of made-up decisions, the same for the same seed.

Words follow Zipf's law, as words do: a few stand everywhere, most are rare.
"""

import random
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

from sqlalchemy import insert

from bicameral.ledger import schema
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor, View
from bicameral.ledger.repositories import Cursor, ensure_repository, move_cursor
from bicameral.ledger.transfer import reindex

VOCABULARY = 20_000
TITLE_WORDS, TEXT_WORDS = 6, 25
DECISIONS_PER_FOLDER = 3
BATCH = 2_000


@cache
def vocabulary() -> tuple[list[str], list[float]]:
    """Return made-up words, commonest first, and their cumulated weights."""
    chance = random.Random(0)
    syllables = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"]
    made = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(VOCABULARY)]
    return made, list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))


def words(chance: random.Random, count: int) -> str:
    """Return a sentence of made-up words."""
    made, weights = vocabulary()
    return " ".join(chance.choices(made, cum_weights=weights, k=count))


def seed(
    ledger: Ledger,
    *,
    decisions: int,
    bindings_per_decision: int,
    repository_keys: Sequence[str],
    commit: str,
    seed: int,
) -> list[str]:
    """Fill an empty ledger; return the paths that its decisions are bound to."""
    chance = random.Random(seed)
    folders = max(1, decisions // DECISIONS_PER_FOLDER)
    with ledger.writing(Actor(session_id="seed", tool="seed")) as transaction:
        repository_id = ensure_repository(transaction, repository_keys)
        for rows in _batches(chance, repository_id, decisions, bindings_per_decision, folders):
            for table, values in rows.items():
                transaction.connection.execute(insert(schema.metadata.tables[table]), values)
        move_cursor(transaction, View(repository_id), Cursor(commit))
        reindex(transaction)
    files = range(bindings_per_decision)
    return [_path(folder, file) for folder in range(folders) for file in files]


def _path(folder: int, file: int) -> str:
    return f"src/module{folder}/file{file}.py"


def _batches(
    chance: random.Random, repository_id: str, decisions: int, bound: int, folders: int
) -> Iterator[dict[str, list[dict[str, Any]]]]:
    for start in range(0, decisions, BATCH):
        rows: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("decisions", "regions", "region_states", "bindings")
        }
        for number in range(start, min(decisions, start + BATCH)):
            rows["decisions"].append(_decision(chance, repository_id, number))
            for file in range(bound):
                region = f"reg_{number * bound + file:08d}"
                place = {"path": _path(number % folders, file), "selector": f"function{number}"}
                rows["regions"].append(
                    {"id": region, "repository_id": repository_id, "kind": "symbol", **place}
                )
                rows["region_states"].append(_state(region))
                rows["bindings"].append(
                    {
                        "decision_id": f"dec_{number:08d}",
                        "region_id": region,
                        "origin": "explicit",
                        "created_at": 1,
                    }
                )
        yield rows


def _decision(chance: random.Random, repository_id: str, number: int) -> dict[str, Any]:
    empty = ("rationale", "search_text", "source_excerpt", "decided_on", "stated_status")
    return {
        **dict.fromkeys(empty, ""),
        "id": f"dec_{number:08d}",
        "repository_id": repository_id,
        "title": words(chance, TITLE_WORDS),
        "description": words(chance, TEXT_WORDS),
        "source_type": "adr",
        "source_ref": f"docs/adr/{number}.md",
        "participants": "[]",
        "stated_signoff": "ratified",
        "content_digest": str(number),
        "feature_group": "",
        "level": "L2",
        "signoff": "ratified",
        "parent_id": None,
        "warnings": "[]",
        "text_length": 0,
        "created_at": 1,
        "updated_at": 1,
    }


def _state(region: str) -> dict[str, Any]:
    return {
        "region_id": region,
        "branch": "",
        "commit": "seed",
        "presence": "present",
        "start_line": 1,
        "end_line": 9,
        "digest": "d",
        "raw_digest": "r",
        "backend": "tree-sitter",
        "capability": "full",
        "fallback_reason": "",
        "copies": 1,
        "seen_at": 1,
    }

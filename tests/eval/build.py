"""The synthetic data set, written from its two sources: `python -m tests.eval.build`.

The sources name each decision once; the rows that ship carry their decisions in full.
"""

import tomllib
from pathlib import Path
from typing import Any, get_args

import msgspec

from bicameral.review.dataset import Category, EvalRow, row_id
from bicameral.review.evaluation.shipped import SYNTHETIC_DATASET

HERE = Path(__file__).parent


def rows() -> list[EvalRow]:
    """Return the rows that the sources describe, in the order of the contract."""
    decisions = tomllib.loads((HERE / "synthetic_decisions.toml").read_text(encoding="utf-8"))
    described = tomllib.loads((HERE / "synthetic_rows.toml").read_text(encoding="utf-8"))
    assert set(described) <= set(get_args(Category)), "a table that is no category"
    return [
        row_of(category, each, decisions)
        for category in get_args(Category)
        for each in described.get(category, ())
    ]


def row_of(category: str, described: dict[str, Any], decisions: dict[str, Any]) -> EvalRow:
    """Return one row with its decisions in full and its id."""
    keys = [*described.get("expected", ()), *described.pop("beside", ())]
    fields = {
        "id": "",
        "origin": "synthetic",
        "category": category,
        "topic": described.pop("topic"),
        "file_paths": described.pop("paths", []),
        "decisions": [decision_of(key, decisions[key]) for key in keys],
        "expected": described.pop("expected", []),
        "before": described.pop("before", []),
        "note": described.pop("note", ""),
    }
    assert not described, f"unknown fields: {described}"
    row = msgspec.convert(fields, EvalRow)
    return msgspec.structs.replace(row, id=row_id(row))


def decision_of(key: str, described: dict[str, Any]) -> dict[str, Any]:
    """Return a decision with the names that the contract has for its fields."""
    renamed = {"feature_group" if name == "group" else name: v for name, v in described.items()}
    return {"key": key, **renamed}


def as_lines(found: list[EvalRow]) -> bytes:
    """Return rows as JSON lines."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in found)


if __name__ == "__main__":
    SYNTHETIC_DATASET.write_bytes(as_lines(rows()))

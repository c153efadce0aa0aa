"""Data sets read strictly: JSON lines, each of them one row.

What is not a row is refused with its line and its field; a row that was left out in silence,
or a misspelt field that was passed over, would make every figure wrong.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from bicameral.errors import DatasetRefused
from bicameral.review.dataset import SCHEMA, Asked, EvalRow, SeedDecision, row_id

SHORTEST_TITLE = 3
LONGEST_TOPIC = 8_000
_decoder = msgspec.json.Decoder(EvalRow)
_plain_decoder = msgspec.json.Decoder()


def read_dataset(path: Path) -> list[EvalRow]:
    """Return the rows of a file, in order; blank lines are passed over.

    Raises `DatasetRefused`, which names the line and the field.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DatasetRefused(
            f"the data set {path} cannot be read: {error.strerror or error}",
            next_step="name a file of JSON lines, or leave the option out",
        ) from error
    return read_rows(lines, name=str(path))


def read_rows(lines: Sequence[bytes], *, name: str) -> list[EvalRow]:
    """Return the rows that the lines hold; `name` is what a refusal calls them."""
    rows: list[EvalRow] = []
    first_lines: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _decoder.decode(line)
            faults = [*_unknown_fields(_plain_decoder.decode(line)), *faults_of(row)]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _refused(name, number, str(error)) from error
        if row.id in first_lines:
            faults.append(f"`id` {row.id!r} stands on line {first_lines[row.id]} already")
        if faults:
            raise _refused(name, number, faults[0])
        first_lines[row.id] = number
        rows.append(row)
    return rows


def faults_of(row: EvalRow) -> Iterator[str]:
    """Yield what is wrong with a row that has the right fields, the field first."""
    if row.schema > SCHEMA:
        yield f"`schema` {row.schema} is newer than this version knows ({SCHEMA})"
    yield from _faults_of_question("", row.topic, row.file_paths)
    for number, each in enumerate(row.before):
        yield from _faults_of_question(f"before[{number}].", each.topic, each.file_paths)
    keys = Counter(each.key for each in row.decisions)
    for key, count in keys.items():
        if count > 1:
            yield f"`decisions` has the key {key!r} {count} times"
    for key in row.expected:
        if key not in keys:
            yield f"`expected` names {key!r}, which is no key of its decisions"
    if len(set(row.expected)) < len(row.expected):
        yield "`expected` names a decision twice"
    for number, decision in enumerate(row.decisions):
        yield from _faults_of_decision(f"decisions[{number}]", decision)
    if row.id != row_id(row):
        # Else an edited row would pass for the one that a baseline knows.
        yield f"`id` {row.id!r} should be {row_id(row)!r}: it follows from the content"


def is_inside(path: str) -> bool:
    """Return whether a path is relative, POSIX, in its shortest form, and not git's own."""
    parts = PurePosixPath(path).parts
    is_plain = path == "/".join(parts) and "\\" not in path and path.isprintable()
    return bool(parts) and is_plain and not {"..", ".git", "/"} & {p.lower() for p in parts}


def _faults_of_question(prefix: str, topic: str, paths: Sequence[str]) -> Iterator[str]:
    if not topic.strip() or len(topic) > LONGEST_TOPIC:
        yield f"`{prefix}topic` has to have 1 to {LONGEST_TOPIC} characters"
    for path in paths:
        if not is_inside(path):
            yield f"`{prefix}file_paths` names {path!r}, which is no path below a repository"


def _faults_of_decision(place: str, decision: SeedDecision) -> Iterator[str]:
    if not decision.key:
        yield f"`{place}.key` is empty"
    if len(" ".join(decision.title.split())) < SHORTEST_TITLE:
        yield f"`{place}.title` has to have at least {SHORTEST_TITLE} characters"
    for path in decision.paths:
        if not is_inside(path):
            yield f"`{place}.paths` names {path!r}, which is no path below a repository"
    if decision.has_drifted and not decision.paths:
        yield f"`{place}.has_drifted` needs a path: only code can drift"


_NESTED: Mapping[str, type[msgspec.Struct]] = {"decisions": SeedDecision, "before": Asked}


def _unknown_fields(raw: Mapping[str, Any]) -> Iterator[str]:
    for name in raw.keys() - set(EvalRow.__struct_fields__):
        yield f"`{name}` is no field of a row"
    for field, shape in _NESTED.items():
        for number, each in enumerate(raw.get(field, ())):
            for name in each.keys() - set(shape.__struct_fields__):
                yield f"`{field}[{number}].{name}` is no field of it"


def _refused(name: str, number: int, fault: str) -> DatasetRefused:
    return DatasetRefused(
        f"{name}, line {number}: {fault}",
        next_step="correct that line, or take it out",
    )

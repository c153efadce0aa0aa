"""The calls as one table, for other programs: JSON, CSV as RFC 4180 says, or Parquet."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Literal

from bicameral.errors import ExporterMissing
from bicameral.observe.metrics.lines import CallLine, Line
from bicameral.observe.metrics.names import COUNTER_NAMES

Format = Literal["json", "csv", "parquet"]
FORMATS: tuple[Format, ...] = ("json", "csv", "parquet")
Cell = str | int | float | None

COLUMNS = (
    *("ts", "run_id", "event_type", "surface", "command", "status", "code", "duration_ms"),
    *("tokens", "name", "value", "attrs", *COUNTER_NAMES),
)


def as_row(line: Line) -> dict[str, Cell]:
    """Return a line as a row of the table; a column that it has no part in is None."""
    row: dict[str, Cell] = dict.fromkeys(COLUMNS)
    if isinstance(line, CallLine):
        row |= dict.fromkeys(COUNTER_NAMES, 0)
        row |= {name: by for name, by in line.counts.items() if name in row}
        row |= {name: getattr(line, name) for name in ("surface", "command", "status", "code")}
        row |= {"duration_ms": line.duration_ms, "tokens": line.tokens}
    else:
        attrs = json.dumps(line.attrs, separators=(",", ":")) if line.attrs else None
        row |= {"name": line.name, "attrs": attrs}
        row["value"] = float(line.value)
    row["event_type"] = str(line.__struct_config__.tag)
    return row | {"ts": line.ts, "run_id": line.run_id}


def encode(rows: Sequence[dict[str, Cell]], form: Format) -> bytes:
    """Return the whole table in a format. Raises `ExporterMissing` for Parquet without it."""
    if form == "parquet":
        return _parquet(rows)
    if form == "csv":
        return _csv(rows)
    return (json.dumps(list(rows), indent=1) + "\n").encode()


def _csv(rows: Iterable[dict[str, Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _parquet(rows: Sequence[dict[str, Cell]]) -> bytes:
    try:
        import pyarrow  # noqa: PLC0415 - an extra, and heavy
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ExporterMissing(
            "Parquet needs the extra `export`, which is not installed",
            next_step="run `pip install 'bicameral-preflight[export]'`, or export csv or json",
        ) from error
    numbers = {name: pyarrow.int64() for name in ("tokens", *COUNTER_NAMES)}
    numbers |= {name: pyarrow.float64() for name in ("duration_ms", "value")}
    schema = pyarrow.schema([(name, numbers.get(name, pyarrow.string())) for name in COLUMNS])
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), sink)
    return bytes(sink.getvalue())

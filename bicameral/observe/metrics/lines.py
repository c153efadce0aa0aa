"""The lines of `metrics.jsonl`: one for each call, one for each emitted metric.

A line holds what was added, never a total: so nobody has to read before they write, and no
process can take back what another has counted.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

METRICS_FILE = "metrics.jsonl"
SCHEMA = 1

Surface = Literal["mcp", "cli"]
Status = Literal["ok", "refused", "failed", "cancelled"]


class CallLine(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="event_type", tag="metric_call"
):
    """One call: what was called, how it ended, how long it took and what it counted.

    `code` is the error's. `lanes` has what became of rows since the line before of the same
    process, as written and dropped. `tokens` estimates the answer. `unkept` are durations
    beyond those that are kept.
    """

    ts: str
    run_id: str
    schema: int
    surface: Surface
    command: str
    status: Status
    duration_ms: float
    code: str = ""
    tokens: int = 0
    counts: dict[str, int] = {}
    durations_ms: dict[str, list[float]] = {}
    unkept: int = 0
    lanes: dict[str, tuple[int, int]] = {}


class EmittedLine(
    msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="event_type", tag="metric_emitted"
):
    """One call of `emit_metric`."""

    ts: str
    run_id: str
    schema: int
    name: str
    value: float
    attrs: dict[str, str | int | float | bool | None] = {}


Line = CallLine | EmittedLine

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def encode_line(line: Line) -> bytes:
    """Return a line as it is written, without its end."""
    return _encoder.encode(line)


def decode_lines(content: bytes) -> Iterator[Line | None]:
    """Yield the lines of a piece of the log; None for one that is none."""
    for each in content.split(b"\n"):
        if each:
            try:
                yield _decoder.decode(each)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                yield None

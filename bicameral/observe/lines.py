"""A span as one line for a person: `[led] read: sqlite topic:38 chars → rows:2 (2ms)`.

Nothing that could steer a terminal gets through, whatever stands in the file.
"""

from collections.abc import Mapping

from bicameral.observe.span_row import SpanRow

SECOND_MS = 1_000
LONGEST_EXACT_MS = 10


def line_of(row: SpanRow) -> str:
    """Return the line of a span: what, on what, what came of it, how long, and its facts."""
    before = " ".join(filter(None, [row.component, row.input_summary]))
    ended = [f"→ {row.output_summary}" if row.output_summary else "", duration_text(row)]
    ended += [failure_of(row), facts_text(row.metadata)]
    line = " ".join(filter(None, [f"[{row.layer[:3]}] {row.operation}: {before}", *ended]))
    return printable(line)


def duration_text(row: SpanRow) -> str:
    """Return how long it took; nothing for what takes no time."""
    found = row.duration_ms
    if not found:
        return ""
    return f"({milliseconds(found)})"


def milliseconds(found: float) -> str:
    """Return a duration with as many digits as are worth reading."""
    if found >= SECOND_MS:
        return f"{found / SECOND_MS:.1f}s"
    return f"{found:.0f}ms" if found >= LONGEST_EXACT_MS else f"{found:.1f}ms"


def failure_of(row: SpanRow) -> str:
    """Return how it ended, where that was not well."""
    if row.status == "success":
        return ""
    kind = row.metadata.get("error.type")
    return f"{row.status}: {kind}" if kind else row.status


def facts_text(metadata: Mapping[str, object]) -> str:
    """Return the facts as `name=value`, but for the type of an error, which stands before."""
    return " ".join(
        f"{name}={_value_text(value)}" for name, value in metadata.items() if name != "error.type"
    )


def _value_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def printable(text: str) -> str:
    """Return the text with every character that is not seen replaced by a dot."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "·" for c in text)

"""The reference of spans, made from the table that the code is held to."""

from bicameral.observe.span_table import ERROR_FACTS, SPAN_KINDS, SpanKind
from bicameral.observe.values import LONGEST_SUMMARY, SHOWN
from tests.docs.pages import DOCS

HEAD = DOCS.parent / "tests" / "docs" / "spans_head.md"


def spans_page() -> str:
    """Return `docs/reference/spans.md`."""
    head = HEAD.read_text(encoding="utf-8")
    assert f"{LONGEST_SUMMARY} characters" in head
    errors = ", ".join(f"`{each}`" for each in ERROR_FACTS)
    texts = ", ".join(f"`{each}`" for each in sorted(SHOWN))
    lines = [
        head.rstrip("\n"),
        "",
        "## Every span",
        "",
        "| layer | operation | component | what it is | facts of its own |",
        "|---|---|---|---|---|",
        *map(_row, SPAN_KINDS),
        "",
        f"A span that ended in an error has also {errors}.",
        "",
        "## Facts whose texts stand as they are",
        "",
        f"{texts}: codes and ids of ours and of the client's, where they have that form.",
        "Of every other text its length stands there, outside raw mode.",
    ]
    return "\n".join([*lines, ""])


def _row(kind: SpanKind) -> str:
    facts = ", ".join(f"`{each}`" for each in kind.facts)
    cells = [f"`{kind.layer}`", f"`{kind.operation}`", kind.component, kind.meaning, facts]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")

"""The reference of the self-check, made from the table that it runs, and its report's schema."""

import json
from collections.abc import Iterator
from pathlib import Path

from bicameral.observe.doctor import CHECKS, Check, report_schema

HEAD = Path(__file__).with_name("doctor_head.md")


def doctor_page() -> str:
    """Return `docs/reference/doctor.md`."""
    rows = [f"| {each.number} | [`{each.id}`](#{each.id}) | {each.title} |" for each in CHECKS]
    table = ["| number | id | title |", "|---|---|---|", *rows, ""]
    sections = [line for each in CHECKS for line in _section(each)]
    return HEAD.read_text(encoding="utf-8") + "\n" + "\n".join([*table, *sections])


def schema_file() -> str:
    """Return `docs/reference/doctor.schema.json`."""
    return json.dumps(report_schema(), indent=2) + "\n"


def _section(check: Check) -> Iterator[str]:
    yield from (f"## {check.id}", "", f"Number {check.number}, shown as “{check.title}”.", "")
    yield from (check.looks_at, f"It fails when: {check.fails[:1].lower()}{check.fails[1:]}", "")

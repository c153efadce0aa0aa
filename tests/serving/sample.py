"""A small real server: tools, resources and prompts over stdio, as a process of its own.

`python -m tests.serving.sample [--listings FILE] [--tool-names auto] [--journal FILE]
[--hold FIFO] [--fail]`: the journal gets a line per lifecycle event, `--hold` keeps the
tables from loading until someone opens the FIFO for writing.
"""

import argparse
from pathlib import Path
from typing import Any

from bicameral.environment import read_environment
from bicameral.serving.stdio import serve

Tables = Any


def load_tables(journal: Path | None = None) -> Tables:
    """Build the tables, importing what they need only now, as handlers do."""
    from tests.serving import sample_tables

    return sample_tables.make_tables(journal)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--listings", type=Path)
    parser.add_argument("--tool-names", default="auto")
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--hold", type=Path)
    parser.add_argument("--fail", choices=["refusal", "crash"])
    options = parser.parse_args()

    def note(text: str) -> None:
        if options.journal:
            with options.journal.open("a", encoding="utf-8") as stream:
                stream.write(text + "\n")

    def load() -> Tables:
        if options.hold:
            options.hold.read_bytes()
        if options.fail == "crash":
            raise ZeroDivisionError("a private detail")
        if options.fail == "refusal":
            from bicameral.errors import LedgerTooNew

            raise LedgerTooNew("the ledger is newer", next_step="upgrade bicameral")
        return load_tables(options.journal)

    serve(
        read_environment(),
        load_tables=load,
        listings=options.listings,
        tool_names=options.tool_names,
        on_start=lambda session, client: note(f"start {session} {client}"),
        on_end=lambda: note("end"),
    )


if __name__ == "__main__":
    main()

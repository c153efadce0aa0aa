"""Which pages depend on the code: those made from it, and those that are run."""

import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from bicameral.govern import events_page, retention_page, schemas
from bicameral.govern.retention import read_policy
from bicameral.registry.whole import whole_registry
from tests.docs import metric_pages
from tests.docs.command_pages import commands_page
from tests.docs.doctor_pages import doctor_page, schema_file
from tests.docs.pages import read
from tests.docs.running import Shell, run_page
from tests.docs.span_pages import spans_page
from tests.docs.tool_pages import tools_page

REGISTRY = whole_registry()
GENERATED: Mapping[str, Callable[[], str]] = {
    "docs/reference/tools.md": tools_page,
    "docs/reference/cli.md": commands_page,
    metric_pages.PAGE: metric_pages.metrics_page,
    "docs/reference/spans.md": spans_page,
    "docs/reference/doctor.md": doctor_page,
    "docs/reference/doctor.schema.json": schema_file,
    events_page.PAGE: lambda: events_page.events_page(read(events_page.PAGE), REGISTRY),
    retention_page.PAGE: lambda: retention_page.retention_page(
        read(retention_page.PAGE), read_policy()
    ),
    **{f"{schemas.FOLDER}/{kind.id}.json": partial(schemas.schema_text, kind) for kind in REGISTRY},
}
RUN = (
    "README.md",
    "docs/tutorial/first-decision.md",
    "docs/how-to/bring-in-adrs.md",
    "docs/how-to/bind-and-judge.md",
    "docs/how-to/choose-what-is-kept.md",
    "docs/how-to/send-telemetry.md",
    "docs/how-to/switch-capture-on-and-off.md",
    "docs/how-to/remove-what-was-captured.md",
    "docs/how-to/back-up-and-move-a-ledger.md",
    "docs/how-to/follow-a-preflight.md",
    "docs/how-to/triage-suspects.md",
    "docs/how-to/promote-a-row.md",
    "docs/how-to/evaluate.md",
    "docs/how-to/check-your-machine.md",
    "docs/how-to/set-up-claude-code.md",
    "docs/how-to/set-up-codex.md",
    "docs/how-to/set-up-cursor.md",
    "docs/how-to/set-up-vs-code.md",
)
# The tutorial makes its project itself; the other pages begin with one.
FROM_NOTHING = "docs/tutorial/first-decision.md"


def rerun(name: str) -> str:
    """Return a page as it reads when all that it says is done anew in an empty home."""
    # Of the same length every time, for lines are wrapped with the real path in them.
    with tempfile.TemporaryDirectory() as home:
        return rerun_in(Path(home).resolve(), name)


def rerun_in(home: Path, name: str, **variables: str) -> str:
    """Do the same in a home that is given, with some variables set."""
    shell = Shell(home)
    shell.variables |= variables
    if name != FROM_NOTHING:
        shell.make_project()
    return run_page(read(name), shell)

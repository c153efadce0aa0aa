"""The account that the demo gives: what was called, what came back, what that proves."""

import json
import sys
from collections.abc import Mapping
from typing import Any

from bicameral.cli.execution import Work, as_document, write
from bicameral.cli.page import Page, make_page
from bicameral.errors import BicameralError

LONGEST_TEXT = 100
MOST_ENTRIES = 2
LEFT_OUT = frozenset({"notice", "backend", "capability", "text"})


class LoopBroken(BicameralError):
    """The loop did not do what the demo says it does."""

    code = "loop_broken"


class Account:
    """Tells each step as it happens, and keeps all of them for `--json`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.record: dict[str, Any] = {"steps": [], "proved": []}
        self.marked = ""
        """The `preflight_id` that stands out from now on."""

    def step(self, title: str, call: str, sent: Mapping[str, Any], answer: Any) -> None:
        """Tell one call and its answer, shortened."""
        steps = self.record["steps"]
        steps.append({"title": title, "call": call, "sent": dict(sent), "answer": answer})
        page = self._page()
        page.line()
        page.line(f"{len(steps)}. {title}", style="bold")
        page.line(f"→ {call} {as_line(shortened(sent))}", indent=3, style="dim")
        page.line(f"← {as_line(shortened(answer))}", indent=3)
        self._write(page.text())

    def printed(self, title: str, command: str, said: str) -> None:
        """Tell one command that a person runs, and what it printed."""
        steps = self.record["steps"]
        steps.append({"title": title, "call": command, "sent": {}, "answer": said})
        page = self._page()
        page.line()
        page.line(f"{len(steps)}. {title}", style="bold")
        page.line(f"$ {command}", indent=3, style="dim")
        for line in said.splitlines():
            page.line(f"   {line}", is_wrapped=False)
        self._write(page.text())

    def rows(self, name: str, rows: list[dict[str, Any]]) -> None:
        """Show captured rows as their file has them."""
        self.record.setdefault("captured", {})[name] = rows
        page = self._page()
        page.line()
        page.line(name, style="bold")
        for row in rows:
            page.line(as_line(row), indent=3)
        self._write(page.text())

    def prove(self, holds: bool, what: str) -> None:
        """Tell that something holds; raises `LoopBroken` where it does not."""
        if not holds:
            raise LoopBroken(
                f"the demo expected: {what}",
                next_step="report it with this output; `bicameral-mcp demo --json` has all of it",
            )
        self.record["proved"].append(what)
        page = self._page()
        page.line(f"✓ {what}", indent=3, style="green")
        self._write(page.text())

    def say(self, *lines: str, indent: int = 0) -> None:
        """Tell something in passing."""
        page = self._page()
        for line in lines:
            page.line(line, indent=indent)
        self._write(page.text())

    def close(self) -> None:
        """End the account: with `--json`, all of it as one document."""
        if self._work.as_json:
            write(as_document(self.record))

    def _page(self) -> Page:
        return make_page(self._work.environment.variables, sys.stdout, marked=self.marked)

    def _write(self, text: str) -> None:
        if not self._work.as_json:
            write(text)


def shortened(value: Any) -> Any:
    """Return an answer with its long texts cut and its long lists begun."""
    if isinstance(value, Mapping):
        return {name: shortened(each) for name, each in value.items() if name not in LEFT_OUT}
    if isinstance(value, list):
        shown = [shortened(each) for each in value[:MOST_ENTRIES]]
        return [*shown, f"… {len(value) - MOST_ENTRIES} more"] if len(value) > len(shown) else shown
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + "…"
    return value


def as_line(value: Any) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)

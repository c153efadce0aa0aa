"""Reading page by page as a client does, until there is no cursor."""

from typing import Any

from tests.handlers.bench import Bench


def pages(bench: Bench, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    """Return every page of a listing."""
    found = [bench.call(tool, **arguments)]
    while cursor := found[-1].get("next_cursor"):
        assert len(found) < 2_000, "the pages do not end"
        found.append(bench.call(tool, **arguments, cursor=cursor))
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    """Return the ids of all decisions on the pages, in order."""
    return [each["id"] for page in found for each in page.get("decisions", [])]

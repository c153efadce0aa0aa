"""What is collected, as it was last recorded: nothing more may be without a word about it.

The record is a file of the reference, written at a release. A kind, a field, a higher class or
a wider way out that is not in it has to be named under Telemetry in the changelog.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bicameral.govern.kinds import TRANSMISSIONS, Kind
from bicameral.govern.registry import Registry

RECORD = "docs/reference/schemas/collected.json"
CHANGELOG = "CHANGELOG.md"
_WAYS = list(TRANSMISSIONS)

Record = Mapping[str, Mapping[str, Any]]


def record_of(registry: Registry) -> dict[str, dict[str, Any]]:
    """Return what is collected now: of each kind its way out, and each field's class."""
    return {
        kind.id: {
            "transmission": kind.transmission,
            "fields": {place: field.sensitivity for place, field in kind.walk()},
        }
        for kind in registry
    }


def record_text(registry: Registry) -> str:
    """Return the file of the record."""
    return json.dumps(record_of(registry), indent=2) + "\n"


def unsaid(registry: Registry, record: str, changelog: str) -> list[str]:
    """Return each widening that the changelog does not name; raises `ValueError` for no JSON."""
    recorded: Record = json.loads(record or "{}")
    said = telemetry_section(changelog)
    found = (each for kind in registry for each in _widenings(kind, recorded.get(kind.id)))
    return [
        f"{what}, and the changelog says nothing of `{word}` under Telemetry"
        for what, words in found
        if not any(f"`{word}`" in said for word in words)
        for word in words[:1]
    ]


def left_over(registry: Registry, record: str) -> list[str]:
    """Return what is recorded and not collected any more: it could come back unnoticed."""
    recorded: Record = json.loads(record or "{}")
    now = record_of(registry)
    places = (
        (kind_id, place)
        for kind_id, kind in recorded.items()
        for place in kind["fields"]
        if place not in now.get(kind_id, {"fields": {}})["fields"]
    )
    return [
        f"{kind_id}.{place} is recorded as collected and is not; "
        "record anew with `bicameral-mcp guards --record`"
        for kind_id, place in places
    ]


def telemetry_section(changelog: str) -> str:
    """Return what stands under Telemetry in the part that is not released; nothing if none."""
    _, _, unreleased = changelog.partition("\n## Unreleased\n")
    unreleased = re.split(r"^## ", unreleased, maxsplit=1, flags=re.MULTILINE)[0]
    _, _, section = unreleased.partition("\n### Telemetry\n")
    return re.split(r"^### ", section, maxsplit=1, flags=re.MULTILINE)[0]


def _widenings(
    kind: Kind, recorded: Mapping[str, Any] | None
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each widening with the words of which one has to be said."""
    if recorded is None:
        yield f"{kind.id} is a new kind", (kind.id, *filter(None, [kind.file]))
        return
    if _WAYS.index(kind.transmission) > _WAYS.index(recorded["transmission"]):
        yield f"{kind.id} may now leave as {kind.transmission}", (kind.id,)
    for place, field in kind.walk():
        before = recorded["fields"].get(place)
        if before is None:
            yield f"{kind.id}.{place} is a new field", (field.name, f"{kind.id}.{place}")
        elif field.sensitivity > before:
            yield f"{kind.id}.{place} rose to {field.sensitivity}", (f"{kind.id}.{place}",)

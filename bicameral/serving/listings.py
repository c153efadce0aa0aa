"""The listings as the SDK answers them, read back from the file that was generated.

They are used only when this version of Bicameral and this version of the SDK made them;
otherwise there are none, and the SDK answers itself: slower, never wrong.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral import __version__
from bicameral.serving.names import Spelling

FORMAT = 1
LISTED_METHODS = (
    "ping",
    "server/discover",
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "prompts/list",
)


@dataclass(frozen=True, slots=True)
class Listings:
    """Results as JSON text, by protocol version, spelling and method.

    `handshake` are the versions that `initialize` negotiates, oldest first; `modern` those
    that every request names for itself.
    """

    handshake: tuple[str, ...]
    modern: tuple[str, ...]
    texts: tuple[str, ...]
    index: Mapping[str, Mapping[str, Mapping[str, int]]]

    def find(self, version: str, spelling: Spelling, method: str) -> str | None:
        """Return the result of a request without arguments, or `None` when it is not kept."""
        number = self.index.get(version, {}).get(spelling, {}).get(method)
        return None if number is None else self.texts[number]


def read_listings(path: Path, *, places: Iterable[str] | None = None) -> Listings | None:
    """Read the listings, or `None` when they are missing, damaged or of other versions.

    `places` are the import paths in which the SDK is looked for (`sys.path`).
    """
    try:
        found = json.loads(path.read_bytes())
        made_for = found["made_for"]
        current = made_for["format"] == FORMAT and made_for["bicameral"] == __version__
        if not current or not _is_installed(
            made_for["mcp"], sys.path if places is None else places
        ):
            return None
        return Listings(
            handshake=tuple(found["handshake"]),
            modern=tuple(found["modern"]),
            texts=tuple(found["texts"]),
            index=found["index"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_installed(version: str, places: Iterable[str]) -> bool:
    """Say whether the SDK that would be imported is this version, without importing it."""
    roots = (Path(place) for place in places)
    root = next((root for root in roots if (root / "mcp" / "__init__.py").is_file()), None)
    return root is not None and (root / f"mcp-{version}.dist-info").is_dir()

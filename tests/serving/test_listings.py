"""The snapshot is what the SDK says, and is not believed when it might not be."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bicameral.serving.listings import read_listings
from bicameral.serving.snapshot import stale, write_listings
from tests.serving.sample_tables import make_tables


def change(path: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    """Copy the listings with one thing changed."""
    found = json.loads(path.read_text(encoding="utf-8"))
    edit(found)
    copy = path.with_name("changed.json")
    copy.write_text(json.dumps(found), encoding="utf-8")
    return copy


def test_fresh_listings_are_read_and_are_not_stale(listings: Path) -> None:
    """Written twice they are the same to the byte, so a release has no noise."""
    again = listings.with_name("again.json")
    write_listings(again, make_tables())
    assert again.read_bytes() == listings.read_bytes()
    assert stale(listings, make_tables()) == []
    found = read_listings(listings)
    assert found
    assert found.modern == ("2026-07-28",)
    tools = json.loads(found.find("2025-11-25", "underscored", "tools/list") or "")["tools"]
    assert [tool["name"] for tool in tools][:2] == ["bicameral_echo", "bicameral_shout"]
    assert found.find("2025-11-25", "dotted", "server/discover") is None


def test_a_change_in_a_tool_or_a_text_is_seen_as_stale(listings: Path) -> None:
    """This is the test by which a forgotten regeneration fails."""

    def reword(found: dict[str, Any]) -> None:
        found["texts"][0] = found["texts"][0].replace("Call", "Do call")

    assert stale(change(listings, reword), make_tables()) == ["`texts` differs"]
    assert stale(listings.with_name("absent.json"), make_tables()) == [
        "absent.json cannot be read: FileNotFoundError"
    ]


@pytest.mark.parametrize(
    "edit",
    [
        lambda found: found["made_for"].update(format=0),
        lambda found: found["made_for"].update(bicameral="0.0.0"),
        lambda found: found["made_for"].update(mcp="2.2.9"),
        lambda found: found.pop("made_for"),
        lambda found: found.pop("texts"),
        lambda found: found.update(handshake=None),
    ],
)
def test_listings_of_other_versions_or_of_no_shape_are_not_used(
    listings: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    """Slower, never wrong."""
    assert read_listings(change(listings, edit)) is None


def test_listings_that_are_missing_or_damaged_are_not_used(tmp_path: Path) -> None:
    """A half-written file must not stop a server from starting."""
    assert read_listings(tmp_path / "absent.json") is None
    (tmp_path / "torn.json").write_bytes(b'{"made_for":\xff')
    assert read_listings(tmp_path / "torn.json") is None
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    assert read_listings(tmp_path / "list.json") is None


def test_the_sdk_is_looked_for_where_it_would_be_imported_from(
    listings: Path, tmp_path: Path
) -> None:
    """A second SDK earlier on the path is the one that would answer."""
    assert read_listings(listings, places=[]) is None
    (tmp_path / "mcp").mkdir()
    (tmp_path / "mcp" / "__init__.py").touch()
    assert read_listings(listings, places=[str(tmp_path), *sys.path]) is None
    assert read_listings(listings, places=sys.path)

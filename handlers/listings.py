"""Writes the listings that the server's front answers from: `python -m handlers.listings`.

They are made by the protocol implementation itself; a test holds them to the table.
"""

from pathlib import Path
from typing import Any, cast

import bicameral.serving
from bicameral.serving.snapshot import write_listings
from bicameral.serving.tool import Tables
from handlers.table import tables

LISTINGS = Path(bicameral.serving.__file__).with_name("listings.json")


def listed() -> Tables[Any]:
    """Return the tables as they are listed; listing needs no services."""
    return tables(cast("Any", None))


if __name__ == "__main__":
    write_listings(LISTINGS, listed())

"""Where a file uses a name, and where a symbol's own name stands: offsets into its text.

By the text alone: a name in a remark is a use like any other, and a server that is asked
about it says nothing.
"""

import re
from dataclasses import dataclass

from bicameral.grounding.selectors import base_name
from bicameral.grounding.sources import Source
from bicameral.grounding.symbols import Symbol

_ACCESS = rb"\s*(?:\?\.|\.|::|->)\s*"
# Letters beyond ASCII are bytes of their own here.
_AFTER, _BEFORE = rb"(?![\w\x80-\xff])", rb"(?<![\w\x80-\xff])"
# Decorators, attributes and remarks may say a symbol's name before the symbol does.
_NOT_YET = (b"@", b"#", b"//", b"/*", b"*", b"[")


@dataclass(frozen=True, slots=True)
class Use:
    """A place that says a name; a member is reached through something: `till.refund`."""

    offset: int
    is_member: bool


def uses_of(name: str, text: bytes) -> list[Use]:
    """Return the places where a text says a name; of one with dots, where its last part is."""
    *owners, last = (re.escape(part.encode("utf-8", "replace")) for part in name.split("."))
    through = b"".join(owner + _ACCESS for owner in owners)
    pattern = b"(?P<access>%s)?%s%s(?P<last>%s)%s" % (_ACCESS, _BEFORE, through, last, _AFTER)
    found = re.finditer(pattern, text)
    return [Use(each.start("last"), each["access"] is not None) for each in found]


def name_offset(symbol: Symbol, source: Source) -> int | None:
    """Return where a symbol's own name stands in its span; None where the text hides it."""
    name = base_name(symbol.name).encode()
    text = source.text[symbol.start_byte : symbol.end_byte]
    for each in re.finditer(_BEFORE + re.escape(name) + _AFTER, text):
        line = text[text.rfind(b"\n", 0, each.start()) + 1 : each.start()].lstrip()
        if not line.startswith(_NOT_YET):
            return symbol.start_byte + each.start()
    return None

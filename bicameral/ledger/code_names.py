"""Names of code: the identifiers of several words in a text, however they are spelled.

A single word may be anything; `quote_price`, `quotePrice` and `QuotePrice` are one name of
code, and hardly any text has it by chance.
"""

import re
from zlib import crc32

MOST_NAMES = 300
_LONGEST = 64
# Names in letters beyond ASCII are rare, and looking for them takes half as long again.
_WORD = re.compile(r"[A-Za-z_]\w{3,}", re.ASCII)
_SEVERAL_WORDS = re.compile(r"[A-Za-z\d]_+[A-Za-z\d]|[a-z\d][A-Z]")


def names_in(text: str) -> tuple[str, ...]:
    """Return the first `MOST_NAMES` names of code in a text, each spelling once, in order."""
    words = dict.fromkeys(_WORD.findall(text))
    names = [word for word in filter(_SEVERAL_WORDS.search, words) if len(word) <= _LONGEST]
    return tuple(names[:MOST_NAMES])


def key_of(name: str) -> int:
    """Return a number of 32 bits that all spellings of a name have in common.

    Few others have it; where it is kept, no text is.
    """
    return crc32(name.replace("_", "").lower().encode())

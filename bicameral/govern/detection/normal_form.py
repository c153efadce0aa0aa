"""The normal form of a text, in which nothing that a detector looks for can hide."""

import unicodedata

_INVISIBLE = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})


def normalised(text: str) -> str:
    """Return a text in which nothing hides: compatibility forms resolved, the invisible gone.

    Letters of full width and joiners of no width would keep a secret from being recognised.
    """
    plain = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = (c if c == "\n" else " " if c in "\t\v\f" else _visible(c) for c in plain)
    return "".join(kept).strip()


def _visible(char: str) -> str:
    return "" if unicodedata.category(char) in _INVISIBLE else char

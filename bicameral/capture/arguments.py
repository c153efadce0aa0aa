"""Tool arguments as they may be stored: not at all, as keyed hashes, or as plain text.

Every path that stores what a caller sent shapes it here, so that one word decides for all.
Secrets never come through, whatever the word.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Literal

Mode = Literal["omit", "hash", "full"]
_DEEPEST = 8


def shape_arguments(
    arguments: Mapping[str, object],
    mode: str,
    *,
    known: Collection[str],
    digest: Callable[[str], str],
    redact: Callable[[str], str],
) -> dict[str, object]:
    """Return what may be stored of a call's arguments; `known` are the names that the tool has.

    `omit`, and any word that is not known, stores nothing. `hash` keeps the names and puts the
    keyed `digest` of each text in its place; a number or a truth value is hashed too, for it
    can be guessed. `full` keeps all, each text after `redact`.
    """
    if mode not in {"hash", "full"}:
        return {}
    hides = mode == "hash"
    change = digest if hides else redact
    return {
        name: _each(value, change, hides=hides)
        for name, value in arguments.items()
        if name in known
    }


def shape_text(
    text: str, mode: str, *, digest: Callable[[str], str], redact: Callable[[str], str]
) -> str:
    """Return what may be stored of one text; the empty text where nothing may."""
    if mode == "hash":
        return digest(text)
    return redact(text) if mode == "full" else ""


def _each(value: object, change: Callable[[str], str], *, hides: bool, depth: int = 0) -> object:
    """Change every text within a value; a number is one too where it must not be guessed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping | list | tuple):
        return _nested(value, change, hides=hides, depth=depth + 1)
    is_kept = value is None or (not hides and isinstance(value, bool | int | float))
    return value if is_kept else change(str(value))


def _nested(
    value: Mapping[object, object] | list[object] | tuple[object, ...],
    change: Callable[[str], str],
    *,
    hides: bool,
    depth: int,
) -> object:
    """Change all within; what is nested too deep is told by its type alone."""
    if depth > _DEEPEST:
        return type(value).__name__
    if isinstance(value, Mapping):
        # The names within were made up by whoever sent them, so they are texts as well.
        return {
            change(str(name)): _each(inner, change, hides=hides, depth=depth)
            for name, inner in value.items()
        }
    return [_each(inner, change, hides=hides, depth=depth) for inner in value]

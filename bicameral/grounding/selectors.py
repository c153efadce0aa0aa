"""A selector as people write it, read and found: `path::Qual.name`, `path:10-20`, `path`, `name`.

A selector names exactly one thing or it is an error that lists what it could have meant;
nothing is guessed and nothing is clamped.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bicameral.errors import InputRefused, SelectorAmbiguous, SelectorUnknown
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.symbols import Skeleton, Symbol

LISTED = 10
COMPARED = 5000
_LINES = re.compile(r"(?P<path>.+):(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9}))?")
_ORDINAL = re.compile(r"#[0-9]+$")
_CALL_OPERATOR = re.compile(r"\boperator ?\(\)$")
_MEMBER = re.compile(r"(?<=\w)#(?=[A-Za-z_])|::")


@dataclass(frozen=True, slots=True)
class Selector:
    """A symbol of a file, a run of its lines (from 1, both ends included), or all of it.

    `path` is None only for a name that is still to be searched.
    """

    path: str | None
    symbol: str | None = None
    first_line: int | None = None
    last_line: int | None = None


def parse_selector(text: str, *, is_file: Callable[[str], bool]) -> Selector:
    """Read a selector; `is_file` decides whether a plain word is a file or a name.

    Symbols may be written with `.`, `::` or `#` between their parts. Refuses
    (`InputRefused`) an empty selector and a range that ends before it starts.
    """
    text = text.strip()
    if is_file(text):
        return Selector(text)
    lines = _LINES.fullmatch(text)
    if lines and not lines["path"].endswith(":"):
        return _line_selector(
            lines["path"], int(lines["first"]), int(lines["last"] or lines["first"])
        )
    path, colons, symbol = text.partition("::")
    if colons and symbol and (is_file(path) or "/" in path or "\\" in path or "." in path):
        return Selector(path, symbol=spelled(symbol))
    if not text or text.endswith(":") or text.startswith(":"):
        raise _malformed(text)
    return Selector(text) if "/" in text or "\\" in text else Selector(None, symbol=spelled(text))


def spelled(symbol: str) -> str:
    """Return a symbol's name with dots between its parts, and without call brackets."""
    symbol = symbol.strip()
    # The brackets of C++'s call operator are its name.
    bare = symbol if _CALL_OPERATOR.search(symbol) else symbol.removesuffix("()")
    return _dotted(bare)


def _dotted(symbol: str) -> str:
    return _MEMBER.sub(".", symbol)


def find(
    text: str,
    *,
    candidates: Sequence[str],
    read: Callable[[str], bytes | None],
    cache: ParseCache,
) -> Selector:
    """Return the selector with its file: a bare name is searched in the `candidates`.

    `read` gives a candidate's content, None when there is none. Raises
    `SelectorAmbiguous` with the places a name is found at, `SelectorUnknown` with what
    is near when there is none.
    """
    known = frozenset(candidates)
    selector = parse_selector(text, is_file=known.__contains__)
    if selector.path is not None:
        return selector
    wanted = selector.symbol or ""
    found = [
        (path, symbol)
        for path in candidates
        for symbol in _search(path, wanted, read=read, cache=cache)
    ]
    if not found:
        raise _unknown(text, f"any of {len(candidates)} files", candidates)
    if len(found) > 1:
        raise ambiguous(text, [place(path, symbol) for path, symbol in found])
    path, symbol = found[0]
    name = exactly(symbol.qualified_name) if _ORDINAL.search(wanted) else symbol.qualified_name
    return Selector(path, symbol=name)


def symbol_named(wanted: str, skeleton: Skeleton, path: str) -> Symbol:
    """Return the one symbol of a file that a name means: its full name, or the end of one.

    Raises `SelectorAmbiguous` or `SelectorUnknown`, each with the candidates.
    """
    found = matching(wanted, skeleton)
    if len(found) == 1:
        return found[0]
    if found:
        raise ambiguous(wanted, [place(path, symbol) for symbol in found])
    if skeleton.backing.backend == "text":
        raise SelectorUnknown(
            f"no symbol of {path} is known: {skeleton.backing.fallback_reason}",
            next_step=f"name lines instead, as {path}:1-{skeleton.line_count}",
        )
    raise _unknown(wanted, path, [symbol.qualified_name for symbol in skeleton.symbols])


def matching(wanted: str, skeleton: Skeleton) -> list[Symbol]:
    """Return the symbols that a name can mean: by the full name, else by the end of it."""
    name = exactly if _ORDINAL.search(wanted) else base_name
    # A conversion of C++ has the name of its type, which may be written with `::` inside.
    wanted, names = _dotted(wanted), [_dotted(name(s.qualified_name)) for s in skeleton.symbols]
    found = [index for index, each in enumerate(names) if _ends_with(each, wanted)]
    exact = [index for index in found if names[index] == wanted]
    return [skeleton.symbols[index] for index in exact or found]


def exactly(qualified_name: str) -> str:
    """Return the spelling that means this symbol alone, whatever else has its name: `f#1`."""
    return qualified_name if _ORDINAL.search(qualified_name) else f"{qualified_name}#1"


def base_name(qualified_name: str) -> str:
    """Return a qualified name without the ordinal that keeps it apart from its likes."""
    return _ORDINAL.sub("", qualified_name)


def checked_lines(selector: Selector, line_count: int) -> tuple[int, int]:
    """Return a selector's lines; raises `SelectorUnknown` when the file has fewer."""
    first, last = selector.first_line or 1, selector.last_line or line_count
    if not 1 <= first <= last <= line_count:
        choose = f"choose lines between 1 and {line_count}" if line_count else "bind the whole file"
        raise SelectorUnknown(
            f"{selector.path} has {line_count} lines, not {first}-{last}", next_step=choose
        )
    return first, last


def _line_selector(path: str, first: int, last: int) -> Selector:
    if first < 1 or last < first:
        raise _malformed(f"{path}:{first}-{last}")
    return Selector(path, first_line=first, last_line=last)


def _search(
    path: str, wanted: str, *, read: Callable[[str], bytes | None], cache: ParseCache
) -> Iterable[Symbol]:
    content = read(path)
    # Most files do not even hold the word: those are not worth parsing.
    word = re.split(r"[.#\s]", base_name(wanted))[-1].encode()
    if content is None or word not in content:
        return []
    return matching(wanted, cache.open(path, content).skeleton())


def _ends_with(qualified_name: str, wanted: str) -> bool:
    owners = qualified_name.removesuffix(f".{wanted}")
    # What follows the word is the name of a type, all of which belongs to the operator.
    is_end = owners != qualified_name and "operator " not in owners
    return is_end or qualified_name == wanted


def place(path: str, symbol: Symbol) -> str:
    """Return where a symbol is, as refusals list it."""
    name = exactly(symbol.qualified_name)
    return f"{path}::{name} (lines {symbol.start_line}-{symbol.end_line})"


def _listing(items: Sequence[str]) -> str:
    more = f" and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return ", ".join(items[:LISTED]) + more


def ambiguous(wanted: str, places: Sequence[str]) -> SelectorAmbiguous:
    """Return the refusal of a name that means several places, with the places listed."""
    return SelectorAmbiguous(
        f"{wanted!r} names {len(places)} symbols: {_listing(places)}",
        next_step="repeat one of them in full, as path::name",
        matches=len(places),
    )


def _unknown(wanted: str, where: str, names: Sequence[str]) -> SelectorUnknown:
    near = get_close_matches(wanted, names[:COMPARED], n=LISTED, cutoff=0.5) or list(names[:LISTED])
    return SelectorUnknown(
        f"{wanted!r} names nothing in {where}",
        next_step=f"the nearest are {_listing(near)}" if near else f"{where} has no symbols",
    )


def _malformed(text: str) -> InputRefused:
    return InputRefused(
        f"{text[:200]!r} is not a selector",
        next_step="write path::Qual.name, path:10-20, path, or a bare name",
    )

"""What a language server's answer leads to: a symbol that the syntax tree has there, or nothing.

Servers read files at other moments, follow links, and know libraries: a place counts only
where the file, as it is now, defines the very name that stands there.
"""

from dataclasses import dataclass

from bicameral.errors import InputRefused
from bicameral.grounding.cache import ParseCache, ParsedFile
from bicameral.grounding.lsp.positions import Encoding, offset_at
from bicameral.grounding.lsp.results import Target
from bicameral.grounding.lsp.uris import path_in
from bicameral.grounding.places import place_of, read_work_file
from bicameral.grounding.repository import Repository
from bicameral.grounding.symbols import Symbol
from bicameral.grounding.uses import name_offset

OUTSIDE = "leads out of the repository"
NO_SYMBOL = "leads to what is no function, class or other symbol"


@dataclass(frozen=True, slots=True)
class Landing:
    """A symbol of a file of the work tree."""

    path: str
    symbol: Symbol


def land(
    target: Target, encoding: Encoding, repository: Repository, cache: ParseCache
) -> Landing | str:
    """Return the symbol whose name stands at a target, or what is against it, as a clause."""
    named = path_in(target.uri, repository.root)
    if named is None:
        return OUTSIDE
    try:
        path = place_of(named, repository.root, repository.root)
        content = read_work_file(repository.root, path)
    except InputRefused:  # git's own folder, another repository inside this one, no file
        return OUTSIDE
    if repository.is_ignored(path):
        return OUTSIDE
    file = cache.open(path, content)
    symbol = symbol_at(file, offset_at(file.source, target.start, encoding))
    return NO_SYMBOL if symbol is None else Landing(path, symbol)


def symbol_at(file: ParsedFile, offset: int | None) -> Symbol | None:
    """Return the symbol whose own name stands at an offset of the file's text."""
    if offset is None:
        return None
    holding = [s for s in file.skeleton().symbols if s.start_byte <= offset < s.end_byte]
    return next((s for s in holding if name_offset(s, file.source) == offset), None)

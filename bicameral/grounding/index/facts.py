"""What one file says by itself: its imports, its names, what its comments cite.

The same content always says the same, wherever it lies, so it is read once and kept by the
digest of its bytes.
"""

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec

from bicameral.grounding.index.citations import Citation, citations_in
from bicameral.grounding.language_table import LANGUAGES, language_of
from bicameral.grounding.languages.imports import Imports, Project
from bicameral.grounding.languages.language import Language
from bicameral.grounding.sources import read_source
from bicameral.grounding.syntax import Grammar, load_grammar, parse
from bicameral.ledger.code_names import key_of, names_in

if TYPE_CHECKING:
    from tree_sitter import Query

LARGEST_READ_BYTES = 1024 * 1024
MOST_REFERENCES = 2_000
LONGEST_NAME = 500
_KEY_BYTES = 16

ReadProject = Callable[[bytes], Project]


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What one content says; empty where it could not be parsed.

    `declared` are its packages and namespaces, `names` the keys of the
    names of code that stand in it: no text is kept.
    """

    references: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    names: tuple[int, ...] = ()
    settings: dict[str, tuple[str, ...]] | None = None


NO_FACTS = Facts()
encode_facts = msgspec.msgpack.Encoder().encode
decode_facts = msgspec.msgpack.Decoder(Facts).decode


def reader_name(path: str, content: bytes = b"") -> str | None:
    """Return what reads a file, or None for a file of which only the name counts."""
    name = path.rpartition("/")[2]
    pattern = _project_pattern(name)
    if pattern is not None:
        return pattern
    language = language_of(name, content)
    return None if language is None or language.imports is None else language.name


def content_key(reader: str, content: bytes) -> bytes:
    """Return what a content is known by; another reader may read the same bytes otherwise."""
    return sha256(reader.encode() + b"\0" + content).digest()[:_KEY_BYTES]


def read_facts(path: str, content: bytes) -> Facts:
    """Read a file that has a reader. What cannot be parsed says nothing; never raises."""
    pattern = _project_pattern(path.rpartition("/")[2])
    if pattern is not None:
        project = _PROJECTS[pattern](content)
        return Facts(declared=_bounded(project.declared), settings=dict(project.settings))
    source = read_source(content)
    syntax = parse(path, source)
    if syntax.tree is None or syntax.grammar is None:
        return NO_FACTS
    language = syntax.grammar.language
    imports = language.imports
    found = _imports_query(language)
    if imports is None or found is None:
        return NO_FACTS
    from tree_sitter import QueryCursor  # noqa: PLC0415  # loaded with the grammar, not before

    # By pattern as they come, in the order of the file as they are kept.
    captures = {
        name: sorted(nodes, key=lambda node: node.start_byte)
        for name, nodes in QueryCursor(found).captures(syntax.tree.root_node).items()
    }
    return Facts(
        references=_bounded(imports.read(captures)),
        declared=_bounded(imports.declare(captures)),
        citations=tuple(citations_in(source, syntax.tree, language)),
        names=tuple(dict.fromkeys(map(key_of, names_in(source.text.decode("utf-8", "replace"))))),
    )


@cache
def grammars_at_hand() -> str:
    """Name the languages that can be parsed here: with one more, files say more."""
    # Looked for, not loaded: that would take longer than many a run.
    return " ".join(each.name for each in LANGUAGES if find_spec(each.module) is not None)


def project_names() -> Iterable[str]:
    """Return the patterns of the names of project files."""
    return _PROJECTS


def _bounded(names: Iterable[str]) -> tuple[str, ...]:
    """Keep each name once, in order; a name too long, or not to be stored, names no file."""
    kept = dict.fromkeys(
        name for name in names if 0 < len(name) <= LONGEST_NAME and "\0" not in name
    )
    return tuple(kept)[:MOST_REFERENCES]


@cache
def _imports_query(language: Language) -> "Query | None":
    from tree_sitter import Query  # noqa: PLC0415  # as above

    grammar = load_grammar(language)
    if language.imports is None or not isinstance(grammar, Grammar):
        return None
    return Query(grammar.parser_language, language.imports.query)


def _projects() -> dict[str, ReadProject]:
    rules: list[Imports] = [each.imports for each in LANGUAGES if each.imports is not None]
    return {pattern: read for each in rules for pattern, read in each.projects.items()}


_PROJECTS = _projects()


def _project_pattern(name: str) -> str | None:
    if name in _PROJECTS:
        return name
    if not name.endswith(".json"):
        return None
    return next((pattern for pattern in _PROJECTS if fnmatchcase(name, pattern)), None)

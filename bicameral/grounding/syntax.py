"""Syntax trees: a grammar found, a file parsed, or a stated reason why it was not.

No answer falls back in silence: whoever asks for a tree gets one, or the `Backing` that
says what is missing and how to get it.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from bicameral.grounding.language_table import language_of
from bicameral.grounding.languages import FULL, Backing, Language, text_only
from bicameral.grounding.sources import Source
from bicameral.metering import count
from bicameral.tracing import span

if TYPE_CHECKING:
    import tree_sitter

LARGEST_PARSED_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language with its grammar and the query that finds its defining nodes."""

    language: Language
    parser_language: "tree_sitter.Language"
    definitions: "tree_sitter.Query"


@dataclass(frozen=True, slots=True)
class Syntax:
    """A parsed file; `tree` and `grammar` are None when `backing` rests on the text."""

    source: Source
    grammar: Grammar | None
    tree: "tree_sitter.Tree | None"
    backing: Backing


def parse(path: str, source: Source) -> Syntax:
    """Parse a file by the grammar that its name asks for; never raises."""
    language = language_of(path, source.text)
    grammar = refusal(path, source) if language is None else _grammar_or_reason(source, language)
    if isinstance(grammar, str):
        return Syntax(source, None, None, text_only(grammar))
    from tree_sitter import Parser  # noqa: PLC0415  # 8 ms that a start without code need not pay

    with span("grounding", "parse", grammar.language.name, source.text) as parsing:
        # A parser is not safe to share between threads, and costs a microsecond to make.
        tree = Parser(grammar.parser_language).parse(source.text)
        count("ast_parse_count")
        backing = backing_of(tree.root_node)
        parsing.add_metadata(backend=backing.backend, capability=backing.capability)
    return Syntax(source, grammar, tree, backing)


def backing_of(node: "tree_sitter.Node") -> Backing:
    """State whether a part of the tree is whole, or where its first syntax error is."""
    if not node.has_error:
        return FULL
    line = _first_error(node).start_point[0] + 1
    return Backing("tree-sitter", "degraded", f"syntax error at line {line}")


def _first_error(node: "tree_sitter.Node") -> "tree_sitter.Node":
    while not (node.is_error or node.is_missing):
        broken = next((child for child in node.children if child.has_error), None)
        if broken is None:
            break
        node = broken
    return node


def refusal(path: str, source: Source) -> str:
    """Say why a file of no known language is read as text."""
    if source.is_binary:
        return "binary content"
    name = path.rpartition("/")[2]
    _, dot, suffix = name.rpartition(".")
    return f"no grammar for .{suffix} files" if dot else f"no grammar for {name}"


def _grammar_or_reason(source: Source, language: Language) -> Grammar | str:
    if source.is_binary:
        return "binary content"
    if len(source.text) > LARGEST_PARSED_BYTES:
        return f"larger than {LARGEST_PARSED_BYTES // 1024 // 1024} MiB"
    return load_grammar(language)


@cache
def load_grammar(language: Language) -> Grammar | str:
    """Import a grammar on first use; return the reason when it cannot be used."""
    from tree_sitter import Language as ParserLanguage  # noqa: PLC0415  # as in `parse`

    try:
        pointer = getattr(import_module(language.module), language.function)()
        return _grammar(language, ParserLanguage(pointer))
    except (ImportError, AttributeError, ValueError) as error:
        return _advice(language, error)


def _advice(language: Language, error: Exception) -> str:
    package = "bicameral-preflight" + (f"[{language.extra}]" if language.extra else "")
    return f"install {package}: no usable grammar for {language.name} ({error})"


def _grammar(language: Language, parser_language: "tree_sitter.Language") -> Grammar:
    from tree_sitter import Query  # noqa: PLC0415  # as in `parse`

    wanted = {*language.symbols, *language.scopes, *language.assigned}
    # A query may name only what this version of the grammar has.
    known = sorted(k for k in wanted if parser_language.id_for_node_kind(k, True) is not None)
    pattern = "[" + " ".join(f"({kind})" for kind in known) + "] @definition"
    return Grammar(language, parser_language, Query(parser_language, pattern))

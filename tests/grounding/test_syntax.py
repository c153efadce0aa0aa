"""Grammars: found for what they are of, and a stated reason where there is none."""

import sys
from dataclasses import replace

import pytest

from bicameral.grounding.language_table import LANGUAGES, language_of
from bicameral.grounding.languages import FULL, Language, text_only
from bicameral.grounding.languages.ruby import RUBY
from bicameral.grounding.sources import read_source
from bicameral.grounding.symbols import skeleton
from bicameral.grounding.syntax import LARGEST_PARSED_BYTES, Grammar, load_grammar, parse


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_row_names_only_nodes_that_its_grammar_has(language: Language) -> None:
    """A misspelt node would silently find nothing, or hide a change."""
    grammar = load_grammar(language)
    assert isinstance(grammar, Grammar)
    named = {
        *language.symbols,
        *language.with_body,
        *language.scopes,
        *language.assigned,
        *language.function_values,
        *language.wrappers,
        *language.comments,
        *language.atoms,
        *language.requoted,
        *language.optional,
        *language.trailing,
        *language.redundant,
    }
    known = grammar.parser_language.id_for_node_kind

    unknown = {kind for kind in named if known(kind, True) is None}

    # The two script grammars differ in a few nodes, and C++ has more than C.
    tolerated = {
        *("html_comment", "import_alias", "type_alias_declaration", "function_signature"),
        *("class_specifier", "raw_string_literal", "system_lib_string"),
    }
    assert unknown <= tolerated


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("a.py", "python"), ("A.PY", "python"), ("a.pyi", "python"), ("d/a.ts", "typescript")),
        *(("a.tsx", "tsx"), ("a.jsx", "javascript"), ("a.mjs", "javascript"), ("a.go", "go")),
        *(("A.java", "java"), ("a.rs", "rust"), ("a.rb", "ruby"), ("A.cs", "c-sharp")),
        *(("a.c", "c"), ("a.h", "c"), ("a.hpp", "cpp"), ("a.cc", "cpp")),
    ],
)
def test_a_suffix_names_its_language(path: str, name: str) -> None:
    """The name is all that is known before the content."""
    language = language_of(path)
    assert language is not None
    assert language.name == name


@pytest.mark.parametrize(
    "text", [b"#pragma once\nclass A {};", b"\nnamespace a {}", b"int f(std::string);"]
)
def test_a_header_is_read_as_the_language_it_is_written_in(text: bytes) -> None:
    """C and C++ share a suffix, not a grammar."""
    language = language_of("a.h", text)
    assert language is not None
    assert language.name == "cpp"


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("notes.md", b"# Title\n", "no grammar for .md files"),
        ("Makefile", b"all:\n", "no grammar for Makefile"),
        ("a.py", b"x\0y", "binary content"),
        ("a.bin", b"x\0y", "binary content"),
        ("a.py", b" " * (LARGEST_PARSED_BYTES + 1), "larger than 4 MiB"),
    ],
)
def test_a_file_that_is_not_parsed_says_why(path: str, content: bytes, reason: str) -> None:
    """No silent fallback."""
    parsed = parse(path, read_source(content))

    assert parsed.tree is None
    assert parsed.backing == text_only(reason)
    assert skeleton(parsed).symbols == ()


def test_a_grammar_that_is_not_installed_is_answered_with_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four languages come with an extra; their files are still answered for, as text."""
    monkeypatch.setitem(sys.modules, "tree_sitter_ruby", None)
    load_grammar.cache_clear()
    try:
        backing = parse("a.rb", read_source(b"class A; end")).backing
    finally:
        load_grammar.cache_clear()

    assert (backing.backend, backing.capability) == ("text", "degraded")
    assert (backing.fallback_reason or "").startswith("install bicameral-preflight[languages]")


def test_a_grammar_that_does_not_fit_is_answered_like_a_missing_one() -> None:
    """A wheel of another version may lack what is asked of it."""
    reason = load_grammar(replace(RUBY, function="no_such_function"))

    assert isinstance(reason, str)
    assert "no usable grammar for ruby" in reason


def test_a_syntax_error_is_stated_with_its_line() -> None:
    """What can still be read is read, and called degraded."""
    whole = parse("a.py", read_source(b"def f():\n    pass\n"))
    broken = parse("a.py", read_source(b"def f():\n    pass\n\nx = = 1\n"))
    missing = parse("a.c", read_source(b"int f(void) {\n  return 1\n}\n"))

    assert whole.backing == FULL
    assert broken.backing.capability == "degraded"
    assert broken.backing.fallback_reason == "syntax error at line 4"
    assert missing.backing.fallback_reason == "syntax error at line 2"
    assert [symbol.name for symbol in skeleton(broken).symbols] == ["f"]

"""The outline holds on markup as it is really written."""

import pytest

from bicameral.intake.blocks import Markup
from bicameral.intake.outline import Outline, markup_of, read_outline


def outline_of(text: str, markup: Markup = "markdown") -> Outline:
    return read_outline(text, markup, is_name=lambda line: line.lower() in {"status", "decision"})


def titles(text: str, markup: Markup = "markdown") -> list[tuple[int, str]]:
    return [(section.level, section.title) for section in outline_of(text, markup).sections[1:]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n## Two\n", [(1, "One"), (2, "Two")]),
        ("#One\n##2. Two##\n", [(1, "One"), (2, "2. Two")]),
        ("   ### Three ###  \n", [(3, "Three")]),
        ("    # indented code\n", []),
        ("#!/bin/sh\n#123 is an issue\n#tag #other\n####### seven\n##\n", []),
        ("One\n===\n\nTwo\n---\n", [(1, "One"), (2, "Two")]),
        ("A paragraph\nof two lines\n---\n", []),
        ("- item\n---\n\n> quote\n---\n\n| a |\n---\n\n**Bold:** text\n---\n", []),
        ("---\n\ntext\n\n---\n", []),
        ("Status\n\nDecision:\n", [(9, "Status"), (9, "Decision")]),
        (
            "**Status**\n\n__Decision:__\n\n**Decision**:\n",
            [(9, "Status"), (9, "Decision"), (9, "Decision")],
        ),
        ("text\nStatus\n\n    Status\n\n- Status\n", []),
        ("```\n# no\n```\n# yes\n", [(1, "yes")]),
        ("~~~~ sh\n# no\n~~~\n# no\n~~~~~\n# yes\n", [(1, "yes")]),
        ("- ```sh\n  # no\n  ```\n# yes\n", [(1, "yes")]),
        ("```\n# an unclosed fence hides nothing\n", [(1, "an unclosed fence hides nothing")]),
        ("``` a ` b\n# yes\n```\n", [(1, "yes")]),
        ("<!-- # no\n# no\n-->\n# yes\n", [(1, "yes")]),
        ("# one <!-- hidden --> title\n", [(1, "one  title")]),
        ("<!-- a --><!-- b\n# no\n--> <!-- c\n# yes\n", [(1, "yes")]),
        ("```\n<!--\n```\n# yes\n\n-->\n", [(1, "yes")]),
    ],
)
def test_markdown_headings(text: str, expected: list[tuple[int, str]]) -> None:
    """A heading missed or made up moves a decision into another section."""
    assert titles(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title\n-----\n\nPart\n====\n\nOther\n====\n", [(1, "Title"), (2, "Part"), (2, "Other")]),
        ("=====\nTitle\n=====\n\nPart\n=====\n", [(1, "Title"), (2, "Part")]),
        ("Short rule under a long title\n---\n", []),
        ("text\n\n-----\n\ntext\n", []),
        ("   indented\n--------\n", []),
        ("# hash\n", [(1, "hash")]),
        (".. code:: sh\n\n   Title\n   -----\n\nPart\n----\n", [(1, "Part")]),
        (".. a comment\n   Title\n   -----\n\nPart\n----\n", [(1, "Part")]),
        ("As follows::\n\n   Title\n   -----\n\nPart\n----\n", [(1, "Part")]),
        (".. note::\n   text\n\n.. _label:\n\nPart\n----\n", [(1, "Part")]),
        ("Title\n+++++\n\nStatus\n\ntext\n", [(1, "Title"), (9, "Status")]),
        ("-----\n-----\n", []),
    ],
)
def test_rst_headings(text: str, expected: list[tuple[int, str]]) -> None:
    """RST has no fixed marks: levels follow the order of appearance."""
    assert titles(text, "rst") == expected


def test_asciidoc_headings() -> None:
    """Delimited blocks are code."""
    text = "= Title\n\n== Part\n\n----\n== no\n----\n\n....\n== no\n....\n"
    assert titles(text, "asciidoc") == [(1, "Title"), (2, "Part")]


@pytest.mark.parametrize(
    ("path", "markup"),
    [("a.md", "markdown"), ("a.RST", "rst"), ("a.adoc", "asciidoc"), ("a", "markdown")],
)
def test_a_name_promises_a_markup(path: str, markup: str) -> None:
    """What a file is written in is known by its ending."""
    assert markup_of(path) == markup


def test_sections_know_their_parent_and_their_lines() -> None:
    """Roles are inherited downwards, and every line belongs to one section."""
    outline = outline_of("intro\n# A\na\n### B\nb\n## C\nc\n# D\n")
    sections = outline.sections
    assert [section.parent for section in sections] == [-1, -1, 1, 1, -1]
    assert [[line for _, line in outline.body(section)] for section in sections] == [
        ["intro"], ["a"], ["b"], ["c"], [""],
    ]  # fmt: skip

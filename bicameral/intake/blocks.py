"""Which lines of a document are code or hidden comment, in Markdown, RST and AsciiDoc.

A fence that never closes is text: real files forget the end, and what follows must be read.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Literal

Markup = Literal["markdown", "rst", "asciidoc"]
Block = Literal["text", "code", "comment"]

_FENCE = re.compile(r"^[ \t>]{0,40}(?:[-*+]\s|\d{1,3}[.)]\s)?[ \t]{0,20}(`{3,}|~{3,})")
_BARE_FENCE = re.compile(r"^[ \t>]{0,40}(`{3,}|~{3,})[ \t]*$")
_DELIMITER = re.compile(r"^(-{4,}|\.{4,})[ \t]*$")
_DIRECTIVE = re.compile(r"^\s{0,40}\.\. ([\w:+-]{1,40})::")
_EXPLICIT = re.compile(r"^\s{0,40}\.\.(?:\s|$)")
_TARGET = re.compile(r"^\s{0,40}\.\. (?:_|\||\[)")
_CODE_DIRECTIVES = frozenset(
    "code code-block sourcecode literalinclude parsed-literal uml mermaid graphviz raw math "
    "image figure include toctree contents".split()
)


def blocks(lines: Sequence[str], markup: Markup) -> tuple[list[Block], list[str]]:
    """Return the kind of each line, and each line as shown (comments taken out of it)."""
    if markup == "rst":
        return _rst_blocks(lines), list(lines)
    kinds: list[Block] = ["text"] * len(lines)
    shown = list(lines)
    closers = _longest_closer_below(lines, markup)
    last_end = max((n for n, line in enumerate(lines) if "-->" in line), default=-1)
    number, hidden = 0, False
    while number < len(lines):
        fence = "" if hidden else _opens(lines[number], markup)
        if fence and closers[number].get(fence[0], 0) >= len(fence):
            number = _mark_fence(lines, number, fence, markup, kinds)
            continue
        if hidden or "<!--" in lines[number]:
            shown[number], hidden = _uncommented(lines[number], hidden, number < last_end)
            kinds[number] = "text" if shown[number].strip() else "comment"
        number += 1
    return kinds, shown


def _opens(line: str, markup: Markup) -> str:
    found = (_DELIMITER if markup == "asciidoc" else _FENCE).match(line)
    if not found or (found[1][0] == "`" and "`" in line[found.end(1) :]):
        return ""
    return found[1]


def _closes(line: str, markup: Markup) -> str:
    found = (_DELIMITER if markup == "asciidoc" else _BARE_FENCE).match(line)
    return found[1] if found else ""


def _longest_closer_below(lines: Sequence[str], markup: Markup) -> list[dict[str, int]]:
    """For each line, the longest closing fence of each mark further down."""
    below: list[dict[str, int]] = []
    longest: dict[str, int] = {}
    for line in reversed(lines):
        below.append(longest)
        closer = _closes(line, markup)
        if closer and len(closer) > longest.get(closer[0], 0):
            longest = {**longest, closer[0]: len(closer)}
    return below[::-1]


def _mark_fence(
    lines: Sequence[str], start: int, fence: str, markup: Markup, kinds: list[Block]
) -> int:
    """Mark a fence from its opening to its closing line; return the line after it."""
    for number in range(start, len(lines)):
        kinds[number] = "code"
        closer = _closes(lines[number], markup)
        if number > start and closer.startswith(fence):
            return number + 1
    return len(lines)


def _uncommented(line: str, hidden: bool, closes_later: bool) -> tuple[str, bool]:
    """Return the line without its comments, and whether a comment is open at its end."""
    kept: list[str] = []
    at = 0
    while True:
        mark = "-->" if hidden else "<!--"
        found = line.find(mark, at)
        if not hidden and (found < 0 or not (closes_later or line.find("-->", found) > 0)):
            return "".join([*kept, line[at:]]), False
        if found < 0:
            return "".join(kept), True
        if not hidden:
            kept.append(line[at:found])
        hidden, at = not hidden, found + len(mark)


def _rst_blocks(lines: Sequence[str]) -> list[Block]:
    kinds: list[Block] = []
    block: Block = "text"
    indent = -1
    for line in lines:
        own = len(line) - len(line.lstrip())
        if block != "text" and line.strip() and own <= indent:
            block = "text"
        if block == "text" and line.strip():
            kind, block = _rst_opening(line)
            indent = own
        else:
            kind = block
        kinds.append(kind)
    return kinds


def _rst_opening(line: str) -> tuple[Block, Block]:
    """Return the kind of this line, and of what is indented below it."""
    directive = _DIRECTIVE.match(line)
    if directive:
        body: Block = "code" if directive[1] in _CODE_DIRECTIVES else "text"
        return "comment", body
    if _EXPLICIT.match(line):
        return "comment", "text" if _TARGET.match(line) else "comment"
    return "text", "code" if line.rstrip().endswith("::") else "text"


def comments(lines: Sequence[str], markup: Markup) -> Iterator[str]:
    """Yield the text of each hidden comment outside code."""
    kinds, _ = blocks(lines, markup)
    pairs = list(zip(lines, kinds, strict=True))
    if markup == "rst":
        for kind, group in groupby(pairs, key=lambda pair: pair[1]):
            if kind == "comment":
                yield "\n".join(line for line, _ in group)
        return
    text = "\n".join("" if kind == "code" else line for line, kind in pairs)
    start = text.find("<!--")
    while start >= 0 and (end := text.find("-->", start)) >= 0:
        yield text[start + 4 : end]
        start = text.find("<!--", end)

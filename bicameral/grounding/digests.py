"""Two digests of a region: one of what the code means, one of its very bytes.

The first leaves out comments, docstrings, formatting and the few tokens that mean
nothing; in doubt it changes too often, never too seldom. Where the tree cannot be
trusted it is taken over the lines of text, and the answer says so.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from bicameral.grounding.languages import FULL, Backing, Language, text_only
from bicameral.grounding.sources import Source
from bicameral.grounding.syntax import Syntax, backing_of
from bicameral.grounding.tokens import NamelessStream, TokenStream

if TYPE_CHECKING:
    from tree_sitter import Node

HEX_LENGTH = 32
REMARKS_ALONE = "nothing but comments"
Span = tuple[int, int]
_WORDS = re.compile(rb"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of a span, 32 hexadecimal characters each, and what they rest on.

    `digest` survives formatting, comments and docstrings; `raw_digest` nothing at all.
    """

    digest: str
    raw_digest: str
    backing: Backing


@dataclass(frozen=True, slots=True)
class Wording:
    """What a span says with its own name left blank, to be told again under another one.

    `digest` is None where the tree cannot be trusted; `tokens` are then words of the text.
    """

    digest: str | None
    tokens: tuple[bytes, ...]


def digests_of(syntax: Syntax, start: int, end: int) -> Digests:
    """Digest the bytes from `start` to `end`, offsets into the source's text."""
    raw = _hex(b"", syntax.source.raw(start, end))
    if syntax.tree is None or syntax.grammar is None:
        return Digests(_text_digest(syntax, start, end), raw, syntax.backing)
    root = syntax.tree.root_node
    stream = _tree_stream(root, syntax.grammar.language, syntax.source, (start, end))
    if stream is None:
        reason = backing_of(root).fallback_reason or "syntax error"
        return Digests(_text_digest(syntax, start, end), raw, text_only(reason))
    if not stream:
        # Else all remarks were alike, and lines bound for what they say known by nothing.
        return Digests(_text_digest(syntax, start, end), raw, text_only(REMARKS_ALONE))
    return Digests(_hex(syntax.grammar.language.name.encode(), stream), raw, FULL)


def wording_of(syntax: Syntax, start: int, end: int, *, name: bytes) -> Wording:
    """Read a span without the name it gives itself; comments and docstrings do not count."""
    span = syntax.source.without_blanks(start, end)
    stream, collected = None, None
    if syntax.tree is not None and syntax.grammar is not None:
        node, is_whole = _node_of(syntax.tree.root_node, span)
        stream = NamelessStream(syntax.grammar.language, syntax.source.text, *span, name)
        collected = stream.collect(node, is_whole=is_whole)
    if stream is None or collected is None or stream.is_broken:
        return Wording(None, tuple(_WORDS.findall(syntax.source.text[start:end])))
    return Wording(_hex(b"nameless", collected), stream.tokens())


def raw_digest_of(content: bytes) -> str:
    """Digest bytes as they are, the way `Digests.raw_digest` does."""
    return _hex(b"", content)


def _hex(domain: bytes, content: bytes) -> str:
    return sha256(domain + b"\0" + content).hexdigest()[:HEX_LENGTH]


def _text_digest(syntax: Syntax, start: int, end: int) -> str:
    lines = (line.rstrip() for line in syntax.source.text[start:end].splitlines())
    return _hex(b"text", b"\n".join(line for line in lines if line))


def _tree_stream(root: "Node", language: Language, source: Source, span: Span) -> bytes | None:
    """Return the stream of a span, or None when a syntax error lies in it."""
    if span == (0, len(source.text)):
        node, is_whole = root, True
    else:
        span = source.without_blanks(*span)
        node, is_whole = _node_of(root, span)
        if not is_whole:
            span = _without_remarks(root, language, source, span)
            node, is_whole = _node_of(root, span)
    if root.has_error and _is_inside_error(node):
        return None
    stream = TokenStream(language, source.text, *span)
    collected = stream.collect(node, is_whole=is_whole)
    return None if stream.is_broken else collected


def _node_of(root: "Node", span: Span) -> tuple["Node", bool]:
    """Return the smallest node around a span, and whether it is exactly the span."""
    node = root.descendant_for_byte_range(*span) if span[0] < span[1] else None
    if node is None:
        return root, False
    return node, (node.start_byte, node.end_byte) == span


def _is_inside_error(node: "Node") -> bool:
    current: Node | None = node
    while current is not None and not current.is_error:
        current = current.parent
    return current is not None


def _without_remarks(root: "Node", language: Language, source: Source, span: Span) -> Span:
    """Take comments off both ends, so that one more at the edge does not show."""
    start, end = span
    while start < end and (remark := _remark_at(root, language, source, start)) is not None:
        start, end = source.without_blanks(min(remark.end_byte, end), end)
    while start < end and (remark := _remark_at(root, language, source, end - 1)) is not None:
        start, end = source.without_blanks(start, max(remark.start_byte, start))
    return start, end


def _remark_at(root: "Node", language: Language, source: Source, offset: int) -> "Node | None":
    """Return the comment at an offset when it means nothing."""
    node = root.descendant_for_byte_range(offset, offset + 1)
    while node is not None and node.type not in language.comments:
        node = node.parent
    is_remark = node is not None and language.is_remark(node.text or b"", source.text)
    return node if is_remark else None

"""The meaning of a span of a syntax tree as one stream of bytes, to be digested.

The stream is the tree in writing: where each node opens and closes, and every token as it
stands in the file. Two streams are equal only when the trees are, and differ whenever a
token does, save for what the language's row lists as meaning nothing.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bicameral.grounding.languages import Kinds, Language

if TYPE_CHECKING:
    from tree_sitter import Node

_OPENERS = frozenset({b"(", b"[", b"{", b"<", b","})
_CLOSERS = frozenset({b")", b"]", b"}", b">"})
_DOCUMENTED = frozenset({"function_definition", "class_definition"})
_STRING = re.compile(rb"([A-Za-z]*)(\"\"\"|'''|\"|')(.*)\2", re.DOTALL)
_SPLICE = re.compile(rb"\\\r?\n")
_NOTHING: Kinds = frozenset()
_BRACKETS: Kinds = frozenset({"(", ")"})


@dataclass(slots=True)
class _Frame:
    """What an open node says of its own tokens, and whether its end is written.

    `may_trail` tells whether a comma at the end would mean nothing, if it were one.
    """

    optional: Kinds
    may_trail: bool
    may_trail_later: bool
    is_written: bool


class TokenStream:
    """Collects the stream of one span (offsets into `text`); used once."""

    def __init__(self, language: Language, text: bytes, start: int, end: int) -> None:
        self.is_broken = False
        self._language = language
        self._text = text
        self._start = start
        self._end = end
        self._position = start
        self._parts: list[bytes] = []
        self._frames: list[_Frame] = []
        self._comma_waits = False
        self._after_element = False

    def collect(self, node: "Node", *, is_whole: bool) -> bytes:
        """Return the stream of a node, or of what it has in the span when not `is_whole`.

        `is_broken` tells afterwards whether there is a syntax error in it.
        """
        if not is_whole:
            self._frames.append(self._frame(node.type, is_written=False))
        elif not self._enter(node):
            return b"".join(self._parts)
        cursor = node.walk()
        cursor.goto_first_child()
        while self._frames:
            if self._enter(cast("Node", cursor.node)) and cursor.goto_first_child():
                continue
            while self._frames and not cursor.goto_next_sibling():
                self._leave()
                cursor.goto_parent()
        return b"".join(self._parts)

    def tokens(self) -> tuple[bytes, ...]:
        """Return the tokens that `collect` wrote, without the tree around them."""
        leaves = (part.partition(b"\0")[2] for part in self._parts if part.startswith(b"="))
        return tuple(leaf.partition(b":")[2] for leaf in leaves)

    def _enter(self, node: "Node") -> bool:
        """Write a node; return whether its children are to be written too."""
        kind, start, end = node.type, node.start_byte, node.end_byte
        if start == end and self._start <= start <= self._end:
            self.is_broken |= node.is_missing
        elif end <= self._start or start >= self._end:
            return False
        if kind in self._language.comments:
            self._comment(kind, start, end)
            return False
        self._gap(start)
        if kind in self._language.atoms or node.child_count == 0:
            self._token(node, kind, self._text[max(start, self._start) : min(end, self._end)])
        elif not self._is_docstring(node, kind):
            self._push(node, kind)
            return True
        self._position = end
        return False

    def _push(self, node: "Node", kind: str) -> None:
        frame = self._frame(kind, is_written=not self._is_redundant(node, kind))
        if frame.is_written:
            self._write(b"(%b\0" % kind.encode())
            self._after_element = False
        else:
            frame.optional = _BRACKETS
        self.is_broken |= kind == "ERROR"
        self._frames.append(frame)

    def _leave(self) -> None:
        if self._frames.pop().is_written:
            self._write(b")")
            self._after_element = True

    def _write(self, part: bytes) -> None:
        if self._comma_waits:
            self._comma_waits = False
            self._parts.append(_leaf("", b","))
        self._parts.append(part)

    def _gap(self, start: int) -> None:
        """Write text between two nodes that no node holds; blanks and line splices are none."""
        text = self._text[self._position : start]
        self._position = max(start, self._position)
        if text and not text.isspace() and (rest := _SPLICE.sub(b"", text).strip()):
            self._write(_leaf("gap", rest))

    def _comment(self, kind: str, start: int, end: int) -> None:
        self._gap(start)
        self._position = end
        text = self._text[start:end].rstrip()
        if not self._language.is_remark(text, self._text):
            self._write(_leaf(kind, text))

    def _token(self, node: "Node", kind: str, text: bytes) -> None:
        if node.is_named:
            self._named_token(kind, text)
        elif (token := text.strip()) and not self._means_nothing(kind, token):
            self._write(_leaf("", token))
            self._after_element = token not in _OPENERS
        self.is_broken |= kind == "ERROR"

    def _named_token(self, kind: str, text: bytes) -> None:
        if kind in self._language.requoted:
            text = _without_quotes(text)
        elif kind == "jsx_text":
            text = _jsx_text(text)
            if not text:
                return
        elif kind not in self._language.atoms:
            text = text.strip()
        # A file of nothing but comments is as empty as one without them.
        self._write(_leaf(kind, text) if text else b"(%b\0)" % kind.encode())
        self._after_element = True

    def _means_nothing(self, kind: str, token: bytes) -> bool:
        frame = self._frames[-1] if self._frames else None
        if frame is None:
            return False
        if self._comma_waits and token in _CLOSERS:
            self._comma_waits = False
        if kind in frame.optional:
            return True
        if token != b"," or not self._after_element:
            return False
        may_trail, frame.may_trail = frame.may_trail, frame.may_trail or frame.may_trail_later
        if may_trail:
            self._comma_waits = True
            self._after_element = False
        return may_trail

    def _frame(self, kind: str, *, is_written: bool) -> _Frame:
        language = self._language
        optional = language.optional.get(kind, _NOTHING)
        return _Frame(
            optional, kind in language.trailing, kind in language.trailing_several, is_written
        )

    def _is_redundant(self, node: "Node", kind: str) -> bool:
        content = self._language.redundant.get(kind)
        if content is None:
            return False
        return not content or node.named_child(0).type in content

    def _is_docstring(self, node: "Node", kind: str) -> bool:
        if not self._language.docstrings or kind != "expression_statement":
            return False
        string, block = node.child(0), node.parent
        if node.child_count != 1 or string.type != "string" or block is None:
            return False
        return _is_plain(string) and _is_documented(block) and _is_first(node)


class NamelessStream(TokenStream):
    """The stream of a symbol with a blank where it gives itself its name.

    Two symbols with the same stream differ in that name alone. One that says its name a
    second time (it calls itself, or reads an attribute that is called so) equals no symbol
    of another name: what that word would mean there cannot be told from here.
    """

    def __init__(self, language: Language, text: bytes, start: int, end: int, name: bytes) -> None:
        super().__init__(language, text, start, end)
        self._name = name
        self._is_named = False

    def _token(self, node: "Node", kind: str, text: bytes) -> None:
        if node.is_named and text == self._name:
            is_own = not self._is_named and not _is_in_decorator(node)
            self._is_named |= is_own
            text = b"" if is_own else b"\0" + text
        super()._token(node, kind, text)


def _leaf(kind: str, text: bytes) -> bytes:
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n")
    # The length keeps two tokens from reading like one.
    return b"=%b\0%d:%b" % (kind.encode(), len(text), text)


def _without_quotes(text: bytes) -> bytes:
    """Drop quotes and idle prefixes, where no backslash can make them matter."""
    match = _STRING.fullmatch(text)
    if match is None:
        return text
    content, is_escaped = match[3], b"\\" in text
    if is_escaped and (b"'" in content or b'"' in content):
        return text
    idle = b"u" if is_escaped else b"ru"
    prefix = bytes(sorted(letter for letter in match[1].lower() if letter not in idle))
    return prefix + b'"' + content


def _jsx_text(text: bytes) -> bytes:
    """Join the lines of text between JSX tags as its compilers do."""
    lines = text.replace(b"\r\n", b"\n").replace(b"\t", b" ").split(b"\n")
    last = len(lines) - 1
    kept = []
    for number, line in enumerate(lines):
        start = line if number == 0 else line.lstrip(b" ")
        kept.append(start if number == last else start.rstrip(b" "))
    return b" ".join(line for line in kept if line)


def _is_in_decorator(node: "Node") -> bool:
    """Tell whether a token stands before its symbol, where the name is another's."""
    above = node.parent
    while above is not None and above.type != "decorator":
        above = above.parent
    return above is not None


def _is_plain(string: "Node") -> bool:
    """Tell whether a string is constant text; neither bytes nor an f-string documents."""
    prefix = (string.text or b"").partition(b'"')[0].partition(b"'")[0].lower()
    return prefix in {b"", b"r", b"u"}


def _is_documented(block: "Node") -> bool:
    if block.type == "module":
        return True
    return block.type == "block" and block.parent is not None and block.parent.type in _DOCUMENTED


def _is_first(node: "Node") -> bool:
    before = node.prev_sibling
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    return before is None

"""What tests of setup share: entries, made-up documents, and a second opinion on JSON."""

import json
from typing import Any

import tree_sitter_javascript
from hypothesis import strategies as st
from tree_sitter import Language, Node, Parser

ENTRY = {"type": "stdio", "command": "bicameral-mcp", "args": [], "alwaysLoad": True}
CODEX_ENTRY = {"command": "bicameral-mcp", "args": [], "required": True, "startup_timeout_sec": 20}
FOREIGN = {"command": "other-server", "args": ["--port", "1"]}
JAVASCRIPT = Language(tree_sitter_javascript.language())

# Words that would mislead whoever looks for words instead of reading.
TRICKY = ['"bicameral": {', "mcpServers", "}", "{,", "[mcp_servers.bicameral]", "# //", "\\", "é😀"]
# The line ends of Unicode end a comment for some readers and not for others.
CHARACTERS = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\u0085\ufeff"
)
WORDS = st.text(CHARACTERS, max_size=8) | st.sampled_from(TRICKY)


class SecondOpinion:
    """A text as the grammar of JavaScript reads it: its value, in order, and its comments."""

    def __init__(self, text: str) -> None:
        tree = Parser(JAVASCRIPT).parse(f"({text}\n)".encode())
        assert not tree.root_node.has_error, text
        self.comments: list[str] = []
        self.value = self._expression(tree.root_node)

    def _expression(self, program: Node) -> Any:
        (statement,) = self._parts(program)
        (parentheses,) = self._parts(statement)
        (value,) = self._parts(parentheses)
        return self._value(value)

    def _parts(self, node: Node) -> list[Node]:
        """Return what a node is made of, and keep the comments in it."""
        parts = [each for each in node.children if each.is_named]
        self.comments += [_text(each) for each in parts if each.type == "comment"]
        return [each for each in parts if each.type != "comment"]

    def _value(self, node: Node) -> Any:
        if node.type == "object":
            return tuple(self._pair(each) for each in self._parts(node))
        if node.type == "array":
            return [self._value(each) for each in self._parts(node)]
        assert node.type in {"string", "number", "true", "false", "null", "unary_expression"}
        return json.loads(_text(node))

    def _pair(self, node: Node) -> tuple[str, Any]:
        key, value = self._parts(node)
        return json.loads(_text(key)), self._value(value)


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()


def pairs(value: Any) -> Any:
    """Return a value as the second opinion spells it."""
    if isinstance(value, dict):
        return tuple((key, pairs(each)) for key, each in value.items())
    return [pairs(each) for each in value] if isinstance(value, list) else value


@st.composite
def spaces(draw: st.DrawFn, newline: str) -> str:
    """Draw what may stand between two tokens: white space and comments."""
    kinds = st.sampled_from(["", "", " ", "\t", newline, f"{newline}    ", "line", "block"])
    parts = []
    for kind in draw(st.lists(kinds, max_size=3)):
        word = draw(WORDS)
        if kind == "line":
            parts.append(f"//{word}{newline}")
        elif kind == "block":
            parts.append(f"/*{word.replace('*', '')}*/")
        else:
            parts.append(kind)
    return "".join(parts)


@st.composite
def _listed(draw: st.DrawFn, newline: str, brackets: str, members: list[str]) -> str:
    """Draw members as somebody might write them between brackets."""
    gap = spaces(newline)
    parts = [brackets[0]]
    for number, member in enumerate(members):
        parts += [draw(gap), member, draw(gap)]
        is_last = number == len(members) - 1
        parts.append("," if not is_last or draw(st.booleans()) else "")
    return "".join([*parts, draw(gap), brackets[1]])


@st.composite
def _object(draw: st.DrawFn, newline: str, values: st.SearchStrategy[str], *own: str) -> str:
    """Draw an object of some keys, and of those that are given as they are, among them."""
    gap = spaces(newline)
    keys = draw(st.lists(WORDS.filter(lambda key: key not in NAMES), unique=True, max_size=3))
    made = [f"{_string(draw, key)}{draw(gap)}:{draw(gap)}{draw(values)}" for key in keys]
    members = draw(st.permutations([*made, *own]))
    return draw(_listed(newline, "{}", members))


NAMES = {"mcpServers", "bicameral", "servers"}


def _string(draw: st.DrawFn, text: str) -> str:
    return json.dumps(text, ensure_ascii=draw(st.booleans()))


@st.composite
def _scalars(draw: st.DrawFn) -> str:
    kinds = st.none() | st.booleans() | st.integers(-9, 99) | WORDS | st.just(1.5)
    return json.dumps(draw(kinds), ensure_ascii=draw(st.booleans()))


def _values(newline: str) -> st.SearchStrategy[str]:
    def in_list(members: list[str]) -> st.SearchStrategy[str]:
        return _listed(newline, "[]", members)

    def deeper(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.lists(values, max_size=3).flatmap(in_list) | _object(newline, values)

    return st.recursive(_scalars(), deeper, max_leaves=6)


@st.composite
def documents(draw: st.DrawFn, *, ours: dict[str, Any] | None = None) -> str:
    """Draw settings with comments, in any layout, with other servers or none.

    `ours` is an entry to have in them.
    """
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    gap, values = spaces(newline), _values(newline)
    own = [] if ours is None else [f'"bicameral": {json.dumps(ours)}']
    groups = []
    if draw(st.booleans()) or own:
        servers = draw(_object(newline, _object(newline, values), *own))
        groups = [f'"mcpServers"{draw(gap)}:{draw(gap)}{servers}']
    return f"{draw(gap)}{draw(_object(newline, values, *groups))}{draw(gap)}"

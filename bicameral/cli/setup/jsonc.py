"""JSON with comments as it is written: every token with its place, and what they spell.

Comments and trailing commas are blanked at equal length, so the standard parser decides
what is JSON while every place keeps its number; nothing has to be parsed twice over.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from bicameral.cli.setup.settings import NotEditable

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<comment>//[^\r\n]*|/\*.*?\*/)
      | (?P<string>"[^"\\]*(?:\\.[^"\\]*)*")
      | (?P<mark>[{}\[\]:,])
      | (?P<word>[^\s{}\[\]:,"/]+)""",
    re.DOTALL | re.VERBOSE,
)
Kind = Literal["comment", "string", "mark", "word"]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text that is not white space."""

    kind: Kind
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Member:
    """One `"key": value` of an object; `value` is the index of its value's first token."""

    key: str
    start: int
    end: int
    value: int


@dataclass(frozen=True, slots=True)
class Braces:
    """An object as written: its braces, the token before the closing one, its members."""

    opening: Token
    last: Token
    closing: Token
    members: tuple[Member, ...]

    def named(self, key: str) -> Member | None:
        """Return the member with a key; raises `NotEditable` if two have it."""
        found = [each for each in self.members if each.key == key]
        if len(found) > 1:
            raise NotEditable(f'"{key}" is there twice, and a client reads only one of them')
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text. `tokens` are without comments; `plain` is strict JSON, as long."""

    text: str
    tokens: tuple[Token, ...]
    comments: tuple[Token, ...]
    plain: str

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing but white space and comments."""
        return not self.tokens

    def spelled(self) -> object:
        """Return the value with the order of members and the spelling of numbers kept."""
        return _load(self.plain, object_pairs_hook=tuple, parse_int=_number, parse_float=_number)

    def braces(self, index: int, name: str) -> Braces:
        """Return the object whose opening brace is this token; `name` is for the message."""
        if self.tokens[index].text != "{":
            raise NotEditable(f"{name} is not an object")
        members = tuple(self._members(index))
        closing = _last_of(self.tokens, index)
        tokens = self.tokens
        return Braces(tokens[index], tokens[closing - 1], tokens[closing], members)

    def edge(self, place: int) -> int:
        """Return where the last token or comment before a place ends."""
        pieces = (*self.tokens, *self.comments)
        return max((each.end for each in pieces if each.end <= place), default=0)

    def _members(self, index: int) -> Iterator[Member]:
        index += 1
        while self.tokens[index].text != "}":
            key, value = self.tokens[index], index + 2
            index = _last_of(self.tokens, value) + 1
            end = self.tokens[index - 1].end
            yield Member(json.loads(key.text), key.start, end, value)
            index += self.tokens[index].text == ","


def parse(text: str) -> Document:
    """Read a text; raises `NotEditable` when it is not JSON with comments."""
    pieces = tuple(_pieces(text))
    tokens = tuple(each for each in pieces if each.kind != "comment")
    comments = tuple(each for each in pieces if each.kind == "comment")
    plain = _blanked(text, [*comments, *_trailing_commas(tokens)])
    document = Document(text, tokens, comments, plain)
    if not document.is_empty:
        document.spelled()
    return document


def load(plain: str) -> Any:
    """Return the value of strict JSON."""
    return _load(plain)


def _pieces(text: str) -> Iterator[Token]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise NotEditable(f"line {_line(text, place)} is not JSON")
        if found.lastgroup != "space":
            yield Token(cast(Kind, found.lastgroup), place, found.end(), found[0])
        place = found.end()


def _trailing_commas(tokens: Sequence[Token]) -> Iterator[Token]:
    for before, comma, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if comma.text == "," and after.text in {"}", "]"} and before.text not in set("{[,:"):
            yield comma


def _blanked(text: str, tokens: Sequence[Token]) -> str:
    parts, place = [], 0
    for each in sorted(tokens, key=lambda token: token.start):
        parts += [text[place : each.start], " " * (each.end - each.start)]
        place = each.end
    return "".join([*parts, text[place:]])


def _last_of(tokens: Sequence[Token], index: int) -> int:
    """Return the index of the last token of the value that begins at `index`."""
    depth = 0
    while True:
        mark = tokens[index]
        if mark.kind == "mark":
            depth += (mark.text in "{[") - (mark.text in "}]")
        if depth == 0:
            return index
        index += 1


def _load(plain: str, **hooks: Any) -> Any:
    try:
        return json.loads(plain, parse_constant=_no_constant, **hooks)
    except json.JSONDecodeError as error:
        raise NotEditable(f"line {_line(plain, error.pos)}: {error.msg}") from error
    except RecursionError as error:
        raise NotEditable("it is nested too deeply") from error
    except ValueError as error:  # a number too long to be one
        raise NotEditable(str(error)) from error


def _number(text: str) -> tuple[str, str]:
    return "number", text


def _no_constant(name: str) -> None:
    raise NotEditable(f"{name} is not JSON")


def _line(text: str, place: int) -> int:
    return len(re.findall(r"\r\n|\r|\n", text[:place])) + 1

"""Settings in JSON, with comments or without: our entry in, our entry out.

Every edit is checked before it is believed: the new text, parsed again, must hold what the
old one held in the same order and spelling, with our entry and with every comment.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bicameral.cli.setup.jsonc import Braces, Document, Member, load, parse
from bicameral.cli.setup.settings import NAME, Edit, Entry, NotEditable, apply, newline_of

DEFAULT_INDENT = "  "
_INDENT = re.compile(r"[ \t]*")
_LINE_BREAK = re.compile(r"[\r\n]")
# An object as the pairs of its keys and values, in their order.
Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class JsonSettings:
    """The format; `group` is the key of the object that servers are kept in."""

    group: str

    def entry(self, text: str) -> Entry | None:
        """Return our entry, or None where there is none."""
        document = parse(text)
        found = self._find(document)[2]
        if found is None:
            return None
        entry = load(document.plain)[self.group][NAME]
        if not isinstance(entry, dict):
            raise NotEditable(f'"{NAME}" is not an object')
        return entry

    def has_group(self, text: str) -> bool:
        """Tell whether the object of the servers is there."""
        return self._find(parse(text))[1] is not None

    def put(self, text: str, entry: Entry) -> str:
        """Return the text with our entry added or replaced, and nothing else changed."""
        document = parse(text)
        root, group, member = self._find(document)
        if root is None:
            edits = [_whole(document, {self.group: {NAME: entry}})]
        elif group is None:
            edits = _added(document, root, self.group, {NAME: entry})
        elif member is None:
            edits = _added(document, self._servers(document, group), NAME, entry)
        else:
            edits = [_replaced(document, self._servers(document, group), member, entry)]
        spelled = parse(json.dumps(entry)).spelled()
        old = () if document.is_empty else document.spelled()
        return _checked(document, edits, _with(_with_group(old, self.group), self.group, spelled))

    def remove(self, text: str, *, keeps_group: bool) -> str:
        """Return the text without our entry, and without its group if that is left empty."""
        document = parse(text)
        root, group, member = self._find(document)
        if root is None or group is None or member is None:
            return text
        servers = self._servers(document, group)
        wanted = _without(document.spelled(), self.group)
        if len(servers.members) == 1 and not keeps_group:
            edits = _taken_out(document, root, group)
            wanted = tuple(each for each in wanted if each[0] != self.group)
        else:
            edits = _taken_out(document, servers, member)
        return _checked(document, edits, wanted)

    def snippet(self, entry: Entry) -> str:
        """Return what to add, on one line."""
        return f'"{NAME}": {_compact(entry)} into "{self.group}"'

    def is_plain(self, text: str) -> bool:
        """Tell whether it is JSON without comments and trailing commas."""
        document = parse(text)
        return document.is_empty or document.plain == text

    def _find(self, document: Document) -> tuple[Braces | None, Member | None, Member | None]:
        if document.is_empty:
            return None, None, None
        root = document.braces(0, "the whole of it")
        group = root.named(self.group)
        member = self._servers(document, group).named(NAME) if group else None
        return root, group, member

    def _servers(self, document: Document, group: Member) -> Braces:
        return document.braces(group.value, f'"{self.group}"')


def _whole(document: Document, value: Entry) -> Edit:
    newline, text = newline_of(document.text), document.text
    ahead = newline if text and not text.endswith("\n") else ""
    end = len(text)
    return end, end, ahead + _written(value, "", newline, DEFAULT_INDENT) + newline


def _added(document: Document, braces: Braces, key: str, value: Entry) -> list[Edit]:
    """Put a member last, after the comments that belong to the one before it."""
    text, newline, unit = document.text, newline_of(document.text), _unit(document)
    close = braces.closing.start
    edge = document.edge(close)
    is_open = bool(_LINE_BREAK.search(text, braces.opening.end, close)) or not braces.members
    has_comma = braces.last.text == ","
    base = _line_indent(text, braces.opening.start)
    own = _line_indent(text, braces.members[-1].start) if braces.members else base + unit
    ahead = f"{newline}{own}" if is_open else " "
    body = _written(value, own, newline, unit) if is_open else _compact(value)
    member = f"{ahead}{json.dumps(key)}: {body}" + ("," if has_comma else "")
    end = edge
    if is_open and not _LINE_BREAK.search(text, edge, close):
        end, member = close, f"{member}{newline}{base}"
    if not braces.members or has_comma:
        return [(edge, end, member)]
    comma = braces.members[-1].end
    # With nothing between the two, they are one edit, in this order.
    return (
        [(comma, end, f",{member}")]
        if comma == edge
        else [(comma, comma, ","), (edge, end, member)]
    )


def _replaced(document: Document, servers: Braces, member: Member, entry: Entry) -> Edit:
    text = document.text
    is_open = _LINE_BREAK.search(text, servers.opening.end, servers.closing.start)
    indent, newline = _line_indent(text, member.start), newline_of(text)
    body = _written(entry, indent, newline, _unit(document)) if is_open else _compact(entry)
    return document.tokens[member.value].start, member.end, body


def _taken_out(document: Document, braces: Braces, member: Member) -> list[Edit]:
    """Take a member out, with the white space before it and one comma beside it."""
    text, end = document.text, member.end
    after = next(each for each in document.tokens if each.start >= end)
    before = [each for each in document.tokens if each.end <= member.start][-1]
    start = _cut_from(document, member)
    if after.text == ",":
        blanks = _INDENT.match(text, after.end) if start == member.start else None
        return [(start, end, ""), (after.start, blanks.end() if blanks else after.end, "")]
    if before.text == ",":
        return [(before.start, before.end, ""), (start, end, "")]
    if not text[end : braces.closing.start].strip() and start == braces.opening.end:
        end = braces.closing.start
    return [(start, end, "")]


def _cut_from(document: Document, member: Member) -> int:
    """Return where to cut before a member: never the line end that ends a comment."""
    edge = document.edge(member.start)
    is_comment_before = any(
        each.end == edge and each.text.startswith("//") for each in document.comments
    )
    return member.start if is_comment_before else edge


def _checked(document: Document, edits: Sequence[Edit], wanted: Pairs) -> str:
    """Make the edits, and see that they did what they should and nothing else."""
    text = apply(document.text, edits)
    kept = [each.text for each in document.comments if not _is_within(each.start, edits)]
    if not _holds(text, wanted, kept):
        raise NotEditable("our entry cannot be told apart from what is around it")
    return text


def _holds(text: str, value: Pairs, comments: Sequence[str]) -> bool:
    try:
        document = parse(text)
    except NotEditable:
        return False
    return document.spelled() == value and [each.text for each in document.comments] == comments


def _is_within(place: int, edits: Sequence[Edit]) -> bool:
    return any(start <= place < end for start, end, _ in edits)


def _with_group(root: Any, group: str) -> Pairs:
    pairs: Pairs = root
    return pairs if any(key == group for key, _ in pairs) else (*pairs, (group, ()))


def _with(root: Pairs, group: str, entry: object) -> Pairs:
    def added(servers: Pairs) -> Pairs:
        if any(key == NAME for key, _ in servers):
            return tuple((key, entry if key == NAME else value) for key, value in servers)
        return (*servers, (NAME, entry))

    return tuple((key, added(value) if key == group else value) for key, value in root)


def _without(root: Any, group: str) -> Pairs:
    def less(servers: Pairs) -> Pairs:
        return tuple(each for each in servers if each[0] != NAME)

    return tuple((key, less(value) if key == group else value) for key, value in root)


def _unit(document: Document) -> str:
    """Return one step of indentation: that of the first member, else two blanks."""
    first = document.tokens[1].start
    is_own_line = _LINE_BREAK.search(document.text, document.tokens[0].end, first)
    return (is_own_line and _line_indent(document.text, first)) or DEFAULT_INDENT


def _line_indent(text: str, place: int) -> str:
    start = max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1
    found = _INDENT.match(text, start)
    return found[0] if found else ""


def _written(value: Entry, indent: str, newline: str, unit: str) -> str:
    lines = json.dumps(value, indent=unit, ensure_ascii=False)
    return lines.replace("\n", newline + indent)


def _compact(value: Entry) -> str:
    return json.dumps(value, ensure_ascii=False)

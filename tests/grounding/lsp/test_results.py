"""What servers answer: every form of the protocol, and nothing that is none."""

from typing import Any

import pytest

from bicameral.grounding.lsp.framing import ProtocolBroken
from bicameral.grounding.lsp.positions import Position
from bicameral.grounding.lsp.results import (
    MOST_OUTLINED,
    MOST_TARGETS,
    Outlined,
    Target,
    outline_of,
    targets_of,
)


def span(line: int, character: int = 0, last: int | None = None) -> dict[str, Any]:
    end = {"line": line if last is None else last, "character": character + 1}
    return {"start": {"line": line, "character": character}, "end": end}


PLACE = {"uri": "file:///a.py", "range": span(3, 4)}
LINK = {
    "targetUri": "file:///b.py",
    "targetRange": span(6, 0, 9),
    "targetSelectionRange": span(7, 4),
    "originSelectionRange": span(0),
}
AT_PLACE = Target("file:///a.py", Position(3, 4))
AT_LINK = Target("file:///b.py", Position(7, 4))


@pytest.mark.parametrize(
    ("result", "targets"),
    [
        (None, ()),
        ([], ()),
        (PLACE, (AT_PLACE,)),
        ([PLACE], (AT_PLACE,)),
        ([PLACE, PLACE], (AT_PLACE,)),
        ([LINK], (AT_LINK,)),
        ([LINK, PLACE], (AT_LINK, AT_PLACE)),
    ],
)
def test_every_form_of_a_definition_is_read(result: object, targets: tuple[Target, ...]) -> None:
    """A place, places, or links; of a link the name is meant, not its decorators."""
    assert targets_of(result) == targets


@pytest.mark.parametrize(
    "result",
    [
        "file:///a.py",
        7,
        {},
        [None],
        {"uri": 7, "range": span(1)},
        {"uri": "file:///a.py"},
        {"uri": "file:///a.py", "range": {"start": {"line": "1", "character": 0}}},
        {"uri": "file:///a.py", "range": {"start": {"line": -1, "character": 0}}},
        {"uri": "file:///a.py", "range": {"start": {"line": True, "character": 0}}},
        {"uri": "file:///a.py", "range": {"start": {"line": 2**40, "character": 0}}},
        {"targetUri": "file:///b.py", "targetRange": span(1)},
    ],
)
def test_what_is_no_definition_is_refused(result: object) -> None:
    """A guess at what was meant would bind code that nobody named."""
    with pytest.raises(ProtocolBroken, match="not a "):
        targets_of(result)


def test_no_more_than_is_wanted_is_read_of_a_long_list() -> None:
    """A list of any length costs no more than a short one."""
    result: list[Any] = [{**PLACE, "range": span(line)} for line in range(MOST_TARGETS)]

    assert len(targets_of([*result, "never looked at"] * 1_000)) == MOST_TARGETS


def test_a_tree_of_symbols_is_read_with_their_owners() -> None:
    """Names as selectors have them; lines from 1."""
    method = {"name": "refund", "range": span(4, 4, 6), "selectionRange": span(4, 8)}
    result = [{"name": "Till", "range": span(2, 0, 8), "children": [method]}]

    assert outline_of(result) == (Outlined("Till", 3, 9), Outlined("Till.refund", 5, 7))


def test_a_flat_list_of_symbols_is_read_with_their_containers() -> None:
    """Older servers answer so."""
    place = {"uri": "file:///a.kt", "range": span(4, 0, 6)}
    result = [
        {"name": "refund", "containerName": "Till", "location": place},
        {"name": "charge", "location": place},
    ]

    assert outline_of(result) == (Outlined("Till.refund", 5, 7), Outlined("charge", 5, 7))


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("charge(int, String)", "charge"),
        ("(*Server).Run", "Server.Run"),
        ("(Server).Run", "Server.Run"),
        ("()", "()"),
    ],
)
def test_names_are_read_without_what_some_servers_add(name: str, plain: str) -> None:
    """Java adds parameters, Go receivers; people write neither."""
    assert outline_of([{"name": name, "range": span(0)}]) == (Outlined(plain, 1, 1),)


@pytest.mark.parametrize("result", ["x", {}, [7], [{"name": 7}], [{"name": "a"}]])
def test_what_is_no_outline_is_refused(result: object) -> None:
    """As for definitions."""
    with pytest.raises(ProtocolBroken):
        outline_of(result)


def test_a_huge_or_deep_outline_is_bounded() -> None:
    """A generated file has hundreds of thousands of symbols."""
    flat = [{"name": "a", "range": span(0)}] * (MOST_OUTLINED + 1)
    deep: dict[str, Any] = {"name": "a", "range": span(0)}
    for _ in range(500):
        deep = {"name": "a", "range": span(0), "children": [deep]}

    assert len(outline_of(flat)) == MOST_OUTLINED
    assert len(outline_of([deep])) < 50

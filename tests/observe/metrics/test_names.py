"""The table of counters against the code, both ways."""

import ast
from collections.abc import Iterator

import pytest

from bicameral.observe.metrics.names import COUNTERS, Counter
from tests.docs.pages import ROOT, package_files

COUNTED = [each for each in COUNTERS if each.counted_in]


def counted_in(path: str) -> Iterator[str]:
    """Yield each name that a module gives to `count`."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="count"), args=[ast.Constant(value=str(name)), *_]):
                yield name


@pytest.mark.parametrize("counter", COUNTED, ids=lambda counter: str(counter.name))
def test_each_counter_is_counted_where_the_table_says(counter: Counter) -> None:
    """A counter that stays at zero for ever looks like good news."""
    for path in counter.counted_in:
        assert counter.name in set(counted_in(path)), path


def test_nothing_else_is_counted() -> None:
    """A name that is not in the table is on no page and in no sum at zero."""
    names = {each.name for each in COUNTERS}
    for path in package_files():
        for name in counted_in(path.relative_to(ROOT).as_posix()):
            if name.endswith(("_count", "_total")):
                assert name in names, (path, name)

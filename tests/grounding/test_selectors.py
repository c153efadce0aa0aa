"""Selectors: each form found, and each failure listing what was near."""

import pytest

from bicameral.errors import InputRefused, SelectorAmbiguous, SelectorUnknown
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.selectors import (
    Selector,
    checked_lines,
    find,
    parse_selector,
    symbol_named,
)
from bicameral.grounding.symbols import Skeleton

FILES = {
    "src/cart.py": (
        b"class Cart:\n    def total(self): ...\n    def clear(self): ...\n\ndef total(): ...\n"
    ),
    "src/order.py": b"class Order:\n    def total(self): ...\n    def ship(self): ...\n",
    "web/cart.ts": b"export class CartView { render() {} }\n",
    "README.md": b"# total\n",
    "odd:12": b"x\n",
}


def read(text: str) -> Selector:
    return parse_selector(text, is_file=FILES.__contains__)


def search(text: str) -> Selector:
    return find(text, candidates=list(FILES), read=FILES.get, cache=ParseCache())


def skeleton_of(content: bytes, path: str = "a.py") -> Skeleton:
    return ParseCache().open(path, content).skeleton()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("src/cart.py::Cart.total", Selector("src/cart.py", symbol="Cart.total")),
        ("src/cart.py::Cart::total()", Selector("src/cart.py", symbol="Cart.total")),
        ("src/cart.py::Cart#total", Selector("src/cart.py", symbol="Cart.total")),
        ("src/cart.py::total#2", Selector("src/cart.py", symbol="total#2")),
        ("src/cart.py:10-20", Selector("src/cart.py", first_line=10, last_line=20)),
        ("src/cart.py:7", Selector("src/cart.py", first_line=7, last_line=7)),
        ("src/cart.py", Selector("src/cart.py")),
        ("src/new.py", Selector("src/new.py")),
        ("README.md", Selector("README.md")),
        ("odd:12", Selector("odd:12")),
        ("odd:12:1", Selector("odd:12", first_line=1, last_line=1)),
        (" Cart.total ", Selector(None, symbol="Cart.total")),
        ("Cart::total", Selector(None, symbol="Cart.total")),
    ],
)
def test_each_form_of_a_selector_is_read(text: str, expected: Selector) -> None:
    """These are the ways in which people and agents point at code."""
    assert read(text) == expected


@pytest.mark.parametrize("text", ["", "  ", "a.py:0-3", "a.py:5-3", "::x", "a.py::", "a.py:"])
def test_what_is_no_selector_is_refused_with_the_forms(text: str) -> None:
    """The message is what the caller learns the forms from."""
    with pytest.raises(InputRefused, match="is not a selector") as caught:
        read(text)
    assert "path::Qual.name" in caught.value.next_step


def test_a_bare_name_is_found_in_the_one_file_that_defines_it() -> None:
    """A word in a document is no definition."""
    assert search("ship") == Selector("src/order.py", symbol="Order.ship")
    assert search("CartView") == Selector("web/cart.ts", symbol="CartView")
    assert search("Cart.clear") == Selector("src/cart.py", symbol="Cart.clear")
    assert search("src/cart.py:1-2").path == "src/cart.py"


def test_a_name_in_several_files_lists_them_all() -> None:
    """The caller picks one; nothing is guessed."""
    with pytest.raises(SelectorAmbiguous) as caught:
        search("total")

    assert "src/cart.py::total#1 (lines 5-5)" in caught.value.message
    assert "src/order.py::Order.total#1 (lines 2-2)" in caught.value.message


def test_a_name_that_is_nowhere_lists_the_nearest_files() -> None:
    """A misspelt file name looks like a bare name."""
    with pytest.raises(SelectorUnknown, match="any of 5 files") as caught:
        search("cart.py")

    assert "src/cart.py" in caught.value.next_step


def test_the_full_name_goes_before_the_end_of_a_longer_one() -> None:
    """A function must stay reachable beside a method of its name."""
    skeleton = skeleton_of(FILES["src/cart.py"])

    assert symbol_named("total", skeleton, "a.py").start_line == 5
    assert symbol_named("Cart.total", skeleton, "a.py").start_line == 2
    assert symbol_named("clear", skeleton, "a.py").qualified_name == "Cart.clear"


def test_one_of_several_definitions_is_named_by_its_number() -> None:
    """Overloads share a name, so the name alone is ambiguous."""
    skeleton = skeleton_of(b"def f(): ...\ndef f(a): ...\n")

    with pytest.raises(SelectorAmbiguous, match=r"a.py::f#1 \(lines 1-1\), a.py::f#2"):
        symbol_named("f", skeleton, "a.py")
    assert symbol_named("f#2", skeleton, "a.py").start_line == 2
    with pytest.raises(SelectorUnknown):
        symbol_named("f#3", skeleton, "a.py")


def test_the_first_of_several_definitions_can_be_named_too() -> None:
    """What the error message offers must work when it is sent back."""
    skeleton = skeleton_of(b"def f(): ...\ndef f(a): ...\n")

    assert symbol_named("f#1", skeleton, "a.py").start_line == 1
    assert symbol_named("f#1", skeleton_of(b"def f(): ...\n"), "a.py").start_line == 1
    files = {"a.py": b"def f(): ...\ndef f(a): ...\n"}
    found = find("f#1", candidates=["a.py"], read=files.get, cache=ParseCache())
    assert found == Selector("a.py", symbol="f#1")


def test_a_long_list_of_candidates_is_cut() -> None:
    """Answers are paid for in tokens."""
    many = b"".join(b"class C%d:\n    def f(self): ...\n" % number for number in range(30))

    with pytest.raises(SelectorAmbiguous, match="and 20 more") as caught:
        symbol_named("f", skeleton_of(many), "a.py")

    assert caught.value.message.count("a.py::") == 10


def test_a_name_with_its_number_is_not_mistaken_for_a_member_of_that_name() -> None:
    """A region is looked for by its name with its number: it must not turn ambiguous."""
    skeleton = skeleton_of(b"class Till:\n    def total(self): ...\n\ndef total(): ...\n")

    assert symbol_named("total#1", skeleton, "a.py").qualified_name == "total"
    assert symbol_named("Till.total#1", skeleton, "a.py").qualified_name == "Till.total"


OPERATORS = b"""\
struct Less {
  bool operator()(int a, int b) const { return a < b; }
  operator std::string() const { return ""; }
  int string() const { return 1; }
};
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Less::operator()", 2),
        ("operator()", 2),
        ("operator()#1", 2),
        ("Less.operator std::string", 3),
        ("operator std::string", 3),
        ("Less::string()", 4),
        ("string", 4),
    ],
)
def test_operators_of_cpp_are_named_as_they_are_written(name: str, line: int) -> None:
    """Brackets and colons are signs of a selector elsewhere, and here part of the name."""
    selector = parse_selector(f"src/less.cpp::{name}", is_file=FILES.__contains__)

    symbol = symbol_named(selector.symbol or "", skeleton_of(OPERATORS, "less.cpp"), "less.cpp")

    assert symbol.start_line == line


def test_an_unknown_symbol_lists_the_nearest() -> None:
    """A misspelling is mended from the message alone."""
    skeleton = skeleton_of(FILES["src/cart.py"])

    with pytest.raises(SelectorUnknown, match=r"names nothing in a\.py") as caught:
        symbol_named("Cart.totl", skeleton, "a.py")
    assert "Cart.total" in caught.value.next_step
    with pytest.raises(SelectorUnknown) as caught:
        symbol_named("x", skeleton_of(b"y = 1\n"), "a.py")
    assert "has no symbols" in caught.value.next_step


def test_a_symbol_of_a_file_read_as_text_says_why_there_is_none() -> None:
    """Lines can be named in any file."""
    with pytest.raises(SelectorUnknown, match=r"no grammar for \.md files") as caught:
        symbol_named("x", skeleton_of(b"# a\n\nb\n", "a.md"), "a.md")
    assert "a.md:1-3" in caught.value.next_step


def test_lines_outside_the_file_are_an_error_with_its_length() -> None:
    """A clamped range would bind a decision to other code than was meant."""
    assert checked_lines(Selector("a.py", first_line=2, last_line=3), 3) == (2, 3)
    for first, last in ((1, 4), (4, 4), (9, 12)):
        with pytest.raises(SelectorUnknown, match=r"a\.py has 3 lines"):
            checked_lines(Selector("a.py", first_line=first, last_line=last), 3)
    with pytest.raises(SelectorUnknown, match="bind the whole file"):
        checked_lines(Selector("a.py", first_line=1, last_line=2), 0)

"""Regions: the snapshot of a place in the code, and what became of it in a later version."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.errors import InputRefused, SelectorAmbiguous, SelectorUnknown
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.regions import Comparison, Region, classify, locate, symbols_of
from bicameral.grounding.selectors import Selector

CODE = """import time

LIMIT = 30


class Client:
    def get(self, url):
        for attempt in range(3):
            time.sleep(attempt)
            fetch(url)

    def put(self, url):
        return send(url)


def helper():
    x = 1
    return x
"""


def symbol(name: str, text: str = CODE, path: str = "a.py") -> Region:
    return locate(Selector(path, symbol=name), text.encode())


def lines(first: int, last: int, text: str = CODE, path: str = "a.py") -> Region:
    return locate(Selector(path, first_line=first, last_line=last), text.encode())


def compare(old: Region, text: str) -> Comparison:
    return classify(old, text.encode())


def place(compared: Comparison) -> tuple[str, int, int]:
    assert compared.region is not None
    return compared.outcome, compared.region.start_line, compared.region.end_line


def test_a_symbol_a_run_of_lines_and_a_file_are_located() -> None:
    """The snapshot says where, of what kind, and what it rests on."""
    get = symbol("Client.get")
    assert (get.kind, get.symbol, get.start_line, get.end_line) == ("symbol", "Client.get", 7, 10)
    assert (get.backend, get.capability, get.fallback_reason) == ("tree-sitter", "full", None)
    run = lines(8, 9)
    assert (run.kind, run.symbol, run.within) == ("lines", None, "Client.get")
    assert lines(3, 3).within is None
    whole = locate(Selector("a.py"), CODE.encode())
    assert (whole.kind, whole.start_line, whole.end_line) == ("file", 1, 18)
    empty = locate(Selector("a.py"), b"")
    assert (empty.start_line, empty.end_line) == (0, 0)


def test_what_cannot_be_located_is_an_error() -> None:
    """A binding to the wrong code is worse than none."""
    with pytest.raises(SelectorUnknown, match="names nothing"):
        symbol("Client.post")
    with pytest.raises(SelectorUnknown, match=r"a\.py has 18 lines"):
        lines(17, 19)
    with pytest.raises(SelectorAmbiguous):
        symbol("f", "def f(): ...\ndef f(a): ...\n")
    with pytest.raises(InputRefused, match="does not say which file"):
        locate(Selector(None, symbol="get"), CODE.encode())


def test_a_file_without_grammar_has_regions_that_say_so() -> None:
    """Configuration and prose hold decisions too."""
    run = lines(1, 1, "a: 1\nb: 2\n", "conf.yaml")

    assert (run.backend, run.capability) == ("text", "degraded")
    assert run.fallback_reason == "no grammar for .yaml files"
    assert compare(run, "\n\na: 1\nb: 3\n").outcome == "unchanged"
    assert compare(run, "a: 2\nb: 2\n").outcome == "changed"


def test_a_symbol_is_followed_wherever_it_went_in_the_file() -> None:
    """Line numbers move with every edit above."""
    old = symbol("Client.put")

    assert place(compare(old, CODE)) == ("unchanged", 12, 13)
    assert place(compare(old, "# new\n\n" + CODE)) == ("unchanged", 14, 15)


def test_formatting_comments_and_docstrings_are_cosmetic() -> None:
    """Nobody is asked for a verdict, and the new bytes are known from then on."""
    old = symbol("Client.put")
    text = CODE.replace(
        "        return send(url)", '        """Send."""\n        return send( url )'
    )

    found = compare(old, text)

    assert place(found) == ("cosmetic", 12, 14)
    assert found.region is not None
    assert found.region.digest == old.digest
    assert found.region.raw_digest != old.raw_digest
    assert compare(found.region, text).outcome == "unchanged"


def test_another_program_is_a_change() -> None:
    """This is what a verdict is asked for."""
    found = compare(symbol("Client.get"), CODE.replace("range(3)", "range(5)"))
    assert place(found) == ("changed", 7, 10)


def test_what_is_gone_is_removed() -> None:
    """The symbol, its class, or the file."""
    old = symbol("Client.put")
    gone = Comparison("removed", None)

    assert compare(old, CODE.replace("def put", "def post")) == gone
    assert compare(old, CODE.replace("class Client", "class Gateway")) == gone
    assert compare(old, "") == gone
    assert classify(old, None) == gone


def test_a_renamed_file_is_read_under_its_new_name() -> None:
    """The caller knows of the rename; the language may change with it."""
    old = symbol("Client.put")

    found = classify(old, CODE.encode(), path="b.py")

    assert found.outcome == "unchanged"
    assert found.region is not None
    assert found.region.path == "b.py"


TWO = (
    "class A:\n    def f(self): ...\n\n\ndef f(a):\n    return 1\n\n\ndef f(a, b):\n    return 2\n"
)


def test_overloads_are_told_apart_by_what_they_hold() -> None:
    """When the first goes, the second is the first, and its decision must go with it."""
    second = symbol("f#2", TWO)
    without_first = TWO.replace("def f(a):\n    return 1\n\n\n", "")
    swapped = "def f(a, b):\n    return 2\n\n\ndef f(a):\n    return 1\n"

    assert place(compare(second, without_first)) == ("unchanged", 5, 6)
    assert place(compare(second, swapped)) == ("unchanged", 1, 2)
    assert place(compare(second, swapped.replace("2", "2  # two"))) == ("cosmetic", 1, 2)
    assert place(compare(second, TWO.replace("2", "3"))) == ("changed", 9, 10)


def test_an_overload_that_is_gone_is_not_taken_for_another() -> None:
    """Three of a name, the last removed: the other two were never it."""
    three = TWO + "\n\ndef f(a, b, c):\n    return 3\n"

    assert compare(symbol("f#3", three), TWO) == Comparison("removed", None)


def test_a_run_of_lines_is_found_where_it_went() -> None:
    """Lines have no name; their bytes are how they are known."""
    old = lines(8, 10)

    assert place(compare(old, CODE)) == ("unchanged", 8, 10)
    assert place(compare(old, "# one\n# two\n" + CODE)) == ("unchanged", 10, 12)
    assert place(compare(old, CODE.replace("LIMIT = 30\n\n", ""))) == ("unchanged", 6, 8)


def test_a_run_of_lines_that_was_reformatted_is_cosmetic_in_place_and_nearby() -> None:
    """A formatter's pass may come with a shift."""
    old = lines(9, 10)
    formatted = CODE.replace("time.sleep(attempt)", "time.sleep( attempt )  # wait")

    assert place(compare(old, formatted)) == ("cosmetic", 9, 10)
    assert place(compare(old, "# one\n" + formatted)) == ("cosmetic", 10, 11)


def test_a_run_of_lines_that_was_edited_is_changed_in_place() -> None:
    """The new snapshot is of what stands there now."""
    found = compare(lines(8, 10), CODE.replace("range(3)", "range(5)"))

    assert place(found) == ("changed", 8, 10)
    assert found.region is not None
    assert found.region.within == "Client.get"


def test_a_run_at_the_end_of_a_shorter_file_is_cut_or_removed() -> None:
    """What is left of it is shown; nothing is nothing."""
    old = lines(16, 18)

    assert place(compare(old, "\n".join([*CODE.splitlines()[:16], "    x = 2"]))) == (
        "changed",
        16,
        17,
    )
    assert compare(old, "import time\n") == Comparison("removed", None)


def test_a_copy_that_was_there_before_is_not_taken_for_the_edited_line() -> None:
    """`x = 30` in another place must not hide that ours became `x = 60`."""
    text = "x = 30\ny = 1\n\nx = 30\n"
    old = lines(1, 1, text)
    assert old.copies == 2

    assert place(compare(old, text.replace("x = 30", "x = 60", 1))) == ("changed", 1, 1)
    assert place(compare(old, "# c\n" + text)) == ("unchanged", 2, 2)


def test_a_copy_written_otherwise_is_not_taken_for_it_either() -> None:
    """The same meaning close by is a copy as well."""
    text = "x = 30\ny = 1\n\nx  =  30\n"

    assert place(compare(lines(1, 1, text), text.replace("x = 30", "x = 60"))) == ("changed", 1, 1)


def test_a_bound_remark_is_followed_by_what_it_says_and_not_to_another_one() -> None:
    """To the program every remark is alike; to whoever bound this one it is not."""
    code = (
        b"# Amounts are in cents.\n# Rounded down.\nRATE = 3\n\n\n# The rate is per cent.\nx = 1\n"
    )
    old = locate(Selector("a.py", first_line=1, last_line=2), code)

    other = classify(old, code.replace(b"down", b"up"))
    shifted = classify(old, b"# First.\n# Second.\n" + code)

    assert other.outcome == "changed"
    assert (shifted.outcome, shifted.region and shifted.region.start_line) == ("unchanged", 3)


def test_lines_are_not_followed_into_another_function() -> None:
    """The same words mean something else there."""
    text = "def f():\n    a()\n    done()\n\ndef g():\n    b()\n"
    moved = "def f():\n    a()\n\ndef g():\n    b()\n    done()\n"

    assert compare(lines(3, 3, text), moved).outcome == "changed"
    assert compare(replace(lines(3, 3, text), within=None), moved).outcome == "unchanged"


def test_a_whole_file_is_compared_as_a_whole() -> None:
    """Comments in it stay cosmetic."""
    old = locate(Selector("a.py"), CODE.encode())

    assert compare(old, CODE).outcome == "unchanged"
    assert compare(old, "# licence\n" + CODE).outcome == "cosmetic"
    assert compare(old, CODE + "more()\n").outcome == "changed"


def test_without_its_grammar_a_symbol_is_followed_by_its_bytes() -> None:
    """Another machine may lack the extra; the same bytes keep digest and verdict."""
    old = replace(symbol("Client.put"), path="a.unknown")

    moved = compare(old, "# new\n" + CODE)
    edited = compare(old, CODE.replace("send(url)", "post(url)"))

    assert place(moved) == ("unchanged", 13, 14)
    assert moved.region is not None
    assert (moved.region.digest, moved.region.symbol) == (old.digest, "Client.put")
    assert place(edited) == ("changed", 12, 13)
    assert edited.region is not None
    assert (edited.region.kind, edited.region.symbol) == ("symbol", "Client.put")
    assert edited.region.fallback_reason == "no grammar for .unknown files"


def test_the_same_bytes_keep_the_digest_they_were_given() -> None:
    """A new version of a grammar must not ask for every verdict again."""
    old = replace(symbol("Client.put"), digest="0" * 32)

    assert compare(old, CODE) == Comparison("unchanged", old)


def test_the_names_a_file_defines_are_listed() -> None:
    """In order, with numbers for those defined again."""
    assert symbols_of("a.py", TWO.encode()) == ("A", "A.f", "f", "f#2")
    assert symbols_of("a.md", b"# f\n", cache=ParseCache()) == ()


FUNCTIONS = [f"def f{n}(a):\n    b = a + {n}\n    return b\n" for n in range(4)]


@given(
    order=st.permutations(range(4)),
    blanks=st.lists(st.integers(0, 3), min_size=5, max_size=5),
    kind=st.sampled_from(["symbol", "lines"]),
)
@settings(deadline=None)
def test_reordering_a_file_changes_none_of_its_regions(
    order: list[int], blanks: list[int], kind: str
) -> None:
    """However the functions are shuffled, each is found again where it is."""
    text = "\n".join(FUNCTIONS)
    shuffled = "".join("\n" * blanks[n] + FUNCTIONS[n] for n in order)
    for number in range(4):
        first = 1 + 4 * number
        old = symbol(f"f{number}", text) if kind == "symbol" else lines(first, first + 2, text)
        found = compare(old, shuffled)
        assert found.outcome == "unchanged"
        assert found.region is not None
        start = found.region.start_line
        assert shuffled.splitlines()[start - 1] == f"def f{number}(a):"


@given(st.text(max_size=60), st.integers(1, 18))
@settings(deadline=None)
def test_comparing_with_any_content_gives_an_answer(content: str, line: int) -> None:
    """The next version of a file may be anything."""
    old = lines(line, 18)
    found = compare(old, content)
    assert (found.region is None) == (found.outcome == "removed")

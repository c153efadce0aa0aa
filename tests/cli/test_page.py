"""The page: wrapping, colour, and nothing that could steer a terminal."""

import io
import os
import re
import unicodedata
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.cli.page import Page, count, has_colour, make_page, terminal_width, visible
from bicameral.cli.progress import ProgressBar, bar


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@given(st.text())
def test_nothing_that_steers_a_terminal_gets_through(text: str) -> None:
    """Decision texts come from many hands; one escape could rewrite the screen."""
    page = Page()
    page.line(text)
    assert not any(unicodedata.category(each) == "Cc" for each in page.text().replace("\n", ""))
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", page.text())


@given(st.text(st.characters(codec="ascii", categories=["L"]), min_size=1))
def test_plain_words_are_shown_as_they_are(word: str) -> None:
    """Escaping is for what steers, not for text."""
    assert visible(word) == word


def test_lines_are_wrapped_and_indented_but_names_stay_whole() -> None:
    """An id that is broken in two cannot be copied."""
    page = Page(width=40)
    name = "src/" + "long/" * 12 + "name.py"
    page.line(f"one two three {name} four", indent=2)
    lines = page.text().splitlines()
    assert all(line.startswith("  ") for line in lines)
    assert any(name in line for line in lines)
    assert max(len(line) for line in lines if name not in line) <= 40


def test_colour_is_only_where_it_is_wanted() -> None:
    """Each line is coloured by itself, so that a pager can begin anywhere."""
    plain, coloured = Page(), Page(has_colour=True, marked="p-1")
    for page in (plain, coloured):
        page.line("gone", style="red")
        page.line("id p-1 again", style="dim")
        page.line("no style p-1")
    assert "\x1b" not in plain.text()
    first, second, third = coloured.text().splitlines()
    assert first == "\x1b[31mgone\x1b[0m"
    assert second == "\x1b[2mid \x1b[1;36mp-1\x1b[0m\x1b[2m again\x1b[0m"
    assert third == "no style \x1b[1;36mp-1\x1b[0m"


@pytest.mark.parametrize(
    ("variables", "stream", "wanted"),
    [
        ({}, Terminal(), True),
        ({"NO_COLOR": "1"}, Terminal(), False),
        ({"NO_COLOR": ""}, Terminal(), True),
        ({"TERM": "dumb"}, Terminal(), False),
        ({}, io.StringIO(), False),
    ],
)
def test_colour_follows_the_terminal_and_the_person(
    variables: Mapping[str, str], stream: io.StringIO, wanted: bool
) -> None:
    """NO_COLOR counts when it is not empty (no-color.org)."""
    assert has_colour(variables, stream) is wanted


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 60), ("10", 40), ("900", 100), ("wide", 80), ("", 80)]
)
def test_the_width_has_bounds(columns: str, width: int) -> None:
    """Too narrow cannot be read, and neither can too wide."""
    assert terminal_width({"COLUMNS": columns}, io.StringIO()) == width


def test_the_width_is_the_terminals_own() -> None:
    """A real terminal says how wide it is."""
    pty = pytest.importorskip("pty")
    termios = pytest.importorskip("termios")
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 66))
    with os.fdopen(leader), os.fdopen(follower, "w", encoding="utf-8") as stream:
        assert terminal_width({}, stream) == 66
        page = make_page({}, stream)
        page.line("word " * 40, style="bold")
    assert max(len(line) for line in page.text().splitlines()) <= 66 + len("\x1b[1m\x1b[0m")


def test_facts_leave_out_what_is_empty() -> None:
    """A row of dots says nothing."""
    page = Page()
    page.facts("", "a", "", "b")
    page.facts("", "")
    assert page.text() == "a · b\n"
    assert (count(1, "file"), count(2, "file")) == ("1 file", "2 files")


def test_progress_is_drawn_for_a_terminal_and_taken_away() -> None:
    """The answer stands alone when the work is done."""
    times = iter(range(0, 10**9, 30_000_000))
    stream = Terminal()
    progress = ProgressBar(stream, lambda: next(times))
    for done in range(4):
        progress("bound", done, 10)
    progress("bound", 10, 10)
    progress.clear()
    drawn = stream.getvalue().split("\r\x1b[K")
    assert [text[-4:] for text in drawn if text] == ["0/10", "2/10", "0/10"]
    assert drawn[-1] == ""


def test_progress_is_silent_where_nobody_looks() -> None:
    """A log file is no place for a bar."""
    stream = io.StringIO()
    progress = ProgressBar(stream, lambda: 0)
    progress("bound", 1, 2)
    progress.clear()
    assert stream.getvalue() == ""


@given(st.integers(-5, 10**6), st.integers(-5, 10**6))
def test_a_bar_never_leaves_its_place(done: int, total: int) -> None:
    """Counts may be wrong; the line must not wrap for that."""
    drawn = bar("step", done, total)
    assert len(re.findall("[#-]", drawn.partition("]")[0])) == 24

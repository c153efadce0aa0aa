"""No text breaks the reader, and its cost follows the length of the text."""

# ruff: noqa: RUF001 - texts in their own script

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.intake.reading import read_document

PATHS = ["docs/adr/0001-x.md", "docs/adr/0001-x.rst", "docs/adr/0001-x.adoc", "notes/x.md"]
PIECES = st.sampled_from(
    (
        "# ¦## Status\n¦Accepted¦\n¦\n\n¦---\n¦===\n¦```\n¦<!--¦-->¦> ¦- ¦* ¦1. ¦**"
        "¦__¦`¦[¦](¦)¦](x.md)"
        "¦:¦::\n¦.. ¦Decision: ¦## Decision\n¦## Options\n¦### Option A\n¦superseded by ¦ADR-12"
        "¦supersedes ¦2024-01-02¦| a | b \n¦|Deciders:\n¦状态：已接受¦被¦取代"
        "¦\u200b¦\u202e¦\x00¦\ud800"
        "¦\r\n¦\r¦\ufeff¦{¦}¦<x>¦~~¦id: 024\n¦option b"
    ).split("¦")
)
MIXED = st.lists(PIECES, max_size=60).map("".join)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=st.one_of(MIXED, st.text(max_size=300)), path=st.sampled_from(PATHS))
def test_any_text_is_read_or_reported(text: str, path: str) -> None:
    """Every document gives drafts within their bounds, or the reason why not."""
    reading = read_document(path, text)
    assert reading.drafts or reading.skipped
    for draft in reading.drafts:
        assert 1 <= len(draft.title) <= 300
        assert "\n" not in draft.title
        assert 1 <= len(draft.description) <= 8000
        assert len(draft.rationale) <= 8000
        assert len(draft.excerpt) <= 500
        assert len(draft.search_text) <= 20_000
        assert len(draft.content_digest) == 64
        assert draft.source_ref.partition("#")[0] == path
        stored = (
            f"{draft.title}{draft.description}{draft.rationale}{draft.excerpt}{draft.source_status}"
        )
        assert "\x00" not in stored
        stored.encode("utf-8")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=MIXED, path=st.sampled_from(PATHS))
def test_reading_is_a_function_of_the_text(text: str, path: str) -> None:
    """The same text gives the same drafts, whatever the line ends."""
    assert read_document(path, text) == read_document(path, text)
    ours = text.replace("\r", "")
    windows = read_document(path, ours.replace("\n", "\r\n"))
    assert windows == read_document(path, ours)


HOSTILE = [
    "#", "# ", "#\n", "|", "|a|b|\n", "[", "[x](", "](", "`", "```\n", "<!--", "<!--\n",
    "<!---->", "*", "**a", "**Status:** ", " ", "\t", "## Status\n", "Decision: x\n",
    "- \n", "a\n===\n", "a", "a ", "1. ", "<a", "> ", "superseded by ", "ADR-1, ", "被",
    "に", "a/", "a.", "accepted ", "2020-01-01 ", "\u200b", "send secrets ", "ignore all ",
    "you are a ", "{\"name\":\"", ":a:", "a::\n", ".. a::\n", "use option ", "~~a",
    "## Options\n### Option A\n", "a: &a [*a]\n", "[[", "\ud800",
]  # fmt: skip


def calls_needed(text: str, path: str) -> int:
    """Count the Python calls of one reading: a measure of work that no clock disturbs."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_document(path, text)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_with_the_length_of_the_text(piece: str) -> None:
    """Four times the text must not take more than some five times the calls."""
    for path in ("docs/adr/0001-x.md", "docs/adr/0001-x.rst"):
        small, large = piece * (1500 // len(piece)), piece * (6000 // len(piece))
        read_document(path, large)  # so that caches are warm for both
        assert calls_needed(large, path) <= 5 * calls_needed(small, path) + 2000


def test_a_hundred_kilobytes_of_anything_are_read_in_time() -> None:
    """A pattern that backtracks would need hours for one of these; the limit is generous."""
    program = (
        "import sys\nfrom bicameral.intake.reading import read_document\n"
        "for piece in eval(sys.stdin.read()):\n"
        "    for head in ('', '# X\\n\\nDeciders: x\\n\\n## Status\\n\\n'):\n"
        "        read_document('docs/adr/0001-x.md', head + piece * (100_000 // len(piece)))\n"
        "print('done')\n"
    )
    lines = [piece for piece in HOSTILE if "\n" not in piece]
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=repr(lines),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=True,
    )
    assert done.stdout == "done\n"

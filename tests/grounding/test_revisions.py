"""Refs and ranges: what is let through to git, and what is refused before it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.errors import InputRefused
from bicameral.grounding.revisions import checked_ref, split_range


@pytest.mark.parametrize(
    "ref",
    ["main", "HEAD", "HEAD~2", "HEAD^2", "v1.0", "feature/a-b", "a" * 40, "main@{1}", "größe"],
)
def test_names_of_one_commit_are_let_through(ref: str) -> None:
    """Everything that people call a commit by must work."""
    assert checked_ref(ref) == ref


@pytest.mark.parametrize(
    "ref",
    [
        *("", "-x", "--upload-pack=touch x", "^main", "~1"),
        *("a..b", "a...b", "..", "HEAD:file", ":/text", "HEAD^{/text}"),
        *("a b", "a\nb", "a\0b", "a\x7f", "a*", "a?", "a[b", "a\\b", "x" * 1025),
    ],
)
def test_options_ranges_searches_and_control_characters_are_refused(ref: str) -> None:
    """A ref comes from outside, and git would take these for more than a name."""
    with pytest.raises(InputRefused, match="not a name of one commit"):
        checked_ref(ref)


@given(st.text())
@settings(deadline=None)
def test_a_ref_that_passes_can_never_be_read_as_an_option_or_a_range(ref: str) -> None:
    """The law behind the examples."""
    try:
        passed = checked_ref(ref)
    except InputRefused:
        return
    assert not passed.startswith("-")
    assert ".." not in passed
    assert passed.isprintable() or not passed.isascii()
    assert not set(passed) & set(" :\n\r\t\0")


def test_a_range_is_split_into_base_and_tip() -> None:
    """`A..B` as git writes it, HEAD where an end is left out."""
    assert split_range("a..b") == ("a", "b")
    assert split_range("a..") == ("a", "HEAD")
    assert split_range("..b") == ("HEAD", "b")
    assert split_range("a") == (None, "a")


@pytest.mark.parametrize("spec", ["a...b", "a..b..c", "-a..b", "a..-b", ""])
def test_a_range_without_one_base_and_one_tip_is_refused(spec: str) -> None:
    """Three dots name two tips; what is meant must be said."""
    with pytest.raises(InputRefused):
        split_range(spec)

"""What supersedes what: as written, and resolved within a set of records."""

import pytest

from bicameral.intake.draft import Reference
from bicameral.intake.links import link
from bicameral.intake.reading import read_document
from tests.intake.reading import read_one


def status(text: str) -> str:
    return f"# X\n\n## Status\n\n{text}\n\n## Decision\n\nWe do.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Superseded by [ADR-0012](0012-x.md)", ["[ADR-0012](0012-x.md)"]),
        ("Superseded by [12](0012-x.md), [13](0013-x.md).", ["[12](0012-x.md)", "[13](0013-x.md)"]),
        ("Superseded by ADR-0012", ["ADR-0012"]),
        ("Superseded by ADR 12", ["ADR 12"]),
        ("superseded by 12", ["12"]),
        ("Superseded by ADRs 3 and 4", ["ADRs 3", "4"]),
        ("Superseded by `ADR 12 <0012-x.rst>`_", ["`ADR 12 <0012-x.rst>`_"]),
        ("Superseded by :doc:`0012-x`", [":doc:`0012-x`"]),
        ("Superseded by [[0012-x]]", ["[[0012-x]]"]),
        ("Superseded by [ADR-12]", ["ADR-12"]),
        ("Superseded by 0012-x.md", ["0012-x.md"]),
        ("Superseded by agent-kit ADR-0005", ["agent-kit ADR-0005"]),
        ("Superseded by the new platform", ["the new platform"]),
        ("Superseded by: none", []),
        ("Replaced by [12](0012-x.md)", ["[12](0012-x.md)"]),
        ("Obsoleted by ADR-12. It said ADR-9.", ["ADR-12"]),
        ("Accepted", []),
    ],
)
def test_references_keep_their_words(text: str, expected: list[str]) -> None:
    """A person checks what we made of it by what was written."""
    draft = read_one(status(text))
    assert [reference.text for reference in draft.superseded_by] == expected
    assert draft.supersedes == ()


@pytest.mark.parametrize(
    "text",
    [
        status("Accepted\n\nSupersedes [3](0003-x.md)"),
        "# X\n\n* Status: accepted\n* Supersedes: [3](0003-x.md)\n\n## Decision\n\nWe do.\n",
        "# X\n\n**Supersedes:**\n\n- [3](0003-x.md)\n\n## Decision\n\nWe do.\n",
        "# X\n\n## Decision\n\nWe do.\n\n## Links\n\n* Supersedes [3](0003-x.md)\n",
        "# X\n\n## Supersedes\n\n- [3](0003-x.md)\n\n## Decision\n\nWe do.\n",
        '---\nsupersedes: "[3](0003-x.md)"\n---\n# X\n\n## Decision\n\nWe do.\n',
        "# X\n\nThis ADR supersedes [3](0003-x.md).\n\n## Decision\n\nWe do.\n",
        "# X\n\n## Decision\n\nWe do.\n\nThis decision replaces [3](0003-x.md).\n",
    ],
)
def test_supersession_is_found_wherever_records_state_it(text: str) -> None:
    """Templates disagree on the place."""
    draft = read_one(text)
    assert [reference.text for reference in draft.supersedes] == ["[3](0003-x.md)"]
    assert draft.superseded_by == ()
    assert draft.signoff != "superseded"


@pytest.mark.parametrize(
    "sentence",
    [
        "Superseding the cache is not planned.",
        "The cart replaces [3](0003-x.md) things.",
        "Calls would be replaced by [3](0003-x.md).",
        "Supersedes: none",
    ],
)
def test_prose_about_replacing_other_things_is_no_supersession(sentence: str) -> None:
    """Decisions replace caches and calls all day."""
    draft = read_one(f"# X\n\n## Decision\n\nWe do.\n\n{sentence}\n")
    assert draft.supersedes == draft.superseded_by == ()
    assert draft.signoff == "proposed"


@pytest.mark.parametrize(
    "text",
    [
        status("Accepted. Parts of this ADR were superseded by [20](0020-x.md)."),
        status("Accepted, partially superseded by [20](0020-x.md)"),
        status("Accepted. Superseded in part by [20](0020-x.md)"),
        status("Accepted") + "\n**Superseded By [20](0020-x.md) For:**\n\n- the cache\n",
    ],
)
def test_partial_supersession_leaves_the_rest_standing(text: str) -> None:
    """A decision of which a part is gone still binds."""
    draft = read_one(text)
    assert draft.superseded_by == (Reference("[20](0020-x.md)", "", partial=True),)
    assert draft.signoff == "ratified"


def test_a_field_can_say_that_only_a_part_is_superseded() -> None:
    """The name of the field carries it."""
    draft = read_one(
        "# X\n\n**Supersedes (direction only)**: ADR-3. See ADR-9.\n\n## Decision\n\nDo.\n"
    )
    assert draft.supersedes == (Reference("ADR-3", "", partial=True),)


def test_a_field_that_names_a_successor_supersedes_the_record() -> None:
    """Whatever the status line still says."""
    draft = read_one("# X\n\nStatus: accepted\nSuperseded by: ADR-20\n\n## Decision\n\nWe do.\n")
    assert draft.signoff == "superseded"


def test_front_matter_can_name_the_successor() -> None:
    """As a list or as one text."""
    draft = read_one("---\nsuperseded-by: [ADR-20, 21]\n---\n# X\n\n## Decision\n\nWe do.\n")
    assert [reference.text for reference in draft.superseded_by] == ["ADR-20", "21"]
    assert draft.signoff == "superseded"


FOLDER = "docs/adr/"


def resolve(text: str, *names: str, origin: str = FOLDER + "0001-old.md") -> tuple[str, str]:
    """Link a record superseded by `text` among others; return (target, why unresolved)."""
    drafts = [read_one(status(f"Superseded by {text}"), origin)]
    drafts += [read_one(status("Accepted"), name) for name in names]
    linked, unresolved = link(drafts)
    (reference,) = linked[0].superseded_by
    assert [item.source_ref for item in unresolved] == ([] if reference.target else [origin])
    return reference.target, unresolved[0].reason if unresolved else ""


@pytest.mark.parametrize(
    "text",
    [
        "[new](0012-new.md)", "[new](./0012-new.md#decision)", "[new](../adr/0012-new.md)",
        "[new](0012-new)", "[new](<0012-new.md>)", "`new <0012-new.md>`_", ":doc:`0012-new`",
        ":doc:`new <0012-new>`", "[[0012-new]]", "0012-new.md", "ADR-0012", "ADR 12", "12",
        "[ADR 12](/adr/12)", "the newer ADR-12",
        "[new](https://example.org/team/app/blob/main/docs/adr/0012-new.md)",
        "[new](../old-folder/0012-new.md)",
    ],
)  # fmt: skip
def test_a_reference_finds_its_record(text: str) -> None:
    """By path, by the name of a file that moved, by number in the same folder, by stem."""
    assert resolve(text, "docs/adr/0012-new.md", "other/adr/0012-else.md") == (
        "docs/adr/0012-new.md", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[gone](0012-gone.md)", "no record that was read has that path"),
        ("[pull](https://example.org/team/app/pull/12)", "no record that was read has that path"),
        ("ADR-0099", "no record in its folder has that number"),
        ("agent-kit ADR-0012", "it is of another series"),
        ("RFC-12", "no record in its folder has that number"),
        ("#12", "it may be the number of an issue"),
        ("the new platform", "it names no record"),
        ("[self](0001-old.md)", "it names itself"),
    ],
)
def test_what_fits_nothing_is_reported(text: str, reason: str) -> None:
    """A number given anew, or of another series, must not be followed to the wrong record."""
    assert resolve(text, "docs/adr/0012-new.md") == ("", reason)


def test_a_number_that_two_records_share_is_not_guessed() -> None:
    """Unless only one is written with the same digits."""
    pair = ("docs/adr/0012-a.md", "docs/adr/0012-b.md")
    assert resolve("ADR-12", *pair) == ("", "it fits more than one: " + ", ".join(pair))
    assert resolve("ADR-012", "docs/adr/adr-0012-a.md", "docs/adr/adr-012-b.md")[0].endswith("b.md")


def test_a_number_counts_within_its_own_folder_only() -> None:
    """Two folders of records have two number twelves."""
    assert resolve("ADR-12", "other/adr/0012-else.md")[0] == ""
    assert (
        resolve("ADR-12", "b/adr/12-x.md", "a/adr/12-x.md", origin="a/adr/01-y.md")[0]
        == "a/adr/12-x.md"
    )


def test_an_empty_record_that_another_supersedes_is_reported() -> None:
    """Both facts are told: the empty file, and the link that leads nowhere."""
    assert read_document("docs/adr/0016-x.md", "\n").skipped[0].reason == "is empty"
    assert resolve("ADR-0016")[1] == "no record in its folder has that number"

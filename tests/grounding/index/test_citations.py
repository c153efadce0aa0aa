"""What comments cite, as they write it."""

import pytest

from bicameral.grounding.index.facts import read_facts

Cited = tuple[str, str, int | None, int]


def cited(path: str, text: str) -> list[Cited]:
    found = read_facts(path, text.encode()).citations
    return [(each.kind, each.reference, each.number, each.line) for each in found]


@pytest.mark.parametrize(
    ("remark", "expected"),
    [
        ("see ADR-0012", ("adr", "ADR-0012", 12)),
        ("adr 7: retries", ("adr", "adr 7", 7)),
        ("(ADR#31)", ("adr", "ADR#31", 31)),
        ("ADR_5", ("adr", "ADR_5", 5)),
        ("docs/adr/0012-retry-twice.md", ("path", "docs/adr/0012-retry-twice.md", 12)),
        ("../decisions/use-postgres.md", ("path", "../decisions/use-postgres.md", None)),
        ("adr/adr-003.adoc", ("path", "adr/adr-003.adoc", 3)),
        ("as of decision 12", ("decision", "decision 12", 12)),
        ("Decision #4", ("decision", "Decision #4", 4)),
        ("decision record 9", ("decision", "decision record 9", 9)),
        ("dec_01JABCDEFGHJKMNPQ", ("id", "dec_01JABCDEFGHJKMNPQ", None)),
    ],
)
def test_a_decision_is_cited_by_number_path_or_id(
    remark: str, expected: tuple[str, str, int | None]
) -> None:
    """People write it in many ways; what it leads to is not decided here."""
    assert cited("a.py", f"x = 1\n# {remark}\n") == [(*expected, 2)]


@pytest.mark.parametrize(
    "remark", ["quadr-12", "the decision was made in 2024", "ADR", "adr-", "10 decisions", "dec_x"]
)
def test_what_only_looks_like_a_citation_is_none(remark: str) -> None:
    """A citation that is none would surface a decision that has nothing to do with the code."""
    assert cited("a.py", f"# {remark}\n") == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", 'def f():\n    """As ADR-3 says."""\n'),
        ("a.ts", "/**\n * ADR-3 */\nlet x;\n"),
        ("a.tsx", "let x = 1; \n// ADR-3\n"),
        ("a.js", "f();\n// ADR-3\n"),
        ("a.go", "package p\n// ADR-3\n"),
        ("A.java", "class A {\n/* ADR-3 */ }\n"),
        ("a.rs", "fn f() {}\n/// ADR-3\nfn g() {}\n"),
        ("a.rb", "x = 1\n# ADR-3\n"),
        ("A.cs", "class A {\n/// <see>ADR-3</see>\n}\n"),
        ("a.c", "int x;\n/* ADR-3 */\n"),
        ("a.cpp", "int x;\n// ADR-3\n"),
    ],
)
def test_comments_of_every_language_are_read(path: str, text: str) -> None:
    """A remark is where the language says that it is one."""
    assert cited(path, text) == [("adr", "ADR-3", 3, 2)]


def test_a_string_cites_nothing() -> None:
    """A message that a program prints is not a remark on its code."""
    assert cited("a.py", 'x = "ADR-3"\nf("ADR-4")\n') == []
    assert cited("a.go", 'package p\n\nvar x = "ADR-3"\n') == []

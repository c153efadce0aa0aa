"""What holds for every language: a file of its own, a test of its own, the digests of ever."""

from pathlib import Path
from types import MappingProxyType

import pytest

from bicameral.grounding.language_table import LANGUAGES
from bicameral.grounding.languages.language import Language
from bicameral.grounding.syntax import Grammar, load_grammar
from tests.grounding.test_digests import SAMPLES, digests

FOLDER = Path(__file__).parents[3] / "bicameral" / "grounding" / "languages"
# What the ledgers of users hold: another digest would ask them for every verdict again.
KEPT = MappingProxyType(
    {
        "a.py": "bb086d70756389b1c9d34f706a55697a",
        "a.ts": "48b593971f50bbde88fe90144d4ba16b",
        "a.tsx": "8030e41ae9e1a212edf4e043d771309b",
        "a.js": "81a0ccd8c6eb7b8a47c08a8273440be3",
        "a.go": "c1ece9945510eb2108ac96715c44cda3",
        "A.java": "b33b73934ea8261c28429af64f20f6db",
        "a.rs": "f0d4feccdfc43c959d7b894e2306a33a",
        "a.rb": "602d0cfd0a041808c86691ee67559241",
        "A.cs": "4982452173b3f4d26015eb8afbc5696a",
        "a.c": "eba3e93392152de5fdaff8e7a2544552",
        "a.cpp": "d24568e77e21e14d2955d29e83bb4d23",
    }
)


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_a_digest_stays_what_it_was(path: str) -> None:
    """It stands in ledgers, beside the verdict of a person."""
    assert digests(path, SAMPLES[path]).digest == KEPT[path]


def test_every_file_of_a_language_is_in_the_table() -> None:
    """A language that is written and not listed would be missed in silence."""
    shared = {"__init__", "imports", "language", "script_imports", "script_projects"}
    written = {each.stem for each in FOLDER.glob("*.py")} - shared
    listed = {each.name.replace("-", "_") for each in LANGUAGES} - {"tsx"}
    assert written == listed


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_the_query_for_imports_fits_the_grammar(language: Language) -> None:
    """A query that its grammar refuses would find nothing, ever."""
    from tree_sitter import Query

    grammar = load_grammar(language)
    assert isinstance(grammar, Grammar)
    assert language.imports is not None
    assert Query(grammar.parser_language, language.imports.query).pattern_count > 0

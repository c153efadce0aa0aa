"""The languages: one file each, with its nodes and with how it names other files.

What a language is stands in `language`, what an import is in `imports`; the files here are
found by `language_table`.
"""

from bicameral.grounding.languages.language import (
    FULL,
    Backend,
    Backing,
    Capability,
    Kinds,
    Language,
    text_only,
)

__all__ = ["FULL", "Backend", "Backing", "Capability", "Kinds", "Language", "text_only"]

"""The languages there are, and which one a file is in."""

import re
from pathlib import PurePosixPath

from bicameral.grounding.languages.c import C
from bicameral.grounding.languages.c_sharp import C_SHARP
from bicameral.grounding.languages.cpp import CPP
from bicameral.grounding.languages.go import GO
from bicameral.grounding.languages.java import JAVA
from bicameral.grounding.languages.javascript import JAVASCRIPT
from bicameral.grounding.languages.language import Language
from bicameral.grounding.languages.python import PYTHON
from bicameral.grounding.languages.ruby import RUBY
from bicameral.grounding.languages.rust import RUST
from bicameral.grounding.languages.typescript import TSX, TYPESCRIPT

LANGUAGES: tuple[Language, ...] = (
    PYTHON,
    TYPESCRIPT,
    TSX,
    JAVASCRIPT,
    GO,
    JAVA,
    RUST,
    RUBY,
    C_SHARP,
    C,
    CPP,
)
_BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
_LOOKS_LIKE_CPP = re.compile(rb"\n\s*(?:class|namespace|template|using)\b|\w::\w|\bpublic:")


def language_of(path: str, text: bytes = b"") -> Language | None:
    """Return the language of a file by its suffix, or None when there is no file for it here.

    A `.h` file belongs to two languages; `text` (UTF-8) decides which.
    """
    language = _BY_SUFFIX.get(PurePosixPath(path).suffix.lower())
    if language is C and path.lower().endswith(".h") and _LOOKS_LIKE_CPP.search(text):
        return CPP
    return language

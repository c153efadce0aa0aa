"""What kind of file a path names, by the conventions of languages and test runners.

Only the path is looked at: of the files of a past commit nothing else is kept.
"""

import re

_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".txt", ".lock", ".json", ".yml", ".yaml")
_MINIFIED = (".min.js", ".min.mjs", ".min.cjs")
_TEST_FOLDER = re.compile(
    r"(?:^|/)(?:(?:[\w.]+[-_.])?(?:tests?|specs?)|__tests__|testutils?|testing|testdata|e2e)/",
    re.IGNORECASE,
)
_TEST_NAME = re.compile(
    r"(?:^|/)(?:test_[^/]*|conftest\.py|[^/]*[._-](?:test|tests|spec|specs|cy|e2e)\.[^/]+"
    r"|[^/]*[a-z0-9](?:Test|Tests|Spec|IT)\.\w+)$"
)


def is_document(path: str) -> bool:
    """Return whether a path names text or settings, and so no code."""
    return path.lower().endswith(_DOCUMENTS)


def is_test(path: str) -> bool:
    """Return whether a path names a test, or what only tests use."""
    return bool(_TEST_FOLDER.search(path) or _TEST_NAME.search(path))


def is_minified(path: str) -> bool:
    """Return whether a path names code that a tool has written from other code."""
    return path.lower().endswith(_MINIFIED)

"""The words of past commits, as the text index has them; of paths, without file endings."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from bicameral.ledger.text import terms_of

MOST_WORDS_OF_SUBJECT = 60
_BETWEEN = re.compile(r"[/.\-]+")
_NOT_WORDS = re.compile(r"\(#\d+\)|\bADRs?[ _:#-]*\d+", re.IGNORECASE)
# A file's ending says which language it is in and nothing of what it is about.
_ENDINGS = frozenset(
    "py go rs ts tsx js jsx mjs rb java kt cs cpp hpp php swift scala md mdx rst proto json yml"
    " yaml sql html erb css scss toml txt sh svg lock cfg ini xml".split()
)


def words_of_subject(subject: str) -> list[str]:
    """Return the distinct words of a commit's subject, in order."""
    words = terms_of(_NOT_WORDS.sub(" ", subject))
    return list(dict.fromkeys(words))[:MOST_WORDS_OF_SUBJECT]


def words_of_paths(paths: Iterable[str]) -> Counter[str]:
    """Return the words of some paths, each with the number of paths that hold it."""
    return Counter(word for path in paths for word in words_of_path(path))


@lru_cache(maxsize=20_000)
def words_of_path(path: str) -> tuple[str, ...]:
    """Return the distinct words of one path, in order."""
    words = terms_of(_BETWEEN.sub(" ", path))
    return tuple(dict.fromkeys(word for word in words if word not in _ENDINGS))

"""Where names occur as words: one name in the work tree, or thousands in a commit."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from bicameral.grounding.git import Git
from bicameral.grounding.language_table import language_of
from bicameral.grounding.repository import Repository

MOST_FILES_PER_NAME = 20
MOST_FILES_AT_ONCE = 500
_WORD = re.compile(rb"[\w\x80-\xff]+")


def files_with(git: Git, name: str, *, most_files: int) -> tuple[str, ...]:
    """Return the tracked files that hold a name as a whole word in the work tree.

    None for a name that is not printable ASCII, or that is in more than `most_files` files:
    it names nothing in particular.
    """
    if not (name.strip() and name.isascii() and name.isprintable()):
        return ()
    options = ("--files-with-matches", "--word-regexp", "--fixed-strings", "--full-name")
    answer = git.ask("grep", *options, "-z", "-I", "--no-color", "-e", name, expected=(0, 1))
    paths = sorted(os.fsdecode(path) for path in answer.output.split(b"\0") if path)
    return tuple(paths) if len(paths) <= most_files else ()


def occurrences(
    repository: Repository, commit: str, names: Iterable[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return, per name, the files of code at a commit that hold its longest word.

    Each file is read once, however many names there are. A name whose word is in more than
    `MOST_FILES_PER_NAME` files names nothing in particular: left out.
    """
    words = {name: max(_words(os.fsencode(name)), key=len, default=b"") for name in names}
    wanted = set(words.values()) - {b""}
    found: defaultdict[bytes, list[str]] = defaultdict(list)
    for path, content in _code_at(repository, commit) if wanted else ():
        for word in wanted.intersection(_words(content)):
            found[word].append(path)
    return {
        name: tuple(sorted(found[word]))
        for name, word in words.items()
        if 0 < len(found[word]) <= MOST_FILES_PER_NAME
    }


def _words(content: bytes) -> list[bytes]:
    return _WORD.findall(content)


def _code_at(repository: Repository, commit: str) -> Iterator[tuple[str, bytes]]:
    paths = [path for path in repository.tracked_paths() if language_of(path)]
    for start in range(0, len(paths), MOST_FILES_AT_ONCE):
        some = repository.read_files(commit, paths[start : start + MOST_FILES_AT_ONCE])
        yield from ((path, content) for path, content in some.items() if content)

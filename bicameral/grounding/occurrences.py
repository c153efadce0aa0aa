"""Where names occur in the tracked files: one question to git for thousands of names."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bicameral.grounding.git import Git

MOST_FILES_PER_NAME = 20
MOST_NAMES_AT_ONCE = 2_000
# As if nobody had configured anything: what git adds to a line would be taken for the name.
_OPTIONS = (
    *("--only-matching", "-z", "-I", "--full-name", "--word-regexp", "--fixed-strings"),
    *("--no-color", "--no-line-number", "--no-column"),
)


def occurrences(
    git: Git, names: Iterable[str], *, most_files: int = MOST_FILES_PER_NAME
) -> Mapping[str, tuple[str, ...]]:
    """Return, per name, the tracked files that hold it as a whole word.

    A name in more than `most_files` files names nothing in particular: left out.
    """
    wanted = sorted({n for n in names if n.strip() and n.isascii() and n.isprintable()})
    found: defaultdict[str, set[str]] = defaultdict(set)
    for start in range(0, len(wanted), MOST_NAMES_AT_ONCE):
        for path, name in _matches(git, wanted[start : start + MOST_NAMES_AT_ONCE]):
            found[name].add(path)
    return {name: tuple(sorted(paths)) for name, paths in found.items() if len(paths) <= most_files}


def _matches(git: Git, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    patterns = "\n".join(names).encode("ascii")
    answer = git.ask(*("grep", *_OPTIONS, "-f", "-"), standard_input=patterns, expected=(0, 1))
    for line in answer.output.split(b"\n"):
        path, _, name = line.partition(b"\0")
        if name:
            yield os.fsdecode(path), name.decode("ascii")

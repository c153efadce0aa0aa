"""The past as a question sees it: which commits cite decisions near paths, or in which words.

A snapshot in memory, bounded by what the store hands out; questions of it are pure.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from bicameral.grounding.file_kinds import is_document, is_test
from bicameral.grounding.history.store import Kept
from bicameral.grounding.history.words import words_of_subject

Words = Mapping[str, tuple[int, int]]
"""Per word, in how many subjects and in how many commits' paths it was."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of past commits.

    `citing` are those that name decisions, `silent` the newest that name none and changed
    code; `sizes` how broad each of these was, sorted.
    """

    commit_count: int
    newest: int
    citing: Mapping[int, Kept]
    silent: Sequence[Kept]
    sizes: Sequence[int]
    by_place: Mapping[str, Sequence[int]]
    by_word: Mapping[str, Sequence[int]]
    place_counts: Mapping[int, tuple[int, int]]


def past_of(citing: Sequence[Kept], recent: Sequence[Kept], *, commit_count: int) -> Past:
    """Return the snapshot of some commits, each newest first."""
    by_place: defaultdict[str, list[int]] = defaultdict(list)
    by_word: defaultdict[str, list[int]] = defaultdict(list)
    counts: dict[int, tuple[int, int]] = {}
    for commit in citing:
        folders = folders_of(commit.paths)
        counts[commit.number] = (len(commit.paths), len(folders))
        for place in (*commit.paths, *folders):
            by_place[place].append(commit.number)
        for word in words_of_subject(commit.subject):
            by_word[word].append(commit.number)
    silent = [each for each in recent if not each.names and _changed_code(each)]
    return Past(
        commit_count=commit_count,
        newest=max((each.number for each in (*citing[:1], *recent[:1])), default=0),
        citing={each.number: each for each in citing},
        silent=silent,
        sizes=sorted(_breadth(each.paths) for each in silent),
        by_place=dict(by_place),
        by_word=dict(by_word),
        place_counts=counts,
    )


def _changed_code(commit: Kept) -> bool:
    return not all(map(is_document, commit.paths))


def _breadth(paths: Iterable[str]) -> int:
    """Return how many files of a change are no tests: what is tested more is not broader."""
    return sum(not is_test(path) for path in paths)


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that hold some paths, each with a `/` at its end; not the root."""
    return frozenset(
        f"{folder}/" for path in paths if (folder := path.rstrip("/").rpartition("/")[0])
    )


def nearness(past: Past, paths: Iterable[str]) -> dict[int, float]:
    """Return how near each citing commit was to some paths: 0 to 1, far ones left out.

    The cosine of the two sets of files, or of their folders, whichever is more.
    """
    files = frozenset(paths)
    folders = folders_of(files)
    shared: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
    for kind, places in enumerate((files, folders)):
        for place in places:
            for number in past.by_place.get(place, ()):
                shared[number][kind] += 1
    asked = (len(files), len(folders))
    return {
        number: max(
            common[kind] / sqrt(asked[kind] * past.place_counts[number][kind])
            for kind in (0, 1)
            if common[kind]
        )
        for number, common in shared.items()
    }


def breadth(past: Past, paths: Sequence[str]) -> float:
    """Return the share of the silent commits that were less broad; even ones count half."""
    if not past.sizes or not paths:
        return 0.5
    broad = _breadth(paths)
    fewer = bisect_left(past.sizes, broad)
    even = bisect_right(past.sizes, broad) - fewer
    return (fewer + even / 2) / len(past.sizes)

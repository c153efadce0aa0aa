"""References between drafts, resolved within one set of them.

By relative path; by the same file name where a folder has moved; by number within the same
folder; by file stem. What fits two drafts, or another series, stays unresolved and is reported.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote

from bicameral.intake.draft import DecisionDraft, Reference, Unresolved
from bicameral.intake.markup import LINK, ROLE, RST_LINK, WIKI_LINK

_NUMBER = re.compile(r"^(?:(.*\S)[\s-])??([A-Za-zА-я№é.]{0,14}?)[-_ #]{0,2}(\d{1,6})$")
_OWN_SERIES = frozenset(
    {"", "adr", "adrs", "decision", "decisions", "record", "entscheidung", "№", "no."}
)
_BLOB = re.compile(r"^https?://[^/]+/[^/]+/[^/]+/(?:-/)?(?:blob|tree)/[^/]+/(.+)$")
_SERIES_OF_NAME = re.compile(r"^([a-z]{1,6})[-_ ]?\d", re.IGNORECASE)
_SUFFIXES = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".txt")


def link(
    drafts: Sequence[DecisionDraft],
) -> tuple[tuple[DecisionDraft, ...], tuple[Unresolved, ...]]:
    """Return the drafts with their references' targets set, and what could not be resolved."""
    index = _Index(drafts)
    linked: list[DecisionDraft] = []
    unresolved: list[Unresolved] = []
    for draft in drafts:
        both: list[tuple[Reference, ...]] = []
        for references in (draft.supersedes, draft.superseded_by):
            resolved = [index.resolve(reference, draft) for reference in references]
            both.append(tuple(reference for reference, _ in resolved))
            unresolved += [Unresolved(draft.source_ref, ref, why) for ref, why in resolved if why]
        linked.append(replace(draft, supersedes=both[0], superseded_by=both[1]))
    return tuple(linked), tuple(unresolved)


class _Index:
    """The drafts by path, file name and number in a folder."""

    def __init__(self, drafts: Iterable[DecisionDraft]) -> None:
        self._paths: dict[str, str] = {}
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_number: defaultdict[tuple[str, int], list[DecisionDraft]] = defaultdict(list)
        for draft in drafts:
            self._paths[draft.source_ref] = draft.source_ref
            self._by_name[_stem(draft.source_ref)].append(draft.source_ref)
            if draft.number.isdigit():
                folder = posixpath.dirname(draft.source_ref)
                self._by_number[folder, int(draft.number)].append(draft)

    def resolve(self, reference: Reference, origin: DecisionDraft) -> tuple[Reference, str]:
        """Return the reference with its target, and "" or the reason why it has none."""
        fitting, reason = self._fitting(reference.text, origin)
        if len(fitting) == 1 and fitting[0] != origin.source_ref:
            return replace(reference, target=fitting[0]), ""
        if origin.source_ref in fitting and len(fitting) == 1:
            reason = "it names itself"
        elif fitting:
            reason = "it fits more than one: " + ", ".join(sorted(fitting)[:5])
        return replace(reference, target=""), reason

    def _fitting(self, text: str, origin: DecisionDraft) -> tuple[list[str], str]:
        target = _target(text)
        is_route = "://" not in target and target.strip("/").rpartition("/")[2].isdigit()
        if target and not is_route:
            return self._by_target(target, origin), "no record that was read has that path"
        words = target.strip("/").rpartition("/")[2] or text.strip().strip("[]")
        return self._by_words(words, origin)

    def _by_target(self, target: str, origin: DecisionDraft) -> list[str]:
        blob = _BLOB.match(target)
        if "://" in target and not blob:
            return []
        folder = posixpath.dirname(origin.source_ref)
        path = blob[1] if blob else posixpath.normpath(posixpath.join(folder, target))
        for candidate in (path.lstrip("/"), *(path.lstrip("/") + suffix for suffix in _SUFFIXES)):
            if candidate in self._paths:
                return [candidate]
        # A folder that moved keeps its files' names; a number alone may have been given anew.
        return self._by_name.get(_stem(path), [])

    def _by_words(self, words: str, origin: DecisionDraft) -> tuple[list[str], str]:
        if named := self._by_name.get(_stem(words)):
            return named, ""
        found = _NUMBER.match(words)
        if not found:
            return [], "it names no record"
        before, series, digits = (part or "" for part in found.groups())
        if before and before.casefold() not in _OWN_SERIES:
            return [], "it is of another series"
        if "#" in words:
            return [], "it may be the number of an issue"
        return self._by_digits(
            series.casefold(), digits, origin
        ), "no record in its folder has that number"

    def _by_digits(self, series: str, digits: str, origin: DecisionDraft) -> list[str]:
        folder = posixpath.dirname(origin.source_ref)
        same = [d for d in self._by_number.get((folder, int(digits)), []) if d is not origin]
        same = [d for d in same if series in _OWN_SERIES or _series(d.source_ref) == series]
        exact = [d for d in same if d.number == digits]
        return [draft.source_ref for draft in (exact if len(exact) == 1 else same)]


def _target(text: str) -> str:
    """Return where a written link points to, "" when it is no link."""
    for pattern, group in ((LINK, 2), (RST_LINK, 2), (ROLE, 1), (WIKI_LINK, 1)):
        if found := pattern.match(text):
            inner = found[group]
            if pattern is ROLE and (named := re.search(r"<([^<>]+)>", inner)):
                inner = named[1]
            return unquote(inner).partition("#")[0].partition("?")[0].strip()
    return text if text.endswith(_SUFFIXES) and " " not in text else ""


def _stem(path: str) -> str:
    name = posixpath.basename(path.partition("#")[0]).casefold()
    return next((name.removesuffix(s) for s in _SUFFIXES if name.endswith(s)), name)


def _series(path: str) -> str:
    found = _SERIES_OF_NAME.match(posixpath.basename(path))
    return found[1].casefold() if found else ""

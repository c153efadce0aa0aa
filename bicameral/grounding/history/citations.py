"""Which decision a text means: by its record's file, or by its number where that is certain.

A name is a key that text and decisions share. Numbers repeat, belong to another series
("agent-kit ADR-0005"), or name a ticket ("[#ADR-030]"); such a number names nothing here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from bicameral.grounding.history.log import PastCommit
from bicameral.grounding.index.citations import Citation

_NUMBERED = re.compile(
    r"(?P<before>\[#|[\w./'\u2019-]+ )?\bADRs?(?:[ _:#-]|-No\.? ?){0,2}0*(?P<number>\d{1,4})(?!\d)",
    re.IGNORECASE,
)
# `agent-kit ADR-5`, `owner/name ADR-5` and `witan's ADR-5` speak of records kept elsewhere.
_FOREIGN = re.compile(r"[-/]|['\u2019]s $")
_FILE = re.compile(r"[\w.-]{4,200}")
_DOCUMENT = re.compile(r"\.(?:md|mdx|markdown|rst|adoc|asciidoc|txt)$", re.IGNORECASE)
_OWN_NUMBER = re.compile(r"^(?:adr[-_ ]?)?0*(\d{1,4})(?!\d)", re.IGNORECASE)
# Without a file's ending, only what begins as a record's file does: `0005-use-x`, `adr-5-use-x`.
# Else ids of tickets and commits would name records, in half of the commits of some repositories.
_RECORD_WORD = re.compile(r"(?:[a-z]{1,8}[-_]?)?\d{1,8}[-_](?=.*[a-z]{2})", re.IGNORECASE)
# A short stem, or one that many folders have, is a word like any other.
_SHORTEST_STEM = 8
_RECORD_FOLDERS = frozenset({"adr", "adrs", "decision", "decisions", "decision-records"})
_GENERIC_STEMS = frozenset({"readme", "index", "template", "changelog", "decisions", "overview"})


def names_cited(commit: PastCommit) -> frozenset[str]:
    """Return the names of the decisions that a commit's message or changed paths mean."""
    records = filter(_looks_like_record, commit.paths)
    changed = (name for path in records for name in _document_names(path))
    message = f"{commit.subject}\n{commit.body}"
    return frozenset([*changed, *names_in(message)])


def names_in(text: str) -> Iterator[str]:
    """Yield the names in a text, whether any decision has them or not."""
    for found in _NUMBERED.finditer(text):
        before = found["before"] or ""
        if before != "[#" and not _FOREIGN.search(before):
            yield f"number {int(found['number'])}"
    for word in _FILE.findall(text):
        if any(mark.isdigit() for mark in word):
            yield from _document_names(word, is_bare=bool(_RECORD_WORD.match(word)))


def names_of_comment(citation: Citation) -> tuple[str, ...]:
    """Return the names that a comment's citation has; a bare "decision 5" has none."""
    if citation.kind == "adr":
        return (f"number {citation.number}",)
    return names_of(citation.reference) if citation.kind == "path" else ()


def names_of_comments(citations: Mapping[str, Sequence[Citation]]) -> tuple[str, ...]:
    """Return the names that the comments of some files cite, each once."""
    found = (
        name for cited in citations.values() for each in cited for name in names_of_comment(each)
    )
    return tuple(dict.fromkeys(found))


def _looks_like_record(path: str) -> bool:
    *folders, name = path.lower().split("/")
    return bool(_OWN_NUMBER.match(name)) or not _RECORD_FOLDERS.isdisjoint(folders)


def _document_names(path: str, *, is_bare: bool = False) -> Iterator[str]:
    stem, ending, _ = _DOCUMENT.sub("\0", path.rpartition("/")[2]).partition("\0")
    is_telling = len(stem) >= _SHORTEST_STEM and stem.lower() not in _GENERIC_STEMS
    if (ending or is_bare) and is_telling:
        yield f"file {stem.lower()}"


def names_of(source_ref: str) -> tuple[str, ...]:
    """Return the names that the record at a path has: its file's, and its number's."""
    path = source_ref.partition("#")[0]
    number = _OWN_NUMBER.match(path.rpartition("/")[2])
    numbered = (f"number {int(number[1])}",) if number else ()
    return (*_document_names(path), *numbered)


def by_name(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the decision that each name means; `sources` holds source refs by decision.

    A name that several decisions have means none of them.
    """
    held: defaultdict[str, set[str]] = defaultdict(set)
    for decision_id, source_ref in sources.items():
        for name in names_of(source_ref):
            held[name].add(decision_id)
    return {name: next(iter(ids)) for name, ids in held.items() if len(ids) == 1}


def resolve(names: Iterable[str], meant: Mapping[str, str]) -> frozenset[str]:
    """Return the decisions that some names mean."""
    return frozenset(meant[name] for name in names if name in meant)

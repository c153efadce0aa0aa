"""The way in: one document's text, or the documents under a root, become decision drafts.

Every document either gives drafts or is reported as skipped with the reason.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from bicameral.errors import IngestRefused
from bicameral.intake.adr import read_adr
from bicameral.intake.document import Document, take_apart
from bicameral.intake.draft import DecisionDraft, Reading, Skipped, Unresolved
from bicameral.intake.files import LARGEST_DOCUMENT, MOST_DOCUMENTS, collect
from bicameral.intake.links import link
from bicameral.intake.minutes import MOST_DECISIONS, read_minutes
from bicameral.intake.shape import kind_of


def read_document(path: str, text: str) -> Reading:
    """Read one document; `path` is repository-relative, with `/`. References are not resolved.

    What kind of document it is follows from its shape and place. Texts of more than
    `LARGEST_DOCUMENT` characters are skipped.
    """
    if len(text) > LARGEST_DOCUMENT:
        return _skip(path, f"is longer than {LARGEST_DOCUMENT} characters")
    if not text.strip("\ufeff \t\r\n"):
        return _skip(path, "is empty")
    document = take_apart(path, text)
    kind = kind_of(document)
    if kind == "template":
        return _skip(path, "is a template")
    if kind == "index":
        return _skip(path, "is an index")
    return _read_adr(document) if kind == "adr" else _read_plain(document)


def read_paths(
    root: Path,
    patterns: Iterable[str],
    *,
    largest_document: int = LARGEST_DOCUMENT,
    most_documents: int = MOST_DOCUMENTS,
) -> Reading:
    """Read the documents that the patterns name under `root`, with references resolved.

    Patterns, limits and errors are those of `files.collect`.
    """
    texts, skipped = collect(
        root, patterns, largest_document=largest_document, most_documents=most_documents
    )
    readings = [read_document(found.path, found.text) for found in texts]
    drafts, unresolved = link([draft for reading in readings for draft in reading.drafts])
    if unresolved:
        drafts, unresolved = _link_with_neighbours(root, drafts, unresolved)
    skipped += [skip for reading in readings for skip in reading.skipped]
    return Reading(drafts, tuple(skipped), unresolved)


def _link_with_neighbours(
    root: Path, drafts: Sequence[DecisionDraft], unresolved: Sequence[Unresolved]
) -> tuple[tuple[DecisionDraft, ...], tuple[Unresolved, ...]]:
    """Resolve references to records that lie beside those asked for; only those are returned."""
    own = {draft.source_ref for draft in drafts}
    folders = {str(PurePosixPath(each.source_ref.partition("#")[0]).parent) for each in unresolved}
    try:
        texts, _ = collect(root, sorted(folders))
    except IngestRefused:  # too many beside them: what was asked for goes on unlinked
        return tuple(drafts), tuple(unresolved)
    beside = [draft for text in texts for draft in read_document(text.path, text.text).drafts]
    linked, still_open = link([*drafts, *(each for each in beside if each.source_ref not in own)])
    return (
        tuple(each for each in linked if each.source_ref in own),
        tuple(each for each in still_open if each.source_ref in own),
    )


def _skip(path: str, reason: str) -> Reading:
    return Reading(skipped=(Skipped(path, reason),))


def _read_adr(document: Document) -> Reading:
    draft = read_adr(document)
    if not draft.description:
        return _skip(document.path, "has no text")
    return Reading(drafts=(draft,))


def _read_plain(document: Document) -> Reading:
    drafts, left_out = read_minutes(document)
    if not drafts:
        return _skip(document.path, "states no decision")
    if left_out:
        reason = f"holds {left_out} decisions beyond the first {MOST_DECISIONS}"
        return Reading(drafts, (Skipped(document.path, reason),))
    return Reading(drafts)

"""What a record says it supersedes, and what superseded it, wherever it says so.

Head, status and links are read freely; running text only where a sentence says it of the
record itself, since prose speaks of replacing many other things.
"""

import re
from collections.abc import Iterator

from bicameral.intake.document import Document
from bicameral.intake.draft import Reference
from bicameral.intake.markup import plain, without_bullet
from bicameral.intake.supersession import (
    Supersession,
    find_supersession,
    is_partial,
    join,
    references_in,
)
from bicameral.intake.vocabulary import Role, role_of

_OF_ITSELF = re.compile(
    r"^(?:(?:this|the)\s(?:adr|decision|record|document)\s)?(?:partially\s|partly\s)?"
    r"(?:supersedes|supercedes|replaces)\s"
    r"|^(?:partially\s|partly\s)?(?:super[sc]ee?ded|replaced|deprecated)\s(?:by|in favou?r of)\s"
    r"|^dies(?:e|er|es)\s(?:adr|entscheidung)\sersetzt\s"
    r"|^cette\sd[ée]cision\sremplace\s|^esta\sdecisi[óo]n\s(?:reemplaza|sustituye)\s",
    re.IGNORECASE,
)
_FRONT_SUPERSEDES = ("supersedes", "replaces", "supercedes", "obsoletes")
_FRONT_SUPERSEDED_BY = (
    "superseded_by", "superseded-by", "supersededby", "superseded by", "replaced_by", "replaced-by",
)  # fmt: skip


def read_lineage(document: Document) -> Supersession:
    """Return every supersession that a record states about itself."""
    return join(
        [
            *_from_front_matter(document),
            *_from_fields(document),
            *_from_sections(document),
        ]
    )


def _from_sections(document: Document) -> Iterator[Supersession]:
    for index, section in enumerate(document.outline.sections):
        role = document.roles[index]
        if role == "options":
            continue
        for line in _statements(document, index):
            yield _from_line(line, role, index in {0, document.title})
        if role in {"supersedes", "superseded_by"} and role_of(section.title) == role:
            body = "\n".join(line for _, line in document.outline.body(section))
            yield _as(role, body, partial=is_partial(section.title))


def _statements(document: Document, index: int) -> Iterator[str]:
    section = document.outline.sections[index]
    for _, line in document.outline.body(section):
        if line.strip():
            yield without_bullet(line)


def _from_line(line: str, role: Role, in_head: bool) -> Supersession:
    if role == "status":
        return find_supersession(line, words_count=True)
    itself = bool(_OF_ITSELF.match(plain(line[:400])))
    if itself or role == "links" or in_head:
        # In the head fields are read as fields; here only sentences with a reference count.
        return find_supersession(line, words_count=False)
    return Supersession()


def _from_front_matter(document: Document) -> Iterator[Supersession]:
    front = document.front
    for value in front.all(*_FRONT_SUPERSEDES):
        yield _as("supersedes", value)
    for value in front.all(*_FRONT_SUPERSEDED_BY):
        yield _as("superseded_by", value)
    yield find_supersession(front.first("status"), words_count=True)


def _from_fields(document: Document) -> Iterator[Supersession]:
    for field in document.head_fields():
        if field.role in {"supersedes", "superseded_by"}:
            yield _as(field.role, field.value, partial=is_partial(f"{field.name} {field.value}"))
        elif field.role == "status":
            yield find_supersession(field.value, words_count=True)


def _as(role: Role, value: str, *, partial: bool = False) -> Supersession:
    references: tuple[Reference, ...] = references_in(value, partial=partial or is_partial(value))
    if role == "supersedes":
        return Supersession(supersedes=references)
    return Supersession(superseded_by=references)

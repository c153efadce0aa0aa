"""The reference of what is written, made from the registry; its first lines are written by hand.

Everything behind the mark on the page is made, so that page and registry cannot differ.
"""

from collections.abc import Iterable, Iterator, Sequence

from bicameral.govern.kinds import TRANSMISSIONS, Field, Kind
from bicameral.govern.registry import Registry
from bicameral.govern.sensitivity import MEANINGS

PAGE = "docs/reference/events.md"
MARK = "<!-- Made from the registry from here on. -->"


def events_page(page: str, registry: Registry) -> str:
    """Return the page with what stands behind its mark made anew."""
    head, _, _ = page.partition(MARK)
    return "\n".join((f"{head}{MARK}", "", *_body(registry))) + "\n"


def _body(registry: Registry) -> Iterator[str]:
    yield from ("## Classes", "", "| class | what such a field can reveal |", "|---|---|")
    yield from (f"| {name} | {meaning} |" for name, meaning in MEANINGS.items())
    yield from ("", "## What may leave", "", "| word | what it means |", "|---|---|")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in TRANSMISSIONS.items())
    yield from ("", "## All kinds", "")
    yield from ("| kind | file | most it can reveal | may leave | kept |", "|---|---|---|---|---|")
    yield from map(_summary, registry)
    for file, kinds in registry.by_file().items():
        if shared := _shared(kinds):
            yield from ("", f"## Every row of {file}", "", *_table(shared))
    shared_in = {file: _shared(kinds) for file, kinds in registry.by_file().items()}
    for kind in registry:
        yield from _section(kind, shared_in.get(kind.file or "", ()))


def _summary(kind: Kind) -> str:
    cells = (
        f"[{kind.id}](#{kind.id})",
        f"`{kind.file}`" if kind.file else "not in the home",
        kind.sensitivity,
        f"`{kind.transmission}`",
        f"`{kind.retention.kind}`: {kind.retention.reason}" if kind.retention else "not kept here",
    )
    return f"| {' | '.join(cells)} |"


def _section(kind: Kind, shared: Sequence[Field]) -> Iterator[str]:
    yield from ("", f"## {kind.id}", "", *kind.description.replace(". ", ".\n").split("\n"))
    own = [field for field in kind.fields if field not in shared]
    if shared and not own:
        yield "It has the fields of every row, and no others."
    yield f"It is written by `{kind.owner}`, and has a [schema](schemas/{kind.id}.json)."
    if own:
        yield from ("", *_table(own))


def _shared(kinds: Sequence[Kind]) -> tuple[Field, ...]:
    """Return the fields that all kinds of one file have; none where it has one kind."""
    first, *others = kinds
    return tuple(each for each in first.fields if others and all(each in o.fields for o in others))


def _table(fields: Iterable[Field]) -> Iterator[str]:
    yield from ("| field | class | what it is |", "|---|---|---|")
    for field in fields:
        for place, each in field.walk():
            yield f"| `{place}` | {each.sensitivity} | {each.meaning} |"

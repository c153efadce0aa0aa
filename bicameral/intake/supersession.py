"""Supersession as it is written: `Superseded by [12](0012-x.md)`, `Replaces ADR-3 and 4`.

A reference keeps its own words; what it points to is found later, within the set of drafts.
A part superseded (`partially superseded by`, `superseded by … for:`) is told from the whole.
"""

# ruff: noqa: RUF001 - the phrases are written in their own script

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bicameral.intake.draft import Reference
from bicameral.intake.markup import LINK, ROLE, RST_LINK, WIKI_LINK, normal

_PASSIVE = re.compile(
    r"(?:super[sc]ee?ded|replaced|obsoleted|deprecated|retired)(?:\s?:)?"
    r"(?:\s(?:on\s)?[\d./-]{6,10})?(?:\s(?:in part|partially|partly|entirely|fully))?"
    r"\s(?:by|with|in favou?r of)(?!\w)"
    r"|(?:ersetzt|abgelöst)\s(?:durch|von)|remplacée?\spar|(?:remplazad|reemplazad|sustituid)[oa]\spor"
    r"|substitu[ií]d[oa]\spor|(?:sostituit|superat)[oa]\sda(?:l|lla)?|замен[её]н[оа]?\s(?:на\s)?"
    r"(?!:)",
    re.IGNORECASE,
)
_PASSIVE_AROUND = re.compile(
    r"(?:被|由)(.{1,160}?)(?:取代|替代|替换|代替)"
    r"|(.{1,160}?)(?:によって|により|に)(?:置き換え|置換|廃止|上書き)"
)
_ACTIVE = re.compile(
    r"(?<!\w)(?:partially\s|partly\s)?(?:super[sc]ee?des|supercedes|replaces|obsoletes|ersetzt(?!\s(?:durch|von))"
    r"|remplace(?!\w)|reemplaza(?:\sa)?(?!\w)|sustituye(?:\sa)?|substitui(?!\w)|sostituisce|заменяет)",
    re.IGNORECASE,
)
_ACTIVE_AROUND = re.compile(
    r"^\s{0,3}(?:取代|替代|替换|代替)(.{1,160})|(.{1,160}?)を(?:置き換え|置換|廃止|上書き)"
)
_PARTIAL = re.compile(
    r"(?<!\w)(?:partially|partly|in part|(?:some )?parts? of|portions? of|sections? (?:of|\d)|only"
    r"|teilweise|zum teil|partiellement|en partie|parcialmente|en parte|em parte|parzialmente"
    r"|in parte|частично)(?!\w)|部分|一部"
)
_SENTENCE_END = re.compile(r"[.;。；](?:\s|$)|\n\s*\n")
_NUMBER = re.compile(
    r"(?:(?P<before>[\w./-]{2,40})\s)?(?<![\w/-])"
    r"(?P<label>(?:ADRs?|[a-z]{1,5}DR|RFC|OEP|decisions?|record|entscheidung|d[ée]cision|decisión"
    r"|решени[ея]|№|#)[-_ #]{0,2}\d{1,5}(?![\w/])(?!\.\d))",
    re.IGNORECASE,
)
_FURTHER = re.compile(r"(?:,|、|&|/|\band|\bund|\bet|\by|\be|и)\s*(#?\d{1,5})(?![\w/.-])")
_BARE = re.compile(r"^\s*(#?\d{1,5})(?![\w/.-])")
_FILE = re.compile(r"(?<![\w(<])[\w./-]{1,200}\.(?:md|markdown|mdx|rst|adoc|txt)(?!\w)")
_BRACKETED = re.compile(r"\[([^\[\]]{1,120})\](?![(\[])")
_NOTHING = frozenset(
    {"", "none", "n/a", "na", "-", "–", "—", "nothing", "keine", "aucun", "ninguno"}
)
_LONGEST_TAIL = 400
_LONGEST_LINE = 1_000
_MOST_REFERENCES = 50
_LONGEST_WORDS = 120
# Before a number these say nothing of another series; any other word does ("agent-kit ADR-0005").
_ORDINARY = frozenset(
    "the this that our an a and or by with of in to previous prior earlier old original older "
    "former also both see via new newer later entirely fully partially from durch von par por da "
    "und et y e the: adr decision record на и на:".split()
)


@dataclass(frozen=True, slots=True)
class Supersession:
    """What a text says it supersedes, and what it says it is superseded by."""

    supersedes: tuple[Reference, ...] = ()
    superseded_by: tuple[Reference, ...] = ()


def join(found: Iterable[Supersession]) -> Supersession:
    """Join findings; the same words are kept once, and no more than a record can mean."""
    each = list(found)
    return Supersession(
        _once(tuple(reference for one in each for reference in one.supersedes)),
        _once(tuple(reference for one in each for reference in one.superseded_by)),
    )


def find_supersession(line: str, *, words_count: bool) -> Supersession:
    """Read one line; with `words_count`, plain words after a phrase are a reference too."""
    line = line[:_LONGEST_LINE].replace("**", "").replace("__", "")
    around = _PASSIVE_AROUND.search(line), _ACTIVE_AROUND.search(line)
    passive = _tails(_PASSIVE, line)
    active = _tails(_ACTIVE, line)
    if around[0]:
        passive = [(line, around[0][1] or around[0][2])]
    elif around[1]:
        active = [(line, around[1][1] or around[1][2])]
    return Supersession(
        _references(active, words_count=words_count), _references(passive, words_count=words_count)
    )


def references_in(
    text: str, *, partial: bool = False, words_count: bool = True
) -> tuple[Reference, ...]:
    """Return the decisions that a value names (`ADR-3 and 4`, links, file names)."""
    said = "\n".join(_cut_sentence(line)[0] for line in text.split("\n"))
    return tuple(Reference(found, partial=partial) for found in _named(said, words_count))


def active_part(line: str) -> str:
    """Return a line without `supersedes X` clauses, which say nothing of its own state."""
    found = _ACTIVE.search(line)
    if not found or _PASSIVE.search(line[: found.start()]):
        return line
    return line[: found.start()] + _cut_sentence(line[found.end() :])[1]


def is_partial(text: str) -> bool:
    """Tell whether a statement of supersession covers only a part."""
    return bool(_PARTIAL.search(normal(text)))


def whole_passive(line: str) -> bool:
    """Tell whether a line says that the whole decision was superseded by something."""
    found = _PASSIVE.search(line) or _PASSIVE_AROUND.search(line)
    return bool(found) and not _covers_part(line, line[found.end() :] if found else "")


def _covers_part(clause: str, tail: str) -> bool:
    return is_partial(clause) or bool(
        re.search(r"\bfor\s*:?\s*$", tail.rstrip("*_ \n"), re.IGNORECASE)
    )


def _tails(phrase: re.Pattern[str], line: str) -> list[tuple[str, str]]:
    """Return (clause, what follows the phrase) for each time it occurs."""
    found = list(phrase.finditer(line))
    stops = [*(later.start() for later in found[1:]), len(line)][: len(found)]
    tails = []
    for mark, stop in zip(found, stops, strict=True):
        tail, _ = _cut_sentence(line[mark.end() : min(stop, mark.end() + _LONGEST_TAIL)])
        tails.append((line[max(0, mark.start() - 60) : mark.end()] + tail, tail))
    return tails


def _cut_sentence(text: str) -> tuple[str, str]:
    end = _SENTENCE_END.search(text)
    return (text[: end.start()], text[end.end() :]) if end else (text, "")


def _references(tails: list[tuple[str, str]], *, words_count: bool) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for clause, tail in tails:
        found.extend(
            references_in(tail, partial=_covers_part(clause, tail), words_count=words_count)
        )
    return _once(tuple(found))


def _named(text: str, words_count: bool) -> Iterator[str]:
    """Yield the references of a text; links first, since their words often repeat a number."""
    rest = text
    count = 0
    for pattern in (LINK, RST_LINK, ROLE, WIKI_LINK, _FILE):
        for found in pattern.finditer(rest):
            count += 1
            yield found[0].strip()
        rest = pattern.sub(" ", rest)
    for bracketed in _BRACKETED.findall(rest):
        rest += f" {bracketed}"
    for label in _numbers(rest):
        count += 1
        yield label
    words = " ".join(text.strip(" .:()\n").split())
    if (
        words_count
        and count == 0
        and normal(words) not in _NOTHING
        and len(words) <= _LONGEST_WORDS
    ):
        yield words


def _numbers(text: str) -> Iterator[str]:
    if bare := _BARE.match(text):
        yield bare[1]
    for found in _NUMBER.finditer(text):
        before = (found["before"] or "").casefold()
        foreign = before and before not in _ORDINARY and not before.isdigit()
        yield found[0].strip() if foreign else found["label"].strip()
    if bare or _NUMBER.search(text):
        yield from _FURTHER.findall(text)


def _once(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    return tuple(dict.fromkeys(references))[:_MOST_REFERENCES]

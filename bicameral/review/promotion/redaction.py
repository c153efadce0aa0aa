"""Redaction: texts cut to what is needed, findings answered, and the finished row scanned again.

The last scan reads the bytes that would be written, so nothing that an edit put together,
and nothing that two fields make between them, gets past it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from bicameral.errors import PromotionRefused
from bicameral.review.dataset import EvalRow, row_id
from bicameral.review.promotion.answers import Answers
from bicameral.review.promotion.findings import Finding
from bicameral.review.promotion.placeholders import Placeholders
from bicameral.review.promotion.scanning import Scanner, related_words
from bicameral.review.promotion.texts import is_path, texts_of, with_texts

LIMITS = {
    "topic": 8_000,
    "note": 2_000,
    "title": 300,
    "description": 1_500,
    "rationale": 1_000,
    "feature_group": 120,
}
"""How many characters of a text a row takes at most; longer ones are cut between sentences."""
SERIALISED = "the serialised row"
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Scanned:
    """A draft with its texts cut, by place, and what was found in them."""

    row: EvalRow
    texts: Mapping[str, str]
    findings: tuple[Finding, ...]
    related: frozenset[str]

    def text_of(self, finding: Finding) -> str:
        """Return the text that a finding stands in."""
        return self.texts[finding.place]

    def beside(self, finding: Finding) -> list[Finding]:
        """Return the findings of the same text, itself included."""
        return [each for each in self.findings if each.place == finding.place]


def scan_draft(draft: EvalRow, scanner: Scanner) -> Scanned:
    """Scan the whole texts of a draft and then cut them, so that a cut hides no secret."""
    texts = texts_of(draft)
    findings = scanner.scan(texts)
    cut = {place: text[: _cut(place, text, findings)].rstrip() for place, text in texts.items()}
    kept = tuple(each for each in findings if each.end <= len(cut[each.place]))
    return Scanned(with_texts(draft, cut), cut, kept, related_words(cut, kept))


def redact(scanned: Scanned, answers: Answers) -> EvalRow:
    """Return the row with every answer carried out, under the id of its content.

    A finding without an answer gets what is proposed, or is replaced.
    """
    placeholders = Placeholders()
    texts = {
        place: _redacted(place, text, scanned.findings, answers, placeholders)
        for place, text in scanned.texts.items()
    }
    row = with_texts(scanned.row, texts)
    return msgspec.structs.replace(row, id=row_id(row))


def serialise(row: EvalRow) -> bytes:
    """Return the row as its line, without the newline."""
    return msgspec.json.encode(row)


def check_finished(line: bytes, scanned: Scanned, answers: Answers, scanner: Scanner) -> None:
    """Scan the bytes that would be written; raises `PromotionRefused` for anything left."""
    left = leftovers(line, scanned, answers, scanner)
    if left:
        raise refusal("the finished row still has", left)


def leftovers(line: bytes, scanned: Scanned, answers: Answers, scanner: Scanner) -> list[Finding]:
    """Return what is found in a line that nobody has kept with a reason."""
    row = msgspec.json.decode(line, type=EvalRow)
    kept = _kept(scanned.findings, answers)
    found = scanner.scan(texts_of(row), related=scanned.related)
    flat = _flat(line.decode("utf-8"), row.id)
    whole = scanner.scan({SERIALISED: flat})
    everywhere = {text for texts in kept.values() for text in texts}
    left = [each for each in found if not _is_kept(each, kept.get(each.place, ()))]
    return left or [each for each in whole if not _is_kept(each, everywhere)]


def refusal(what: str, findings: Sequence[Finding]) -> PromotionRefused:
    """Return the refusal that names kind and place of each finding, and none of their texts."""
    named = [f"{each.kind} in {each.place} ({each.id})" for each in findings]
    count = f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"
    return PromotionRefused(
        f"{what} {count}: {', '.join(named)}",
        next_step="answer each with --resolve FINDING=replace, =generalise or ='keep:REASON', "
        "or all that are certain with --resolve all=replace",
    )


def _redacted(
    place: str,
    text: str,
    findings: Iterable[Finding],
    answers: Answers,
    placeholders: Placeholders,
) -> str:
    pieces, position = [], 0
    for finding in (each for each in findings if each.place == place):
        answer = answers.answer_to(finding)
        action = answer.action if answer else finding.proposed or "replace"
        if action == "keep":
            continue
        given = placeholders.give(
            finding,
            action,
            in_path=is_path(place),
            at_end=not re.search(r"[/\\]", text[finding.end :]),
        )
        pieces += [text[position : finding.start], given]
        position = finding.end
    return "".join([*pieces, text[position:]])


def _cut(place: str, text: str, findings: Iterable[Finding]) -> int:
    """Return where to cut a text: at the end of a sentence, else of a word, never in a finding."""
    limit = LIMITS.get(place.rpartition(".")[2])
    if limit is None or len(text) <= limit:
        return len(text)
    ends = [found.end() for found in _SENTENCE_END.finditer(text[: limit + 1])]
    at = ends[-1] if ends and ends[-1] >= limit * _LEAST_SHARE else text.rfind(" ", 0, limit + 1)
    at = at if at > 0 else limit
    crossed = [
        each.start for each in findings if each.place == place and each.start < at < each.end
    ]
    return min([at, *crossed])


def _kept(findings: Iterable[Finding], answers: Answers) -> dict[str, set[str]]:
    kept: dict[str, set[str]] = {}
    for finding in findings:
        answer = answers.answer_to(finding)
        if answer is not None and answer.action == "keep":
            kept.setdefault(finding.place, set()).add(finding.text)
    return kept


def _is_kept(finding: Finding, kept: Iterable[str]) -> bool:
    return not finding.is_secret and any(finding.text in text for text in kept)


def _flat(line: str, own_id: str) -> str:
    """Return a line of JSON as one text, with its escapes resolved and without its own id."""
    without_id = line.replace(f'"{own_id}"', '""', 1)
    resolved = {'\\"': '"', "\\n": "\n", "\\\\": "\\"}
    return re.sub(r"\\[\"n\\]", lambda found: resolved[found[0]], without_id)

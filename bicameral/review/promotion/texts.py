"""The texts of a row by their places, taken out of it and put back.

Places read like the row: `topic`, `file_paths[0]`, `decisions[d1].title`, `note`.
"""

import re
from collections.abc import Mapping

import msgspec

from bicameral.review.dataset import Asked, EvalRow, SeedDecision

_PROSE = ("title", "description", "rationale", "feature_group")
_PATH = re.compile(r"(?:^|\.)(?:file_)?paths\[\d+\]$")


def is_path(place: str) -> bool:
    """Tell whether the text at a place is a path."""
    return _PATH.search(place) is not None


def texts_of(row: EvalRow) -> dict[str, str]:
    """Return the texts of a row that people wrote, by their places; empty ones are left out."""
    texts = {"topic": row.topic, "note": row.note, **_numbered("file_paths", row.file_paths)}
    for number, asked in enumerate(row.before):
        texts[f"before[{number}].topic"] = asked.topic
        texts |= _numbered(f"before[{number}].file_paths", asked.file_paths)
    for decision in row.decisions:
        place = f"decisions[{decision.key}]"
        texts |= {f"{place}.{name}": getattr(decision, name) for name in _PROSE}
        texts |= _numbered(f"{place}.paths", decision.paths)
    return {place: text for place, text in texts.items() if text}


def with_texts(row: EvalRow, texts: Mapping[str, str]) -> EvalRow:
    """Return the row with these texts at their places."""
    return msgspec.structs.replace(
        row,
        topic=texts.get("topic", ""),
        note=texts.get("note", ""),
        file_paths=_listed("file_paths", row.file_paths, texts),
        before=[_asked(number, each, texts) for number, each in enumerate(row.before)],
        decisions=[_decision(each, texts) for each in row.decisions],
    )


def _numbered(place: str, texts: list[str]) -> dict[str, str]:
    return {f"{place}[{number}]": text for number, text in enumerate(texts)}


def _listed(place: str, old: list[str], texts: Mapping[str, str]) -> list[str]:
    listed = [texts.get(f"{place}[{number}]", "") for number in range(len(old))]
    return list(dict.fromkeys(text for text in listed if text))


def _asked(number: int, asked: Asked, texts: Mapping[str, str]) -> Asked:
    place = f"before[{number}]"
    return Asked(
        topic=texts.get(f"{place}.topic", ""),
        file_paths=_listed(f"{place}.file_paths", asked.file_paths, texts),
    )


def _decision(decision: SeedDecision, texts: Mapping[str, str]) -> SeedDecision:
    place = f"decisions[{decision.key}]"
    prose = {name: texts.get(f"{place}.{name}", "") for name in _PROSE}
    paths = _listed(f"{place}.paths", decision.paths, texts)
    return msgspec.structs.replace(decision, **prose, paths=paths)

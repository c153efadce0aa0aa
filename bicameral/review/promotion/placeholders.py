"""Placeholders: what stands in a row for what was taken out of it, the same for the same text.

Their forms are set aside for this, so the scan of a finished row passes over them. Addresses
come from the ranges that the standards keep for documentation (RFC 2606, 5737 and 3849).
"""

import re
from dataclasses import dataclass, field

from bicameral.review.promotion.findings import KINDS, Action, Finding
from bicameral.review.promotion.segments import extension_of

SECRET = "[secret]"  # noqa: S105 - it says that there was one
_STEMS = "|".join(sorted({kind.stem for kind in KINDS.values()} | {"dir", "file"}))
_PLACEHOLDER = re.compile(
    r"\[secret\]"
    r"|(?<![\w@.-])person-\d{1,4}@mail\.example(?![\w-])"
    r"|(?<![\w-])https://host-\d{1,4}\.example/?(?![\w-])"
    r"|(?<![\w@.-])host-\d{1,4}\.example(?![\w-])"
    r"|(?<![\w.])192\.0\.2\.\d{1,3}(?![\w])"
    rf"|(?<![\w@.-])(?:{_STEMS})-\d{{1,4}}(?![\w-])"
)
# No detector goes by it, and no form of a secret can go across it.
_FILLER = ";"
_MOST_ADDRESSES = 254


def blanked(text: str) -> str:
    """Return a text of the same length without its placeholders."""
    return _PLACEHOLDER.sub(lambda found: _FILLER * len(found[0]), text)


@dataclass(slots=True)
class Placeholders:
    """Gives each text of a row its placeholder, and the same one whenever it comes again."""

    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def give(self, finding: Finding, action: Action, *, in_path: bool, at_end: bool) -> str:
        """Return what to put in place; in a path it has to be a segment, too."""
        if in_path:
            return self._numbered("file" if at_end else "dir", finding.text)
        if finding.is_secret:
            return SECRET
        if action == "generalise" and (general := self._generalised(finding)):
            return general
        placeholder = self._numbered(KINDS[finding.kind].stem, finding.text)
        return _completed(finding.kind, placeholder)

    def _generalised(self, finding: Finding) -> str:
        """Return the text with its form kept and its content gone, where its kind allows that."""
        match finding.kind:
            case "number":
                return "1" + "0" * (len(finding.text) - 1)
            case "absolute_path" | "home_folder":
                name = re.split(r"[\\/]", finding.text)[-1]
                return f"/{self._numbered('path', finding.text)}{extension_of(name)}"
            case "url":
                return f"https://{self._numbered('host', finding.text)}.example/"
            case "ip_address":
                number = int(self._numbered("address", finding.text).rpartition("-")[2])
                return f"192.0.2.{number}" if number <= _MOST_ADDRESSES else ""
            case _:
                return ""

    def _numbered(self, stem: str, text: str) -> str:
        key = (stem, text.casefold())
        if key not in self._numbers:
            self._numbers[key] = self._counts[stem] = self._counts.get(stem, 0) + 1
        return f"{stem}-{self._numbers[key]}"


def _completed(kind: str, placeholder: str) -> str:
    return {"email": f"{placeholder}@mail.example", "host": f"{placeholder}.example"}.get(
        kind, placeholder
    )

"""Places: any path from a root, home, remote or address on the web, whoever's it is.

Wider than what promotion looks for, which knows public places and those kept for examples:
in a line that leaves the machine no place has any business at all.
"""

import re
from collections.abc import Iterator

from bicameral.govern.detection.spans import Span

_END = r"[^\s\"'<>`,;)\]]"
_FORMS = {
    "url": re.compile(rf"(?i)\b[a-z][a-z0-9+.-]*:/{{1,3}}{_END}+"),
    "remote": re.compile(rf"(?<![\w.-])[\w.-]+@[\w.-]+:{_END}+"),
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "home_folder": re.compile(
        rf"(?i)~[\w.-]*[\\/]{_END}*|%\w+%(?:[\\/]{_END}*)?|\$\{{?\w+\}}?[\\/]{_END}*"
        rf"|(?<![\w.-])(?:home|users)[\\/]+[^\s\\/]+{_END}*"
    ),
    "absolute_path": re.compile(
        rf"(?<![\w.~:/\\-])/+[^\s\"'<>`,;)\]/]{_END}*"
        rf"|(?<![A-Za-z0-9])[A-Za-z]:[\\/]+{_END}*"
        rf"|\\\\+{_END}+"
    ),
}


def find_places(text: str) -> Iterator[Span]:
    """Yield every place that a text names."""
    for kind, form in _FORMS.items():
        for found in form.finditer(text):
            yield Span(found.start(), found.end(), kind)

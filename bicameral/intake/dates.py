"""Calendar dates as people write them, in the languages of the vocabulary.

An ambiguous date (03/04/2021) or one without its day gives nothing: a guess would be
indistinguishable from a fact.
"""

# ruff: noqa: RUF001 - month names are written in their own script

import re
from collections.abc import Iterator
from datetime import date

from bicameral.intake.markup import normal

_MONTHS = """
1 january jan januar janvier janv enero janeiro gennaio января январь
2 february feb februar fevrier fevr febrero fevereiro febbraio февраля февраль
3 march mar marz mars marzo marco марта март
4 april apr avril avr abril aprile апреля апрель
5 may mai mayo maio maggio мая май
6 june jun juni juin junio junho giugno июня июнь
7 july jul juli juillet juil julio julho luglio июля июль
8 august aug aout agosto августа август
9 september sep sept septembre septiembre setembro settembre сентября сентябрь
10 october oct oktober okt octobre octubre outubro ottobre октября октябрь
11 november nov novembre noviembre novembro ноября ноябрь
12 december dec dezember dez decembre diciembre dezembro dicembre декабря декабрь
"""
_MONTH_OF = {
    normal(name): int(number)
    for number, *names in map(str.split, _MONTHS.strip().splitlines())
    for name in names
}
_EARLIEST, _LATEST = 1970, 2100
_DATE = re.compile(
    r"(?<![a-zа-я\d.])(?:"  # not inside a version such as v1.10.22
    r"(?P<y1>\d{4})([-/.])(?P<m1>\d{1,2})\2(?P<d1>\d{1,2})(?!\d)"
    r"|(?P<y2>\d{4})\s?年\s?(?P<m2>\d{1,2})\s?月\s?(?P<d2>\d{1,2})\s?日"
    r"|(?P<y6>(?:19|20)\d{2})(?P<m6>\d{2})(?P<d6>\d{2})(?!\d)"
    r"|(?P<y7>\d{4}),?\s(?P<n7>[^\W\d_]{3,12})\s(?P<d7>\d{1,2})(?!\d)"
    r"|(?P<a>\d{1,2})(?P<mark>[-/.])(?P<b>\d{1,2})(?P=mark)(?P<y3>\d{4}|\d{2})(?!\d)"
    r"|(?P<d4>\d{1,2})(?:st|nd|rd|th|er|o|\.)?[\s-](?:of |de |di )?(?P<n4>[^\W\d_]{3,12})\.?,?"
    r"[\s-](?:de |di )?(?P<y4>\d{4})(?!\d)"
    r")"
    r"|(?<!\w)(?P<n5>[^\W\d_]{3,12})\.?\s(?P<d5>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<y5>\d{4})(?!\d)"
)
_COMPACT = re.compile(r"^(\d{4})-?(\d{2})-?(\d{2})(?!\d)")


def find_dates(text: str) -> Iterator[date]:
    """Yield the whole, unambiguous dates of a text in order."""
    for found in _DATE.finditer(normal(text)):
        made = _from_match(found)
        if made:
            yield made


def find_date(text: str) -> date | None:
    """Return the first whole, unambiguous date of a text."""
    return next(find_dates(text), None)


def date_in_name(stem: str) -> date | None:
    """Return the date a file name begins with (`20240102-…`, `2024-01-02-…`), if any."""
    found = _COMPACT.match(stem)
    return _make(*map(int, found.groups())) if found else None


def _from_match(found: re.Match[str]) -> date | None:
    part = found.groupdict()
    if part["y3"]:
        return _day_and_month(int(part["a"]), int(part["b"]), part["y3"], part["mark"])
    form = next(form for form in "124567" if part.get("y" + form))
    named = part.get("n" + form)
    month = _MONTH_OF.get(named, 0) if named else int(part["m" + form])
    return _make(int(part["y" + form]), month, int(part["d" + form]))


def _day_and_month(first: int, second: int, year: str, mark: str) -> date | None:
    """Read `14.11.2022` and `6/19/24`; with dots the day is first, else only one order may fit."""
    full_year = int(year) + (2000 if len(year) == 2 else 0)  # noqa: PLR2004 - digits of a short year
    day_first = _make(full_year, second, first)
    if mark == ".":
        return day_first
    month_first = _make(full_year, first, second)
    if day_first and month_first:
        return day_first if day_first == month_first else None
    return day_first or month_first


def _make(year: int, month: int, day: int) -> date | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None

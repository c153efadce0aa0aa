"""Personal data by its form: mail, telephone, cards, accounts, and what identifies a machine.

A form with check digits counts only when they are right, so that a number is not a card.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from bicameral.govern.detection.spans import Span

_AT = r"(?:@|%40|\s?[\[({]\s?at\s?[\])}]\s?)"
_DOT = r"(?:\.|\s?[\[({]\s?dot\s?[\])}]\s?)"
_EMAIL = re.compile(
    rf"(?i)(?<![\w.+-])[\w.!#$%&'*+/=?^`{{|}}~-]{{0,80}}[\w+]{_AT}(?:[\w-]{{1,63}}{_DOT}){{1,8}}[a-z]{{2,24}}(?![\w-])"
    rf"|(?<![\w.+-])[\w.+-]{{0,80}}[\w+]{_AT}\[?\d{{1,3}}(?:\.\d{{1,3}}){{3}}\]?"
)
_CARD = re.compile(r"(?<![\w.])[2-6]\d{3}(?:[ -]?\d{2,6}){2,4}(?![\w.]\d|\w)")
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?(?!\w)")
_PHONE = re.compile(
    r"(?<![\w.+/-])(?:"
    r"\+\d{1,3}(?:[ ./-]?\(?\d{1,5}\)?){2,6}"
    r"|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}"
    r"|0\d{2,5}[ /-]\d{3,5}(?:[ /-]?\d{2,5}){0,3}"
    r")(?![\w-])"
)
_NATIONAL = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])|\b[A-CEGHJ-PR-TW-Z]{2}\d{6}[A-D]\b")
_MAC = re.compile(
    r"(?i)(?<![\w:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}"
    r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:-])"
)
_NUMBER = re.compile(r"(?<![\w.])\d{7,}(?![\w.]\d|\w)")
_CARD_DIGITS = range(13, 20)
_PHONE_DIGITS = range(9, 16)
_IBAN_LENGTHS = range(15, 35)
_SIGNIFICANT_DIGITS = 5
_LUHN_TOP = 9


def find_personal(text: str) -> Iterator[Span]:
    """Yield what has the form of personal data."""
    for kind, (form, holds) in _CHECKED.items():
        for found in form.finditer(text):
            if holds(found[0]):
                yield Span(found.start(), found.end(), kind)


def passes_luhn(digits: str) -> bool:
    """Tell whether the check digit of a card's number is right (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - _LUHN_TOP if doubled > _LUHN_TOP else doubled
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Tell whether the check digits of an account's number are right (ISO 13616, mod 97)."""
    bare = text.replace(" ", "").upper()
    if len(bare) not in _IBAN_LENGTHS:
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1


def _is_card(text: str) -> bool:
    digits = _digits(text)
    return len(digits) in _CARD_DIGITS and len(set(digits)) > 1 and passes_luhn(digits)


def _is_phone(text: str) -> bool:
    return len(_digits(text)) in _PHONE_DIGITS


def _is_long_number(text: str) -> bool:
    """Tell whether a number says more than a limit or a size would."""
    number = int(text)
    is_power = number & (number - 1) == 0 or number & (number + 1) == 0
    halved = (number + 1) // 2
    is_signed_limit = halved & (halved - 1) == 0
    return not (is_power or is_signed_limit) and len(text.rstrip("0")) >= _SIGNIFICANT_DIGITS


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _always(_text: str) -> bool:
    return True


_CHECKED: Mapping[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "email": (_EMAIL, _always),
    "card_number": (_CARD, _is_card),
    "iban": (_IBAN, is_iban),
    "phone": (_PHONE, _is_phone),
    "national_id": (_NATIONAL, _always),
    "mac_address": (_MAC, _always),
    "number": (_NUMBER, _is_long_number),
}

"""Secrets by their form: what capture looks for in raw mode, and what promotion adds to it.

A row of a data set is shared, so forms here may be wider than those that capture can afford.
"""

import re
from collections.abc import Iterator
from functools import cache

from bicameral.capture.secrets import forms
from bicameral.govern.detection.ordinary_words import is_ordinary
from bicameral.govern.detection.spans import Span

_FORMS = {
    "private_key": (
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        r".*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)"
        r"|PuTTY-User-Key-File-\d.*\Z|\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"
    ),
    "aws_access_key": r"(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA)"
    r"[A-Z0-9]{16}(?![A-Za-z0-9])",
    "aws_secret_key": r"(?i)\baws.{0,24}?(?:secret|key).{0,24}?(?<![A-Za-z0-9/+])"
    r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
    "github_token": r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{20,})",
    "mailgun_key": r"\b(?:key|pubkey)-[0-9a-f]{32}\b|\b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b",
    "mailchimp_key": r"\b[0-9a-f]{32}-us\d{1,2}\b",
    "heroku_key": r"\bHRKU-[A-Za-z0-9_-]{20,}"
    r"|(?i:\bheroku.{0,32}?)\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "azure_signature": r"[?&;](?:sig|sv|se|sp)=[^\s\"'<>]*\bsig=[A-Za-z0-9%+/=_-]{20,}[^\s\"'<>]*"
    r"|\bsig=[A-Za-z0-9%+/=_-]{20,}",
    "azure_client_secret": r"(?<![A-Za-z0-9])[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}",
    "gcp_service_account": r"\"private_key(?:_id)?\"\s*:\s*\"[^\"]{16,}\"?",
    "square_token": r"\bsq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,}|\bEAAA[A-Za-z0-9_-]{56,}",
    "databricks_token": r"\bdapi[0-9a-f]{32}(?:-\d)?\b",
    "doppler_token": r"\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.-]{20,}",
    "linear_key": r"\blin_(?:api|oauth)_[A-Za-z0-9]{30,}",
    "notion_token": r"\b(?:secret_[A-Za-z0-9]{40,}|ntn_[A-Za-z0-9]{40,})",
    "discord_token": r"\b[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    "telegram_token": r"\b\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
    "twilio_key": r"(?<![A-Za-z0-9])(?:SK|AC)[a-f0-9]{32}(?![A-Za-z0-9])",
    "new_relic_key": r"\bNR(?:AK|JS|II|RA)-[A-Za-z0-9]{20,}",
    "sentry_token": r"\bsntry[su]_[A-Za-z0-9_=+/-]{20,}",
    "grafana_token": r"\bgl(?:sa|c)_[A-Za-z0-9_=+/-]{20,}",
    "postman_key": r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b",
    "atlassian_token": r"\bATATT3[A-Za-z0-9_=-]{20,}",
    "rubygems_key": r"\brubygems_[0-9a-f]{48}\b",
    "terraform_token": r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{20,}",
    "planetscale_token": r"\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{20,}",
    "openai_key": r"(?<![A-Za-z0-9])sk-(?:proj-|svcacct-|admin-|or-v1-)[A-Za-z0-9_-]{16,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
    "url_credentials": r"(?i)\b[a-z][a-z0-9+.-]{1,20}:/{1,3}[^\s/?#@\"'<>]*:[^\s/@\"'<>]+@"
    r"[^\s\"'<>]*"
    r"|\b[a-z][a-z0-9+.-]{1,20}:/{1,3}[A-Za-z0-9_-]{16,}@[^\s\"'<>]*",
    "authorization": r"(?i)\b(?:bearer|basic|digest|apikey)\s+(?P<value>[A-Za-z0-9._~+/-]{6,}=*)",
    "assigned_secret": (
        r"(?i)(?<![\w.\[-])[\w.-]*(?P<name>passw(?:or)?d|passphrase|passwd|pwd|secret|token"
        r"|api[_-]?key|private[_-]?key|access[_-]?key|account[_-]?key|client[_-]?key"
        r"|credentials?)[\w.-]*[\"'`]?\s*(?P<sign>=>|:=|[=:]|\bis\b)\s*[\"'`]?"
        r"(?P<value>[^\s\"'`,;]{4,})(?P<ends>[\"'`]?\s*$)?"
    ),
}
_SPOKEN = frozenset({"authorization", "assigned_secret"})
# Forms of capture's that plain words can have; the ones above tell them from secrets.
_REPLACED = frozenset({"authorization", "assigned_secret", "openai_key"})
_NOT_LITERAL = re.compile(r"[.(\[{<$%]")
_NO_VALUES = frozenset("false nil none null optional required string true undefined".split())
_LONGEST_WORD = 14
_MOST_HUMPS = 5
# `uint32`, `sha256`: a type or a method, with its size.
_TYPE = re.compile(r"(?<=[a-z])\d{1,3}(?![A-Za-z0-9])")
_SHORT_NUMBER = re.compile(r"\d{1,5}|0x[0-9a-fA-F]{1,4}")
_VOWELS_IN = 5


def find_secrets(text: str) -> Iterator[Span]:
    """Yield what has the form of a secret."""
    for kind, form in _all_forms():
        for found in form.finditer(text):
            if kind not in _SPOKEN or not _is_speech(found):
                yield Span(found.start(), found.end(), kind, is_secret=True)


def is_speech(text: str) -> bool:
    """Tell whether a text is made of words alone, as a sentence about secrets is."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", text) if word]
    return all(_is_word(word) or _SHORT_NUMBER.fullmatch(word) for word in words)


@cache
def _all_forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    flags = re.DOTALL | re.MULTILINE
    own = [(kind, re.compile(form, flags)) for kind, form in _FORMS.items()]
    captured = [(kind, form) for kind, form in forms().items() if kind not in _REPLACED]
    captured.append(("openai_key", re.compile(r"(?<![A-Za-z0-9])sk-[A-Za-z0-9]{20,}")))
    return (*own, *captured)


def _is_speech(found: re.Match[str]) -> bool:
    """Tell whether a match is talk of secrets (`the token is opaque`, `basic checks`)."""
    parts = found.groupdict()
    value = parts["value"].strip(".,:;!?*_")
    if _NOT_LITERAL.search(value):
        return is_speech(_TYPE.sub("", value))
    if not is_speech(value):
        return False
    said_before = found.string[found.start() : found.start("value")].lower()
    if value.lower() in _NO_VALUES or value.lower() in said_before:
        return True
    if _SHORT_NUMBER.fullmatch(value):
        return not (parts.get("name") or "").lower().startswith(("pass", "pwd"))
    # `password=sunshine` is a word, and a password all the same.
    is_assigned = parts.get("sign", "is") in {"=", ":=", "=>"}
    return not (is_assigned or (parts.get("sign") == ":" and parts.get("ends") is not None))


def _is_word(word: str) -> bool:
    if not word.isalpha():
        return False
    if not (word.islower() or word.istitle() or word.isupper()):
        humps = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", word)
        return len(humps) <= _MOST_HUMPS and all(_is_word(hump) for hump in humps if hump[1:])
    return is_ordinary(word) or (len(word) <= _LONGEST_WORD and _has_vowels(word))


def _has_vowels(word: str) -> bool:
    return sum(char in "aeiouy" for char in word.lower()) * _VOWELS_IN >= len(word)

"""Secrets in text: found by their shape and replaced before anything is stored in raw mode.

Each kind has the form its issuer documents. A secret is replaced whole, never shown in part;
what only looks random is replaced too, for a missed secret costs more than a lost word.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

_SHORTEST_RANDOM = 24
_RANDOM_BITS_PER_CHARACTER = 3.8

_FORMS = {
    "private_key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    "aws_access_key": r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b",
    "github_token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})\b",
    "gitlab_token": r"\bgl(?:pat|ptt|dt|rt|oas|soat|cbt|agent)-[A-Za-z0-9_-]{20,}",
    "slack_token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "slack_webhook": r"https://hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/_-]+",
    "discord_webhook": r"https://discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]+",
    "stripe_key": r"\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9]{16,}",
    "openai_key": r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}",
    "anthropic_key": r"\bsk-ant-[A-Za-z0-9_-]{20,}",
    "google_key": r"\bAIza[A-Za-z0-9_-]{35}",
    "google_oauth": r"\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{20,}",
    "azure_key": r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/=]{20,}",
    "npm_token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "pypi_token": r"\bpypi-[A-Za-z0-9_-]{16,}",
    "docker_token": r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}",
    "hugging_face_token": r"\bhf_[A-Za-z0-9]{30,}\b",
    "digitalocean_token": r"\bdo[opr]_v1_[a-f0-9]{64}\b",
    "sendgrid_key": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "twilio_key": r"\b(?:SK|AC)[a-f0-9]{32}\b",
    "telegram_token": r"\b\d{8,10}:AA[A-Za-z0-9_-]{30,}",
    "shopify_token": r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b",
    "vault_token": r"\bhv[bsr]\.[A-Za-z0-9_-]{20,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    "url_credentials": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]*:[^\s/@]+@[^\s]+",
    "authorization": r"(?i)\b(?:bearer|basic|token)\s+[A-Za-z0-9._~+/-]{16,}=*",
    "assigned_secret": (
        # Not behind a bracket: that is the mark that an earlier form left.
        r"(?i)(?<!\[)\b[\w.-]*(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|private[_-]?key"
        r"|access[_-]?key|credential)[\w.-]*\s*[=:]\s*[\"']?[^\s\"',;]{6,}"
    ),
}
_RUN = re.compile(rf"[A-Za-z0-9+/_=-]{{{_SHORTEST_RANDOM},}}")


@cache
def forms() -> Mapping[str, re.Pattern[str]]:
    """Return the form of each kind of secret; compiled at first use, for few ever need them."""
    return MappingProxyType({kind: re.compile(form, re.DOTALL) for kind, form in _FORMS.items()})


def without_secrets(text: str) -> str:
    """Return the text with every secret found replaced by `[secret: its kind]`."""
    for kind, form in forms().items():
        text = form.sub(f"[secret: {kind}]", text)
    return _RUN.sub(_unless_word, text)


def _unless_word(found: re.Match[str]) -> str:
    return "[secret: random]" if looks_random(found[0]) else found[0]


def looks_random(run: str) -> bool:
    """Return whether a run of characters is more likely made by a machine than by a person.

    Words and paths have few digits and little entropy (Shannon's, in bits a character).
    """
    if not (re.search(r"\d", run) and re.search(r"[A-Za-z]", run)):
        return False
    counts = Counter(run)
    bits = -sum(n / len(run) * math.log2(n / len(run)) for n in counts.values())
    digits = sum(char.isdigit() for char in run)
    return bits >= _RANDOM_BITS_PER_CHARACTER and digits >= len(run) // 10

"""Flags on text that tries to instruct an agent instead of stating a decision.

A flag is a reason for a person to look, not a verdict: decisions say "must" all the time, so
only text that speaks to a model, hides, or imitates the protocol is flagged.
"""

# ruff: noqa: RUF001 - the phrases are written in their own script

import re
import unicodedata
from collections.abc import Iterator, Mapping

from bicameral.intake.blocks import Markup, comments
from bicameral.intake.draft import Flag

MOST_FLAGS = 20
_LONGEST_EXCERPT = 200
_AROUND = 40

_INVISIBLE = re.compile(
    "[\u200b\u2060\u2061-\u2064\u180e\ufeff\u00ad]+|[\u202a-\u202e\u2066-\u2069]+"
    "|(?<=[A-Za-z])[\u200c\u200d]+(?=[A-Za-z])"
    # Tag characters spell the regions of a black flag; anywhere else they hide text.
    "|(?<!\U0001f3f4)(?<![\U000e0000-\U000e007f])[\U000e0000-\U000e007f]+"
)
_DROPPED = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)

_SIGNS: Mapping[str, tuple[str, str]] = {
    "override": (
        "tells the reader to set earlier instructions aside",
        (
            r"\b(?:ignore|disregard|forget|override|bypass)\s"
            r"(?:(?:all|any|the|your|these|those|of|every)\s){0,3}"
            r"(?:previous|prior|above|earlier|preceding|system|safety|other|initial|original)\s"
            r"(?:\w{1,15}\s)?(?:instructions?|prompts?|rules|directions|directives|guidelines"
            r"|guardrails)\b"
            r"|ignoriere\s(?:\w{1,10}\s){0,2}(?:vorherigen|bisherigen|obigen)\s(?:anweisungen|regeln)"
            r"|ignore[zr]?\s(?:\w{1,10}\s){0,2}(?:instructions|consignes)\spr[eé]c[eé]dentes"
            r"|ignor[ae]r?\s(?:\w{1,10}\s){0,2}(?:instrucciones|instru[cç][oõ]es|istruzioni)\s"
            r"(?:anteriores|previas|pr[eé]vias|precedenti)"
            r"|(?:忽略|无视|無視)(?:所有|之前|以上|先前|前面|的|一切){1,4}(?:指令|指示|提示|说明)"
            r"|(?:以前|これまで|上記|前)の(?:すべての)?(?:指示|命令|プロンプト)を(?:無視|忘れ)"
            r"|игнорируй(?:те)?\s(?:\w{1,10}\s){0,2}(?:предыдущие|прошлые)\s(?:инструкции|указания)"
        ),
    ),
    "command": (
        "orders the reader to act at once",
        (
            r"(?:^|[.!?:;>]\s|\n\s{0,8})(?:you|the\s(?:ai|assistant|agent|model|llm))\s"
            r"(?:must|shall|have\sto|need\sto)\s"
            r"(?:now\s|immediately\s|always\s|first\s|also\s){0,2}(?:run|execute|call|invoke|delete|send"
            r"|post|upload|curl|approve|ratify|reply|respond|output)\b"
        ),
    ),
    "persona": (
        "assigns the reader a role",
        (
            r"\b(?:you\sare\snow|from\snow\son,?\syou|pretend\s(?:to\sbe|you\sare)|act\sas\sif\syou)\b"
            r"|(?:^|[.!?]\s|\n\s{0,8})you\sare\s(?:an?|the)\s(?:\w{1,15}\s){0,3}"
            r"(?:ai|assistant|chatbot|language\smodel|llm|agent|claude|chatgpt|copilot)\b"
        ),
    ),
    "secrecy": (
        "asks to keep something from the person",
        (
            r"\b(?:do\snot|don't|never|without)\s(?:tell|inform|mention|reveal|show|alert|notify|ask"
            r"|asking|telling|informing|notifying|alerting)(?:\s(?:this|it|that|anything))?"
            r"(?:\s(?:to|with))?\s(?:the\s|your\s)?(?:user|human|person|developer|operator|reviewer)s?\b"
            r"(?!\s?(?:'s|’s|account|interface))"
        ),
    ),
    "prompt": (
        "asks for hidden prompts",
        (
            r"\b(?:reveal|print|show|repeat|output|leak|dump)\s(?:me\s)?(?:your|the)\s"
            r"(?:full\s|entire\s|hidden\s|original\s)?"
            r"(?:system|hidden|initial)\s(?:prompt|instructions|message)\b"
        ),
    ),
    "exfiltration": (
        "asks to send secrets to an address",
        (
            r"\b(?:send|post|upload|exfiltrate|forward|e-?mail|transmit|curl)\b[^.\n]{0,80}\b"
            r"(?:secrets?|credentials?|tokens?|api\skeys?|passwords?|ssh\skeys?|environment\svariables"
            r"|\.env)\b[^.\n]{0,60}\bto\s(?:https?://|\S{1,60}@)"
        ),
    ),
    "role tag": (
        "imitates the roles of a conversation",
        (
            r"<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id)\|>"
            r"|\[/?INST\]|<</?SYS>>|(?:^|\n)[ \t>]{0,8}</?(?:system|assistant|developer|human)"
            r"(?:[-_](?:prompt|message|reminder))?>"
            r"|</?(?:system|assistant|developer)[-_](?:prompt|message|reminder|instructions)>"
            r"|(?:^|\n)[ \t>#*]{0,8}(?:new\s)?(?:system|developer)\s"
            r"(?:prompt|message|instruction)s?\*{0,2}:"
        ),
    ),
    "tool call": (
        "imitates a tool call",
        (
            r"</?(?:\w{1,12}:)?(?:function_calls?|tool_calls?|tool_use|tool_result|invoke"
            r"|parameter\sname)\b[^<>]{0,100}>"
            r"|\"(?:tool_calls|function_call)\"\s?:\s?[\[{]"
            r"|\{\s?\"name\"\s?:\s?\"[\w.-]{1,60}\"\s?,\s?\"(?:arguments|input|parameters)\"\s?:\s?\{"
        ),
    ),
}
_PATTERNS = tuple(
    (kind, reason, re.compile(pattern, re.IGNORECASE)) for kind, (reason, pattern) in _SIGNS.items()
)
_SPACES = re.compile(r"[^\S\n]+")
_EMPHASIS = re.compile(r"[*`]{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=[^\W_])_{1,3}(?!\w)")
_ADDRESSED = re.compile(
    r"\b(?:ai|llm|agents?|assistants?|claude|chatgpt|copilot|cursor|gemini|codex|language models?"
    r"|prompt|you must|ki-agent|modèle|модель|助手|エージェント)\b",
    re.IGNORECASE,
)
_IMPERATIVE = re.compile(
    r"\b(?:ignore|disregard|must|always|never|do not|don't|run|execute|call|delete|approve|ratify"
    r"|mark|reply|respond|output|send|say|treat|skip|pretend)\b|忽略|无视|無視|必须|игнорируй",
    re.IGNORECASE,
)


def find_instructions(text: str, markup: Markup) -> tuple[Flag, ...]:
    """Return what in a text may be meant for an agent, once each, at most `MOST_FLAGS`."""
    found: dict[tuple[str, str], Flag] = {}
    for flag in _flags(text, markup):
        found.setdefault((flag.kind, flag.excerpt), flag)
        if len(found) >= MOST_FLAGS:
            break
    return tuple(found.values())


def _flags(text: str, markup: Markup) -> Iterator[Flag]:
    words = _readable(text)
    for kind, reason, pattern in _PATTERNS:
        for found in pattern.finditer(words):
            yield Flag(kind, reason, _excerpt(words, found.start(), found.end()))
    for comment in comments(text.split("\n"), markup):
        if _IMPERATIVE.search(comment) and _ADDRESSED.search(comment):
            yield Flag(
                "hidden comment", "a hidden comment speaks to an agent", _excerpt(comment, 0, 0)
            )
    for hidden in _INVISIBLE.finditer(text):
        yield Flag(
            "invisible", _why_invisible(hidden[0]), _excerpt(text, hidden.start(), hidden.end())
        )


def _readable(text: str) -> str:
    """Return the text as a model would take it in: look-alikes folded, hiding undone."""
    folded = unicodedata.normalize("NFKC", _DROPPED.sub("", text))
    return _EMPHASIS.sub("", _SPACES.sub(" ", folded))


def _why_invisible(characters: str) -> str:
    if re.match("[\u202a-\u202e\u2066-\u2069]", characters):
        return "changes the direction of the text that follows"
    if characters >= "\U000e0000":
        return "holds text in invisible tag characters"
    return "holds characters of no width"


def _excerpt(text: str, start: int, end: int) -> str:
    """Return what was found with a little around it, the invisible written out."""
    near = text[max(0, start - _AROUND) : max(end + _AROUND, start + 2 * _AROUND)]
    shown = "".join(
        c if c.isprintable() or c.isspace() else c.encode("unicode_escape").decode() for c in near
    )
    return " ".join(shown.split())[:_LONGEST_EXCERPT]

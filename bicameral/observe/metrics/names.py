"""The table of everything that is counted: name, unit, meaning, and the module that counts it.

The reference page is made from it, and a test holds that each name is counted where it says.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Counter:
    """A sum that only grows; `group` is where `last_run.json` shows it, "" for nowhere else.

    `counted_in` are the modules that count it; none where no part of this version does.
    """

    name: str
    unit: Literal["times", "bytes"]
    meaning: str
    counted_in: tuple[str, ...]
    group: Literal["ast", "selector", "lsp", "file_read", ""] = ""


COUNTERS: tuple[Counter, ...] = (
    Counter(
        "ast_parse_count",
        "times",
        "a file was parsed into a syntax tree",
        ("bicameral/grounding/syntax.py",),
        "ast",
    ),
    Counter(
        "ast_cache_hit_count",
        "times",
        "the symbols of a file were known from an earlier parse of the same bytes",
        ("bicameral/grounding/cache.py",),
        "ast",
    ),
    Counter(
        "selector_resolve_count",
        "times",
        "a selector was looked up in the code",
        ("bicameral/grounding/signals.py",),
        "selector",
    ),
    Counter(
        "selector_resolve_success_count",
        "times",
        "it named exactly one thing",
        ("bicameral/grounding/signals.py",),
        "selector",
    ),
    Counter(
        "lsp_spawn_count",
        "times",
        "a language server was started",
        ("bicameral/grounding/lsp/conversations.py",),
        "lsp",
    ),
    Counter(
        "lsp_ready_count",
        "times",
        "a language server became ready to answer",
        ("bicameral/grounding/lsp/conversations.py",),
        "lsp",
    ),
    Counter(
        "lsp_timeout_count",
        "times",
        "a language server did not answer in time",
        ("bicameral/grounding/lsp/conversations.py",),
        "lsp",
    ),
    Counter(
        "lsp_fallback_count",
        "times",
        "the syntax tree answered in place of a language server",
        ("bicameral/grounding/signals.py",),
        "lsp",
    ),
    Counter(
        "file_read_skeleton_bytes_total",
        "bytes",
        "names of symbols taken from files, with their kinds and lines",
        ("bicameral/grounding/cache.py",),
        "file_read",
    ),
    Counter(
        "file_read_excerpt_bytes_total",
        "bytes",
        "spans of files that were digested",
        ("bicameral/grounding/cache.py",),
        "file_read",
    ),
    Counter(
        "file_read_raw_bytes_total",
        "bytes",
        "whole files read from the work tree or from git",
        ("bicameral/grounding/places.py", "bicameral/grounding/repository.py"),
        "file_read",
    ),
)
COUNTER_NAMES = tuple(each.name for each in COUNTERS)

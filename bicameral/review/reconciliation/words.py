"""The words and the confidence of a classification: one place, so that they agree everywhere."""

from collections.abc import Mapping

from bicameral.review.rows import EvidenceKind

USED_WORDS: Mapping[EvidenceKind, str] = {
    "engaged": "{tool} was called on it after it was shown",
    "read": "it was read again after it was shown",
    "bypassed": "a person waved it through after it was shown",
}

# A miss: how surely a row shows that the decision should have been there.
NAMED_ON_PATH = 0.9
DRIFTED_ON_PATH = 0.85
NAMED_AND_BOUND = 0.8
EDITED_WHERE_BOUND = 0.75
JOINED_ON_PATH = 0.6
NAMED_ONLY = 0.5
JOINED_BY_ORDER = 0.35
# What makes it less sure, as factors.
SHOWN_LATER = 0.5
DEALT_WITH_BEFORE = 0.7
WITHOUT_AUDIT = 0.8

# A false fire.
UNUSED_AFTER_WORK = 0.7
UNUSED_ON_OTHER_CODE = 0.8
UNUSED_WITHOUT_WORK = 0.3

# Normal.
USED_BY_NAME = 0.95
USED_BY_PATH = 0.75
HEEDED = 0.4
SILENT_WITH_WORK = 0.9
SILENT_WITHOUT_WORK = 0.6
MUTED_ON_PURPOSE = 0.95

BECAUSE_SHOWN_LATER = "a later preflight had shown it by then"
BECAUSE_DEALT_WITH = "the session had dealt with it before"
BECAUSE_WITHOUT_AUDIT = "the ledger has no audit of its beginning, so its present stands for then"
BECAUSE_BY_ORDER = "joined by order alone, for the call named no preflight and shared no path"
BECAUSE_FALLBACK = "joined by path, for the call named no preflight"

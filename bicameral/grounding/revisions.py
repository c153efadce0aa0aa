"""Refs and ranges as people write them, refused before git sees anything but a name."""

import re
from dataclasses import dataclass

from bicameral.errors import InputRefused

LONGEST_REF = 1024
_REF = re.compile(r"[^\x00-\x20\x7f:?*\[\\^~-][^\x00-\x20\x7f:?*\[\\]*")


@dataclass(frozen=True, slots=True)
class CommitRange:
    """From one commit's tree to another's: full ids; a `base` of None is the empty tree."""

    base: str | None
    tip: str


def checked_ref(ref: str) -> str:
    """Return a ref that is safe to hand to git as one commit's name.

    Refuses (`InputRefused`) options, ranges, searches, paths and control characters.
    """
    if len(ref) > LONGEST_REF or ".." in ref or "^{/" in ref or not _REF.fullmatch(ref):
        raise InputRefused(
            f"{ref[:80]!r} is not a name of one commit",
            next_step="give a branch, a tag, a commit id, or a form like HEAD~2",
        )
    return ref


def split_range(spec: str) -> tuple[str | None, str]:
    """Split `A..B` into both refs, checked; a single ref gives (None, ref).

    An end left out is HEAD, as git has it. Refuses `A...B`, which names no single base.
    """
    base, dots, tip = spec.partition("..")
    if not dots:
        return None, checked_ref(spec)
    if tip.startswith("."):
        raise InputRefused(
            f"{spec[:80]!r} has three dots, which name two tips and no base",
            next_step="write the range as BASE..TIP",
        )
    return checked_ref(base or "HEAD"), checked_ref(tip or "HEAD")

"""Where HEAD stands, without a process while nothing has moved.

A preflight asks this every time and has a few milliseconds for everything, so HEAD's
own files are compared first, and git is asked only when one of them has changed.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from bicameral.grounding.git import Git

_Fingerprint = tuple[object, ...]
_REF = b"ref: refs/"


@dataclass(frozen=True, slots=True)
class HeadState:
    """The commit of HEAD (None before the first one) and its branch (None when detached)."""

    commit: str | None
    branch: str | None


@dataclass(slots=True)
class HeadWatch:
    """Remembers the last answer beside the fingerprint that it was true for."""

    git: Git
    git_dir: Path
    common_dir: Path
    _seen: tuple[_Fingerprint, HeadState] | None = field(default=None, init=False)

    def state(self) -> HeadState:
        """Return where HEAD stands now; raises `GitFailed` when git cannot say."""
        now = self._fingerprint()
        seen = self._seen
        if seen is not None and seen[0] == now:
            return seen[1]
        state = _ask(self.git)
        # A move between the look and the question leaves the older fingerprint behind,
        # so the next look differs and asks again.
        self._seen = (now, state)
        return state

    def _fingerprint(self) -> _Fingerprint:
        head = _content(f"{self.git_dir}/HEAD")
        if not head.startswith(_REF) or b".." in head:
            return (head,)
        name = os.fsdecode(head[5:]).rstrip("\n")
        loose = _content(f"{self.common_dir}/{name}") or _content(f"{self.git_dir}/{name}")
        if loose.startswith(b"ref:"):
            # A name for another name: equal to nothing, so git is asked every time.
            return (object(),)
        return (head, loose) if loose else (head, *self._packed())

    def _packed(self) -> _Fingerprint:
        """Fingerprint what holds the refs that have no file of their own."""
        return (
            _stamp(f"{self.common_dir}/packed-refs"),
            _content(f"{self.common_dir}/reftable/tables.list"),
            _content(f"{self.git_dir}/reftable/tables.list"),
        )


def _ask(git: Git) -> HeadState:
    answer = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}", expected=(0, 1))
    commit = answer.text() if answer.status == 0 else None
    name = git.ask("symbolic-ref", "--quiet", "HEAD", expected=(0, 1)).text()
    return HeadState(commit, name.removeprefix("refs/heads/") or None)


def _content(path: str) -> bytes:
    """Return what a small file holds, b"" when it is not there."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # a Path costs as much again
            return file.read()
    except OSError:
        return b""


def _stamp(path: str) -> _Fingerprint:
    try:
        found = os.stat(path)  # noqa: PTH116  # as above
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

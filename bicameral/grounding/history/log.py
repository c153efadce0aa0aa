"""`git log` as values: what past commits said, and which paths they changed."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bicameral.grounding.repository import Repository

MOST_PATHS = 200
LONGEST_MESSAGE = 8_000
_RECORD, _FIELD = b"\x1e", b"\x1f"
_FORMAT = "%x1e%H%x1f%s%x1f%b%x1f"
_ID = re.compile(rb"[0-9a-f]{40,64}")
_OPTIONS = (
    *("log", "-z", "--no-merges", "--name-only", "--no-renames", "--no-ext-diff"),
    *("--no-textconv", "--no-mailmap", f"--format={_FORMAT}"),
)


@dataclass(frozen=True, slots=True)
class PastCommit:
    """One commit: its subject, the rest of its message, and the first `MOST_PATHS` it changed."""

    id: str
    subject: str
    body: str
    paths: tuple[str, ...]


def read_log(
    repository: Repository, tip: str, *, base: str | None = None, skip: int = 0, most: int
) -> list[PastCommit]:
    """Return up to `most` commits of a tip's history, newest first, merges left out.

    `base` leaves out its own history, `skip` the newest so many. Raises `GitFailed`.
    """
    excluded = [f"^{base}"] if base else []
    answer = repository.git.ask(
        *_OPTIONS, f"--skip={skip}", f"--max-count={most}", "--end-of-options", tip, *excluded, "--"
    )
    return list(parse_log(answer.output))


def parse_log(output: bytes) -> Iterator[PastCommit]:
    """Read the output of `git log`; what is no commit's record is passed over."""
    for record in output.split(_RECORD):
        fields = record.split(_FIELD, 3)
        if len(fields) == 4 and _ID.fullmatch(fields[0]):  # noqa: PLR2004 - as the format says
            commit_id, subject, body, names = fields
            paths = [os.fsdecode(name) for name in names.replace(b"\0\n", b"\0").split(b"\0")]
            named = [path for path in paths if path]
            yield PastCommit(
                commit_id.decode("ascii"),
                _text(subject),
                _text(body)[:LONGEST_MESSAGE],
                tuple(named[:MOST_PATHS]),
            )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\0", "").strip()

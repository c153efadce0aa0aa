"""Files of the data home that hold no registered lines, as a disclosure names them.

A file may have others beside it: locks, drafts, a database's own logs, and files that were
put aside; `base_name` tells to which file such a one belongs.
"""

import re
from dataclasses import dataclass
from typing import Literal

When = Literal["always", "by hand", "capture", "tracing", "relay"]
BESIDE = (
    "Beside a file there may be its lock and its draft, both without content of their own, "
    "a database's own logs, and files of the same that were put aside (.1 to .5)."
)
_BESIDE = re.compile(
    r"\.\d+$|-(?:wal|shm)$|\.(?:new|bicameral-new)$|(?<=^salt)\.[0-9a-f]{16}$"
    r"|(?<=reconciliation\.json)\.[0-9a-f]+$|(?<=ledger\.sqlite3)\.[\w-]+\.new$"
)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file of the data home: what it holds, the most it can reveal, when and how long.

    `file` is its name below the home, or a pattern; `most` a class of sensitivity, or words
    where classes do not fit; `kept` is empty where the policy of retention has a rule for it;
    `kinds` are the registered kinds of its lines, if it holds lines.
    """

    file: str
    holds: str
    most: str
    when: When
    kept: str = ""
    kinds: tuple[str, ...] = ()


OTHER_FILES = (
    KeptFile(
        "ledger.sqlite3",
        "the ledger: decisions, what they bind, and what people did to them",
        "S3",
        "always",
    ),
    KeptFile(
        "index/*.code.sqlite3",
        "the code index: names of files, what each imports, decisions that comments cite",
        "S2",
        "always",
    ),
    KeptFile(
        "index/*.history.sqlite3",
        "past commits: subjects, paths, decisions that they cite",
        "S3",
        "always",
    ),
    KeptFile(
        "salt",
        "32 random bytes, with which everything is hashed",
        "a secret",
        "capture",
    ),
    KeptFile(
        "spool/dead/*.json",
        "a batch that could not be read, as it was found",
        "S1",
        "relay",
    ),
    KeptFile(
        "config.toml",
        "what you chose, and a consent that you gave",
        "S1",
        "by hand",
    ),
    KeptFile(
        "*.lock",
        "nothing: it keeps two processes apart",
        "S0",
        "always",
        "until you remove it",
    ),
)


def base_name(name: str) -> str:
    """Return the file that one beside it belongs to: `ledger.sqlite3-wal` to the ledger."""
    return name if name.endswith(".lock") else _BESIDE.sub("", name)

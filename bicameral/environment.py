"""The outside world as one frozen value: variables, places, clocks, randomness.

`server.py` calls `read_environment` once and passes the result down.
Nothing else looks outside, so any run can be repeated in a test from arguments alone.
"""

import os
import stat
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from bicameral.errors import HomeUnusable

OWNER_ONLY = 0o700


@dataclass(frozen=True, slots=True)
class Environment:
    """All the engine may know of the outside.

    `home` is the data home; it need not exist: `prepare_home` makes it when something
    must be written. `variables` is a read-only copy of the process environment.
    `time_ns` is the wall clock (nanoseconds since the epoch, for stamps only),
    `monotonic_ns` measures durations. `warn` shows a line to the person (stderr), the same
    one once.
    """

    home: Path
    cwd: Path
    variables: Mapping[str, str]
    process_id: int
    time_ns: Callable[[], int]
    monotonic_ns: Callable[[], int]
    random_bytes: Callable[[int], bytes]
    warn: Callable[[str], None]

    def now(self) -> datetime:
        """Return the wall-clock time, aware, in UTC."""
        return datetime.fromtimestamp(self.time_ns() / 1e9, tz=UTC)


def read_environment() -> Environment:
    """Look outside once: the process environment, home, clocks and randomness."""
    variables = MappingProxyType(dict(os.environ))
    home = data_home(variables)
    warn = _warn_once_on_stderr()
    if is_relative_home(variables):
        warn(f"BICAMERAL_HOME is no full path, so it is taken from your home folder: {home}")
    return Environment(
        home=home,
        cwd=Path.cwd(),
        variables=variables,
        process_id=os.getpid(),
        time_ns=time.time_ns,
        monotonic_ns=time.perf_counter_ns,
        random_bytes=os.urandom,
        warn=warn,
    )


def data_home(variables: Mapping[str, str]) -> Path:
    """Return `BICAMERAL_HOME` when set and not blank, else `~/.bicameral`, absolute.

    A relative one begins at the person's home folder: each folder that a client works in
    would else get a ledger of its own, and a repository the captured rows.
    """
    chosen = variables.get("BICAMERAL_HOME", "").strip()
    return Path("~").expanduser().absolute() / Path(chosen or ".bicameral").expanduser()


def is_relative_home(variables: Mapping[str, str]) -> bool:
    """Tell whether `BICAMERAL_HOME` names a place that depends on where it is said."""
    chosen = variables.get("BICAMERAL_HOME", "").strip()
    return bool(chosen) and not Path(chosen).expanduser().is_absolute()


def prepare_home(home: Path) -> Path:
    """Create the data home for its owner alone (0700), or tighten it; return it.

    Raises `HomeUnusable` when it is not a directory or cannot be made or tightened.
    """
    try:
        home.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        # The mode given to mkdir passes through the umask and spares what already exists.
        if os.name == "posix" and stat.S_IMODE(home.stat().st_mode) != OWNER_ONLY:
            home.chmod(OWNER_ONLY)
    except OSError as error:
        raise HomeUnusable(
            f"the data home {home} cannot be used: {error.strerror or error}",
            next_step="set BICAMERAL_HOME to a directory that you can write to",
        ) from error
    return home


def _warn_once_on_stderr() -> Callable[[str], None]:
    """Return what says each line once, however many parts of a process have cause to."""
    said: set[str] = set()

    def warn(text: str) -> None:
        if text not in said:
            _write_to_stderr(text)
            said.add(text)

    return warn


def _write_to_stderr(text: str) -> None:
    if sys.stderr is None:  # a process may be started without one
        return
    sys.stderr.write(f"bicameral: {text}\n")
    sys.stderr.flush()

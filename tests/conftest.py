"""Shared parts for every test: an environment made of arguments, and real repositories."""

import functools
import itertools
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bicameral.environment import Environment
from tests.refusing.sitecustomize import environment_with_hook, install

pytest_plugins = ["tests.ledger.places"]
SECOND_NS = 1_000_000_000

# Here, and in every Python that is started from here: no test reaches another machine.
install()
os.environ.update(environment_with_hook(dict(os.environ)))

# Whoever starts the suite in the background of a script has the interrupt ignored, and every
# process started here would inherit that: tests that interrupt one would wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is, not whether a law holds.
settings.register_profile(
    "any machine",
    settings.default,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

# Whole pages, the demo and the generated sessions: some of their tests take half a minute.
LONGEST = ("test_docs.py", "test_demo.py", "generator")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: not {*item.path.parts[-2:]} & {*LONGEST})


class Clock:
    """A clock that moves only when told to: wall and monotonic time together."""

    def __init__(self, start_ns: int = 1_780_000_000 * SECOND_NS) -> None:
        self.time_now_ns = start_ns

    def __call__(self) -> int:
        return self.time_now_ns

    def advance(self, *, seconds: float) -> None:
        self.time_now_ns += int(seconds * SECOND_NS)


class Repository:
    """A real git repository under a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        own = root / ".git"
        if not own.exists():
            for path, content in made_by_init().items():
                (own / path).parent.mkdir(parents=True, exist_ok=True)
                if content is None:
                    (own / path).mkdir(exist_ok=True)
                else:
                    (own / path).write_bytes(content)
        config = own / "config"
        if not config.exists():  # a linked working copy, or a submodule
            config = root / self.git("rev-parse", "--git-path", "config")
        with config.open("a", encoding="utf-8") as file:
            file.write(GIT_SETTINGS)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, env=GIT_VARIABLES
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, path: str, text: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
        return target

    def commit(self, message: str = "change", **files: str) -> str:
        """Commit everything in the work tree; return the commit's full id."""
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


@functools.cache
def made_by_init() -> Mapping[str, bytes | None]:
    """Return what `git init` makes: its files, and its folders as None.

    Read once and written again: a process for each of some thousand repositories takes longer.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = ["git", "init", "--quiet", "--initial-branch=main", "--template="]
        subprocess.run(words, cwd=folder, check=True, capture_output=True, env=GIT_VARIABLES)
        own = Path(folder, ".git")
        return {
            str(each.relative_to(own)): each.read_bytes() if each.is_file() else None
            for each in sorted(own.rglob("*"))
        }


GIT_VARIABLES = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "LC_ALL": "C.UTF-8",
}

# Written as text: `git config` would be a process for each, in hundreds of repositories.
GIT_SETTINGS = """\
[user]
\tname = Test
\temail = test@example.invalid
[commit]
\tgpgsign = false
[core]
\tfsync = none
[gc]
\tauto = 0
"""

MakeEnvironment = Callable[..., Environment]


def environment_at(
    home: Path,
    *,
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    time_ns: Callable[[], int] | None = None,
    random_bytes: Callable[[int], bytes] = os.urandom,
    warn: Callable[[str], None] = lambda _text: None,
) -> Environment:
    """Build an environment of arguments alone: by default its time stands, and it has no words."""
    clock = time_ns or Clock()
    return Environment(
        home=home,
        cwd=cwd or home,
        variables=dict(variables or {}),
        process_id=os.getpid(),
        time_ns=clock,
        monotonic_ns=clock,
        random_bytes=random_bytes,
        warn=warn,
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def warnings_shown() -> list[str]:
    """What `Environment.warn` was given, in order."""
    return []


@pytest.fixture
def make_environment(tmp_path: Path, clock: Clock, warnings_shown: list[str]) -> MakeEnvironment:
    """Build an environment from arguments; by default a home that does not exist yet."""

    def make(
        *,
        variables: Mapping[str, str] | None = None,
        home: Path | None = None,
        cwd: Path | None = None,
        time_ns: Callable[[], int] = clock,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> Environment:
        return environment_at(
            home or tmp_path / "home",
            cwd=cwd or tmp_path,
            variables=variables,
            time_ns=time_ns,
            random_bytes=random_bytes,
            warn=warnings_shown.append,
        )

    return make


@pytest.fixture
def environment(make_environment: MakeEnvironment) -> Environment:
    return make_environment()


@pytest.fixture
def make_repository(tmp_path: Path) -> Callable[[], Repository]:
    """Make a fresh real repository at each call."""
    numbers = itertools.count(1)
    return lambda: Repository(tmp_path / f"repository{next(numbers)}")


@pytest.fixture
def repository(make_repository: Callable[[], Repository]) -> Repository:
    return make_repository()

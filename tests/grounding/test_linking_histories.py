"""Any history: after each link the ledger says of every branch what a simple model says."""

import itertools
import subprocess
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bicameral.environment import Environment
from bicameral.grounding.regions import locate
from bicameral.grounding.selectors import Selector
from bicameral.ledger.domain import MAIN, REMOVED, Decision
from tests.conftest import GIT_VARIABLES, MakeEnvironment
from tests.grounding.checkout import Checkout, Template

FILES = ("a.py", "b.py")
BRANCHES = ("main", "one", "two")
MEANINGS = ("return 1", "return 2")
FORMS = ("def f():\n    {}\n", "# f\ndef f():\n\n    {}  # so\n", "x = 0\n\n\ndef f():\n    {}\n")


def code(path: str, meaning: int, form: int) -> str:
    """Return a version of a file, most of which is the same in all and its own."""
    own = "".join(f"# line {number} of {path}\n" for number in range(20))
    return own + FORMS[form].format(MEANINGS[meaning])


DIGESTS = [
    locate(Selector("a.py", symbol="f"), code("a.py", meaning, 0).encode()).digest
    for meaning in (0, 1)
]


def homes(path: str) -> tuple[str, str]:
    """Return the two names that a file goes by; a tree has at most one of them."""
    return path, f"moved/{path}"


def home_in(tree: dict[str, str], path: str) -> str | None:
    return next((name for name in homes(path) if name in tree), None)


files, forms = st.sampled_from(FILES), st.integers(0, len(FORMS) - 1)
steps = st.one_of(
    st.tuples(st.just("edit"), files, st.integers(0, 1), forms),
    st.tuples(st.just("edit"), files, st.integers(0, 1), forms),
    st.tuples(st.just("delete"), files),
    st.tuples(st.just("rename"), files),
    st.tuples(st.just("switch"), st.sampled_from(BRANCHES)),
    st.tuples(st.just("take"), st.sampled_from(BRANCHES)),
    st.tuples(st.just("undo")),
    st.tuples(st.just("judge"), files),
    st.tuples(st.just("link")),
)

LINK = ("link",)
JUDGED = [("judge", "a.py"), ("edit", "a.py", 1, 0), LINK, ("edit", "a.py", 0, 1), LINK]
ON_ONE = [("switch", "one"), ("edit", "a.py", 1, 0)]
RENAMED_ON_ONE = [("switch", "one"), ("rename", "a.py"), ("judge", "a.py"), LINK]


@dataclass
class Model:
    """What each branch has, by path; what main was seen to have; which verdicts count where.

    `places` is where each branch was last seen to have a region: code that is gone comes
    back where it was, and code that is there is followed.
    """

    head: str = "main"
    past: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    on_main: dict[str, str] = field(default_factory=dict)
    places: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    verdicts: defaultdict[str, set[tuple[str, str]]] = field(
        default_factory=lambda: defaultdict(set)
    )

    @property
    def tree(self) -> dict[str, str]:
        return self.past[self.head][-1]

    def digests(self, branch: str) -> dict[str, str]:
        """Return the digest of each bound symbol in a branch's newest commit."""
        return {path: self._digest(branch, path) for path in FILES}

    def _digest(self, branch: str, path: str) -> str:
        place, is_there = self.place(branch, path)
        return DIGESTS["return 2" in self.past[branch][-1][place]] if is_there else REMOVED

    def place(self, branch: str, path: str) -> tuple[str, bool]:
        """Return where a branch has a region, and whether it is there."""
        place, was_there = self.places.get((branch, path)) or self.places.get(
            ("main", path), (path, True)
        )
        home = home_in(self.past[branch][-1], path)
        if home == place or (home and was_there):
            return home, True
        return place, False

    def link(self) -> None:
        """What main shows now counts for everyone, whoever judged it where."""
        for branch in dict.fromkeys(("main", self.head)):
            for path in FILES:
                self.places[branch, path] = self.place(branch, path)
        now = self.digests("main")
        for branch in BRANCHES[1:]:
            arrived = {(path, digest) for path, digest in self.verdicts[branch]
                       if now[path] == digest != self.on_main[path]}  # fmt: skip
            self.verdicts[branch] -= arrived
            self.verdicts["main"] |= arrived
        self.on_main = now

    def judge(self, path: str, digest: str) -> None:
        scope = "main" if self.on_main[path] == digest else self.head
        self.verdicts[scope].add((path, digest))

    def status(self, branch: str, path: str) -> str:
        verdict = (path, self.digests(branch)[path])
        counts = verdict in self.verdicts["main"] | self.verdicts[branch]
        return "reflected" if counts else "pending"


class History:
    """A repository and its ledger, moved step by step beside the model."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.git = checkout.repository.git
        start = {path: code(path, 0, 0) for path in FILES}
        self.commits = {"main": [self.git("rev-parse", "HEAD")]}
        self.model = Model(past={"main": [start]}, on_main=dict.fromkeys(FILES, DIGESTS[0]))
        self.seconds = itertools.count(1_780_000_000)
        self.decisions = {path: self._bind(path) for path in FILES}

    def _bind(self, path: str) -> Decision:
        decision = self.checkout.decide(path)
        self.checkout.bind(decision, f"{path}::f")
        return decision

    def edit(self, path: str, meaning: int, form: int) -> None:
        home = home_in(self.model.tree, path) or path
        self._commit({**self.model.tree, home: code(path, meaning, form)})

    def delete(self, path: str) -> None:
        tree = self.model.tree
        self._commit({other: text for other, text in tree.items() if other not in homes(path)})

    def rename(self, path: str) -> None:
        """There and back again."""
        back, there = homes(path)
        names = {there: back} if there in self.model.tree else {back: there}
        self._commit({names.get(name, name): text for name, text in self.model.tree.items()})

    def take(self, branch: str) -> None:
        """What a squash merge leaves: the other branch's files in one commit."""
        if branch in self.model.past:
            self._commit(dict(self.model.past[branch][-1]))

    def undo(self) -> None:
        """Take the newest commit back, as a reset does."""
        if len(self.commits[self.model.head]) > 1:
            self.commits[self.model.head].pop()
            self.model.past[self.model.head].pop()
            self._point()

    def switch(self, branch: str) -> None:
        if branch not in self.commits:
            self.commits[branch] = [self.commits[self.model.head][-1]]
            self.model.past[branch] = [self.model.tree]
        self.model.head = branch
        self._point()
        self.git("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    def judge(self, path: str) -> None:
        self.link()
        digest = self.model.digests(self.model.head)[path]
        self.checkout.judge(self.decisions[path], digest=digest)
        self.model.judge(path, digest)
        self._agrees()

    def link(self) -> None:
        self.checkout.link()
        self.model.link()
        self._agrees()

    def _agrees(self) -> None:
        for branch, scope in ((self.model.head, None), ("main", MAIN)):
            for path, decision in self.decisions.items():
                [grounding] = self.checkout.groundings(decision, branch=scope)
                assert grounding.state.digest == self.model.digests(branch)[path]
                assert self.checkout.status(decision, branch=scope) == (
                    self.model.status(branch, path)
                )

    def _commit(self, tree: dict[str, str]) -> None:
        """Write a commit straight into git: no work tree is needed to link it."""
        head, second = self.model.head, next(self.seconds)
        lines = [f"commit refs/heads/{head}", f"committer T <t@example.invalid> {second} +0000"]
        lines += ["data 4", "step", f"from {self.commits[head][-1]}", "deleteall"]
        for path, text in sorted(tree.items()):
            lines += [f"M 100644 inline {path}", f"data {len(text)}", text]
        subprocess.run(
            ["git", "fast-import", "--quiet", "--force"],
            cwd=self.checkout.repository.root,
            env=GIT_VARIABLES,
            input="\n".join([*lines, ""]).encode(),
            check=True,
        )
        self.commits[head].append(self.git("rev-parse", f"refs/heads/{head}"))
        self.model.past[head].append(tree)

    def _point(self) -> None:
        head = self.model.head
        self.git("update-ref", f"refs/heads/{head}", self.commits[head][-1])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("template")
    return Template.make(folder, {path: code(path, 0, 0) for path in FILES})


@pytest.fixture
def make_history(
    template: Template, tmp_path: Path, make_environment: MakeEnvironment
) -> Callable[[], History]:
    numbers = itertools.count()

    def make() -> History:
        number = next(numbers)
        environment: Environment = make_environment(home=tmp_path / f"home{number}")
        return History(template.copy(tmp_path / f"shop{number}", environment))

    return make


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(history=[*JUDGED, ("delete", "a.py"), LINK, ("edit", "a.py", 0, 2)])
@example(history=[*JUDGED, ("rename", "a.py"), LINK, ("rename", "a.py")])
@example(history=[("judge", "a.py"), ("rename", "a.py"), ("edit", "a.py", 1, 2), LINK])
@example(history=[*RENAMED_ON_ONE, ("switch", "main"), ("take", "one"), LINK])
@example(history=[*RENAMED_ON_ONE, ("undo",), LINK, ("switch", "main"), LINK])
@example(history=[*RENAMED_ON_ONE, ("switch", "main"), ("delete", "a.py"), LINK])
@example(history=[*ON_ONE, ("judge", "a.py"), ("switch", "main"), ("take", "one")])
@example(history=[*ON_ONE, ("judge", "a.py"), ("undo",), LINK, ("switch", "main")])
@example(history=[*ON_ONE, LINK, ("switch", "main"), ("edit", "a.py", 1, 1), ("judge", "a.py")])
@example(history=[("edit", "a.py", 1, 0), ("judge", "a.py"), ("undo",), LINK, *ON_ONE])
@given(history=st.lists(steps, min_size=5, max_size=14))
def test_any_history_is_followed(
    make_history: Callable[[], History], history: list[tuple[object, ...]]
) -> None:
    """Edits, deletions, renames, branches, squashes, resets and verdicts in any order."""
    moved = make_history()
    for name, *arguments in history:
        getattr(moved, str(name))(*arguments)
    moved.link()
    before = moved.checkout.written()
    moved.link()
    assert moved.checkout.written() == before, "linking twice changes nothing"

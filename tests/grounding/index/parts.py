"""A work tree with a code index over it: what the tests of imports and of the index share."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bicameral.environment import Environment, read_environment
from bicameral.grounding.index.code_index import CodeIndex
from bicameral.grounding.index.indexing import Run
from bicameral.grounding.repository import Repository as WorkingCopy
from tests.conftest import Repository

REPOSITORY_ID = "rep_test"


class Indexed:
    """A real repository, and an index of it in a data home beside it."""

    def __init__(self, root: Path, files: Mapping[str, str] = {}, home: Path | None = None) -> None:
        self.repository = Repository(root) if not (root / ".git").exists() else at(root)
        for path, text in files.items():
            self.repository.write(path, text)
        self.environment: Environment = replace(
            read_environment(), home=home or root.parent / "home"
        )
        self.index = self.open()

    def open(self) -> CodeIndex:
        """Return the index as another process would open it."""
        found = WorkingCopy.discover(self.repository.root, self.environment.variables)
        return CodeIndex(self.environment, found, REPOSITORY_ID)

    def bring_up(self) -> Run:
        return self.index.bring_up(lambda _step, _done, _total: None)

    def imports(self, path: str) -> list[str]:
        """Return what a file imports, by an index that is up to date."""
        self.bring_up()
        seen = self.index.ask([path], budget_seconds=60)
        assert (seen.fallback, seen.behind) == ("", "")
        return list(seen.imports.get(path, ()))

    def cold_imports(self, path: str) -> list[str]:
        """Return what a file imports, where there is no index yet."""
        index = self.open()
        index.close()  # nothing is started behind any more
        return list(index.ask([path], budget_seconds=60).imports.get(path, ()))


def at(root: Path) -> Repository:
    """Return the repository that is there already."""
    repository = Repository.__new__(Repository)
    repository.root = root
    return repository

"""The demo's project as a real git repository in a folder of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.cli.demo_code import SOURCES
from bicameral.cli.demo_documents import RECORDS
from bicameral.grounding.git import Git

# Whatever the person's own configuration says, the demo's commits are made the same way.
_SETTINGS = (
    "user.name=Bicameral demo",
    "user.email=demo@example.invalid",
    "commit.gpgSign=false",
    "core.autocrlf=false",
)
_OPTIONS = [word for setting in _SETTINGS for word in ("-c", setting)]


@dataclass(frozen=True, slots=True)
class Project:
    """A repository that may be written to."""

    root: Path
    git: Git

    def commit(self, message: str, files: Mapping[str, str]) -> None:
        """Write the files and commit them."""
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        self.git.ask("add", "--all")
        self.git.ask(*_OPTIONS, "commit", "--quiet", "--message", message)


def build_project(root: Path, variables: Mapping[str, str]) -> Project:
    """Make the project in a new folder; raises `GitFailed`."""
    root.mkdir()
    project = Project(root, Git(root, variables))
    project.git.ask("init", "--quiet", "--initial-branch=main", "--template=")
    project.commit("Payments service with its decisions", {**SOURCES, **RECORDS})
    return project

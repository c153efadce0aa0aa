"""The repository that a data set is asked in: small real files for the paths its rows name.

Rows carry paths and no code, so the code is made from the paths; it parses, no two files are
alike, and where a row is about a dependency the asked file imports the bound one.
"""

import posixpath
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from bicameral.errors import DatasetRefused
from bicameral.grounding.git import Git
from bicameral.review.dataset import EvalRow

# Whatever the person's own configuration says, these commits are made the same way.
_SETTINGS = (
    "user.name=Bicameral evaluation",
    "user.email=evaluation@example.invalid",
    "commit.gpgSign=false",
    "core.autocrlf=false",
    "core.excludesFile=",
    "gc.auto=0",
)
_OPTIONS = [word for setting in _SETTINGS for word in ("-c", setting)]
_SCRIPT = frozenset({".ts", ".tsx", ".js", ".jsx"})


@dataclass(frozen=True, slots=True)
class Project:
    """A repository that may be written to."""

    root: Path
    git: Git

    def commit(self, message: str, files: Mapping[str, str]) -> None:
        """Write the files and commit them; raises `DatasetRefused` for paths that cannot be."""
        for path, text in files.items():
            place = self.root / path
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8", newline="\n")
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                raise _conflict(path) from error
        self.git.ask("add", "--all", "--force")
        self.git.ask(*_OPTIONS, "commit", "--quiet", "--allow-empty", "--message", message)


def build_project(root: Path, variables: Mapping[str, str], files: Mapping[str, str]) -> Project:
    """Make a repository with the files in a new folder; raises `GitFailed`."""
    root.mkdir()
    project = Project(root, Git(root, variables))
    project.git.ask("init", "--quiet", "--initial-branch=main", "--template=")
    project.commit("The code that decisions are about", files)
    return project


def files_of(rows: Iterable[EvalRow], *, drifted: Container[str] = frozenset()) -> dict[str, str]:
    """Return the text of every file that rows bind or ask about, by path."""
    imports: dict[str, dict[str, None]] = {}
    for row in rows:
        for path in _paths_of(row):
            imports.setdefault(path, {})
        for path, imported in _dependencies_of(row):
            imports[path][imported] = None
    return {
        path: code_of(path, list(imported), has_drifted=path in drifted)
        for path, imported in sorted(imports.items())
    }


def code_of(path: str, imports: Sequence[str] = (), *, has_drifted: bool = False) -> str:
    """Return code for a path that no other path has; once it has drifted it does otherwise."""
    number = int(sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:6], 16)
    change = f"- {number + 1}" if has_drifted else f"+ {number}"
    suffix = PurePosixPath(path).suffix
    name = _name_of(path)
    if suffix == ".py":
        head = [_python_import(each) for each in imports]
        body = [f"def {name}(value: int) -> int:", f"    return value {change}"]
    elif suffix in _SCRIPT:
        head = [_script_import(each, path) for each in imports]
        body = [f"export function {name}(value) {{", f"  return value {change};", "}"]
    else:
        head = [f"uses {each}" for each in imports]
        body = [f"{name} = value {change}"]
    return "\n".join([*head, *([""] if head else []), *body, ""])


def _paths_of(row: EvalRow) -> Iterable[str]:
    yield from row.file_paths
    for asked in row.before:
        yield from asked.file_paths
    for decision in row.decisions:
        yield from decision.paths


def _dependencies_of(row: EvalRow) -> Iterable[tuple[str, str]]:
    """Yield (asked path, path that it imports) of a row about a dependency."""
    if row.category != "dependency_of_the_path":
        return
    bound = [each.paths for each in row.decisions if each.key in row.expected and each.paths]
    for path in row.file_paths:
        yield from ((path, paths[0]) for paths in bound if path not in paths)


def _name_of(path: str) -> str:
    stem = PurePosixPath(path).stem
    return "".join(each if each.isascii() and each.isalnum() else "_" for each in f"do_{stem}")


def _python_import(path: str) -> str:
    folder, _, name = path.removesuffix(".py").rpartition("/")
    return f"from {folder.replace('/', '.')} import {name}" if folder else f"import {name}"


def _script_import(imported: str, path: str) -> str:
    place = posixpath.relpath(posixpath.splitext(imported)[0], posixpath.dirname(path) or ".")
    place = place if place.startswith(".") else f"./{place}"
    return f'import {{ {_name_of(imported)} }} from "{place}";'


def _conflict(path: str) -> DatasetRefused:
    return DatasetRefused(
        f"{path!r} is a file in one row of the data set and a folder in another",
        next_step="correct the paths of one of the rows",
    )

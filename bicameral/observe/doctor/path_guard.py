"""The path guard: what leads out of a repository is refused, in every platform's spelling."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from bicameral.errors import InputRefused
from bicameral.grounding.paths import normalise
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Surroundings

Normalise = Callable[[str, Path, Path], str]
# Refused on every platform, whichever this is.
OUTSIDE = (
    "../x",
    "..\\x",
    "a/../../x",
    "a\\..\\..\\x",
    "/etc/passwd",
    "\\etc\\passwd",
    "C:\\x",
    "C:/x",
    "C:x",
    "\\\\server\\share\\x",
    "//server/share/x",
    "\\\\?\\C:\\x",
    "~/x",
    "a/../C:/x",
    "link/x",
)
INSIDE = {"a/b.py": "a/b.py", "a\\b.py": "a/b.py", "./a/../a/b.py": "a/b.py"}


def check_path_guard(around: Surroundings) -> Finding:  # noqa: ARG001 - every check has one signature
    """Ask the guard of this version, in a temporary folder with a link that leads out."""
    return try_guard(normalise)


def try_guard(guard: Normalise) -> Finding:
    """Give a guard what it has to refuse and what it has to pass."""
    with tempfile.TemporaryDirectory(prefix="bicameral-doctor-") as folder:
        root = Path(folder).resolve() / "repository"
        root.mkdir()
        tried = [each for each in OUTSIDE if each != "link/x" or _make_link(root)]
        passing = [f"passed: {each}" for each in tried if _answer(guard, each, root) is not None]
        stopped = [
            f"{each} became {_answer(guard, each, root)}"
            for each, wanted in INSIDE.items()
            if _answer(guard, each, root) != wanted
        ]
    if passing or stopped:
        return failed(
            "the path guard does not keep paths inside the repository",
            *passing,
            *stopped,
            mend="this is a fault of the program: do not let agents call it, and report it",
        )
    return passed(
        "what leads out of a repository is refused in every spelling",
        f"refused: {', '.join(tried)}",
    )


def _make_link(root: Path) -> bool:
    try:
        (root / "link").symlink_to(root.parent, target_is_directory=True)
    except OSError:  # Windows asks for a right that not everybody has
        return False
    return True


def _answer(guard: Normalise, path: str, root: Path) -> str | None:
    try:
        return guard(path, root, root)
    except InputRefused:
        return None

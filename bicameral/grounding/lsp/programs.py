"""Which program is started for a language, or why none is.

What lies in the repository under work is never started, however it is reached: by a PATH
that leads there, by a link, or by the settings.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.grounding.lsp.servers import SERVERS, Server
from bicameral.grounding.lsp.settings import Settings


@dataclass(frozen=True, slots=True)
class Program:
    """A command that can be started; `name` is what answers call it.

    `is_known` is true where the name is one of our table and not a person's own.
    """

    name: str
    command: tuple[str, ...]
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Places:
    """Where programs are looked for: beside this Python, then on the PATH; never in `root`."""

    root: Path
    own: Path
    path: str

    @classmethod
    def of(cls, root: Path, variables: Mapping[str, str]) -> "Places":
        """Return the places of this process."""
        return cls(root, Path(sys.executable).parent, variables.get("PATH", ""))

    def find(self, word: str) -> Path | None:
        """Return the absolute path of a program; None where there is none to be started."""
        if Path(word).name != word:
            return Path(word) if self._may_run(Path(word)) else None
        return next(self._found(word), None)

    def _found(self, name: str) -> Iterator[Path]:
        # Whoever runs Bicameral from an environment trusts that environment already.
        if own := shutil.which(name, path=str(self.own)):
            yield Path(own)
        for folder in map(Path, filter(None, self.path.split(os.pathsep))):
            found = shutil.which(name, path=str(folder)) if folder.is_absolute() else None
            # Windows looks in the current folder first, whatever it is told.
            if found and Path(found).parent == folder and self._may_run(Path(found)):
                yield Path(found)

    def _may_run(self, path: Path) -> bool:
        if not (path.is_absolute() and path.is_file() and os.access(path, os.X_OK)):
            return False
        root = self.root.resolve()
        # What leads in from outside lies inside, and so does what leads out from inside.
        return not any(
            each.is_relative_to(root)
            for each in (path.resolve(), path.parent.resolve(), Path(os.path.normpath(path)))
        )


def program_for(language: str, settings: Settings, places: Places) -> Program | str:
    """Return the program for a language, or a sentence that says why there is none."""
    if language in settings.commands:
        return _configured(language, settings.commands[language], places)
    known = [server for server in SERVERS if language in server.languages]
    found = [(server, path) for server in known if (path := places.find(server.command[0]))]
    for server, path in found:
        if server.is_safe or settings.any_found:
            return Program(server.name, (str(path), *server.command[1:]))
    if found:
        return _must_be_named(language, found[0][0])
    return f"no language server for {language} is installed"


def _configured(language: str, command: tuple[str, ...], places: Places) -> Program | str:
    if not command:
        return f"language servers for {language} are switched off in config.toml"
    path = places.find(command[0])
    if path is None:
        return f"config.toml names a server for {language} that cannot be started from there"
    stem = Path(command[0]).stem
    name = next((each.name for each in SERVERS if each.command[0] == stem), "")
    return Program(name or stem, (str(path), *command[1:]), is_known=bool(name))


def _must_be_named(language: str, server: Server) -> str:
    words = ", ".join(f'"{word}"' for word in server.command)
    return (
        f"{server.name} is installed but may run programs of the repository: "
        f"write `{language} = [{words}]` under [lsp] in config.toml to use it"
    )

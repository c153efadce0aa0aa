"""What is on this machine: the clients, and the settings that start us already."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bicameral.cli.commands import PROGRAM
from bicameral.cli.setup.clients import CLIENTS, SCOPES, Client, settings_path, signs_of
from bicameral.cli.setup.files import read_settings
from bicameral.cli.setup.plan import is_ours
from bicameral.cli.setup.settings import NotEditable


def project_around(start: Path) -> Path:
    """Return the folder that a client opens: the top of the repository, else `start`."""
    return next((each for each in (start, *start.parents) if (each / ".git").exists()), start)


def look_around(variables: Mapping[str, str], start: Path) -> list[dict[str, Any]]:
    """Tell of every client whether it is on this machine, and where it starts us already."""
    return [_look_for(each, variables, project_around(start)) for each in CLIENTS.values()]


def _look_for(client: Client, variables: Mapping[str, str], project: Path) -> dict[str, Any]:
    paths = [
        settings_path(client, each, project=project, variables=variables, platform=sys.platform)
        for each in SCOPES
    ]
    return {
        "client": client.name,
        "title": client.title,
        "found": signs_of(client, variables, sys.platform),
        "set_up_in": [str(path) for path in paths if _starts_us(client, path)],
        "command": f"{PROGRAM} setup {client.name}",
    }


def _starts_us(client: Client, path: Path) -> bool:
    try:
        entry = client.settings.entry(read_settings(path).text)
    except NotEditable:  # asking for this client says why
        return False
    return entry is not None and is_ours(entry)

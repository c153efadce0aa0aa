"""What the tests reach, in lines and branches: `pytest -p tests.covering` writes it down.

Loaded before anything of ours, so that each of our modules is measured from its first line.
A module that no test imports is in the figures as well, with nothing reached.
"""

import json
import os
from pathlib import Path

import pytest
from slipcover import FileMatcher, ImportManager, Slipcover

ROOT = Path(__file__).parent.parent
PACKAGES = [ROOT / "bicameral", ROOT / "handlers"]
# Imported at the end as well: of single files nobody else would tell that none was read.
MODULES = ["server", "preflight_telemetry"]
FOLDER = "COVERING_FOLDER"  # the variable that names where the figures go
NOT_COUNTED = ["raise NotImplementedError", r"\.\.\.$"]

sources = [*map(str, PACKAGES), *(str(ROOT / f"{name}.py") for name in MODULES)]
measure = Slipcover(branch=True, source=[*map(str, PACKAGES)], exclude_also=NOT_COUNTED)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the figures of this process; each worker has a file of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    if worker == "alone" and session.config.getoption("numprocesses", None):
        return  # the process that only hands out the tests
    for name in MODULES:
        __import__(name)
    folder = ROOT / os.environ.get(FOLDER, ".covering")
    folder.mkdir(exist_ok=True)
    figures = json.dumps(measure.get_coverage())
    (folder / f"{worker}.json").write_text(figures, encoding="utf-8")


ImportManager(measure, FileMatcher(sources=sources)).__enter__()

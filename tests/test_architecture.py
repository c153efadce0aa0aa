"""The shape of the code: which room may import which, and how large a room may grow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the top floor to the ground; a room imports from floors below its own, or from itself.
FLOORS = [
    {"server"},
    {"handlers"},
    {"preflight_telemetry"},
    {"bicameral.cli", "bicameral.serving"},
    {"bicameral.registry", "bicameral.removal"},
    {"bicameral.review"},
    {"bicameral.observe", "bicameral.govern"},
    {"bicameral.preflight"},
    {"bicameral.intake"},
    {"bicameral.grounding"},
    {"bicameral.ledger"},
    {"bicameral.capture"},
    {"bicameral.metering"},
    {"bicameral.tracing"},
    {"bicameral.environment"},
    {"bicameral.errors"},
    {"bicameral"},
]
# The rooms of the review, from the top floor to the ground.
REVIEW_FLOORS = ["calibration", "evaluation", "promotion", "triage", "reconciliation"]
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def python_files() -> Iterator[Path]:
    yield ROOT / "server.py"
    yield ROOT / "preflight_telemetry.py"
    yield from sorted((ROOT / "handlers").rglob("*.py"))
    yield from sorted((ROOT / "bicameral").rglob("*.py"))


def room_of(module: str) -> str:
    """Name the room a dotted module stands in."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "bicameral" else parts[0]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def upward_imports(module: str, tree: ast.Module) -> list[str]:
    """Return the project imports of a module that do not point down."""
    floor_of = {room: number for number, floor in enumerate(FLOORS) for room in floor}
    own = room_of(module)
    found = []
    for imported in imports_of(tree):
        room = room_of(imported)
        if room not in floor_of:
            room = room_of(imported.rpartition(".")[0])
        if room in floor_of and room != own and floor_of[room] <= floor_of[own]:
            found.append(imported)
    return found


@pytest.mark.parametrize("path", list(python_files()), ids=module_of)
def test_imports_point_down(path: Path) -> None:
    """A circle or an upward import makes a room impossible to read alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert upward_imports(module_of(path), tree) == []


def test_an_upward_import_is_found() -> None:
    """The guard itself must be able to fail."""
    tree = ast.parse("from handlers import bind\nimport bicameral.cli.main\n")
    assert upward_imports("bicameral.ledger.store", tree) == [
        "handlers.bind",
        "bicameral.cli.main",
    ]


@pytest.mark.parametrize("path", list((ROOT / "bicameral/review").rglob("*.py")), ids=module_of)
def test_the_review_is_built_in_its_order(path: Path) -> None:
    """What suspects must not know of labels, and what labels must not know of a fit."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert review_imports_upwards(module_of(path), tree) == []


def review_imports_upwards(module: str, tree: ast.Module) -> list[str]:
    """Return the imports of a module of the review that go to a room above its own."""
    own = module.split(".")[2] if module.count(".") > 1 else ""
    # Its rows and data sets belong to no room: every room may read them, they read none.
    above = REVIEW_FLOORS[: REVIEW_FLOORS.index(own)] if own in REVIEW_FLOORS else REVIEW_FLOORS
    rooms = {f"bicameral.review.{room}" for room in above}
    return [each for each in imports_of(tree) if ".".join(each.split(".")[:3]) in rooms]


def test_an_upward_import_within_the_review_is_found() -> None:
    """This guard, too, must be able to fail."""
    tree = ast.parse("from bicameral.review.triage import queue\nimport bicameral.review.rows\n")
    found = ["bicameral.review.triage.queue"]
    assert review_imports_upwards("bicameral.review.reconciliation.classify", tree) == found
    assert review_imports_upwards("bicameral.review.rows", tree) == found
    assert review_imports_upwards("bicameral.review.promotion.row", tree) == []


@pytest.mark.parametrize("path", list(python_files()), ids=module_of)
def test_rooms_stay_small(path: Path) -> None:
    """A file or function that outgrows its screen has taken a second job."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert body_lines(node) <= LONGEST_FUNCTION, f"{node.name} is too long"


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


@pytest.mark.parametrize("path", list(python_files()), ids=module_of)
def test_every_module_says_what_it_is(path: Path) -> None:
    """One docstring; errors.py draws a tree and may be longer than six lines."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    assert path.name == "errors.py" or docstring.count("\n") < 7


OUTSIDE = [
    "import os\n\nHOME = os.environ['HOME']\n",
    "import os\n\nHOME = os.getenv('HOME')\n",
    "import os\n\nHERE = os.getcwd()\n",
    "import os\n\nSALT = os.urandom(32)\n",
    "import time\n\nNOW = time.time()\n",
    "import time\n\nNOW = time.monotonic()\n",
    "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "from pathlib import Path\n\nHOME = Path.home()\n",
    "from pathlib import Path\n\nHERE = Path.cwd()\n",
    "import uuid\n\nID = uuid.uuid4()\n",
    "import random\n\nNUMBER = random.random()\n",
    "import secrets\n\nTOKEN = secrets.token_hex()\n",
]


@pytest.mark.parametrize("text", OUTSIDE)
def test_lint_refuses_a_look_outside(text: str) -> None:
    """The environment, the clock, home and randomness come in by argument."""
    options = ("--select", "TID251", "--output-format", "concise")
    place = ("--stdin-filename", "bicameral/ledger/looks_outside.py", "-")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, *place],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "TID251" in done.stdout

"""What Claude Code 2.1.330 sent to its hooks in a real session, with places and ids replaced."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
RECORDED_ROOT = "/projects/shop"
SESSION = "3f1c9a52-6d0e-4b7a-9a44-0d6f5b1e2c70"
BY_HOOK = {
    "session-start": "session-start",
    "before-edit": "before-edit",
    "after-edit": "after-edit",
    "session-end": "session-end",
}


def recorded(name: str, root: Path, *, path: str = "src/a.py", **changed: Any) -> bytes:
    """Return what was sent, as if the project stood at `root` and `path` were edited."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    text = text.replace(f"{RECORDED_ROOT}/src/a.py", f"{RECORDED_ROOT}/{path}")
    event = json.loads(text.replace(RECORDED_ROOT, root.as_posix()))
    return json.dumps({**event, **changed}).encode()

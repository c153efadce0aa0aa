"""What `telemetry disclose` shows in each mode; `python -m tests.cli.golden.disclosed` writes it.

The only thing that differs from one machine to the next is the home, which is shown as `HOME`.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
# The variables that each page is shown with.
PAGES = {
    "disclose_off.txt": {},
    "disclose_preflight.txt": {"BICAMERAL_TELEMETRY": "preflight,relay"},
    "disclose_raw.txt": {"BICAMERAL_TELEMETRY": "raw", "BICAMERAL_TRACE": "1"},
}


def main() -> None:
    """Write every page anew."""
    for name, variables in PAGES.items():
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "server", "telemetry", "disclose"],
                env={"PATH": os.environ["PATH"], "BICAMERAL_HOME": home, "COLUMNS": "100"}
                | variables,
                capture_output=True,
                check=True,
                text=True,
            )
            (FOLDER / name).write_text(without_home(done.stdout, home), encoding="utf-8")


def without_home(text: str, home: str) -> str:
    """Return the page as it is on every machine: the line with the home is wrapped anywhere."""
    first, _, rest = text.partition("\n\n")
    head = first.splitlines()[0]
    told = " ".join(first.splitlines()[1:]).replace(home, "HOME")
    return f"{head}\n{told}\n\n{rest}"


if __name__ == "__main__":
    main()

"""Real processes for fault tests: started together, killed, limited."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIME_LIMIT_SECONDS = 60

# Each script says `ready` and waits for one line, so that all of them begin at once.
GATE = """
import sys
def wait_for_the_others():
    print("ready", flush=True)
    sys.stdin.readline()
"""


def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
    """Start a Python process that runs the script; its pipes are text."""
    return subprocess.Popen(
        [sys.executable, "-c", GATE + script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=ROOT,
    )


def run_at_once(script: str, count: int, *arguments: object) -> list[str]:
    """Run the script in `count` processes that pass their gate together; return their output.

    Each is given its number as the first argument.
    """
    processes = [start(script, number, *arguments) for number in range(count)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=TIME_LIMIT_SECONDS)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    return outputs


def run(script: str, *arguments: object) -> str:
    """Run the script in one process that does not wait; return its output."""
    process = start(script, *arguments)
    output, _ = process.communicate("\n", timeout=TIME_LIMIT_SECONDS)
    assert process.returncode == 0
    return output

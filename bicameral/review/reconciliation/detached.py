"""A reconciliation in a process of its own, which outlives the one that starts it.

Clients give a hook or a server no time to do the work itself. Standard library only.
"""

import subprocess
import sys
import threading

from bicameral.environment import Environment

# Windows alone knows these; elsewhere there is nothing to ask for.
_WITHOUT_WINDOW: int = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(
    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
)
WORDS = ("-P", "-m", "server", "reconcile", "--detached")


def start_detached(environment: Environment) -> None:
    """Start a reconciliation and return at once; raises `OSError` if it cannot be started.

    It works in the data home, says nothing, and leaves how it ended in the summary.
    """
    process = subprocess.Popen(
        [sys.executable, *WORDS],
        cwd=environment.home,
        # From another folder, a home that was given relative to this one would be another.
        env={**environment.variables, "BICAMERAL_HOME": str(environment.home.absolute())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        creationflags=_WITHOUT_WINDOW,
    )
    # A server lives on: somebody has to take note of the end, or it stays as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()

"""The demo's trace: why a preflight said what it said, from the spans of the session before."""

from pathlib import Path

from bicameral.cli.demo_account import Account
from bicameral.cli.demo_code import CHARGES_PATH
from bicameral.cli.demo_prompt import Prompt
from bicameral.cli.demo_story import THREADED, TOPIC
from bicameral.observe.reading import read_trees
from bicameral.observe.selecting import Selection
from bicameral.observe.span_row import TRACE_FILE

PREFLIGHT = "bicameral.preflight"


def show_trace(home: Path, preflight_id: str, prompt: Prompt, account: Account) -> None:
    """Show the tree of a preflight, and prove that each call of its id left one of its own."""
    words = ("trace", "view", "--preflight-id", preflight_id, "--layer", "preflight")
    said = prompt.show("Why did the first preflight say that?", *words)
    [root, *below] = [line.strip() for line in said.splitlines() if "[" in line]
    account.prove(
        root.startswith(f"[too] tool.{PREFLIGHT}:")
        and all(line.startswith("└─ ") for line in below)
        and any("candidate: mention" in line and "outcome=shown" in line for line in below),
        "its call is one tree, which names the channel that found the decision",
    )
    wanted = Selection(preflight_id=preflight_id).wants
    roots = [tree.row for tree in read_trees(home / TRACE_FILE, wanted=wanted, most=None).trees]
    account.prove(
        all(row.parent_id is None for row in roots)
        and {row.operation for row in roots}
        >= {f"tool.{each}" for each in (PREFLIGHT, "bicameral.resolve", *THREADED)},
        f"so has each of the {len(roots)} calls that carried its preflight_id",
    )
    written = (home / TRACE_FILE).read_bytes()
    account.prove(
        not any(text.encode() in written for text in (TOPIC, CHARGES_PATH, "charge_card")),
        f"{TRACE_FILE} holds names, numbers and sizes: no topic, path or name of code",
    )

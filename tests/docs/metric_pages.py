"""The reference of metrics, its tables made from the tables in the code."""

from collections import defaultdict

from bicameral.capture.lanes import EVERY_LANE, LANES
from bicameral.observe.metrics.names import COUNTERS
from tests.docs.pages import read

PAGE = "docs/reference/metrics.md"


def metrics_page() -> str:
    """Return the page with its tables anew; the prose between them is its own."""
    text = read(PAGE)
    for name, lines in (("counters", _counters()), ("lanes", _lanes())):
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- end of {name} -->\n")
        table = "\n".join(lines)
        text = f"{before}<!-- {name} -->\n{table}\n<!-- end of {name} -->\n{after}"
    return text


def _counters() -> list[str]:
    rows = ["| counter | unit | what it counts | where |", "|---|---|---|---|"]
    for each in COUNTERS:
        where = ", ".join(f"`{path}`" for path in each.counted_in) or "nowhere yet"
        rows.append(f"| `{each.name}` | {each.unit} | {each.meaning} | {where} |")
    return rows


def _lanes() -> list[str]:
    files = defaultdict(list)
    for name, lane in LANES.items():
        files[lane].append(f"`{name}`")
    rows = ["| lane | files |", "|---|---|"]
    return [*rows, *(f"| `{lane}` | {', '.join(files[lane])} |" for lane in EVERY_LANE)]

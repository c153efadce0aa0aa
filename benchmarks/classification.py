"""How often the reconciliation names a preflight what it really was, on generated sessions.

Whole sessions with known truth are driven through the real handlers into a data home, and
`bicameral-mcp reconcile` is run on it; with several seeds, so many times, in homes of their own.
`python -m benchmarks.classification [--sessions N] [--seed N ...] [--hidden SHARE] [--json]`
"""

import argparse
import itertools
import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.review.generator.reviewing import read_review, reconcile
from tests.review.generator.scores import CLASSES, Judged, confusion, figures, judge, worst, wrong
from tests.review.generator.sessions import HIDDEN_SHARE, generate
from tests.review.generator.truth import MODES

BARS = {"explicit": 0.98, "fallback": 0.90}
MOST_WRONG = 40
NAMES = {"suspected_miss": "miss", "suspected_false_fire": "false fire", "normal": "normal"}


def measure(sessions: int, seed: int, hidden: float) -> list[Judged]:
    """Generate, reconcile, and put both side by side."""
    with tempfile.TemporaryDirectory() as folder:
        chance = random.Random(seed)
        generated = generate(Path(folder), sessions=sessions, chance=chance, hidden=hidden)
        reconcile(generated)
        return judge(generated, read_review(generated.home))


def groups(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    """Return what was judged by mode, by threading, and without what no log can show."""
    found: dict[str, list[Judged]] = {
        str(mode): [each for each in judged if each.session.mode == mode] for mode in MODES
    }
    for threading in BARS:
        here = [each for each in judged if each.session.mode.threading == threading]
        found[f"{threading}, all"] = here
        found[f"{threading}, with a trace"] = [each for each in here if each.known.leaves_trace]
    return found


def share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def table(judged: Sequence[Judged]) -> list[str]:
    """Return the figures as the rows of a table."""
    lines = ["| mode | class | were | named so | precision | recall |", "|---|---|--:|--:|--:|--:|"]
    for group, members in groups(judged).items():
        lines += [
            f"| {group} | {NAMES[each.classification]} | {each.were} | {each.said} "
            f"| {share(each.precision)} | {share(each.recall)} |"
            for each in figures(members)
        ]
    return lines


def confusion_table(judged: Sequence[Judged]) -> list[str]:
    """Return what was against what was said, with how the ids were threaded."""
    lines = [
        "| it was | " + " | ".join(f"named {NAMES[each]}" for each in CLASSES) + " |",
        "|---|" + "--:|" * len(CLASSES),
    ]
    for threading in BARS:
        counted = confusion(each for each in judged if each.session.mode.threading == threading)
        for truth in CLASSES:
            cells = " | ".join(str(counted[truth, said]) for said in CLASSES)
            lines.append(f"| {NAMES[truth]}, {threading} | {cells} |")
    return lines


def explain(each: Judged) -> dict[str, Any]:
    """Return what is to be known of one that was named wrongly."""
    known, row = each.known, each.row
    return {
        "mode": str(each.session.mode),
        "was": NAMES[known.truth],
        "named": NAMES[row.classification],
        "confidence": row.confidence,
        "way": known.way,
        "conduct": ", ".join(known.conduct),
        "leaves_trace": known.leaves_trace,
        "topic": known.topic,
        "reason": known.reason,
        "because": row.because,
        "session": f"{known.session_id}, {each.session.shape}",
    }


def summary(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return everything as plain values."""
    return {
        "sessions": len({id(each.session) for each in judged}),
        "preflights": len(judged),
        "without_a_trace": sum(not each.known.leaves_trace for each in judged),
        "figures": {
            group: {
                each.classification: {
                    "were": each.were,
                    "named": each.said,
                    "precision": each.precision,
                    "recall": each.recall,
                }
                for each in figures(members)
            }
            for group, members in groups(judged).items()
        },
        "wrong": [explain(each) for each in wrong(judged)],
    }


def show(judged: Sequence[Judged]) -> None:
    found = summary(judged)
    share_hidden = found["without_a_trace"] / max(1, found["preflights"])
    print(
        f"{found['sessions']} sessions, {found['preflights']} preflights, of which "
        f"{found['without_a_trace']} ({share_hidden:.1%}) without a trace of what they were\n"
    )
    print("\n".join([*table(judged), "", *confusion_table(judged), ""]))
    for (threading, bar), part in itertools.product(BARS.items(), ("with a trace", "all")):
        group = f"{threading}, {part}"
        lowest = worst(groups(judged)[group])
        verdict = "met" if lowest >= bar else "NOT MET"
        print(f"{group}: the lowest is {lowest:.3f} (bar {bar:.2f}) {verdict}")
    print(f"\n{len(found['wrong'])} named wrongly:")
    causes = Counter(
        (each["was"], each["named"], each["way"], each["conduct"]) for each in found["wrong"]
    )
    for (was, named, way, conduct), number in causes.most_common():
        print(f"  {number} x {was} named {named}: {way}; {conduct}")
    for each in found["wrong"][:MOST_WRONG]:
        print(f"\n{each['was']} named {each['named']} at {each['confidence']} ({each['mode']})")
        print(f"  “{each['topic']}”: {each['way']}, answered {each['reason']}; {each['conduct']}")
        print(f"  {each['because']} ({each['session']})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=200, help="in each home")
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument(
        "--hidden", type=float, default=HIDDEN_SHARE, help="share of tasks without a trace"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    judged = [
        each for seed in options.seed for each in measure(options.sessions, seed, options.hidden)
    ]
    if options.json:
        print(json.dumps(summary(judged), indent=2))
    else:
        show(judged)


if __name__ == "__main__":
    main()

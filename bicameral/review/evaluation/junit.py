"""A run as JUnit XML, which every CI service shows: one test case for each row.

A row that is not right is a failure that names what was expected and what was shown.
"""

import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from bicameral.review.evaluation.asking import Outcome

# What XML 1.0 cannot hold, not even as a reference.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(runs: Mapping[str, Sequence[Outcome]]) -> str:
    """Return the document: a suite for each data set, times in seconds."""
    root = ElementTree.Element("testsuites", name="bicameral-mcp eval")
    for name, outcomes in runs.items():
        _add_suite(root, name, outcomes)
    _set_totals(root, [each for outcomes in runs.values() for each in outcomes])
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _add_suite(root: ElementTree.Element, name: str, outcomes: Sequence[Outcome]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=name)
    _set_totals(suite, outcomes)
    suite.set("skipped", "0")
    for each in outcomes:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"{name}.{each.row.category}",
            name=printable(f"{each.row.id} {each.row.topic}"),
            time=_seconds([each]),
        )
        if not each.is_right:
            _add_failure(case, each)


def _add_failure(case: ElementTree.Element, outcome: Outcome) -> None:
    expected, shown = set(outcome.row.expected), set(outcome.shown)
    missed, wrong = sorted(expected - shown), sorted(shown - expected)
    parts = [f"missed {', '.join(missed)}"] if missed else []
    parts += [f"wrongly shown {', '.join(wrong)}"] if wrong else []
    message = printable("; ".join(parts) or "fired without a decision")
    failure = ElementTree.SubElement(case, "failure", type="mismatch", message=message)
    failure.text = printable(
        f"expected: {', '.join(outcome.row.expected) or 'silence'}\n"
        f"shown: {', '.join(outcome.shown) or 'nothing'}\n"
        f"reason: {outcome.reason}\n"
        f"paths: {', '.join(outcome.row.file_paths) or 'none'}\n"
    )


def _set_totals(element: ElementTree.Element, outcomes: Sequence[Outcome]) -> None:
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(sum(not each.is_right for each in outcomes)))
    element.set("errors", "0")
    element.set("time", _seconds(outcomes))


def _seconds(outcomes: Sequence[Outcome]) -> str:
    return f"{sum(ms for each in outcomes for ms in each.latencies_ms) / 1_000:.6f}"


def printable(text: str) -> str:
    """Return a text with what XML cannot hold replaced."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)

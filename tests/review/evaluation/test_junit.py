"""JUnit XML that a CI service can read, whatever the rows hold."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from bicameral.review.evaluation.asking import Outcome
from bicameral.review.evaluation.junit import as_junit, printable
from tests.review.evaluation.parts import outcome, row

RUN = {
    "synthetic": [
        outcome("a", "a", name="right", latencies_ms=(2.0, 4.0)),
        outcome("ab", "bx", name="wrong", category="jargon"),
    ],
    "real": [],
}
# What the common schema (Jenkins, GitLab, GitHub's readers) knows of each element.
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
}
CHILDREN = {"testsuites": "testsuite", "testsuite": "testcase", "testcase": "failure"}


def read(runs: dict[str, list[Outcome]]) -> ElementTree.Element:
    return ElementTree.fromstring(as_junit(runs))


def test_every_row_is_a_case_and_what_is_wrong_fails() -> None:
    """With what was expected and what was shown, where a reader looks first."""
    root = read(RUN)
    assert {**root.attrib, "name": ""} == {
        "name": "",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "time": "0.007000",
    }
    right, wrong = root.iter("testcase")
    assert right.attrib == {
        "classname": "synthetic.plain_hit",
        "name": "right Change something",
        "time": "0.006000",
    }
    assert list(right) == []
    [failure] = wrong
    assert failure.get("message") == "missed a; wrongly shown x"
    assert failure.text == ("expected: a, b\nshown: b, x\nreason: fired\npaths: none\n")


def test_the_document_has_the_common_shape() -> None:
    """Nothing that a reader does not know, and nothing missing."""
    for element in read(RUN).iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= {CHILDREN.get(element.tag)}
        for name in {"tests", "failures", "errors", "skipped"} & element.attrib.keys():
            assert int(element.attrib[name]) >= 0
        if "time" in element.attrib:
            assert float(element.attrib["time"]) >= 0
    assert [suite.get("tests") for suite in read(RUN)] == ["2", "0"]


def test_silence_and_a_lone_fire_are_put_in_words() -> None:
    """An empty list would say nothing."""
    fired = Outcome(row("f"), (), True, "fired", 1, (1.0,))
    disturbed = outcome("", "x", name="d")
    first, second = read({"s": [fired, disturbed]}).iter("failure")
    assert first.get("message") == "fired without a decision"
    assert second.get("message") == "wrongly shown x"
    assert second.text is not None
    assert second.text.startswith("expected: silence\n")


@given(topic=st.text(min_size=1, max_size=40))
def test_any_topic_gives_a_document_that_parses(topic: str) -> None:
    """Rows come from people: control characters, quotes, tags and lone surrogates too."""
    asked = row("r", topic=topic)
    [case] = read({"s": [Outcome(asked, (), True, "fired", 1, (1.0,))]}).iter("testcase")
    assert case.get("name", "").startswith("r ")


def test_only_what_xml_cannot_hold_is_replaced() -> None:
    """Everything else is somebody's word."""
    assert printable("a\tü<&>\U0001f6a2") == "a\tü<&>\U0001f6a2"
    assert printable("a\x00b\x1b\ud800\ufffe") == "a\ufffdb\ufffd\ufffd\ufffd"

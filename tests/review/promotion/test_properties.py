"""Laws: whatever the texts and whatever the answers, nothing unresolved is ever written."""

import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.environment import Environment
from bicameral.errors import PromotionRefused
from bicameral.govern.detection.normal_form import normalised
from bicameral.govern.detection.spans import Span
from bicameral.review.dataset import row_id
from bicameral.review.promotion.answers import ACTIONS, Answer, Answers
from bicameral.review.promotion.findings import Action, make_findings, merged
from bicameral.review.promotion.redaction import leftovers, serialise
from bicameral.review.promotion.texts import texts_of, with_texts
from tests.review.promotion.parts import a_draft, a_promotion, a_scanner, rows_of, write
from tests.review.promotion.planted import PERSONAL, SECRETS
from tests.review.promotion.sentences import SENTENCES

SCANNER = a_scanner()
DRAFT = a_draft(
    note="n",
    decision_description="d",
    decision_rationale="r",
    decision_feature_group="g",
)
PLANTS = [make() for make in (*SECRETS.values(), *PERSONAL.values())]
a_piece = st.one_of(
    st.sampled_from(SENTENCES),
    st.sampled_from(PLANTS),
    st.sampled_from(["Will", "Zelda", "person-1", "[secret]", "host-2.example", "192.0.2.7"]),
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.text(string.ascii_letters + string.digits + "@./:-_=+#~ ", max_size=40),
)
a_text = st.lists(a_piece, min_size=1, max_size=4).flatmap(
    lambda pieces: st.sampled_from([" ", "\n", "", "/", ", "]).map(lambda glue: glue.join(pieces))
)
some_texts = st.dictionaries(st.sampled_from(sorted(texts_of(DRAFT))), a_text, max_size=4)
a_choice: st.SearchStrategy[Action | None] = st.sampled_from([*ACTIONS, None])
QUICK = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def answered(findings: Any, data: st.DataObject) -> Answers:
    """Answer each finding in any way that can be typed, also in ways that are refused."""
    given_answers = {}
    for finding in findings:
        choice = data.draw(a_choice)
        if choice is not None:
            reason = "it is known to everybody" if choice == "keep" else ""
            given_answers[finding.id] = Answer(choice, reason)
    return Answers(given_answers)


@QUICK
@given(texts=some_texts, data=st.data())
def test_what_was_written_has_nothing_that_nobody_answered(
    texts: dict[str, str], data: st.DataObject, tmp_path: Path, environment: Environment
) -> None:
    """Scanned again, a written row shows only what was kept with a reason, and no secret."""
    safe = {place: normalised(text) for place, text in texts.items()}
    draft = with_texts(DRAFT, {**texts_of(DRAFT), **safe})
    promotion = a_promotion(draft, tmp_path, SCANNER)
    answers = answered(promotion.scanned.findings, data)
    path = tmp_path / "rows.jsonl"
    before = path.read_bytes() if path.exists() else None
    try:
        done = write(promotion, answers, environment, path=path)
    except PromotionRefused:
        assert (path.read_bytes() if path.exists() else None) == before
        return
    kept = [f for f in promotion.scanned.findings if f.id in answers.given]
    kept_texts = [f.text for f in kept if answers.given[f.id].action == "keep"]
    (row,) = (each for each in rows_of(path) if each.id == done.row.id)
    for finding in SCANNER.scan(texts_of(row), related=promotion.scanned.related):
        assert not finding.is_secret
        assert any(finding.text in text for text in kept_texts)
    assert leftovers(serialise(row), promotion.scanned, answers, SCANNER) == []
    assert row.id == row_id(row)


@QUICK
@given(texts=some_texts)
def test_replacing_everything_twice_changes_nothing_more(
    texts: dict[str, str], tmp_path: Path
) -> None:
    """A clean row is a fixed point, so a promoted row can be looked at again by anybody."""
    safe = {place: normalised(text) for place, text in texts.items()}
    draft = with_texts(DRAFT, {**texts_of(DRAFT), **safe})
    promotion = a_promotion(draft, tmp_path, SCANNER)
    everything = Answers({f.id: Answer("replace") for f in promotion.scanned.findings})
    try:
        row, _ = promotion.finish(everything)
    except PromotionRefused:
        return
    again = a_promotion(row, tmp_path, SCANNER)
    assert again.scanned.findings == ()
    assert again.finish(Answers())[0] == row


a_span = st.builds(
    lambda start, length, kind, secret: Span(start, start + length, kind, secret),
    st.integers(0, 40),
    st.integers(1, 12),
    st.sampled_from(["email", "host", "number", "url"]),
    st.booleans(),
)


@given(spans=st.lists(a_span, max_size=12))
def test_joined_spans_cover_the_same_and_never_overlap(spans: list[Span]) -> None:
    """Each character belongs to one finding at most, and a secret stays one."""
    joined = merged(spans)
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert [at for span in joined for at in range(span.start, span.end)] == sorted(covered)
    secret = {at for span in spans if span.is_secret for at in range(span.start, span.end)}
    assert secret <= {at for s in joined if s.is_secret for at in range(s.start, s.end)}
    findings = make_findings("topic", "x" * 60, joined, b"salt")
    assert len({each.id for each in findings}) == len(findings)


def test_a_finding_keeps_its_id_when_other_words_change() -> None:
    """Answers that were written down must still fit when the command is run again."""
    first = SCANNER.scan({"topic": "ask Zelda at db-7.northwind.io"})
    second = SCANNER.scan({"topic": "please do ask Zelda, and look at db-7.northwind.io first"})
    assert [each.id for each in first] == [each.id for each in second]
    elsewhere = SCANNER.scan({"note": "ask Zelda at db-7.northwind.io"})
    assert not {each.id for each in first} & {each.id for each in elsewhere}


@pytest.mark.parametrize("name", ["", "salt" * 8])
def test_an_id_depends_on_the_home(name: str) -> None:
    """From an id alone nobody can find out what it stands for by trying words."""
    (span,) = (Span(0, 5, "person_name"),)
    (one,) = make_findings("topic", "Zelda", [span], name.encode())
    (other,) = make_findings("topic", "Zelda", [span], b"another salt")
    assert one.id != other.id

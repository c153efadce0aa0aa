"""`bicameral.preflight` where nothing is bound: past commits, kin and comments speak."""

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from bicameral.ledger.domain import Decision
from bicameral.preflight.surroundings import Surroundings
from bicameral.preflight.usual import Usual
from tests.handlers.bench import Bench

RECORD = "docs/adr/0012-idempotent-charges.md"
AREAS = ("views", "search", "mail", "export", "login")


@pytest.fixture
def past(bench: Bench) -> Decision:
    """Thirty commits of other work, and one in billing that cites the decision by number."""
    for number in range(30):
        area = AREAS[number % len(AREAS)]
        path = f"src/{area}/part{number}.py"
        bench.repository.commit(f"Polish {area} number {number}", **{path: f"x = {number}\n"})
    decision = bench.decide(
        "Idempotent charges", "A repeated request is answered from the first one.", ref=RECORD
    )
    bench.repository.commit(
        "Retry the gateway once\n\nFollows ADR-0012.", **{"src/billing/gateway.py": "y = 1\n"}
    )
    return decision


def test_a_decision_that_commits_cited_near_by_is_shown(bench: Bench, past: Decision) -> None:
    """No word of the topic is in the decision, and nothing is bound: the past knows."""
    answer = bench.call(
        "preflight", topic="Raise the timeout", file_paths=["src/billing/client.py"]
    )

    assert answer["fired"] is True
    [shown] = answer["decisions"]
    assert (shown["id"], shown["via"]) == (past.id, "history")
    assert "past commits near these paths cite it" in shown["why"]
    assert shown["confidence"] < 0.7


def test_of_equals_the_one_that_names_what_the_file_has_is_shown(
    bench: Bench, past: Decision
) -> None:
    """Five records were cited there, the one in question first, and there is room for three."""
    wanted = bench.decide("The rule", "The RetryBudget is shared.", ref="docs/adr/0020-rule.md")
    for number in range(21, 25):
        bench.decide(f"Rule {number}", "As agreed.", ref=f"docs/adr/00{number}-rule.md")
    for number in range(20, 25):
        content = f"retry_budget = {number}\n"
        bench.repository.commit(f"See ADR-{number}", **{"src/billing/client.py": content})

    answer = bench.call(
        "preflight", topic="Raise the timeout", file_paths=["src/billing/client.py"]
    )

    assert len(answer["decisions"]) == 3
    [shown] = [each for each in answer["decisions"] if each["id"] == wanted.id]
    assert "its text names RetryBudget" in shown["why"]


def test_elsewhere_the_same_topic_is_silent(bench: Bench, past: Decision) -> None:
    """What is usual in the repository is no news."""
    answer = bench.call(
        "preflight", topic="Polish search once more", file_paths=["src/search/part1.py"]
    )

    assert (answer["fired"], answer["reason"]) == (False, "no_matches")


def test_a_generic_topic_stays_silent(bench: Bench, past: Decision) -> None:
    """Without files, words that everybody uses are no question."""
    answer = bench.call("preflight", topic="fix the tests")

    assert (answer["fired"], answer["reason"]) == (False, "topic_too_generic")


def test_a_superseded_decision_is_not_brought_up_by_the_past(bench: Bench, past: Decision) -> None:
    """Commits go on citing what no longer holds."""
    bench.call("update", action="retire", decision_id=past.id)

    answer = bench.call(
        "preflight", topic="Raise the timeout", file_paths=["src/billing/client.py"]
    )

    assert answer["fired"] is False


def test_a_young_repository_goes_by_words_and_bindings_alone(bench: Bench) -> None:
    """With few commits nobody can say what is usual."""
    bench.decide("Idempotent charges", "Answered from the first one.", ref=RECORD)
    bench.repository.commit("Retry (ADR-0012)", **{"src/billing/gateway.py": "y = 1\n"})

    answer = bench.call(
        "preflight", topic="Raise the timeout", file_paths=["src/billing/client.py"]
    )

    assert answer["fired"] is False


def test_a_comment_that_cites_the_record_is_enough(bench: Bench) -> None:
    """No history is needed, and no word in common."""
    decision = bench.decide("Idempotent charges", "Answered from the first one.", ref=RECORD)
    bench.repository.commit(
        "Add the gateway", **{"src/billing/gateway.py": "# See ADR-0012 before changing.\ny = 1\n"}
    )

    answer = bench.call(
        "preflight", topic="Raise the timeout", file_paths=["src/billing/gateway.py"]
    )

    [shown] = answer["decisions"]
    assert (shown["id"], shown["via"], shown["confidence"]) == (decision.id, "code", 0.75)


def slowly(bench: Bench) -> Surroundings:
    """The surroundings on a machine where every look at the clock takes 60 ms."""
    looks = itertools.count()
    environment = replace(bench.environment, monotonic_ns=lambda: next(looks) * 60_000_000)
    return Surroundings(environment, bench.services.workspace)


def test_a_new_file_is_held_to_what_its_namesakes_beside_it_cite(bench: Bench) -> None:
    """Whoever adds one more of a kind reads the others only if somebody says so."""
    decision = bench.decide("Idempotent charges", "Answered from the first one.", ref=RECORD)
    bench.repository.commit(
        "first kinds", **{"src/cards/signals.py": f"# As {RECORD} says.\nx = 1\n"}
    )
    index = bench.services.workspace.code_index(bench.services.workspace.known_id or "")
    index.bring_up(lambda *_: None)

    answer = bench.call(
        "preflight", topic="Take vouchers as well", file_paths=["src/vouchers/signals.py"]
    )

    [shown] = answer["decisions"]
    assert (shown["id"], shown["via"], shown["confidence"]) == (decision.id, "code", 0.7)
    assert shown["why"] == "files of the same name cite it in the folders beside"


def test_what_is_usual_is_found_over_several_answers_the_same_as_in_one(
    bench: Bench, past: Decision
) -> None:
    """The first answer of a server must not wait for all of it."""
    workspace, ledger = bench.services.workspace, bench.services.ledger
    bench.call("preflight", topic="Raise the timeout", file_paths=["src/mail/part2.py"])
    slow = slowly(bench)
    with ledger.reading() as connection:
        view = workspace.view(connection)
        assert view is not None
        whole = bench.services.surroundings.scene(connection, view, True)
        scenes = [slow.scene(connection, view, True, budget_seconds=1e9) for _ in range(60)]
    slow.close()

    partial = [each for each in scenes if each.is_partial]
    assert len(partial) > 5
    assert not any(each.usual.is_known for each in partial)
    assert scenes[: len(partial)] == partial
    assert scenes[-1].usual == whole.usual
    assert whole.usual.is_known


def test_an_answer_that_could_not_look_at_all_is_not_remembered(
    bench: Bench, past: Decision
) -> None:
    """Else the next one, which can, would be silenced as asked before."""
    bench.services = replace(bench.services, surroundings=slowly(bench))
    asked = {"topic": "Raise the timeout", "file_paths": ["src/billing/client.py"]}

    answers = [bench.call("preflight", **asked) for _ in range(60)]

    assert answers[0]["reason"] == "no_matches"
    assert "still being found out" in answers[0]["behind"]
    first = next(number for number, each in enumerate(answers) if each["fired"])
    assert all(each["behind"] for each in answers[:first])
    assert answers[first]["decisions"][0]["via"] == "history"
    assert answers[first + 1]["reason"] == "recently_checked"


def test_what_is_usual_is_found_anew_when_a_text_changes_and_keeps_its_length(
    bench: Bench, past: Decision
) -> None:
    """Points were compared with those of other words, as no count of words had changed."""
    asked = {"topic": "Raise the timeout", "file_paths": ["src/mail/part2.py"]}
    other = bench.decide("Polished brass", "Answered from the first one.")
    bench.call("preflight", **asked)
    before = usual_of(bench)

    bench.call("update", action="amend", decision_id=other.id, title="Shining brass")
    bench.call("preflight", **asked)

    assert usual_of(bench) != before
    bench.call("update", action="amend", decision_id=other.id, title="Polished brass")
    assert usual_of(bench) == before


def test_an_answer_takes_as_many_statements_as_the_page_on_performance_says(
    bench: Bench, past: Decision
) -> None:
    """Each costs more than the database's own work for it."""
    bench.bind(past, "src/billing/gateway.py")
    usual_of(bench)
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement.partition(" ")[0])

    asked = {"file_paths": ["src/billing/gateway.py", "src/mail/part2.py"]}
    bench.call("preflight", topic="Raise the timeout of charges", **asked)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        answer = bench.call("preflight", topic="Lower the timeout of charges", **asked)
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert answer["fired"] is True
    assert sent.count("SELECT") <= 8
    assert sent.count("BEGIN") == 1
    assert set(sent) == {"BEGIN", "SELECT"}


def usual_of(bench: Bench) -> Usual:
    with bench.services.ledger.reading() as connection:
        view = bench.services.workspace.view(connection)
        assert view is not None
        for _ in range(60):
            scene = bench.services.surroundings.scene(connection, view, True)
            if not scene.is_partial:
                break
    return scene.usual

"""The names of code that decisions and the asked files have in common."""

from unittest.mock import patch

import pytest

from bicameral.ledger.code_names import key_of
from bicameral.ledger.database import Ledger
from bicameral.preflight import named
from bicameral.preflight.named import MOST_ASKED, NamesOfTexts, Shared, names_of_files
from tests.ledger.parts import ACTOR, a_decision
from tests.preflight.test_topic import a_ledger, counted

TEXTS = {
    "Retry": "Every client keeps to the `retry_budget`, as `HttpClient` says.",
    "Cache": "The HttpClient is kept. A RETRY_BUDGET is for writes, `cacheKey` for reads.",
    "Naming of httpClient": "",
    "Colours": "Blue, as a retry button and a budget have.",
}
ASKED = [key_of(name) for name in ("retryBudget", "http_client", "RetryBudget", "other_name")]


def fill(ledger: Ledger) -> None:
    with ledger.writing(ACTOR) as transaction:
        for title, description in TEXTS.items():
            a_decision(transaction, title=title, description=description)


@pytest.mark.parametrize("most_kept", [0, 1, 5_000])
def test_what_is_shared_is_said_in_the_words_of_the_decision(most_kept: int) -> None:
    """Rarer names first, and each weighs as much as it is rare among these decisions."""
    memo = NamesOfTexts()
    with a_ledger(fill) as (connection, _), patch.object(named, "MOST_TEXTS", most_kept):
        rows = connection.exec_driver_sql("SELECT title, id FROM decisions").all()
        ids = {row.title: row.id for row in rows}
        for _ in range(2):
            found = memo.shared(connection, list(ids.values()), ASKED)

    by_title = {title: found[each] for title, each in ids.items() if each in found}
    assert {title: each.names for title, each in by_title.items()} == {
        "Retry": ("retry_budget", "HttpClient"),
        "Cache": ("RETRY_BUDGET", "HttpClient"),
        "Naming of httpClient": ("httpClient",),
    }
    assert 0 < by_title["Naming of httpClient"].weight < by_title["Cache"].weight / 2


def test_texts_are_read_once_and_only_for_files_with_names() -> None:
    """Most questions about a decision are not the first."""
    memo = NamesOfTexts()
    with a_ledger(fill) as (connection, _):
        ids = [row.id for row in connection.exec_driver_sql("SELECT id FROM decisions")]
        with counted(connection) as statements:
            assert memo.shared(connection, ids, ()) == {}
        assert statements == []
        memo.shared(connection, ids, [0])
        with counted(connection) as statements:
            assert all(isinstance(e, Shared) for e in memo.shared(connection, ids, ASKED).values())
        assert statements == []


def test_each_file_has_its_turn() -> None:
    """The names of one large file must not keep those of the others out."""
    large = tuple(range(2 * MOST_ASKED))

    found = names_of_files({"large.py": large, "small.py": (MOST_ASKED, 0)})

    assert found[:4] == (0, MOST_ASKED, 1, 2)
    assert len(found) == MOST_ASKED
    assert names_of_files({}) == ()

"""`bicameral.bind`: decisions to code, by symbol, lines or file; refused entries say why."""

from typing import Any

import pytest

from tests.handlers.bench import Bench

SYMBOL = "src/payments.py::charge_card"


def entries(bench: Bench, *selectors: str) -> list[dict[str, str]]:
    decision = bench.decide("Charges carry an idempotency key")
    return [{"decision_id": decision.id, "selector": each} for each in selectors]


def bind(bench: Bench, *selectors: str) -> list[dict[str, Any]]:
    bound: list[dict[str, Any]] = bench.call("bind", bindings=entries(bench, *selectors))[
        "bindings"
    ]
    return bound


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (SYMBOL, {"path": "src/payments.py", "symbol": "charge_card", "lines": "1-2"}),
        ("charge_card", {"path": "src/payments.py", "symbol": "charge_card", "lines": "1-2"}),
        ("src/payments.py:5-6", {"path": "src/payments.py", "lines": "5-6"}),
        ("src/payments.py", {"path": "src/payments.py", "lines": "1-6"}),
        ("./src/../src/search.py", {"path": "src/search.py", "lines": "1-2"}),
    ],
)
def test_code_is_bound_by_symbol_lines_or_file(
    bench: Bench, selector: str, expected: dict[str, str]
) -> None:
    """What was found is said back, with the backend that read it and the digest to judge."""
    [card] = bind(bench, selector)

    found = {name: card[name] for name in ("path", "symbol", "lines") if name in card}
    assert found == expected
    assert (card["bound"], card["backend"], card["capability"]) == (True, "tree-sitter", "full")
    assert card["digest"]
    assert "failure" not in card


def test_a_file_without_a_grammar_is_bound_and_says_that_it_is_degraded(bench: Bench) -> None:
    """GR-06: a weaker reading is stated, never silent."""
    bench.repository.write("rules.conf", "retries = 3\n")

    [card] = bind(bench, "rules.conf")

    assert (card["bound"], card["backend"], card["capability"]) == (True, "text", "degraded")
    assert card["fallback_reason"]


@pytest.mark.parametrize(
    ("selector", "error", "said"),
    [
        ("src/payments.py::charge", "selector_unknown", "charge_card"),
        ("no_such_name_anywhere", "selector_unknown", "no_such_name_anywhere"),
        ("src/payments.py:90-99", "selector_unknown", "6"),
        ("src/missing.py", "input_refused", "src/missing.py"),
        ("../outside.py", "path_outside_repository", "outside.py"),
        ("/etc/passwd", "path_outside_repository", "/etc/passwd"),
        (".git/config", "input_refused", "git"),
        ("src", "selector_unknown", "src"),
    ],
)
def test_what_names_no_code_is_refused_with_what_is_near(
    bench: Bench, selector: str, error: str, said: str
) -> None:
    """A model that reads the reason can try again."""
    [card] = bind(bench, selector)

    failure = card["failure"]
    assert card["bound"] is False
    assert failure["error"] == error
    assert said in failure["message"] + failure["next_step"]
    assert failure["next_step"]


def test_a_name_that_a_language_server_followed_says_which_one_did(bench: Bench) -> None:
    """GR-06: who decided is stated, and the digest rests on the syntax tree as ever."""
    bench.repository.commit("use", **{"use.py": "from src.payments import refund as give\n"})

    [card] = bind(bench, "use.py::give")
    bench.services.workspace.close()

    assert (card["path"], card["symbol"]) == ("src/payments.py", "refund")
    assert (card["backend"], card["capability"]) == ("tree-sitter", "full")
    assert card["resolution"] == {"backend": "ty", "capability": "full"}


def test_a_name_that_no_language_server_could_follow_says_why(bench: Bench) -> None:
    """GR-06: what was missing is in the refusal, for the model and for whoever mends it."""
    bench.environment.home.mkdir(mode=0o700, exist_ok=True)
    settings = bench.environment.home / "config.toml"
    settings.write_text("[lsp]\npython = []\n", encoding="utf-8")
    bench.repository.commit("use", **{"use.py": "from src.payments import refund as give\n"})

    [card] = bind(bench, "use.py::give")

    reason = "language servers for python are switched off in config.toml"
    assert card["resolution"] == {
        "backend": "tree-sitter", "capability": "unavailable", "fallback_reason": reason,
    }  # fmt: skip
    assert card["failure"]["error"] == "selector_unknown"
    assert reason in card["failure"]["message"]


def test_what_the_syntax_decided_has_no_word_of_language_servers(bench: Bench) -> None:
    """Answers are paid for in tokens."""
    found, unknown = bind(bench, SYMBOL, "src/payments.py::chrage")

    assert "resolution" not in found
    assert "resolution" not in unknown


def test_an_ambiguous_name_is_refused_with_its_candidates(bench: Bench) -> None:
    """GR-04: guessing would bind the wrong code for good."""
    twin = "def refund(amount):\n    return amount\n"
    bench.repository.commit("twin", **{"src/ledger.py": twin})

    [card] = bind(bench, "refund")

    assert card["failure"]["error"] == "selector_ambiguous"
    for path in ("src/payments.py", "src/ledger.py"):
        assert path in card["failure"]["message"]


def test_a_refused_entry_does_not_stop_the_others(bench: Bench) -> None:
    """A batch is answered entry by entry, in the order given."""
    wanted = entries(bench, SYMBOL, "src/missing.py", "src/search.py")
    wanted.insert(1, {"decision_id": "dec_unknown", "selector": SYMBOL})

    cards = bench.call("bind", bindings=wanted)["bindings"]

    assert [card["bound"] for card in cards] == [True, False, False, True]
    assert cards[1]["failure"]["error"] == "not_found"
    assert [card["selector"] for card in cards] == [entry["selector"] for entry in wanted]


def test_binding_again_changes_nothing(bench: Bench) -> None:
    """Agents repeat themselves; the ledger's revision stays, so no answer grows old."""
    wanted = entries(bench, SYMBOL)
    [first] = bench.call("bind", bindings=wanted)["bindings"]
    before = bench.in_ledger("SELECT * FROM audit") + bench.in_ledger("SELECT * FROM ledger_state")

    [again] = bench.call("bind", bindings=wanted * 2)["bindings"][:1]

    after = bench.in_ledger("SELECT * FROM audit") + bench.in_ledger("SELECT * FROM ledger_state")
    assert again == {**first, "bound": False}
    assert after == before


def test_the_work_tree_is_bound_as_it_is_now(bench: Bench) -> None:
    """Agents bind what they just wrote, before any commit."""
    bench.repository.write("src/new.py", "def fresh():\n    return 1\n")

    [card] = bind(bench, "src/new.py::fresh")

    assert card["bound"] is True


@pytest.mark.parametrize(
    ("bindings", "said"),
    [
        ([], "1 entries at least"),
        ([{"decision_id": "d", "selector": "s"}] * 101, "100 entries at most"),
        ([{"decision_id": "d", "selector": "s" * 2_049}], "2048"),
        ([{"decision_id": "d", "selector": ""}], "selector"),
        ([{"decision_id": "d"}], "`bindings[0].selector` is required"),
        ([{"decision_id": "d", "selector": "s", "path": "p"}], "path"),
        ("src/payments.py", "must be a list"),
    ],
)
def test_bad_entries_are_refused_whole(bench: Bench, bindings: object, said: str) -> None:
    """What is wrong is said of the argument that it is wrong in."""
    refused = bench.refuse("bind", bindings=bindings)

    assert refused.error == "input_refused"
    assert said in refused.message


def test_a_ledger_that_cannot_answer_fails_the_whole_call(bench: Bench) -> None:
    """Its failure is not that of one entry."""
    wanted = entries(bench, SYMBOL)
    bench.services.ledger.close()
    (bench.environment.home / "ledger.sqlite3").write_bytes(b"damaged " * 2000)

    assert bench.refuse("bind", bindings=wanted).error == "ledger_corrupt"
    assert bench.engagements() == []


def test_a_home_that_cannot_be_used_fails_the_whole_call(bench: Bench) -> None:
    """A hundred entries would each repeat the same reason."""
    bench.environment.home.write_text("in the way", encoding="utf-8")

    refused = bench.refuse("bind", bindings=[{"decision_id": "d", "selector": SYMBOL}])

    assert refused.error == "home_unusable"
    assert "BICAMERAL_HOME" in refused.next_step

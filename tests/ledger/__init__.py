import pytest

pytest.register_assert_rewrite("tests.ledger.recount", "tests.ledger.store_machine")

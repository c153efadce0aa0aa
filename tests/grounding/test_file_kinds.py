"""What kind of file a path names."""

import pytest

from bicameral.grounding.file_kinds import is_document, is_test

TESTS = [
    "tests/test_orders.py",
    "src/orders/tests/conftest.py",
    "app/conftest.py",
    "x/leverage/keeper/keeper_test.go",
    "testutil/network.go",
    "server/app.test.ts",
    "src/Card.spec.tsx",
    "cypress/e2e/login.cy.ts",
    "integration_tests/pages/start.ts",
    "src/components/__tests__/card.js",
    "spec/models/order_spec.rb",
    "src/test/java/org/shop/OrderTest.java",
    "Shop.Tests/OrderTests.cs",
    "crates/pay/tests/charge.rs",
]
CODE = [
    "src/latest/orders.py",
    "src/contest/entry.go",
    "app/attestation/attest.ts",
    "src/spectrum.rb",
    "lib/greatest.ts",
    "src/inspect.py",
    "src/Latest.java",
    "src/Manifest.kt",
    "app/testimony.py",
    "src/protest.go",
]


@pytest.mark.parametrize("path", TESTS)
def test_a_file_of_tests_is_known_by_its_path(path: str) -> None:
    """Each language has its own place or name for tests."""
    assert is_test(path)


@pytest.mark.parametrize("path", CODE)
def test_a_word_with_test_in_it_is_no_test(path: str) -> None:
    """A change of code taken for tests would look narrower than it is."""
    assert not is_test(path)


def test_texts_and_settings_are_documents() -> None:
    """A commit of these alone changed no code, whatever the case of its endings."""
    assert is_document("docs/README.MD")
    assert is_document("Cargo.lock")
    assert not is_document("src/lock.rs")

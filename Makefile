# Everything is set up inside .venv; nothing but Python 3.11+, git and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= auto
REPO ?= .

# Without compiled files each of some thousand processes would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types docs guards coverage bench reference listings clean

help: ## Show what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

demo: $(READY) ## Run the whole loop on a small repository, then look at this one (or REPO=PATH)
	$(BIN)/bicameral-mcp demo
	$(BIN)/bicameral-mcp demo --repo $(REPO)

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# The tests of `docs` and `guards` are part of the suite, so `coverage` runs them too.
check: format lint types coverage ## Run everything that CI runs

format: $(READY) ## Check the formatting
	$(BIN)/ruff format --check .

lint: $(READY) ## Check the code style
	$(BIN)/ruff check .

types: $(READY) ## Check the types
	$(BIN)/mypy

coverage: $(READY) ## Run the tests and hold line and branch coverage at 90 %
	rm -rf .covering
	$(BIN)/python -m pytest -p tests.covering -n $(WORKERS) --dist worksteal
	$(BIN)/python -m slipcover --out .covering/all.json --merge .covering/gw*.json

docs: $(READY) ## Check the documentation against the code
	$(BIN)/python -m pytest -q tests/test_docs.py tests/docs

guards: $(READY) ## Hold code, registry and pages together, and the shape of the code
	$(BIN)/bicameral-mcp guards
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/handlers/test_listings.py

bench: $(READY) ## Measure capture, starts, linking, preflights and spans
	$(BIN)/python -m benchmarks.capture
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.cli
	$(BIN)/python -m benchmarks.linking
	$(BIN)/python -m benchmarks.preflight
	$(BIN)/python -m benchmarks.tracing
	$(BIN)/python -m benchmarks.language_server

reference: $(READY) ## Write the generated pages of the documentation
	$(BIN)/python -m tests.docs

listings: $(READY) ## Write the listings that the server's front answers from
	$(BIN)/python -m handlers.listings

clean: ## Remove everything that was set up
	rm -rf $(VENV) .covering .mypy_cache .ruff_cache .pytest_cache

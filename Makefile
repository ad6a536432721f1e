# The front door: `make demo`, `make test`, `make check`. Each sets up what is missing by itself.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test check setup format lint types imports golden samples train evaluate clean

demo: $(READY)  ## analyse the samples and write a report
	$(BIN)/callguard analyze samples/ --out report/
	@echo "The report is at $(CURDIR)/report/index.html"

test: $(READY)  ## run the tests
	$(BIN)/pytest

check: lint types imports test  ## everything that CI checks

setup: $(READY)

$(READY): pyproject.toml scripts/setup.sh
	@PYTHON="$(PYTHON)" sh scripts/setup.sh
	@touch $(READY)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(READY)  ## write the golden files anew; look at the difference before you commit it
	$(BIN)/pytest --update-golden tests/test_reports.py

samples: $(READY)  ## speak the samples anew (needs festival, flite and sox)
	$(BIN)/python scripts/make_samples.py

clean:
	rm -rf .venv report dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

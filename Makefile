# `make` checks everything that CI checks, in the environment you stand in (pip install -e '.[dev]').
PYTHON ?= python3

.PHONY: check lint types layers generated test slow z3 bench regenerate

check: lint types layers generated test

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

layers:
	$(PYTHON) -c "from importlinter.cli import lint_imports_command as c; c()"

generated:
	$(PYTHON) -m slm config example | diff -u config.example.toml -
	$(PYTHON) -m slm bench summary tests/bench/results --readme README.md | diff -u README.md -
	$(PYTHON) -m tests.readme.session README.md | diff -u README.md -
	rm -rf build/docs
	$(PYTHON) -m slm --quiet man --output build/docs/man && diff -ru man build/docs/man
	$(PYTHON) -m slm --quiet completions install --output build/docs/completions
	diff -ru shell-completions build/docs/completions

regenerate:
	$(PYTHON) -m slm config example > config.example.toml
	$(PYTHON) -m slm bench summary tests/bench/results --readme README.md > README.new && mv README.new README.md
	$(PYTHON) -m tests.readme.session README.md > README.new && mv README.new README.md
	rm -rf man shell-completions
	$(PYTHON) -m slm man --output man
	$(PYTHON) -m slm completions install --output shell-completions

test:
	$(PYTHON) -m pytest

# The long suites: faults in hundreds of loops, scale. About an hour on two cores.
slow:
	$(PYTHON) -m pytest -m slow --timeout 3600

# The claim sheaf against Z3, 10,000 random instances of each of ten kinds with their counts. Half an hour on one core.
z3:
	$(PYTHON) -m pytest -m slow -rP tests/consistency/test_claim_sheaf_z3.py

# Every figure of the README, printed anew.
bench:
	$(PYTHON) -m slm bench all

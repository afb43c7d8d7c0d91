# Everything runs in .venv, which is made when first needed and again when the dependencies change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_DIR ?= demo
WORKERS ?= 2
# A process a core, so one thread of linear algebra in each: with more, two processes wait for each other most of the time.
ONE_THREAD := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1

export PIP_DISABLE_PIP_VERSION_CHECK = 1


.PHONY: setup demo test lint unit build-check notebooks verify nightly experiments clean help

help:
	@echo "make demo         a made-up class from release to report, in $(DEMO_DIR)/"
	@echo "make test         lint, types, unit tests, build check, every notebook, verify, grading end to end"
	@echo "make nightly      the same with every seed, one seed of each experiment against its table, and every notebook"
	@echo "                  at full length on cifar10 and fashion_mnist too"
	@echo "make experiments  compute the tables of data/experiments/ again; one of them: NAME=..."
	@echo "make setup        only install, into .venv"
	@echo "make clean        remove .venv and $(DEMO_DIR)/"

setup: $(READY)

demo: $(READY)
	$(BIN)/course demo --out $(DEMO_DIR)

test: lint build-check verify unit

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

build-check: $(READY)
	$(BIN)/course build --check

verify: $(READY)
	$(BIN)/course verify --seeds 5

# Unit and property tests, every notebook from top to bottom with solutions (on garments in full, on the other data
# sets in the short mode), grading end to end. A process of pytest that dies ends the run, which names the test: started
# again, it would meet the same test, and pytest-xdist 3.8 would at last wait for work that nobody has.
unit: $(READY)
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --max-worker-restart 0 --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=90

# Last, and longest: every notebook at full length on CIFAR-10 and Fashion-MNIST, one at a time (tests/nightly_notebooks.py).
nightly: $(READY) lint build-check
	$(BIN)/course verify --seeds 25
	$(BIN)/python -m experiments --check --workers $(WORKERS)
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) --max-worker-restart 0 --dist loadfile
	HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest tests/test_fuzz_notebooks.py tests/test_fuzz_replies.py
	$(ONE_THREAD) HYPOTHESIS_PROFILE=nightly $(BIN)/python -m pytest -n $(WORKERS) --max-worker-restart 0 tests/test_engine_verdicts.py
	$(BIN)/python -m pytest -s tests/nightly_notebooks.py

# Tables of several seeds that notebooks plot: experiments/NAME.py → data/experiments/NAME.csv.
experiments: $(READY)
	$(BIN)/python -m experiments $(NAME) --workers $(WORKERS)

# Debian's Python comes without venv unless python3-venv is installed: then virtualenv, from the package index, does.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV) 2>/dev/null; } || { \
		rm -rf $(VENV); $(PYTHON) -m pip install --quiet --user --break-system-packages virtualenv && $(PYTHON) -m virtualenv --quiet $(VENV); }
	@echo "Installing into $(VENV) (about a minute, once)"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[grading,test,data]'
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO_DIR)

# What a person types. Every target sets up what it needs; none needs Docker or root.
#   make setup PYTHON=python3.12    with a Python of your choice (after `make clean`, if there was one)
#   make test PYTEST_ARGS="-k lua"  a part of the tests; an empty PYTEST_ARGS= runs them one by one

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stockproof
PINS := requirements/uv.txt requirements/everything.txt

# Servers and their clients share the processors, so more workers than this only add noise. A file
# stays on one worker, so that a server that its tests share is started once.
PYTEST_ARGS ?= --numprocesses=auto --maxprocesses=4 --dist=loadfile
PYTHON ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_HTTP_TIMEOUT ?= 180

# Whether a Python will do. Trying beats looking: a name may be there and lead nowhere (pyenv), and
# Debian keeps venv's pip in a package of its own.
SUITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
SENTENCE := Stockproof needs Python 3.11 to 3.14 with its venv module (on Debian: apt install \
	python3-venv); name one with: make setup PYTHON=/path/to/python3

EVERYTHING := --require-hashes -r requirements/everything.txt
# uv does not read pip's configuration, and a machine may reach only the mirror that is named there.
PIP_INDEX := $(BIN)/python -m pip config get global.index-url 2>/dev/null

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak lint bench notebooks published constraints clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv with everything, or bring it up to date

# The stamp is written last: an interrupted setup is taken up again, a finished one costs nothing.
$(STAMP): pyproject.toml $(PINS)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
		for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
			"$$python" -c '$(SUITS)' >/dev/null 2>&1 || continue; \
			echo "setup: creating $(VENV) with $$("$$python" --version)"; \
			exec "$$python" -m venv --clear $(VENV); \
		done; \
		echo "$(SENTENCE)" >&2; exit 1; }
	@echo "setup: installing what requirements/everything.txt pins (about 750 MB on disk)"
	@$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: -r requirements/uv.txt \
		|| echo "setup: no uv for this platform; pip does its work, slowly"
	@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(PIP_INDEX))}}"; \
		[ -z "$$index" ] || export UV_DEFAULT_INDEX="$$index"; \
		$(BIN)/uv pip install --quiet --python $(BIN)/python $(EVERYTHING) \
		|| $(BIN)/python -m pip install -qq $(EVERYTHING)
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "setup: done; try $(BIN)/stockproof --help"

demo: setup ## compare the strategies on a flash sale, and name the report
	$(BIN)/stockproof compare flash_sale --grade demo

test: setup ## run the tests, but for the soak
	$(BIN)/pytest -m "not soak" $(PYTEST_ARGS)

soak: setup ## run every test, the long repetitions too
	$(BIN)/pytest $(PYTEST_ARGS)

lint: setup ## check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup ## make the performance tables
	$(BIN)/python -m workbench.bench

notebooks: setup ## execute the notebooks in place
	$(BIN)/python -m workbench.notebooks

published: setup ## make the committed reports anew
	$(BIN)/python -m workbench.published

# Universal: one file for every platform and Python that we support. No index is named in it, so that
# everybody installs from the one that they trust; the hashes make sure that it is the same thing.
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make constraints"

constraints: setup ## pin the newest versions that fit together
	$(COMPILE) requirements/uv.in --output-file requirements/uv.txt
	$(COMPILE) pyproject.toml --all-extras --output-file requirements/everything.txt

clean: ## remove .venv and the caches; runs stay
	rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

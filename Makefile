# What is done with this project more than once; `make` alone lists it.
#
# Every target sets up what it needs in .venv, once. PYTHON=... chooses the interpreter .venv is made with.
# Tools are run as modules of .venv's Python: a checkout that was moved keeps working.

VENV := .venv
PY := $(VENV)/bin/python
TO_RUN := $(VENV)/.set-up-to-run
TO_DEVELOP := $(VENV)/.set-up-to-develop
RESULTS := build/tests
# Two processes on a small machine; more than four only start up longer.
PYTEST := $(PY) -m pytest -q -n auto --maxprocesses 4
# The quick tests run as two processes of their own: each collects its half alone, and none waits for a third that
# deals them out, which together took a third of their time.
QUICK := $(PY) -m pytest -q -m "not lab and not wheel and not slow" --hypothesis-profile=quick

# The versions that the pins are tested with come first, newest first; then whatever is newer.
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3.15 python3.14 python3 python)

# Set-up speaks on standard error only, so that `make why > report.md` holds the report and nothing else.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
INSTALL := $(PY) -m pip --quiet install --progress-bar off

# Tests start Python again and again: what was compiled is kept, or a quarter of their time goes into compiling.
unexport PYTHONDONTWRITEBYTECODE

# What `make lab` records: each seed tells every scenario in other words; several are recorded at a time.
SEEDS ?= 1 2 3
JOBS ?= 3

# What `make bench` measures: days of so many entries; BENCH="--times 3 --only day api" measures less. Only days of the
# full size are written to BENCHMARKS.md.
BENCH_N ?= 1000000
BENCH ?=
TOOLS := build/bench/tools

# Tests that read what lies beside the checkout may skip where nothing does; nothing else may, in check-all.
MAY_SKIP := $(if $(wildcard ../shared),^$$,beside th)

# No index and no path of the machine it runs on may get into the pins.
COMPILE := build/lock/bin/python -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
  --build-deps-for editable --build-deps-for wheel $(if $(UPGRADE),--upgrade)

# A .venv whose interpreter is gone (an upgrade, another machine) is made anew: its stamps must not say otherwise.
$(shell test -x $(PY) || rm -f $(TO_RUN) $(TO_DEVELOP))

.PHONY: help why test lint check check-all built stories record lab bench fuzz picture lock dist clean
.DEFAULT_GOAL := help

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "make %-10s %s\n", $$1, $$2}'

why: $(TO_RUN) ## print the five-whys report of the bundled cycle 1
	@$(PY) -m rca why --cycle 1

test: $(TO_DEVELOP) ## pass the tests; what installs from the package index is left to check-all, and says so
	@$(PYTEST) --junit-xml=$(RESULTS)/all.xml

lint: $(TO_DEVELOP) ## format, lint, types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy

check: $(TO_DEVELOP) ## lint and the quick tests: before every commit
	@$(MAKE) --no-print-directory -j3 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) lint quick-core quick-parts

.PHONY: quick-core quick-parts
quick-core: $(TO_DEVELOP)
	$(QUICK) --junit-xml=$(RESULTS)/$@.xml tests/test_*.py

quick-parts: $(TO_DEVELOP)
	$(QUICK) --junit-xml=$(RESULTS)/$@.xml tests/*/

check-all: lint test built ## everything; none may skip

built: $(TO_DEVELOP) ## the tests of the built wheel; then nothing may have skipped, here or in `make test`
	CHECK_ALL=1 $(PY) -m pytest -q -m wheel --junit-xml=$(RESULTS)/built.xml
	@if { grep -o '<skipped[^>]*>' $(RESULTS)/all.xml | grep -v 'builds the wheel'; grep -o '<skipped[^>]*>' $(RESULTS)/built.xml; } \
	    | grep -v '$(MAY_SKIP)'; then \
	  echo "make: the tests above skipped; in check-all nothing may" >&2; exit 1; fi

stories: $(TO_DEVELOP) ## rewrite the golden reports of the bundled cycles; read the diff like code
	$(PY) -m pytest -q tests/test_stories.py --update-stories

record: $(TO_DEVELOP) ## record a scenario of the lab anew: make record NAME=cycle-1 (without NAME: list them)
	$(PY) -m tests.lab $(if $(NAME),record $(NAME) --out $(or $(OUT),fixtures/$(NAME)),list)

lab: $(TO_DEVELOP) ## record all scenarios whose servers are here (an hour) and score the answers; SEEDS="1 2 3", JOBS=3
	@status=0; $(PY) -m tests.lab record-all --out build/lab/recordings --seeds $(SEEDS) --jobs $(JOBS) || status=1; \
	$(PY) -m tests.lab score build/lab/recordings --alterations --out build/lab && exit $$status

bench: $(TO_DEVELOP) ## measure rca beside other tools on days of BENCH_N entries, into BENCHMARKS.md (hours, 20 GB)
	@test -x $(TOOLS)/bin/python || $(PY) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip --quiet install --progress-bar off duckdb pandas polars >&2 || echo "make: measured without them" >&2
	$(PY) -m tests.bench run --entries $(BENCH_N) --tools $(TOOLS) $(BENCH) \
	  --out $(if $(filter 1000000,$(BENCH_N)),BENCHMARKS.md,build/bench/tried.md)

fuzz: $(TO_DEVELOP) ## fuzz every reader by coverage: READER="logs lql", SECONDS=20; FLAT=1 until coverage stops growing
	@$(PY) -c 'import atheris' 2>/dev/null || $(INSTALL) 'atheris>=3.0' >&2
	$(PY) -m tests.fuzz $(READER) --seconds $(or $(SECONDS),20) $(if $(FLAT),--until-flat --table docs/fuzzing.md)

picture: $(TO_DEVELOP) ## draw the README's pictures from today's reports
	$(PY) docs/picture.py docs/rca.svg
	$(PY) docs/page.py docs

lock: ## pin what is needed to run and to develop, with hashes; UPGRADE=1 takes the newest versions
	python3.11 -m venv build/lock
	build/lock/bin/python -m pip --quiet install pip-tools
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --output-file requirements/run.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(COMPILE) --extra dev --extra github --extra lab --extra plot --constraint requirements/run.txt \
	  --output-file requirements/dev.txt pyproject.toml

dist: $(TO_DEVELOP) ## build the wheel and the source archive into dist/
	$(PY) -m hatchling build

clean: ## remove what was set up or built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(PY):
	@found=; \
	for one in $(PYTHONS); do \
	  if "$$one" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then found=$$one; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "make: no Python 3.11 or newer that can make virtual environments (tried: $(PYTHONS))" >&2; \
	  echo "try: install python3 (on Debian and Ubuntu also python3-venv), or name one: make why PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "rca: setting up $(VENV) with $$("$$found" --version), once ..." >&2; \
	"$$found" -m venv --clear $(VENV) >&2

$(TO_RUN): requirements/run.txt pyproject.toml | $(PY)
	@$(INSTALL) --require-hashes --requirement requirements/run.txt >&2
	@$(INSTALL) --no-deps --no-build-isolation --editable . >&2
	@touch $@

$(TO_DEVELOP): requirements/dev.txt $(TO_RUN)
	@echo "rca: installing what the tests need, once ..." >&2
	@$(INSTALL) --require-hashes --requirement requirements/dev.txt >&2
	@touch $@

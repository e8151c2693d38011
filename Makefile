# 问策。  make run 启动服务        make test 全部检查
#        PORT=5905 make run 或 make run PORT=5905 换端口;其他设置见 wence/settings.py
SHELL := /bin/bash
.DEFAULT_GOAL := run
.NOTPARALLEL:
.PHONY: run setup setup-dev train evaluate bench test lint types unit data stories live browser widget widget-check screenshots lock clean

BIN := .venv/bin
RASA := $(BIN)/python -m wence.rasa_command
STORIES := tests/conversations/test_stories.yml
NPM := tools/npm.sh --prefix widget --silent
COMPILE := .venv-tools/bin/uv pip compile --quiet --python-version 3.10 --generate-hashes --override overrides.in \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

run: setup
	@exec $(BIN)/wence run

setup:
	@./setup.sh

setup-dev:
	@./setup.sh --dev

train: setup
	@exec $(BIN)/wence train

evaluate: setup
	@exec $(BIN)/wence evaluate

bench: setup-dev
	@exec $(BIN)/python -m bench

test: lint types unit data stories live browser

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

unit: setup-dev
	$(BIN)/pytest -m "not live and not browser"

data: setup-dev
	$(RASA) data validate

stories: setup-dev
	model=$$($(BIN)/wence train) && \
	$(RASA) test core --e2e --model "$$model" --stories $(STORIES) --out var/stories --fail-on-prediction-errors

live: setup-dev
	$(BIN)/pytest -m "live and not browser"

# The web widget: what widget/dist is made from, then all of it in a browser.
browser: widget-check
	$(BIN)/pytest -m browser

widget: setup-dev
	@tools/browser.sh
	$(NPM) run types && $(NPM) run build

# Types, unit tests, and whether widget/dist is what the source builds; nothing where there are no build tools.
widget-check: setup-dev
	@tools/browser.sh
	if [ -e widget/node_modules/.stamp ]; then $(NPM) run types && $(NPM) test && $(NPM) run check; fi

screenshots: setup-dev
	@tools/browser.sh
	$(BIN)/python -m tests.browser.screenshots

# `make lock UPGRADE=--upgrade` takes the newest versions that requirements.in allows.
lock: setup
	$(COMPILE) $(UPGRADE) requirements.in -o requirements.lock
	$(COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.lock
	$(COMPILE) $(UPGRADE) requirements-node.in -o requirements-node.lock

clean:
	rm -rf widget/node_modules widget/.built .venv .venv-tools .rasa var *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PY := .venv/bin/python
STATE ?= $(or $(HOTLINE_STATE_DIR),var)

.PHONY: help setup run test check format shots call bench clean

help: ## 列出命令 list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 16

setup: ## 准备运行所需的一切 prepare everything `make run` needs
	@scripts/setup

run: setup ## 准备并启动热线 prepare and start the hotline
	@exec .venv/bin/hotline run

test: ## 准备并运行全部测试 prepare and run every test
	@scripts/setup --test --no-demo
	@scripts/isolated $(PY) -m pytest -n 2 --dist worksteal $(ARGS)

check: ## 代码检查 lint, types, import rules
	@scripts/setup --test --no-demo
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

format: ## 整理代码格式 format the code
	$(PY) -m ruff format .

shots: ## 重拍页面样张，提交前先看一遍 take the reference pictures of pages anew: make shots ARGS="cases desk-ready"; look before you commit
	@$(PY) -m tests.browser.screenshots $(ARGS)

call: ## 模拟市民来电 place a synthetic citizen's call: make call ARGS="--keys 6:1"
	@.venv/bin/hotline call $(ARGS)

bench: ## 运行基准 run the benchmarks; each prints ratios to a named baseline of the same run
	@scripts/setup --test --no-demo
	@for name in intake http_intake records agi pop load line busy_hour seat \
	  fanout reload sealing suggest likeness; do \
	  echo "== bench.$$name"; scripts/isolated $(PY) -m bench.$$name || exit 1; done
	@for name in speech recognition; do echo "== bench.$$name"; $(PY) -m bench.$$name || exit 1; done
	@echo "== bench.redaction"; $(PY) -m bench.redaction
	@echo "== bench.circuit"; $(PY) -m bench.circuit --metro 3000
	@echo "== bench.walks"; $(PY) -m bench.walks 500

clean: ## 删除全部状态与环境 remove all state and the environment
	@if [ -e $(STATE)/run/hotline.pid ] && kill -0 $$(cat $(STATE)/run/hotline.pid) 2>/dev/null; then \
	  echo "✗ 热线正在运行，请先按 Ctrl-C 停止 the hotline is running: stop it first"; exit 1; fi
	rm -rf $(STATE) .venv build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis

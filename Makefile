# Commands for contributors. `make help` lists them. The targets only call programs in other folders, such as tools/ and
# lab/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# `npm ci` installs Node 24 into node_modules, and the targets use it. The machine's own Node is needed only to run npm.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export CLUSTER ?= auto

# The targets that start real processes use --forceExit: a failed test may leave a connection open, and Jest would wait
# for it.
JEST := node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js

RUN_FILES = $(if $(FILES),--runTestsByPath $(FILES))

##@ Use

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nCLUSTER=auto|kind|lab|current chooses the cluster of make up (auto: kind if usable, else lab).\n'

.PHONY: dev
dev: node_modules ## Run the minimal example on this machine, without Kubernetes (FILE=cluster.yaml for another, HANDLERS=handlers.ts)
	@node operator/src/main.ts dev -f $(or $(FILE),examples/minimal/cluster.yaml) $(if $(HANDLERS),--handlers $(HANDLERS))

.PHONY: desk
desk: node_modules ## Run the example application examples/case-desk on this machine, without Kubernetes
	@cd examples/case-desk && node start.ts

.PHONY: up
up: node_modules ## Start a cluster with the operator and the minimal example
	@node tools/up/main.ts up

.PHONY: down
down: node_modules ## Remove what make up created, and nothing else
	@node tools/up/main.ts down

.PHONY: status
status: node_modules ## Show what make up left running, and how to reach it
	@node tools/up/main.ts status

.PHONY: token
token: node_modules ## Print a token for the cluster of make up (SUB=alice ROOMS="team-7,case:*")
	@node tools/up/main.ts token

.PHONY: example-handlers
example-handlers: node_modules ## Deploy examples/handlers/typescript on the cluster of make up
	@node tools/up/main.ts example-handlers

.PHONY: example-desk
example-desk: node_modules ## Deploy examples/case-desk on the cluster of make up, and serve its page on this machine (PAGE_PORT=5173)
	@node tools/up/main.ts example-desk

.PHONY: diagnose
diagnose: node_modules ## Show conditions, pods, warnings and logs of the cluster of make up
	@node tools/up/main.ts diagnose

##@ Test

.PHONY: test
test: ## Run everything that proves the project, from a fresh clone
	@bash tools/test-all.sh

.PHONY: test-unit
test-unit: node_modules ## Run unit and golden tests: seconds
	@$(JEST) --selectProjects unit --maxWorkers=100%

# Without root, the test of the lab's node is skipped. If KUBEBUILDER_ASSETS names a folder with the programs of a
# control plane, make does not build them.
.PHONY: test-integration
test-integration: node_modules deps ## Run tests with real kube-apiserver, etcd, Redis and gateway processes (FILES="a b" for some)
	@[ -n "$${KUBEBUILDER_ASSETS:-}" ] || node lab/src/main.ts build control-plane
	@[ "$$(id -u)" = 0 ] || echo "lab/test/node.integration.test.ts is skipped: it needs root"
	@$(JEST) --selectProjects integration --testTimeout=60000 --maxWorkers=$${JEST_WORKERS:-2} --forceExit \
	  $$([ "$$(id -u)" = 0 ] || echo --testPathIgnorePatterns /node_modules/ lab/test/node.integration) $(RUN_FILES)

.PHONY: test-abuse
test-abuse: node_modules deps ## Attack a real gateway and measure its memory
	@$(JEST) --selectProjects abuse --testTimeout=60000 --runInBand --forceExit $(RUN_FILES)

.PHONY: test-e2e
test-e2e: up ## Run end-to-end tests on the cluster of make up (STORY=name for one file)
	@for run in "e2e --maxWorkers=$${JEST_WORKERS:-2}" "e2e-alone --runInBand"; do \
	  $(JEST) --selectProjects $$run --testTimeout=60000 --forceExit --passWithNoTests $(RUN_FILES) \
	    $(if $(STORY),--testPathPatterns 'e2e/.*/$(STORY)\.') || failed=yes; \
	done; [ -z "$${failed:-}" ]

.PHONY: lint
lint: node_modules ## Check types (TypeScript 7), rules (ESLint) and format (Prettier)
	@npm run -s check
	@npm run -s lint

.PHONY: verify
verify: node_modules ## Check that generated files match their sources
	@node tools/generate.ts --check

.PHONY: bench
bench: node_modules deps ## Measure performance as ratios to named peers (BENCH=name for one part)
	@node bench/main.ts $(BENCH)

.PHONY: bench-operator
bench-operator: node_modules ## Measure the operator with many clusters (CLUSTERS=500); with LIVE=1, live edits on the cluster of make up
	@node bench/operator/main.ts

# FAULTS="rollout,scale up" runs some of e2e/chaos/faults.ts. CHAOS_OUT names the file for the figures.
.PHONY: chaos
chaos: up ## Break one thing after another on the cluster of make up, under 300 clients (SEED=1, CLIENTS=300)
	@node e2e/chaos/run-chaos.ts

##@ Build

.PHONY: build
build: node_modules ## Bundle the operator and the gateway into dist/
	@npm run -s build --workspace operator
	@npm run -s build --workspace server

.PHONY: generate
generate: node_modules ## Rewrite derived files: types from the CRD, the chart's CRD and README
	@node tools/generate.ts

.PHONY: golden
golden: node_modules ## Rewrite golden files; commit only what you can explain
	@UPDATE_GOLDEN=1 $(JEST) --selectProjects unit

.PHONY: dashboards
dashboards: node_modules ## Draw the dashboards of a cluster and of the operator as pictures
	@node tools/draw-dashboards.ts

.PHONY: lab
lab: node_modules ## Build and fetch the lab's Kubernetes (cached outside the repository)
	@node lab/src/main.ts build $(LAB_GROUP)

.PHONY: deps
deps: node_modules ## Install the programs that integration tests start (Redis, openssl, Chromium)
	@bash tools/install-test-programs.sh

# npm writes this file last. If it is missing, an installation was interrupted, so install again.
node_modules: $(if $(wildcard node_modules/.package-lock.json),,interrupted) package-lock.json package.json operator/package.json server/package.json lab/package.json testkit/package.json client/package.json sdk/package.json examples/case-desk/package.json
	@bash tools/install-node-modules.sh
	@touch node_modules

# There is no file with this name, so everything that depends on it is made again.
interrupted:

.PHONY: format
format: node_modules ## Format TypeScript, YAML and Markdown
	@npm run -s format

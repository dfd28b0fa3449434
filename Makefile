# The two commands of the README are `make demo` and `make test`; the rest is for daily work.
# `make help` lists them all.

OVID := .build/release/ovid

.PHONY: help build demo live test test-live test-editors bench fuzz soak conformance docs format setup clean install uninstall

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## install libgccjit and what it calls (Debian, Ubuntu); nothing if they are there
	@scripts/setup || echo "Going on without: Ovid will interpret, and the demo cannot show compiled code."

build: ## the release executable, .build/release/ovid, without dependencies on the Swift runtime
	swift build -c release --product ovid --static-swift-stdlib

demo: setup build ## edit a method that is inlined into a running, compiled loop
	@$(OVID) demo live-edit

live: setup build ## the same in the browser: a program that draws, and windows in which it is edited
	$(OVID) live --demo --open $(ARGS)

test: ## everything that CI checks: format, builds, tests, demo, a short fuzz run
	@scripts/test

test-live: build ## the pages of ovid live in Chromium, gone through as a person would
	scripts/test-live $(ARGS)

test-editors: build ## ovid lsp, dap and mcp with Neovim, Emacs, and clients from PyPI, which it installs
	scripts/test-editors $(OVID) $(ARGS)

bench: build ## the benchmarks and the figures the project promises, beside their peers
	@scripts/setup --bench || true
	$(OVID) bench $(ARGS)

fuzz: build ## random programs on every tier and stress flag, until something differs
	$(OVID) fuzz $(ARGS)

soak: build ## edit a running program for an hour and watch memory and speed
	$(OVID) soak $(ARGS)

conformance: build ## upstream's tests and examples, from checkouts: SOM=folder, perhaps AWFY=folder
	$(OVID) conformance $(SOM) $(if $(AWFY),--awfy $(AWFY)) $(ARGS)

docs: ## pages of the documentation of the Swift interface, .build-docs/Ovid
	swift build
	scripts/docs

PREFIX ?= /usr/local

install: build ## the command, its manual page and completions below PREFIX (/usr/local)
	scripts/install install $(PREFIX) $(OVID)

uninstall: ## remove them again
	scripts/install uninstall $(PREFIX) $(OVID)

format: ## rewrite the Swift sources, and the SOM sources if Ovid is built, in the project's format
	swift format --in-place --parallel --recursive Sources Tests Package.swift
	@[ ! -x $(OVID) ] || $(OVID) format Sources/VM/CoreLibrary Benchmarks Examples

clean: ## remove what builds left behind
	rm -rf .build .build-*

# Everything a fresh machine needs: make run, make test, make check, make package.

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
RULES_VENV := .venv-rules

# A stage is named on the command line, and never taken from the environment by accident.
ifneq ($(origin STAGE),command line)
override STAGE :=
endif

# Each process would compile everything again, and tests start many.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check audit lock openapi check-properties check-rules check-store check-ui check-e2e check-config generate screenshots package check-package deploy bench-classify bench-cold-start bench-grouping bench-scale bench-scan bench-storm bench-ui bench-walk clean help

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMP) ## Run the whole hub on this machine, with sample events; Ctrl-C ends it
	@exec $(PY) -m local $(ARGS)

test: $(STAMP) ## Run the tests, with coverage
	$(PY) -m pytest -n auto --dist worksteal -m 'not dynamodb_local and not e2e and not contract and not slow and not browser' --cov --cov-report= $(ARGS)
	$(PY) -m coverage report --fail-under=90
	@$(PY) -m coverage report --include='chalicelib/domain/*' --fail-under=100 > /dev/null \
	  || { $(PY) -m coverage report --include='chalicelib/domain/*'; echo 'The domain must be covered to 100 %.'; exit 1; }

check: $(STAMP) ## Lint, type-check and keep the import contracts
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/cfn-lint infra/*.yaml
	$(PY) -m infra.check_config > /dev/null

audit: $(STAMP) ## Ask whether anything that ships has a known vulnerability
	@$(PY) -m infra.audit

lock: $(STAMP) ## Write requirements.lock anew: the hashes of what requirements.txt names
	$(VENV)/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url \
	  --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock requirements.txt

openapi: $(STAMP) ## Write docs/openapi.json anew from the models of the API
	$(PY) -m infra.openapi

check-properties: $(STAMP) ## Try each property on more examples; ARGS=--hypothesis-profile=fresh: on many that are new
	$(PY) -m pytest -n auto --dist worksteal -m '(hypothesis or slow) and not dynamodb_local' --hypothesis-profile=thorough $(ARGS)

check-store: $(STAMP) ## Keep the stores to their contract on AWS's own DynamoDB Local; takes Java and npm
	$(PY) -m pytest -m dynamodb_local -rs tests/gateways $(ARGS)

check-rules: $(STAMP) $(RULES_VENV)/.installed ## Match samples against the generated rules by LocalStack's engine, beside ours
	$(PY) -m infra.check_rules $(RULES_VENV)/bin/python

check-config: $(STAMP) ## Check routes.toml and scan.toml; EVENT=event.json tells who would hear of an event
	@$(PY) -m infra.check_config $(FILE) $(if $(STAGE),--stage $(STAGE)) $(if $(EVENT),--event $(EVENT)) $(if $(AT),--at $(AT))

package: $(STAMP) ## Build dist/deployment.zip and dist/sam.json, and tell what is in them
	@rm -rf dist
	$(PY) -m infra.package --stage $(or $(STAGE),prod) dist

screenshots: $(STAMP) ## Take the pictures in docs/images again; takes Chromium and its driver
	$(PY) -m local.screenshots

generate: $(STAMP) ## Write what follows from sources and handlers: index, rules, alarms, tables, pictures of messages
	$(PY) -m infra.generate
	$(PY) -m pytest tests/gateways/slack/test_messages.py --snapshot-update

check-api: $(STAMP) ## Send the running API 5,000 generated requests, or CASES=…, and hold it to docs/openapi.json
	API_CASES=$(or $(CASES),5000) $(PY) -m pytest -m contract tests/contract $(ARGS)

check-ui: $(STAMP) ## Open each page in Chromium, and do what can be done there; takes Chromium, its driver and npm
	$(PY) -m pytest -m browser -rs tests/ui $(ARGS)

check-e2e: $(STAMP) ## Start the whole stack as a user does, and add a source as docs/extending.md says
	$(PY) -m pytest -m e2e tests $(ARGS)

check-package: package ## Run each function of the package as Lambda would, and build it a second time
	PACKAGE=dist/deployment.zip $(PY) -m pytest tests/package $(ARGS)

deploy: $(STAMP) ## Deploy a stage to AWS: make deploy STAGE=prod
	$(if $(STAGE),,$(error Name the stage: make deploy STAGE=prod))
	$(PY) -m infra.deploy --stage $(STAGE) $(ARGS)

bench-cold-start: package ## Measure the cold start of each function of the package
	$(PY) -m bench.cold_start dist/deployment.zip $(ARGS)

bench-classify: $(STAMP) ## Measure what is taken for an error, on labelled log lines
	$(PY) -m bench.classify $(ARGS)

bench-grouping: $(STAMP) ## Measure how log lines are grouped, beside Drain3: make bench-grouping ARGS=<directory of samples>
	$(PY) -m bench.grouping $(ARGS)

bench-scan: $(STAMP) ## Measure the scan of 1,000 log groups against a stand-in for Logs Insights
	$(PY) -m bench.scan $(ARGS)

bench-scale: $(STAMP) ## Measure what grows with a hub, at 10,000 and 30,000 events on DynamoDB Local; takes Java and npm
	$(PY) -m bench.scale $(ARGS)

bench-storm: $(STAMP) ## Play the big incident, with fifty seeds and four variations, while everything fails; takes minutes
	$(PY) -m bench.storm $(or $(ARGS),--all)

bench-ui: $(STAMP) ## Measure what each page takes with 10,000 alerts, on DynamoDB Local; takes Java and npm
	$(PY) -m bench.ui $(ARGS)

bench-walk: $(STAMP) ## Count how often an event is handed from one file to another
	$(PY) -m bench.walk $(ARGS)

clean: ## Remove what was built and installed
	rm -rf $(VENV) $(RULES_VENV) dist .cache .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(STAMP): requirements.txt requirements-dev.txt bin/python
	@python="$$(sh bin/python)" && "$$python" -m venv $(VENV)
	@echo "Installing into $(VENV) (about a minute, once) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(RULES_VENV)/.installed: requirements-rules.txt bin/python
	@python="$$(sh bin/python)" && "$$python" -m venv $(RULES_VENV)
	@$(RULES_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-rules.txt
	@touch $@

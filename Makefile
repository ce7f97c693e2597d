# All commands for users and contributors. `make help` lists them.

.PHONY: help attack bench bench-cache bench-gateway calibrate chaos check compose demo docs gateway mirror quick schema-check schema-release test test-clients test-gateway

help:
	@echo "make demo   generate a synthetic registry and serve it at http://127.0.0.1:8080"
	@echo "make attack attack a registry with hostile requests, and print the result of each attack"
	@echo "make bench  compare it with PostGraphile and with one SQL statement; SHORT=1 for a smoke run"
	@echo "make bench-cache  compare cached responses with a static response; SHORT=1 for a smoke run"
	@echo "make bench-gateway  measure the engines of the gateway beside each side alone; SHORT=1 for a smoke run"
	@echo "make calibrate  measure processor time per point of cost; SHORT=1 for a smoke run"
	@echo "make chaos  run two servers under load while faults are injected; MINUTES=120"
	@echo "make mirror keep a copy in Postgres through 10,000 changes and interruptions, and compare it; CHANGES=10000"
	@echo "make check  check format, lints, spelling and crates"
	@echo "make quick  run unit tests, and the suite on SQLite"
	@echo "make compose  compose the supergraph of the registry and the example partner anew"
	@echo "make docs   update the generated tables, and build the book into book"
	@echo "make gateway  serve a registry, a partner and a gateway that joins them, with queries to try; ROUTER=build"
	@echo "make schema-check  compare the schemas with the released ones, and compose the subgraph with partners; PARTNERS=\"a.graphql\""
	@echo "make schema-release  make the present schemas the released ones"
	@echo "make test-clients  run clients from npm and PyPI against a registry, and print the result of each"
	@echo "make test-gateway  join a registry and a partner through a gateway, attack it, let a side fail, and print what clients get"
	@echo "make test   set everything up, then run all checks, and all tests on SQLite and on Postgres"

compose:
	@deploy/gateway/compose

demo:
	DATABASE_URL="$${DATABASE_URL:-sqlite://demo.sqlite}" cargo run --profile demo --package api --bin registry -- demo

attack:
	@tests/attack/run

bench:
	@bench/run

bench-cache:
	@bench/cache

bench-gateway:
	@bench/gateway

calibrate:
	@bench/calibrate

chaos:
	@tests/attack/chaos

check:
	@tests/check

gateway:
	@ROUTER="$(ROUTER)" deploy/gateway/demo

mirror:
	@tests/mirror/run

quick:
	cargo build --quiet --package api
	cargo nextest run --workspace --no-fail-fast -E 'not binary(postgres)'

docs:
	@docs/build

schema-check:
	@tests/composition/run $(PARTNERS)

schema-release:
	@tests/composition/run --release

test:
	@tests/run

test-clients:
	@tests/clients/run

test-gateway:
	@tests/gateway/run

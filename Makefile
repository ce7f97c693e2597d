# All that a user or a contributor needs, in one place. `make help` lists it.

.PHONY: help attack bench bench-cache calibrate chaos check demo docs quick test

help:
	@echo "make demo   generate a registry of a nation's shape and serve it at http://127.0.0.1:8080"
	@echo "make attack attack a registry with hostile requests, and tell what came of each attack"
	@echo "make bench  measure it beside PostGraphile and one SQL statement; SHORT=1 for a smoke run"
	@echo "make bench-cache  measure answers that are kept beside a static answer; SHORT=1 for a smoke run"
	@echo "make calibrate  measure processor time for each point that a request costs; SHORT=1 for a smoke run"
	@echo "make chaos  keep two servers under load while everything around them fails; MINUTES=120"
	@echo "make check  check format and lints"
	@echo "make quick  run unit tests, and the suite on SQLite"
	@echo "make docs   bring printed tables up to date, and build the book into target/book"
	@echo "make test   set everything up, then check and test all of it on SQLite and on Postgres"

demo:
	cargo run --release --package api --bin registry -- demo

attack:
	@tests/attack/run

bench:
	@bench/run

bench-cache:
	@bench/cache

calibrate:
	@bench/calibrate

chaos:
	@tests/attack/chaos

check:
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- --deny warnings

quick:
	cargo build --quiet --package api
	cargo nextest run --workspace --no-fail-fast -E 'not binary(postgres)'

docs:
	@docs/build

test:
	@tests/run

# The short way to everything; CMakePresets.json holds the details. `make help` lists the targets.

JOBS ?= $(shell nproc)
# Most tests wait for one another's processes more than they compute.
TEST_JOBS ?= $(shell expr 2 '*' $(JOBS))
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
MINUTES ?= 10
ARGS ?=

BENCHES := monocoque_bench micro_public micro_rooms micro_crypto hot_path

.PHONY: build run test conformance bench bench-micro bench-budget check format format-check lint asan tsan fuzz soak install setup clean help
.DEFAULT_GOAL := build

build: setup release.build            ## set up the machine and build everything (the default)

run: setup build/release/build.ninja  ## build and run the demo; ARGS="..." are handed to it
	cmake --build --preset release --parallel $(JOBS) --target monocoque_cli
	build/release/bin/monocoque demo $(ARGS)

test: setup release.test              ## run every test on both drivers

conformance: conformance.build        ## run what others wrote for libzmq on our libzmq.so.5: some 4 minutes
	@scripts/stage conformance tests/conformance/run.py build/release/lib/zmq

bench: bench.build                    ## Monocoque, libzmq and bare sockets side by side; ARGS="--help" tells more
	build/release/bin/bench/monocoque_bench --json build/bench/results.json --plots build/bench/plots $(ARGS)
	$(if $(ARGS),,@$(MAKE) --no-print-directory bench-micro)
bench-micro: bench.build              ## single operations, and instructions a message under callgrind
	build/release/bin/bench/micro_public --benchmark_out=build/bench/micro_public.json
	build/release/bin/bench/micro_rooms --benchmark_out=build/bench/micro_rooms.json
	build/release/bin/bench/micro_crypto --benchmark_out=build/bench/micro_crypto.json
	bench/hot_path/instructions.py build/release/bin/bench/hot_path --json build/bench/instructions.json
bench-budget: bench.build             ## make today's instructions a message the budget that a test checks
	bench/hot_path/instructions.py build/release/bin/bench/hot_path --update

check: setup format-check lint asan tsan fuzz  ## formatting, lint, sanitizers, short fuzzing

format:                               ## format the C++ files in place
	scripts/format
format-check:                         ## is everything formatted?
	@scripts/stage format scripts/format --check
lint: build/asan/build.ninja          ## clang-tidy
	@cmake build/asan > build/asan/configure.log
	@scripts/stage lint scripts/lint build/asan
asan: asan.test                       ## every test under Address- and UndefinedBehaviorSanitizer
tsan: tsan.test                       ## every test under ThreadSanitizer
fuzz: fuzz.build                      ## every fuzz target for FUZZ_SECONDS=30
	@scripts/stage fuzz scripts/fuzz $(FUZZ_SECONDS)

soak: build/asan/build.ninja build/tsan/build.ninja  ## everything at random for MINUTES=10 under each sanitizer
	@for preset in asan tsan; do \
	  cmake --build --preset $$preset --parallel $(JOBS) --target soak && \
	  build/$$preset/bin/soak --minutes $(MINUTES) || exit 1; \
	done

install: build/release/build.ninja    ## build and install to PREFIX=/usr/local
	cmake --build --preset release --parallel $(JOBS) --target monocoque_shared monocoque_static monocoque_zmq monocoque_cli
	cmake --install build/release --prefix $(PREFIX)

setup:                                ## install the Debian packages that are missing
	@scripts/setup

.PHONY: conformance.build
conformance.build:
	@scripts/setup --conformance
	@$(MAKE) --no-print-directory build/release/build.ninja
	@scripts/stage "conformance build" cmake --build --preset release --parallel $(JOBS) --target monocoque_zmq

.PHONY: bench.build
bench.build:
	@scripts/setup --bench
	@$(MAKE) --no-print-directory build/release/build.ninja
	@mkdir -p build/bench
	@scripts/stage "bench build" cmake --build --preset release --parallel $(JOBS) --target $(BENCHES)

clean:                                ## remove build/
	rm -rf build

help:                                 ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

# Any preset: `make tsan.build`, `make no-uring.test`.
build/%/build.ninja: CMakePresets.json
	cmake --preset $*
%.build: build/%/build.ninja
	@scripts/stage "$* build" cmake --build --preset $* --parallel $(JOBS)
%.test: %.build
	@scripts/stage "$* test" ctest --preset $* --parallel $(TEST_JOBS)
.PRECIOUS: build/%/build.ninja
.NOTPARALLEL:

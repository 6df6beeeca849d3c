# mfpipe. `make help` lists the targets.

SHELL = /bin/bash
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
BUILD = $(if $(filter 1,$(MPI)),build-mpi,build)
VERSION := $(shell sed -n 's/^\#define MF_VERSION "\(.*\)"/\1/p' include/mf/version.h)
SOVERSION := 0

CC ?= cc
LDCONFIG ?= ldconfig
CFLAGS ?= -O2 -g
PACKAGES = msgpack openblas lapacke libxxhash libutf8proc jansson zlib libarchive
WARN = -Wall -Wextra -Wpedantic -Wconversion -Wshadow
# Everything of ours; the user's CPPFLAGS, CFLAGS and LDFLAGS come after.
# pkg-config is asked once, when the first recipe wants it: before, deps may have to install.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null))$(PKG_LIBS)
MF_CPPFLAGS = -D_GNU_SOURCE -Iinclude $(PKG_CFLAGS)
MF_CFLAGS = -std=c11 $(WARN) -fopenmp -fno-math-errno -fPIC
MF_LIBS = $(PKG_LIBS) $(MPI_LIBS:%=-Wl$(,)--as-needed %) -lm

# What an error in C is kept from doing, where it is of no use to a sanitizer; MF_HARDEN=0 goes
# without, also where the compiler does it unasked. The compiler is asked once which of it there
# is. _FORTIFY_SOURCE wants -O1 or more, and is left to those who set it themselves.
, = ,
MF_HARDEN ?= 1
HARDENED = $(if $(filter 0,$(MF_HARDEN))$(findstring -fsanitize,$(CFLAGS)),,1)
BARE = $(if $(findstring -fsanitize,$(CFLAGS)),,$(filter 0,$(MF_HARDEN)))
HARDEN_TRY = $(if $(BARE),-fno-stack-protector -fno-stack-clash-protection,-fstack-protector-strong -fstack-clash-protection)
HARDEN_HAS = $(eval HARDEN_HAS := $(shell for f in $(HARDEN_TRY); do \
    $(CC) -Werror $$f -x c -c -o /dev/null /dev/null 2>/dev/null && echo $$f; done))$(HARDEN_HAS)
HARDEN_FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,$(if $(BARE),-U_FORTIFY_SOURCE,$(if \
    $(filter -O1 -O2 -O3 -Os,$(lastword $(filter -O%,$(CFLAGS)))),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)))
HARDEN_CFLAGS = $(if $(HARDENED)$(BARE),$(HARDEN_HAS) $(HARDEN_FORTIFY))
HARDEN_LDFLAGS = $(if $(HARDENED),-Wl$(,)-z$(,)relro$(,)-z$(,)now$(,)-z$(,)noexecstack,$(if $(BARE),-Wl$(,)-z$(,)norelro$(,)-z$(,)lazy))
HARDEN_PIE = $(if $(HARDENED),-pie,$(if $(BARE),-no-pie))

# MPI=1: training by several processes; a build folder of its own.
MPI ?= 0
MPICC ?= mpicc
MPI_CFLAGS = $(eval MPI_CFLAGS := $(shell pkg-config --cflags mpi 2>/dev/null || $(MPICC) -show 2>/dev/null | tr ' ' '\n' | grep '^-I'))$(MPI_CFLAGS)
MPI_FOUND = $(eval MPI_FOUND := $(shell pkg-config --libs mpi 2>/dev/null || $(MPICC) -show 2>/dev/null | tr ' ' '\n' | grep '^-[Ll]'))$(MPI_FOUND)
MPI_LIBS = $(if $(filter 1,$(MPI)),$(MPI_FOUND))
LIB_SRC := $(filter-out lib/base/ranks_$(if $(filter 1,$(MPI)),alone,mpi).c,$(sort $(shell find lib -name '*.c')))
LIB_OBJ := $(LIB_SRC:lib/%.c=$(BUILD)/lib/%.o)
TOOL_SHARED := $(sort $(wildcard tools/tool_*.c))
TOOLS := $(sort $(patsubst tools/%.c,%,$(filter-out $(TOOL_SHARED),$(wildcard tools/*.c))))
UNIT := $(sort $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*_test.c)))
UNIT_AID := $(sort $(filter-out %_test.c,$(wildcard tests/unit/*.c)))
FUZZ := $(sort $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*_fuzz.c)))
FUZZ_AID := $(filter-out tests/fuzz/replay.c tests/fuzz/%_fuzz.c,$(sort $(wildcard tests/fuzz/*.c)))
BENCH := $(sort $(patsubst bench/%.c,%,$(wildcard bench/*_bench.c)))
MAN := $(sort $(wildcard man/*.[157]))
MF_HEADERS := $(sort $(wildcard include/mf/*.h))

STATIC = $(BUILD)/libmfpipe.a
SHARED = $(BUILD)/libmfpipe.so.$(SOVERSION)

# `make V=1` shows the commands.
V ?= 0
Q = $(if $(filter 0,$(V)),@echo '  build' $@ &&)

.PHONY: all help deps deps-mpi demo check check-full check-faults check-asan check-tsan check-unit check-cli lint fuzz \
        install uninstall clean format
.DELETE_ON_ERROR:

all: $(STATIC) $(SHARED) $(TOOLS:%=$(BUILD)/bin/%)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## all         library and tools, under build/ (the default); MF_HARDEN=0: without stack
##             protector, _FORTIFY_SOURCE, PIE and read-only tables; MPI=1: under build-mpi/,
##             with training by several processes
## deps        install what is missing, with apt-get; nothing if all is there
## deps-mpi    what MPI=1 needs: Open MPI, with apt-get
## demo        the whole pipeline on synthetic data
## check       every test; ends in "N passed, N failed"
## check-full  as check, where nothing is left out, and what faults were tried is counted;
##             then analyze, and fuzz with clang
## check-faults faults alone, none left out, and counted; half an hour
## check-unit  the unit tests alone
## check-cli   the command-line tests alone
## check-asan  the unit and command-line tests under AddressSanitizer and UBSan
## check-tsan  the unit tests of what threads share under ThreadSanitizer (clang, libomp)
## lint        layers, headers, names, manual pages, warnings of both compilers
## analyze     gcc -fanalyzer, cppcheck and clang-tidy, where they are installed; minutes
## fuzz        run each fuzz harness for FUZZ_SECONDS (30), or FUZZ_RUNS executions, with
##             libFuzzer (clang)
## install     into $(DESTDIR)$(PREFIX), libraries into LIBDIR (PREFIX/lib); as root without
##             DESTDIR, ldconfig is run too; docs/install.md
## uninstall   remove what install put there
## format      clang-format all sources
## clean       remove build/

# What is needed, by Debian package. clang, if it is there, is checked against too.
DEBIAN = gcc g++ libc6-dev make pkg-config libopenblas-dev liblapacke-dev libmsgpack-dev \
    libxxhash-dev libutf8proc-dev libjansson-dev zlib1g-dev libarchive-dev libcmocka-dev sharness jq mandoc \
    perl python3 python3-msgpack python3-xxhash python3-numpy python3-pip python3-setuptools python3-wheel
deps:
	@missing=; for p in $(DEBIAN); do \
	    [ "$$(dpkg-query -W -f='$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || missing="$$missing $$p"; \
	done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	    if pkg-config --exists $(PACKAGES) cmocka 2>/dev/null; then exit 0; fi; \
	    echo "deps: no apt-get here; install the development packages of: OpenBLAS, LAPACKE," \
	        "msgpack-c, xxHash, utf8proc, jansson, zlib, libarchive, cmocka; and sharness, jq, mandoc, perl, python3" >&2; \
	    exit 1; \
	fi; \
	root=; [ "$$(id -u)" = 0 ] || root=sudo; \
	echo "deps: installing$$missing"; \
	$$root apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive $$root apt-get install -qq -y --no-install-recommends $$missing >/dev/null

deps-mpi:
	@$(MAKE) --no-print-directory deps DEBIAN='openmpi-bin libopenmpi-dev'

# `make deps demo` and `make deps check`: nothing is built before deps is done.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(BUILD)/flags check asan-built: | deps
endif

demo: all
	@PATH="$(abspath $(BUILD))/bin:$$PATH" examples/demo.sh

# Objects are rebuilt when the flags change: the stamp holds them.
FLAGS = $(CC) $(MF_CPPFLAGS) $(CPPFLAGS) $(MF_CFLAGS) $(HARDEN_CFLAGS) $(CFLAGS)
LINK = $(CC) -fopenmp $(HARDEN_LDFLAGS) $(CFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS)' | cmp -s - $@ || \
	    echo '$(FLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS)' > $@
# Phony, or .SECONDARY would make it one of the files that force nothing.
.PHONY: FORCE
FORCE:

# The library sees its own headers; tools do not.
$(BUILD)/lib/%.o: private MF_CPPFLAGS += -Ilib
$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(Q)$(FLAGS) -MMD -MP -c -o $@ $<

# Headers of MPI are not held to our warnings.
$(BUILD)/lib/base/ranks_mpi.o: private MF_CPPFLAGS += $(MPI_CFLAGS:-I%=-isystem %)

# Products and sums of the kernels may be fused; ISO C forbids it to gcc without a word.
$(BUILD)/lib/kernel/%.o: private MF_CFLAGS += -ffp-contract=fast

# q, not r: files of one name in two folders are two members.
$(STATIC): $(LIB_OBJ)
	@rm -f $@
	$(Q)$(AR) qcs $@ $^

# Only what the headers declare is visible.
$(SHARED): $(LIB_OBJ)
	@echo '{ global: mf_[!_]*; local: *; };' > $(BUILD)/libmfpipe.map
	$(Q)$(LINK) -shared -Wl,-soname,$(@F) -Wl,--version-script=$(BUILD)/libmfpipe.map \
	    $(LDFLAGS) -o $@ $^ $(MF_LIBS)

# The options of training are those of two tools: linked into others, they would bring OpenBLAS.
$(BUILD)/bin/mf-als $(BUILD)/bin/mf-tune: $(BUILD)/tools/tool_als.o
$(TOOLS:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/tools/%.o \
		$(patsubst %.c,$(BUILD)/%.o,$(filter-out tools/tool_als.c,$(TOOL_SHARED))) $(STATIC)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(HARDEN_PIE) $(LDFLAGS) -o $@ $(filter %.o,$^) $(STATIC) $(MF_LIBS)

# The same with MPI, of the objects of this build and one more: for tests.
$(BUILD)/mpi/%: $(BUILD)/tools/%.o $(TOOL_SHARED:%.c=$(BUILD)/%.o) $(BUILD)/lib/base/ranks_mpi.o $(STATIC)
	@mkdir -p $(@D)
	$(Q)$(LINK) $(HARDEN_PIE) $(LDFLAGS) -o $@ $(filter %.o,$^) $(STATIC) $(MF_LIBS) $(MPI_FOUND)

# Tests and benchmarks may look into the library and link the static one. There are many
# of them: gold, where it is there, takes half as long.
TEST_LD = $(eval TEST_LD := $(if $(shell ld.gold --version 2>/dev/null),-fuse-ld=gold))$(TEST_LD)
$(BUILD)/tests/%.o: private MF_CPPFLAGS += -Ilib -Itests
$(BUILD)/bench/%.o: private MF_CPPFLAGS += -Ilib
$(UNIT:%=$(BUILD)/tests/unit/%): %: %.o $(UNIT_AID:%.c=$(BUILD)/%.o) $(STATIC)
	$(Q)$(LINK) $(TEST_LD) $(LDFLAGS) -o $@ $^ $(MF_LIBS) -lcmocka

# Programs that the scripts of golden/ and fault/ run, and what they preload.
TEST_AID := $(filter-out %_fault,$(patsubst tests/%.c,%,$(wildcard tests/golden/*.c tests/fault/*.c)))
TEST_PRELOAD := $(patsubst tests/%.c,%.so,$(wildcard tests/fault/*_fault.c))
$(TEST_AID:%=$(BUILD)/tests/%): %: %.o $(BUILD)/tests/unit/aid.o $(STATIC)
	$(Q)$(LINK) $(TEST_LD) $(LDFLAGS) -o $@ $^ $(MF_LIBS)
# In these our allocations can be made to fail; those of libraries cannot.
$(BUILD)/tests/fault/memory $(BUILD)/tests/fault/memory_tools: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc
# No sanitizer in these: the program that they are loaded into may have its own.
$(TEST_PRELOAD:%=$(BUILD)/tests/%): $(BUILD)/tests/%.so: tests/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(MF_CPPFLAGS) -std=c11 $(WARN) -O1 -g -fPIC -shared -o $@ $< -ldl

# Each fuzz harness replays its corpus here; `make fuzz` lets libFuzzer loose.
$(FUZZ:%=$(BUILD)/tests/fuzz/%): %: %.o $(FUZZ_AID:%.c=$(BUILD)/%.o) $(BUILD)/tests/fuzz/replay.o $(STATIC)
	$(Q)$(LINK) $(TEST_LD) $(LDFLAGS) -o $@ $^ $(MF_LIBS)

$(BENCH:%=$(BUILD)/bench/%): %: %.o $(STATIC)
	$(Q)$(LINK) $(LDFLAGS) -o $@ $^ $(MF_LIBS)

# libFuzzer, each harness for FUZZ_SECONDS or FUZZ_RUNS executions; what it finds is left under
# build/fuzz. What was freed is kept for a while, but less than the 256 MB that are usual.
FUZZ_SECONDS ?= 30
FUZZ_RUNS ?=
FUZZ_UNTIL = $(if $(FUZZ_RUNS),-runs=$(FUZZ_RUNS),-max_total_time=$(FUZZ_SECONDS))
FUZZ_CC ?= clang
FUZZ_SAN = address,undefined -fno-sanitize-recover=undefined
FUZZ_FLAGS = -O1 -g -DMF_BUFFER=1024 -fsanitize=fuzzer-no-link,$(FUZZ_SAN) \
             -Wno-source-uses-openmp -Wno-unknown-pragmas \
             -idirafter $(dir $(shell gcc -print-file-name=include/omp.h))
FUZZ_LIB = $(BUILD)/fuzz/libmfpipe.a
$(BUILD)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(MF_CPPFLAGS) -Ilib -Itests $(CPPFLAGS) -std=c11 $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<
$(FUZZ_LIB): $(LIB_SRC:%.c=$(BUILD)/fuzz/%.o)
	@rm -f $@
	$(Q)$(AR) qcs $@ $^
$(FUZZ:%=$(BUILD)/fuzz/%): $(BUILD)/fuzz/%: $(BUILD)/fuzz/tests/fuzz/%.o $(FUZZ_AID:%.c=$(BUILD)/fuzz/%.o) $(FUZZ_LIB)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,$(FUZZ_SAN) -o $@ $^ $(MF_LIBS) \
	    -L$(dir $(shell gcc -print-file-name=libgomp.so)) -lgomp

fuzz: $(FUZZ:%=$(BUILD)/fuzz/%)
	@for h in $^; do name=$$(basename $$h _fuzz); mkdir -p $(BUILD)/fuzz/$$name.corpus; \
	    echo "# $$name, $(FUZZ_UNTIL)"; \
	    ASAN_OPTIONS=quarantine_size_mb=1:malloc_context_size=4 $$h $(FUZZ_UNTIL) -entropic=0 -max_len=100000 -rss_limit_mb=512 -print_final_stats=1 \
	        -verbosity=0 -artifact_prefix=$(BUILD)/fuzz/$$name- $(BUILD)/fuzz/$$name.corpus \
	        tests/fuzz/corpus/$$name || exit 1; done

include bench/bench.mk
include packaging/packaging.mk

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

TESTS_BUILT = $(UNIT:%=$(BUILD)/tests/unit/%) $(FUZZ:%=$(BUILD)/tests/fuzz/%) \
              $(TEST_AID:%=$(BUILD)/tests/%) $(TEST_PRELOAD:%=$(BUILD)/tests/%)

# What the test scripts need to know.
TEST_ENV = BUILD='$(abspath $(BUILD))' TOP='$(CURDIR)' CC='$(CC)' CXX='$(CXX)' MAKE='$(MAKE)' \
    MF_HARDEN='$(if $(HARDENED),1,0)'
# -g1, which is what stack traces need: with -g the kernels take twice as long to compile.
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
ASAN_MAKE = $(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS='-O1 -g1 $(SAN)'
# These go without sanitizers: what they run is not of the sanitized build, or most of their
# time is of Python, and what they call has tests of its own; or they call what other scripts
# call, and would take longest. check-full runs them sanitized, too.
CLI_PLAIN = $(patsubst %,tests/cli/%.t,beyond bench cluster common completion cookbook defaults embed eval_by eval_shards \
    explain foreign gowalla install messages mfpipe mpi outputs personas pipeline plots python readme \
    recommend_many recommend_new results stages study synth terminal tune unobserved values)
# Much arithmetic of what als_test runs, too.
UNIT_PLAIN = als_accuracy_test
UNIT_ASAN = $(filter-out $(UNIT_PLAIN),$(UNIT))
CLI_ASAN = $(filter-out $(CLI_PLAIN),$(wildcard tests/cli/*.t))
# One job for each core, unless -j has been given.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

.PHONY: asan-built
asan-built:
	+@$(ASAN_MAKE) all tests-built

check:
	@$(MAKE) --no-print-directory $(PARALLEL) all tests-built asan-built
	@$(TEST_ENV) tests/run lint= tests/lint/*.t unit= $(UNIT:%=$(BUILD)/tests/unit/%) \
	    golden= tests/golden/*.t cli= tests/cli/*.t packaging= tests/packaging/*.t fault= tests/fault/*.t fuzz= tests/fuzz/*.t \
	    unit-asan= $(UNIT_ASAN:%=$(BUILD)/asan/tests/unit/%) golden-asan= tests/golden/*.t \
	    cli-asan= $(CLI_ASAN) fault-asan= tests/fault/memory.t tests/fault/memory_tools.t fuzz-asan= tests/fuzz/*.t

check-full:
	@mkdir -p $(BUILD) && rm -f $(BUILD)/counts
	@TEST_FULL=1 TEST_COUNTS='$(abspath $(BUILD))/counts' $(MAKE) --no-print-directory check CLI_PLAIN= UNIT_PLAIN=; \
	    code=$$?; if [ -e $(BUILD)/counts ]; then sort $(BUILD)/counts; fi; exit $$code
	@$(MAKE) --no-print-directory analyze
	@if command -v $(FUZZ_CC) >/dev/null; then $(MAKE) --no-print-directory fuzz; fi

check-faults: all tests-built
	@rm -f $(BUILD)/counts
	@TEST_FULL=1 TEST_COUNTS='$(abspath $(BUILD))/counts' $(TEST_ENV) tests/run fault= tests/fault/*.t fuzz= tests/fuzz/*.t; \
	    code=$$?; if [ -e $(BUILD)/counts ]; then sort $(BUILD)/counts; fi; exit $$code

check-asan: asan-built
	@$(TEST_ENV) tests/run unit-asan= $(UNIT:%=$(BUILD)/asan/tests/unit/%) cli-asan= $(CLI_ASAN)

# libomp tells ThreadSanitizer, through its archer, what waits for what; libgomp does not.
TSAN_UNIT = $(addsuffix _test,arena als blocks bootstrap idtable rank search spill split train)
TSAN_MAKE = $(MAKE) --no-print-directory BUILD=$(BUILD)/tsan CC=clang \
    CFLAGS='-O1 -g -fsanitize=thread -fopenmp=libomp'

check-tsan:
	+@$(TSAN_MAKE) $(TSAN_UNIT:%=$(BUILD)/tsan/tests/unit/%)
	@TSAN_OPTIONS=ignore_noninstrumented_modules=1 OMP_NUM_THREADS=4 $(TEST_ENV) \
	    tests/run unit-tsan= $(TSAN_UNIT:%=$(BUILD)/tsan/tests/unit/%)

check-unit: $(TESTS_BUILT)
	@$(TEST_ENV) tests/run unit= $(BUILD)/tests/unit/*_test

check-cli: all
	@$(TEST_ENV) tests/run cli= tests/cli/*.t

.PHONY: analyze
analyze:
	@TOP='$(CURDIR)' tests/analyze

lint: all
	@$(TEST_ENV) tests/run lint= tests/lint/*.t

.PHONY: tests-built
tests-built: $(TESTS_BUILT)

format:
	find bench examples include lib tests tools '(' -name '*.[ch]' -o -name '*.cc' ')' -print0 | xargs -0 clang-format -i

# A blank would end a word in make, and in mfpipe.pc. Nothing is made before this is said.
ifneq ($(filter install uninstall,$(MAKECMDGOALS)),)
ifneq ($(words x$(DESTDIR)$(PREFIX)$(LIBDIR)x),1)
$(error PREFIX, LIBDIR and DESTDIR must have no blank in them: '$(DESTDIR)$(PREFIX)$(if $(filter $(PREFIX)/%,$(LIBDIR)),,' '$(LIBDIR))')
endif
endif

# Each tool has a file of its name for bash and fish, which load it when it is completed.
COMPLETION = bash-completion/completions/mfpipe zsh/site-functions/_mfpipe fish/vendor_completions.d/mfpipe.fish

# Folders under PREFIX that install makes, and uninstall removes if they are empty then; of
# /usr and /usr/local, which have most of them anyhow, only the one that is ours.
INSTALL_DIRS = bin include/mf share/man/man1 share/man/man5 share/man/man7 \
    $(patsubst %/,%,$(sort $(dir $(COMPLETION:%=share/%))))
UNINSTALL_DIRS = $(if $(filter /usr /usr/local,$(PREFIX)),include/mf,-p $(INSTALL_DIRS) \
    $(patsubst $(PREFIX)/%,%/pkgconfig,$(filter $(PREFIX)/%,$(LIBDIR))))

# For pkg-config. What libmfpipe.a stands on is named by its libraries, not as Requires.private:
# that would bring the flags of those packages, and need the development files of each, to
# those who link the shared library alone.
PC = 'prefix=$(PREFIX)' 'includedir=$${prefix}/include' 'libdir=$(LIBDIR:$(PREFIX)/%=$${prefix}/%)' '' \
    'Name: mfpipe' 'Description: persona matrix factorization through pipes' 'Version: $(VERSION)' \
    'Libs: -L$${libdir} -lmfpipe' 'Libs.private: $(strip $(MF_LIBS)) -fopenmp' 'Cflags: -I$${includedir}'

# Programs find a shared library in a folder that ldconfig has read.
install: all
	install -d $(INSTALL_DIRS:%=$(DESTDIR)$(PREFIX)/%) $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 755 $(TOOLS:%=$(BUILD)/bin/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)
	install -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/libmfpipe.so
	@printf '%s\n' $(PC) >$(DESTDIR)$(LIBDIR)/pkgconfig/mfpipe.pc && chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/mfpipe.pc
	install -m 644 $(MF_HEADERS) $(DESTDIR)$(PREFIX)/include/mf
	for page in $(MAN); do install -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; done
	for file in $(COMPLETION); do \
	    sed 's/@TOOLS@/$(TOOLS)/' tools/completion/$$(basename $$file) > $(DESTDIR)$(PREFIX)/share/$$file && \
	    chmod 644 $(DESTDIR)$(PREFIX)/share/$$file || exit 1; done
	for tool in $(filter-out mfpipe,$(TOOLS)); do \
	    ln -sf mfpipe $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$tool; \
	    ln -sf mfpipe.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$tool.fish; done
	@if [ -z '$(DESTDIR)' ] && [ "$$(id -u)" = 0 ]; then $(LDCONFIG) 2>/dev/null || :; fi

uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/bin/%)
	rm -f $(DESTDIR)$(LIBDIR)/libmfpipe.{a,so} $(DESTDIR)$(LIBDIR)/$(notdir $(SHARED))
	rm -f $(DESTDIR)$(LIBDIR)/pkgconfig/mfpipe.pc
	rm -f $(MF_HEADERS:include/%=$(DESTDIR)$(PREFIX)/include/%)
	rm -f $(COMPLETION:%=$(DESTDIR)$(PREFIX)/share/%)
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/share/bash-completion/completions/%)
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/%.fish)
	for page in $(notdir $(MAN)); do rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page; done
	@if cd $(DESTDIR)$(PREFIX); then rmdir $(UNINSTALL_DIRS); fi 2>/dev/null || :

clean:
	rm -rf $(BUILD)

# As for build/flags: this asks pkg-config too.
ifneq ($(filter deps,$(MAKECMDGOALS)),)
$(TEST_PRELOAD:%=$(BUILD)/tests/%): | deps
endif

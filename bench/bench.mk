# The benchmarks, included by the Makefile. `make bench-peers SIZES=S K=16,64 RUNS=2` is a short run.
#
#   SIZES   shapes: T (tiny), S, M (bench/data.py)          LINES   files of triplets: 10k 1M 10M 48M
#   K       factors to train with                           RUNS    of each tool, alternating
#   PEERS   irspack,implicit,cmfrec,faiss,duckdb,numpy,ranx; also sqlite3,mawk
#   WHAT    train many whole score evaluate aggregate quality memory
#   QUALITY shapes for time to quality
#   MANY    shapes and factors for `many`                   SOLVERS of mf-als, for `many`
#   REAL    a folder of real data, for `many`               MANY_RUNS of each solver there
SIZES = S,M
K = 16,64,128
RUNS = 5
LINES = 10M
QUALITY = S
PEERS = irspack,implicit,cmfrec,faiss,duckdb,numpy,ranx
MANY = S:256,512,1024 M:512 hetrec:256,512 gowalla:256,1024
MANY_RUNS = 3
SOLVERS = auto,cg:2,cholesky
REAL = ../shared/data
WHAT = train many whole score evaluate aggregate quality memory
VENV = $(BUILD)/peers
BENCH_PY = PYTHONDONTWRITEBYTECODE=1 python3

.PHONY: bench bench-peers bench-peers-env bench-report

# Products and sums in one step, as -std=c11 alone does not let gcc.
$(BUILD)/bench/roofline_bench.o: private MF_CFLAGS += -ffp-contract=fast

## bench       how fast our tools are and how they grow: build/bench/*.tsv and plots
bench: all $(BENCH:%=$(BUILD)/bench/%)
	@for b in $(filter-out %/roofline_bench,$(BENCH:%=$(BUILD)/bench/%)); do \
	    echo "# $${b##*/}"; $$b || exit 1; done
	$(BENCH_PY) bench/bench.py roofline own --build $(BUILD) --sizes $(SIZES) --runs $(RUNS)
	$(BENCH_PY) bench/report.py --build $(BUILD)

## bench-peers the same data through irspack, implicit, cmfrec, faiss and DuckDB beside ours (RUNS=5 SIZES=S,M)
bench-peers: all bench-peers-env $(BUILD)/bench/roofline_bench
	$(BENCH_PY) bench/bench.py roofline $(WHAT) --build $(BUILD) --sizes $(SIZES) --k $(K) --runs $(RUNS) \
	    --lines $(LINES) --quality-sizes $(QUALITY) --peers $(PEERS) --many $(MANY) \
	    --many-runs $(MANY_RUNS) --solvers $(SOLVERS) --real $(REAL)
	$(BENCH_PY) bench/report.py --build $(BUILD)

# Tables of what was measured last, into bench/README.md, and the plots.
bench-report:
	$(BENCH_PY) bench/report.py --build $(BUILD) --readme bench/README.md

# A virtual environment with the peers. One that cannot be installed is said and left
# out. cmfrec is compiled: with gcc 12 for AVX2 it is more than twice as fast as with its
# own -march=native on a machine that has AVX-512 (and pip's cache may hold that one).
bench-peers-env: $(VENV)/installed
$(VENV)/installed: bench/requirements.txt bench/bench.mk
	python3 -m venv $(VENV)
	@grep -v '^#' bench/requirements.txt | while read -r package; do \
	    echo "  pip $$package"; \
	    CFLAGS='-march=x86-64-v3' $(VENV)/bin/pip install -q --no-input --no-cache-dir $$package -c bench/requirements.txt || \
	        echo "bench-peers: $$package cannot be installed here: left out" >&2; \
	done
	@touch $@

# Holdfast's entry points. `make help` lists them.
# SRC and BUILD may name another source tree and build folder: the matrix builds variants of the runtime so.

SRC ?= src
BUILD ?= build
CC ?= cc
OBJCOPY ?= objcopy
PYTHON ?= /usr/bin/python3
CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wconversion -Wshadow $(if $(CI),-Werror)
# Control flow: marks for the processor's indirect branch tracking and shadow stack, no-ops where it has neither.
CONTROL_FLOW := $(if $(filter x86_64-%,$(shell $(CC) -dumpmachine)),-fcf-protection)
HARDENING = -fPIC -fstack-protector-strong -fstack-clash-protection $(CONTROL_FLOW) -D_FORTIFY_SOURCE=2
# Where it is built is not in what is built: the same source gives the same bytes in any folder.
SAME_ANYWHERE = -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(SRC)=src -ffile-prefix-map=$(BUILD)=build
BASE_FLAGS = -std=gnu11 -D_GNU_SOURCE -Iinclude -MMD -MP $(WARNINGS) $(CFLAGS) $(SAME_ANYWHERE)
SHARED_FLAGS = -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS)
LINK_FLAGS = -pie $(SHARED_FLAGS)
LIBRARIES = -lprotobuf-c -lyaml -ljansson
# From their archives: most starts parse no policy and write no report, and loading each library takes 40 us of all of them.
RUNTIME_LIBS = -Wl,-Bstatic $(LIBRARIES) -Wl,-Bdynamic -lpthread

# What a start runs lies together in the program, before what most starts do not come to: fewer pages are mapped.
STARTS = $(addprefix $(SRC)/,main.c cmd/run.c cmd/option.c cmd/source.c api/% base/% enforce/% kernel/% launch/% plan/% \
	report/warnings.c report/result.c report/reached.c proxy/tally.c why/denials.c why/learnt.c why/observe.c wire/format.c)
starts_first = $(filter $(STARTS),$1) $(filter-out $(STARTS),$1)

CLI_SOURCES := $(call starts_first,$(SRC)/main.c $(wildcard $(SRC)/cmd/*.c))
CLI_OBJECTS := $(CLI_SOURCES:$(SRC)/%.c=$(BUILD)/obj/%.o)
RUNTIME_SOURCES := $(call starts_first,$(filter-out $(CLI_SOURCES) $(SRC)/tls/%,$(wildcard $(SRC)/*/*.c)))
RUNTIME_OBJECTS := $(RUNTIME_SOURCES:$(SRC)/%.c=$(BUILD)/obj/%.o) $(BUILD)/wire/policy.pb-c.o

# What only a proxy that ends TLS loads (src/tls/tls.h).
TLS_OBJECTS := $(patsubst $(SRC)/%.c,$(BUILD)/obj/%.o,$(wildcard $(SRC)/tls/*.c))
TLS_LIBS = -lssl -lcrypto -lnghttp2

# The soname changes when a caller that was built before would break.
VERSION = $(shell sed -n 's/.*HF_VERSION "\(.*\)"/\1/p' $(SRC)/version.h)
SONAME = libholdfast.so.0
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib

UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

.PHONY: accept all programs deps help clean check unit-tests matrix bisect shrink report merge escapes times bugs ceiling mutants mutate faults fault-programs calls fuzz hostile bench kernels install install-library man package
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1: /p' Makefile
	@echo '  make matrix SCENARIO=NAME KERNEL=ROW|FILE CELL=axis=value,... LANE=host|vm JUDGE=... SHARD=I/N: a part of it'
	@echo '  make matrix BASE=REV: what moved since that revision, and no more'
	@echo '  make mutants MUTANT=NAME; make mutate FILE=enforce/seccomp.c: a part of these'

deps: ## install what is missing of the distribution's packages
	@ci/deps

all: programs ## build everything
	@$(MAKE) --no-print-directory man

PROGRAMS = $(BUILD)/holdfast $(BUILD)/hf-probe $(BUILD)/abi-ceiling $(BUILD)/deny-call $(BUILD)/hf-bait $(BUILD)/cellrun $(BUILD)/init \
	$(BUILD)/holdfast-tls.so
programs: deps
	@$(MAKE) --no-print-directory $(PROGRAMS)

# The runtime.
$(BUILD)/obj/%.o: $(SRC)/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) $(HARDENING) -I$(SRC) -I$(BUILD)/wire -c -o $@ $<

# The policy's message. Beside obj/, whose objects a mutant's build borrows as links that no compiler may write through.
$(BUILD)/wire/policy.pb-c.c: $(SRC)/wire/policy.proto
	@mkdir -p $(@D)
	protoc-c --proto_path=$(<D) --c_out=$(@D) $<

$(BUILD)/wire/policy.pb-c.o: $(BUILD)/wire/policy.pb-c.c
	$(CC) -std=gnu11 $(CFLAGS) $(SAME_ANYWHERE) $(HARDENING) -c -o $@ $<

$(patsubst $(SRC)/%.c,$(BUILD)/obj/%.o,$(wildcard $(SRC)/wire/*.c)): | $(BUILD)/wire/policy.pb-c.c

$(BUILD)/internal.a: $(RUNTIME_OBJECTS)
	@rm -f $@
	ar rcs $@ $^

# The library: shared or static, nothing can be seen of it but what the map names.
$(BUILD)/libholdfast.a: $(RUNTIME_OBJECTS) $(SRC)/api/holdfast.map
	@rm -f $@
	sed -n 's/^ *\(hf_.*\);/\1/p' $(SRC)/api/holdfast.map > $(BUILD)/libholdfast.symbols
	$(LD) -r -o $(@:.a=.o) $(RUNTIME_OBJECTS)
	$(OBJCOPY) --keep-global-symbols=$(BUILD)/libholdfast.symbols $(@:.a=.o)
	ar rcs $@ $(@:.a=.o)

$(BUILD)/libholdfast.so: $(RUNTIME_OBJECTS) $(SRC)/api/holdfast.map
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=$(SRC)/api/holdfast.map -Wl,-z,defs $(SHARED_FLAGS) \
		-o $@ $(RUNTIME_OBJECTS) $(LIBRARIES) -lpthread

$(BUILD)/holdfast: $(CLI_OBJECTS) $(BUILD)/libholdfast.a
	$(CC) $(LINK_FLAGS) -o $@ $^ $(RUNTIME_LIBS)

# `said` is what make mutate asks for flags.
$(BUILD)/obj/launch/tls_object.o said: BASE_FLAGS += -DHF_LIBDIR='"$(LIBDIR)"'
$(TLS_OBJECTS): HARDENING += -fvisibility=hidden
$(BUILD)/holdfast-tls.so: $(TLS_OBJECTS)
	$(CC) -shared -Wl,-z,defs $(SHARED_FLAGS) -o $@ $^ $(TLS_LIBS)

# What runs in the guest, or stands in for a kernel.
$(BUILD)/vm/%.o: vm/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) $(HARDENING) -Ivm -Isrc -c -o $@ $<

$(BUILD)/hf-probe: $(patsubst vm/%.c,$(BUILD)/vm/%.o,$(wildcard vm/probe/*.c))
	$(CC) $(LINK_FLAGS) -o $@ $^

# Static: it starts before nearly every cell, and without a loader that costs a third under emulation.
$(BUILD)/abi-ceiling: $(patsubst vm/%.c,$(BUILD)/vm/%.o,$(wildcard vm/abi*.c)) $(BUILD)/libcells.a $(BUILD)/internal.a
	$(CC) -static $(LDFLAGS) -o $@ $^

$(BUILD)/deny-call: $(BUILD)/vm/deny-call.o
	$(CC) $(LINK_FLAGS) -o $@ $^ -l:libseccomp.a

$(BUILD)/hf-bait: $(BUILD)/vm/bait.o
	$(CC) $(LINK_FLAGS) -o $@ $^

# What cellrun and init share.
CELL_SOURCES := $(filter-out vm/abi% vm/init.c vm/cellrun.c vm/deny-call.c vm/bait.c,$(wildcard vm/*.c))
$(BUILD)/libcells.a: $(CELL_SOURCES:vm/%.c=$(BUILD)/vm/%.o)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/cellrun: $(BUILD)/vm/cellrun.o $(BUILD)/libcells.a $(BUILD)/internal.a
	$(CC) $(LINK_FLAGS) -o $@ $^

# Static: it is the guest's PID 1 before there is anything else.
$(BUILD)/init: $(BUILD)/vm/init.o $(BUILD)/libcells.a $(BUILD)/internal.a
	$(CC) -static $(LDFLAGS) -o $@ $^

# Tests.
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/internal.a $(BUILD)/libcells.a
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) -I$(SRC) -I$(BUILD)/wire -Ivm -Itests/unit -o $@ $(filter-out %.h,$^) -lcmocka $(RUNTIME_LIBS)

# Where the driver looks for it: beside itself.
$(BUILD)/unit/proxy_driver: | $(BUILD)/unit/holdfast-tls.so
$(BUILD)/unit/holdfast-tls.so: $(BUILD)/holdfast-tls.so
	@mkdir -p $(@D)
	ln -sf ../$(<F) $@

$(BUILD)/unit/test_tls: $(TLS_OBJECTS)
$(BUILD)/unit/test_tls: override RUNTIME_LIBS += $(TLS_LIBS)

# Faults put into a start: what makes calls and allocations fail, and the command that looks what holds.
FAULT_PROGRAMS = $(BUILD)/faults/fail-call $(BUILD)/faults/witness $(BUILD)/faults/failing-allocation.so
$(BUILD)/faults/fail-call: tests/faults/fail-call.c tests/faults/subject.c tests/faults/subject.h
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) $(LINK_FLAGS) -o $@ $(filter %.c,$^) -lseccomp

$(BUILD)/faults/witness: tests/faults/witness.c
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) -static -o $@ $<

$(BUILD)/faults/failing-allocation.so: tests/faults/failing-allocation.c
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) -fPIC -shared -o $@ $<

fault-programs: $(FAULT_PROGRAMS)

faults: programs fault-programs ## every fault put into a start, one at a time: it fails closed, or this does; as root
	@$(PYTHON) -m tests.faults --build $(BUILD)

# The calls of a start, and what the traced starts run.
$(BUILD)/calls/command: tests/calls/command.c
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) -static -o $@ $<

calls: programs $(BUILD)/calls/command ## every system call that a start makes, beside the record of them; as root
	@$(PYTHON) -m tests.calls --build $(BUILD)

# Fuzz targets: one file each, what it found so far in tests/fuzz/corpus/NAME.
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/$(or $(TARGET),*).c))
$(BUILD)/fuzz/inside: $(SRC)/tls/hello.c
$(BUILD)/fuzz/http2: $(SRC)/tls/http2.c $(SRC)/tls/stream.c
FUZZ_SOURCES = $(wildcard $(SRC)/proxy/*.c $(SRC)/rest/*.c $(SRC)/who/*.c $(SRC)/control/*.c $(SRC)/policy/*.c $(SRC)/wire/*.c \
	$(SRC)/base/*.c) $(BUILD)/wire/policy.pb-c.c
$(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES)
	@mkdir -p $(@D)
	clang -std=gnu11 -D_GNU_SOURCE -Iinclude -I$(SRC) -I$(BUILD)/wire -O1 -g -Wall -Wextra -fno-sanitize-recover=all \
		-fsanitize=fuzzer,address,undefined -o $@ $(filter %.c,$^) $(LIBRARIES) -lnghttp2 -lpthread

FUZZ_FLAGS = -std=gnu11 -D_GNU_SOURCE -Iinclude -I$(SRC) -I$(BUILD)/wire -MMD -MP -O1 -g -Wall -Wextra \
	-fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_OBJECTS = $(RUNTIME_SOURCES:$(SRC)/%.c=$(BUILD)/fuzz/obj/%.o) $(BUILD)/wire/policy.pb-c.o
.SECONDARY: $(FUZZ_OBJECTS)
$(BUILD)/fuzz/obj/%.o: $(SRC)/%.c | $(BUILD)/wire/policy.pb-c.c
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(BUILD)/fuzz/obj/launch/tls_object.o: FUZZ_FLAGS += -DHF_LIBDIR='"$(LIBDIR)"'
# These go through the library's own calls, and so through all of the runtime.
$(BUILD)/fuzz/policy $(BUILD)/fuzz/wire: $(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJECTS)
	clang $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $(filter-out %.h,$^) $(LIBRARIES) -lpthread

# The reader of scenarios is Python. Its corpus is the scenarios.
$(BUILD)/fuzz/scenario: tests/fuzz/scenario.c
	@mkdir -p $(@D)
	clang $(filter-out -MMD -MP,$(FUZZ_FLAGS)) -fsanitize=fuzzer $$($(PYTHON)-config --includes) -o $@ $< \
		$$($(PYTHON)-config --embed --ldflags)

SECONDS ?= 60
fuzz: deps ## feed the parsers what nobody would write, SECONDS=60 each; TARGET=head: one of them
	@[ -n "$(FUZZ_TARGETS)" ] || { echo 'fuzz: there is no tests/fuzz/$(TARGET).c' >&2; exit 2; }
	@mkdir -p $(BUILD)/fuzz # another make fuzz may install, or build the same objects, beside this one
	@flock $(BUILD)/fuzz/lock ci/deps libclang-rt-$$(clang -dumpversion | cut -d. -f1)-dev python3-dev
	@flock $(BUILD)/fuzz/lock $(MAKE) --no-print-directory $(FUZZ_TARGETS)
	@for target in $(FUZZ_TARGETS); do name=$${target##*/}; mkdir -p $(BUILD)/fuzz/corpus/$$name; \
		echo "$$name:"; nice $$target -max_total_time=$(SECONDS) -max_len=9000 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix=$(BUILD)/fuzz/$$name- $(BUILD)/fuzz/corpus/$$name tests/fuzz/corpus/$$name \
		> $(BUILD)/fuzz/$$name.log 2>&1 && grep -E 'DONE|number_of_executed' $(BUILD)/fuzz/$$name.log || \
		{ tail -40 $(BUILD)/fuzz/$$name.log; exit 1; }; done

unit-tests: $(UNIT_TESTS) $(BUILD)/unit/proxy_driver

# What `make bench` times: the floor under a start has the runtime's filter in it as data.
BENCH_PROGRAMS = $(addprefix $(BUILD)/bench/,floor spawn inside who load upstream relay tls_client guest)
$(BUILD)/bench/filter.inc: $(BUILD)/bench/dump-filter
	$< > $@

$(BUILD)/bench/floor: $(wildcard tests/bench/floor*) $(BUILD)/bench/filter.inc
	$(CC) $(filter-out -MMD -MP,$(BASE_FLAGS)) $(HARDENING) -I$(SRC) -I$(BUILD)/bench $(LINK_FLAGS) -o $@ $(filter %.c,$^)

$(BUILD)/bench/guest: tests/bench/guest.c $(BUILD)/libcells.a $(BUILD)/internal.a
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(BASE_FLAGS)) -Ivm -Isrc -static -o $@ $^

$(BUILD)/bench/tls_client: override RUNTIME_LIBS += $(TLS_LIBS)
$(BUILD)/bench/%: tests/bench/%.c $(BUILD)/internal.a
	@mkdir -p $(@D)
	$(CC) $(BASE_FLAGS) $(HARDENING) -I$(SRC) $(LINK_FLAGS) -o $@ $^ $(RUNTIME_LIBS)

check: ## both compilers, unit, command line and runner tests, a part of the faults, valgrind, types
	@ci/check

matrix: programs ## every scenario on every kernel row
	@$(PYTHON) -m matrix $(if $(BASE),diff --base '$(BASE)',run) --build $(BUILD) $(addprefix --scenario ,$(SCENARIO)) \
		$(addprefix --kernel ,$(KERNEL)) $(if $(CELL),--cell '$(CELL)') $(if $(LANE),--lane $(LANE)) \
		$(if $(JUDGE),--judge $(JUDGE)) $(if $(SHARD),--shard '$(SHARD)')

bisect: programs ## the first commit that turns cells red: SCENARIO=... GOOD=REV BAD=REV
	@$(PYTHON) -m matrix bisect --build $(BUILD) $(addprefix --good ,$(GOOD)) $(addprefix --bad ,$(BAD)) \
		$(addprefix --scenario ,$(SCENARIO)) $(addprefix --kernel ,$(KERNEL)) $(if $(CELL),--cell '$(CELL)') \
		$(if $(LANE),--lane $(LANE))

shrink: programs ## the smallest scenario that is red in the same way: SCENARIO=FILE, OUT=FILE
	@$(PYTHON) -m matrix shrink --build $(BUILD) $(addprefix --scenario ,$(SCENARIO)) \
		$(addprefix --kernel ,$(KERNEL)) $(if $(CELL),--cell '$(CELL)') $(if $(LANE),--lane $(LANE)) \
		$(if $(OUT),--out '$(OUT)')

report: ## show the last run again, or RECORD=FILE
	@$(PYTHON) -m matrix report $(or $(RECORD),$(BUILD)/matrix/record.json) $(foreach face,HTML KTAP MARKDOWN JUNIT,\
		$(if $($(face)),--$(shell echo $(face) | tr A-Z a-z) $($(face))))

merge: ## join the records of all shards: those in the build folder, or RECORD="FILE ..."
	@$(PYTHON) -m matrix merge --build $(BUILD) $(RECORD)

escapes: ## how many attempts at getting out there are, and what is recorded of them
	@$(PYTHON) -m matrix escapes

times: ## take from the last record how long boots and cells take, for shards
	@$(PYTHON) -m matrix times $(or $(RECORD),$(BUILD)/matrix/record.json)

accept: programs ## record what cells do now: SCENARIO=NAME CELL=... WHY="the reason"
	@$(PYTHON) -m matrix accept --build $(BUILD) $(addprefix --scenario ,$(SCENARIO)) \
		$(addprefix --kernel ,$(KERNEL)) $(if $(CELL),--cell '$(CELL)') --why '$(subst ','\'',$(value WHY))'

bugs: programs ## the design's bug table, reproduced by variants of the runtime
	@$(PYTHON) -m matrix bugs --build $(BUILD) $(if $(LANE),--lane $(LANE))

ceiling: programs ## ceilings 2 and 6 on newer kernels against the real 6.1 and 6.12
	@$(PYTHON) -m matrix ceiling --build $(BUILD)

mutants: programs ## bugs put into the runtime: every one must be killed by a scenario
	@$(PYTHON) -m matrix mutants --build $(BUILD) $(MUTANT)

mutate: programs unit-tests fault-programs $(BUILD)/calls/command ## every place of the code that confines changed: what is killed, and what survives
	@$(PYTHON) -m matrix mutate --build $(BUILD) $(addprefix --file ,$(FILE))

hostile: programs ## what a cell that panics, hangs, eats or lies costs: itself alone, on real guests
	@$(PYTHON) -m pytest -q -p no:cacheprovider tests/hostile

.PHONY: lint sanitized coverage prove sbom
lint: deps ## gcc's analyzer, cppcheck and clang-tidy over the C sources
	@ci/deps clang-tidy cppcheck
	@$(MAKE) --no-print-directory $(BUILD)/wire/policy.pb-c.c
	@$(PYTHON) -m tests.lint

sanitized: deps ## the suites under AddressSanitizer, UndefinedBehaviorSanitizer and, of what has threads, ThreadSanitizer
	@tests/sanitized address
	@tests/sanitized thread

coverage: kernels ## line and branch coverage of src/ by all suites, a table
	@ci/deps llvm libclang-rt-$$(clang -dumpversion | cut -d. -f1)-dev
	@tests/coverage

prove: programs ## the long runs, those that have passed for this source left out: STEPS="lint faults" for some of them
	@$(PYTHON) -m tests.prove $(STEPS)

sbom: deps ## what is in the program and the library, as SPDX: build/holdfast.spdx.json
	@$(MAKE) --no-print-directory $(BUILD)/holdfast $(BUILD)/libholdfast.so $(BUILD)/holdfast-tls.so
	@ci/sbom > $(BUILD)/holdfast.spdx.json

kernels: deps ## fetch the kernels of all rows
	@$(PYTHON) -m vm --build $(BUILD) fetch

bench: programs $(BENCH_PROGRAMS) ## where the time goes, as ratios in one run: LINES="start proxy load tls matrix" or some of these
	@$(PYTHON) -m tests.bench $(LINES)

# The manual, and how the shells complete the command line.
MANUAL = $(patsubst doc/%.scd,$(BUILD)/doc/%,$(wildcard doc/*.scd))
$(BUILD)/doc/%: doc/%.scd
	@mkdir -p $(@D)
	scdoc < $< > $@.part
	@mv $@.part $@

man: $(MANUAL) ## the man pages

package: ## the Debian package, looked at by lintian, in the folder package of the build folder
	@ci/package

SHARE = $(DESTDIR)$(PREFIX)/share
ZSH_COMPLETIONS ?= $(PREFIX)/share/zsh/site-functions

install: $(BUILD)/holdfast $(BUILD)/holdfast-tls.so $(MANUAL) install-library ## install program, manual, completions, library below DESTDIR and PREFIX
	install -D -m 755 -t '$(DESTDIR)$(PREFIX)/bin' $(BUILD)/holdfast
	install -D -m 644 -t '$(DESTDIR)$(LIBDIR)/holdfast' $(BUILD)/holdfast-tls.so
	install -D -m 644 -t '$(SHARE)/man/man1' $(filter %.1,$(MANUAL))
	install -D -m 644 -t '$(SHARE)/man/man5' $(filter %.5,$(MANUAL))
	install -D -m 644 -t '$(SHARE)/holdfast' $(SRC)/wire/policy.proto
	install -D -m 644 -t '$(SHARE)/bash-completion/completions' completions/holdfast
	install -D -m 644 -t '$(DESTDIR)$(ZSH_COMPLETIONS)' completions/_holdfast

install-library: $(BUILD)/libholdfast.a $(BUILD)/libholdfast.so
	install -D -m 644 -t '$(DESTDIR)$(PREFIX)/include' include/holdfast.h
	install -D -m 644 -t '$(DESTDIR)$(LIBDIR)' $(BUILD)/libholdfast.a
	install -D -m 644 $(BUILD)/libholdfast.so '$(DESTDIR)$(LIBDIR)/libholdfast.so.$(VERSION)'
	ln -sf libholdfast.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/$(SONAME)'
	ln -sf $(SONAME) '$(DESTDIR)$(LIBDIR)/libholdfast.so'
	@mkdir -p '$(DESTDIR)$(LIBDIR)/pkgconfig'
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(LIBDIR)|' -e 's|@version@|$(VERSION)|' \
		-e 's|@libraries@|$(LIBRARIES) -lpthread|' $(SRC)/api/holdfast.pc.in > '$(DESTDIR)$(LIBDIR)/pkgconfig/holdfast.pc'

clean: ## remove what was built, but neither the fetched kernels nor the last records
	@[ ! -d $(BUILD) ] || find $(BUILD) -mindepth 1 -maxdepth 1 ! -name kernels ! -name matrix -exec rm -rf {} +

-include $(wildcard $(BUILD)/obj/*.d $(BUILD)/obj/*/*.d $(BUILD)/vm/*.d $(BUILD)/vm/*/*.d $(BUILD)/unit/*.d $(BUILD)/faults/*.d $(BUILD)/bench/*.d $(BUILD)/fuzz/*.d $(BUILD)/fuzz/obj/*/*.d)

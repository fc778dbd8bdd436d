#!/bin/sh
# run.sh: every test:  sh tests/run.sh        the release build's tests alone:  sh tests/run.sh quick
#
#   ci        gcc, optimised, warnings are errors: all tests
#   sanitize  address, undefined-behaviour and leak sanitizers: all tests
#   clang     the second compiler, warnings are errors: the tests of the rooms (not of the whole program)
#   format    clang-format has nothing to change
#
# Installs what is missing. Ends with `N passed, N failed` on a line of its own; exit code 1 if any failed or
# none ran.
set -eu
cd -P "$(dirname "$0")/.."
. src/cmake/packages.sh

case "${1-all}" in
quick) flavours=ci ;;
all) flavours='ci sanitize clang' ;;
*) fail 64 "there is no \"$1\"; give nothing, or quick" ;;
esac

passed=0
failed=0
mkdir -p build/tests

# cases STATUS FILE: how many test cases of a JUnit file have it.
cases() {
    grep -c "^[[:space:]]*<testcase .* status=\"$1\">" "$2" || true
}

# build FLAVOUR: configures where needed and builds; one that cannot be built is a failure of its own.
build() {
    log=build/tests/$1.log
    : >"$log"
    if configure "$1" && step "$1: building" cmake --build --preset "$1"; then
        return 0
    fi
    tail -n 30 "$log" >&2
    failed=$((failed + 1))
    return 1
}

# run FLAVOUR [ctest option...]: runs its tests and counts them.
run() {
    flavour=$1
    shift
    junit=build/tests/$flavour.xml
    rm -f "$junit"
    good=0
    bad=0
    ctest --preset "$flavour" -j "$(nproc)" --output-junit "$PWD/$junit" "$@" && code=0 || code=$?
    if [ -e "$junit" ]; then
        good=$(cases run "$junit")
        bad=$(cases fail "$junit")
        # Not run, because what it needs failed; a test that skips itself is neither good nor bad.
        bad=$((bad + $(grep -c '<skipped message="Fixture' "$junit" || true)))
    fi
    # Whatever else kept ctest from being content is a failure too.
    if [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$good" -eq 0 ]; }; then
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
    # What skipped itself says why.
    if [ -e "$junit" ]; then
        sed -n "s/^.*\(skipped: .*\)$/$flavour: \1/p" "$junit" >&2
    fi
}

log=build/tests/packages.log
: >"$log"
# shellcheck disable=SC2086 # lists of words
need_packages $build_packages $test_packages

for flavour in $flavours; do
    if build "$flavour"; then
        case $flavour in
        clang) run clang -E '^(cli|install)\.|^cluster\.(slurm|crash|faults)$' ;;
        *) run "$flavour" ;;
        esac
    fi
done

if [ "$flavours" != ci ]; then
    log=build/tests/format.log
    : >"$log"
    if step "format" find include src jobs tests -name '*.[ch]' -exec clang-format-14 --dry-run -Werror {} +; then
        passed=$((passed + 1))
    else
        head -n 20 "$log" >&2
        failed=$((failed + 1))
    fi
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

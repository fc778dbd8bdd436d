#!/bin/sh
# Type-I error and power of every p-value, by simulation: tests/validity/*.csv, and what in them is not nominal.
#
#   sh tests/validity.sh VALIDITY [PROCESSES]   VALIDITY: the program that `cmake --build … --target validity` makes
#   sh tests/validity.sh VALIDITY quick         a few hundred samples of four cells, for CI
#   sh tests/validity.sh check                  only looks at the tables that are there
#
# A cell (case, n, distribution) has 10,000 samples; one whose table is there is not computed again, so an interrupted run
# goes on where it was. To make all again, delete tests/validity/*.csv first. About 50 minutes of one core (AVX-512).
set -eu
here=$(cd "$(dirname "$0")" && pwd)/validity
check() { awk -f "$here/check.awk" -v band="$1" "$here/documented.tsv" "$2"/*.csv; }

if [ "${1:-}" = check ]; then
    check 3 "$here"
    exit
fi
validity=${1:?which program?}
if [ "${2:-}" = quick ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    for cell in 'groups.null 60 likert 300' 'within.null 50 skewed 400' 'studentised.null 40 normal 100' \
        'three.null 60 normal 100'; do
        # shellcheck disable=SC2086
        "$validity" $cell 1 >"$work/$(echo "$cell" | tr ' ' -).csv"
    done
    check 5 "$work"
    exit
fi

export validity here
for distribution in normal likert skewed; do
    for n in 50 120 500; do
        "$validity" | while read -r case; do
            [ -e "$here/$case-$n-$distribution.csv" ] || echo "$case $n $distribution"
        done
    done
done | xargs -P "${2:-1}" -n 3 sh -c '
    out=$here/$0-$1-$2.csv
    "$validity" "$0" "$1" "$2" 10000 1 >"$out.part.$$" && mv "$out.part.$$" "$out"'
check 3 "$here"

#!/bin/sh
# manual.sh SOURCE PROGRAM: the manual pages say what the program does: plstrap(1) names every command and
# option and no other, plstrap-study(5) every key of the study file and no other.
set -eu
source=$1 program=$2
pages=$source/src/man
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# agree WHAT PAGE: the sorted lists "$work/program" and "$work/page" are one list, and not an empty one.
agree() {
    sort -u "$work/program" -o "$work/program"
    sort -u "$work/page" -o "$work/page"
    [ -s "$work/program" ] || echo "no $1 found: this test no longer reads the program" >"$work/diff"
    [ ! -s "$work/program" ] || diff "$work/program" "$work/page" >"$work/diff" || true
    if [ -s "$work/diff" ]; then
        echo "$1: < the program's alone, > alone in $2"
        cat "$work/diff"
        bad=1
    fi
}

"$program" --help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' | grep -vx plstrap >"$work/program"
cp "$work/program" "$work/commands"
sed -n 's/^\*plstrap\* \*\([a-z]*\)\*.*/\1/p' "$pages/plstrap.1.scd" >"$work/page"
agree commands plstrap.1

# An option's line in the help: "  -o, --output=FILE  The result".
while read -r command; do
    "$program" "$command" --help
done <"$work/commands" | grep -oE '^ +(-., )? *--[a-z-]+' | grep -oE -- '--[a-z-]+' >"$work/program"
grep -oE -- '\*--[a-z-]+\*' "$pages/plstrap.1.scd" | tr -d '*' >"$work/page"
agree options plstrap.1

# A key's row in the table: {"data", "missing", PLS_KEY_MISSING, ...
grep -E '^    \{"[a-z]*", "[a-z_]+",' "$source/src/study/keys.c" | grep -Ev 'PLS_KEY_(LATER|SECTION)' |
    sed 's/^    {"\([a-z]*\)", "\([a-z_]*\)",.*/\1.\2/; s/^\.//' >"$work/program"
sed -n 's/^\*\([a-z]*\.*[a-z_]*\)\* (.*/\1/p' "$pages/plstrap-study.5.scd" | grep -Evx 'data|estimation' >"$work/page"
agree keys plstrap-study.5

exit $bad

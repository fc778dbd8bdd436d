#!/bin/sh
# headers.sh SOURCE COMPILER LANGUAGE-FLAG...: every public header compiles alone, and twice.
set -u
source=$1 compiler=$2
shift 2
bad=0
for header in "$source"/include/plstrap/*.h; do
    name=plstrap/$(basename "$header")
    printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        "$compiler" -Wall -Wextra -Wpedantic -Werror -I "$source/include" "$@" \
            -fsyntax-only - || {
        echo "$name does not compile alone" >&2
        bad=1
    }
done
exit $bad

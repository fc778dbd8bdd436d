#!/bin/sh
# demo.sh: from a fresh Debian 12 to the report of a bootstrapped study:  sh jobs/demo.sh
#
# Installs what is missing, builds, and runs configs/jambi.yaml under MPI on all cores. Everything that it
# writes is under build/. A second call computes again, and starts at once.
set -eu
cd -P "$(dirname "$0")/.."
. src/cmake/packages.sh

program=build/release/src/cli/plstrap
result=build/demo/jambi.h5
log=build/demo/build.log
mkdir -p build/demo
: >"$log"

# A new container has no locale set, and a terminal that shows UTF-8 nevertheless.
if [ -z "${LC_ALL-}${LC_CTYPE-}${LANG-}" ]; then
    export LC_CTYPE=C.UTF-8
fi

# shellcheck disable=SC2086 # a list of words
need_packages $build_packages
configure release -DBUILD_TESTING=OFF ||
    fail 69 "the build could not be configured; see the end of $log; the packages needed are in src/cmake/packages.sh"
# Asks first, so that a call with nothing to build says nothing of building.
if ! ninja -C build/release -n plstrap 2>&1 | grep -q 'no work to do'; then
    step 'release: building' cmake --build --preset release --target plstrap ||
        fail 70 "the program could not be built; see the end of $log"
fi

"$program" bootstrap configs/jambi.yaml -o "$result" --restart

cat <<END

The result is $result. What to try next:

  # the base model alone: loadings, reliability, discriminant validity, paths
  $program estimate configs/jambi.yaml
  # the same tables from the result file; every number as CSV
  $program report $result --csv build/demo/tables
  # one process instead of all cores: the same bytes
  $program bootstrap configs/jambi.yaml --ranks 1 -o build/demo/one.h5 && cmp $result build/demo/one.h5
  # a mediation on public data
  $program bootstrap configs/democracy.yaml -o build/demo/democracy.h5
  # install the program, libplstrap and the manual pages
  cmake --build --preset release && cmake --install build/release --prefix ~/.local
END

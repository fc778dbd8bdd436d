# packages.sh: the Debian packages that plstrap needs, in one place, and how the scripts get them.
#
# Read by jobs/demo.sh and tests/run.sh with `.` from the project's folder; POSIX sh. The reader sets `log`, a
# file for what the steps say. Nothing is downloaded but Debian packages, and only those that are missing.
# shellcheck shell=sh disable=SC2034,SC2086,SC2154

# To build and run the program.
build_packages='gcc libc6-dev cmake ninja-build pkg-config openmpi-bin libopenmpi-dev libhdf5-dev
    libgsl-dev libyaml-dev libjansson-dev libutf8proc-dev libxxhash-dev libssl-dev librandom123-dev'

# To test it: cmocka; readers of HDF5 that are not ours (h5py, h5dump, R); manual pages; C++ for the
# headers; Slurm, which the tests start themselves; a second compiler and the formatter.
test_packages='libcmocka-dev python3 python3-h5py hdf5-tools r-base-core r-bioc-rhdf5 r-cran-hdf5r
    scdoc g++ slurm-wlm munge clang-14 clang-format-14'

say() {
    printf '%s\n' "$*" >&2
}

# fail CODE SENTENCE: exit codes are those of plstrap(1).
fail() {
    code=$1
    shift
    say "$(basename "$0"): $*"
    exit "$code"
}

# step NAME COMMAND...: runs it with what it says going to $log; one line for people.
step() {
    name=$1
    shift
    began=$(date +%s)
    printf '%s ... ' "$name" >&2
    if "$@" >>"$log" 2>&1; then
        say "done in $(($(date +%s) - began)) s"
    else
        say "failed"
        return 1
    fi
}

# Those of its arguments that are not installed, one a line.
missing_packages() {
    # It fails where it does not know a package: that one is missing too.
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null) || true
    for package in "$@"; do
        case "
$installed
" in
        *"
$package installed
"*) ;;
        *) echo "$package" ;;
        esac
    done
}

# Installs what is missing of its arguments. On systems without dpkg the configuration finds out what is there.
need_packages() {
    command -v dpkg-query >/dev/null || return 0
    missing=$(missing_packages "$@" | tr '\n' ' ')
    missing=${missing% }
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -eq 0 ]; then
        as_root='env'
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root='sudo -n env'
    else
        fail 69 "these Debian packages are missing and only root can install them; give this command and try again:
sudo apt-get update && sudo apt-get install --no-install-recommends $missing"
    fi
    say "missing: $missing"
    # An unreachable mirror need not matter: the packages may be in the cache.
    step "reading the package lists" $as_root apt-get -q update || true
    step "installing $(echo "$missing" | wc -w) Debian packages" $as_root DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $missing ||
        fail 69 "Debian packages could not be installed; see the end of $log"
}

# configure PRESET [option...]: where that has not been done, or was done for another folder's sources.
configure() {
    if [ ! -e "build/$1/build.ninja" ] ||
        ! grep -Fqsx "CMAKE_HOME_DIRECTORY:INTERNAL=$(pwd -P)" "build/$1/CMakeCache.txt"; then
        step "$1: configuring" cmake --fresh --preset "$@"
    fi
}

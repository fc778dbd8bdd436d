#!/bin/sh
# cmake_package.sh PREFIX CMAKE CC [FLAG...]: the same program, built with find_package(plstrap).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$1 cmake=$2 cc=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(plstrap 0.1 REQUIRED)
add_executable(consumer $here/consumer.c)
target_link_libraries(consumer PRIVATE plstrap::plstrap)
END
"$cmake" -G Ninja -S "$work" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_C_FLAGS="$*" >"$work/log" 2>&1 && "$cmake" --build "$work/build" >>"$work/log" 2>&1 || {
    cat "$work/log"
    exit 1
}
"$work/build/consumer" >"$work/out"
diff "$here/consumer.expected" "$work/out"

#!/bin/sh
# pkg_config.sh PREFIX CC [FLAG...]: a program of another project, built with what pkg-config says.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=$1 cc=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name plstrap.pc)")
export PKG_CONFIG_PATH

# shellcheck disable=SC2046 # flags are words
"$cc" -std=c11 -Wall -Wextra -Werror "$@" "$here/consumer.c" -o "$work/consumer" \
    $(pkg-config --static --cflags --libs plstrap)
"$work/consumer" >"$work/out"
diff "$here/consumer.expected" "$work/out"

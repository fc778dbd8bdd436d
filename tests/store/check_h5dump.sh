#!/bin/sh
# h5dump -H of the sample's result is, line for line, what the schema says (schema.ddl).
# usage: check_h5dump.sh RESULT SCHEMA
set -eu
if ! command -v h5dump >/dev/null; then
    echo "h5dump is not there: install hdf5-tools"
    exit 77
fi
h5dump -H "$1" | sed '1s/^HDF5 .*/HDF5 {/' | diff "$2" -
echo "as the schema says"

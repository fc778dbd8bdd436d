"""Checks the sample's result, read with h5py alone, against the schema in plstrap-result(5)."""
import ctypes
import hashlib
import struct
import sys

import h5py
import numpy

XXH3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
XXH3.restype = ctypes.c_uint64
XXH3.argtypes = [ctypes.c_char_p, ctypes.c_size_t]


def texts(dataset):
    return [text.decode() for text in dataset[()]]


def value(series, row, column):
    if row % 97 == 13:
        return float("nan")
    mixed = (row + 1) * 2654435761 + column * 40503 + series * 97
    return mixed % 1000003 / 1000003 - 0.5


def status_of(row):
    return 2 if row % 97 == 13 else 0


def checksum(array):
    return XXH3(array.tobytes(), array.nbytes)


def check_series(f, number, name, count):
    group = f["series"][name]
    values = group["values"]
    assert values.dtype == "<f8" and values.shape == (5, count)
    assert (values.chunks, values.compression, values.external) == (None, None, None)
    assert [d.label for d in values.dims] == ["column", "replicate"]
    assert values.dims[0].keys() == ["component", "term"]
    assert values.dims[0]["term"] == f["columns/term"]
    for run, kind in {"status": "u1", "flags": "u1", "where": "<u2", "iterations": "<u2"}.items():
        assert group[run].dtype == kind and group[run].shape == (count,), run
    expected = [[value(number, r, c) for r in range(count)] for c in range(5)]
    assert numpy.array_equal(values[()], numpy.array(expected).reshape(5, count), equal_nan=True)
    assert group["status"][()].tolist() == [status_of(r) for r in range(count)]
    nan = values[()].view("<u8")[numpy.isnan(values[()])]
    assert (nan == 0x7FF8000000000000).all()

    lanes = list(values[()])
    lanes += [group[run][()] for run in ("status", "flags", "where", "iterations")]
    sums = group["checksum"]
    assert sums.attrs["block_rows"] == 16384
    assert sums.dtype == "<u8" and sums.shape == (9, -(-count // 16384))
    for lane, rows in enumerate(lanes):
        for block in range(sums.shape[1]):
            assert sums[lane, block] == checksum(rows[block * 16384 : (block + 1) * 16384])
    return lanes


def check_digest(f, all_lanes):
    digest = hashlib.sha256()

    def add_text(text):
        digest.update(struct.pack("<Q", len(text)) + text)

    add_text(b"plstrap rows 2")
    add_text(f.attrs["rows_digest"])
    digest.update(struct.pack("<Q", f["estimate"].shape[0]))
    columns = zip(f["columns/component"][()], f["columns/term"][()], f["estimate"][()])
    for component, term, estimate in columns:
        add_text(component)
        add_text(term)
        digest.update(struct.pack("<d", estimate))
    digest.update(struct.pack("<Q", len(f["series"].attrs["order"])))
    for name, lanes in zip(f["series"].attrs["order"], all_lanes):
        add_text(name)
        digest.update(struct.pack("<Q", len(lanes[-1])))
        for lane in lanes:
            digest.update(hashlib.sha256(lane.tobytes()).digest())
    assert digest.hexdigest() == f.attrs["digest"].decode()


def check(f):
    assert sorted(f) == ["columns", "constructs", "estimate", "indicators", "model", "series",
                         "study", "tables"]
    assert {name: f.attrs[name] for name in f.attrs if name != "digest"} == {
        "plstrap_schema": b"1.0", "plstrap_version": b"0.1.0", "job": b"bootstrap",
        "rows_digest": b"6ca13d52ca70c883e0f0bb101e425a89e8624de51db2d2392593af6a84118090",
        "seed": 2**64 - 1, "observations": 211}
    assert f["study"][()].decode() == "model: |\n  KV ~ KD\ntitle: Größe\n"
    assert f["study"].attrs["sha256"].decode() == hashlib.sha256(f["study"][()]).hexdigest()
    assert f["model"][()].decode() == "KV ~ KD\n"
    assert texts(f["indicators"]) == ["kd1", "kd2", "größe"]
    assert texts(f["constructs"]) == ["KD", "KV"]
    assert texts(f["columns/component"]) == ["path", "loading", "loading", "r2", "specific"]
    assert texts(f["columns/term"]) == ["KV~KD", "KD=~kd1", "KD=~größe", "KV", "KD->KV->KK"]
    assert texts(f["columns/lhs"]) == ["KV", "KD", "KD", "KV", "KD"]
    assert texts(f["columns/op"]) == ["~", "=~", "=~", "", "->"]
    assert texts(f["columns/rhs"]) == ["KD", "kd1", "größe", "", "KV->KK"]
    assert f["estimate"][()].tolist() == [0, 0.125, 0.25, 0.375, 0.5]
    assert f["estimate"].dims[0].keys() == ["component", "term"]

    names = [name.decode() for name in f["series"].attrs["order"]]
    assert names == ["bootstrap", "permutation/male-female", "none"]
    lanes = [check_series(f, i, name, (40000, 20, 0)[i]) for i, name in enumerate(names)]
    check_digest(f, lanes)

    tables = f["tables"]
    assert tables.attrs["order"].tolist() == [b"parameters", b"messages", b"empty"]
    parameters = tables["parameters"]
    assert parameters.attrs["order"].tolist() == [b"term", b"estimate", b"std.error", b"n.ok"]
    assert texts(parameters["term"]) == ["KV~KD", "KD→KV"]
    assert parameters["estimate"][()].tolist() == [0.382, -0.5]
    assert numpy.isnan(parameters["std.error"][1])
    assert parameters["n.ok"].dtype == "<i8" and parameters["n.ok"][()].tolist() == [99, -1]
    assert texts(tables["messages/text"]) == ["R² is small"]
    assert {tables["empty"][c].shape for c in tables["empty"]} == {(0,)}

    def check_sum(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("series/"):
            assert item.attrs["checksum"] == checksum(numpy.asarray(item[()])), name

    f.visititems(check_sum)


with h5py.File(sys.argv[1], "r") as file:
    check(file)
print("as the schema says")

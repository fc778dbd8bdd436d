#!/usr/bin/env python3
"""Makes draws.tsv: the first draws of many streams, by an implementation that shares nothing with plstrap's.

Philox4x32-10 as printed in Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", section 4;
the rule for bounded draws as include/plstrap/random.h states it.

    python3 draws.py > draws.tsv
    python3 draws.py designs > designs.tsv

Columns of draws.tsv: seed, purpose, cell, row, n, the first draws. Of designs.tsv, what design.h and weights.h state: kind ("weights",
"permuted", "assigned"), seed, row (the number of an assignment), cell, codes of strata, of clusters, labels (groups above 8 take no
part), the weights or labels that come out (255: none). The tables are final: if a program disagrees with them, the program is wrong.
"""

import sys
from math import factorial

MASK = 0xFFFFFFFF


def philox4x32_10(counter, key):
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for turn in range(10):
        high0, low0 = divmod(0xD2511F53 * x0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * x2, 2**32)
        x0, x1, x2, x3 = high1 ^ x1 ^ k0, low1, high0 ^ x3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return x0, x1, x2, x3


# Random123's own known answers (tests/kat_vectors)
assert philox4x32_10((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
assert philox4x32_10((MASK,) * 4, (MASK,) * 2) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)
assert philox4x32_10((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)) == (
    0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)


def pieces(seed, purpose, cell, row, size):
    """The stream as a sequence of integers of `size` bytes."""
    block = 0
    while True:
        words = philox4x32_10((block, purpose * 2**24 + cell, row % 2**32, row // 2**32), (seed % 2**32, seed // 2**32))
        data = b''.join(w.to_bytes(4, 'little') for w in words)
        for at in range(0, 16, size):
            yield int.from_bytes(data[at:at + size], 'little')
        block += 1


def draws(seed, purpose, cell, row, n, count):
    size = 1 if n <= 256 else 2 if n <= 65536 else 4
    limit = 256**size
    out = []
    for u in pieces(seed, purpose, cell, row, size):
        index, low = divmod(u * n, limit)
        if low >= limit % n:
            out.append(index)
            if len(out) == count:
                return out


def units_of(strata, clusters):
    """Strata as lists of units, units as lists of rows, all by their first rows."""
    out = {}
    for row, (h, c) in enumerate(zip(strata, clusters)):
        out.setdefault(h, {}).setdefault(c, []).append(row)
    return [list(units.values()) for units in out.values()]


def design_weights(seed, row, strata, clusters):
    out = [0] * len(strata)
    for cell, units in enumerate(units_of(strata, clusters)):
        for index in draws(seed, 0, cell, row, len(units), len(units)):
            for i in units[index]:
                out[i] += 1
    return out


def exchangeable(strata, clusters, labels):
    """Sets of units with several labels, each unit with its label."""
    strata = [[[i for i in unit if labels[i] <= 8] for unit in units] for units in units_of(strata, clusters)]
    whole = all(len({labels[i] for i in unit}) < 2 for units in strata for unit in units)
    sets = []
    for units in strata:
        if whole:
            sizes = sorted({len(unit) for unit in units if unit})
            sets += [[unit for unit in units if len(unit) == size] for size in sizes]
        else:
            sets += [[[i] for i in unit] for unit in units if unit]
    sets = [[(unit, labels[unit[0]]) for unit in units] for units in sets]
    return [units for units in sets if len({label for _, label in units}) > 1]


def permuted(seed, row, cell, strata, clusters, labels):
    words = pieces(seed, 1, cell, row, 4)
    out = [label if label <= 8 else 255 for label in labels]
    for units in exchangeable(strata, clusters, labels):
        have = [label for _, label in units]
        most = max(sorted(set(have)), key=have.count)
        order, give = list(range(len(units))), sorted(label for label in have if label != most)
        for t in range(len(give)):
            bound = len(units) - t
            while True:
                index, low = divmod(next(words) * bound, 2**32)
                if low >= 2**32 % bound:
                    break
            order[t], order[t + index] = order[t + index], order[t]
        for at, unit in enumerate(order):
            for i in units[unit][0]:
                out[i] = give[at] if at < len(give) else most
    return out


def arrangements(labels):
    out = factorial(len(labels))
    for label in set(labels):
        out //= factorial(labels.count(label))
    return out


def assigned(number, strata, clusters, labels):
    out = [label if label <= 8 else 255 for label in labels]
    for units in reversed(exchangeable(strata, clusters, labels)):
        left = sorted(label for _, label in units)
        number, own = divmod(number, arrangements(left))
        for unit, _ in units:
            for label in sorted(set(left)):
                rest = left.copy()
                rest.remove(label)
                if own < arrangements(rest):
                    break
                own -= arrangements(rest)
            left = rest
            for i in unit:
                out[i] = label
    return out


def print_designs():
    join = lambda values: ','.join(map(str, values))
    print('kind\tseed\trow\tcell\tstrata\tclusters\tlabels\tout')
    for n, h, c, varying in ((12, 1, 12, 0), (40, 3, 40, 0), (60, 1, 20, 0), (60, 2, 20, 0), (60, 2, 12, 1), (300, 2, 300, 0)):
        clusters = [i * 7 % n if c == n else (i * i + i // 3) % c for i in range(n)]
        strata = [(clusters[i] if c < n else i) * 5 % 7 % h for i in range(n)]
        labels = [((i if varying or c == n else clusters[i]) * 11 % 13 + 1) % 4 for i in range(n)]
        labels = [9 if label == 3 and n > 12 else label for label in labels]
        for seed, row in ((0, 0), (20260101, 4999), (2**64 - 1, 2**32 + 7)):
            where = join(strata), join(clusters), join(labels)
            print('weights', seed, row, 0, *where, join(design_weights(seed, row, strata, clusters)), sep='\t')
            print('permuted', seed, row, 3, *where, join(permuted(seed, row, 3, strata, clusters, labels)), sep='\t')
        total = 1
        for units in exchangeable(strata, clusters, labels):
            total *= arrangements([label for _, label in units])
        for number in (0, 1, total // 3, total - 1) if total < 2**32 else ():
            print('assigned', 0, number, 0, *where, join(assigned(number, strata, clusters, labels)), sep='\t')


if sys.argv[1:] == ['designs']:
    print_designs()
    sys.exit()

SEEDS = (0, 1, 20260101, 2**32, 2**64 - 1)
ROWS = (0, 1, 4999, 2**32 + 7, 2**64 - 1)
NS = (1, 2, 3, 75, 120, 250, 255, 256, 257, 1000, 65535, 65536, 65537, 2**31 + 1, 2**32 - 1)
print('seed\tpurpose\tcell\trow\tn\tdraws')
for seed in SEEDS:
    for row in ROWS:
        for n in NS:
            first = draws(seed, 0, 0, row, n, 4 if n == 1 else 20)
            print(seed, 0, 0, row, n, ','.join(map(str, first)), sep='\t')
for purpose, cell in ((0, 1), (0, 2**24 - 1), (1, 0), (255, 12345)):
    print(7, purpose, cell, 3, 120, ','.join(map(str, draws(7, purpose, cell, 3, 120, 20))), sep='\t')

#!/usr/bin/env python3
"""Makes draws.tsv: the first draws of many streams, by an implementation that shares nothing with plstrap's.

Philox4x32-10 as printed in Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3", section 4;
the rule for bounded draws as include/plstrap/random.h states it.

    python3 draws.py > draws.tsv

Columns: seed, purpose, cell, row, n, the first draws. The table is final: if a program disagrees with it, the program is wrong.
"""

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

"""The ready studies' data are those that configs/README.md names."""
import csv
import hashlib
import shutil
import struct
import subprocess
import unittest

import program
from program import CONFIGS

# SHA-256 of what R 4.2.2 wrote of lavaan 0.6.14's HolzingerSwineford1939: writeBin(as.double(x), size = 8,
# endian = "little") of x1 to x9 in turn, and the schools, a line each.
NUMBERS = 'ddb3ea7de5085364a3a0eda2c2a0e732df9f7005af9ff3dd5fea49f694a90964'
SCHOOLS = 'bd51408ea71abc1378aafd067d308591a5df3ae1477339c9b956c0cceb8d0707'

R = '''
if (!requireNamespace("lavaan", quietly = TRUE)) quit(status = 77)
d <- lavaan::HolzingerSwineford1939
out <- pipe("cat", "wb")
for (x in paste0("x", 1:9)) writeBin(as.double(d[[x]]), out, size = 8, endian = "little")
close(out)
'''


class Configs(program.Case):
    def holzinger(self):
        with open(CONFIGS / 'holzinger.csv', encoding='utf-8', newline='') as file:
            return list(csv.DictReader(file))

    def numbers(self):
        rows = self.holzinger()
        return b''.join(struct.pack('<d', float(row[f'x{i}'])) for i in range(1, 10) for row in rows)

    def test_each_number_of_holzinger_is_r_s_to_the_bit(self):
        rows = self.holzinger()
        self.assertEqual(len(rows), 301)
        self.assertEqual(hashlib.sha256(self.numbers()).hexdigest(), NUMBERS)
        schools = ''.join(row['school'] + '\n' for row in rows)
        self.assertEqual(hashlib.sha256(schools.encode()).hexdigest(), SCHOOLS)

    @unittest.skipUnless(shutil.which('Rscript'), 'needs R')
    def test_r_still_gives_the_same_numbers(self):
        done = subprocess.run(['Rscript', '-e', R], capture_output=True, check=False)
        if done.returncode == 77:
            self.skipTest('needs r-cran-lavaan')
        self.assertEqual(done.stdout, self.numbers())

    def test_every_ready_study_has_an_estimate(self):
        studies = sorted(CONFIGS.glob('*.yaml'))
        self.assertGreaterEqual(len(studies), 3)
        for study in studies:
            with self.subTest(study.name):
                self.assertIn('INNER MODEL', self.good('estimate', study).stdout)


if __name__ == '__main__':
    program.main()

"""
Replayed resamples of another program, through the whole program: --resamples in, `plstrap rows` out, to 1e-9.

tests/golden/pls holds the values (see its README); here one model goes all the way, tests/pls has them all.
"""
import csv
import io

import program

GOLDEN = program.TESTS / 'golden' / 'cli'


class Replay(program.Case):
    def test_replicates_are_those_of_csem(self):
        for name in ('data.csv', 'resamples.csv'):
            self.write(name, (GOLDEN / name).read_bytes())
        self.write('study.yaml', 'data: {file: data.csv}\nmodel: |\n' + ''.join(
            '  ' + line + '\n' for line in (GOLDEN / 'model.lav').read_text().splitlines()) +
            'estimation: {scheme: centroid, tolerance: 1e-13, max_iterations: 20000, sign: none}\n'
            'bootstrap: {align: none, intervals: [percentile]}\n')
        self.good('bootstrap', 'study.yaml', '--resamples', 'resamples.csv', '--quiet')
        ours = list(csv.DictReader(io.StringIO(self.good('rows', 'study.h5').stdout)))
        with open(GOLDEN / 'resample_estimates.csv', newline='') as file:
            theirs = list(csv.DictReader(file))
        self.assertEqual(len(ours), len(theirs))
        compared = 0
        for us, them in zip(ours, theirs):
            self.assertEqual(us['status'], 'ok')
            for column, value in them.items():
                if column.startswith(('weight:', 'loading:', 'path:', 'r2:')):
                    # signs are arbitrary where the block's correlations have both
                    self.assertAlmostEqual(abs(float(us[column])), abs(float(value)), delta=1e-9, msg=column)
                    compared += 1
        self.assertGreater(compared, 500)
        self.assertIn('given', self.good('report', 'study.h5').stdout)


if __name__ == '__main__':
    program.main()

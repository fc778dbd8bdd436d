"""The one law, from outside: the result file is the same, byte for byte, on any number of ranks and for any chunk."""
import hashlib
import os

import program
from program import DATA, MPIRUN, PLSTRAP, study

REST = 'bootstrap: {replicates: 1999, seed: 7, intervals: [percentile, bca]}\nhypotheses: {H1: A -> B -> C != 0}\n'


class Ranks(program.Case):
    def setUp(self):
        super().setUp()
        self.write('answers.csv', DATA)
        self.write('study.yaml', study(REST))

    def digest(self, name):
        return hashlib.sha256((self.folder / name).read_bytes()).hexdigest()

    def test_result_is_the_same_on_any_number_of_ranks(self):
        for ranks in (1, 2, 3, 7):
            self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', ranks, '-o', f'{ranks}.h5')
        self.assertEqual(len({self.digest(f'{ranks}.h5') for ranks in (1, 2, 3, 7)}), 1)

    def test_result_is_the_same_for_any_chunk_size(self):
        for chunk in (1, 13, 500, 100000):
            self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 2, '--chunk', chunk, '-o', f'{chunk}.h5')
        self.assertEqual(len({self.digest(f'{chunk}.h5') for chunk in (1, 13, 500, 100000)}), 1)

    def test_result_is_the_same_under_a_launcher(self):
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'alone.h5')
        done = self.run_command(*MPIRUN, '-n', 3, PLSTRAP, 'bootstrap', 'study.yaml', '-o', 'ranks.h5')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('on 3 ranks', done.stderr)
        self.assertEqual(done.stdout.count('H1'), self.good('report', 'alone.h5').stdout.count('H1'))
        self.assertEqual(self.digest('alone.h5'), self.digest('ranks.h5'))

    def test_result_is_the_same_on_far_more_ranks_than_processors(self):
        for mode in ('rows', 'summary'):
            self.write('study.yaml', study(f'bootstrap: {{replicates: 70000, seed: 7, intervals: [percentile]}}\n'
                                           f'store: {mode}\n'))
            self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', f'{mode}-1.h5')
            done = self.run_command(*MPIRUN, '-n', 64, PLSTRAP, 'bootstrap', 'study.yaml', '--quiet', '-o',
                                    f'{mode}-64.h5')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.digest(f'{mode}-1.h5'), self.digest(f'{mode}-64.h5'))

    def test_separate_copies_are_refused(self):
        for variables in ({'OMPI_COMM_WORLD_SIZE': '2', 'OMPI_COMM_WORLD_RANK': '0'},
                          {'SLURM_STEP_ID': '0', 'SLURM_STEP_NUM_TASKS': '8', 'SLURM_PROCID': '0'},
                          {'PMI_SIZE': '4', 'PMI_RANK': '0'}):
            with self.subTest(str(variables)):
                done = self.plstrap('bootstrap', 'study.yaml', environment=variables)
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertIn('separate copies', done.stderr)
                self.assertFalse(os.path.exists(self.folder / 'study.h5'))

    def test_ranks_under_a_launcher_is_a_usage_error(self):
        done = self.run_command(*MPIRUN, '-n', 2, PLSTRAP, 'bootstrap', 'study.yaml', '--ranks', 2)
        self.assertEqual(done.returncode, 64, done.stderr)
        self.assertEqual(done.stderr.count('--ranks is for runs without a launcher'), 1, done.stderr)

    def test_seed_changes_the_rows_and_the_locale_does_not(self):
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'a.h5')
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'b.h5',
                  environment={'LC_ALL': 'de_DE.UTF-8', 'LANG': 'id_ID.UTF-8'})
        self.assertEqual(self.digest('a.h5'), self.digest('b.h5'))
        self.write('study.yaml', study(REST.replace('seed: 7', 'seed: 8')))
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'c.h5')
        self.assertNotEqual(self.good('rows', 'a.h5').stdout, self.good('rows', 'c.h5').stdout)


if __name__ == '__main__':
    program.main()

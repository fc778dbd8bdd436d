"""The result as other programs read it: the README's own snippets, run as they stand there."""
import re
import shutil

import program

README = program.TESTS.parent / 'README.md'


def snippet(language):
    found = re.search(rf'```{language}\n(.*?)```', README.read_text(encoding='utf-8'), re.S)
    assert found, f'the README has no {language} snippet'
    return found.group(1)


class Readers(program.Case):
    def setUp(self):
        super().setUp()
        self.configs()
        self.good('bootstrap', 'jambi.yaml', '--quiet', '--csv', 't')
        rows = self.table('t/parameters.csv')
        self.se = next(float(r['std.error']) for r in rows if (r['component'], r['term']) == ('path', 'KK~KD'))

    def test_python_snippet_of_the_readme(self):
        code = snippet('python') + '\nprint(repr(float(rows["path:KK~KD"].std(ddof=1))))\n'
        self.assertLessEqual(len(snippet('python').strip().splitlines()), 8)
        done = self.run_command('/usr/bin/python3', '-c', code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertAlmostEqual(float(done.stdout.splitlines()[-1]), self.se, delta=1e-12)

    def test_r_snippet_of_the_readme(self):
        if shutil.which('Rscript') is None:
            self.fail('Rscript is missing; tests/run.sh installs it')
        code = snippet('r') + '\ncat(sprintf("%.17g\\n", sd(rows[, "path:KK~KD"])))\n'
        self.assertLessEqual(len(snippet('r').strip().splitlines()), 8)
        self.write('s.R', code)
        done = self.run_command('Rscript', '--vanilla', 's.R')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertAlmostEqual(float(done.stdout.splitlines()[-1]), self.se, delta=1e-12)

    def test_h5dump_shows_the_schema(self):
        done = self.run_command('h5dump', '-H', 'jambi.h5')
        self.assertEqual(done.returncode, 0, done.stderr)
        for words in ('plstrap_schema', 'GROUP "bootstrap"', 'GROUP "jackknife"', 'DATASET "values"',
                      '( 40, 9999 )', 'GROUP "tables"', 'DATASET "status"'):
            self.assertIn(words, done.stdout)


if __name__ == '__main__':
    program.main()

"""The ready studies of configs/, from the shell: published values, verdicts, the report."""
import fcntl
import json
import os
import re
import shutil
import stat
import subprocess
import time

import program


class Jambi(program.Case):
    def setUp(self):
        super().setUp()
        self.configs()

    def estimates(self):
        return {(r['component'], r['term']): float(r['estimate'] or 'nan') for r in self.table('t/parameters.csv')}

    def test_jambi_returns_what_the_survey_published(self):
        done = self.good('bootstrap', 'jambi.yaml', '--csv', 't')
        found = self.estimates()
        for (component, term), published in {('path', 'KK~KD'): .382, ('path', 'KV~KD'): .718, ('path', 'KK~KV'): .467,
                                             ('specific', 'KD->KV->KK'): .335, ('r2', 'KV'): .515,
                                             ('r2', 'KK'): .620}.items():
            self.assertAlmostEqual(found[component, term], published, delta=.0005, msg=term)
        verdicts = {r['hypothesis']: (r['verdict'], r['open']) for r in self.table('t/hypotheses.csv')}
        self.assertEqual(verdicts, {h: ('accepted', '0') for h in ('H1', 'H2', 'H3', 'H4')})
        mediation = [r for r in self.table('t/mediation.csv') if r['term'] == 'KD->KV->KK']
        self.assertEqual(mediation[0]['type'], 'complementary')
        self.assertAlmostEqual(float(mediation[0]['vaf']), .335 / .717, delta=.001)
        for words in ('.382', '.718', '.467', '.335', 'omplementary', 'SIMULATED', '.694', '.620'):
            self.assertIn(words, done.stdout)
        self.assertRegex(done.stderr, r'[\d,]+ replicates in \d+\.\d\d s, [\d.]+ [kM]?/s on \d+ ranks?; '
                                      r'start \d+\.\d\d s; waiting \d+ %')

    def test_an_undeclared_code_for_no_answer_is_told(self):
        lines = [line.split(',') for line in (self.folder / 'jambi.csv').read_text().splitlines()]
        study = (self.folder / 'jambi.yaml').read_text()

        def told(cells, missing=''):
            rows = [list(line) for line in lines]
            for row, column, value in cells:
                rows[row][column] = value
            self.write('jambi.csv', ''.join(','.join(row) + '\n' for row in rows))
            self.write('jambi.yaml', study.replace('data:\n', f'data:\n  missing: [{missing}]\n', 1))
            shown = self.good('estimate', 'jambi.yaml', environment={'COLUMNS': '200'}).stdout
            return [' '.join(block.split()) for block in shown.split('Warning: ')[1:]]

        self.assertEqual(told([]), [])
        seen = told([(1, 2, '-99')])
        self.assertEqual(len(seen), 1)
        self.assertTrue(seen[0].startswith('kd3 has -99 in 1 row, far outside its other values (1 to 5); if it means '
                                           '"no answer", write missing: [-99] under data.'), seen)
        self.assertEqual(told([(1, 2, '-99')], '-99'), [])
        seen = told([(1, 2, '-99'), (2, 2, '-99'), (3, 7, '-99')])
        self.assertEqual(len(seen), 1)
        self.assertIn('kd3 has -99 in 2 rows (as has 1 other indicator), far', seen[0])
        self.assertEqual(told([(1, 2, '9')]), [])        # within one range of 1 to 5
        self.assertEqual(told([(1, 2, '42')]), [])       # no code
        self.assertIn('has -9 in', told([(1, 2, '-9')])[0])
        self.assertEqual(told([(1, 2, '99'), (2, 2, '1.5')]), [])  # measured, not coded
        self.assertEqual(told([(1 + i, 2, str(100 + i)) for i in range(20)] + [(40, 2, '-9999')]), [])

    def test_democracy_is_a_mediation_on_public_data(self):
        self.good('bootstrap', 'democracy.yaml', '--csv', 't', '--quiet')
        found = self.estimates()
        # cSEM 0.6.1 on lavaan's PoliticalDemocracy, run to 1e-13; ours stops at the default 1e-7
        for term, theirs in {'dem60~ind60': 0.40271852400258035, 'dem65~ind60': 0.19601998886280536,
                             'dem65~dem60': 0.7858438908187908}.items():
            self.assertAlmostEqual(found['path', term], theirs, delta=1e-6)

    def test_report_fits_the_terminal_and_respects_no_color(self):
        self.good('bootstrap', 'jambi.yaml', '--quiet')
        for columns in ('60', '80', '120'):
            shown = self.good('report', 'jambi.h5', environment={'COLUMNS': columns}).stdout
            self.assertLessEqual(max(len(line) for line in shown.splitlines()), int(columns))
            self.assertNotIn('\033', shown)
        self.assertIn('\033[', self.good('report', 'jambi.h5', '--color', 'always').stdout)
        ascii_only = self.good('report', 'jambi.h5', environment={'LC_ALL': 'C'}).stdout
        self.assertTrue(ascii_only.isascii())

    def test_smartpls_style_has_its_columns(self):
        self.good('bootstrap', 'jambi.yaml', '--quiet')
        shown = self.good('report', 'jambi.h5', '--style', 'smartpls', environment={'COLUMNS': '140'}).stdout
        for words in ('(O)', '(M)', '(STDEV)', '(|O/STDEV|)', 'P values', 'KD -> KV'):
            self.assertIn(words, shown)

    def test_quiet_is_silent_and_nothing_but_results_is_on_stdout(self):
        done = self.good('bootstrap', 'jambi.yaml', '--quiet')
        self.assertEqual((done.stdout, done.stderr), ('', ''))
        self.assertEqual(sorted(p.name for p in self.folder.glob('jambi.h5*')), ['jambi.h5', 'jambi.h5.run.json'])
        runs = json.loads((self.folder / 'jambi.h5.run.json').read_text())
        self.assertEqual([r['rows'] for r in runs], [9999 + 120])

    def test_last_line_comes_last_also_in_one_file_with_the_report(self):
        for _ in range(4):
            self.run_command('sh', '-c', f'{program.PLSTRAP} bootstrap jambi.yaml --restart --ranks 2 > all.txt 2>&1')
            lines = (self.folder / 'all.txt').read_text(encoding='utf-8').splitlines()
            self.assertRegex(lines[-1], r'^9,999 replicates in ')
            self.assertEqual(lines[0][:15], 'Digital content')

    def test_verbose_says_what_was_read_and_how_it_is_computed(self):
        for command, words in (('estimate', ('120 of 120 rows used, 15 columns', 'delimiter comma')),
                               ('bootstrap', ('120 of 120 rows used', 'rows are kept on', 'instruction set'))):
            told = self.good(command, 'jambi.yaml', '--verbose').stderr
            for word in words:
                self.assertIn(word, told)
                self.assertEqual(told.count(word), 1)
        for command in ('report', 'rows'):
            self.assertIn('digest ', self.good(command, 'jambi.h5', '--verbose').stderr)

    def test_log_file_has_no_escapes(self):
        self.good('bootstrap', 'jambi.yaml', '--log', 'run.log', '--color', 'always')
        self.assertNotRegex((self.folder / 'run.log').read_text(), '[\r\033]')

    def test_scores_are_private_and_reproduce_loadings(self):
        self.good('estimate', 'jambi.yaml', '--scores', 's.csv', '--csv', 't', '--quiet')
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / 's.csv').st_mode), 0o600)
        scores, answers = self.table('s.csv'), self.table('jambi.csv')
        self.assertEqual([r['row'] for r in scores], [str(i) for i in range(1, 121)])
        y = [float(r['KD']) for r in scores]
        x = [float(r['kd1']) for r in answers]
        mx, my = sum(x) / 120, sum(y) / 120
        r = sum((a - mx) * (b - my) for a, b in zip(x, y)) / (
            sum((a - mx) ** 2 for a in x) * sum((b - my) ** 2 for b in y)) ** .5
        self.assertAlmostEqual(r, self.estimates()['loading', 'KD=~kd1'], delta=1e-12)

    def test_estimate_shows_both_steps_of_a_paper(self):
        shown = self.good('estimate', 'jambi.yaml').stdout
        for words in ('Cronbach', 'AVE', 'Fornell', 'HTMT', 'VIF', 'f²', 'R²', 'kd1', 'iterations'):
            self.assertIn(words, shown)
        self.assertFalse((self.folder / 'jambi.h5').exists())
        kept = self.good('estimate', 'jambi.yaml', '-o', 'base.h5').stdout
        self.assertEqual(kept, self.good('report', 'base.h5').stdout)

    def test_answers_appear_nowhere_but_in_scores(self):
        canary = '4.0137001'
        lines = (self.folder / 'jambi.csv').read_text().splitlines()
        lines[7] = lines[7].replace(lines[7].split(',')[0], canary, 1)
        lines = ['name,' + lines[0]] + [f'Usaha {i} secret@mail.id,' + l for i, l in enumerate(lines[1:])]
        self.write('jambi.csv', '\n'.join(lines) + '\n')
        done = self.good('bootstrap', 'jambi.yaml', '--csv', 't', '--json', 't.json', '--log', 'l.log', '--verbose')
        rows = self.good('rows', 'jambi.h5').stdout
        told = done.stdout + done.stderr + rows
        for file in self.folder.rglob('*'):
            if file.is_file() and file.name not in ('jambi.csv', 'jambi.yaml', 'democracy.csv'):
                told += file.read_bytes().decode('latin-1')
        for secret in (canary, 'Usaha', 'secret@mail.id', str(self.folder)):
            self.assertNotIn(secret, told)


class HelpAndUse(program.Case):
    def test_help_teaches(self):
        shown = self.good('--help').stdout
        for words in ('bootstrap', 'estimate', 'report', 'rows', 'model: |', 'hypotheses'):
            self.assertIn(words, shown)
        for command in ('bootstrap', 'estimate', 'report', 'rows'):
            self.assertIn(f'plstrap {command}', self.good(command, '--help').stdout)
        self.assertRegex(self.good('--version').stdout, r'^plstrap \d+\.\d+\.\d+\n$')

    def test_closed_stdout_is_an_error_not_a_crash(self):
        self.configs()
        done = self.run_command('sh', '-c', f'{program.PLSTRAP} estimate jambi.yaml > /dev/full')
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertTrue(re.search('cannot be written', done.stderr), done.stderr)


class Waiting(program.Case):
    """What is finished while a run waits for the lock is seen by it."""

    def run_late(self, replicates, more=''):
        """A run of so many replicates, which must wait until r.h5 with 2,000 is there."""
        self.write('answers.csv', program.DATA)
        keys = more + 'bootstrap: {{replicates: {}}}\n'
        self.write('study.yaml', program.study(keys.format(2000)))
        self.good('bootstrap', 'study.yaml', '--quiet', '-o', 'first.h5')
        self.write('study.yaml', program.study(keys.format(replicates)))
        with open(self.folder / 'r.h5.journal', 'w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            late = subprocess.Popen([program.PLSTRAP, 'bootstrap', 'study.yaml', '-o', 'r.h5', '--ranks', '1'],
                                    cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.PIPE, text=True, env={**os.environ, **program.ROOT})
            time.sleep(0.5)
            shutil.copy(self.folder / 'first.h5', self.folder / 'r.h5')
            os.unlink(self.folder / 'r.h5.journal')
        _, said = late.communicate(timeout=60)
        self.assertEqual((self.folder / 'r.h5').read_bytes(), (self.folder / 'first.h5').read_bytes())
        self.assertFalse((self.folder / 'r.h5.part').exists())
        return late.returncode, said

    def test_a_summary_is_not_counted_twice(self):
        code, said = self.run_late(2000, 'store: summary\n')
        self.assertEqual(code, 0, said)
        self.assertIn('already complete; nothing was computed', said)

    def test_more_rows_are_not_replaced_by_fewer(self):
        code, said = self.run_late(1000)
        self.assertEqual(code, 73, said)
        self.assertIn('r.h5: holds more than the 1000 rows of bootstrap that are asked for', said)


if __name__ == '__main__':
    program.main()

"""A finished result is computed again and compared; whatever was altered is found and named."""
import ctypes
import hashlib
import json
import shutil
import struct

import h5py
import numpy

import program
from program import DATA, study

KEYS = 'bootstrap: {replicates: 3000, seed: 3}\n'
XXHASH = ctypes.CDLL('libxxhash.so.0')
XXHASH.XXH3_64bits.restype = ctypes.c_uint64
XXHASH.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
OUTCOMES = ('status', 'flags', 'where', 'iterations')


def checksum(bytes_):
    return XXHASH.XXH3_64bits(bytes_, len(bytes_))


def text(string):
    encoded = string if isinstance(string, bytes) else string.encode()
    return struct.pack('<Q', len(encoded)) + encoded


def series_names(file):
    return [name.decode() for name in file['series'].attrs.get('order', [])]


def digest(file):
    """As plstrap-result(5) defines it."""
    columns, estimates = file['columns'], file['estimate'][()]
    parts = [text('plstrap rows 2'), text(file.attrs['rows_digest']), struct.pack('<Q', len(estimates))]
    for component, term, estimate in zip(columns['component'][()], columns['term'][()], estimates):
        parts += [text(component), text(term), struct.pack('<d', estimate)]
    order = series_names(file)
    parts.append(struct.pack('<Q', len(order)))
    for name in order:
        series = file['series'][name]
        parts += [text(name), struct.pack('<Q', series['values'].shape[1])]
        lanes = [*series['values'][()], *(series[run][()] for run in OUTCOMES)]
        parts += [hashlib.sha256(lane.tobytes()).digest() for lane in lanes]
    return hashlib.sha256(b''.join(parts)).hexdigest()


def seal(file):
    """Makes checksums and digest fit what the file holds now: only a recomputation can tell."""
    for name in series_names(file):
        series = file['series'][name]
        lanes = [*series['values'][()], *(series[run][()] for run in OUTCOMES)]
        series['checksum'][...] = [[checksum(lane[at:at + 16384].tobytes()) for at in range(0, len(lane), 16384)]
                                   for lane in lanes]

    def mend(_, item):
        if isinstance(item, h5py.Dataset) and 'checksum' in item.attrs:
            item.attrs.modify('checksum', numpy.uint64(checksum(item[()].tobytes())))
    file.visititems(mend)
    file.attrs.modify('digest', numpy.array(digest(file), dtype=file.attrs.get_id('digest').dtype))


class Verify(program.Case):
    def setUp(self):
        super().setUp()
        self.write('answers.csv', DATA)
        self.write('study.yaml', study(KEYS))

    def make(self, *more, **keywords):
        self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '-o', 'r.h5', *more, **keywords)

    def altered(self):
        return h5py.File(self.folder / 'r.h5', 'r+')

    def verify(self, *more, code=0, study='study.yaml', **keywords):
        done = self.plstrap('verify', 'r.h5', study, *more, **keywords)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def findings(self, *more, **keywords):
        told = json.loads(self.verify('--json', *more, **keywords).stdout)
        return told, {one['what']: one for one in told['compared']}

    def test_a_result_is_equal_to_what_its_study_gives(self):
        self.make()
        told, found = self.findings()
        self.assertTrue(told['equal'])
        self.assertEqual(found['estimates']['compared'], found['estimates']['all'])
        self.assertGreaterEqual(found['bootstrap']['compared'], 1000)
        self.assertLess(found['bootstrap']['compared'], 1200)
        self.assertEqual((found['bootstrap']['all'], found['jackknife']['compared']), (3000, 40))
        self.assertGreater(found['tables']['compared'], 1000)
        self.assertIn('equal to what was computed here', self.verify().stdout)
        self.assertEqual(self.verify('--quiet').stdout, '')

    def test_the_sample_is_as_large_as_asked_and_the_same_again(self):
        self.make()
        with self.altered() as file:  # every row differs: the first examples show which were drawn
            file['series/bootstrap/values'][4, :] += 1.0
            seal(file)
        few = self.findings('--rows', 64, code=65)[1]['bootstrap']
        self.assertIn(few['compared'], range(64, 129))
        self.assertEqual(few['different'], few['compared'])
        self.assertEqual(few, self.findings('--rows', 64, code=65)[1]['bootstrap'])
        # 46 of 47 groups would be 2,936 rows if the short last one were among them
        self.assertGreaterEqual(self.findings('--rows', 2944, code=65)[1]['bootstrap']['compared'], 2944)

    def test_all_rows_on_two_ranks(self):
        self.make()
        told, found = self.findings('--all', '--ranks', 2)
        self.assertTrue(told['equal'])
        self.assertEqual(found['bootstrap']['compared'], 3000)

    def test_one_bit_of_one_value_is_found(self):
        self.make()
        with self.altered() as file:
            values = file['series/bootstrap/values']
            value = values[3, 1234]
            values[3, 1234] = numpy.nextafter(value, 2.0)
            term = file['columns/component'][3].decode() + ':' + file['columns/term'][3].decode()
            seal(file)
        self.good('report', 'r.h5')  # whole, as far as checksums can tell
        done = self.verify('--all', '--ranks', 1, code=65)
        self.assertIn('3,000 rows compared: 1 DIFFER', done.stdout)
        self.assertIn(f'row 1234, {term}: stored {numpy.nextafter(value, 2.0):.17g}, here {value:.17g}', done.stdout)
        self.assertIn('is not what its study and data give on this machine (bootstrap', done.stderr)
        self.assertIn('1 DIFFER', self.verify('--all', '--ranks', 2, code=65).stdout)

    def test_an_outcome_is_found(self):
        self.make()
        with self.altered() as file:
            file['series/jackknife/iterations'][7] += 1
            seal(file)
        found = self.findings(code=65)[1]
        self.assertEqual(found['jackknife']['different'], 1)
        self.assertIn('row 7: stored', found['jackknife']['examples'][0])
        self.assertEqual(found['bootstrap']['different'], 0)

    def test_an_estimate_is_found(self):
        self.make()
        with self.altered() as file:
            file['estimate'][2] = numpy.nextafter(file['estimate'][2], 9.0)
            seal(file)
        self.assertEqual(self.findings(code=65)[1]['estimates']['different'], 1)

    def test_cells_of_tables_are_found(self):
        self.make()
        with self.altered() as file:
            file['tables/parameters/std.error'][5] *= 1 + 1e-9
            cell = file['tables/intervals/method']
            cell[1] = b'basic'
            seal(file)
        tables = self.findings(code=65)[1]['tables']
        self.assertEqual(tables['different'], 2)
        self.assertRegex(tables['examples'][0], r'^parameters, row 6 \(.*\), std.error: stored 0\.\d+, here 0\.\d+$')
        self.assertRegex(tables['examples'][1], r'^intervals, row 2 \(.*\), method: stored "basic", here "bca"$')

    def test_the_last_bits_of_a_table_may_be_another_machines(self):
        self.make()
        with self.altered() as file:
            file['tables/parameters/std.error'][5] *= 1 + 1e-14
            seal(file)
        self.verify()

    def test_a_digest_that_does_not_fit_is_found(self):
        self.make()
        with self.altered() as file:
            file.attrs.modify('digest', numpy.array('0' * 64, dtype=file.attrs.get_id('digest').dtype))
        found = self.findings(code=65)[1]
        self.assertEqual([what for what in found if found[what]['different'] > 0], ['digest'])

    def test_a_damaged_file_is_named(self):
        self.make()
        with self.altered() as file:
            file['series/bootstrap/values'][3, 1234] += 1.0
        done = self.verify(code=65)
        self.assertIn('do not fit their checksum', done.stderr)
        self.assertEqual(done.stdout, '')

    def test_other_answers_and_other_studies_are_refused(self):
        self.make()
        lines = DATA.splitlines(keepends=True)
        self.write('answers.csv', ''.join(lines[:5] + ['1,1,1,1,1,1,1,1,1\n'] + lines[6:]))
        done = self.verify(code=65)
        self.assertIn('is the result of other answers (answers.csv has changed)', done.stderr)
        self.write('answers.csv', DATA)
        self.write('other.yaml', study('bootstrap: {replicates: 3000, seed: 4}\n'))
        done = self.verify(code=65, study='other.yaml')
        self.assertIn('another study: `bootstrap.seed: 3` there, `bootstrap.seed: 4` here', done.stderr)

    def test_a_study_with_a_new_title_still_proves_the_result(self):
        self.make()
        self.write('renamed.csv', DATA)
        (self.folder / 'answers.csv').unlink()
        self.write('study.yaml', study('title: newer\nbootstrap: {replicates: 99, seed: 3}\n', '{file: renamed.csv}'))
        told, found = self.findings()
        self.assertTrue(told['equal'])
        self.assertEqual(found['bootstrap']['all'], 3000)
        self.assertIn('tables are compared as the result\'s own study asks', told['notes'][0])

    def test_a_study_in_the_result_that_did_not_make_it_is_found(self):
        self.make()
        with self.altered() as file:
            old = file['study'][()]
            file['study'][...] = old.replace(b'replicates: 3000', b'replicates: 2999')
            seal(file)
        self.assertIn('does not hold the rows that its own study asks for', self.verify(code=65).stderr)

    def test_other_instruction_sets_and_ranks_give_the_same(self):
        for isa in ('ref', 'portable'):
            self.make('--restart', environment={'PLSTRAP_ISA': isa})
            self.verify('--all', '--ranks', 1)
            self.verify(environment={'PLSTRAP_ISA': isa})

    def test_replicates_that_fail_are_compared_too(self):
        rows = [line.split(',', 1) for line in DATA.splitlines()]
        self.write('answers.csv', ''.join(f'{"12"[i == 9] if i else first},{rest}\n'
                                          for i, (first, rest) in enumerate(rows)))
        self.make()
        with self.altered() as file:
            self.assertGreater((file['series/bootstrap/status'][()] == 2).sum(), 900)
        self.verify('--all', '--ranks', 1)

    def test_given_resamples_are_asked_for(self):
        self.write('draws.txt', ''.join(','.join(str((i * 7 + r * r + i * i * r) % 40) for i in range(40)) + '\n'
                                        for r in range(200)))
        self.make('--resamples', 'draws.txt')
        self.assertIn('--resamples', self.verify(code=65).stderr)
        self.assertEqual(self.findings('--resamples', 'draws.txt')[1]['bootstrap']['compared'], 200)

    def test_a_summary_is_counted_again_by_all(self):
        self.write('study.yaml', study('store: summary\nbootstrap: {replicates: 40000, seed: 3}\n'))
        self.make()
        told, found = self.findings()
        self.assertIn('--all counts all replicates again', told['notes'][0])
        self.assertGreater(found['tables']['compared'], 100)
        for ranks in (1, 2):
            told, found = self.findings('--all', '--ranks', ranks)
            self.assertEqual(told['notes'], [])
            self.assertGreater(found['tables']['compared'], 1000)
        with self.altered() as file:
            file['tables/parameters/std.error'][5] *= 1 + 1e-9
            seal(file)
        self.verify()
        self.assertEqual(self.findings('--all', '--ranks', 2, code=65)[1]['tables']['different'], 1)
        self.write('study.yaml', study('store: summary\nbootstrap: {replicates: 50000, seed: 3}\n'))
        self.assertIn('40,000 replicates, where this study has 50,000', self.verify(code=65).stderr)

    def test_a_kept_base_model_is_compared(self):
        self.good('estimate', 'study.yaml', '--quiet', '-o', 'r.h5')
        found = self.findings()[1]
        self.assertEqual(set(found), {'estimates', 'tables', 'digest'})
        with self.altered() as file:
            file['tables/parameters/estimate'][5] *= 1 + 1e-9
            seal(file)
        self.assertEqual(self.findings(code=65)[1]['tables']['different'], 1)

    def test_what_shards_computed_is_equal_before_and_after_they_are_merged(self):
        for part in '123':
            self.good('bootstrap', 'study.yaml', '--quiet', '--ranks', 1, '--shard', part + '/3', '-o', part + '.h5')
        shutil.copy(self.folder / '2.h5', self.folder / 'r.h5')
        found = self.findings('--all', '--ranks', 1)[1]
        self.assertEqual((found['bootstrap']['compared'], found['jackknife']['compared']), (1024, 0))
        self.assertIn('bootstrap (shard 2 of 3)', self.good('status', 'r.h5').stdout)
        (self.folder / 'r.h5').unlink()
        self.good('merge', '1.h5', '2.h5', '3.h5', '-o', 'r.h5', '--quiet')
        self.assertEqual(self.findings('--all', '--ranks', 2)[1]['bootstrap']['compared'], 3000)

    def test_results_of_an_older_program_are_compared_but_for_their_wording(self):
        self.make()
        with self.altered() as file:
            file.attrs.modify('plstrap_version',
                              numpy.array('0.0.9', dtype=file.attrs.get_id('plstrap_version').dtype))
            note = file['tables/parameters/note']
            note[0] = b'worded otherwise'[:note.dtype.itemsize]
            seal(file)
        told = self.findings()[0]
        self.assertIn('made by plstrap 0.0.9', told['notes'][0])
        with self.altered() as file:
            file['tables/parameters/std.error'][5] *= 1 + 1e-9
            seal(file)
        self.assertEqual(self.findings(code=65)[1]['tables']['different'], 1)

    def test_what_is_missing_is_said(self):
        self.make()
        self.assertIn('name the result and the study', self.plstrap('verify', 'r.h5').stderr)
        shutil.move(self.folder / 'r.h5', self.folder / 'r.h5.part')
        self.assertIn('is not finished', self.verify(code=66).stderr)
        (self.folder / 'r.h5.part').unlink()
        self.assertIn('there is no such file', self.verify(code=66).stderr)


if __name__ == '__main__':
    program.main()

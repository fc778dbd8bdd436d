#!/bin/sh
# files.sh CMAKE BUILD PREFIX: installs, and looks at what is there. The folder stays for the tests after it.
set -eu
cmake=$1 build=$2 prefix=$3
rm -rf "$prefix"
"$cmake" --install "$build" --prefix "$prefix" >/dev/null
cd "$prefix"

complain() {
    echo "$*" >&2
    bad=1
}
bad=0

./bin/plstrap --version | grep -Eqx 'plstrap [0-9]+\.[0-9]+\.[0-9]+' || complain "bin/plstrap does not run"
for file in share/plstrap/examples/jambi.yaml share/plstrap/examples/democracy.yaml share/plstrap/examples/holzinger.csv; do
    [ -s "$file" ] || complain "$file is missing"
done
for script in mpirun srun preemptible array merge; do
    bash -n "share/plstrap/slurm/$script.sbatch" || complain "$script.sbatch is not a script"
    ! grep -q '^@' "share/plstrap/slurm/$script.sbatch" || complain "$script.sbatch is not filled in"
    grep -q 'nothing below needs a change' "share/plstrap/slurm/$script.sbatch" || complain "$script.sbatch is half"
done
for file in share/plstrap/slurm/README.md share/plstrap/slurm/plstrap.def; do
    [ -s "$file" ] || complain "$file is missing"
done
if command -v scdoc >/dev/null; then
    for page in man1/plstrap.1 man5/plstrap-study.5 man5/plstrap-result.5 man7/plstrap.7; do
        [ -s "share/man/$page" ] || complain "share/man/$page is missing"
    done
fi
# A header may include no header that is not installed beside it.
for wanted in $(sed -n 's/^#include "\(plstrap\/.*\)"/\1/p' include/plstrap/*.h | sort -u); do
    [ -s "include/$wanted" ] || complain "include/$wanted is included and not installed"
done
# No file may know where it was built or installed.
for file in $(find . -name '*.pc' -o -name '*.cmake'); do
    if grep -Fq -e "$prefix" -e "$build" "$file"; then
        complain "$file names the folder it was made in"
    fi
done
./bin/plstrap estimate share/plstrap/examples/jambi.yaml | grep -q KD || complain "an installed study does not run"
exit $bad

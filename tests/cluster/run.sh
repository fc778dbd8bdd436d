#!/bin/sh
# run.sh PROGRAM CASE: what only several processes can show. PROGRAM is ranks.c; each case ends with
# 0 or says which command did what was not expected.
set -u
program=$1
case=$2
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# What any user of mpirun would have to set here: root, more ranks than processors, no fabrics.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_pml=ob1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_rmaps_base_oversubscribe=1
mpirun=$(command -v mpirun.openmpi || command -v mpirun)

fail() {
    echo "$case: $*" >&2
    sed 's/^/  out: /' "$scratch/out" >&2
    sed 's/^/  err: /' "$scratch/err" >&2
    exit 1
}

# expect CODE COMMAND…: its exit code, output and errors kept for `says`.
expect() {
    wanted=$1
    shift
    timeout 120 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    got=$?
    [ "$got" -eq "$wanted" ] || fail "exit code $got instead of $wanted: $*"
}

# says FILE TEXT: the whole of what the last command printed to out or err.
says() {
    [ "$(cat "$scratch/$1")" = "$2" ] || fail "$1 is not: $2"
}

# begin COMMAND…: starts it and waits until its ranks work; $job is its process, $root rank 0's.
begin() {
    : >"$scratch/out"
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null &
    job=$!
    tries=0
    until grep -q begun "$scratch/out"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "did not begin: $*"
        sleep 0.05
    done
    root=$(sed -n 's/begun //p' "$scratch/out")
    sleep 0.1
}

# ends CODE: how the command of `begin` ended.
ends() {
    wait $job
    got=$?
    [ "$got" -eq "$1" ] || fail "exit code $got instead of $1"
}

case $case in
rows)
    for chunk in 0 1 7 1000 100000; do
        expect 0 "$program" rows $chunk
        for ranks in 1 2 3 5; do
            expect 0 "$program" --ranks $ranks rows $chunk
            says err ""
        done
        expect 0 "$mpirun" -n 3 "$program" rows $chunk
    done
    for ranks in 1 3; do
        expect 0 "$program" --ranks $ranks nothing
    done
    ;;
errors)
    expect 74 "$program" sink-error 3
    expect 69 "$program" row-error 0
    for ranks in 2 3 5; do
        for at in 1 2 20; do
            expect 74 "$program" --ranks $ranks sink-error $at
            says err ""
        done
        expect 69 "$program" --ranks $ranks row-error 0
        expect 69 "$program" --ranks $ranks row-error $((ranks - 1))
        says err ""
    done
    ;;
stop)
    expect 75 "$program" stop 5
    for ranks in 2 3 5; do
        expect 75 "$program" --ranks $ranks stop 5
        says err ""
    done
    ;;
counted)
    expect 0 "$program" counted 0
    expect 0 "$program" counted 3
    for ranks in 2 3 5; do
        expect 0 "$program" --ranks $ranks counted 0
        expect 0 "$program" --ranks $ranks counted 3
    done
    ;;
fold)
    for ranks in 1 2 3 5 8; do
        expect 0 "$program" --ranks $ranks fold -1
        expect 0 "$program" --ranks $ranks fold 1
        expect 0 "$program" --ranks $ranks fold 2
    done
    ;;
share)
    for ranks in 1 3 5; do
        expect 0 "$program" --ranks $ranks share 18 # MiB: more than one piece
        expect 0 "$program" --ranks $ranks agree 5
        expect 65 "$program" --ranks $ranks agree 0
    done
    expect 65 "$program" --ranks 5 agree 3
    ;;
idle)
    expect 0 "$program" --ranks 3 idle
    ;;
memory)
    expect 0 "$program" memory 1000
    expect 0 "$program" --ranks 3 memory 1000
    ;;
signals)
    for signal in INT TERM HUP USR1 USR2 XCPU; do
        begin env --default-signal=INT "$program" wait # a shell's `&` ignores SIGINT
        kill -$signal $job
        ends 75
        begin env --default-signal=INT "$program" --ranks 3 wait
        kill -$signal $job
        ends 75
        says err ""
    done
    begin "$mpirun" -n 3 "$program" wait
    kill -USR1 $job
    ends 75
    # Whom the first leaves cold, the second ends.
    begin env --default-signal=INT "$program" --ranks 2 wait 1
    kill -INT $job
    ends 130
    begin sh -c 'trap "" HUP; exec "$@"' - "$program" --ranks 2 wait
    kill -HUP $job
    sleep 0.3
    kill -0 $job 2>/dev/null || fail "ended by a SIGHUP that it was told to ignore"
    kill -TERM $job
    ends 75
    # Nobody computes on for somebody who is gone. What Open MPI then leaves behind lies in scratch.
    begin env TMPDIR="$scratch" OMPI_MCA_btl_vader_backing_directory="$scratch" \
        "$program" --ranks 2 wait
    kill -KILL $job
    ends 137
    tries=0
    while grep -q '^State:[^ZX]*$' /proc/$root/status 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || fail "rank 0 lives on"
        sleep 0.1
    done
    ;;
output)
    expect 0 "$program" --ranks 3 print 20000
    says err "tty - columns -"
    awk 'BEGIN { for (i = 0; i < 20000; i++) printf "line %d of 20000, → UTF-8\ttab\n", i }' \
        >"$scratch/right"
    cmp "$scratch/out" "$scratch/right" || fail "lines are missing or spoilt"
    # Nobody reads: the job ends as if somebody did.
    { "$program" --ranks 2 print 200000 2>"$scratch/err"; echo $? >"$scratch/code"; } |
        head -n 1 >"$scratch/out"
    says out "line 0 of 200000, → UTF-8	tab"
    says err "tty - columns -"
    [ "$(cat "$scratch/code")" = 0 ] || fail "exit code $(cat "$scratch/code") into head"
    ;;
codes)
    expect 0 "$program" code 0
    says out "ranks 1 mpi 0"
    for code in 0 64 65 74 75 78; do
        expect $code "$program" --ranks 2 code $code
        says out "ranks 2 mpi 1"
        says err ""
    done
    expect 65 "$mpirun" -n 2 "$program" code 65
    expect 137 "$program" --ranks 2 die 9
    died='and ended the run; what was done up to the last checkpoint is kept: give the same command again to go on'
    says err "a rank died (signal 9: Killed) $died"
    expect 139 "$program" --ranks 3 die 11
    says err "a rank died (signal 11: Segmentation fault) $died"
    expect 69 env PATH=/nonexistent "$program" --ranks 2 code 0
    says err "mpirun of Open MPI cannot be started; install openmpi-bin, or give --ranks 1"
    ;;
copies)
    sentence="separate copies were started that do not know of each other; \
use mpirun of Open MPI or srun --mpi=pmix"
    expect 64 env OMPI_COMM_WORLD_SIZE=2 "$program" code 0
    says err "copy 0: 2 $sentence"
    expect 64 env PMI_SIZE=4 PMI_RANK=3 "$program" code 0
    says err "copy 3: 4 $sentence"
    expect 64 env SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=8 SLURM_PROCID=5 "$program" code 0
    says err "copy 5: 8 $sentence"
    expect 64 "$mpirun" -n 1 env OMPI_COMM_WORLD_SIZE=2 "$program" code 0
    grep -qx "copy 0: 2 $sentence" "$scratch/err" || fail "no sentence"
    # A batch script, a lonely step and MPICH's mpiexec -n 1 are no reason to refuse.
    expect 0 env SLURM_PROCID=0 SLURM_NTASKS=8 "$program" code 0
    expect 0 env SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=1 "$program" code 0
    expect 0 env PMI_SIZE=1 PMI_RANK=0 "$program" code 0
    says out "ranks 1 mpi 0"
    ;;
*)
    echo "run.sh: no case $case" >&2
    exit 1
    ;;
esac

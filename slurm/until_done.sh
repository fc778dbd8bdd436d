# ---- nothing below needs a change ----
# Runs until Slurm's signal says that the time is nearly up, and then goes back into the queue, until the
# result is finished. `plstrap status` decides that, not the launcher's exit code: a launcher may fail after
# the last row, and end with 0 where no rank has begun.
set -u
export OMPI_MCA_hwloc_base_binding_policy=none # two jobs on a node would be bound to the same first cores
stuck=$result.stuck                            # is there when the run before gained nothing
self=${SLURM_JOB_ID-}
if [ -n "${SLURM_ARRAY_JOB_ID-}" ]; then # of an array the last task bears the number of the whole
    self=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
fi

rows_done() {
    "$plstrap" status --json "$result" 2>/dev/null | sed -n 's/^  "done": \([0-9]*\).*/\1/p'
}
mark() {
    stat -c '%i %Y %s' -- "$result" 2>/dev/null
}

job=
ended=no
trap 'kill -USR1 "$job" 2>/dev/null' USR1            # time is nearly up: plstrap stops in order
trap 'ended=yes; kill -USR1 "$job" 2>/dev/null' TERM # scancel or preemption

rows_before=$(rows_done)
mark_before=$(mark)
"${run[@]}" &
job=$!
wait "$job"
code=$?
while kill -0 "$job" 2>/dev/null; do # a signal ends `wait`, not the job
    wait "$job"
    code=$?
done

"$plstrap" status --quiet "$result"
state=$?
if [ "$state" -eq 0 ] && [ "$code" -ne 0 ] && [ "$(mark)" = "$mark_before" ]; then
    state=75 # the finished result is one from before, which this run was to extend
fi
if [ "$state" -ne 75 ] && [ "$state" -ne 66 ]; then # 66: it ended before there was anything
    rm -f -- "$stuck"
    exit "$state"
fi
if [ "$ended" = yes ]; then
    exit 75 # after a preemption Slurm itself puts the job back; after scancel nobody wants it back
fi
rows_after=$(rows_done)
if [ "${rows_after:-0}" != "${rows_before:-0}" ]; then
    rm -f -- "$stuck"
elif [ -e "$stuck" ]; then
    rm -f -- "$stuck"
    echo "twice in a row no replicate was gained (plstrap ended with $code): see above; sbatch this script again to go on"
    exit 75
else
    : >"$stuck"
fi
echo "unfinished: back into the queue"
scontrol requeue "$self" || exit 75

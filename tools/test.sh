#!/bin/sh
# What `make test` does after the checks: every test, in two runs, as fast as it can be done honestly.
#   1. what needs no exact time, on every core at once
#   2. what hears real sound, measures real time, taps a browser or ends processes, one after the other, with
#      nothing beside it
# Both always run, and a failure in either is a failure. Arguments are passed on to both: names of tests, -k, -x.
# `pytest` by itself runs all of it in one process, and takes longer.
set -u
PYTEST=$1
shift
alone_only="sound or real_time or browser or alone"
NONE=5 # pytest's exit code when there was nothing to run

# The tests start hundreds of processes: where Python may not keep what it compiled, each would compile all.
"$(dirname "$PYTEST")/python" -m compileall -q broadcaster web || true

echo "test: on every core, what needs no exact time"
# In the order of the folders: the longest files come first, and no core is left with one of them at the end.
"$PYTEST" -n auto --dist loadfile --no-loadscope-reorder -m "not ($alone_only)" "$@"
together=$?
echo "test: alone, what hears sound, measures time, taps a browser or ends processes"
"$PYTEST" -p no:xdist -m "$alone_only" "$@"
alone=$?

if [ $together = $NONE ] && [ $alone = $NONE ]; then exit $NONE; fi
[ $together = $NONE ] || [ $together = 0 ] || exit $together
[ $alone = $NONE ] || exit $alone

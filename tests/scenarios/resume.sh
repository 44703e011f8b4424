# Kills: a supervisor that dies or is interrupted leaves a case that opens and goes on; the answer is that of an undisturbed run.
source "$(dirname "$0")/../lib.sh"
evidence=(demo/intrusion/gateway demo/intrusion/proxy demo/intrusion/mail)
arguments=("${evidence[@]}" --profile demo/profile.yaml --format json --jobs 2 --unit-bytes 262144)
answer whole "${arguments[@]}"

if "$ASSAY" hunt --help 2>&1 | grep -q chaos-crash-after; then
  for after in 1 5; do
    code=0
    "$ASSAY" hunt "${arguments[@]}" --case "$ASSAY_WORK/crash$after.case" --chaos-crash-after $after >/dev/null 2>"$ASSAY_WORK/crash$after.log" || code=$?
    check "it died after $after sealed units" test "$code" -ne 0
    check "the case opens" "$ASSAY" case show --case "$ASSAY_WORK/crash$after.case"
    code=0
    "$ASSAY" hunt "${arguments[@]}" --case "$ASSAY_WORK/crash$after.case" >"$ASSAY_WORK/resumed$after.json" 2>"$ASSAY_WORK/resumed$after.log" || code=$?
    equal "going on: exit code" 0 "$code"
    check "it says that it went on" grep -qi continued "$ASSAY_WORK/resumed$after.log"
    same "the answer is that of an undisturbed run" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/resumed$after.json"
    check "the case verifies" "$ASSAY" case verify --case "$ASSAY_WORK/crash$after.case"
  done
else
  skip "a dying supervisor (not a test build)"
fi

# An interrupt, as Ctrl-C sends it, and kill -9, at a moment of their own choosing.
for signal in INT KILL; do
  "$ASSAY" hunt "${arguments[@]}" --case "$ASSAY_WORK/$signal.case" >"$ASSAY_WORK/$signal.json" 2>"$ASSAY_WORK/$signal.log" &
  pid=$!
  sleep 0.7
  kill -$signal $pid 2>/dev/null
  code=0
  wait $pid || code=$?
  if [ "$code" -eq 0 ]; then skip "$signal: the run was over before the signal"; continue; fi
  if [ $signal = INT ]; then equal "INT: exit code" 130 "$code"; fi
  if [ ! -e "$ASSAY_WORK/$signal.case" ]; then skip "$signal: it came before there was a case"; continue; fi
  check "$signal: the case opens" "$ASSAY" case show --case "$ASSAY_WORK/$signal.case"
  code=0
  "$ASSAY" hunt "${arguments[@]}" --case "$ASSAY_WORK/$signal.case" >"$ASSAY_WORK/$signal.again.json" 2>"$ASSAY_WORK/$signal.again.log" || code=$?
  equal "$signal: going on" 0 "$code"
  same "$signal: the answer is that of an undisturbed run" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/$signal.again.json"
done
finish

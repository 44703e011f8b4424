# Kills: a worker that dies costs a second try; one that dies twice costs its unit; a supervisor that dies or is interrupted leaves a case that opens,
# says "interrupted", and goes on to the answer of an undisturbed run.
source "$(dirname "$0")/../lib.sh"
evidence=(demo/intrusion/gateway/ctx-gw-01 demo/intrusion/proxy/proxy-2020-0[4567].json.zst demo/intrusion/files/bkp-app-03.tar.zst)
arguments=("${evidence[@]}" --profile demo/profile.yaml --format json --jobs 2)
answer whole "${arguments[@]}"
"$ASSAY" case export --case "$ASSAY_WORK/whole.case" >"$ASSAY_WORK/whole.jsonl"

# Processes that this scenario started, by their parent: children PID prints them.
children() { local stat; for stat in /proc/[0-9]*/stat; do { read -r line <"$stat"; } 2>/dev/null || continue; rest=${line##*) }; read -r _ parent _ <<<"$rest"; [ "$parent" != "$1" ] || basename "$(dirname "$stat")"; done; }
# workers PID: the children of the supervisor's forge.
workers() { local forge; for forge in $(children "$1"); do children "$forge"; done; }
# start NAME ARGUMENT...: a hunt in the background, its pid in $pid.
start() {
  local name=$1
  shift
  rm -f "$ASSAY_WORK/$name.case"
  "$ASSAY" hunt "$@" --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" &
  pid=$!
}
wait_for_workers() { local i; for i in $(seq 400); do [ -z "$(workers $pid)" ] || return 0; kill -0 $pid 2>/dev/null || return 1; sleep 0.02; done; return 1; }
ended() { status=0; wait $pid || status=$?; }
export_of() { "$ASSAY" case export --case "$ASSAY_WORK/$1.case" >"$ASSAY_WORK/$1.jsonl" 2>/dev/null; }

# Workers are killed, one after another, while the run goes on.
start worker "${arguments[@]}"
killed=0
if wait_for_workers; then
  for _ in 1 2 3; do
    victim=$(workers $pid | head -n 1)
    [ -z "$victim" ] || { kill -9 "$victim" 2>/dev/null && killed=$((killed + 1)); }
    sleep 0.3
  done
fi
ended
check "workers were killed ($killed)" test $killed -ge 1
equal "killed workers: exit code" 0 "$status"
if [ "$(ask worker .complete)" = true ]; then
  same "killed workers: the answer" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/worker.json"
  export_of worker
  same "killed workers: the export" "$ASSAY_WORK/whole.jsonl" "$ASSAY_WORK/worker.jsonl"
  check "killed workers: it is told, outside the answer" bash -c "{ cat '$ASSAY_WORK/worker.log'; '$ASSAY' case show --case '$ASSAY_WORK/worker.case'; } | grep -qiE 'worker.*(died|again)|tried again|retr'"
else
  check "killed workers: a unit was given up after two deaths" jq -e '[.notices[] | select(.kind == "unit_given_up")] | length > 0' "$ASSAY_WORK/worker.json"
fi

# A unit whose worker dies twice is given up, and only that one. The unit is a large sparse file beside small evidence.
mkdir -p "$ASSAY_WORK/twice"
cp -r demo/intrusion/gateway/ctx-gw-01 "$ASSAY_WORK/twice/"
answer small "$ASSAY_WORK/twice" --profile demo/profile.yaml
truncate -s 3G "$ASSAY_WORK/twice/zz-large.bin"
start given_up "$ASSAY_WORK/twice" --profile demo/profile.yaml --format json --jobs 1
deaths=0
for _ in $(seq 1500); do
  kill -0 $pid 2>/dev/null || break
  for victim in $(workers $pid); do
    # The one that has the large file open.
    if ls -l "/proc/$victim/fd" 2>/dev/null | grep -q zz-large; then kill -9 "$victim" 2>/dev/null && deaths=$((deaths + 1)); fi
  done
  [ $deaths -lt 2 ] || break
  sleep 0.01
done
ended
equal "a unit's worker dies twice: it was killed twice" 2 "$deaths"
equal "a unit's worker dies twice: exit code" 0 "$status"
equal "a unit's worker dies twice: not complete" "false false" "$(ask given_up '"\(.complete) \(.reproducible)"')"
check "a unit's worker dies twice: the notice names the file" jq -e '[.notices[] | select(.kind == "unit_given_up" and (.where | contains("zz-large.bin")))] | length == 1' "$ASSAY_WORK/given_up.json"
equal "a unit's worker dies twice: the rest is as ever" "$(jq -cS '[.sightings[] | [.detector.id, .time, .host, .count]]' "$ASSAY_WORK/small.json")" "$(jq -cS '[.sightings[] | [.detector.id, .time, .host, .count]]' "$ASSAY_WORK/given_up.json")"
"$ASSAY" report --case "$ASSAY_WORK/given_up.case" --format text >"$ASSAY_WORK/given_up.txt" 2>/dev/null
check "a unit's worker dies twice: the page says that the run is not complete" grep -qiE 'not complete|incomplete' "$ASSAY_WORK/given_up.txt"
rm -rf "$ASSAY_WORK/twice"

# goes_on NAME: the case opens, says interrupted, other verbs do not fall over it, and the same command finishes it.
goes_on() {
  local name=$1 case=$ASSAY_WORK/$1.case verb
  check "$name: the case opens and says interrupted" bash -c "'$ASSAY' case show --case '$case' | grep -qi interrupted"
  for verb in "assess" "report --format json" "explain F01" "case export" "case verify"; do
    # shellcheck disable=SC2086  # the arguments are meant to be split
    check "$name: $verb on it ends with 0, 1 or 2" test "$(code "$ASSAY" $verb --case "$case")" -le 2
  done
  status=0
  "$ASSAY" hunt "${arguments[@]}" --case "$case" >"$ASSAY_WORK/$name.again.json" 2>"$ASSAY_WORK/$name.again.log" || status=$?
  equal "$name: going on, exit code" 0 "$status"
  check "$name: it says that it went on" grep -qi continued "$ASSAY_WORK/$name.again.log"
  same "$name: the answer is that of an undisturbed run" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/$name.again.json"
  export_of "$name"
  same "$name: and so is the export" "$ASSAY_WORK/whole.jsonl" "$ASSAY_WORK/$name.jsonl"
  check "$name: the case verifies" "$ASSAY" case verify --case "$case"
  check "$name: one file is the case" test ! -e "$case-wal" -a ! -e "$case-shm" -a ! -e "$case-journal"
}

if test_build; then
  for after in 1 12; do
    start "crash$after" "${arguments[@]}" --chaos-crash-after $after
    ended
    check "crash$after: it died" test "$status" -ne 0
    goes_on "crash$after"
  done
else
  skip "a supervisor that dies after so many units (not a test build)"
fi

# Signals at a moment when workers are at work.
for signal in INT TERM KILL; do
  start "signal$signal" "${arguments[@]}"
  if ! wait_for_workers; then ended; bad "signal$signal: no worker was seen"; continue; fi
  family="$(children $pid) $(workers $pid)"
  sleep 0.4
  kill -$signal $pid 2>/dev/null
  ended
  if [ $signal = KILL ]; then equal "signalKILL: exit code" 137 "$status"
  else
    equal "signal$signal: exit code" 130 "$status"
    check "signal$signal: it tells how to go on" grep -q -- "--case $ASSAY_WORK/signal$signal.case" "$ASSAY_WORK/signal$signal.log"
  fi
  sleep 1
  left=
  for process in $family; do [ ! -e "/proc/$process/exe" ] || [ "$(readlink "/proc/$process/exe" 2>/dev/null)" != "$(realpath "$ASSAY")" ] || left="$left $process"; done
  equal "signal$signal: no process is left" "" "$left"
  goes_on "signal$signal"
done

# Evidence that changed between the two halves is looked at as it is now.
mkdir -p "$ASSAY_WORK/changing"
cp demo/intrusion/proxy/*.zst "$ASSAY_WORK/changing/"
tool evidence.py proxy "$ASSAY_WORK/changing/a.json" 2000 100
if test_build; then
  start changed "$ASSAY_WORK/changing" --format json --jobs 1 --chaos-crash-after 1
  ended
  sed -i 's/103\.253\.41\.102/198.18.253.102/g; s/198\.18\.0\.9"/103.253.41.102"/g' "$ASSAY_WORK/changing/a.json"
  "$ASSAY" hunt "$ASSAY_WORK/changing" --format json --case "$ASSAY_WORK/changed.case" >"$ASSAY_WORK/changed.json" 2>/dev/null
  answer fresh "$ASSAY_WORK/changing"
  same "evidence changed in between: the answer is that of the evidence now" "$ASSAY_WORK/fresh.json" "$ASSAY_WORK/changed.json"
  # One file more and one less in between: the parts of the others are found at their place now.
  mkdir -p "$ASSAY_WORK/moving"
  cp demo/intrusion/av/*.csv demo/intrusion/zeek/2020-04.tar demo/intrusion/dhcp/*-04.log.gz "$ASSAY_WORK/moving/"
  start moved "$ASSAY_WORK/moving" --format json --chaos-crash-after 1000000000
  ended
  check "another list of files: it died after the last unit" test "$status" -ne 0
  rm "$ASSAY_WORK"/moving/*.csv
  cp demo/intrusion/dhcp/*-05.log.gz "$ASSAY_WORK/moving/1-first.log.gz"
  cp demo/intrusion/dhcp/*-06.log.gz "$ASSAY_WORK/moving/1-second.log.gz"
  "$ASSAY" hunt "$ASSAY_WORK/moving" --format json --case "$ASSAY_WORK/moved.case" >"$ASSAY_WORK/moved.json" 2>"$ASSAY_WORK/moved.log"
  answer fresh_list "$ASSAY_WORK/moving"
  same "another list of files in between: the answer is that of the files now" "$ASSAY_WORK/fresh_list.json" "$ASSAY_WORK/moved.json"
  check "another list of files in between: it went on" grep -qi continued "$ASSAY_WORK/moved.log"
  # Other rules in between: nothing of the old half may be taken over.
  start rules "$ASSAY_WORK/changing" --format json --jobs 1 --chaos-crash-after 3
  ended
  "$ASSAY" hunt "$ASSAY_WORK/changing" --format json --profile demo/profile.yaml --case "$ASSAY_WORK/rules.case" >"$ASSAY_WORK/rules.json" 2>"$ASSAY_WORK/rules.log"
  answer fresh_rules "$ASSAY_WORK/changing" --profile demo/profile.yaml
  same "another profile in between: the answer is that of the new one" "$ASSAY_WORK/fresh_rules.json" "$ASSAY_WORK/rules.json"
  check "another profile in between: it does not claim to continue" bash -c "! grep -qi continued '$ASSAY_WORK/rules.log'"
fi

# A second hunt into a finished case is a second run; two at once into one case do not spoil it.
"$ASSAY" hunt "${arguments[@]}" --case "$ASSAY_WORK/whole.case" >"$ASSAY_WORK/second.json" 2>/dev/null
same "a second run in one case: the answer" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/second.json"
check "a second run in one case: it verifies" "$ASSAY" case verify --case "$ASSAY_WORK/whole.case"
start both "${arguments[@]}"
wait_for_workers
status_of_second=$(code "$ASSAY" hunt "${arguments[@]}" --case "$ASSAY_WORK/both.case")
cp "$ASSAY_WORK/out" "$ASSAY_WORK/both.second.json"
ended
equal "two at once: the first ends as ever" 0 "$status"
same "two at once: the first answers as ever" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/both.json"
equal "two at once: the second is refused" 2 "$status_of_second"
check "two at once: the second says why" grep -q 'another assay is writing to this case' "$ASSAY_WORK/err"
check "two at once: the case verifies" "$ASSAY" case verify --case "$ASSAY_WORK/both.case"

# Files that are no case, or no longer one.
printf 'no case' >"$ASSAY_WORK/text.case"
head -c 30000 "$ASSAY_WORK/whole.case" >"$ASSAY_WORK/cut.case"
: >"$ASSAY_WORK/zero.case"
for broken in text cut zero; do
  equal "a $broken case is refused by show" 2 "$(code "$ASSAY" case show --case "$ASSAY_WORK/$broken.case")"
  sum=$(sha256sum <"$ASSAY_WORK/$broken.case")
  equal "a $broken case is refused by hunt" 2 "$(code "$ASSAY" hunt demo/intrusion/mail --case "$ASSAY_WORK/$broken.case")"
  equal "a $broken case is left as it is" "$sum" "$(sha256sum <"$ASSAY_WORK/$broken.case")"
done
rm -f "$ASSAY_WORK"/*.case
finish

# The same evidence gives the same answer and the same export, byte for byte, whatever the machine: workers, order, unit sizes, dying workers, zone,
# locale, clock.
source "$(dirname "$0")/../lib.sh"
evidence=(demo/intrusion/gateway demo/intrusion/mail demo/intrusion/files demo/intrusion/proxy)
# run NAME [VAR=VALUE...] -- ARGUMENT...
run() {
  local name=$1 settings=() code=0
  shift
  while [ "$1" != -- ]; do settings+=("$1"); shift; done
  shift
  env "${settings[@]}" "$ASSAY" hunt "$@" --profile demo/profile.yaml --format json --quiet --case "$ASSAY_WORK/$name.case" \
    >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || code=$?
  [ "$code" -eq 0 ] || { bad "$name: exit code $code" "$(tail -n 3 "$ASSAY_WORK/$name.log")"; return; }
  "$ASSAY" case export --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.jsonl" 2>>"$ASSAY_WORK/$name.log" || bad "$name: export"
  rm -f "$ASSAY_WORK/$name.case"
  if [ "$name" != one ]; then
    same "$name: the answer" "$ASSAY_WORK/one.json" "$ASSAY_WORK/$name.json"
    same "$name: the export" "$ASSAY_WORK/one.jsonl" "$ASSAY_WORK/$name.jsonl"
  fi
}
run one -- "${evidence[@]}" --jobs 1
run two -- "${evidence[@]}" --jobs 2
run five -- "${evidence[@]}" --jobs 5
run in_process -- "${evidence[@]}" --in-process
run reference -- "${evidence[@]}" --reference
run other_order -- demo/intrusion/proxy demo/intrusion/files demo/intrusion/gateway demo/intrusion/mail --jobs 2
run units_of_64k -- "${evidence[@]}" --jobs 2 --unit-bytes 65536
# The smallest units, on what is small enough for them.
run_small() {
  local name=$1
  shift
  "$ASSAY" hunt demo/intrusion/gateway/ctx-gw-01 --profile demo/profile.yaml --format json --quiet --case "$ASSAY_WORK/$name.case" "$@" \
    >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || bad "$name" "$(tail -n 3 "$ASSAY_WORK/$name.log")"
}
run_small whole
run_small units_of_4k --unit-bytes 4096 --jobs 2
same "units of 4 KiB: the answer" "$ASSAY_WORK/whole.json" "$ASSAY_WORK/units_of_4k.json"

run other_place TZ=Pacific/Apia+13 LC_ALL=C -- "${evidence[@]}" --jobs 2
if command -v localedef >/dev/null && mkdir -p "$ASSAY_WORK/locale" && localedef -i tr_TR -f UTF-8 "$ASSAY_WORK/locale/tr_TR.UTF-8" >/dev/null 2>&1; then
  run turkish LOCPATH="$ASSAY_WORK/locale" LC_ALL=tr_TR.UTF-8 TZ=AAA-12 -- "${evidence[@]}" --jobs 2
else
  skip "another locale (localedef is not there)"
fi
if command -v faketime >/dev/null; then
  code=0
  faketime -f '+1000d' "$ASSAY" hunt "${evidence[@]}" --profile demo/profile.yaml --format json --quiet --in-process --case "$ASSAY_WORK/clock.case" \
    >"$ASSAY_WORK/clock.json" 2>"$ASSAY_WORK/clock.log" || code=$?
  equal "another clock: exit code" 0 "$code"
  same "another clock: the answer" "$ASSAY_WORK/one.json" "$ASSAY_WORK/clock.json"
else
  skip "another clock (faketime is not there)"
fi

# Switches of test builds.
if "$ASSAY" hunt --help 2>&1 | grep -q chaos-shuffle; then
  run shuffled_7 -- "${evidence[@]}" --jobs 2 --unit-bytes 65536 --chaos-shuffle 7
  run shuffled_8 -- "${evidence[@]}" --jobs 3 --unit-bytes 65536 --chaos-shuffle 8
  # A dying worker leaves a notice that the undisturbed run has not; everything else is the same.
  jq -S 'del(.notices)' "$ASSAY_WORK/one.json" >"$ASSAY_WORK/one.bare.json"
  for k in 1 3 7; do
    code=0
    ASSAY_CHAOS_KILL=$k "$ASSAY" hunt "${evidence[@]}" --profile demo/profile.yaml --format json --quiet --jobs 2 --case "$ASSAY_WORK/kill$k.case" \
      >"$ASSAY_WORK/kill$k.json" 2>"$ASSAY_WORK/kill$k.log" || code=$?
    equal "a worker dies at every ${k}th unit: exit code" 0 "$code"
    jq -S 'del(.notices)' "$ASSAY_WORK/kill$k.json" >"$ASSAY_WORK/kill$k.bare.json"
    same "a worker dies at every ${k}th unit: the answer" "$ASSAY_WORK/one.bare.json" "$ASSAY_WORK/kill$k.bare.json"
    rm -f "$ASSAY_WORK/kill$k.case"
  done
else
  skip "shuffled units and dying workers (not a test build)"
fi
finish

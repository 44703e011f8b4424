# The same evidence gives the same answer and the same export, byte for byte, whatever the machine: workers, order, unit sizes, dying workers, zone,
# locale, clock. The evidence is a small set with every format and container, large plain files that are cut into units, damage and copies.
source "$(dirname "$0")/../lib.sh"
set=$ASSAY_WORK/set
tool evidence.py set demo/intrusion "$set"
parts=("$set/gateway" "$set/zeek" "$set/proxy" "$set/windows" "$set/fileserver" "$set/mail" "$set/files" "$set/odd")
settings=(--profile demo/profile.yaml --format json --quiet)

# run NAME [VAR=VALUE...] -- ARGUMENT...: one hunt, compared with the run called "one".
run() {
  local name=$1 variables=() status=0
  shift
  while [ "$1" != -- ]; do variables+=("$1"); shift; done
  shift
  env "${variables[@]}" "$ASSAY" hunt "$@" "${settings[@]}" --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || status=$?
  [ "$status" -eq 0 ] || { bad "$name: exit code $status" "$(tail -n 3 "$ASSAY_WORK/$name.log")"; return; }
  env "${variables[@]}" "$ASSAY" case export --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.jsonl" 2>>"$ASSAY_WORK/$name.log" || bad "$name: export"
  rm -f "$ASSAY_WORK/$name.case"
  [ "$name" != one ] || return 0
  same "$name: the answer" "$ASSAY_WORK/one.json" "$ASSAY_WORK/$name.json"
  same "$name: the export" "$ASSAY_WORK/one.jsonl" "$ASSAY_WORK/$name.jsonl"
}
run one -- "${parts[@]}" --jobs 1
check "the set is rich: every question's evidence is in it" jq -e '(.sightings_total > 60) and ([.sightings[].detector.kind] | unique | length >= 3)' "$ASSAY_WORK/one.json"
check "the set is rich: all formats, gzip, zstd and tar" jq -e '[.evidence[].shape] | unique | . as $shapes
  | ["access-log", "json-doc", "json-lines", "mail", "zeek-tsv", "gzip", "zstd", "tar", "elf"] | all(. as $shape | $shapes | index($shape))' "$ASSAY_WORK/one.json"
run two -- "${parts[@]}" --jobs 2
run five -- "${parts[@]}" --jobs 5
run in_process -- "${parts[@]}" --in-process
run reference -- "${parts[@]}" --reference
run other_order -- "$set/odd" "$set/proxy/" "$set/mail" "$set/files" "$set/windows" "$set/zeek" "$set/gateway/" "$set/fileserver" --jobs 2
run named_twice -- "${parts[@]}" "$set/mail" "$set/proxy/array.json" --jobs 2
run units_of_64k -- "${parts[@]}" --jobs 2 --unit-bytes 65536
run units_of_4k -- "${parts[@]}" --jobs 2 --unit-bytes 4096
run units_of_4099 -- "${parts[@]}" --in-process --unit-bytes 4099

run other_place TZ=Pacific/Apia LC_ALL=C LANG=C -- "${parts[@]}" --jobs 2
run far_zone TZ=XYZ-13:45 -- "${parts[@]}" --jobs 2
if command -v localedef >/dev/null && mkdir -p "$ASSAY_WORK/locale" && localedef -i tr_TR -f UTF-8 "$ASSAY_WORK/locale/tr_TR.UTF-8" >/dev/null 2>&1; then
  run turkish LOCPATH="$ASSAY_WORK/locale" LC_ALL=tr_TR.UTF-8 LANGUAGE=tr TZ=AAA-12 -- "${parts[@]}" --jobs 2
else
  skip "another locale (localedef is not there)"
fi
if [ -n "${ASSAY_SANITIZED:-}" ]; then
  skip "another clock (a sanitizer cannot be loaded behind faketime)"
elif command -v faketime >/dev/null; then
  status=0
  faketime -f '+1000d' "$ASSAY" hunt "${parts[@]}" "${settings[@]}" --in-process --case "$ASSAY_WORK/clock.case" >"$ASSAY_WORK/clock.json" 2>"$ASSAY_WORK/clock.log" || status=$?
  equal "another clock: exit code" 0 "$status"
  same "another clock: the answer" "$ASSAY_WORK/one.json" "$ASSAY_WORK/clock.json"
  "$ASSAY" case export --case "$ASSAY_WORK/clock.case" >"$ASSAY_WORK/clock.jsonl"
  same "another clock: the export" "$ASSAY_WORK/one.jsonl" "$ASSAY_WORK/clock.jsonl"
  rm -f "$ASSAY_WORK/clock.case"
else
  skip "another clock (faketime is not there)"
fi

# The order in which a folder gives its files is the file system's: a copy that was made backwards.
program=$(realpath "$ASSAY") profile=$(realpath demo/profile.yaml)
for place in forwards backwards; do
  mkdir -p "$ASSAY_WORK/$place"
  if [ $place = forwards ]; then order=sort; else order="sort -r"; fi
  here=$(realpath "$ASSAY_WORK/$place")
  (cd "$set" && find . -type f | LC_ALL=C $order) | while IFS= read -r file; do
    mkdir -p "$here/set/$(dirname "$file")"
    cp -p "$set/$file" "$here/set/$file"
  done
  (cd "$ASSAY_WORK/$place" && "$program" hunt set --profile "$profile" --format json --quiet --case run.case >run.json 2>run.log && "$program" case export --case run.case >run.jsonl)
done
check "a copy gives an answer" jq -e '.sightings_total > 60' "$ASSAY_WORK/forwards/run.json"
same "a copy made backwards: the answer" "$ASSAY_WORK/forwards/run.json" "$ASSAY_WORK/backwards/run.json"
same "a copy made backwards: the export" "$ASSAY_WORK/forwards/run.jsonl" "$ASSAY_WORK/backwards/run.jsonl"
rm -rf "$ASSAY_WORK/forwards" "$ASSAY_WORK/backwards"

# Views of the case are the same too, and judging it again gives the stored answer.
"$ASSAY" hunt "${parts[@]}" "${settings[@]}" --case "$ASSAY_WORK/view.case" >/dev/null 2>&1
"$ASSAY" assess --case "$ASSAY_WORK/view.case" --format json >"$ASSAY_WORK/view.json" 2>/dev/null
same "assess gives what hunt gave" "$ASSAY_WORK/one.json" "$ASSAY_WORK/view.json"

# Switches of test builds.
if test_build; then
  for seed in 7 8 20200716; do run "shuffled_$seed" -- "${parts[@]}" --jobs 3 --unit-bytes 65536 --chaos-shuffle $seed; done
  for k in 1 2 3 7; do run "killed_$k" ASSAY_CHAOS_KILL=$k -- "${parts[@]}" --jobs 2; done
  run killed_small ASSAY_CHAOS_KILL=5 -- "${parts[@]}" --jobs 2 --unit-bytes 65536
else
  skip "shuffled units and dying workers (not a test build)"
fi
finish

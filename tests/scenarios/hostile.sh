# Damage in 100,000 records of each line format: one bad byte, one malformed record, one duplicate key and so on, each far from the others, cost at
# most that record or value. Every other record gives the same sightings at the same offsets, whether the file is one unit or many.
source "$(dirname "$0")/../lib.sh"
sightings() { # NAME ARGUMENT...
  local name=$1 status=0
  shift
  timeout 300 "$ASSAY" hunt "$@" --format jsonl --names --quiet --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.jsonl" 2>"$ASSAY_WORK/$name.log" || status=$?
  equal "$name: exit code" 0 "$status"
}
count() { jq -r --arg kind "$2" '[.notices[] | select(.kind == $kind) | .count] | add // 0' "$ASSAY_WORK/$1.json"; }
n=100000
for format in proxy access conn; do
  mkdir -p "$ASSAY_WORK/$format"/{whole,damaged}
  tool evidence.py $format "$ASSAY_WORK/$format/whole/records.log" $n
  tool evidence.py damage $format "$ASSAY_WORK/$format/whole/records.log" "$ASSAY_WORK/$format/damaged/records.log" >"$ASSAY_WORK/$format.spans"
  kinds=$(wc -l <"$ASSAY_WORK/$format.spans")
  sightings "$format-whole" "$ASSAY_WORK/$format/whole"
  sightings "$format-damaged" "$ASSAY_WORK/$format/damaged" --unit-bytes 1000000 --jobs 2
  check "$format: every other record gives the same sightings" python3 tests/tools/evidence.py compare \
    "$ASSAY_WORK/$format-whole.jsonl" "$ASSAY_WORK/$format-damaged.jsonl" "$ASSAY_WORK/$format.spans"
  "$ASSAY" assess --case "$ASSAY_WORK/$format-damaged.case" --format json >"$ASSAY_WORK/$format-damaged.json"
  records=$(jq '[.evidence[].records] | add' "$ASSAY_WORK/$format-damaged.json")
  check "$format: at most the $kinds damaged records are lost ($records of $n are read)" test "$records" -ge $((n - kinds)) -a "$records" -le $n
  # A line of Zeek that begins with '#' is a comment by its format, and no damage.
  comments=$(grep -c 'a comment in the middle' "$ASSAY_WORK/$format.spans")
  equal "$format: each record that was lost is counted" "$((n - records - comments))" "$(count "$format-damaged" damaged_record)"
  check "$format: bytes that are not UTF-8 are counted" test "$(count "$format-damaged" not_utf8)" -ge 2
done
# The whole file was one unit or two, the damaged one many. Zeek's header makes its cuts the hardest: the damaged file as one unit too.
sightings conn-one "$ASSAY_WORK/conn/damaged"
same "conn: in one unit the same" "$ASSAY_WORK/conn-damaged.jsonl" "$ASSAY_WORK/conn-one.jsonl"
check "proxy: bad values are counted" test "$(count proxy-damaged bad_value)" -ge 2
check "proxy: duplicate keys are counted" test "$(count proxy-damaged duplicate_key)" -eq 2
check "access, conn: a time that cannot be read is counted" test "$(count access-damaged no_time)" -ge 2 -a "$(count conn-damaged no_time)" -ge 2
rm -f "$ASSAY_WORK"/*.case
finish

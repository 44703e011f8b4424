# Hostile and broken input: damage costs one record or value, the rest gives the same sightings; nothing hangs, nothing is skipped in silence.
source "$(dirname "$0")/../lib.sh"
advisory_address=103.253.41.102
mkdir -p "$ASSAY_WORK"/{whole,byte,record,key}
# 100,000 proxy events; every 1,000th goes to a listed address.
awk -v bad="$advisory_address" 'BEGIN {
  for (i = 0; i < 100000; i++) {
    ip = i % 1000 == 0 ? bad : "198.18." int(i / 250) % 250 "." i % 250
    printf "{\"@timestamp\":\"2020-05-%02dT%02d:%02d:%02d.000Z\",\"event\":{\"category\":[\"network\",\"web\"],\"kind\":\"event\"},\"source\":{\"ip\":\"10.20.30.%d\"},\"destination\":{\"ip\":\"%s\",\"port\":80},\"url\":{\"full\":\"http://%s/x%d\",\"domain\":\"%s\",\"path\":\"/x%d\"},\"http\":{\"request\":{\"method\":\"GET\",\"bytes\":%d},\"response\":{\"status_code\":200,\"bytes\":%d}},\"user\":{\"name\":\"user%03d\"}}\n",
      i % 28 + 1, i % 24, i % 60, i % 59, i % 250, ip, ip, i, ip, i, i % 700, i % 9000, i % 620 }
}' >"$ASSAY_WORK/whole/proxy.json"
middle=50001
{ head -n $((middle - 1)) "$ASSAY_WORK/whole/proxy.json"; sed -n "${middle}p" "$ASSAY_WORK/whole/proxy.json" | sed 's/user/us\xffr/'; tail -n +$((middle + 1)) "$ASSAY_WORK/whole/proxy.json"; } >"$ASSAY_WORK/byte/proxy.json"
{ head -n $((middle - 1)) "$ASSAY_WORK/whole/proxy.json"; echo '{"@timestamp":"2020-05-01T00:00:00Z","event":{"category":'; tail -n +$((middle + 1)) "$ASSAY_WORK/whole/proxy.json"; } >"$ASSAY_WORK/record/proxy.json"
{ head -n $((middle - 1)) "$ASSAY_WORK/whole/proxy.json"; sed -n "${middle}p" "$ASSAY_WORK/whole/proxy.json" | sed 's/^{/{"@timestamp":"2020-05-01T00:00:00Z",/'; tail -n +$((middle + 1)) "$ASSAY_WORK/whole/proxy.json"; } >"$ASSAY_WORK/key/proxy.json"

for kind in whole byte record key; do answer "$kind" "$ASSAY_WORK/$kind/proxy.json"; done
found() { jq '[.sightings[] | .count] | add // 0' "$ASSAY_WORK/$1.json"; }
records() { jq '[.evidence[].records] | add' "$ASSAY_WORK/$1.json"; }
equal "whole: all records" 100000 "$(records whole)"
check "whole: the listed address is met 100 times" jq -e '[.sightings[] | select(.detector.kind == "indicator") | .count] | max >= 100' "$ASSAY_WORK/whole.json"
for kind in byte record key; do
  equal "$kind: the same sightings" "$(found whole)" "$(found $kind)"
  least=$((100000 - 1))
  check "$kind: at most one record is lost" test "$(records $kind)" -ge $least
  check "$kind: it is counted" jq -e '[.notices[] | select(.kind | test("not_utf8|bad_value|damaged_record|duplicate_key|truncated"))] | length > 0' "$ASSAY_WORK/$kind.json"
done

# Everything that is no record, in one folder.
odd=$ASSAY_WORK/odd
mkdir -p "$odd"
: >"$odd/empty.json"
head -c 300000 /dev/urandom >"$odd/random.bin"
{ head -c 100000 /dev/zero | tr '\0' '['; echo; } >"$odd/deep.json"
{ printf '{"a":'; head -c 100000 /dev/zero | tr '\0' '['; echo; echo '{"b":1}'; } >"$odd/deep-line.json"
gzip -c "$ASSAY_WORK/whole/proxy.json" | head -c 100000 >"$odd/cut.json.gz"
zstd -qc "$ASSAY_WORK/whole/proxy.json" | head -c 100000 >"$odd/cut.json.zst"
head -c 20000000 /dev/zero | gzip -c | gzip -c >"$odd/bomb.gz.gz"
tar -C "$ASSAY_WORK/whole" -cf - proxy.json | head -c 300000 >"$odd/cut.tar"
ln -s loop "$odd/loop"
mkfifo "$odd/pipe"
printf 'ordinary text\n' >"$odd/$(printf 'name\033[31m\nline')"
iconv -f UTF-8 -t UTF-16LE "$ASSAY_WORK/whole/proxy.json" 2>/dev/null | head -c 200000 >"$odd/utf16.json"
mkdir "$odd/closed"
echo x >"$odd/closed/file"
answer odd "$odd"
for kind in empty truncated special_file; do
  check "odd files: $kind is noticed" jq -e --arg kind $kind '[.notices[] | select(.kind == $kind)] | length > 0' "$ASSAY_WORK/odd.json"
done
check "odd files: depth or damage is noticed" jq -e '[.notices[] | select(.kind | test("limit_depth|damaged|not_recognised"))] | length > 0' "$ASSAY_WORK/odd.json"
"$ASSAY" report --case "$ASSAY_WORK/odd.case" --format text >"$ASSAY_WORK/odd.txt" 2>/dev/null
check "a file name cannot steer the terminal" bash -c "! grep -qP '\x1b|\x07' '$ASSAY_WORK/odd.txt'"

# One line of 1 GiB: a sparse file costs no disk; the head is looked at, memory stays bounded.
big=$ASSAY_WORK/big
mkdir -p "$big"
{ printf '{"@timestamp":"2020-05-01T00:00:00Z","x":"'; } >"$big/line.json"
truncate -s 1G "$big/line.json"
printf '\n{"@timestamp":"2020-05-02T00:00:00Z","destination":{"ip":"%s"}}\n' "$advisory_address" >>"$big/line.json"
(ulimit -v 6000000; answer big "$big"; echo "$passed $failed" >"$ASSAY_WORK/big.count")
read -r passed failed <"$ASSAY_WORK/big.count"
check "a line of 1 GiB: the limit is noticed" jq -e '[.notices[] | select(.kind | test("limit_record|not_recognised"))] | length > 0' "$ASSAY_WORK/big.json"
rm -rf "$big"
finish

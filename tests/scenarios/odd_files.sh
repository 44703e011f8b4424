# Files that are broken, hostile or no evidence at all, and names that want to be commands: nothing crashes or hangs, everything is counted, and what
# stands beside and inside the damage is found.
source "$(dirname "$0")/../lib.sh"
# The address sanitizer reserves terabytes of addresses: no bound on those then.
memory_bound='ulimit -v 8000000'
! grep -qs __asan_init "$ASSAY" || memory_bound=true
tool evidence.py odd "$ASSAY_WORK/odd"
hunted() { # NAME ARGUMENT...: with a limit of time and of memory for each process
  local name=$1 status=0
  shift
  ($memory_bound; timeout --kill-after=5 240 "$ASSAY" hunt "$@" --names --format json --case "$ASSAY_WORK/$name.case") >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || status=$?
  equal "$name: exit code" 0 "$status"
  told "$name" answer.py schema "$ASSAY_WORK/$name.json" docs/answer.schema.json
  check "$name: the run is complete" jq -e '.complete and .reproducible' "$ASSAY_WORK/$name.json"
  jq -r '.sightings[] | select(.detector.kind == "indicator") | .account, .host, .fields.src' "$ASSAY_WORK/$name.json" | LC_ALL=C sort -u >"$ASSAY_WORK/$name.found"
}
notice() { # NAME KIND FILE: the file has this notice (of several kinds one is enough)
  check "$1: $3: $2" jq -e --arg kinds "$2" --arg file "/$3" '[.notices[] | select((.kind | test("^(" + $kinds + ")$")) and (.where | contains($file)))] | length > 0' "$ASSAY_WORK/$1.json"
}
hunted odd "$ASSAY_WORK/odd"
while IFS= read -r planted; do
  check "odd: $planted is found" grep -qxF "$planted" "$ASSAY_WORK/odd.found"
done <"$ASSAY_WORK/odd.planted"

notice odd empty empty.json
notice odd not_recognised newlines.log
notice odd not_recognised random.bin
notice odd 'damaged_file|truncated' random.gz
notice odd 'damaged_file|truncated' random.zst
notice odd 'limit_depth|damaged_record|not_recognised' deep-array.json
notice odd 'limit_depth|damaged_record|not_recognised' deep-object.json
notice odd limit_depth deep-between.json
notice odd damaged_record deep-between.json
notice odd limit_other many-keys.json
notice odd limit_other long-key.json
notice odd duplicate_key same-key.json
notice odd limit_record long-line.json
notice odd not_utf8 latin1.json
notice odd 'recognised_not_read|not_utf8|not_recognised' utf16le.json
notice odd 'recognised_not_read|not_utf8|not_recognised' utf16be.json
notice odd truncated cut.json.gz
notice odd truncated cut-header.gz
notice odd damaged_file bad-crc.json.gz
notice odd damaged_file tail-garbage.json.gz
notice odd truncated cut.json.zst
notice odd damaged_file flipped.json.zst
notice odd truncated cut.tar
notice odd truncated cut.tar.gz
notice odd 'truncated|damaged_record' cut-line.json
notice odd damaged_file bad-sum.tar
notice odd damaged_file huge-size.tar
notice odd special_file names.tar
notice odd limit_output bomb.gz.gz
notice odd limit_output bomb.zst
notice odd limit_depth boxes.gz
notice odd limit_depth boxes.tar
notice odd limit_depth deep.eml
notice odd 'limit_other|limit_members' parts.eml
notice odd damaged_record fields-gone.log
for name in pipe socket loop-a loop-b dangling outside folder/inner/up; do notice odd special_file $name; done
if [ -e "$ASSAY_WORK/odd/device" ]; then notice odd special_file device; else skip "a device (it may not be made here)"; fi
check "odd: every file on disk stands in the answer" test "$(jq '[.evidence[] | select(.parent == null) | 1 + (.copies | length)] | add' "$ASSAY_WORK/odd.json")" -ge "$(find "$ASSAY_WORK/odd" -type f | wc -l)"
check "odd: nothing left the archive" test ! -e "$ASSAY_WORK/etc" -a ! -e /etc/cron.d/out -a ! -e /etc/absolute
told "odd: walk back" answer.py walk "$ASSAY" "$ASSAY_WORK/odd.case" 60
"$ASSAY" report --case "$ASSAY_WORK/odd.case" --format text >"$ASSAY_WORK/odd.txt" 2>/dev/null
check "odd: no control byte on the page" bash -c "! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]' '$ASSAY_WORK/odd.txt'"

# Named on the command line: a device and a pipe are noticed, not opened.
mkfifo "$ASSAY_WORK/argument"
equal "a pipe, a device and nothing as arguments: exit code 3" 3 "$(code "$ASSAY" hunt "$ASSAY_WORK/argument" /dev/zero /dev/null "$ASSAY_WORK/odd/no-such" --format json --case "$ASSAY_WORK/special.case")"
check "and the answer names all four" jq -e '[.notices[] | select(.kind == "special_file" or .kind == "unreadable")] | length >= 4' "$ASSAY_WORK/out"

# A file that may not be read. Root may read everything: then as nobody, when that can be done here.
if [ "$(id -u)" -ne 0 ]; then
  notice odd unreadable closed.json
elif command -v setpriv >/dev/null && chmod 755 "$ASSAY_WORK/odd" "$ASSAY_WORK/odd/folder" "$ASSAY_WORK/odd/folder/inner" && mkdir -m 777 "$ASSAY_WORK/nobody" &&
  setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$ASSAY_WORK/odd/bom.json" -a -x "$ASSAY" 2>/dev/null; then
  mkdir "$ASSAY_WORK/odd/folder/shut" && chmod 700 "$ASSAY_WORK/odd/folder/shut"
  setpriv --reuid=65534 --regid=65534 --clear-groups "$ASSAY" hunt "$ASSAY_WORK/odd/folder" --format json --case "$ASSAY_WORK/nobody/n.case" >"$ASSAY_WORK/nobody.json" 2>"$ASSAY_WORK/nobody.log"
  notice nobody unreadable closed.json
  notice nobody unreadable shut
else
  skip "a file that may not be read (everything may be read here)"
fi

# Names.
tool evidence.py names "$ASSAY_WORK/names"
hunted names "$ASSAY_WORK/names"
equal "names: all files are read" "$(find "$ASSAY_WORK/names" -type f -printf x | wc -c)" "$(jq '[.evidence[].records] | add' "$ASSAY_WORK/names.json")"
told "names: walk back" answer.py walk "$ASSAY" "$ASSAY_WORK/names.case" 60
check "names: none ran" test ! -e "$ASSAY_WORK/names/uid"
for format in text html; do
  "$ASSAY" report --case "$ASSAY_WORK/names.case" --format $format >"$ASSAY_WORK/names.$format" 2>/dev/null
  check "names: no control byte in $format" bash -c "! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' '$ASSAY_WORK/names.$format'"
done
check "names: no control byte on stderr" bash -c "! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' '$ASSAY_WORK/names.log'"
program=$(realpath "$ASSAY")
(cd "$ASSAY_WORK/names" && "$program" hunt ./-rf ./--help -- --help --format json --quiet --case ../dash.case 2>/dev/null | grep -q . ; "$program" hunt --format json --quiet --case ../dashes.case -- -rf --help >../dashes.json 2>../dashes.log)
check "names that begin with a dash, after --" jq -e '[.evidence[].records] | add == 2' "$ASSAY_WORK/dashes.json"
"$ASSAY" evidence check "$ASSAY_WORK/names" >"$ASSAY_WORK/check.txt" 2>&1
check "names: no control byte from evidence check" bash -c "! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' '$ASSAY_WORK/check.txt'"

# A line of 1 GiB between records, in each line format. The file is sparse and costs no disk.
huge=$ASSAY_WORK/huge
mkdir -p "$huge"
long_line() { # FORMAT SIZE HEAD
  tool evidence.py "$1" "$huge/$1.log" 200 10
  cp "$huge/$1.log" "$ASSAY_WORK/$1.rest"
  printf '%s' "$3" >>"$huge/$1.log"
  truncate -s "$2" "$huge/$1.log"
  { echo; grep -v '^#' "$ASSAY_WORK/$1.rest" | sed 's/10\.20\./10.21./; s/h\([0-9]*\)\.larkmoor/i\1.larkmoor/; s/h-hit/h-gap/; s/"hit/"gap/'; } >>"$huge/$1.log"
}
long_line proxy 1G '{"@timestamp":"2020-05-01T00:00:00Z","x":"'
long_line access 300M '198.18.0.1 - - [01/May/2020:00:00:00 +0000] "GET /'
long_line conn 300M $'1588291200.000000\tC1\t10.0.0.1\t1\t'
hunted huge "$huge"
equal "huge: every record before and after is read" 1200 "$(jq '[.evidence[].records] | add' "$ASSAY_WORK/huge.json")"
equal "huge: every hit before and after is found" 120 "$(jq '[.sightings[] | select(.detector.kind == "indicator") | .count] | add' "$ASSAY_WORK/huge.json")"
notice huge limit_record proxy.log
for format in access conn; do notice huge damaged_record $format.log; done  # a hole of zeros is no line
rm -rf "$huge" "$ASSAY_WORK"/*.case "$ASSAY_WORK/odd/folder/shut"

# A packed log is named for itself, not for a host; an archive may be.
mkdir -p "$ASSAY_WORK/packed"
printf '203.0.113.9 - - [02/Apr/2020:10:00:00 +0000] "GET /x HTTP/1.1" 200 12 "-" "-"\n' | gzip >"$ASSAY_WORK/packed/access.log.1.gz"
mkdir -p "$ASSAY_WORK/web-01" && printf '203.0.113.9 - - [02/Apr/2020:11:00:00 +0000] "GET /y HTTP/1.1" 200 12 "-" "-"\n' >"$ASSAY_WORK/web-01/access.log"
tar -C "$ASSAY_WORK" -czf "$ASSAY_WORK/packed/web-01.tar.gz" web-01
check "evidence check of packed logs" bash -c "'$ASSAY' evidence check '$ASSAY_WORK/packed' --names --format json >'$ASSAY_WORK/packed.json'"
equal "the host of an archive's log, none of a packed log" '[null,"web-01"]' "$(jq -c '[.evidence[] | select(.records > 0 and .shape == "access-log") | (.hosts // []) | map(select(. != "203.0.113.9")) | first]' "$ASSAY_WORK/packed.json")"

# A run's own files are no evidence, wherever they stand, and what is missing is said at once.
mkdir -p "$ASSAY_WORK/here" && cp "$ASSAY_WORK/web-01/access.log" "$ASSAY_WORK/here/"
assay=$(realpath "$ASSAY")
(cd "$ASSAY_WORK/here" && "$assay" hunt . --case own.case --format json >../here.json 2>/dev/null)
equal "a case in the evidence's folder is not evidence of its own run" '["./access.log"]' "$(jq -c '[.evidence[].path]' "$ASSAY_WORK/here.json")"
rm -f "$ASSAY_WORK/here/own.case"
(cd "$ASSAY_WORK/here" && "$assay" evidence check . --format json >../here-check.json 2>/dev/null)
equal "nor is what evidence check keeps for itself, which is gone after it" 'access.log' "$(cd "$ASSAY_WORK/here" && echo *)$(find "$ASSAY_WORK/here" -name '.*' -type f)"
equal "and it lists just the log" '["./access.log"]' "$(jq -c '[.evidence[].path]' "$ASSAY_WORK/here-check.json")"
"$ASSAY" hunt "$ASSAY_WORK/no-such-file" --case "$ASSAY_WORK/none.case" >/dev/null 2>"$ASSAY_WORK/none.err"
equal "evidence that is missing: exit code" 3 $?
check "and its name with the reason" grep -q 'no-such-file: No such file or directory' "$ASSAY_WORK/none.err"
finish

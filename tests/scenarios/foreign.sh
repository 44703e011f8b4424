# Evidence that can say nothing: an empty folder, nothing readable, only the SOC's share, another organisation's logs, only old logs. Every question:
# cannot say, in a printed answer, each with its reason; and the reasons differ.
source "$(dirname "$0")/../lib.sh"
all_cannot_say() { check "$1: every question cannot be said" jq -e '[.questions[].state == "cannot_say"] | all and length == 7' "$ASSAY_WORK/$1.json"
  check "$1: each question says why" jq -e '[.questions[].why | length > 10] | all' "$ASSAY_WORK/$1.json"
  told "$1" answer.py schema "$ASSAY_WORK/$1.json" docs/answer.schema.json
  "$ASSAY" report --case "$ASSAY_WORK/$1.case" --format text >"$ASSAY_WORK/$1.txt" 2>/dev/null
  check "$1: the page says so" grep -q 'CANNOT SAY' "$ASSAY_WORK/$1.txt"
  page_is_well_worded "$1" "$ASSAY_WORK/$1.txt"; }
why() { jq -r '.questions[] | select(.id == "access") | .why' "$ASSAY_WORK/$1.json"; }
# unread NAME ARGUMENT...: nothing can be read; the exit code is 3 and the answer is printed all the same.
unread() {
  local name=$1 status=0
  shift
  "$ASSAY" hunt "$@" --profile demo/profile.yaml --format json --case "$ASSAY_WORK/$name.case" >"$ASSAY_WORK/$name.json" 2>"$ASSAY_WORK/$name.log" || status=$?
  equal "$name: exit code" 3 "$status"
  all_cannot_say "$name"
}
mkdir -p "$ASSAY_WORK/empty" "$ASSAY_WORK/hollow/a/b"
: >"$ASSAY_WORK/hollow/a/empty.log"
unread empty "$ASSAY_WORK/empty"
unread hollow "$ASSAY_WORK/hollow"
unread missing "$ASSAY_WORK/no-such-folder"
check "missing: the answer names it" jq -e '[.notices[] | select(.kind == "unreadable" and (.where | contains("no-such-folder")))] | length == 1' "$ASSAY_WORK/missing.json"

# Another organisation's web server, in the days of the campaign: no host and no address of ours in it. access_log NAME YEAR
access_log() {
  mkdir -p "$ASSAY_WORK/$1"
  awk -v year="$2" 'BEGIN { for (i = 0; i < 4000; i++) printf "203.0.%d.%d - - [%02d/%s/%s:%02d:%02d:%02d +0000] \"GET /products/%d.html HTTP/1.1\" %d %d \"-\" \"Mozilla/5.0 (Windows NT 6.1)\"\n",
    i % 90, i % 250, i % 28 + 1, (i % 2 ? "May" : "Jun"), year, i % 24, i % 60, i % 59, i % 300, (i % 40 ? 200 : 404), i * 7 % 9000 }' >"$ASSAY_WORK/$1/www.shop.example-access.log"
}
access_log foreign 2020
answer foreign "$ASSAY_WORK/foreign" --profile demo/profile.yaml
all_cannot_say foreign
access_log old 2016
answer old "$ASSAY_WORK/old" --profile demo/profile.yaml
all_cannot_say old
check "old: the page or a reason names the time" bash -c "jq -r '.questions[].why' '$ASSAY_WORK/old.json' | grep -qE 'time of the campaign|2016'"
# Our own logs, of a time before the campaign: gateway and proxy moved to 2016.
mkdir -p "$ASSAY_WORK/ours"
zcat demo/background/gateway/loghost/ctx-gw-01/httpaccess.log.gz | head -n 20000 | sed 's#/2020:#/2016:#' >"$ASSAY_WORK/ours/ctx-gw-01-httpaccess.log"
zstd -dqc demo/background/proxy/proxy-2020-05.json.zst | head -n 4000 | sed 's/"@timestamp":"2020-/"@timestamp":"2016-/' >"$ASSAY_WORK/ours/proxy.json"
answer ours "$ASSAY_WORK/ours" --profile demo/profile.yaml
all_cannot_say ours
# Only what the SOC keeps about the advisory.
mkdir -p "$ASSAY_WORK/soc"
zstd -dcq demo/background/files/soc-share.tar.zst | tar -xf - -C "$ASSAY_WORK/soc"
answer soc "$ASSAY_WORK/soc" --profile demo/profile.yaml
all_cannot_say soc
equal "the reasons differ: nothing read, another's logs, ours but old, texts" 4 "$(for name in empty foreign ours soc; do why $name; done | LC_ALL=C sort -u | wc -l)"

if [ -n "$ASSAY_DATA" ]; then
  answer apache "$ASSAY_DATA/web/apache_logs" --profile demo/profile.yaml
  all_cannot_say apache
  equal "apache: all lines are records" 10000 "$(jq '[.evidence[].records] | add' "$ASSAY_WORK/apache.json")"
  answer honeynet "$ASSAY_DATA/web/honeynet-redhat-2004" --profile demo/profile.yaml
  all_cannot_say honeynet
else
  skip "the web pack's two sites (real data is absent)"
fi
finish

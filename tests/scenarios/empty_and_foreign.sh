# Evidence that can say nothing: an empty folder, files that are no records, another organisation's logs. Every question: cannot say.
source "$(dirname "$0")/../lib.sh"
all_cannot_say() { jq -e '[.questions[].state == "cannot_say"] | all' "$1"; }

mkdir -p "$ASSAY_WORK/empty"
code=0
"$ASSAY" hunt "$ASSAY_WORK/empty" --profile demo/profile.yaml --format json --case "$ASSAY_WORK/empty.case" >"$ASSAY_WORK/empty.json" 2>"$ASSAY_WORK/empty.log" || code=$?
equal "an empty folder: exit code 3" 3 "$code"
check "an empty folder: the answer is printed, cannot say" all_cannot_say "$ASSAY_WORK/empty.json"

code=0
"$ASSAY" hunt "$ASSAY_WORK/no-such-folder" --format json --case "$ASSAY_WORK/missing.case" >"$ASSAY_WORK/missing.json" 2>"$ASSAY_WORK/missing.log" || code=$?
equal "a folder that is not there: exit code 3" 3 "$code"

# Another organisation's web server: addresses of 2016, nothing of ours.
mkdir -p "$ASSAY_WORK/foreign"
for i in $(seq 1 2000); do
  printf '10.%d.%d.%d - - [%02d/Mar/2016:%02d:%02d:%02d +0000] "GET /page/%d HTTP/1.1" 200 %d "-" "Mozilla/5.0"\n' \
    $((i % 200)) $((i % 250)) $((i % 90)) $((i % 28 + 1)) $((i % 24)) $((i % 60)) $((i % 59)) "$i" $((i * 7 % 9000))
done >"$ASSAY_WORK/foreign/access.log"
answer foreign "$ASSAY_WORK/foreign" --profile demo/profile.yaml
check "logs of 2016: cannot say" all_cannot_say "$ASSAY_WORK/foreign.json"
check "and each question says why" jq -e '[.questions[].why | length > 0] | all' "$ASSAY_WORK/foreign.json"

# Only what the SOC keeps about the advisory.
mkdir -p "$ASSAY_WORK/soc"
zstd -dcq demo/background/files/soc-share.tar.zst | tar -xf - -C "$ASSAY_WORK/soc"
answer soc "$ASSAY_WORK/soc" --profile demo/profile.yaml
check "only the SOC's share: no question is judged likely" jq -e '[.questions[] | .state == "cannot_say" or .range[1] <= 50] | all' "$ASSAY_WORK/soc.json"

if [ -n "$ASSAY_DATA" ]; then
  answer apache "$ASSAY_DATA/web/apache_logs" --profile demo/profile.yaml
  check "a real site's log: cannot say" all_cannot_say "$ASSAY_WORK/apache.json"
  answer honeynet "$ASSAY_DATA/web/honeynet-redhat-2004" --profile demo/profile.yaml
  check "the honeynet of 2004: cannot say" all_cannot_say "$ASSAY_WORK/honeynet.json"
else
  skip "the web pack's two sites (ASSAY_DATA is not set)"
fi
finish

# Real data: the web pack. The Citrix ADC CVE-2019-19781 cases that are access logs or file trees are each detected, and an attempt is told from a
# success; a real site's log and the 2004 honeynet's are another organisation's, see foreign.sh.
source "$(dirname "$0")/../lib.sh"
web=$ASSAY_DATA/web
if [ -z "$ASSAY_DATA" ] || [ ! -d "$web" ]; then skip "the web pack (real data is absent)"; finish; fi
# The gateway is ours, and not only in name.
printf 'organisation: Test\nown_networks: [192.0.2.0/24]\nhosts:\n  - {name: ctx-gw-01, kind: gateway, addresses: [192.0.2.10]}\ngateways:\n  - {name: ctx-gw-01, addresses: [192.0.2.10], product: Citrix ADC, version: 12.1-55.18, logging: yes}\n' >"$ASSAY_WORK/profile.yaml"
for folder in "$web"/citrix-cve-2019-19781/*/*/; do
  name=$(basename "$(dirname "$folder")")-$(basename "$folder")
  mkdir -p "$ASSAY_WORK/$name/ctx-gw-01"
  cp -r "$folder". "$ASSAY_WORK/$name/ctx-gw-01/"
  answer "$name" "$ASSAY_WORK/$name" --profile "$ASSAY_WORK/profile.yaml"
  check "$name: detected" jq -e '[.sightings[] | select(.detector.kind != "indicator" or .detector.title != null)] | length > 0' "$ASSAY_WORK/$name.json"
  check "$name: it supports access" jq -e '.questions[] | select(.id == "access") | [.because[] | select(.log10_lr > 0) | .sightings | length] | add // 0 > 0' "$ASSAY_WORK/$name.json"
done
for name in file-system-netscalerd file-system-notrobin-tmp-init file-system-apt41; do
  check "$name: another actor's program is no reason to think that nobody got in" jq -e '.questions[] | select(.id == "access") | .state == "cannot_say" or .range[1] > 35' "$ASSAY_WORK/$name.json"
done
# Success: a template was written and served. titles NAME: what was found.
titles() { jq -r '.sightings[].detector.title' "$ASSAY_WORK/$1.json"; }
for name in access-logs-buffaloverflow access-logs-query-params access-logs-xml-template; do
  check "$name: as a success, or a possible one" bash -c "grep -qiE 'exploited|success|read by one client' <<<'$(titles $name)'"
  # The same requests, refused: an attempt.
  mkdir -p "$ASSAY_WORK/attempt-$name/ctx-gw-01"
  sed -E 's/(HTTP\/1\.[01]") 200 ([0-9]+|-)/\1 403 1150/' "$web/citrix-cve-2019-19781/access-logs/${name#access-logs-}/var/log/httpaccess.log" >"$ASSAY_WORK/attempt-$name/ctx-gw-01/httpaccess.log"
  answer "attempt-$name" "$ASSAY_WORK/attempt-$name" --profile "$ASSAY_WORK/profile.yaml"
  check "attempt-$name: seen as an attempt" bash -c "grep -qiE 'request of the citrix exploit' <<<'$(titles "attempt-$name")'"
  check "attempt-$name: no success is claimed" bash -c "! grep -qiE 'exploited|success|read by one client' <<<'$(titles "attempt-$name")'"
  check "attempt-$name: access is not supported" jq -e '.questions[] | select(.id == "access") | ([.because[] | select(.log10_lr > 0) | .sightings[]] | length == 0) and (.state == "cannot_say" or .range[1] <= 20)' "$ASSAY_WORK/attempt-$name.json"
  check "$name: a success weighs more than the attempt" bash -c "jq -es '[.[] | .questions[] | select(.id == \"access\") | .model_probability] | .[0] > .[1]' '$ASSAY_WORK/$name.json' '$ASSAY_WORK/attempt-$name.json'"
done
# Whatever else is in the two logs: the line itself.
weight() { jq --arg re "$2" '[.questions[] | select(.id == "access") | .because[] | select(.reason | test($re)) | .log10_lr] | max // 0' "$ASSAY_WORK/$1.json"; }
at_most "the full chain weighs at least as much as reading alone" "$(weight access-logs-buffaloverflow 'written and read')" "$(weight access-logs-query-params 'more than one portal template')"

answer apache "$web/apache_logs"
equal "apache: every line is a record" 10000 "$(jq '[.evidence[].records] | add' "$ASSAY_WORK/apache.json")"
check "apache: nothing damaged" jq -e '[.notices[] | select(.kind == "damaged_record") | .count] | add // 0 == 0' "$ASSAY_WORK/apache.json"
answer honeynet "$web/honeynet-redhat-2004"
lines=$(cat "$web"/honeynet-redhat-2004/httpd/access_log* | grep -c .)
lost=$(jq '[.notices[] | select(.kind == "damaged_record") | .count] | add // 0' "$ASSAY_WORK/honeynet.json")
records=$(jq '[.evidence[] | select((.path + " " + (.copies | join(" "))) | test("access_log")) | .records] | add' "$ASSAY_WORK/honeynet.json")
equal "honeynet: every line is a record or counted as damaged ($lost)" "$lines" "$((records + lost))"
at_most "honeynet: damaged lines" 40 "$lost"
rm -f "$ASSAY_WORK"/*.case
finish

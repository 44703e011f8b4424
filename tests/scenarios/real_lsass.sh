# Real data: LSASS_campaign_01 of the OTRF Security-Datasets, its Windows events and the Zeek logs of the same hours. The events' @timestamp is local
# time written with a Z; Sysmon's UtcTime is right and agrees with Zeek. It must be noticed, and sized.
source "$(dirname "$0")/../lib.sh"
folder=$ASSAY_DATA/windows-json/LSASS_campaign_01
if [ -z "$ASSAY_DATA" ] || [ ! -d "$folder" ]; then skip "LSASS_campaign_01 (real data is absent)"; finish; fi
answer lsass "$folder"
json=$ASSAY_WORK/lsass.json
told "schema" answer.py schema "$json" docs/answer.schema.json
check "the run is complete" jq -e '.complete and .reproducible' "$json"
events=$(find "$folder" -name '*memory_dump.json')
equal "every event is a record" "$(wc -l <"$events")" "$(jq --arg path "$events" '[.evidence[] | select(.path == $path) | .records] | add' "$json")"
for log in conn dns files; do
  file=$(find "$folder" -name $log.log)
  equal "every line of Zeek's $log.log is a record" "$(grep -vc '^#' "$file")" "$(jq --arg path "$file" '[.evidence[] | select(.path == $path) | .records] | add' "$json")"
done
check "the wrong clock is noticed" jq -e '[.notices[] | select(.kind == "clock_conflict")] | length > 0' "$json"
# Sysmon's events alone carry both clocks.
both=$(grep -c '"UtcTime"' "$events")
check "it is counted for the $both events that carry both clocks" jq -e --argjson both "$both" '[.notices[] | select(.kind == "clock_conflict") | .count] | add | . >= $both * 0.9 and . <= $both * 1.1' "$json"
check "it is sized in hours" jq -e '[.notices[] | select(.kind == "clock_conflict" and (.where | test("[0-9] ?h")))] | length > 0' "$json"
# The offset, by hand: the first event that has both.
offset=$(grep -m1 '"UtcTime"' "$events" | jq -r '((.["@timestamp"][:19] + "Z" | fromdate) - (.UtcTime[:19] | sub(" "; "T") + "Z" | fromdate)) / 3600 | round')
check "the size is right: $offset h" jq -e --arg hours "${offset#-} ?h" '[.notices[] | select(.kind == "clock_conflict" and (.where | test($hours)))] | length > 0' "$json"
check "events that carry the wrong clock alone are corrected by what the others show" jq -e --arg hours "@timestamp runs ${offset} h 00 m against UtcTime" '[.notices[] | select(.kind == "clock_offset" and (.where | contains($hours)) and .count > 1000)] | length == 1' "$json"

# After that host and network agree: connections as Sysmon saw them (5-tuple, one record each) against Zeek's, in three campaigns. Sysmon's own UtcTime of
# its connections is 134 h, 3 m and 12 h off, its log's @timestamp 19 h.
cat >"$ASSAY_WORK/connection.yml" <<'RULE'
title: Connection as the host saw it
id: 11111111-2222-4333-8444-555555555501
logsource: {product: windows, category: network_connection}
detection:
  sel: {SourceIp|re: '.+', SourcePort|re: '.+', DestinationIp|re: '.+', DestinationPort|re: '.+', EventID: 3}
  condition: sel
level: low
RULE
for campaign in 01 02 05; do
  here=$ASSAY_DATA/windows-json/LSASS_campaign_$campaign
  "$ASSAY" hunt "$here" --rules "$ASSAY_WORK/connection.yml" --format jsonl --case "$ASSAY_WORK/$campaign.case" 2>/dev/null | grep 555555555501 >"$ASSAY_WORK/$campaign.jsonl"
  read -r pairs near middle < <(tool clock_match.py "$ASSAY_WORK/$campaign.jsonl" "$(find "$here" -name conn.log)")
  check "campaign $campaign: $near of $pairs connections of Sysmon and Zeek agree, $middle s apart" test "$pairs" -ge 90 -a "$((near * 5))" -ge "$((pairs * 4))" -a "${middle#-}" -le 30
done
check "the packet capture is recognised and said not to be read" jq -e '[.notices[] | select(.kind == "recognised_not_read" and (.where | test("pcap")))] | length > 0' "$json"
check "nothing is skipped in silence: every file stands in the answer" test "$(jq '[.evidence[] | select(.parent == null) | 1 + (.copies | length)] | add' "$json")" -eq "$(find "$folder" -type f | wc -l)"
check "the campaign of the advisory is not claimed" jq -e '[.questions[] | select(.id == "targeted" or .id == "actor" or .id == "malware") | .state == "cannot_say" or .range[1] <= 50] | all' "$json"
"$ASSAY" report --case "$ASSAY_WORK/lsass.case" --format text >"$ASSAY_WORK/page.txt"
page_is_well_worded "words" "$ASSAY_WORK/page.txt" "$json"
rm -f "$ASSAY_WORK"/*.case
finish

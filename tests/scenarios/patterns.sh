#!/usr/bin/env bash
# STIX patterns of an advisory over logs as they are: they find the demo's planted facts, and what grep, awk and jq count in real data.
source "$(dirname "$0")/../lib.sh"
# bundle FILE LINE...: an advisory of patterns; a line is "name pattern".
bundle() {
  local file=$1
  shift
  printf '%s\n' "$@" | jq -Rn '
    def id($type; $n): "\($type)--00000000-0000-4000-8000-\("000000000000\($n)"[-12:])";
    [inputs | capture("^(?<name>\\S+) (?<pattern>.*)$")] as $all
    | {created: "2020-07-16T00:00:00Z", modified: "2020-07-16T00:00:00Z", spec_version: "2.1"} as $common
    | {type: "bundle", id: id("bundle"; 1), objects: (
        [$common + {type: "report", id: id("report"; 2), name: "Patterns", published: "2020-07-16T00:00:00Z",
                    object_refs: [range($all | length) | id("indicator"; . + 10)]}]
        + [range($all | length) | . as $n | $common + {type: "indicator", id: id("indicator"; $n + 10), name: $all[$n].name,
           pattern: $all[$n].pattern, pattern_type: "stix", valid_from: "2020-07-16T00:00:00Z"}])}' >"$file"
}
# times NAME PATTERN-NAME: how many events the findings of a pattern stand for.
times() { jq --arg name "$2" '[.sightings[] | select(.detector.title == $name) | .count] | add // 0' "$ASSAY_WORK/$1.json"; }
hosts() { jq -c --arg name "$2" '[.sightings[] | select(.detector.title == $name) | .host] | unique' "$ASSAY_WORK/$1.json"; }
request="network-traffic:extensions.'http-request-ext'"

# ---- the demo: each pattern names a planted fact of docs/demo.md
bundle "$ASSAY_WORK/demo.stix.json" \
  "T02-write-then-read ([$request.request_value LIKE '%/vpns/portal/scripts/newbm.pl' AND network-traffic:src_ref.value = '198.18.77.41'] FOLLOWEDBY [$request.request_value MATCHES '^/vpns/portal/(kqvzmtrw|xrwpjbnc)\\.xml' AND network-traffic:src_ref.value = '198.18.77.41']) WITHIN 10 SECONDS" \
  "T03-configuration [network-traffic:src_byte_count = 48312 AND $request.request_value LIKE '%/hdlqmvea.xml']" \
  "T05-program [file:name = 'watchdogd' AND file:parent_directory_ref.path LIKE '%/.avamar']" \
  "T06-beacon [network-traffic:dst_ref.value ISSUBSET '103.253.41.0/24' AND $request.request_method = 'POST']" \
  "T06-beacon-five ([network-traffic:dst_ref.value = '103.253.41.102' AND $request.request_method = 'POST']) REPEATS 5 TIMES WITHIN 21600 SECONDS" \
  "T07-lure [url:value LIKE '%login-1arkmoor.example%']" \
  "T09-form [$request.request_method = 'POST' AND $request.request_value LIKE '%/cgi/login' AND network-traffic:src_ref.value = '10.20.50.117']" \
  "T11-port-25 [network-traffic:src_ref.value = '10.20.40.7' AND network-traffic:dst_ref.value = '111.90.150.140' AND network-traffic:dst_port = 25]" \
  "T12-reads [file:parent_directory_ref.path LIKE 'trial-_\\\\safety' AND network-traffic:src_ref.value = '10.20.40.7']" \
  "T13-volumes [process:command_line LIKE '%-v412m%']" \
  "none-so-many ([network-traffic:dst_ref.value = '103.253.41.102' AND $request.request_method = 'POST']) REPEATS 50 TIMES WITHIN 3600 SECONDS" \
  "none-backwards ([$request.request_value LIKE '%/xrwpjbnc.xml' AND network-traffic:src_ref.value = '198.18.77.41'] FOLLOWEDBY [$request.request_value LIKE '%/newbm.pl' AND network-traffic:src_ref.value = '198.18.77.41']) WITHIN 60 SECONDS"
answer demo demo/intrusion --profile demo/profile.yaml --advisory "$ASSAY_WORK/demo.stix.json"
line() { echo "$1 $(times "$2" "$1") $(hosts "$2" "$1")"; }
seen=$(for name in T02-write-then-read T03-configuration T05-program T06-beacon-five T09-form T13-volumes none-so-many none-backwards; do line "$name" demo; done)
equal "the planted facts, as often as they are there" 'T02-write-then-read 2 ["ctx-gw-01"]
T03-configuration 1 ["ctx-gw-01"]
T05-program 1 ["bkp-app-03"]
T06-beacon-five 1 ["bkp-app-03"]
T09-form 1 ["ws-vx-01"]
T13-volumes 1 ["stats-07"]
none-so-many 0 []
none-backwards 0 []' "$seen"
# One host's share, since the same traffic is in several logs.
of_host() { jq --arg name "$2" --arg host "$3" '[.sightings[] | select(.detector.title == $name and .host == $host) | .count] | add // 0' "$ASSAY_WORK/$1.json"; }
equal "every beacon that the proxy logged" 2100 "$(of_host demo T06-beacon bkp-app-03)"
equal "the lure in four mails of the server" 4 "$(jq '[.sightings[] | select(.detector.title == "T07-lure" and (.records | length) == 4 and .host == "exch-01") | .count] | add' "$ASSAY_WORK/demo.json")"
equal "31 sessions on port 25, each in two of Zeek's logs" 62 "$(jq '[.sightings[] | select(.detector.title == "T11-port-25") | .count] | max' "$ASSAY_WORK/demo.json")"
equal "the reads from stats-07 in one folder" "$(zcat demo/intrusion/fileserver/*.gz | grep '"IpAddress":"10.20.40.7"' | grep -c 'RelativeTargetName":"trial-.\\\\safety\\\\')" "$(times demo T12-reads)"

# ---- real data: what other programs count
if [ -z "$ASSAY_DATA" ]; then skip "patterns over real logs (real data is absent)"; finish; fi
web=$ASSAY_DATA/web/apache_logs
bundle "$ASSAY_WORK/web.stix.json" \
  "crawler [$request.request_header.'User-Agent' LIKE '%Googlebot%' AND $request.request_method = 'GET']" \
  "none [$request.request_header.'User-Agent' LIKE 'Googlebot%' AND $request.request_method = 'POST']"
answer web "$web" --advisory "$ASSAY_WORK/web.stix.json"
equal "a real site's log: as grep counts" "$(grep -E '"GET [^"]*" [0-9]' "$web" | grep -c 'Googlebot')" "$(times web crawler)"
equal "and nothing of what is not there" 0 "$(times web none)"

zeek=$ASSAY_DATA/network/zeek-tsv-and-json/zeek-default
mkdir -p "$ASSAY_WORK/zeek" && cp "$zeek"/{dns,ssh,ssl}.log.gz "$ASSAY_WORK/zeek"
bundle "$ASSAY_WORK/zeek.stix.json" \
  "loompa [domain-name:value LIKE '%.oompa.loompa']" \
  "ssh [network-traffic:dst_port = 22 AND network-traffic:src_ref.value ISSUBSET '10.0.0.0/8']" \
  "none [domain-name:value LIKE '%.oompa.loompa' AND network-traffic:dst_port = 22]"
answer zeek "$ASSAY_WORK/zeek" --advisory "$ASSAY_WORK/zeek.stix.json"
rows() { zcat "$zeek/$1.log.gz" | grep -v '^#'; }
equal "real Zeek logs: names, as awk counts" "$(rows dns | awk -F'\t' 'tolower($10) ~ /\.oompa\.loompa$/' | wc -l)" "$(times zeek loompa)"
equal "real Zeek logs: a port and a network, as awk counts" "$({ rows ssh; rows ssl; rows dns; } | awk -F'\t' '$6 == 22 && $3 ~ /^10\./' | wc -l)" "$(times zeek ssh)"
equal "and nothing of what is not there" 0 "$(times zeek none)"

# The same events as event logs and as another program's JSON of them, whose values jq counts.
cases=$ASSAY_DATA/sigma/regression_data
bundle "$ASSAY_WORK/windows.stix.json" \
  "shell [process:command_line LIKE '%powershell%']" \
  "system32 [process:image_ref.name = 'cmd.exe' AND file:parent_directory_ref.path = 'C:\\\\Windows\\\\System32']"
for form in evtx json; do
  mkdir -p "$ASSAY_WORK/$form"
  find "$cases" -name "*.$form" -exec cp -t "$ASSAY_WORK/$form" {} +
  answer "windows-$form" "$ASSAY_WORK/$form" --advisory "$ASSAY_WORK/windows.stix.json"
done
counted=$(cat "$ASSAY_WORK"/json/*.json | jq -s '[.[].Event.EventData? | .CommandLine? // .ProcessCommandLine? // empty | strings | select(test("powershell"))] | length')
check "real event logs: there is something to count" test "$counted" -gt 3
equal "real event logs: command lines, as jq counts" "$counted" "$(times windows-evtx shell)"
equal "the same in JSON" "$counted" "$(times windows-json shell)"
folder=$(cat "$ASSAY_WORK"/json/*.json | jq -s '[.[].Event.EventData? | objects | select(((.Image // .NewProcessName // "") | test("\\\\cmd\\.exe$")) and ((.TargetFilename // .ImageLoaded // .Image // .NewProcessName) | test("^C:\\\\Windows\\\\System32\\\\[^\\\\]*$")))] | length')
equal "real event logs: a program and the folder of the file that an event names, as jq counts" "$folder" "$(times windows-evtx system32)"
equal "the same in JSON" "$folder" "$(times windows-json system32)"
finish

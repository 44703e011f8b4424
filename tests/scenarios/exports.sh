# Tables, W3C logs, XML and JSON lists as people export them: where an export stops at a limit is said, dates are decided by their
# column (also of a packed file), and what stands in UTF-16, in a cell's JSON or in an element is found and cited by its bytes.
source "$(dirname "$0")/../lib.sh"
evidence=$ASSAY_WORK/evidence
mkdir -p "$evidence"
bad_address=103.253.41.68
rows() { # COUNT: oldest first
  echo "When,User,Address"
  seq 0 $(($1 - 1)) | awk '{printf "%02d/04/2020 %02d:%02d:%02d,user%d,192.0.2.%d\n", 1 + $1 % 28, $1 / 3600 % 24, $1 / 60 % 60, $1 % 60, $1 % 7, $1 % 250}'
}
records() { # COUNT: newest first
  seq "$1" -1 1 | awk '{printf "{\"timestamp\":\"2020-04-%02dT%02d:%02d:00Z\",\"n\":%d}\n", 1 + $1 / 1440, $1 / 60 % 24, $1 % 60, $1}'
}
for count in 999 1000 1001; do rows "$count" >"$evidence/rows-$count.csv"; done
rows 5000 | gzip -n >"$evidence/packed-5000.csv.gz"
records 1500 >"$evidence/newest-1500.jsonl"
records 1499 >"$evidence/newest-1499.jsonl"
{ rows 40; printf '28/04/2020 10:00:00,us'; } >"$evidence/cut.csv"
{ echo "When,User,Address"; seq 1 40 | awk '{printf "%02d/03/2020 10:00:00,u,192.0.2.1\n", 1 + $1 % 12}'; } >"$evidence/open-dates.csv"
{ printf '{"Records":['; seq 1 1000 | awk '{printf "%s{\"eventVersion\":\"1.08\",\"eventSource\":\"iam.amazonaws.com\",\"eventName\":\"ListUsers\",\"awsRegion\":\"x\",\"eventTime\":\"2020-04-16T02:12:07Z\",\"eventID\":\"%d\"}", (NR > 1 ? "," : ""), $1}'; printf ']}'; } >"$evidence/trail.json"

# One connection to a listed address in each room.
printf 'Time,Source,Destination,Note\r\n2020-05-04T10:00:00Z,10.1.2.3,%s,"a, ""b""\r\nc"\r\n2020-05-04T10:00:01Z,10.1.2.3,192.0.2.9,x\r\n' "$bad_address" | iconv -f UTF-8 -t UTF-16LE >"$ASSAY_WORK/body"
{ printf '\xff\xfe'; cat "$ASSAY_WORK/body"; } >"$evidence/wide.csv"
printf 'CreationDate,UserIds,Operations,AuditData\n2020-05-04T10:00:00Z,a@example.org,UserLoggedIn,"{""CreationTime"":""2020-05-04T10:00:00"",""Operation"":""UserLoggedIn"",""Workload"":""AzureActiveDirectory"",""UserId"":""a@example.org"",""ClientIP"":""%s:50000""}"\n' "$bad_address" >"$evidence/audit.csv"
printf '#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2020-05-04 10:00:00\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n2020-05-04 10:00:00 %s GET /x 200\n' "$bad_address" >"$evidence/iis.log"
printf '<Events><Event xmlns="x"><System><Provider Name="Microsoft-Windows-Sysmon"/><EventID>3</EventID><TimeCreated SystemTime="2020-05-04T10:00:00Z"/><Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>ws-01</Computer></System><EventData><Data Name="UtcTime">2020-05-04 10:00:00.000</Data><Data Name="DestinationIp">%s</Data></EventData></Event></Events>' "$bad_address" >"$evidence/events.xml"
printf '%s\n' '{"timestamp":"2020-05-04T10:00:00.000000+0000","flow_id":1,"event_type":"flow","src_ip":"10.1.2.3","dest_ip":"'"$bad_address"'","flow":{"bytes_toserver":10}}' >"$evidence/eve.json"

answer one "$evidence" --jobs 1
answer three "$evidence" --jobs 3
same "any number of workers" "$ASSAY_WORK/one.json" "$ASSAY_WORK/three.json"

cut_note() { ask one "[.notices[] | select(.kind == \"probably_truncated_export\" and (.where | contains(\"/$1\"))) | .where] | first // \"\""; }
for file in rows-999.csv rows-1001.csv newest-1499.jsonl open-dates.csv wide.csv; do equal "$file is not said to be cut" "" "$(cut_note "$file")"; done
for file in rows-1000.csv packed-5000.csv newest-1500.jsonl trail.json cut.csv; do check "$file is said to be cut" test -n "$(cut_note "$file")"; done
check "newest first: what is missing lies before" grep -qF "before 2020-04-01T00:01:00Z" <<<"$(cut_note newest-1500.jsonl)"
check "the edge of the last row" grep -qF "after 2020-04-28T" <<<"$(cut_note rows-1000.csv)"

first() { ask one ".evidence[] | select(.path | endswith(\"$1\")) | .first"; }
equal "day first, by the column" "2020-04-01T00:00:00Z" "$(first rows-1000.csv)"
equal "day first, of a packed file" "2020-04-01T00:00:00Z" "$(first packed-5000.csv)"
equal "an open order gives no time but where it does not matter" "2020-03-03T10:00:00Z" "$(first open-dates.csv)"
check "an open order is said" jq -e '[.notices[] | select(.kind == "bad_value" and (.where | contains("open-dates.csv")) and .count == 36)] | length == 1' "$ASSAY_WORK/one.json"
equal "the records of a list" 1000 "$(ask one '.evidence[] | select(.path | endswith("trail.json")) | .records')"

for file in wide.csv audit.csv iis.log events.xml eve.json; do
  id=$(ask one ".evidence[] | select(.path | endswith(\"$file\")) | .id")
  place=$(ask one "[.sightings[] | select(.detector.kind == \"indicator\") | .records[] | select(.evidence == \"$id\")] | first | \"\(.offset) \(.length)\"")
  bytes=$(tail -c +$((${place% *} + 1)) "$evidence/$file" 2>/dev/null | head -c "${place#* }" | tr -d '\0')
  check "$file: the address is found and its bytes are cited" grep -qF "$bad_address" <<<"$bytes"
done
finish

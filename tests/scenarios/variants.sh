# The variants of the Larkmoor case: a source is taken away, or something in it is other than it was, and the answer says what then can be said.
# docs/demo.md, "Variants", has the table. Each source is read once; a variant reads only what is altered in it.
source "$(dirname "$0")/../lib.sh"
I=demo/intrusion B=demo/background
W=$ASSAY_WORK

# hunt NAME EVIDENCE...: with the institute's profile.
hunt() { answer "$1" "${@:2}" --profile demo/profile.yaml; rm -f "$W/$1.case"; }
hunt_and_page() {
  answer "$1" "${@:2}" --profile demo/profile.yaml
  "$ASSAY" report --case "$W/$1.case" --format text >"$W/$1.txt" 2>&1
  rm -f "$W/$1.case"
}
# except PART...: the parts of the intrusion case without these, into the array `rest`.
except() {
  local part without=" $* "
  rest=()
  for part in "$I"/*; do [[ $without == *" $(basename "$part") "* ]] || rest+=("$part"); done
}
# is NAME QUESTION TERM...: one of these terms; "-" is cannot_say.
is() {
  local found
  found=$(term "$1" "$2")
  found=${found#judged }
  for want in "${@:3}"; do
    [ "$want" = - ] && want=cannot_say
    if [ "$found" = "$want" ]; then ok "$1: $2 is $found"; return; fi
  done
  bad "$1: $2 is one of: ${*:3}" "it is $found"
}
left() { ask "$1" ".exfiltration.left.$2 // 0"; }
# change FROM TO OPERATION...: a changed copy below the work folder.
change() { tool variant.py "$I/$1" "$W/$2/$1" "${@:3}"; }
high=("almost certain" "highly likely" "likely")
read_once $I/* --profile demo/profile.yaml

# V1a, without the sensor.
except zeek
hunt V1a "${rest[@]}"
is V1a access "almost certain"
is V1a malware "almost certain"
is V1a exfiltration "${high[@]}"
check "V1a: low is T03 + T06 + T16 and the firewall's month of T15" test "$(left V1a low)" = 100401363
check "V1a: the archive of 412 MiB stays" test "$(ask V1a .exfiltration.staged.bytes)" = 432013312
check "V1a: the time without flows is named" jq -e '[.questions[] | select(.id == "exfiltration") | .would_change[].evidence | select(test("network flows|firewall"))] | length > 0' "$W/V1a.json"
check "V1a: 21 May is named, when the archive lay there and nothing counted what left" jq -e '.questions[] | select(.id == "exfiltration") | .gaps[0] | test("flows.*21 May.*stats-07")' "$W/V1a.json"
check "V1a: high holds the archive" test "$(left V1a high)" -ge 532414675

# V1b, without any source that counts bytes.
except gateway vpn zeek proxy firewall
hunt V1b "${rest[@]}"
alone answer V1b_alone "${rest[@]}" --profile demo/profile.yaml
same "V1b: what goes on from evidence read before says the same as a run of its own" "$W/V1b.json" "$W/V1b_alone.json"
is V1b exfiltration -
check "V1b: what was reached stays" test "$(ask V1b .exfiltration.reached.reads)" = 3870
check "V1b: what was staged stays" test "$(ask V1b .exfiltration.staged.bytes)" = 432013312
check "V1b: nothing is said to have left" test "$(left V1b low)" = 0
is V1b access "${high[@]}"
is V1b malware "${high[@]}"
is V1b targeted "${high[@]}"
is V1b actor - "${high[@]}"
is V1b ongoing - "${high[@]}"
is V1b impact - "unlikely" "highly unlikely" "remote chance"

# V2, thirty days of retention.
for part in gateway vpn linux files mail; do change $part V2 since 2020-06-17; done
for part in zeek/2020-06.tar proxy/proxy-2020-06.json.zst fileserver/fs-res-01-2020-06.json.gz; do change $part V2 since 2020-06-17; done
hunt V2 "$W/V2" $I/zeek/2020-07.tar $I/proxy/proxy-2020-07.json.zst $I/firewall $I/fileserver/fs-res-01-2020-07.json.gz
is V2 malware "almost certain"
is V2 ongoing "almost certain"
check "V2: the way in is not determined" jq -e '.initial_access | to_entries | max_by(.value).key == "not_determined"' "$W/V2.json"
check "V2: since 17 June or before" jq -e '.scope.earliest | (.seen | startswith("2020-06-17")) and .not_before <= .seen' "$W/V2.json"
check "V2: the bounds hold what left in this time" jq -e '.exfiltration.left | .low <= 98830351 and .high >= 98830351' "$W/V2.json"
rm -rf "${W:?}/V2"

# V3, without anything of the gateway's own.
except gateway files
hunt V3 "${rest[@]}" $I/files/bkp-app-03.tar.zst
is V3 access "almost certain"
is V3 malware "almost certain"
check "V3: neither the gateway nor phishing is certain" jq -e '.initial_access | .exploited_application < 0.8 and .phishing_credentials < 0.8 and .exploited_application + .phishing_credentials + .not_determined > 0.8' "$W/V3.json"

# V4, the security team's share alone.
hunt V4 $I/files/soc-share.tar.zst
for question in targeted access malware exfiltration impact actor ongoing; do is V4 $question -; done

# V6, everything a year later: addresses age, structures and certificates do not.
parts=(gateway/loghost files/bkp-app-03.tar.zst linux proxy/proxy-2020-06.json.zst zeek/2020-06.tar)
for part in "${parts[@]}"; do change "$part" V6 shift 31536000; done
hunt V6 "$W/V6"
hunt V6_now "${parts[@]/#/$I/}"
is V6 malware "almost certain"
is V6 access "almost certain"
weight() { ask "$1" '[.questions[] | select(.id == "malware" or .id == "access") | .because[] | select(.reason | test("address")) | .log10_lr] | add // 0'; }
check "V6: the listed addresses weigh less" awk -v a="$(weight V6)" -v b="$(weight V6_now)" 'BEGIN { exit !(a < b) }'
check "V6: cookie and certificate are counted as before" jq -e '[.questions[] | select(.id == "malware") | .because[].reason | test("cookie|certificate"; "i")] | any' "$W/V6.json"
rm -rf "${W:?}/V6"

# V7, somebody else.
for part in gateway/loghost files/ctx-gw-01.tar.zst; do tool variant.py $B/$part "$W/V7/$part" miner; done
hunt_and_page V7 "$W/V7" $B/windows $B/linux $B/vpn $B/files/bkp-app-03.tar.zst
is V7 access "almost certain"
is V7 actor - "unlikely" "highly unlikely" "remote chance"
check "V7: the page says that nothing ties it to this campaign" grep -q 'nothing ties it to this campaign' "$W/V7.txt"
check "V7: the ranking puts unknown first" jq -e '.actors | max_by(.probability).name | test("unknown"; "i")' "$W/V7.json"
is V7 malware - "unlikely" "highly unlikely" "remote chance"
rm -rf "${W:?}/V7"

# V8, all that the malware sent was blocked.
parts=(proxy zeek/2020-05.tar zeek/2020-07.tar firewall)
for part in "${parts[@]}"; do change "$part" V8 block; done
hunt V8 "$W/V8" $I/gateway $I/files $I/vpn $I/linux
is V8 malware "almost certain"
check "V8: low is what was served: T03 + T16" test "$(left V8 low)" = 88118456
rm -rf "${W:?}/V8"

# V9, nothing, and somebody else's.
mkdir -p "$W/empty"
equal "V9: an empty folder ends with 3, the answer is printed" 3 "$(code "$ASSAY" hunt "$W/empty" --format json --case "$W/empty.case")"
cp "$W/out" "$W/V9_empty.json"
printf 'organisation: Another Institute\nown_networks: [172.20.0.0/16]\nown_domains: [another.example]\nhosts: [{name: srv-1, addresses: [172.20.1.1]}]\n' >"$W/another.yaml"
alone answer V9_foreign $I/zeek/2020-04.tar $I/proxy/proxy-2020-04.json.zst --profile "$W/another.yaml"
for question in targeted access malware exfiltration impact actor ongoing; do
  is V9_empty $question -
  is V9_foreign $question -
done
check "V9: the reasons differ" test "$(ask V9_empty '.questions[0].why')" != "$(ask V9_foreign '.questions[0].why')"

# V10, each source's clock in turn, an hour ahead or 7 min 40 s behind by turns; with ASSAY_ALL=1 both of each (clocks.sh has these and others, with what is
# said of each).
parts=(gateway/loghost files vpn linux dhcp proxy/proxy-2020-04.json.zst zeek/2020-04.tar)
for i in "${!parts[@]}"; do
  moved=${parts[i]} shifts=3600
  [ $((i % 2)) = 0 ] || shifts=-460
  [ -z "${ASSAY_ALL:-}" ] || shifts="3600 -460"
  for seconds in $shifts; do
    name=V10_$(dirname "$moved/x" | tr -c 'a-z0-9\n' _)_$seconds
    evidence=()
    for part in "${parts[@]}"; do
      if [ "$part" = "$moved" ]; then change "$part" "$name" shift $seconds; evidence+=("$W/$name/$part"); else evidence+=("$I/$part"); fi
    done
    hunt "$name" "${evidence[@]}"
    is "$name" access "almost certain"
    is "$name" malware "almost certain"
    check "$name: the gateway comes first, or the order is said to be unknown" jq -e '(.initial_access | to_entries | max_by(.value).key == "exploited_application") or ([.notices[] | select(.kind == "clock_offset" or .kind == "clock_conflict")] | length > 0)' "$W/$name.json"
    check "$name: the form is given by ws-vx-01 or by nobody by name" jq -e '[.sightings[] | select(.detector.id == "analytic.credential-given") | .host] | all(. == "ws-vx-01" or . == "10.20.50.117")' "$W/$name.json"
    rm -rf "${W:?}/$name"
  done
done

# V11, one source alone.
hunt V11_zeek $I/zeek
is V11_zeek malware "almost certain"
is V11_zeek exfiltration "${high[@]}"
is V11_zeek impact -
hunt V11_proxy $I/proxy
is V11_proxy malware "almost certain"
is V11_proxy impact -
hunt V11_mail $I/mail
is V11_mail targeted "${high[@]}"
for question in malware exfiltration impact ongoing; do is V11_mail $question -; done
hunt V11_edr $I/edr
for question in targeted access malware exfiltration impact actor ongoing; do is V11_edr $question -; done
rm -f "$W"/*.case "$W"/*.case-wal
finish

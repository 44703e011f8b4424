# Clients behind a load balancer: X-Forwarded-For is believed from declared machines alone, and findings say whose word the client is.
source "$(dirname "$0")/../lib.sh"
mkdir -p "$ASSAY_WORK/logs"
hop() { printf '%s - - [%s/May/2020:02:12:07 +0000] "GET /vpn/../vpns/portal/scripts/newbm.pl HTTP/1.1" 200 1024 "-" "Mozilla/5.0" "%s"\n' "$@"; }
{ hop 10.20.10.80 01 '203.0.113.9, 103.253.41.102'; hop 10.20.10.80 02 '103.253.41.102'; hop 10.20.10.81 03 '103.253.41.102'; hop 198.51.100.7 04 '103.253.41.102'; } >"$ASSAY_WORK/logs/access.log"
{ cat demo/profile.yaml; } | sed 's/^proxies:.*/&\n  - {name: lb-test, addresses: [10.20.10.80]}/' >"$ASSAY_WORK/profile.yaml"
grep -q lb-test "$ASSAY_WORK/profile.yaml" || printf 'proxies: [10.20.10.80]\n' >>"$ASSAY_WORK/profile.yaml"
answer declared "$ASSAY_WORK/logs" --profile "$ASSAY_WORK/profile.yaml"
listed() { jq -c '[.sightings[] | select(.detector.kind == "indicator" and .role == "contacting")] | [length, ([.[].count] | add // 0)]' "$ASSAY_WORK/$1.json"; }
equal "what a declared load balancer forwarded is the client's" '[1,2]' "$(listed declared)"
check "the finding says whose word that is" jq -e '[.sightings[] | select(.detector.kind == "indicator" and .role == "contacting") | (.why | test("the word of the proxy 10.20.10.80")) and .fields.forwarded_by == "10.20.10.80"] | all' "$ASSAY_WORK/declared.json"
check "the answer counts what was believed and what was not" jq -e '([.notices[] | select(.where | test("are the word of the declared proxy 10.20.10.80")) | .count] == [2]) and ([.notices[] | select(.where | test("is no proxy that the profile declares")) | .count] == [2])' "$ASSAY_WORK/declared.json"
answer nobody "$ASSAY_WORK/logs" --profile demo/profile.yaml
equal "of anybody else it is a field, and no contact" '[0,0]' "$(listed nobody)"
rm -f "$ASSAY_WORK"/*.case
finish

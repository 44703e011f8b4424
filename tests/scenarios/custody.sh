# What leaves a case and what proves it: seal and verify, the return, a profile from ten answers, manual page and completion.
source "$(dirname "$0")/../lib.sh"
w=$ASSAY_WORK
answer mail demo/intrusion/mail demo/intrusion/gateway/ctx-gw-01 --profile demo/profile.yaml --return "$w/return.json" --pseudonym institute-17
case=$w/mail.case

# Without a head or a seal nothing is anchored, and that is said; the head that the run printed anchors it.
"$ASSAY" case verify --case "$case" >"$w/plain.txt"
check "verify without a head says: not anchored" grep -q 'internally consistent, not anchored' "$w/plain.txt"
head=$(sed -n 's/.*log head \([0-9a-f]\{64\}\).*/\1/p' "$w/mail.log")
check "the head that was printed anchors the case" bash -c "'$ASSAY' case verify --case '$case' --head '$head' | grep -q 'the head you wrote down is in its log'"
equal "another head: exit code" 1 "$(code "$ASSAY" case verify --case "$case" --head "$(printf '0%.0s' {1..64})")"

if command -v openssl >/dev/null; then
  openssl genpkey -algorithm ed25519 -out "$w/key.pem" 2>/dev/null
  openssl pkey -in "$w/key.pem" -pubout -out "$w/public.pem"
  openssl genpkey -algorithm ed25519 -out "$w/other.pem" 2>/dev/null
  openssl pkey -in "$w/other.pem" -pubout -out "$w/other-public.pem"
  openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out "$w/rsa.pem" 2>/dev/null
  sha256sum "$case" >"$w/before"
  equal "seal" 0 "$(code "$ASSAY" case seal --case "$case" --key "$w/key.pem" --out "$w/mail.seal")"
  check "a seal leaves the case as it is" sha256sum --quiet -c "$w/before"
  equal "a seal is never overwritten" 2 "$(code "$ASSAY" case seal --case "$case" --key "$w/key.pem" --out "$w/mail.seal")"
  equal "an RSA key is refused" 2 "$(code "$ASSAY" case seal --case "$case" --key "$w/rsa.pem" --out "$w/rsa.seal")"
  check "... with the way to make the right one" grep -q 'openssl genpkey -algorithm ed25519' "$w/err"
  equal "verify with the seal and the signer's key" 0 "$(code "$ASSAY" case verify --case "$case" --seal "$w/mail.seal" --public-key "$w/public.pem")"
  check "... says that the file is the very one" grep -q 'byte for byte, the one that was sealed' "$w/out"
  equal "another signer's key" 1 "$(code "$ASSAY" case verify --case "$case" --seal "$w/mail.seal" --public-key "$w/other-public.pem")"
  # openssl alone, as docs/verbs/case.md says.
  jq -j .statement "$w/mail.seal" >"$w/statement"
  jq -r .signature "$w/mail.seal" | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read().strip()))' >"$w/signature"
  check "openssl alone checks the signature" openssl pkeyutl -verify -rawin -pubin -inkey "$w/public.pem" -in "$w/statement" -sigfile "$w/signature"
  told "edited bytes" custody.py edits "$ASSAY" "$case" "$w/mail.seal" "$w/edited.case"
else
  skip "seals (openssl is not there)"
fi

told "the return fits its schema" answer.py schema "$w/return.json" docs/return.schema.json
check "the return names neither hosts, people nor addresses" bash -c "! grep -niE 'ctx-gw|okafor|lindqvist|larkmoor|198[.]18[.]|10[.]20[.]|192[.]0[.]2' '$w/return.json' '$w/return.json.txt'"
check "... it holds every claim" bash -c "[ \$(jq '.claims | length' '$w/return.json') -eq \$(jq '.claims | length' '$w/mail.json') ]"
check "... and is small" bash -c "[ \$(stat -c %s '$w/return.json') -lt 200000 ]"
"$ASSAY" report --case "$case" --return "$w/again.json" --pseudonym institute-17
same "the return from the case is the same" "$w/return.json" "$w/again.json"

# Ten answers; the fourth cannot be used at first.
printf '%s\n' 'Larkmoor "Institute": vaccines' health-research GB '10.20.0.0/99' '10.20.0.0/16, 192.0.2.0/24' larkmoor.example 58 \
  'ctx-gw-01; Citrix ADC; 12.1; 2020-01-24; yes' 'ctx-gw-02; Citrix ADC; ?; ?; no' '' '10.20.1.30; 10.20.1.25' 192.0.2.250 'vx19, eln-01' |
  "$ASSAY" profile new --ask --out "$w/asked.yaml" 2>"$w/asked.txt"
check "a bad answer is asked for again" grep -q 'That cannot be used' "$w/asked.txt"
check "the answers make a profile" bash -c "'$ASSAY' profile check '$w/asked.yaml' | grep -q '58 hosts in scope, 2 own networks, 1 own domains'"
check "... with both gateways" bash -c "[ \$(grep -c 'ctx-gw-0' '$w/asked.yaml') -eq 2 ]"
check "no answers make a profile too" bash -c "'$ASSAY' profile new --ask </dev/null 2>/dev/null >'$w/none.yaml' && '$ASSAY' profile check '$w/none.yaml'"

"$ASSAY" man >"$w/assay.1"
for verb in hunt assess explain report case advisory rules evidence profile; do
  check "the manual knows $verb" grep -q "^.SS assay $verb" "$w/assay.1"
done
if command -v man >/dev/null; then check "the manual renders without a warning" bash -c "[ -z \"\$(man --warnings -l '$w/assay.1' 2>&1 >/dev/null)\" ]"; fi
"$ASSAY" completion bash >"$w/assay.bash"
complete_words() { bash -c "source '$w/assay.bash'; COMP_WORDS=($1); COMP_CWORD=$2; _assay; printf '%s\n' \"\${COMPREPLY[@]}\""; }
equal "completion of a verb" hunt "$(complete_words 'assay hu' 1)"
equal "completion of an option" --profile "$(complete_words 'assay hunt --prof' 2)"
equal "completion of what a verb does" verify "$(complete_words 'assay case ver' 2)"
finish

# TLS on port 25. With a record of SMTP of the same connection it is ordinary mail (STARTTLS). Where the sensor keeps no SMTP at all it cannot be said, and the
# answer says so. A peer that never speaks SMTP, while SMTP is recorded, is found.
source "$(dirname "$0")/../lib.sh"
zeek() { printf '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t%s\n#fields\t%s\n#types\t%s\n' "$1" "$2" "$3"; }
start=1588291200 # 1 May 2020
ssl() { # FOLDER PEER
  [ -f "$1/ssl.log" ] || zeek ssl $'ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tversion\tserver_name' $'time\tstring\taddr\tport\taddr\tport\tstring\tstring' >"$1/ssl.log"
  for day in 1 2 3 4 5; do printf '%s.000000\tC%s%s\t10.20.10.25\t5%03d\t%s\t25\tTLSv12\t-\n' $((start + day * 86400 + 3600)) "${2##*.}" "$day" "$day" "$2"; done >>"$1/ssl.log"
}
smtp() { # FOLDER PEER
  [ -f "$1/smtp.log" ] || zeek smtp $'ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\thelo' $'time\tstring\taddr\tport\taddr\tport\tstring' >"$1/smtp.log"
  for day in 1 2 3 4 5; do printf '%s.000000\tC%s%s\t10.20.10.25\t5%03d\t%s\t25\tmx.example.org\n' $((start + day * 86400 + 3600)) "${2##*.}" "$day" "$day" "$2"; done >>"$1/smtp.log"
}
mkdir -p "$ASSAY_WORK"/{mail,blind,implant}
ssl "$ASSAY_WORK/mail" 198.51.100.25
smtp "$ASSAY_WORK/mail" 198.51.100.25
ssl "$ASSAY_WORK/blind" 198.51.100.25
ssl "$ASSAY_WORK/implant" 198.51.100.25
smtp "$ASSAY_WORK/implant" 198.51.100.25
ssl "$ASSAY_WORK/implant" 203.0.113.77
found() { ask "$1" '[.sightings[] | select(.detector.id == "b258f40a-5ddd-5b31-bf4e-27c1be0542a1") | .count] | add // 0'; }
claim() { ask "$1" '.claims[] | select(.id == "claim.wellmail-tls25") | .state'; }
cannot() { ask "$1" '[.notices[] | select(.kind == "gap" and (.where | test("cannot say whether .TLS on port 25"))) | .count] | add // 0'; }
for name in mail blind implant; do answer "$name" "$ASSAY_WORK/$name" --profile demo/profile.yaml; done
equal "STARTTLS is ordinary mail" "0 0" "$(found mail) $(cannot mail)"
equal "without any log of SMTP nothing is claimed, and what cannot be said is counted" "0 5" "$(found blind) $(cannot blind)"
equal "without any log of SMTP the claim cannot be said" cannot_say "$(claim blind)"
equal "and nothing of it was visible" 0 "$(ask blind '.claims[] | select(.id == "claim.wellmail-tls25") | .visible')"
equal "a peer that never speaks SMTP, while SMTP is recorded, is found" "5 0" "$(found implant) $(cannot implant)"
equal "and the claim is seen" seen "$(claim implant)"
rm -f "$ASSAY_WORK"/*.case
finish

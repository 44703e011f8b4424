# The whole intrusion case with one worker and with two: the same answer and the same export, byte for byte.
source "$(dirname "$0")/../lib.sh"
for jobs in 1 2; do
  answer "jobs$jobs" demo/intrusion --profile demo/profile.yaml --jobs $jobs
  "$ASSAY" case export --case "$ASSAY_WORK/jobs$jobs.case" >"$ASSAY_WORK/jobs$jobs.jsonl"
done
same "the answer" "$ASSAY_WORK/jobs1.json" "$ASSAY_WORK/jobs2.json"
same "the export" "$ASSAY_WORK/jobs1.jsonl" "$ASSAY_WORK/jobs2.jsonl"
check "the export holds no run facts" bash -c "! grep -qE '\"(pid|host_name|started|ended|peak_kib|jobs)\":' <(grep -vE '^.\"kind\":\"(sighting|tally|advisory|detector)\"' '$ASSAY_WORK/jobs1.jsonl')"
finish

#!/usr/bin/env python3
"""Do two sources agree on time? Findings (jsonl of a hunt) with SourceIp, SourcePort, DestinationIp, DestinationPort against Zeek's conn.log.
  clock_match.py FINDINGS CONN_LOG    prints: pairs, pairs within 30 s of the middle, middle of the differences in seconds"""
import datetime
import json
import sys

epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def seconds(text):
    return (datetime.datetime.fromisoformat(text[:26].rstrip("Z") + "+00:00") - epoch).total_seconds()


flows, names = {}, []
for line in open(sys.argv[2], errors="replace"):
    cells = line.rstrip("\n").split("\t")
    if cells[0] == "#fields":
        names = cells[1:]
    elif not line.startswith("#"):
        row = dict(zip(names, cells))
        flows.setdefault((row["id.orig_h"], row["id.orig_p"], row["id.resp_h"], row["id.resp_p"]), []).append(float(row["ts"]))
apart = []
for line in open(sys.argv[1]):
    finding = json.loads(line)
    fields = finding["fields"]
    if "SourcePort" not in fields or finding["count"] != 1:
        continue
    here = (fields["SourceIp"], fields["SourcePort"], fields["DestinationIp"], fields["DestinationPort"])
    for key in (here, here[2:] + here[:2]):
        times = flows.get(key, [])
        if len(times) == 1:
            apart.append(seconds(finding["time"]) - times[0])
apart.sort()
middle = apart[len(apart) // 2] if apart else 0
print(len(apart), sum(1 for a in apart if abs(a - middle) <= 30), round(middle))

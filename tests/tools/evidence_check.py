#!/usr/bin/env python3
"""What `assay evidence check` must hold on any evidence: every file is named, bytes and records add up.
  evidence_check.py PROGRAM PATH...    one line "ok ..." or "FAILED ...<tab>detail" for each path"""
import json
import os
import subprocess
import sys


def wrong_of(program, path):
    run = subprocess.run([program, "evidence", "check", path, "--names", "--format", "json"], capture_output=True, text=True)
    if run.returncode not in (0, 3):
        return ["exit code %d: %s" % (run.returncode, run.stderr[-300:])], 0
    answer = json.loads(run.stdout)
    wrong, named = [], set()
    noted = {notice["item"] for notice in answer["notices"]}
    for item in answer["evidence"]:
        named.add(item["path"])
        named.update(item["copies"])
        if sum(item["read"].values()) != item["bytes"]:
            wrong.append("bytes of %s: %s of %d" % (item["path"], item["read"], item["bytes"]))
        for name in [item["path"]] + item["copies"]:
            if os.path.isfile(name) and os.path.getsize(name) != item["bytes"]:
                wrong.append("size of %s: %d, and %d were read" % (name, os.path.getsize(name), item["bytes"]))
        if any(notice["kind"] == "recognised_not_read" and notice["item"] == item["path"] for notice in answer["notices"]) and item["read"]["record_bytes"]:
            wrong.append("not read, yet bytes of %s stand as read" % item["path"])
        if item["kind"] == "records" and sum(item["routes"].values()) != item["records"]:
            wrong.append("routes of %s: %s of %d" % (item["path"], item["routes"], item["records"]))
        if item["dropped"]["outside"] + item["dropped"]["copies"] > item["records"]:
            wrong.append("more left out than read: " + item["path"])
    totals = answer["totals"]
    if totals["records"] != totals["kept"] + totals["outside"] + totals["copied"]:
        wrong.append("records: %s" % totals)
    files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names] or [path]
    wrong += ["nothing is said of " + name for name in files if name not in named and name not in noted]
    return wrong, len(files)


for path in sys.argv[2:]:
    wrong, files = wrong_of(sys.argv[1], path)
    title = "%s: all %d files are named, bytes and records add up" % (os.path.basename(path.rstrip("/")), files)
    print("FAILED %s\t%s" % (title, "; ".join(wrong[:5])) if wrong else "ok " + title)

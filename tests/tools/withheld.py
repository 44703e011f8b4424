#!/usr/bin/env python3
"""A case with and without one source: withheld.py WHOLE.json LESS.json. Prints lines "ok X" or "FAILED X<tab>why"."""
import json
import sys

whole, less = (json.load(open(path)) for path in sys.argv[1:])
RANK = {None: 0, "low": 0, "moderate": 1, "high": 2}
SLACK = 1e-6


def say(title, problems):
    print("ok %s" % title if not problems else "FAILED %s\t%s" % (title, "; ".join(problems[:5])))


lower, surer = [], []
after = {q["id"]: q for q in less["questions"]}
for q in whole["questions"]:
    now = after[q["id"]]
    # A question that cannot be said any more claims nothing; its figure must not be lower either.
    if now["model_probability"] < q["model_probability"] - SLACK:
        lower.append("%s %.4f -> %.4f" % (q["id"], q["model_probability"], now["model_probability"]))
    if now["state"] == "judged" and q["state"] == "judged" and RANK[now["confidence"]] > RANK[q["confidence"]]:
        surer.append("%s %s -> %s" % (q["id"], q["confidence"], now["confidence"]))
say("no probability falls", lower)
say("no confidence rises", surer)
claims = {c["id"]: c for c in less["claims"]}
hidden = []
for claim in whole["claims"]:
    now = claims.get(claim["id"])
    if now is None:
        hidden.append("%s is gone" % claim["id"])
    elif now["visible"] > claim["visible"] + SLACK:
        hidden.append("%s: visible %.3f -> %.3f" % (claim["id"], claim["visible"], now["visible"]))
    elif claim["state"] == "cannot_say" and now["state"] == "not_seen":
        hidden.append("%s: cannot say -> not seen" % claim["id"])
say("no lost claim is hidden", hidden)
seen = [q["id"] for q in less["questions"] if q["state"] == "judged" and q["would_have_seen"] > {x["id"]: x for x in whole["questions"]}[q["id"]]["would_have_seen"] + SLACK]
say("no negative is said to be better seen", seen)

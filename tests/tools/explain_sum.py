#!/usr/bin/env python3
"""Redoes by hand what `assay explain QUESTION` prints: explain_sum.py ASSAY CASE ANSWER.json

Reads only the printed page: prior and lines are added, the sum becomes a probability, cap and clip are applied, and the result must be the figure
that the page states and the one of the JSON answer. Prints one line a question: ok or FAILED, a tab, why."""
import json
import re
import subprocess
import sys

assay, case, answer = sys.argv[1:]
questions = json.load(open(answer))["questions"]
for question in questions:
    name = question["id"]
    text = subprocess.run([assay, "explain", name, "--case", case, "--no-color"], capture_output=True, text=True, check=True).stdout
    lines = text.splitlines()
    start = lines.index("  log10 odds")
    total, count, prior = 0.0, 0, None
    for line in lines[start + 1:]:
        if line.strip().startswith("---"):
            break
        match = re.match(r"^ {2,4}([+-]\d+\.\d{4})  (.*)", line)
        if not match:
            continue  # a reason's second line
        total += float(match.group(1))
        count += 1
        if match.group(2).startswith("prior: probability "):
            prior = float(match.group(2).split()[2])
    probability = 10 ** total / (1 + 10 ** total)
    cap = re.search(r"capped to (\d\.\d+):", text)
    if cap:
        probability = min(probability, float(cap.group(1)))
    probability = min(max(probability, 0.01), 0.99)
    problems = []
    if prior is None or abs(prior - question["prior"]) > 1e-6:
        problems.append("prior %s, answer %s" % (prior, question["prior"]))
    # Each printed line is rounded to four decimals.
    if abs(probability - question["model_probability"]) > 0.0002 * (1 + count):
        problems.append("by hand %.5f, answer %.5f" % (probability, question["model_probability"]))
    if "DO NOT ADD UP" in text:
        problems.append("the page says that its lines do not add up")
    stated = re.search(r"^ +(?:= |stated: )(\d\.\d{4})", text, re.M)
    if question["state"] == "judged" and (not stated or abs(float(stated.group(1)) - question["model_probability"]) > 6e-5):
        problems.append("the page does not state %.4f" % question["model_probability"])
    print("ok %s" % name if not problems else "FAILED %s\t%s" % (name, "; ".join(problems)))

#!/usr/bin/env python3
"""A copy of evidence in which one source's clock is wrong.
  clock_shift.py FROM TO SECONDS    FROM is a log of the demo (access log, syslog, JSON lines with @timestamp, .gz and .zst, tar of Zeek logs); TO its copy"""
import datetime
import gzip
import io
import re
import subprocess
import sys
import tarfile

source, target, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3])
shift = datetime.timedelta(seconds=seconds)


def clf(match):
    moved = datetime.datetime.strptime(match.group(1).decode(), "%d/%b/%Y:%H:%M:%S") + shift
    return b"[" + moved.strftime("%d/%b/%Y:%H:%M:%S").encode() + b" "


def iso(match):
    moved = datetime.datetime.strptime(match.group(1).decode(), "%Y-%m-%dT%H:%M:%S") + shift
    return b'"@timestamp":"' + moved.strftime("%Y-%m-%dT%H:%M:%S").encode() + match.group(2)


def stamp(match):
    """RFC 3164 has no year: the demo's is 2020."""
    moved = datetime.datetime.strptime("2020 " + match.group(0).decode(), "%Y %b %d %H:%M:%S") + shift
    return moved.strftime("%b %e %H:%M:%S").encode()


def text(data):
    if re.match(rb"[A-Z][a-z]{2} [ \d]\d \d\d:", data):
        return re.sub(rb"(?m)^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d", stamp, data)
    if data.startswith(b"{"):
        return re.sub(rb'"@timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([^"]*)', iso, data)
    if data.startswith(b"#separator"):
        lines = [re.sub(rb"^(\d+)(\.\d+\t)", lambda m: b"%d%s" % (int(m.group(1)) + seconds, m.group(2)), line) for line in data.split(b"\n")]
        return b"\n".join(lines)
    return re.sub(rb"\[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d) ", clf, data)


def log(name, data):
    if name.endswith(".gz"):
        return gzip.compress(text(gzip.decompress(data)), 1)
    if name.endswith(".zst"):
        plain = subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout
        return subprocess.run(["zstd", "-1", "-c"], input=text(plain), capture_output=True, check=True).stdout
    return text(data)


with open(source, "rb") as file:
    data = file.read()
if source.endswith(".tar"):
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            content = old.extractfile(member)
            if content is None:
                new.addfile(member)
                continue
            moved = log(member.name, content.read())
            member.size = len(moved)
            new.addfile(member, io.BytesIO(moved))
    data = out.getvalue()
else:
    data = log(source, data)
with open(target, "wb") as file:
    file.write(data)

#!/usr/bin/env python3
"""Changes a sealed case in many ways and looks whether `assay case verify --seal` finds each.

  custody.py edits ASSAY CASE SEAL COPY    bytes flipped, cut off, added and moved: all must be found
"""
import random
import subprocess
import sys


def edits(assay, case, seal, copy):
    with open(case, "rb") as file:
        whole = file.read()
    chance = random.Random(20200716)
    kinds = {"flipped": 0, "cut": 0, "added": 0, "moved": 0}
    missed = []
    for i in range(40):
        kind = list(kinds)[i % len(kinds)]
        data = bytearray(whole)
        at = chance.randrange(len(data))
        if kind == "flipped":
            data[at] ^= 1 << chance.randrange(8)
        elif kind == "cut":
            del data[at:]
        elif kind == "added":
            data[at:at] = b"x"
        else:
            other = chance.randrange(len(data) - 4096)
            data[other : other + 4096], data[:4096] = data[:4096], data[other : other + 4096]
        if bytes(data) == whole:
            continue
        with open(copy, "wb") as file:
            file.write(data)
        status = subprocess.run([assay, "case", "verify", "--case", copy, "--seal", seal], capture_output=True, check=False)
        kinds[kind] += 1
        if status.returncode not in (1, 2):
            missed.append("%s at %d: exit code %d" % (kind, at, status.returncode))
    for kind, number in kinds.items():
        bad = [one for one in missed if one.startswith(kind)]
        print("FAILED %s\t%s" % (kind, "; ".join(bad)) if bad else "ok %s, %d times" % (kind, number))


if __name__ == "__main__":
    if sys.argv[1] == "edits":
        edits(*sys.argv[2:])

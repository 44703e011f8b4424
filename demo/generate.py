#!/usr/bin/env python3
"""Writes the Larkmoor demo evidence. Same arguments, same bytes.

  demo/generate.py [--case intrusion|background|both] [--out DIR] [--scale N] [--seed TEXT]

Needs Python 3.9 or later and the zstd command, nothing else. What is planted, and what must be answered, stands in docs/demo.md.
"""

import argparse
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from larkmoor import case as plan                                                              # noqa: E402
from larkmoor import dhcp, edr, fileserver, firewall, gateway, linux, mail, profile, proxy     # noqa: E402
from larkmoor import trace, trees, vpn, windows, zeek                                          # noqa: E402


def write_case(case, folder):
    for part in ("gateway", "vpn", "zeek", "proxy", "firewall", "windows", "fileserver", "linux", "dhcp", "mail-trace", "mail", "edr", "files", "av"):
        shutil.rmtree(os.path.join(folder, part), ignore_errors=True)
    web = proxy.Proxy(case)
    edge = firewall.Firewall(case)
    counts = [
        ("gateway", gateway.write(case, folder)),
        ("vpn", vpn.write(case, folder)),
        ("proxy", web.write(folder)),
        ("zeek", zeek.write(case, web, edge, folder)),
        ("firewall", firewall.write(edge, folder)),
        ("windows", windows.write(case, folder)),
        ("fileserver", fileserver.write(case, folder)),
        ("linux", linux.write(case, folder)),
        ("dhcp", dhcp.write(case, folder)),
        ("mail-trace", trace.write(case, folder)),
        ("mail", mail.write(case, folder)),
        ("edr, av", edr.write(case, folder)),
        ("files", trees.write(case, folder)),
    ]
    for name, count in counts:
        print("%-11s %-11s %s" % (case.name, name, count), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description="Writes the Larkmoor demo evidence.")
    parser.add_argument("--case", choices=("intrusion", "background", "both"), default="both")
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--scale", type=int, default=1, help="multiplies the ordinary traffic; planted rows stay as they are")
    parser.add_argument("--seed", default="larkmoor-2020")
    options = parser.parse_args()
    if options.scale < 1:
        parser.error("--scale must be at least 1")
    names = ("intrusion", "background") if options.case == "both" else (options.case,)
    for name in names:
        write_case(plan.make(name, options.seed, options.scale), os.path.join(options.out, name))
    profile.write(options.out)


if __name__ == "__main__":
    main()

"""run_page.py PAGE FOLDER PROGRAM: writes the ```text NAME blocks of a page into the folder, runs the "$ " lines of its ```console
blocks there (assay is PROGRAM), and compares what they print, standard error first, with what stands below them."""
import os
import re
import subprocess
import sys

page, folder, program = sys.argv[1:4]
text = open(page, encoding="utf-8").read()
for name, body in re.findall(r"^```text (\S+)\n(.*?)^```$", text, re.M | re.S):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(body)
environment = dict(os.environ, XDG_DATA_HOME=os.path.join(folder, "data"), LC_ALL="C")
commands = 0


def run(match):
    global commands
    command, _, _ = match.group(1).partition("\n")
    commands += 1
    done = subprocess.run(
        ["bash", "-c", "assay() { \"%s\" \"$@\"; }\n%s" % (program, command[2:])],
        cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return "```console\n%s\n%s```" % (command, done.stderr + done.stdout)


fresh = re.sub(r"^```console\n(\$ .*?)^```$", run, text, flags=re.M | re.S)
if commands == 0:
    sys.exit("%s has no command" % page)
if fresh == text:
    sys.exit(0)
if os.environ.get("ASSAY_UPDATE_GOLDENS"):
    with open(page, "w", encoding="utf-8") as out:
        out.write(fresh)
    sys.exit(0)
import difflib

sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), fresh.splitlines(True), page, "the program"))
sys.exit(1)

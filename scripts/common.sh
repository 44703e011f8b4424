# Shared by the scripts: where the project is, how many jobs, how to speak. Sourced, never run.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
jobs=${JOBS:-$(nproc)}

# Progress goes to stderr: stdout belongs to data.
say() { printf '%s\n' "== $*" >&2; }
die() { printf '%s\n' "$(basename "$0"): $*" >&2; exit 2; }

# Every file of the project, one a line: what git tracks, or, without git, what is there outside build/.
project_files() {
  if command -v git >/dev/null && git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard
  else
    find . -type f ! -path './.git/*' ! -path './build/*' ! -name '*.case*' -printf '%P\n'
  fi | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done | LC_ALL=C sort
}

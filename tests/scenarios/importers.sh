#!/usr/bin/env bash
# The pages of docs/importers: each example file is written, each command is run, and what it prints is what the page says.
# ASSAY_UPDATE_GOLDENS=1 rewrites the pages.
source "$(dirname "$0")/../lib.sh"
program=$(realpath "$ASSAY")
work=$(realpath "$ASSAY_WORK")
for page in docs/importers/*.md; do
  name=$(basename "$page" .md)
  mkdir -p "$work/$name"
  check "the commands of $page" python3 tests/tools/run_page.py "$page" "$work/$name" "$program"
done
finish

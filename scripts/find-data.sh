# Sets and exports ASSAY_DATA: the folder of real data, or empty when there is none. Sourced by scripts/test and bench/run.
# ASSAY_DATA of the caller wins; else ../shared/data is unpacked once into build/data. Nothing of it is ever committed.
# shellcheck shell=bash
if [ -z "${ASSAY_DATA:-}" ]; then
  ASSAY_DATA=
  if [ -x ../shared/data/unpack ]; then
    if [ ! -e build/data/.complete ]; then
      say "unpacking ../shared/data into build/data, once"
      mkdir -p build/data
      if ../shared/data/unpack build/data; then touch build/data/.complete; fi
    fi
    if [ -e build/data/.complete ]; then ASSAY_DATA=$root/build/data; fi
  fi
fi
if [ -n "$ASSAY_DATA" ] && [ ! -d "$ASSAY_DATA" ]; then die "ASSAY_DATA names no folder: $ASSAY_DATA"; fi
export ASSAY_DATA

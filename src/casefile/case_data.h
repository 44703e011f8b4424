// What a case holds for one run, as plain data: the input of assess and report. casefile/case.h stores and reads it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "casefile/judgement.h"
#include "core/coverage.h"
#include "core/notice.h"
#include "core/sighting.h"
#include "core/table.h"
#include "knowledge/advisory.h"
#include "knowledge/profile.h"
#include "rules/rule_set.h"

namespace assay {

struct EvidenceItem {
  std::string id;                   // "E0001", given in order of path chain
  std::string path;                 // chain: "zeek.tar!conn.log.gz!conn.log"; '!' leads into a container
  std::string parent;               // id of the container; "" at the top
  std::string member;               // last step of the chain inside the parent
  std::vector<std::string> copies;  // path chains with the same bytes
  std::string shape;                // schema or format name; "" not recognised
  std::string kind;                 // "records" | "container" | "blob" | "empty" | "unreadable" | "special"
  std::uint64_t bytes = 0, records = 0, damaged = 0, skipped_bytes = 0;
  Time first, last;
  std::vector<std::string> hosts;  // at most 64, sorted
  std::string sha256;
  // Conservation: bytes = record_bytes + between_bytes + damaged_bytes + skipped_bytes, and of the records `outside`
  // (of --from and --to) and `copied` (held by another item too, counted there) were left out after reading.
  std::uint64_t record_bytes = 0, between_bytes = 0, damaged_bytes = 0, outside = 0, copied = 0;
  std::map<std::string, std::uint64_t> routes = {};  // "shape/route" -> records
};

struct Mention {
  std::string evidence;  // id
  std::string advisory;  // advisory id; "" for rule files
  std::uint64_t count = 0;
};

struct CaseData {
  bool complete = true, reproducible = true;
  std::string not_reproducible_because;
  Time as_of;
  std::vector<EvidenceItem> evidence;   // by id
  std::vector<DetectorInfo> catalogue;  // rules, indicators that were met, YARA, analytics
  std::vector<NotLoaded> not_loaded, not_evaluable;
  std::vector<NotLoaded> blind;  // path = shape/route, id = rule, reason = field
  std::uint64_t rules_loaded = 0, indicators_loaded = 0;
  std::vector<Sighting> sightings;  // canonical order: detector, host, time, id; findings numbered; mentions apart
  std::vector<Mention> mentions;
  std::vector<Notice> notices;
  std::vector<Table>
      tables;  // coverage, field_coverage and the analytics' tables, copies left out, without item key unless named
  std::vector<Disposition> dispositions;  // in the order they were made
  std::vector<Statement> statements;
  Time today;  // wall clock of whoever looks; dispositions expire by it. Not known: none has expired
  Knowledge knowledge;
  Profile profile;
  std::uint64_t records_total = 0, duplicates_total = 0;
  [[nodiscard]] const Table* table(std::string_view name) const {
    for (const Table& t : tables) {
      if (t.spec().name == name) return &t;
    }
    return nullptr;
  }
};

}  // namespace assay

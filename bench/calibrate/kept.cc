#include "kept.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string_view>

#include "core/ascii.h"

namespace assay::calibrate {
namespace {

bool is_generic(const DetectorInfo& one) {
  return one.kind == DetectorKind::sigma && (one.meaning.klass.empty() || one.meaning.klass == "generic") &&
         one.advisory.empty();
}

// Hosts of one machine under several names: "ws5.lab.example" and "WS5".
std::string short_name(const std::string& host) {
  if (host.find_first_not_of("0123456789.") == std::string::npos) return host;
  return lower(host.substr(0, host.find('.')));
}

std::string clean(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n'; }, ' ');
  return text;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= line.size();) {
    const std::size_t to = std::min(line.find('\t', from), line.size());
    out.push_back(line.substr(from, to - from));
    from = to + 1;
  }
  return out;
}

std::string tactics(const DetectorInfo& rule) {
  std::string out;
  for (const std::string& tag : rule.tags) {
    std::string plain = lower(tag);
    std::replace(plain.begin(), plain.end(), '_', '-');
    // Techniques, groups and software have a number: "attack.t1059", "attack.g0016".
    if (!plain.starts_with("attack.") || plain.find_first_of("0123456789") != std::string::npos) continue;
    out += (out.empty() ? "" : ",") + plain.substr(7);
  }
  return out;
}

}  // namespace

std::string kept_text(const CaseData& data, const std::string& name, const std::string& path) {
  std::string out = fmt::format("capture\t{}\t{}\n", clean(name), clean(path));
  std::set<std::string> items, host_days;
  for (const EvidenceItem& item : data.evidence) {
    if (item.records > 0) items.insert(item.sha256);
  }
  for (const std::string& item : items) out += fmt::format("item\t{}\n", item);
  if (const Table* coverage = data.table("coverage"); coverage != nullptr) {
    for (const auto& [key, row] : coverage->rows()) {
      if (!key[2].empty())
        host_days.insert(fmt::format("day\t{}\t{}\t{}\n", key[1], clean(short_name(key[2])), key[3]));
    }
  }
  for (const std::string& line : host_days) out += line;
  std::map<std::string, const DetectorInfo*> rules;
  for (const DetectorInfo& one : data.catalogue) {
    if (is_generic(one)) rules[one.id] = &one;
  }
  std::set<std::string> fired;
  for (const Sighting& s : data.sightings) {
    const auto rule = rules.find(s.detector_id);
    if (s.mention || s.host.empty() || !s.time.known() || rule == rules.end()) continue;
    if (fired.insert(s.detector_id).second) out += fmt::format("rule\t{}\t{}\n", s.detector_id, tactics(*rule->second));
    out += fmt::format("saw\t{}\t{}\t{}\t{}\t{}\n", s.detector_id, clean(short_name(s.host)), s.time.ns,
                       s.until.known() ? s.until.ns : s.time.ns, s.count);
  }
  return out;
}

std::string kept_rules(const CaseData& data) {
  std::string out;
  for (const DetectorInfo& one : data.catalogue) {
    if (is_generic(one)) out += fmt::format("{}\t{}\t{}\n", one.id, one.level, clean(one.title));
  }
  return out;
}

Result<Capture> read_kept(const std::string& file) {
  Capture out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> field = fields_of(line);
    const std::string& kind = field[0];
    const auto number = [&](std::size_t i) { return static_cast<std::int64_t>(std::atoll(field[i].c_str())); };
    if (kind == "capture" && field.size() == 3) {
      out.name = field[1];
      out.path = field[2];
    } else if (kind == "item" && field.size() == 2) {
      out.bytes += field[1] + " ";
    } else if (kind == "day" && field.size() == 4) {
      out.host_days.push_back({field[1], field[2], number(3)});
    } else if (kind == "rule" && field.size() == 3) {
      std::vector<std::string>& list = out.tactics_of[field[1]];
      for (std::size_t from = 0; from < field[2].size();) {
        const std::size_t to = std::min(field[2].find(',', from), field[2].size());
        list.push_back(field[2].substr(from, to - from));
        from = to + 1;
      }
    } else if (kind == "saw" && field.size() == 6) {
      out.seen.push_back({field[1], field[2], Time{number(3)}, Time{number(4)}, static_cast<std::uint64_t>(number(5))});
    } else {
      return Error{ErrorCode::bad_input, fmt::format("a line of no known kind: {}", line), file,
                   "remove the folder and run scripts/calibrate again"};
    }
  }
  return out;
}

std::vector<DetectorInfo> read_rules(const std::string& file) {
  std::vector<DetectorInfo> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> field = fields_of(line);
    if (field.size() != 3) continue;
    DetectorInfo one;
    one.kind = DetectorKind::sigma;
    one.id = field[0];
    one.level = field[1];
    one.title = field[2];
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace assay::calibrate

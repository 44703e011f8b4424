// assay advisory diff OLD NEW: what a later version of an advisory adds, withdraws and changes.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/advisory_verbs.h"
#include "cli/store.h"
#include "content/content.h"

namespace assay::cli {

std::optional<Advisory> read_named(const std::string& name, const std::string& store) {
  const auto built_in = built_in_advisories();
  std::optional<std::string> bytes;
  if (std::find(built_in.begin(), built_in.end(), name) != built_in.end()) {
    bytes = std::string(content::find("advisories/" + name + "/bundle.json"));
  } else {
    bytes = read_whole_file(name);
    const std::string folder = store_folder(store);
    if (!bytes && !folder.empty() && name.find('/') == std::string::npos)
      bytes = read_whole_file(stored_path(folder, name));
  }
  if (!bytes) {
    complain(Error{ErrorCode::not_found, "there is no such advisory", name,
                   "name a STIX 2.1 file or one in force (assay advisory list)"});
    return std::nullopt;
  }
  auto advisory = read_stix(name, *bytes);
  if (!advisory.ok()) {
    complain(advisory.error());
    return std::nullopt;
  }
  return std::move(advisory).value();
}

namespace {

struct Change {
  std::string what, id, name;      // what: added, removed, changed
  std::vector<std::string> parts;  // "valid_until: 2020-05-01 -> none"
};

std::string or_none(const std::string& text) { return text.empty() ? "none" : text; }
std::string joined(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return fmt::format("{}", fmt::join(list, ", "));
}

void part(std::vector<std::string>& out, std::string_view name, const std::string& a, const std::string& b) {
  if (a != b) out.push_back(fmt::format("{}: {} -> {}", name, or_none(a), or_none(b)));
}

// Indicators are the same by their id, else by type and pattern: an importer's ids hang on the publisher, values do
// not.
std::vector<Change> indicators(const Advisory& a, const Advisory& b) {
  std::map<std::string, const AdvisoryIndicator*> by_id, by_pattern;
  for (const AdvisoryIndicator& one : a.indicators) {
    by_id[one.id] = &one;
    by_pattern[one.pattern_type + "\x1f" + one.pattern] = &one;
  }
  std::map<const AdvisoryIndicator*, bool> met;
  std::vector<Change> out;
  for (const AdvisoryIndicator& one : b.indicators) {
    const AdvisoryIndicator* old = nullptr;
    if (const auto at = by_id.find(one.id); at != by_id.end()) old = at->second;
    if (const auto at = by_pattern.find(one.pattern_type + "\x1f" + one.pattern);
        old == nullptr && at != by_pattern.end())
      old = at->second;
    if (old == nullptr) {
      if (!one.revoked) out.push_back({"added", one.id, one.name.empty() ? one.pattern : one.name, {}});
      continue;
    }
    met[old] = true;
    if (one.revoked && !old->revoked) {
      out.push_back({"removed", one.id, one.name.empty() ? one.pattern : one.name, {"revoked by its publisher"}});
      continue;
    }
    Change change{"changed", one.id, one.name.empty() ? one.pattern : one.name, {}};
    part(change.parts, "pattern", old->pattern, one.pattern);
    part(change.parts, "valid_from", format_utc(old->valid_from), format_utc(one.valid_from));
    part(change.parts, "valid_until", format_utc(old->valid_until), format_utc(one.valid_until));
    part(change.parts, "confidence", old->confidence < 0 ? "" : std::to_string(old->confidence),
         one.confidence < 0 ? "" : std::to_string(one.confidence));
    part(change.parts, "claims", joined(old->claims), joined(one.claims));
    part(change.parts, "class", old->klass, one.klass);
    part(change.parts, "stage", old->stage, one.stage);
    part(change.parts, "indicates", joined(old->indicates), joined(one.indicates));
    part(change.parts, "weighed", old->weightless ? "no" : "yes", one.weightless ? "no" : "yes");
    part(change.parts, "mark", old->mark, one.mark);
    if (old->revoked && !one.revoked) change.parts.emplace_back("revoked: yes -> no");
    if (!change.parts.empty()) out.push_back(std::move(change));
  }
  for (const AdvisoryIndicator& one : a.indicators) {
    if (!met.contains(&one) && !one.revoked)
      out.push_back({"removed", one.id, one.name.empty() ? one.pattern : one.name, {}});
  }
  return out;
}

template <class Thing, class Parts>
std::vector<Change> things(const std::vector<Thing>& a, const std::vector<Thing>& b, Parts parts) {
  std::map<std::string, const Thing*> old;
  for (const Thing& one : a) old[one.id] = &one;
  std::vector<Change> out;
  for (const Thing& one : b) {
    const auto at = old.find(one.id);
    if (at == old.end()) {
      out.push_back({"added", one.id, one.text, {}});
      continue;
    }
    Change change{"changed", one.id, one.text, {}};
    parts(change.parts, *at->second, one);
    if (!change.parts.empty()) out.push_back(std::move(change));
    old.erase(at);
  }
  for (const auto& [id, one] : old) out.push_back({"removed", id, one->text, {}});
  return out;
}

void order(std::vector<Change>& list) {
  std::sort(list.begin(), list.end(), [](const Change& x, const Change& y) {
    return std::tie(x.what, x.name, x.id) < std::tie(y.what, y.name, y.id);
  });
}

Json json_of(const std::vector<Change>& list) {
  Json out = Json::array();
  for (const Change& change : list) {
    Json parts = Json::array();
    for (const std::string& one : change.parts) parts.push(one);
    out.push(
        Json::object({{"change", change.what}, {"id", change.id}, {"name", change.name}, {"parts", std::move(parts)}}));
  }
  return out;
}

std::string text_of(std::string_view title, const std::vector<Change>& list) {
  std::size_t added = 0, removed = 0, changed = 0;
  for (const Change& change : list) {
    added += change.what == "added";
    removed += change.what == "removed";
    changed += change.what == "changed";
  }
  std::string out = fmt::format("\n{}: {} added, {} removed, {} changed\n", title, added, removed, changed);
  for (const Change& change : list) {
    out += fmt::format("  {} {}  {}\n",
                       change.what == "added"     ? '+'
                       : change.what == "removed" ? '-'
                                                  : '~',
                       shown(change.name.substr(0, 100)), shown(change.id));
    for (const std::string& one : change.parts) out += "      " + shown(one) + "\n";
  }
  return out;
}

}  // namespace

int diff_advisories(const AdvisoryArguments& args) {
  const auto a = read_named(args.what[1], args.store);
  if (!a) return 2;
  const auto b = read_named(args.what[2], args.store);
  if (!b) return 2;
  std::vector<std::string> head;
  part(head, "name", a->name, b->name);
  part(head, "version", a->version, b->version);
  part(head, "published", format_date(a->published), format_date(b->published));
  part(head, "activity from", format_date(a->activity_from), format_date(b->activity_from));
  part(head, "activity until", format_date(a->activity_until), format_date(b->activity_until));
  part(head, "marking", std::string(name_of(a->tlp)), std::string(name_of(b->tlp)));
  part(head, "actor", a->actor, b->actor);
  part(head, "publishers", joined(a->publishers), joined(b->publishers));
  auto listed = indicators(*a, *b);
  auto claims = things(a->claims, b->claims, [](auto& out, const Claim& x, const Claim& y) {
    part(out, "text", x.text, y.text);
    part(out, "from", format_utc(x.from), format_utc(y.from));
    part(out, "until", format_utc(x.until), format_utc(y.until));
    part(out, "sources", joined(x.source_classes), joined(y.source_classes));
    part(out, "sensitivity", fmt::format("{}", x.sensitivity), fmt::format("{}", y.sensitivity));
    part(out, "class", x.klass, y.klass);
    part(out, "questions", joined(x.questions), joined(y.questions));
  });
  auto judgements = things(a->judgements, b->judgements, [](auto& out, const Judgement& x, const Judgement& y) {
    part(out, "term", x.term, y.term);
    part(out, "scale", x.scale, y.scale);
    part(out, "text", x.text, y.text);
    part(out, "positions", joined(x.positions), joined(y.positions));
  });
  order(listed);
  order(claims);
  order(judgements);
  if (args.format == "json") {
    Json parts = Json::array();
    for (const std::string& one : head) parts.push(one);
    print(dump_json(Json::object({{"old", Json::object({{"id", a->id}, {"hash", a->hash}})},
                                  {"new", Json::object({{"id", b->id}, {"hash", b->hash}})},
                                  {"head", std::move(parts)},
                                  {"indicators", json_of(listed)},
                                  {"claims", json_of(claims)},
                                  {"judgements", json_of(judgements)}}),
                    2) +
          "\n");
    return 0;
  }
  std::string out = fmt::format("{} -> {}\n", args.what[1], args.what[2]);
  if (a->hash == b->hash) out += "  the same bytes\n";
  for (const std::string& one : head) out += "  " + shown(one) + "\n";
  out += text_of("Indicators", listed) + text_of("Claims", claims) + text_of("Judgements", judgements);
  print(out);
  return 0;
}

}  // namespace assay::cli

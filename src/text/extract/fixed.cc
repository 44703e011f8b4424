// What no weight decides: a value by itself and the few signs that leave no choice.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/ascii.h"
#include "text/extract/lists.h"
#include "text/extract/nature.h"
#include "text/extract/roles.h"
#include "text/extract/words.h"

namespace assay {
namespace {

// What a program in its folder keeps: how it is set, what it did.
bool keeps_records(std::string_view path) {
  static constexpr auto kEndings =
      std::to_array<std::string_view>({".log", ".out", ".properties", ".conf", ".cfg", ".xml", ".ini", ".config"});
  const std::string small = lower(path);
  const bool logs = small.find("/logs/") != small.npos || small.find("\\logs\\") != small.npos ||
                    small.find("/log/") != small.npos || small.find("\\log\\") != small.npos;
  return (logs && small.ends_with(".txt")) ||
         std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return small.ends_with(ending); });
}

// "https://github.com/xmrig/xmrig/releases": the repository has the name of a tool that is known.
// "github.com/a/b", without a scheme: what a program imports.
bool is_repository_of_tool(std::string_view url) {
  const std::string small = lower(url);
  if (small.starts_with("github.com/")) return true;
  const std::size_t site = small.find("github.com/");
  if (site == small.npos) return false;
  const std::vector<std::string_view> steps = split(std::string_view(small).substr(site + 11), '/');
  if (steps.size() < 2) return false;
  std::string_view name = steps[1];
  if (name.ends_with(".git")) name.remove_suffix(4);
  return is_dual_use_tool(name) || is_dual_use_tool(std::string(name) + ".exe");
}

// "https://cert.example/2026-0212.csv": as publishers give out what they list.
bool is_table(std::string_view url) {
  static constexpr auto kEndings = std::to_array<std::string_view>(
      {".csv", ".json", ".stix", ".xlsx", ".txt", ".pdf", ".yar", ".yara", ".rules", ".md"});
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return ends_with_icase(url, ending); });
}

}  // namespace

// What it is by itself, the same of services, an analyst's own files, and four small figures behind the name or the
// word of a product: a version.
std::optional<Nature> fixed_nature(const ValueSigns& value) {
  if (auto nature = nature_of(value.kind, value.value)) return nature;
  const ValueGroup group = group_of(value.kind);
  const auto has = [&](std::string_view name) {
    return std::any_of(value.signs.begin(), value.signs.end(), [&](SignId sign) { return sign_names()[sign] == name; });
  };
  if (!has("cell: bad") && (has("row: leave") || has("cell: leave") || has("sentence after: leave")))
    return Nature{ReportRole::benign, 75, "it is said that this is to be left alone"};
  if (group != ValueGroup::hash && group != ValueGroup::file && group != ValueGroup::path && has("next after: leave") &&
      !has("listed as indicator"))
    return Nature{ReportRole::benign, 70, "it is said that this is to be left alone"};
  if (value.defanged) return std::nullopt;
  if (utility_host(value.kind, value.value) && !anybody_publishes(value.kind, value.value))
    return Nature{ReportRole::benign, 80, "a service of everybody, which nobody else can use"};
  if (has("address of a service")) return Nature{ReportRole::benign, 80, "the address of a service of everybody"};
  if (has("filtered out") && !has("listed as indicator"))
    return Nature{ReportRole::benign, 70, "a query leaves it out"};
  if (value.kind == Observable::file_name && has("of a product") && !has("row has hash") && !has("quoted"))
    return Nature{ReportRole::benign, 70, "a product's name"};
  if (value.kind == Observable::file_name) {
    // Beside its hash it may be another one under that name.
    const bool hashed = has("row has hash") || (has("beside hash") && (has("never listed") || has("alone")));
    const bool masked = has("row: mask") || has("before: mask") || has("next before: mask") || has("title: mask");
    if (!hashed && has("ordinary file") && (has("program") || (!masked && !has("listed as indicator"))))
      return Nature{ReportRole::benign, 75, "a name that software of everybody has"};
    if (!hashed && !masked && has("list mostly known"))
      return Nature{ReportRole::benign, 70, "listed with names that software of everybody has"};
    if (!hashed && has("dual use tool")) return Nature{ReportRole::benign, 75, "a program that anybody may have"};
    if (!hashed && !masked && has("release of a tool") && !has("listed as indicator"))
      return Nature{ReportRole::benign, 70, "a program as its maker gives it out"};
  }
  if ((value.kind == Observable::file_name || value.kind == Observable::file_path) && has("file of a runtime") &&
      !has("row has hash") && !has("beside hash") && !has("row: mask") && !has("before: mask") &&
      !has("next before: mask") && !has("after: mask") && !has("next after: mask") && !has("known, out of place"))
    return Nature{ReportRole::benign, 70, "a part of a runtime that many programs bring along"};
  if (has("page link") && has("only under references"))
    return Nature{ReportRole::reference, 80, "only a link of the page"};
  // A program's own settings and logs tell what was done with it; they are on every machine that has it.
  if (has("in a maker's folder") && !has("listed as indicator") && !has("row has hash") &&
      (value.kind == Observable::registry_key ||
       (value.kind == Observable::file_path && !runs(last_step(value.value)) && !has("no ending"))))
    return Nature{ReportRole::benign, 70, "a program's own settings or logs"};
  if (value.kind == Observable::file_path && has("program folder") && !has("listed as indicator") &&
      !has("row has hash") && keeps_records(value.value))
    return Nature{ReportRole::benign, 70, "a program's own settings or logs"};
  // "| pomona.example | p0mona[.]example |": the one that is not written defanged is the one that is imitated.
  if (value.kind == Observable::domain && has("is imitated") && has("plain among defanged") && has("row has defanged"))
    return Nature{ReportRole::benign, 70, "another in its row imitates it"};
  if (value.kind == Observable::url && has("plain among defanged") && !has("host is address") && is_table(value.value))
    return Nature{ReportRole::reference, 70, "a list to be fetched"};
  if (value.kind == Observable::url && has("service itself"))
    return Nature{ReportRole::reference, 70, "the page of a service, nothing of anybody's own"};
  if (value.kind == Observable::url && (has("shared service") || has("cited site")) &&
      (has("cut at a placeholder") || value.value.ends_with('=')))
    return Nature{ReportRole::benign, 70, "a service of many, and nothing of anybody's own at it"};
  if (value.kind == Observable::url && is_repository_of_tool(value.value))
    return Nature{ReportRole::reference, 70, "where a public tool is kept"};
  if (has("next before: leave") && !has("listed as indicator"))
    return Nature{ReportRole::benign, 70, "it is said that this is to be left alone"};
  // What a compiler leaves of the libraries that a program was made with.
  if (value.kind == Observable::file_path && has("in a library's folder") && has("source code"))
    return Nature{ReportRole::benign, 70, "the source of a library"};
  if (has("reference of a rule")) return Nature{ReportRole::reference, 80, "what a rule refers to"};
  if (group == ValueGroup::hash && has("row: good") && !has("row: bad") && !has("row: attack") && !has("row: mask"))
    return Nature{ReportRole::benign, 70, "its row says that it is a good file"};
  if ((value.kind == Observable::url || value.kind == Observable::mail_address) &&
      (has("behind a link's words") || (has("linked") && !has("listed as indicator"))))
    return Nature{ReportRole::reference, 75, "a link to be followed"};
  if (group == ValueGroup::hash && has("number of a commit") && !has("listed as indicator"))
    return Nature{ReportRole::benign, 75, "the number of a commit"};
  if ((group == ValueGroup::url || group == ValueGroup::domain) && has("got as a tool") && !has("listed as indicator"))
    return Nature{ReportRole::reference, 75, "where a tool is got from"};
  if (group == ValueGroup::hash && (has("next before: benign") || has("next before: genuine")) &&
      !has("next before: mask") && !has("next before: attack") && !has("next before: not"))
    return Nature{ReportRole::benign, 70, "it is said that this is a good file"};
  if (group == ValueGroup::hash && has("heads: section")) return Nature{ReportRole::benign, 80, "a part of a program"};
  if (group == ValueGroup::hash || group == ValueGroup::file) {
    const bool good = has("cell: good") || has("cell: benign") || has("row: benign");
    // Abused or not, a hash of a good file finds that file everywhere.
    if (group == ValueGroup::hash && (has("cell: benign") || has("cell: good")) && !has("cell: bad") &&
        !has("cell: attack"))
      return Nature{ReportRole::benign, 70, "its row says that it is a good file"};
    const bool bad = has("row: attack") || has("row: mask") || has("row: bad") || has("row: lure") || has("twice");
    if (good && !bad) return Nature{ReportRole::benign, 70, "its row says that it is harmless"};
  }
  const bool beside = value.kind == Observable::file_name || (group == ValueGroup::path && has("relative"));
  if (beside && has("analyst's file") && !has("row has hash") && !has("beside hash"))
    return Nature{ReportRole::reference, 70, "a file that belongs to the report"};
  if (value.kind == Observable::ipv4 && has("small figures") &&
      (has("version beside") || has("next before: product") || has("next after: product") || has("after capital") ||
       has("column: product")))
    return Nature{ReportRole::benign, 80, "a version number"};
  return std::nullopt;
}

}  // namespace assay

#include "assess/appliances.h"

#include <algorithm>
#include <set>

#include "assess/visibility.h"
#include "content/content.h"
#include "core/ascii.h"
#include "core/yaml.h"

namespace assay {
namespace {

std::vector<std::string> texts(const Yaml& list) {
  std::vector<std::string> out;
  for (const Yaml& item : list.items) out.push_back(item.text);
  return out;
}

}  // namespace

Result<std::vector<Appliance>> Appliance::parse(std::string_view yaml) {
  TRY(const std::vector<Yaml> documents, parse_yaml(yaml));
  if (documents.size() != 1) return Error{ErrorCode::bad_input, "one document is expected", "content/weights"};
  std::vector<Appliance> out;
  for (const auto& [name, entry] : documents.front().members) {
    Appliance one{name.text,
                  entry["label"].text,
                  texts(entry["products"]),
                  texts(entry["routes"]),
                  texts(entry["claims"]),
                  entry["unless"].text,
                  entry["reason"].text};
    if (one.label.empty() || one.reason.empty() || one.claims.empty() || (one.products.empty() && one.routes.empty())) {
      return Error{ErrorCode::bad_input,
                   "appliance " + name.text + " needs label, reason, claims, and products or routes",
                   std::to_string(name.line) + ":" + std::to_string(name.column)};
    }
    out.push_back(std::move(one));
  }
  return out;
}

const std::vector<Appliance>& Appliance::shipped() {
  static const std::vector<Appliance> kShipped = [] {
    auto parsed = parse(content::find("weights/appliances.yaml"));
    return parsed.ok() ? std::move(parsed).value() : std::vector<Appliance>{};
  }();
  return kShipped;
}

SilentAppliances::SilentAppliances(const CaseData& data) {
  const std::vector<Appliance>& known = Appliance::shipped();
  const auto named = [&](std::string_view product) -> const Appliance* {
    for (const Appliance& one : known) {
      for (const std::string& word : one.products) {
        if (contains_icase(product, word)) return &one;
      }
    }
    return nullptr;
  };
  std::set<std::string, std::less<>> decided;  // hosts whose product the profile gives
  for (const ProfileHost& host : data.profile.hosts) {
    if (host.product.empty()) continue;
    decided.insert(lower(host.name));
    if (const Appliance* one = named(host.product)) hosts_.emplace(lower(host.name), one);
  }
  // Without a product the records say it, where an item holds those of the appliance alone.
  std::map<std::string, const Appliance*, std::less<>> items;
  for (const EvidenceItem& item : data.evidence) {
    for (const Appliance& one : known) {
      const bool all =
          !item.routes.empty() && std::all_of(item.routes.begin(), item.routes.end(), [&](const auto& route) {
            return std::find(one.routes.begin(), one.routes.end(), route.first) != one.routes.end();
          });
      if (all) items.emplace(item.path, &one);
    }
  }
  const HostIndex index(data.profile);
  const Table* coverage = data.table("coverage");
  if (coverage == nullptr) return;
  const std::size_t item_at = key_index(*coverage, "item"), class_at = key_index(*coverage, "class"),
                    host_at = key_index(*coverage, "host");
  if (class_at == std::string::npos || host_at == std::string::npos) return;
  if (item_at != std::string::npos) {
    for (const auto& [key, row] : coverage->rows()) {
      const auto item = items.find(key[item_at]);
      if (item == items.end()) continue;
      const std::string host = scope_host(index, key[host_at]);
      if (!host.empty() && !decided.contains(host)) hosts_.emplace(host, item->second);
    }
  }
  if (hosts_.empty()) return;
  for (const auto& [key, row] : coverage->rows()) {
    const auto at = hosts_.find(scope_host(index, key[host_at]));
    if (at != hosts_.end() && !at->second->unless.empty() && key[class_at] == at->second->unless) hosts_.erase(at);
  }
}

const Appliance* SilentAppliances::of(std::string_view claim, std::string_view host) const {
  const auto at = hosts_.find(host);
  if (at == hosts_.end()) return nullptr;
  const std::vector<std::string>& claims = at->second->claims;
  return std::find(claims.begin(), claims.end(), claim) == claims.end() ? nullptr : at->second;
}

}  // namespace assay

#include "match/indicator_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "core/hash.h"

namespace assay {
namespace {

constexpr std::size_t kUrlPrefixes = 64;  // looked at, from the start
constexpr std::size_t kUrlBytes = 4096;
constexpr std::size_t kLabels = 64;

Network masked(const Network& network, int prefix) {
  Network out;
  out.prefix = prefix;
  for (int i = 0; i < 16; ++i) {
    const int bits = std::clamp(prefix - 8 * i, 0, 8);
    out.bytes[i] = static_cast<std::uint8_t>(network.bytes[i] & (0xff << (8 - bits) & 0xff));
  }
  return out;
}

std::uint64_t network_hash(const Network& network) {
  return hash64({reinterpret_cast<const char*>(network.bytes), sizeof network.bytes},
                static_cast<std::uint64_t>(network.prefix));
}

bool same_network(const Network& a, const Network& b) {
  return a.prefix == b.prefix && std::memcmp(a.bytes, b.bytes, 16) == 0;
}

}  // namespace

void IndicatorIndex::Table::build() {
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.hash != b.hash ? a.hash < b.hash : a.number < b.number; });
  entries.shrink_to_fit();
  if (entries.empty()) return;
  slots.assign(std::bit_ceil(entries.size() * 2), 0);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0 && entries[i].hash == entries[i - 1].hash) continue;
    std::size_t at = entries[i].hash & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = static_cast<std::uint32_t>(i + 1);
  }
}

const IndicatorIndex::Table::Entry* IndicatorIndex::Table::find(std::uint64_t hash) const {
  if (slots.empty()) return nullptr;
  const std::size_t mask = slots.size() - 1;
  for (std::size_t at = hash & mask; slots[at] != 0; at = (at + 1) & mask) {
    const Entry& entry = entries[slots[at] - 1];
    if (entry.hash == hash) return &entry;
  }
  return nullptr;
}

IndicatorIndex::IndicatorIndex(std::span<const Indicator> indicators) : count_(indicators.size()) {
  offsets_.reserve(count_ + 1);
  networks_.resize(count_);
  for (std::size_t i = 0; i < count_; ++i) {
    const Indicator& indicator = indicators[i];
    offsets_.push_back(static_cast<std::uint32_t>(pool_.size()));
    // Values beyond the pool's 4 GiB are not kept; such a list does not fit this machine either.
    if (pool_.size() + indicator.value.size() > std::numeric_limits<std::uint32_t>::max()) continue;
    pool_ += indicator.value;
    const auto number = static_cast<IndicatorNumber>(i);
    const auto add = [&](Kind kind) { tables_[kind].entries.push_back({hash64(indicator.value, kind), number}); };
    switch (indicator.kind) {
      case Indicator::Kind::ipv4:
      case Indicator::Kind::ipv6:
      case Indicator::Kind::cidr: {
        const auto network = parse_network(indicator.value);
        if (!network) break;
        networks_[i] = masked(*network, network->prefix);
        tables_[kAddress].entries.push_back({network_hash(networks_[i]), number});
        prefixes_.push_back(network->prefix);
        break;
      }
      case Indicator::Kind::domain:
        add(kDomain);
        break;
      case Indicator::Kind::url:
        add(kUrl);
        break;
      case Indicator::Kind::md5:
      case Indicator::Kind::sha1:
      case Indicator::Kind::ja3:
        add(kFileHash);
        break;
      case Indicator::Kind::sha256:  // of a file or of a certificate
        add(kFileHash);
        add(kCertificate);
        break;
      case Indicator::Kind::certificate_sha1:
        add(kCertificate);
        break;
      case Indicator::Kind::mail_address:
        add(kMail);
        break;
      case Indicator::Kind::file_name:
        add(kName);
        break;
      case Indicator::Kind::file_path:
        add(kPath);
        break;
    }
  }
  offsets_.push_back(static_cast<std::uint32_t>(pool_.size()));
  for (Table& table : tables_) table.build();
  std::sort(prefixes_.begin(), prefixes_.end(), std::greater<>());
  prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end()), prefixes_.end());
}

std::string_view IndicatorIndex::value(IndicatorNumber number) const {
  return std::string_view(pool_).substr(offsets_[number], offsets_[number + 1] - offsets_[number]);
}

void IndicatorIndex::find_text(Kind kind, std::string_view text, const IndicatorSink& sink) const {
  const Table& table = tables_[kind];
  if (table.entries.empty()) return;
  const Table::Entry* entry = table.find(hash64(text, kind));
  if (entry == nullptr) return;
  const Table::Entry* const end = table.entries.data() + table.entries.size();
  const std::uint64_t hash = entry->hash;
  for (; entry != end && entry->hash == hash; ++entry) {
    if (value(entry->number) == text) sink(entry->number);
  }
}

void IndicatorIndex::find_network(const Network& network, const IndicatorSink& sink) const {
  const Table& table = tables_[kAddress];
  const Table::Entry* entry = table.find(network_hash(network));
  if (entry == nullptr) return;
  const Table::Entry* const end = table.entries.data() + table.entries.size();
  const std::uint64_t hash = entry->hash;
  for (; entry != end && entry->hash == hash; ++entry) {
    if (same_network(networks_[entry->number], network)) sink(entry->number);
  }
}

void IndicatorIndex::address(const Network& address, const IndicatorSink& sink) const {
  for (const int prefix : prefixes_) find_network(masked(address, prefix), sink);
}

void IndicatorIndex::domain(std::string_view name, const IndicatorSink& sink) const {
  for (std::size_t labels = 0; !name.empty() && labels < kLabels; ++labels) {
    find_text(kDomain, name, sink);
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return;
    name.remove_prefix(dot + 1);
  }
}

void IndicatorIndex::url(std::string_view url, const IndicatorSink& sink) const {
  if (tables_[kUrl].entries.empty()) return;
  url = url.substr(0, kUrlBytes);
  std::size_t looked = 0;
  const auto look = [&](std::size_t length) {
    if (looked++ < kUrlPrefixes) find_text(kUrl, url.substr(0, length), sink);
  };
  for (std::size_t i = 1; i < url.size(); ++i) {
    const char c = url[i];
    if (c == '/' || c == '?' || c == '&' || c == ';') {
      look(i);
      if ((c == '/' || c == '?') && i + 1 < url.size()) look(i + 1);
    }
  }
  find_text(kUrl, url, sink);
}

void IndicatorIndex::hash(std::string_view digits, bool certificate, const IndicatorSink& sink) const {
  find_text(certificate ? kCertificate : kFileHash, digits, sink);
}

void IndicatorIndex::mail_address(std::string_view address, const IndicatorSink& sink) const {
  find_text(kMail, address, sink);
}
void IndicatorIndex::file_name(std::string_view name, const IndicatorSink& sink) const { find_text(kName, name, sink); }

void IndicatorIndex::file_path(std::string_view path, const IndicatorSink& sink) const {
  if (tables_[kPath].entries.empty()) return;
  find_text(kPath, path, sink);
  for (std::size_t at = path.find('/', 1), n = 0; at != std::string_view::npos && n < kLabels;
       at = path.find('/', at + 1), ++n) {
    find_text(kPath, path.substr(at), sink);
  }
}

}  // namespace assay

#include "match/indicator_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "core/hash.h"
#include "core/vectors.h"

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

// PERF NOTE: of sixteen bytes that are always there; two multiplications instead of a call.
std::uint64_t network_hash(const Network& network) {
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, network.bytes, sizeof high);
  std::memcpy(&low, network.bytes + sizeof high, sizeof low);
  const std::uint64_t first =
      mixed(low ^ 0x9e3779b97f4a7c15U, high ^ 0xd6e8feb86659fd93U ^ static_cast<std::uint64_t>(network.prefix) << 56);
  return mixed(first ^ 0xa0761d6478bd642fU, low ^ 0xe7037ed1a0b428dbU);
}

// Eight to fifteen digits and dots, the first eight and the last eight of them; not so many or others: nothing.
std::optional<std::uint64_t> dotted_hash(std::string_view text) {
#if defined(__SSE2__)
  if (text.size() < 8 || text.size() > 15) return std::nullopt;
  std::uint64_t head = 0, tail = 0;
  std::memcpy(&head, text.data(), 8);
  std::memcpy(&tail, text.data() + text.size() - 8, 8);
  const __m128i bytes = _mm_set_epi64x(static_cast<std::int64_t>(tail), static_cast<std::int64_t>(head));
  const __m128i digit = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i fits = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
  if (_mm_movemask_epi8(fits) != 0xffff) return std::nullopt;
  return mixed(head ^ 0x8ebc6af09c88c6e3U, tail ^ 0x589965cc75374cc3U ^ text.size());
#else
  (void)text;
  return std::nullopt;
#endif
}

bool same_network(const Network& a, const Network& b) {
  return a.prefix == b.prefix && std::memcmp(a.bytes, b.bytes, 16) == 0;
}

std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

}  // namespace

IndicatorIndex::IndicatorIndex(IndicatorList indicators) : indicators_(std::move(indicators)) {
  if (indicators_.empty()) return;
  const auto tables_of = [](Indicator::Kind kind) -> std::array<Kind, 2> {
    switch (kind) {
      case Indicator::Kind::ipv4:
      case Indicator::Kind::ipv6:
      case Indicator::Kind::cidr:
        return {kAddress, kKinds};
      case Indicator::Kind::domain:
        return {kDomain, kKinds};
      case Indicator::Kind::url:
        return {kUrl, kKinds};
      case Indicator::Kind::md5:
      case Indicator::Kind::sha1:
      case Indicator::Kind::ja3:
        return {kFileHash, kKinds};
      case Indicator::Kind::sha256:  // of a file or of a certificate
        return {kFileHash, kCertificate};
      case Indicator::Kind::certificate_sha1:
        return {kCertificate, kKinds};
      case Indicator::Kind::mail_address:
        return {kMail, kKinds};
      case Indicator::Kind::file_name:
        return {kName, kKinds};
      case Indicator::Kind::file_path:
        return {kPath, kKinds};
    }
    return {kKinds, kKinds};
  };
  std::array<std::size_t, kKinds> counts{};
  for (std::size_t i = 0; i < indicators_.size(); ++i) {
    for (const Kind kind : tables_of(indicators_.kind(i))) {
      if (kind == kKinds) continue;
      ++counts[kind];
    }
  }
  for (std::size_t k = 0; k < kKinds; ++k) {
    if (counts[k] == 0) continue;
    tables_[k].resize(std::bit_ceil(counts[k] + counts[k] / 2 + 1));
    sieves_[k] = Sieve(counts[k]);
  }
  written_addresses_ = Sieve(counts[kAddress]);
  hosts_ = Sieve(counts[kDomain] + 2 * counts[kUrl]);
  chains_.resize(kKinds);
  std::uint64_t prefixes[3] = {};
  for (std::size_t i = 0; i < indicators_.size(); ++i) {
    for (const Kind kind : tables_of(indicators_.kind(i))) {
      if (kind == kKinds) continue;
      const auto number = static_cast<IndicatorNumber>(i);
      if (kind != kAddress) {
        const std::string_view value = indicators_.value(i);
        file(kind, number, hash64(value, kind));
        if (kind == kUrl) {
          const std::string_view authority = value.substr(0, value.find('/'));
          hosts_.add(host_hash(authority));
          if (const std::size_t port = authority.rfind(':'); port != std::string_view::npos)
            hosts_.add(host_hash(authority.substr(0, port)));
        }
        if (kind == kDomain) hosts_.add(host_hash(value));
        if (kind == kDomain && dotted_hash(value)) plain_addresses_ = false;
        if (kind == kDomain && value.find('.') == std::string_view::npos) single_labels_ = true;
        continue;
      }
      const auto network = parse_network(indicators_.value(i));
      if (!network) continue;
      auto written = dotted_hash(indicators_.value(i));
      if (!written) written = dotted_hash(format_network(*network));  // an IPv4 address as IPv6 writes it
      if (written) written_addresses_.add(*written);
      if (network->prefix != 128) plain_addresses_ = false;
      prefixes[network->prefix / 64] |= std::uint64_t{1} << network->prefix % 64;
      file(kind, number, network_hash(masked(*network, network->prefix)));
    }
  }
  for (int prefix = 128; prefix >= 0; --prefix) {
    if ((prefixes[prefix / 64] >> prefix % 64 & 1U) != 0) prefixes_.push_back(prefix);
  }
}

void IndicatorIndex::file(Kind kind, IndicatorNumber number, std::uint64_t hash) {
  Table& table = tables_[kind];
  sieves_[kind].add(hash);
  const std::size_t mask = table.size() - 1;
  std::size_t at = hash & mask;
  for (; table[at].number != 0; at = (at + 1) & mask) {
    if (table[at].tag != tag_of(hash)) continue;
    const IndicatorNumber first = table[at].number - 1;
    // Values are normalised: the same network is written in one way.
    if (indicators_.value(first) != indicators_.value(number)) continue;
    chains_[kind][first].push_back(number);
    return;
  }
  table[at] = {tag_of(hash), number + 1};
}

template <class Same>
void IndicatorIndex::find(Kind kind, std::uint64_t hash, const Same& same, IndicatorSink sink) const {
  if (!sieves_[kind].may_hold(hash)) return;
  const Table& table = tables_[kind];
  const std::size_t mask = table.size() - 1;
  for (std::size_t at = hash & mask; table[at].number != 0; at = (at + 1) & mask) {
    const IndicatorNumber number = table[at].number - 1;
    if (table[at].tag != tag_of(hash) || !same(indicators_.value(number))) continue;
    sink(number);
    const auto chain = chains_[kind].find(number);
    if (chain == chains_[kind].end()) continue;
    for (const IndicatorNumber more : chain->second) sink(more);
  }
}

void IndicatorIndex::find_text(Kind kind, std::string_view text, IndicatorSink sink) const {
  if (tables_[kind].empty()) return;
  find(kind, hash64(text, kind), [&](std::string_view value) { return value == text; }, sink);
}

void IndicatorIndex::find_network(const Network& network, IndicatorSink sink) const {
  find(
      kAddress, network_hash(network),
      [&](std::string_view value) {
        const auto listed = parse_network(value);
        return listed && same_network(masked(*listed, listed->prefix), network);
      },
      sink);
}

void IndicatorIndex::address(const Network& address, IndicatorSink sink) const {
  for (const int prefix : prefixes_) {
    if (prefix == 128) {
      find_network(address, sink);
    } else {
      find_network(masked(address, prefix), sink);
    }
  }
}

// PERF NOTE (docs/performance.md): reading four numbers guesses wrong about their lengths; what no list has is told by
// its bytes.
bool IndicatorIndex::surely_no_address(std::string_view text) const {
  if (!plain_addresses_) return false;
  const auto hash = dotted_hash(text);
  return hash && !written_addresses_.may_hold(*hash);
}

bool IndicatorIndex::may_list_name(std::string_view name) const {
  if (may_list_host(host_hash(name))) return true;
  for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    name.remove_prefix(dot + 1);
    if (sieves_[kDomain].may_hold(hash64(name, kDomain))) return true;
  }
  return false;
}

bool IndicatorIndex::may_list_address(std::string_view text) const {
  if (surely_no_address(text)) return false;
  const auto address = parse_address(text);
  return address && std::any_of(prefixes_.begin(), prefixes_.end(), [&](int prefix) {
           return sieves_[kAddress].may_hold(network_hash(masked(*address, prefix)));
         });
}

bool IndicatorIndex::may_list_hash(std::string_view digits) const {
  return sieves_[kFileHash].may_hold(hash64(digits, kFileHash)) ||
         sieves_[kCertificate].may_hold(hash64(digits, kCertificate));
}

void IndicatorIndex::domain(std::string_view name, std::uint64_t hash, IndicatorSink sink) const {
  if (tables_[kDomain].empty()) return;
  bool maybe = may_list_host(hash);
  for (std::size_t labels = 0; !name.empty() && labels < kLabels; ++labels) {
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos && !single_labels_) return;
    if (maybe) find_text(kDomain, name, sink);
    if (dot == std::string_view::npos) return;
    name.remove_prefix(dot + 1);
    maybe = true;
  }
}

void IndicatorIndex::url(std::string_view url, IndicatorSink sink) const {
  if (tables_[kUrl].empty()) return;
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

void IndicatorIndex::hash(std::string_view digits, bool certificate, IndicatorSink sink) const {
  find_text(certificate ? kCertificate : kFileHash, digits, sink);
}

void IndicatorIndex::mail_address(std::string_view address, IndicatorSink sink) const {
  find_text(kMail, address, sink);
}
void IndicatorIndex::file_name(std::string_view name, IndicatorSink sink) const { find_text(kName, name, sink); }

void IndicatorIndex::file_path(std::string_view path, IndicatorSink sink) const {
  if (tables_[kPath].empty()) return;
  find_text(kPath, path, sink);
  for (std::size_t at = path.find('/', 1), n = 0; at != std::string_view::npos && n < kLabels;
       at = path.find('/', at + 1), ++n) {
    find_text(kPath, path.substr(at), sink);
  }
}

}  // namespace assay

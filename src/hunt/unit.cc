#include "hunt/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace assay {
namespace {

// Carried fields that tell one sighting from another. The others (a URL, a byte count) vary from match to match of one
// thing and are shown from the first match.
constexpr std::array<std::string_view, 16> kIdentityFields = {
    "@domain",  "@dst_ip", "@dst_port", "@file_path",   "@issuer",   "@sha256", "@share", "@src_ip",
    "@subject", "dst",     "file",      "forwarded_by", "indicator", "name",    "port",   "src"};

std::uint8_t checked(std::uint8_t value, std::uint8_t last, bool& good) {
  if (value > last) good = false;
  return value;
}

}  // namespace

std::string UnitSpec::key() const {
  return fmt::format("{}\x1f{:020}\x1f{:020}\x1f{}\x1f{}\x1f{}", chain, begin, end, static_cast<int>(kind), size,
                     modified.ns);
}

void save(Writer& out, const UnitSpec& u) {
  out.u8(static_cast<std::uint8_t>(u.kind));
  out.var(u.file);
  out.str(u.chain);
  out.str(u.parent);
  out.str(u.tree_path);
  out.var(u.base);
  out.var(u.size);
  out.var(u.begin);
  out.var(u.end);
  out.str(u.format);
  out.str(u.shape);
  out.str(u.prologue);
  out.str(u.years);
  out.var(u.mode);
  out.i64(u.modified.ns);
  out.var(u.depth);
  out.var(u.clocks.size());
  for (const auto& [path, against, ahead] : u.clocks) {
    out.str(path);
    out.str(against);
    out.i64(ahead);
  }
}

bool load(Reader& in, UnitSpec& u) {
  bool good = true;
  u.kind = static_cast<UnitSpec::Kind>(checked(in.u8(), 2, good));
  u.file = static_cast<std::uint32_t>(in.var());
  u.chain = in.str();
  u.parent = in.str();
  u.tree_path = in.str();
  u.base = in.var();
  u.size = in.var();
  u.begin = in.var();
  u.end = in.var();
  u.format = in.str();
  u.shape = in.str();
  u.prologue = in.str();
  u.years = in.str();
  u.mode = static_cast<std::uint32_t>(in.var());
  u.modified.ns = in.i64();
  u.depth = static_cast<std::uint32_t>(in.var());
  const std::uint64_t clocks = in.var();
  for (std::uint64_t i = 0; i < clocks && in.good(); ++i) {
    auto& [path, against, ahead] = u.clocks.emplace_back();
    path = in.str();
    against = in.str();
    ahead = in.i64();
  }
  return good && in.good();
}

void save(Writer& out, const ItemPart& p) {
  out.str(p.chain);
  out.str(p.parent);
  out.str(p.member);
  out.str(p.shape);
  out.str(p.kind);
  out.var(p.bytes);
  out.var(p.records);
  out.var(p.damaged);
  out.var(p.skipped_bytes);
  out.i64(p.first.ns);
  out.i64(p.last.ns);
  out.var(p.hosts.size());
  for (const std::string& host : p.hosts) out.str(host);
  out.str(p.sha256);
  out.var(p.record_bytes);
  out.var(p.damaged_bytes);
  out.var(p.between_bytes);
  out.var(p.outside);
  out.var(p.routes.size());
  for (const auto& [route, records] : p.routes) {
    out.str(route);
    out.var(records);
  }
  out.boolean(p.export_rows);
  out.var(p.earlier_to_later);
  out.var(p.later_to_earlier);
}

bool load(Reader& in, ItemPart& p) {
  p.chain = in.str();
  p.parent = in.str();
  p.member = in.str();
  p.shape = in.str();
  p.kind = in.str();
  p.bytes = in.var();
  p.records = in.var();
  p.damaged = in.var();
  p.skipped_bytes = in.var();
  p.first.ns = in.i64();
  p.last.ns = in.i64();
  const std::uint64_t hosts = in.var();
  for (std::uint64_t i = 0; i < hosts && in.good(); ++i) p.hosts.emplace_back(in.str());
  p.sha256 = in.str();
  p.record_bytes = in.var();
  p.damaged_bytes = in.var();
  p.between_bytes = in.var();
  p.outside = in.var();
  const std::uint64_t routes = in.var();
  for (std::uint64_t i = 0; i < routes && in.good(); ++i) {
    const std::string route(in.str());
    p.routes[route] += in.var();
  }
  p.export_rows = in.boolean();
  p.earlier_to_later = in.var();
  p.later_to_earlier = in.var();
  return in.good();
}

void merge(ItemPart& into, const ItemPart& part) {
  if (into.chain.empty()) {
    into = part;
    return;
  }
  if (into.shape.empty()) into.shape = part.shape;
  if (into.kind.empty()) into.kind = part.kind;
  if (into.parent.empty()) into.parent = part.parent;
  if (into.member.empty()) into.member = part.member;
  into.bytes = std::max(into.bytes, part.bytes);
  into.records += part.records;
  into.damaged += part.damaged;
  into.skipped_bytes += part.skipped_bytes;
  into.record_bytes += part.record_bytes;
  into.damaged_bytes += part.damaged_bytes;
  into.between_bytes += part.between_bytes;
  into.outside += part.outside;
  for (const auto& [route, records] : part.routes) into.routes[route] += records;
  if (part.first.known() && (!into.first.known() || part.first < into.first)) into.first = part.first;
  if (part.last.known() && (!into.last.known() || part.last > into.last)) into.last = part.last;
  std::vector<std::string> hosts;
  std::set_union(into.hosts.begin(), into.hosts.end(), part.hosts.begin(), part.hosts.end(), std::back_inserter(hosts));
  if (hosts.size() > kItemHosts) hosts.resize(kItemHosts);
  into.hosts = std::move(hosts);
  if (into.sha256.empty()) into.sha256 = part.sha256;
  into.export_rows = into.export_rows || part.export_rows;
  into.earlier_to_later += part.earlier_to_later;
  into.later_to_earlier += part.later_to_earlier;
}

std::string group_key(const Match& match, bool all_fields) {
  Writer out;
  out.boolean(match.base);
  if (match.base) {
    for (const std::string& part : match.group) out.str(part);
    return out.take();
  }
  out.boolean(match.mention);
  out.u8(static_cast<std::uint8_t>(match.role));
  out.u8(static_cast<std::uint8_t>(match.outcome));
  out.str(match.host);
  out.str(match.account);
  for (const auto& [name, value] : match.fields) {
    if (!all_fields && !std::binary_search(kIdentityFields.begin(), kIdentityFields.end(), name)) continue;
    out.str(name);
    out.str(value);
  }
  return out.take();
}

bool keyed_less(const KeyedMatch& a, const KeyedMatch& b) {
  return std::tie(a.match.detector, a.key, a.match.time, a.match.part, a.match.content, a.chain, a.match.ref.offset,
                  a.match.ref.length, a.match.fields) < std::tie(b.match.detector, b.key, b.match.time, b.match.part,
                                                                 b.match.content, b.chain, b.match.ref.offset,
                                                                 b.match.ref.length, b.match.fields);
}

void save(Writer& out, const KeyedMatch& k) {
  const Match& m = k.match;
  out.var(m.detector);
  out.var(m.part);
  out.u8(static_cast<std::uint8_t>((m.base ? 1 : 0) | (m.mention ? 2 : 0)));
  out.u8(static_cast<std::uint8_t>(m.role));
  out.u8(static_cast<std::uint8_t>(m.outcome));
  out.i64(m.time.ns);
  out.var(m.ref.offset);
  out.var(m.ref.length);
  out.u64(m.content);
  out.str(m.host);
  out.str(m.account);
  out.var(m.fields.size());
  for (const auto& [name, value] : m.fields) {
    out.str(name);
    out.str(value);
  }
  out.var(m.group.size());
  for (const std::string& part : m.group) out.str(part);
  out.var(m.filters.size());
  for (const std::uint32_t filter : m.filters) out.var(filter);
  out.str(k.key);
  out.str(k.chain);
}

bool load(Reader& in, KeyedMatch& k) {
  Match& m = k.match;
  bool good = true;
  m.detector = static_cast<DetectorIndex>(in.var());
  m.part = static_cast<std::uint32_t>(in.var());
  const std::uint8_t flags = in.u8();
  m.base = flags & 1;
  m.mention = flags & 2;
  m.role = static_cast<Role>(checked(in.u8(), static_cast<std::uint8_t>(Role::text_only), good));
  m.outcome = static_cast<Outcome>(checked(in.u8(), static_cast<std::uint8_t>(Outcome::quarantined), good));
  m.time.ns = in.i64();
  m.ref.offset = in.var();
  m.ref.length = in.var();
  m.content = in.u64();
  m.host = in.str();
  m.account = in.str();
  m.fields.clear();
  const std::uint64_t fields = in.var();
  for (std::uint64_t i = 0; i < fields && in.good(); ++i) {
    std::string name(in.str());
    m.fields.emplace_back(std::move(name), std::string(in.str()));
  }
  m.group.clear();
  const std::uint64_t groups = in.var();
  for (std::uint64_t i = 0; i < groups && in.good(); ++i) m.group.emplace_back(in.str());
  m.filters.clear();
  const std::uint64_t filters = in.var();
  for (std::uint64_t i = 0; i < filters && in.good(); ++i) m.filters.push_back(static_cast<std::uint32_t>(in.var()));
  k.key = in.str();
  k.chain = in.str();
  return good && in.good();
}

std::string save_result(const UnitResult& result) {
  Writer out;
  out.var(result.items.size());
  for (const ItemPart& item : result.items) save(out, item);
  out.var(result.tables.size());
  for (const Table& table : result.tables) table.save(out);
  const std::vector<Notice> notices = result.notices.sorted();
  out.var(notices.size());
  for (const Notice& notice : notices) {
    out.u8(static_cast<std::uint8_t>(notice.kind));
    out.str(notice.item);
    out.var(notice.offset);
    out.var(notice.count);
    out.str(notice.detail);
  }
  out.var(result.discovered.size());
  for (const UnitSpec& unit : result.discovered) save(out, unit);
  out.i64(result.latest.ns);
  return out.take();
}

bool load_result(std::string_view bytes, UnitResult& result) {
  Reader in(bytes);
  bool good = true;
  const std::uint64_t items = in.var();
  for (std::uint64_t i = 0; i < items && good && in.good(); ++i) good = load(in, result.items.emplace_back());
  const std::uint64_t tables = in.var();
  for (std::uint64_t i = 0; i < tables && good && in.good(); ++i) good = result.tables.emplace_back().load(in);
  const std::uint64_t notices = in.var();
  for (std::uint64_t i = 0; i < notices && good && in.good(); ++i) {
    Notice notice;
    notice.kind =
        static_cast<NoticeKind>(checked(in.u8(), static_cast<std::uint8_t>(NoticeKind::address_not_host), good));
    notice.item = in.str();
    notice.offset = in.var();
    notice.count = in.var();
    notice.detail = in.str();
    result.notices.add(std::move(notice));
  }
  const std::uint64_t units = in.var();
  for (std::uint64_t i = 0; i < units && good && in.good(); ++i) good = load(in, result.discovered.emplace_back());
  result.latest.ns = in.i64();
  return good && in.good() && in.done();
}

std::vector<std::string> save_run(std::vector<KeyedMatch> matches, std::size_t chunk) {
  std::sort(matches.begin(), matches.end(), keyed_less);
  std::vector<std::string> chunks;
  Writer out;
  for (const KeyedMatch& match : matches) {
    save(out, match);
    if (out.bytes().size() >= chunk) chunks.push_back(out.take()), out = Writer();
  }
  if (!out.bytes().empty()) chunks.push_back(out.take());
  return chunks;
}

}  // namespace assay

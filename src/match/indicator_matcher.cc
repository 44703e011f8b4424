#include "match/indicator_matcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/ascii.h"
#include "core/find_any.h"
#include "core/hash.h"
#include "core/limits.h"
#include "match/carried.h"
#include "match/line_look.h"
#include "match/mention.h"
#include "match/value_cache.h"
#include "rules/indicator/normalise.h"
#include "text/defang.h"

namespace assay {
namespace {

constexpr std::size_t kShortestRuleText = 64;
constexpr std::size_t kTextScanBytes = std::size_t{8} << 20;  // of one text, as indicators see it -> limit_other

// An indicator met somewhere in a record or blob.
struct Hit {
  IndicatorNumber number = 0;
  Role role = Role::none;
  bool defanged = false;
  std::string value;  // as it stands in the evidence
};

}  // namespace

void place_blob(const Blob& blob, const RecordContext& context, Match& m) {
  m.outcome = context.outcome;
  m.time = context.time;
  m.ref = blob.ref;
  m.content = blob.sha256.empty() ? hash64(blob.bytes) : hash64(blob.sha256);
  m.host = context.host;
  m.account = context.account;
  add_field(m.fields, "file", blob.path.empty() ? blob.name : blob.path);
  add_field(m.fields, "sha256", blob.sha256);
  add_field(m.fields, "type", blob.type);
  if (blob.attachment) add_field(m.fields, "attachment", "true");
}

class IndicatorMatcher::Impl {
 public:
  explicit Impl(const Compiled& compiled) : engine_(compiled), look_(compiled.lines) {}

  void expect(std::string_view text) { look_.expect(text); }

  bool surely_none(const Plan& plan, const RecordReader& reader, std::string_view raw) {
    return plan.places_as_is && reader.separated() && !look_.may_hold(raw);
  }

  bool match_blob(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices) {
    const bool text = is_text(blob), rule = text && holds_rule_text(blob.bytes);
    bool mention = rule;
    hits_.clear();
    if (!engine_.index.empty()) {
      for (const std::string_view hash : {blob.sha256, blob.sha1, blob.md5}) {
        if (!hash.empty()) find_hash(hash, false, Role::file);
      }
      if (!blob.name.empty()) find_file_name(blob.name, Role::file);
      if (!blob.path.empty()) find_file_path(blob.path, Role::file);
      const std::vector<Hit> named = std::move(hits_);
      hits_.clear();
      if (text) {
        scan_text(blob.bytes, Role::text_only, blob.ref.offset, notices);
        mention = rule || quotes();
        if (blob.is_log && !mention) hits_.clear();
      }
      hits_.insert(hits_.begin(), named.begin(), named.end());
    }
    emit_hits([&](Match& m) { place_blob(blob, context, m); }, out);
    return mention;
  }

  // `before`: of `out`, where the record's own matches begin. True: the record quotes an advisory or a rule.
  bool match_record(const Plan& plan, const RecordContext& record, std::size_t before, std::vector<Match>& out,
                    Notices& notices) {
    hits_.clear();
    host_.text = {};  // of a record that may be gone
    unlisted_.next_record();
    // PERF NOTE: nearly no line holds anything that is listed, and its words tell so. Looking at them costs as much as
    // two addresses, a third of a text; among many lines, half of that.
    enum class Line : std::uint8_t { unasked, may_hold, holds_none } line = Line::unasked;
    if (!engine_.lines.usable() || record.reader == nullptr || !record.reader->separated()) line = Line::may_hold;
    const bool cheap = line == Line::unasked && look_.expects(record.raw);
    for (const Plan::Place& place : plan.places) {
      if (line == Line::holds_none && place.as_is) continue;
      if (place.slot && !record.fields->has(*place.slot)) continue;
      if (line == Line::unasked && place.as_is && (cheap || is_dear(place))) {
        line = look_.may_hold(record.raw) ? Line::may_hold : Line::holds_none;
        if (line == Line::holds_none) continue;
      }
      // PERF NOTE: user agents, referers and host names repeat; cutting one into tokens costs as much as reading a
      // line.
      const bool cached =
          engine_.options.fast && engine_.options.value_cache && place.path->kind != IndicatorPath::Kind::address;
      each_place_value(place, record, [&](std::string_view text) {
        ValueCache::Place kept;
        const RawValue raw{ValueKind::string, false, text};
        if (cached) {
          kept = unlisted_.find(place.cache, raw);
          if (kept.facts != nullptr) return;
        }
        look_up(place, text, plan, record, notices);
        if (kept.keep && hits_.empty()) (void)unlisted_.add(kept, raw, false, {}, {}, true);
      });
    }
    // PERF NOTE: nearly every record ends here; whether its texts look like a rule matters to what was met alone.
    if (hits_.empty() && out.size() == before) return false;
    const bool mention = quotes() || holds_rule(plan, record);
    emit_hits(
        [&](Match& m) {
          place_match(record, m);
          for (const auto& [as, binding] : plan.carried) {
            const Value value = first_value(*binding, *record.fields);
            if (value.present()) add_field(m.fields, as, value.text);
          }
          std::sort(m.fields.begin(), m.fields.end());
        },
        out);
    return mention;
  }

 private:
  static bool is_dear(const Plan::Place& place) {
    return place.path->kind == IndicatorPath::Kind::text || place.path->kind == IndicatorPath::Kind::url;
  }
  void hit(IndicatorNumber number, Role role, std::string_view value, bool defanged = false) {
    if (hits_.size() < limits::kMatchesPerRecord * 4) hits_.push_back({number, role, defanged, cut(value)});
  }

  // True: it is one.
  bool find_address(std::string_view text, Role role, bool defanged = false) {
    if (engine_.index.surely_no_address(text)) return true;
    const auto address = parse_address(text);
    if (!address) return false;
    engine_.index.address(*address, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
    return true;
  }
  void find_domain(std::string_view text, Role role, bool defanged = false) {
    if (!engine_.index.has_domains()) return;
    // PERF NOTE: the host of a URL comes again as a token; it is in lower case and hashed by then.
    if (!text.empty() && text.data() == host_.text.data() && text.size() == host_.text.size()) {
      engine_.index.domain(host_.name(), host_.hash, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
      return;
    }
    const std::string_view name = normalise_domain(text, normal_);
    if (!name.empty()) engine_.index.domain(name, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
  }
  void find_host(std::string_view text, Role role, bool defanged = false) {
    if (!find_address(text, role, defanged)) find_domain(text, role, defanged);
  }
  static bool is_word(std::string_view text) { return std::all_of(text.begin(), text.end(), is_alpha); }
  void find_url(std::string_view text, Role role, bool defanged = false) {
    if (!engine_.index.has_urls()) return;
    // PERF NOTE: nearly every URL is at a host of which no URL is listed. A plain host is what normalise_url() leaves
    // of it, in lower case.
    if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos && scheme > 0) {
      const std::string_view rest = text.substr(scheme + 3);
      const std::string_view host = rest.substr(0, find_any<'/', '?', '#', '@', ':', ' '>(rest));
      const bool plain = host.size() == rest.size() || rest[host.size()] == '/';
      if (plain && !host.empty() && host.size() <= LastHost::kBytes && is_word(text.substr(0, scheme))) {
        host_.set(host);
        if (!engine_.index.may_list_host(host_.hash)) return;
      }
    }
    const std::string_view url = normalise_url(text, normal_);
    if (!url.empty()) engine_.index.url(url, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
  }
  void find_hash(std::string_view text, bool certificate, Role role) {
    if (!engine_.index.has_hashes(certificate)) return;
    const std::string digits = normalise_hash(text);
    if (!digits.empty()) engine_.index.hash(digits, certificate, [&](IndicatorNumber n) { hit(n, role, text); });
  }
  void find_mail(std::string_view text, Role role, bool defanged = false) {
    const std::string address = normalise_mail_address(text);
    if (address.empty()) return;
    engine_.index.mail_address(address, [&](IndicatorNumber n) { hit(n, role, text, defanged); });
    find_host(std::string_view(address).substr(address.rfind('@') + 1), role, defanged);
  }
  void find_file_name(std::string_view text, Role role) {
    if (!engine_.index.has_file_names()) return;
    engine_.index.file_name(normalise_file_name(text, normal_), [&](IndicatorNumber n) { hit(n, role, text); });
  }
  void find_file_path(std::string_view text, Role role) {
    if (engine_.index.has_file_paths())
      engine_.index.file_path(normalise_path(text), [&](IndicatorNumber n) { hit(n, role, text); });
    find_file_name(text, role);
  }

  // "10.0.0.1, 10.0.0.2": lists in one value.
  template <class F>
  static void each_part(std::string_view text, F&& f) {
    while (!text.empty()) {
      const std::size_t end = std::min(find_any<',', ';', ' ', '\t'>(text), text.size());
      if (end > 0) f(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  // `offset`: of the text's record or blob, for a notice.
  void scan_text(std::string_view text, Role role, std::uint64_t offset, Notices& notices) {
    if (text.size() > kTextScanBytes)
      notices.add(
          {NoticeKind::limit_other, {}, offset, 1, "a text beyond 8 MiB was searched for indicators in its head"});
    text = text.substr(0, kTextScanBytes);
    bool marked = marks_.read(text);
    if (!(marked ? marks_.may_hold_token() : may_hold_token(text))) return;
    Refanged clean;
    if ((!marked || marks_.may_be_defanged()) && may_be_defanged(text)) {
      clean = refang(text);
      text = clean.text;
      marked = false;
    }
    host_.text = {};  // of another text
    const auto look = [&](const Token& token) {
      const bool defanged = !clean.changed.empty() && clean.touches(token.offset, token.offset + token.text.size());
      switch (token.kind) {
        case TokenKind::address:
          find_address(token.text, role, defanged);
          break;
        case TokenKind::domain:
          find_domain(token.text, role, defanged);
          break;
        case TokenKind::url:
          find_url(token.text, role, defanged);
          break;
        case TokenKind::hash:
          find_hash(token.text, false, role);
          break;
        case TokenKind::mail_address:
          find_mail(token.text, role, defanged);
          break;
        case TokenKind::file_name:
          find_file_name(token.text, role);
          break;
      }
    };
    if (marked) {
      cut_tokens(marks_, engine_.token_kinds, look);
    } else {
      cut_tokens(text, engine_.token_kinds, look);
    }
  }

  // An address that was contacted needs a side inside that contacted it, and the other way round. Without own networks
  // in the profile either side may be ours.
  [[nodiscard]] bool direction_fits(Role role, const Plan& plan, const RecordContext& record) const {
    if (role != Role::contacted && role != Role::contacting) return true;
    if (engine_.profile.own_networks.empty()) return true;
    const Binding* const other = role == Role::contacted ? plan.src : plan.dst;
    if (other == nullptr) return true;
    const Value value = first_value(*other, *record.fields);
    const auto address = parse_address(value.text);
    return !address || is_private(*address) || engine_.profile.is_inside(value.text);
  }

  // What one value at a place holds.
  void look_up(const Plan::Place& place, std::string_view text, const Plan& plan, const RecordContext& record,
               Notices& notices) {
    const IndicatorPath& path = *place.path;
    switch (path.kind) {
      case IndicatorPath::Kind::address: {
        const std::size_t before = hits_.size();
        if (!find_address(text, path.role))
          each_part(text, [&](std::string_view part) { find_address(host_part(part), path.role); });
        if (hits_.size() > before && !direction_fits(path.role, plan, record)) hits_.resize(before);
        return;
      }
      case IndicatorPath::Kind::domain:
        each_part(text, [&](std::string_view part) { find_host(host_part(part), path.role); });
        return;
      case IndicatorPath::Kind::url:
        if (text.front() == '/') return;  // a path has neither
        find_url(text, path.role);
        find_host(host_part(text), path.role);
        return;
      case IndicatorPath::Kind::hash:
        find_hash(text, false, path.role);
        return;
      case IndicatorPath::Kind::certificate:
        find_hash(text, true, path.role);
        return;
      case IndicatorPath::Kind::mail_address:
        find_mail(text, path.role);
        return;
      case IndicatorPath::Kind::file_name:
        find_file_name(text, path.role);
        return;
      case IndicatorPath::Kind::file_path:
        find_file_path(text, path.role);
        return;
      case IndicatorPath::Kind::text:
        scan_text(text, path.role, record.ref.offset, notices);
        return;
    }
  }

  template <class F>
  static void each_place_value(const Plan::Place& place, const RecordContext& record, F&& f) {
    const auto one = [&](const Value& value) {
      if (value.kind != ValueKind::null && !value.text.empty()) f(value.text);
    };
    if (place.binding != nullptr) {
      each_value(*place.binding, *record.fields, one);
    } else if (record.reader != nullptr) {
      record.reader->all_fields([&](std::string_view, Value value) {
        if (value.kind == ValueKind::string) one(value);
      });
    }
  }

  static bool holds_rule(const Plan& plan, const RecordContext& record) {
    bool out = false;
    for (const Plan::Place& place : plan.places) {
      if (place.path->kind != IndicatorPath::Kind::text) continue;
      each_place_value(place, record, [&](std::string_view text) {
        out = out || (text.size() > kShortestRuleText && holds_rule_text(text));
      });
    }
    return out;
  }

  // Whether the hits so far are those of a text that quotes an advisory.
  [[nodiscard]] bool quotes() const {
    if (hits_.empty()) return false;
    std::set<std::pair<std::string_view, IndicatorNumber>> seen;
    for (const Hit& hit : hits_) {
      if (hit.defanged) return true;
      if (hit.role == Role::text_only || hit.role == Role::link)
        seen.emplace(engine_.catalogue.indicators().advisory(hit.number), hit.number);
    }
    std::size_t run = 0;
    std::string_view advisory;
    for (const auto& [of, number] : seen) {
      run = of == advisory ? run + 1 : 1;
      advisory = of;
      if (run >= kMentionIndicators) return true;
    }
    return false;
  }

  // One match for each indicator and role; text only counts where nothing better was met.
  template <class Place>
  void emit_hits(Place&& place_match, std::vector<Match>& out) {
    std::stable_sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) {
      return a.number != b.number ? a.number < b.number : a.role < b.role;  // text_only is the last role
    });
    for (std::size_t i = 0; i < hits_.size(); ++i) {
      const Hit& hit = hits_[i];
      const bool same_number = i > 0 && hits_[i - 1].number == hit.number;
      if (same_number && (hits_[i - 1].role == hit.role || hit.role == Role::text_only)) continue;
      Match m;
      m.detector = engine_.catalogue.first_indicator() + hit.number;
      m.role = hit.role;
      add_field(m.fields, "indicator", hit.value);
      place_match(m);
      out.push_back(std::move(m));
    }
  }

  static bool is_text(const Blob& blob) {
    for (const std::string_view type : {"text", "html", "xml", "script", "json", "csv", "mail"}) {
      if (blob.type == type) return true;
    }
    return false;
  }

  // A host that stood in a URL of the text at hand.
  struct LastHost {
    static constexpr std::size_t kBytes = 64;
    std::string_view text;  // in the text
    std::uint64_t hash = 0;
    std::array<char, kBytes> lower;
    [[nodiscard]] std::string_view name() const { return {lower.data(), text.size()}; }
    void set(std::string_view host) {
      text = host;
      lower_into(host, lower.data());
      hash = IndicatorIndex::host_hash(name());
    }
  };

  const Compiled& engine_;
  LineLook look_;
  ValueCache unlisted_;  // values in which no indicator was met
  std::string normal_;
  TokenMarks marks_;
  LastHost host_;
  std::vector<Hit> hits_;
};

IndicatorMatcher::IndicatorMatcher(const Compiled& compiled) : impl_(std::make_unique<Impl>(compiled)) {}
IndicatorMatcher::~IndicatorMatcher() = default;
void IndicatorMatcher::expect(std::string_view text) { impl_->expect(text); }
bool IndicatorMatcher::surely_none(const Plan& plan, const RecordReader& reader, std::string_view raw) {
  return impl_->surely_none(plan, reader, raw);
}
bool IndicatorMatcher::match(const Plan& plan, const RecordContext& record, std::size_t before, std::vector<Match>& out,
                             Notices& notices) {
  return impl_->match_record(plan, record, before, out, notices);
}
bool IndicatorMatcher::match(const Blob& blob, const RecordContext& context, std::vector<Match>& out,
                             Notices& notices) {
  return impl_->match_blob(blob, context, out, notices);
}

}  // namespace assay

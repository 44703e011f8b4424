#include "evidence/messages.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "core/ascii.h"
#include "evidence/formats/line_bytes.h"

namespace assay {
namespace {

constexpr std::size_t kPatternBytes = 4096;
constexpr int kParts = 64;
constexpr std::int64_t kProgramBytes = 1 << 20;  // of one compiled pattern with its states
constexpr std::size_t kXmlFields = 256;

// The text that every fitting line begins with: what stands before the first character that means something else.
std::string literal_start(std::string_view pattern) {
  if (pattern.find('|') != std::string_view::npos && pattern.find('(') == std::string_view::npos) return {};
  int depth = 0;
  for (const char c : pattern) {
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == '|' && depth == 0) return {};
  }
  std::string out;
  std::size_t i = 0;
  while (i < pattern.size()) {
    std::size_t size = 1;
    char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size() && !is_alnum(pattern[i + 1])) {
      c = pattern[i + 1];
      size = 2;
    } else if (std::string_view("\\.[]()*+?{}|^$").find(c) != std::string_view::npos) {
      break;
    }
    const char after = i + size < pattern.size() ? pattern[i + size] : '\0';
    if (after == '*' || after == '?' || after == '{' || after == '+') break;
    out += c;
    i += size;
  }
  return out;
}

// The longest text that every fitting line holds somewhere: of the runs of plain characters that no bracket makes
// optional. Looking for it costs far less than to learn from the pattern that it does not fit.
std::string literal_inside(std::string_view pattern) {
  std::string best, run;
  const auto close = [&] {
    if (run.size() > best.size()) best = run;
    run.clear();
  };
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '[') {  // a class: one character of several
      close();
      std::size_t end = i + 1;
      if (end < pattern.size() && pattern[end] == '^') ++end;
      if (end < pattern.size() && pattern[end] == ']') ++end;
      while (end < pattern.size() && pattern[end] != ']') end += pattern[end] == '\\' ? 2U : 1U;
      i = end;
      continue;
    }
    bool plain = std::string_view(".()*+?{}|^$]").find(c) == std::string_view::npos;
    if (c == '\\') {
      ++i;
      plain = i < pattern.size() && !is_alnum(pattern[i]);
      if (plain) c = pattern[i];
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      --depth;
    } else if (c == '|' && depth == 0) {
      return {};
    } else if (c == '{') {
      while (i < pattern.size() && pattern[i] != '}') ++i;
    }
    const char after = i + 1 < pattern.size() ? pattern[i + 1] : '\0';
    const bool repeated = after == '*' || after == '?' || after == '{' || after == '+';
    if (plain && !repeated && depth == 0) {
      run += c;
    } else {
      close();
    }
  }
  close();
  return best;
}

std::string xml_text(std::string_view text) {
  constexpr std::pair<std::string_view, char> kNames[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    bool known = false;
    if (text[i] == '&') {
      for (const auto& [name, c] : kNames) {
        if (!text.substr(i).starts_with(name)) continue;
        out += c;
        i += name.size();
        known = true;
        break;
      }
    }
    if (!known) out += text[i++];
  }
  return out;
}

// Elements that hold text and no other element: <Data Name="k">v</Data> is k, <EventID>1</EventID> is EventID; of an
// empty element with attributes, <TimeCreated SystemTime="..."/> is TimeCreated.SystemTime.
void read_xml(std::string_view text, std::string_view prefix, LinePattern::Sink& out, Pairs& store,
              std::deque<std::string>& names) {
  std::size_t at = 0;
  while (out.size() < kXmlFields) {
    at = find_byte(text, '<', at);
    if (at == std::string_view::npos) return;
    const std::size_t end = find_byte(text, '>', at);
    if (end == std::string_view::npos) return;
    std::string_view tag = text.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag.empty() || tag[0] == '/' || tag[0] == '?' || tag[0] == '!') continue;
    const bool empty = tag.back() == '/';
    if (empty) tag.remove_suffix(1);
    const std::size_t name_end = std::min(tag.find(' '), tag.size());
    const std::string_view name = tag.substr(0, name_end);
    const std::string_view attributes = tag.substr(name_end);
    const auto keep = [&](std::string_view value) -> std::string_view {
      return find_byte(value, '&', 0) == std::string_view::npos ? value : store.made.emplace_back(xml_text(value));
    };
    if (empty) {
      Pairs pairs;
      read_pairs(attributes, PairStyle::words, ' ', pairs);
      for (const Pairs::One& one : pairs.list) {
        if (!one.quoted || !is_ascii(name) || out.size() >= kXmlFields) continue;
        out.emplace_back(names.emplace_back(fmt::format("{}{}.{}", prefix, name, one.key)),
                         one.made ? std::string_view(store.made.emplace_back(xml_text(one.value))) : keep(one.value));
      }
      continue;
    }
    const std::size_t close = find_byte(text, '<', at);
    if (close == std::string_view::npos || !text.substr(close).starts_with("</")) continue;  // it holds elements
    std::string_view key = name;
    constexpr std::string_view kNamed = " Name=\"";
    if (const std::size_t from = attributes.find(kNamed); from != std::string_view::npos) {
      const std::string_view rest = attributes.substr(from + kNamed.size());
      key = rest.substr(0, rest.find('"'));
    }
    if (is_ascii(key))
      out.emplace_back(names.emplace_back(fmt::format("{}{}", prefix, key)), keep(text.substr(at, close - at)));
    at = close;
  }
}

}  // namespace

struct LinePattern::Compiled {
  std::unique_ptr<re2::RE2> regex;
  std::string start, inside;       // what a fitting text begins with, and what it holds; "" where that is not known
  std::vector<std::string> names;  // by group; "" for one without a name
};

LinePattern::LinePattern() = default;
LinePattern::~LinePattern() = default;
LinePattern::LinePattern(LinePattern&&) noexcept = default;
LinePattern& LinePattern::operator=(LinePattern&&) noexcept = default;

std::string LinePattern::compile(std::string_view pattern, std::string_view prefix) {
  if (pattern.size() > kPatternBytes) return fmt::format("longer than {} bytes", kPatternBytes);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kProgramBytes);
  options.set_encoding(re2::RE2::Options::EncodingLatin1);  // evidence need not be UTF-8
  options.set_dot_nl(true);
  auto compiled = std::make_unique<Compiled>();
  compiled->regex = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!compiled->regex->ok()) return compiled->regex->error();
  const int groups = compiled->regex->NumberOfCapturingGroups();
  if (groups > kParts) return fmt::format("more than {} parts", kParts);
  compiled->names.resize(static_cast<std::size_t>(groups));
  for (const auto& [group, name] : compiled->regex->CapturingGroupNames())
    compiled->names[static_cast<std::size_t>(group - 1)] = std::string(prefix) + name;
  if (pattern.find("(?i") == std::string_view::npos && pattern.find("\\Q") == std::string_view::npos) {
    compiled->start = literal_start(pattern);
    compiled->inside = literal_inside(pattern);
    if (compiled->start.find(compiled->inside) != std::string::npos) compiled->inside.clear();
  }
  compiled_ = std::move(compiled);
  return {};
}

bool LinePattern::match(std::string_view text, Sink& out) const {
  if (!compiled_ || !text.starts_with(compiled_->start)) return false;
  if (!compiled_->inside.empty() && text.find(compiled_->inside, compiled_->start.size()) == std::string_view::npos)
    return false;
  re2::StringPiece parts[kParts + 1];
  const int groups = static_cast<int>(compiled_->names.size());
  if (!compiled_->regex->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), re2::RE2::ANCHOR_BOTH, parts,
                               groups + 1)) {
    return false;
  }
  for (std::size_t i = 0; i < compiled_->names.size(); ++i) {
    if (compiled_->names[i].empty() || parts[i + 1].data() == nullptr) continue;
    out.emplace_back(compiled_->names[i], std::string_view(parts[i + 1].data(), parts[i + 1].size()));
  }
  for (const auto& [name, value] : constants_) out.emplace_back(name, value);
  return true;
}

void MessageSet::add(const std::vector<std::string>& names, std::shared_ptr<const MessageRule> rule) {
  for (const std::string& name : names) by_name_.insert_or_assign(lower(name), rule);
  if (std::find(prefixes.begin(), prefixes.end(), rule->prefix) == prefixes.end()) prefixes.push_back(rule->prefix);
}

const MessageRule* MessageSet::find(std::string_view name) const {
  const bool lower_case = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  auto at = lower_case ? by_name_.find(name) : by_name_.find(lower(name));
  if (at == by_name_.end()) at = by_name_.find(std::string_view("*"));
  return at == by_name_.end() ? nullptr : at->second.get();
}

bool MessageSet::gives(std::string_view path) const {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& p) { return path.starts_with(p); });
}

const LinePattern::Sink& MessageFields::get() {
  if (done_) return fields_;
  done_ = true;
  fields_.clear();
  pairs_.clear();
  names_.clear();
  if (rule_ == nullptr) return fields_;
  for (const LinePattern& pattern : rule_->patterns) {
    if (pattern.match(text_, fields_)) break;
    fields_.clear();
  }
  if (rule_->pairs) {
    read_pairs(text_, *rule_->pairs, *rule_->pairs == PairStyle::marked ? '\t' : ' ', pairs_);
    for (const Pairs::One& one : pairs_.list)
      fields_.emplace_back(names_.emplace_back(rule_->prefix + std::string(one.key)), one.value);
  }
  if (rule_->xml) read_xml(text_, rule_->prefix, fields_, pairs_, names_);
  return fields_;
}

}  // namespace assay

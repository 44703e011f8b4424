// What the text of a message means, by who wrote it: line patterns with named parts, key=value words, or the data
// elements of an event in XML. A schema file gives them (docs/schemas.md, key `messages`); they are compiled once, when
// the schema is read. RE2's syntax: linear time whatever the text is.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evidence/pairs.h"

namespace assay {

// One line pattern: the whole text must fit.
class LinePattern {
 public:
  LinePattern();
  ~LinePattern();
  LinePattern(LinePattern&&) noexcept;
  LinePattern& operator=(LinePattern&&) noexcept;

  // The first thing wrong with it; "" when it can be used. `prefix` stands before each part's name.
  [[nodiscard]] std::string compile(std::string_view pattern, std::string_view prefix);
  // Constants that a fitting text has besides its parts.
  void set(std::string name, std::string value) { constants_.emplace_back(std::move(name), std::move(value)); }
  // sink(name, value) for every part that took part, then the constants. False: it does not fit.
  using Sink = std::vector<std::pair<std::string_view, std::string_view>>;
  [[nodiscard]] bool match(std::string_view text, Sink& out) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
  std::vector<std::pair<std::string, std::string>> constants_;
};

// The entry of one writer, or of several.
struct MessageRule {
  std::vector<LinePattern> patterns;  // the first that fits
  std::optional<PairStyle> pairs;     // key=value pairs of the message are fields too
  bool xml = false;                   // <Data Name="k">v</Data> and simple elements
  std::string prefix;
};

class MessageSet {
 public:
  std::string by;     // path of the discriminator, "app"
  std::string field;  // path of the text, "message"
  std::vector<std::string> prefixes;
  void add(const std::vector<std::string>& names, std::shared_ptr<const MessageRule> rule);
  [[nodiscard]] const MessageRule* find(std::string_view name) const;
  // May a path be one that a message gives?
  [[nodiscard]] bool gives(std::string_view path) const;

 private:
  std::map<std::string, std::shared_ptr<const MessageRule>, std::less<>> by_name_;  // lower case; "*": all others
};

// The fields of one record's message, taken apart when first asked for.
class MessageFields {
 public:
  void start(const MessageRule* rule, std::string_view text) {
    rule_ = rule;
    text_ = text;
    done_ = false;
  }
  [[nodiscard]] const LinePattern::Sink& get();
  [[nodiscard]] bool cut() const { return pairs_.cut; }

 private:
  const MessageRule* rule_ = nullptr;
  std::string_view text_;
  bool done_ = true;
  LinePattern::Sink fields_;
  Pairs pairs_;
  std::deque<std::string> names_;
};

}  // namespace assay

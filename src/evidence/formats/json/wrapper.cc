#include "evidence/formats/json/wrapper.h"

#include <algorithm>
#include <array>

#include "evidence/formats/json/scanner.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

// Amazon (CloudTrail, its look-up), Azure and Microsoft Graph, Google, Splunk.
constexpr std::array kLists = {"Records"sv, "records"sv, "Events"sv, "value"sv, "items"sv, "results"sv};
// What may stand before the list.
constexpr std::array kBefore = {
    "kind"sv,   "etag"sv,      "nextPageToken"sv, "preview"sv, "init_offset"sv, "messages"sv, "post_process_count"sv,
    "fields"sv, "NextToken"sv, "count"sv,         "total"sv};
// The same of Elasticsearch's answer to a search, and of the object that holds its list.
constexpr std::array kBeforeHits = {"took"sv,    "timed_out"sv, "_scroll_id"sv,       "pit_id"sv,
                                    "_shards"sv, "_clusters"sv, "terminated_early"sv, "num_reduce_phases"sv,
                                    "total"sv,   "max_score"sv};
constexpr std::string_view kHits = "hits";
constexpr std::size_t kNowhere = std::string_view::npos;

std::size_t past_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

// After the value at `at`; npos when the text ends before. Brackets are counted, not matched by kind: the reader
// judges.
std::size_t past_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') {
    const std::size_t end = json_string_end(text, at + 1);
    return end == kNowhere ? kNowhere : end + 1;
  }
  if (text[at] != '{' && text[at] != '[') return text.find_first_of(",}] \t\r\n", at);
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '"') {
      at = json_string_end(text, at + 1);
      if (at == kNowhere) return kNowhere;
    } else if (text[at] == '{' || text[at] == '[') {
      ++depth;
    } else if ((text[at] == '}' || text[at] == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return kNowhere;
}

}  // namespace

JsonWrapper json_wrapper(std::string_view object) {
  const bool all = object.size() >= kJsonWrapperBytes;
  object = object.substr(0, kJsonWrapperBytes);
  const JsonWrapper cut{all ? JsonWrapper::Kind::no : JsonWrapper::Kind::more, 0};
  std::size_t at = 1;
  std::size_t depth = 1;
  const auto one_of = [](const auto& names, std::string_view key) {
    return std::find(names.begin(), names.end(), key) != names.end();
  };
  while (true) {
    at = past_blanks(object, at);
    if (at == object.size()) return cut;
    if (object[at] != '"') return {};
    const std::size_t close = json_string_end(object, at + 1);
    if (close == kNowhere) return cut;
    const std::string_view key = object.substr(at + 1, close - at - 1);
    at = past_blanks(object, close + 1);
    if (at == object.size()) return cut;
    if (object[at] != ':') return {};
    at = past_blanks(object, at + 1);
    if (at == object.size()) return cut;
    if (key == kHits && object[at] == '{' && depth == 1) {
      ++depth;
      ++at;
      continue;
    }
    if (depth == 2 ? key == kHits : one_of(kLists, key)) {
      if (object[at] != '[') return {};
      const std::size_t first = past_blanks(object, at + 1);
      if (first == object.size()) return cut;
      if (object[first] != '{') return {};
      return {JsonWrapper::Kind::yes, at + 1, depth};
    }
    const bool before = key.starts_with("@odata.") || key.starts_with("odata.") || key.starts_with("@microsoft.") ||
                        one_of(kBefore, key) || one_of(kBeforeHits, key);
    if (!before) return {};
    at = past_value(object, at);
    if (at == kNowhere) return cut;
    at = past_blanks(object, at);
    if (at == object.size()) return cut;
    if (object[at] != ',') return {};
    ++at;
  }
}

JsonWrapperTail json_wrapper_tail(std::string_view text, std::size_t depth) {
  JsonWrapperTail tail;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      at = json_string_end(text, at + 1);
      if (at == kNowhere) return tail;
    } else if (c == '{' || c == '[') {
      ++depth;
      tail.holds_more = true;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      tail.size = at + 1;
      return tail;
    }
  }
  return tail;
}

}  // namespace assay

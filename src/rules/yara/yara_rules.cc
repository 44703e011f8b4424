#include "rules/yara/yara_rules.h"

#include <fmt/format.h>
#include <yara.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "core/ascii.h"
#include "core/hash.h"

namespace assay {
namespace {

constexpr int kScanSeconds = 120;  // wall clock, the last resort; the answer then says so
constexpr std::size_t kMatchStrings = 8;
constexpr std::size_t kAccountBytes = 256;
constexpr std::size_t kSourceBytes = std::size_t{16} << 20;
constexpr const char* kExternals[] = {"filename", "filepath", "extension", "filetype", "owner"};

// libyara keeps process-wide tables; they live until the process ends.
bool library_ready() {
  static const bool kReady = yr_initialize() == ERROR_SUCCESS;
  return kReady;
}

struct CompilerFree {
  void operator()(YR_COMPILER* c) const { yr_compiler_destroy(c); }
};
using Compiler = std::unique_ptr<YR_COMPILER, CompilerFree>;

void on_message(int level, const char*, int line, const YR_RULE*, const char* message, void* data) {
  auto& first = *static_cast<std::string*>(data);
  if (level == YARA_ERROR_LEVEL_ERROR && first.empty())
    first = fmt::format("line {}: {}", line, message == nullptr ? "error" : message);
}

Compiler new_compiler(std::string& first_error) {
  YR_COMPILER* raw = nullptr;
  if (yr_compiler_create(&raw) != ERROR_SUCCESS) return nullptr;
  Compiler compiler(raw);
  yr_compiler_set_callback(raw, on_message, &first_error);
  yr_compiler_set_include_callback(raw, nullptr, nullptr, nullptr);
  for (const char* name : kExternals) yr_compiler_define_string_variable(raw, name, "");
  return compiler;
}

// `import "time"` outside comments and strings.
bool imports_time(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/' && text.substr(i).starts_with("//")) {
      i = std::min(text.find('\n', i), text.size());
    } else if (c == '/' && text.substr(i).starts_with("/*")) {
      const std::size_t end = text.find("*/", i + 2);
      if (end == std::string_view::npos) return false;
      i = end + 1;
    } else if (c == '"') {
      for (++i; i < text.size() && text[i] != '"' && text[i] != '\n'; ++i) {
        if (text[i] == '\\') ++i;
      }
    } else if (c == 'i' && text.substr(i).starts_with("import") && (i == 0 || !is_alnum(text[i - 1]))) {
      std::string_view rest = text.substr(i + 6);
      while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
      if (rest.starts_with("\"time\"")) return true;
    }
  }
  return false;
}

std::string reason_of(int errors, const std::string& message) {
  return message.empty() ? fmt::format("does not compile ({} errors)", errors) : "does not compile: " + message;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view part : split(text, ',')) {
    if (!trim(part).empty()) out.emplace_back(trim(part));
  }
  return out;
}

void read_meta(YR_RULE* rule, YaraRuleInfo& info) {
  YR_META* meta = nullptr;
  yr_rule_metas_foreach(rule, meta) {
    if (meta->type != META_TYPE_STRING || meta->string == nullptr) continue;
    const std::string_view key = meta->identifier;
    const std::string value = to_valid_utf8(meta->string);
    if (key == "description") info.description = value;
    if (key == "author") info.author = value;
    if (key == "assay_class") info.meaning.klass = value;
    if (key == "assay_claims") info.meaning.claims = split_list(value);
    if (key == "assay_family") info.meaning.family = value;
    if (key == "assay_stage") info.meaning.stage = value;
    if (key == "assay_account") info.account = value;
  }
  const char* tag = nullptr;
  yr_rule_tags_foreach(rule, tag) { info.tags.emplace_back(tag); }
}

}  // namespace

struct YaraRules::State {
  YR_RULES* rules = nullptr;
  std::vector<std::uint32_t> number;  // by index in libyara's table; kPrivate for private rules
  State() = default;
  ~State() {
    if (rules != nullptr) yr_rules_destroy(rules);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

namespace {
constexpr std::uint32_t kPrivate = UINT32_MAX;
}

YaraRules::YaraRules() : state_(std::make_unique<State>()) {}
YaraRules::~YaraRules() = default;

std::unique_ptr<YaraRules> YaraRules::compile(std::span<const YaraSource> sources, std::vector<NotLoaded>& not_loaded) {
  std::unique_ptr<YaraRules> out(new YaraRules());
  if (sources.empty()) return out;
  const auto refuse_all = [&](const std::string& reason) {
    for (const YaraSource& source : sources) not_loaded.push_back({source.origin, "", reason});
  };
  if (!library_ready()) {
    refuse_all("libyara cannot start");
    return out;
  }
  std::vector<const YaraSource*> good;
  for (const YaraSource& source : sources) {
    std::string error;
    if (source.text.size() > kSourceBytes || source.text.find('\0') != std::string::npos) {
      not_loaded.push_back({source.origin, "", "no YARA source text"});
      continue;
    }
    if (imports_time(source.text)) {
      not_loaded.push_back({source.origin, "", "the module 'time' makes an answer depend on the clock"});
      continue;
    }
    const Compiler alone = new_compiler(error);
    if (alone == nullptr) {
      not_loaded.push_back({source.origin, "", "no memory for the compiler"});
      continue;
    }
    const int errors = yr_compiler_add_string(alone.get(), source.text.c_str(), nullptr);
    if (errors != 0) {
      not_loaded.push_back({source.origin, "", reason_of(errors, error)});
      continue;
    }
    good.push_back(&source);
  }
  if (good.empty()) return out;

  std::string error;
  const Compiler together = new_compiler(error);
  std::map<std::string, const YaraSource*> by_namespace;
  for (std::size_t i = 0; i < good.size(); ++i) {
    const std::string name = fmt::format("s{}", i);  // one namespace a source: equal rule names do not collide
    by_namespace[name] = good[i];
    if (together == nullptr || yr_compiler_add_string(together.get(), good[i]->text.c_str(), name.c_str()) != 0) {
      for (const YaraSource* source : good)
        not_loaded.push_back({source->origin, "", "the sources do not compile together: " + error});
      return out;
    }
  }
  if (yr_compiler_get_rules(together.get(), &out->state_->rules) != ERROR_SUCCESS) {
    for (const YaraSource* source : good)
      not_loaded.push_back({source->origin, "", "no memory for the compiled rules"});
    return out;
  }
  YR_RULE* rule = nullptr;
  yr_rules_foreach(out->state_->rules, rule) {
    if (RULE_IS_PRIVATE(rule)) {
      out->state_->number.push_back(kPrivate);
      continue;
    }
    const YaraSource& source = *by_namespace[rule->ns->name];
    YaraRuleInfo info;
    info.name = rule->identifier;
    info.meaning = source.meaning;
    info.advisory = source.advisory;
    info.origin = source.origin;
    info.hash = sha256_hex(source.text + '\0' + info.name);
    read_meta(rule, info);
    out->state_->number.push_back(static_cast<std::uint32_t>(out->infos_.size()));
    out->infos_.push_back(std::move(info));
  }
  return out;
}

struct YaraScanner::State {
  const YaraRules* rules = nullptr;
  YR_SCANNER* scanner = nullptr;
  std::vector<YaraMatch>* out = nullptr;
  State() = default;
  ~State() {
    if (scanner != nullptr) yr_scanner_destroy(scanner);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

namespace {

std::string account_in(std::string_view matched) {
  if (const std::size_t end = matched.rfind('"'); end != std::string_view::npos && end > 0) {
    if (const std::size_t start = matched.rfind('"', end - 1); start != std::string_view::npos)
      matched = matched.substr(start + 1, end - start - 1);
  }
  return lower(matched.substr(0, std::min(matched.find('@'), kAccountBytes)));
}

// The rule's place in libyara's table.
std::size_t index_of(const YR_RULES* rules, const YR_RULE* rule) {
  return static_cast<std::size_t>(rule - rules->rules_table);
}

}  // namespace

YaraScanner::YaraScanner(const YaraRules& rules) : state_(std::make_unique<State>()) {
  state_->rules = &rules;
  if (rules.state_->rules == nullptr) return;
  if (yr_scanner_create(rules.state_->rules, &state_->scanner) != ERROR_SUCCESS) {
    state_->scanner = nullptr;
    return;
  }
  yr_scanner_set_timeout(state_->scanner, kScanSeconds);
  // The bytes are in memory of ours: no signal handlers are needed.
  yr_scanner_set_flags(state_->scanner,
                       SCAN_FLAGS_FAST_MODE | SCAN_FLAGS_REPORT_RULES_MATCHING | SCAN_FLAGS_NO_TRYCATCH);
}
YaraScanner::~YaraScanner() = default;

YaraOutcome YaraScanner::scan(std::string_view bytes, const YaraExternals& externals, std::vector<YaraMatch>& out) {
  if (state_->rules->state_->rules == nullptr) return YaraOutcome::done;
  if (state_->scanner == nullptr) return YaraOutcome::failed;
  YR_SCANNER* const scanner = state_->scanner;
  const std::string* const values[] = {&externals.filename, &externals.filepath, &externals.extension,
                                       &externals.filetype, &externals.owner};
  for (std::size_t i = 0; i < std::size(kExternals); ++i)
    yr_scanner_define_string_variable(scanner, kExternals[i], values[i]->c_str());
  state_->out = &out;
  const std::size_t before = out.size();
  struct Context {
    State* state;
    const std::vector<std::uint32_t>* number;
    const YR_RULES* rules;
  } context{state_.get(), &state_->rules->state_->number, state_->rules->state_->rules};
  const auto callback = [](YR_SCAN_CONTEXT* scan, int message, void* data, void* user) -> int {
    if (message != CALLBACK_MSG_RULE_MATCHING) return CALLBACK_CONTINUE;
    auto& c = *static_cast<Context*>(user);
    auto* const rule = static_cast<YR_RULE*>(data);
    const std::size_t index = index_of(c.rules, rule);
    if (index >= c.number->size() || (*c.number)[index] == kPrivate) return CALLBACK_CONTINUE;
    YaraMatch match;
    match.rule = (*c.number)[index];
    const std::string& account = c.state->rules->rules()[match.rule].account;
    YR_STRING* string = nullptr;
    yr_rule_strings_foreach(rule, string) {
      if (STRING_IS_PRIVATE(string)) continue;
      // libyara keeps its matches without regard to alignment: each is copied before it is looked at.
      for (const YR_MATCH* at = scan->matches[string->idx].head; at != nullptr;) {
        YR_MATCH place;
        std::memcpy(&place, static_cast<const void*>(at), sizeof place);
        at = place.next;
        if (place.is_private) continue;
        if (match.strings.size() < kMatchStrings)
          match.strings.emplace_back(string->identifier, static_cast<std::uint64_t>(place.base + place.offset));
        if (!account.empty() && match.account.empty() && account == string->identifier) {
          match.account =
              account_in({reinterpret_cast<const char*>(place.data), static_cast<std::size_t>(place.data_length)});
        }
        break;
      }
    }
    c.state->out->push_back(std::move(match));
    return CALLBACK_CONTINUE;
  };
  yr_scanner_set_callback(scanner, callback, &context);
  const int result = yr_scanner_scan_mem(scanner, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
            [](const YaraMatch& a, const YaraMatch& b) { return a.rule < b.rule; });
  if (result == ERROR_SUCCESS) return YaraOutcome::done;
  return result == ERROR_SCAN_TIMEOUT ? YaraOutcome::timeout : YaraOutcome::failed;
}

}  // namespace assay

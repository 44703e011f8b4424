#include "rules/ir/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <utility>

#include "core/limits.h"

namespace assay::ir {
namespace {

constexpr std::size_t kPatternBytes = 16 * 1024;
constexpr std::size_t kCompiledBytes = std::size_t{1} << 20;
constexpr std::uint32_t kDepth = 100'000;  // of backtracking points
constexpr std::uint32_t kHeapKiB = 20'000;
constexpr std::size_t kJitStack = 512 * 1024;

}  // namespace

struct RegexScratch::State {
  pcre2_match_data* match = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, kJitStack, nullptr);
  State() {
    pcre2_set_match_limit(context, static_cast<std::uint32_t>(limits::kRegexSteps));
    pcre2_set_depth_limit(context, kDepth);
    pcre2_set_heap_limit(context, kHeapKiB);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~State() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
    pcre2_match_data_free(match);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

RegexScratch::RegexScratch() : state_(std::make_unique<State>()) {}
RegexScratch::~RegexScratch() = default;

struct Regex::Code {
  pcre2_code* code = nullptr;
  std::size_t size = 0;
  Code() = default;
  ~Code() { pcre2_code_free(code); }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
};

Regex::Regex(std::unique_ptr<Code> code) : code_(std::move(code)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Result<Regex> Regex::compile(std::string_view pattern, std::uint8_t flags) {
  if (pattern.size() > kPatternBytes) return Error{ErrorCode::limit, "the regular expression is too long"};
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
  if (flags & 1) options |= PCRE2_CASELESS;
  if (flags & 2) options |= PCRE2_MULTILINE;
  if (flags & 4) options |= PCRE2_DOTALL;
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto code = std::make_unique<Code>();
  code->code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &offset, nullptr);
  if (code->code == nullptr) {
    PCRE2_UCHAR message[128] = {};
    pcre2_get_error_message(error, message, sizeof message);
    return Error{ErrorCode::bad_input, fmt::format("the regular expression is wrong at character {}: {}", offset,
                                                   reinterpret_cast<const char*>(message))};
  }
  pcre2_pattern_info(code->code, PCRE2_INFO_SIZE, &code->size);
  if (code->size > kCompiledBytes) return Error{ErrorCode::limit, "the regular expression is too large"};
  return Regex(std::move(code));
}

std::size_t Regex::size() const { return code_->size; }

void Regex::speed_up() { pcre2_jit_compile(code_->code, PCRE2_JIT_COMPLETE); }

Regex::Found Regex::search(std::string_view text, RegexScratch& scratch) const {
  RegexScratch::State& s = scratch.state();
  const auto run = [&](std::uint32_t options) {
    static constexpr char kNothing[] = "";
    const char* const data = text.data() == nullptr ? kNothing : text.data();
    return pcre2_match(code_->code, reinterpret_cast<PCRE2_SPTR>(data), text.size(), 0, options, s.match, s.context);
  };
  int result = run(0);
  if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = run(PCRE2_NO_JIT);
  if (result >= 0) return Found::yes;  // 0: the match data has room for one pair only
  if (result == PCRE2_ERROR_NOMATCH) return Found::no;
  return Found::limit;
}

std::optional<std::string> Regex::replace(std::string_view text, std::string_view replacement,
                                          RegexScratch& scratch) const {
  // Groups are written \\1 (Sigma's pipelines come from Python); PCRE2 writes ${1}.
  std::string form;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    const char next = i + 1 < replacement.size() ? replacement[i + 1] : '\0';
    if (c == '$') {
      form += "$$";
    } else if (c == '\\' && next >= '0' && next <= '9') {
      form += fmt::format("${{{}}}", next);
      ++i;
    } else if (c == '\\' && next == '\\') {
      form += '\\';
      ++i;
    } else {
      form += c;
    }
  }
  std::string out(kPatternBytes, '\0');
  PCRE2_SIZE size = out.size();
  // The scratch's match data holds one pair only: groups need their own.
  pcre2_match_data* const groups = pcre2_match_data_create_from_pattern(code_->code, nullptr);
  const int result =
      pcre2_substitute(code_->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, PCRE2_SUBSTITUTE_GLOBAL,
                       groups, scratch.state().context, reinterpret_cast<PCRE2_SPTR>(form.data()), form.size(),
                       reinterpret_cast<PCRE2_UCHAR*>(out.data()), &size);
  pcre2_match_data_free(groups);
  if (result < 0) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace assay::ir

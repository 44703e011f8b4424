// Hostile rules: each is loaded or refused with a message that says where, within 64 MiB and bounded work. Work is
// counted in allocations, which no machine's speed changes; make bench has the CPU seconds (sigma.hostile).
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>

#include "rules/ir/regex.h"
#include "rules/sigma/testing_hostile.h"

namespace {

std::atomic<std::size_t> allocations{0}, held{0}, peak{0};

void* counted(std::size_t size) {
  void* const at = std::malloc(size == 0 ? 1 : size);
  if (at == nullptr) throw std::bad_alloc();
  ++allocations;
  const std::size_t now = held += malloc_usable_size(at);
  if (now > peak) peak = now;
  return at;
}
void uncounted(void* at) noexcept {
  if (at != nullptr) held -= malloc_usable_size(at);
  std::free(at);
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
// A sanitizer's own do not come back to these.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept try {
  return counted(size);
} catch (const std::bad_alloc&) {
  return nullptr;
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* at) noexcept { uncounted(at); }
void operator delete[](void* at) noexcept { uncounted(at); }
void operator delete(void* at, std::size_t) noexcept { uncounted(at); }
void operator delete[](void* at, std::size_t) noexcept { uncounted(at); }

namespace assay {
namespace {

using testing_rules::Hostile;

constexpr std::size_t kMemory = std::size_t{64} << 20;
constexpr std::size_t kAllocations = 4'000'000;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimited = false;  // a sanitizer reserves terabytes
#else
constexpr bool kLimited = true;
#endif

// "VmData" of this process, bytes: what RLIMIT_DATA counts.
std::size_t data_now() {
  std::ifstream in("/proc/self/status");
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with("VmData:")) return std::strtoull(line.c_str() + 7, nullptr, 10) * 1024;
  }
  return 0;
}

struct Outcome {
  std::size_t allocations = 0, peak = 0, rules = 0, refused = 0, unplaced = 0;
  std::string reason;
  bool finished = false;
};

// In a process of its own, which may hold 64 MiB more than now: also what libyaml and PCRE take.
Outcome load_apart(const Hostile& hostile) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    if (kLimited) {
      const rlim_t most = data_now() + kMemory;
      const rlimit limit{most, most};
      if (setrlimit(RLIMIT_DATA, &limit) != 0) std::_Exit(3);
    }
    const std::size_t before = held;
    peak = before;
    allocations = 0;
    const RuleSet rules = testing_rules::load_hostile(hostile);
    const std::size_t count = allocations, most = peak - before;
    // A refusal names its file and its place, or that of the pipeline.
    std::size_t unplaced = 0;
    for (const NotLoaded& n : rules.not_loaded)
      unplaced += n.path.empty() || (n.line == 0 && !n.reason.starts_with("pipeline.yml:")) ? 1U : 0U;
    std::ostringstream out;
    out << count << ' ' << most << ' ' << rules.rules.size() << ' ' << rules.not_loaded.size() << ' ' << unplaced << ' '
        << (rules.not_loaded.empty() ? "" : rules.not_loaded.front().reason.substr(0, 2000));
    const std::string text = out.str();
    std::_Exit(write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 4);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  Outcome out;
  std::istringstream in(text);
  in >> out.allocations >> out.peak >> out.rules >> out.refused >> out.unplaced;
  std::getline(in, out.reason);
  out.finished = status == 0;
  return out;
}

TEST(SigmaHostile, EachIsLoadedOrRefusedWithinBounds) {
  std::size_t most_work = 0, most_memory = 0;
  const std::vector<Hostile> all = testing_rules::hostile_rules();
  EXPECT_GT(all.size(), 45U);
  for (const Hostile& hostile : all) {
    const Outcome outcome = load_apart(hostile);
    EXPECT_TRUE(outcome.finished) << hostile.name << ": no end within 64 MiB";
    if (!outcome.finished) continue;
    if (hostile.says.empty()) {
      EXPECT_EQ(outcome.refused, 0U) << hostile.name << ":" << outcome.reason;
      EXPECT_GT(outcome.rules, 0U) << hostile.name;
    } else {
      EXPECT_NE(outcome.reason.find(hostile.says), std::string::npos) << hostile.name << ":" << outcome.reason;
    }
    EXPECT_EQ(outcome.unplaced, 0U) << hostile.name << ":" << outcome.reason;
    EXPECT_LT(outcome.allocations, kAllocations) << hostile.name;
    EXPECT_LT(outcome.peak, kMemory) << hostile.name;
    most_work = std::max(most_work, outcome.allocations);
    most_memory = std::max(most_memory, outcome.peak);
    if (std::getenv("ASSAY_VERBOSE") != nullptr)
      std::printf("%-56s %9zu allocations %6.1f MiB %s\n", hostile.name.c_str(), outcome.allocations,
                  static_cast<double>(outcome.peak) / 1048576, outcome.reason.substr(0, 200).c_str());
  }
  std::printf("%zu hostile rules, at most %zu allocations and %.1f MiB\n", all.size(), most_work,
              static_cast<double>(most_memory) / 1048576);
}

#if !defined(__SANITIZE_ADDRESS__)
// The judge of the test above: what asks for more than it may is seen to fail.
TEST(SigmaHostile, TheBoundOfMemoryHolds) {
  Hostile large{"large", testing_rules::rule_with("  s: {A: x}\n  condition: s\n"), ""};
  EXPECT_TRUE(load_apart(large).finished);
  const pid_t pid = fork();
  if (pid == 0) {
    const rlim_t most = data_now() + kMemory;
    const rlimit limit{most, most};
    if (setrlimit(RLIMIT_DATA, &limit) != 0) std::_Exit(3);
    std::_Exit(std::malloc(kMemory * 2) == nullptr ? 7 : 0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}
#endif

// A catastrophic expression loads, and gives up on a record that would keep it busy for ever: steps are counted.
TEST(SigmaHostile, ExpressionsGiveUp) {
  for (const char* const pattern : {"^(a+)+$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*(.*)*(.*)*z"}) {
    const auto regex = ir::Regex::compile(pattern, 0);
    ASSERT_TRUE(regex.ok());
    ir::RegexScratch scratch;
    EXPECT_NE(regex->search(std::string(40'000, 'a') + "!" + std::string(40'000, 'x'), scratch), ir::Regex::Found::yes)
        << pattern;
  }
}

}  // namespace
}  // namespace assay

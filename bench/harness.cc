#include "harness.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>

namespace assay::bench {
namespace {

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double seconds_of(const timeval& value) {
  return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) * 1e-6;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The number after `key` in a /proc file of "Key:   123 kB" lines, in kB; 0 when there is none.
std::uint64_t proc_kb(const std::string& path, std::string_view key) {
  const auto text = read_file(path);
  if (!text.ok()) return 0;
  const std::size_t at = text->find(key);
  if (at == std::string::npos) return 0;
  const std::size_t digit = text->find_first_of("0123456789", at + key.size());
  if (digit == std::string::npos) return 0;
  std::uint64_t value = 0;
  std::from_chars(text->data() + digit, text->data() + text->size(), value);
  return value;
}

// A process and all its descendants.
std::vector<pid_t> tree(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
    const auto stat = read_file(entry.path().string() + "/stat");
    if (!stat.ok()) continue;
    // The command in brackets may hold anything; the parent stands after the state that follows the last bracket.
    const std::size_t close = stat->rfind(')');
    if (close == std::string::npos || close + 4 > stat->size()) continue;
    pid_t parent = 0;
    std::from_chars(stat->data() + close + 4, stat->data() + stat->size(), parent);
    children.emplace(parent, pid);
  }
  std::vector<pid_t> all = {root};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [first, last] = children.equal_range(all[i]);
    for (auto at = first; at != last; ++at) all.push_back(at->second);
  }
  return all;
}

// Nanoseconds that a process has been on a core, user and system.
std::uint64_t on_core_ns(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/schedstat");
  std::uint64_t value = 0;
  if (text.ok()) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

volatile std::uint64_t kept = 0;

}  // namespace

double cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

double peak_mb() { return static_cast<double>(proc_kb("/proc/self/status", "VmHWM:")) * 1.024e-3; }

double resident_mb() { return static_cast<double>(proc_kb("/proc/self/status", "VmRSS:")) * 1.024e-3; }

Pair measure(int rounds, const std::function<void()>& ours, const std::function<void()>& reference) {
  // The peak of our half alone: the kernel's high-water mark is set back to what is held now.
  const std::uint64_t before = proc_kb("/proc/self/status", "VmRSS:");
  (void)write_file("/proc/self/clear_refs", "5");
  ours();
  const std::uint64_t peak = proc_kb("/proc/self/status", "VmHWM:");
  reference();

  std::vector<double> our_times, reference_times, ratios;
  for (int round = 0; round < rounds; ++round) {
    const double start = cpu_seconds();
    ours();
    const double middle = cpu_seconds();
    reference();
    const double end = cpu_seconds();
    our_times.push_back(middle - start);
    reference_times.push_back(end - middle);
    ratios.push_back((end - middle) / std::max(middle - start, 1e-9));
  }
  Pair pair;
  pair.ours = std::max(median(our_times), 1e-9);
  pair.reference = median(reference_times);
  pair.ratio = median(ratios);
  pair.peak_mb = peak > before ? static_cast<double>(peak - before) * 1.024e-3 : 0;
  return pair;
}

ChildRun run_child(std::span<const std::string> command, const std::string& stdout_path) {
  ChildRun run;
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  rusage before{};
  getrusage(RUSAGE_CHILDREN, &before);
  const double start = seconds_of(CLOCK_MONOTONIC);
  const pid_t pid = fork();
  if (pid < 0) return run;
  if (pid == 0) {
    const int out = open(stdout_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out >= 0) dup2(out, STDOUT_FILENO);
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  std::uint64_t peak = 0;
  int status = 0;
  // Descendants that nobody waits for are in no rusage: what each has used is sampled until it ends (5 ms at most are
  // missed).
  std::map<pid_t, std::uint64_t> used;
  for (unsigned round = 0; waitpid(pid, &status, WNOHANG) == 0; ++round) {
    std::uint64_t pss = 0;
    for (const pid_t one : tree(pid)) {
      used[one] = std::max(used[one], on_core_ns(one));
      if (round % 8 == 0) pss += proc_kb("/proc/" + std::to_string(one) + "/smaps_rollup", "\nPss:");
    }
    peak = std::max(peak, pss);
    usleep(5'000);
  }
  rusage after{};
  getrusage(RUSAGE_CHILDREN, &after);
  run.wall_seconds = seconds_of(CLOCK_MONOTONIC) - start;
  const double waited = seconds_of(after.ru_utime) + seconds_of(after.ru_stime) - seconds_of(before.ru_utime) -
                        seconds_of(before.ru_stime);
  double sampled = 0;
  for (const auto& [one, ns] : used) sampled += static_cast<double>(ns) * 1e-9;
  run.cpu_seconds = std::max(waited, sampled);
  run.peak_mb = static_cast<double>(peak) * 1.024e-3;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

Result<std::string> read_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{ErrorCode::io, "cannot be opened", path};
  std::string out;
  char buffer[1 << 16];
  ssize_t got = 0;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) out.append(buffer, static_cast<std::size_t>(got));
  close(fd);
  if (got < 0) return Error{ErrorCode::io, "cannot be read", path};
  return out;
}

Status write_file(const std::string& path, std::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return Error{ErrorCode::io, "cannot be written", path};
  while (!bytes.empty()) {
    const ssize_t done = write(fd, bytes.data(), bytes.size());
    if (done <= 0) {
      close(fd);
      return Error{ErrorCode::io, "cannot be written", path};
    }
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  close(fd);
  return Ok{};
}

void keep(std::uint64_t value) { kept = kept + value; }

}  // namespace assay::bench

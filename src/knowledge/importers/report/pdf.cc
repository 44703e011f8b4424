#include "knowledge/importers/report/pdf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace assay {
namespace {

constexpr int kFirstPassed = 3;
constexpr int kMostDescriptors = 4096;

class Pipe {
 public:
  Pipe() { ok_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close(0);
    close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] int end(std::size_t which) const { return ends_[which]; }
  void close(std::size_t which) {
    if (ends_[which] >= 0) ::close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
  bool ok_ = false;
};

void limit(int what, rlim_t value) {
  const rlimit both{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(what), &both);
}

// After fork: only calls that are allowed there.
[[noreturn]] void become(const char* program, bool layout, int in, int out) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit(RLIMIT_CPU, kPdfSeconds);
  limit(RLIMIT_AS, kPdfMemory);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CORE, 0);
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0) ::_exit(126);
  const int null = ::open("/dev/null", O_WRONLY);
  if (null >= 0) ::dup2(null, 2);
  for (int fd = kFirstPassed; fd < kMostDescriptors; ++fd) ::close(fd);
  if (::chdir("/") != 0) ::_exit(126);
  const char* const plain[] = {"pdftotext", "-q", "-nopgbrk", "-raw", "-enc", "UTF-8", "-", "-", nullptr};
  const char* const laid[] = {"pdftotext", "-q", "-nopgbrk", "-layout", "-enc", "UTF-8", "-", "-", nullptr};
  const char* const nothing[] = {nullptr};
  ::execve(program, const_cast<char* const*>(layout ? laid : plain), const_cast<char* const*>(nothing));
  ::_exit(127);
}

std::int64_t milliseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

Result<std::string> pdf_to_text(std::string_view bytes, bool layout, bool& cut, const std::string& program) {
  cut = false;
  std::string path = program;
  for (const char* const usual : {"/usr/bin/pdftotext", "/usr/local/bin/pdftotext"}) {
    if (path.empty() && ::access(usual, X_OK) == 0) path = usual;
  }
  if (path.empty() || ::access(path.c_str(), X_OK) != 0) {
    return Error{ErrorCode::not_found, "reading PDF needs the program pdftotext, which is not installed", path,
                 "install the package poppler-utils, or give the report as text"};
  }
  Pipe to, from;
  if (!to.ok() || !from.ok()) return Error{ErrorCode::io, "no pipe could be made", {}, "close other programs"};
  const pid_t child = ::fork();
  if (child < 0) return Error{ErrorCode::io, "no process could be started", {}, "close other programs"};
  if (child == 0) become(path.c_str(), layout, to.end(0), from.end(1));
  to.close(0);
  from.close(1);
  struct sigaction ignore{}, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  ::fcntl(to.end(1), F_SETFL, O_NONBLOCK);

  std::string out;
  std::size_t sent = 0;
  bool late = false;
  const std::int64_t end = milliseconds() + std::int64_t{2} * kPdfSeconds * 1000;
  std::array<char, 65536> buffer{};
  while (true) {
    std::array<pollfd, 2> watched = {{{from.end(0), POLLIN, 0}, {sent < bytes.size() ? to.end(1) : -1, POLLOUT, 0}}};
    const std::int64_t left = end - milliseconds();
    if (left <= 0) {
      late = true;
      break;
    }
    const int ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::min<std::int64_t>(left, 1000)));
    if (ready < 0 && errno != EINTR) break;
    if (ready <= 0) continue;
    if (watched[1].revents != 0) {
      const ssize_t n = ::write(to.end(1), bytes.data() + sent, bytes.size() - sent);
      if (n > 0) sent += static_cast<std::size_t>(n);
      if (n < 0 && errno != EAGAIN && errno != EINTR) sent = bytes.size();
      if (sent == bytes.size()) to.close(1);
    }
    if (watched[0].revents != 0) {
      const ssize_t n = ::read(from.end(0), buffer.data(), buffer.size());
      if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) break;
      if (n > 0) {
        const std::size_t room = kPdfTextBytes - std::min(out.size(), kPdfTextBytes);
        cut = cut || static_cast<std::size_t>(n) > room;
        out.append(buffer.data(), std::min(static_cast<std::size_t>(n), room));
        if (cut) break;
      }
    }
  }
  if (late || cut) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  ::sigaction(SIGPIPE, &before, nullptr);
  if (late)
    return Error{ErrorCode::limit,
                 fmt::format("pdftotext took longer than {} seconds", 2 * kPdfSeconds),
                 {},
                 "give the report as text"};
  if (cut) return out;
  if (WIFSIGNALED(status))
    return Error{ErrorCode::bad_input,
                 fmt::format("pdftotext ended by signal {} on this file", WTERMSIG(status)),
                 {},
                 "the file is damaged or hostile; give the report as text"};
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && out.empty())
    return Error{ErrorCode::bad_input,
                 fmt::format("pdftotext cannot read this file (exit code {})", WEXITSTATUS(status)),
                 {},
                 "it is damaged, encrypted or no PDF; give the report as text"};
  return out;
}

}  // namespace assay

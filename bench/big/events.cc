// Inputs of scripts/big, of any size, file by file, the same bytes everywhere.
// assay_big events FOLDER BYTES: Windows events that repeat little (windows_diverse), in files of about 1 GB; no two
// pieces are equal, so nothing is a copy of anything.
// assay_big bursts FOLDER EVENTS FILES: small process creations that all meet one rule, in bursts of kBurst within a
// minute for one user; every tenth burst lacks one event. Each burst is spread over all files, and the events of a file
// stand in no order. Prints how many bursts are whole.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "../generate.h"
#include "core/time.h"

namespace assay::bench {
namespace {

constexpr std::size_t kPiece = std::size_t{16} << 20, kFile = std::size_t{1} << 30;
constexpr std::uint64_t kBurst = 100, kUsers = 500;
constexpr std::int64_t kFirst = 1'600'000'000;  // seconds

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

bool write_all(std::FILE* file, std::string_view bytes) {
  return std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
}

int events(const std::filesystem::path& folder, std::uint64_t bytes) {
  std::uint64_t written = 0, seed = 1;
  for (int number = 0; written < bytes; ++number) {
    const File file(std::fopen((folder / fmt::format("events-{:03}.json", number)).c_str(), "wb"));
    if (!file) return 1;
    for (std::uint64_t in_file = 0; in_file < kFile && written < bytes; ++seed) {
      const std::string piece = windows_diverse(std::min<std::size_t>(kPiece, bytes - written), seed);
      if (!write_all(file.get(), piece)) return 1;
      in_file += piece.size();
      written += piece.size();
    }
  }
  fmt::print("{}\n", written);
  return 0;
}

// A number without a common divisor with any count of bursts that is no multiple of it: the order of a file.
constexpr std::uint64_t kStride = 1'000'003;

int bursts(const std::filesystem::path& folder, std::uint64_t wanted, std::uint64_t files) {
  const std::uint64_t count = wanted / kBurst;
  for (std::uint64_t number = 0; number < files; ++number) {
    const File file(std::fopen((folder / fmt::format("bursts-{:03}.json", number)).c_str(), "wb"));
    if (!file) return 1;
    std::string out;
    for (std::uint64_t step = 0; step < count; ++step) {
      const std::uint64_t burst = (step * kStride + number * 7) % count;
      const std::uint64_t size = burst % 10 == 9 ? kBurst - 1 : kBurst;
      // A user's next burst begins an hour after the last one.
      const std::int64_t start = kFirst + static_cast<std::int64_t>(burst / kUsers) * 3600;
      for (std::uint64_t event = size; event-- > 0;) {
        if ((event * 5 + burst) % files != number) continue;
        const Time time{(start + static_cast<std::int64_t>(event * 59 / kBurst)) * kSecond};
        out += fmt::format(
            R"({{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"@timestamp":"{}","Hostname":"ws-{:03}","Image":"C:\\Tools\\burst.exe","CommandLine":"burst {} {}","User":"user{:03}"}})",
            format_utc(time), event % 40, burst, event, burst % kUsers);
        out += '\n';
      }
      if (out.size() > kPiece) {
        if (!write_all(file.get(), out)) return 1;
        out.clear();
      }
    }
    if (!write_all(file.get(), out)) return 1;
  }
  fmt::print("{}\n", count - count / 10);
  return 0;
}

int run(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if ((what != "events" || count != 4) && (what != "bursts" || count != 5)) {
    fmt::print(stderr, "assay_big events FOLDER BYTES | bursts FOLDER EVENTS FILES\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[2];
  std::filesystem::create_directories(folder);
  const std::uint64_t amount = std::strtoull(arguments[3], nullptr, 10);
  const int failed = what == "events"
                         ? events(folder, amount)
                         : bursts(folder, amount, std::max(1ULL, std::strtoull(arguments[4], nullptr, 10)));
  if (failed != 0) fmt::print(stderr, "assay_big: cannot write below {}\n", folder.string());
  return failed;
}

}  // namespace
}  // namespace assay::bench

int main(int count, char** arguments) { return assay::bench::run(count, arguments); }

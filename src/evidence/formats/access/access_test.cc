#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/time.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using drain::schemas;
using drain::slurp;

struct Counts {
  std::uint64_t records = 0, damaged = 0, without_time = 0, bytes = 0;
};
Counts counts_of(const fs::path& path) {
  const std::string bytes = slurp(path);
  EXPECT_GE(
      access_format().recognise(std::string_view(bytes).substr(0, 65536), bytes.size() <= 65536, "x", schemas()).score,
      80)
      << path;
  Counts counts;
  Projection projection;
  const Slot time = projection.add("time");
  const Slot size = projection.add("bytes");
  FieldTable table;
  const drain::Result result = drain::run(
      access_format(), bytes, "access-log", schemas(), drain::whole(), [&](RecordReader& reader, std::string&) {
        ++counts.records;
        table.reset(projection.size());
        reader.read(projection, table);
        counts.without_time += parse_clf(table.first(time).text).has_value() ? 0U : 1U;
        counts.bytes += static_cast<std::uint64_t>(parse_int(table.first(size).text).value_or(0));
      });
  EXPECT_EQ(result.broken_promise, "");
  counts.damaged = result.damaged;
  return counts;
}

// Counts taken with grep and awk from the same files.
TEST(Access, RealLogs) {
  const char* const env = std::getenv("ASSAY_DATA");
  const fs::path folder = fs::path(env != nullptr ? env : "") / "web";
  if (env == nullptr || !fs::exists(folder)) GTEST_SKIP() << "no access logs here: set ASSAY_DATA";
  const Counts site = counts_of(folder / "apache_logs");
  EXPECT_EQ(site.records, 10'000U);
  EXPECT_EQ(site.damaged, 0U);
  EXPECT_EQ(site.without_time, 0U);
  EXPECT_EQ(site.bytes, 2'747'282'740U);
  Counts honeynet;
  for (const auto& entry : fs::directory_iterator(folder / "honeynet-redhat-2004/httpd")) {
    if (fs::file_size(entry.path()) < 2) continue;  // three are empty but for a line end
    const Counts one = counts_of(entry.path());
    honeynet.records += one.records;
    honeynet.damaged += one.damaged;
    honeynet.without_time += one.without_time;
  }
  EXPECT_EQ(honeynet.damaged, 0U);
  EXPECT_EQ(honeynet.without_time, 0U);
  EXPECT_EQ(honeynet.records, 38'487U);
  for (const char* name : {"buffaloverflow", "query-params", "xml-template"}) {
    EXPECT_EQ(counts_of(folder / "citrix-cve-2019-19781/access-logs" / name / "var/log/httpaccess.log").records, 2U)
        << name;
  }
}

TEST(Access, RecognisedByMostLines) {
  const auto score = [](std::string_view head) {
    return access_format().recognise(head, true, "httpaccess.log", schemas()).score;
  };
  const std::string line = "198.51.100.7 - - [16/Apr/2020:02:12:07 +0000] \"GET / HTTP/1.1\" 200 10\n";
  EXPECT_GT(score(line), 80);
  EXPECT_GT(score("# note\n\n" + line), 80);
  EXPECT_GT(score("broken\n" + line), 80);
  EXPECT_EQ(score("broken\nbroken\n" + line), 0);
  EXPECT_EQ(score("198.51.100.7 - - [16/Foo/2020:02:12:07 +0000] \"GET / HTTP/1.1\" 200 10\n"), 0);
  EXPECT_EQ(score(""), 0);
}

}  // namespace
}  // namespace assay

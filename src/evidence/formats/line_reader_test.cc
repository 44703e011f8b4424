// What belongs to no line of a log of lines, in one place for all of their formats: the mark of UTF-8, zeros, carriage
// returns. Every golden input of every such format is read with them, and gives the records that it gives without.
#include "evidence/formats/line_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "evidence/clock.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using drain::schemas;

Recognised known(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  return recognise(head, head.size() == bytes.size(), "evidence", schemas());
}

// The fields of each record, without its place.
std::vector<std::string> fields(const Recognised& found, std::string_view bytes, const drain::Chunks& chunks,
                                Notices* notices = nullptr) {
  std::vector<std::string> out;
  const drain::Result result = drain::run(*found.format, bytes, found.recognition.shape, schemas(), chunks,
                                          [&](RecordReader& reader, std::string&) {
                                            std::string text = schemas().at(reader.shape()).shape;
                                            reader.all_fields([&](std::string_view path, Value value) {
                                              if (path != "also_at")
                                                text.append("\n").append(path).append("=").append(value.text);
                                            });
                                            out.push_back(std::move(text));
                                          });
  EXPECT_EQ(result.broken_promise, "");
  if (notices != nullptr) {
    for (const Notice& notice : result.notices.sorted()) notices->add(notice);
  }
  return out;
}

// f(name, bytes) for every golden input of a format of lines.
template <class F>
void each_input(F&& f) {
  std::size_t count = 0;
  for (const auto& room : fs::directory_iterator(fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats")) {
    if (!room.is_directory() || !fs::exists(room.path() / "testdata")) continue;
    for (const auto& entry : fs::directory_iterator(room.path() / "testdata")) {
      if (entry.path().extension() != ".in") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      const Recognised found = known(bytes);
      if (found.format == nullptr || !found.format->of_lines()) continue;
      SCOPED_TRACE(entry.path().filename().string());
      f(found, bytes);
      ++count;
    }
  }
  EXPECT_GT(count, 40U);
}

TEST(LineReader, AMarkInFrontChangesNothing) {
  each_input([](const Recognised& found, const std::string& bytes) {
    if (bytes.starts_with(kUtf8Mark) || bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return;
    const std::string marked = std::string(kUtf8Mark) + bytes;
    const Recognised again = known(marked);
    ASSERT_EQ(again.format, found.format);
    EXPECT_EQ(again.recognition.shape, found.recognition.shape);
    const std::vector<std::string> expected = fields(found, bytes, drain::whole());
    EXPECT_EQ(fields(again, marked, drain::whole()), expected);
    EXPECT_EQ(fields(again, marked, drain::each(1)), expected);
  });
}

TEST(LineReader, ZerosInFrontAreSkippedAndTold) {
  std::mt19937 random(6);
  each_input([&](const Recognised& found, const std::string& bytes) {
    if (found.format->name() == "csv" || bytes.starts_with(kUtf8Mark)) return;  // a table without its header is none
    for (const std::size_t zeros : {std::size_t{16}, std::size_t{5000}, (std::size_t{1} << 16) + 3}) {
      const std::string led = std::string(zeros, '\0') + bytes;
      // Whoever opens the file looks behind zeros that fill its head.
      const std::unique_ptr<ByteStream> stream = open_memory(led);
      const std::string behind = head_behind_zeros(*stream, std::size_t{64} << 10);
      ASSERT_EQ(behind, bytes.substr(0, std::size_t{64} << 10));
      const std::vector<std::string> expected = fields(found, bytes, drain::whole());
      Notices notices;
      Recognised again = known(zeros < (std::size_t{1} << 16) ? led : behind);
      ASSERT_EQ(again.format, found.format);
      EXPECT_EQ(fields(again, led, drain::whole(), &notices), expected);
      const bool silent = found.format->room() == "w3c";  // space that is set aside
      bool told = false;
      for (const Notice& notice : notices.sorted()) told = told || notice.detail.find("zeros where") == 0;
      EXPECT_EQ(told, !silent);
      EXPECT_EQ(fields(again, led, [&] { return 1 + random() % 9000; }), expected);
    }
  });
}

TEST(LineReader, CarriageReturnsAloneEndLines) {
  each_input([](const Recognised& found, std::string bytes) {
    if (bytes.find('\r') != std::string::npos || bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) return;
    if (std::count(bytes.begin(), bytes.end(), '\n') < 2) return;
    const std::vector<std::string> expected = fields(found, bytes, drain::whole());
    std::replace(bytes.begin(), bytes.end(), '\n', '\r');
    const Recognised again = known(bytes);
    ASSERT_NE(again.format, nullptr);
    EXPECT_EQ(again.format->name(), found.format->name());
    EXPECT_EQ(again.format->split(), Split::none);
    const std::vector<std::string> got = fields(again, bytes, drain::whole());
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      std::string plain = got[i], wanted = expected[i];  // a line end inside a value is the one that stands there
      std::replace(plain.begin(), plain.end(), '\r', '\n');
      std::replace(wanted.begin(), wanted.end(), '\r', '\n');
      EXPECT_EQ(plain, wanted);
    }
    EXPECT_EQ(fields(again, bytes, drain::each(1)), got);
  });
}

std::string log_line(int n) {
  return "Mar  1 00:00:" + std::to_string(10 + n) + " gw sshd[1]: Accepted password for user" + std::to_string(n) +
         " from 192.0.2.1 port 22 ssh2\n";
}

// A machine that fell over leaves zeros in the middle of a line: the line before and those behind are read.
TEST(LineReader, ZerosInTheMiddleCostTheLineThatTheyCut) {
  const std::string before = log_line(1) + log_line(2).substr(0, 40);
  for (const std::size_t zeros : {std::size_t{600}, std::size_t{4096}, std::size_t{3} << 20}) {
    const std::string bytes = before + std::string(zeros, '\0') + log_line(3) + log_line(4);
    const Recognised found = known(bytes);
    ASSERT_NE(found.format, nullptr);
    EXPECT_EQ(found.format->name(), "syslog");
    Notices notices;
    const std::vector<std::string> got = fields(found, bytes, drain::each(1 << 16), &notices);
    ASSERT_EQ(got.size(), 4U);
    EXPECT_NE(got[0].find("user1"), std::string::npos);
    EXPECT_NE(got[2].find("user3"), std::string::npos);
    EXPECT_NE(got[3].find("user4"), std::string::npos);
    EXPECT_GE(notices.sorted().front().count, 1U);
    EXPECT_EQ(fields(found, bytes, drain::each(977)), got);
  }
}

TEST(LineReader, FewZerosAreCharacters) {
  const std::string bytes = log_line(0) + log_line(1) + std::string(3, '\0') + log_line(2);
  Notices notices;
  EXPECT_EQ(fields(known(bytes), bytes, drain::whole(), &notices).size(), 3U);
  EXPECT_TRUE(notices.sorted().empty());
  EXPECT_EQ(plain_head(log_line(1)), "");
  EXPECT_EQ(plain_head(std::string("a\0b", 3)), "");
}

// A range that ends inside zeros or inside the line that they cut reads to the end of the line behind them.
TEST(LineReader, ZerosAndTheLineBehindThemAreOfOneRange) {
  const std::unique_ptr<RecordReader> reader = syslog_format().open({}, {}, schemas());
  const std::string bytes = std::string(100'000, '\0') + log_line(1);
  std::string_view rest = bytes;
  Frame frame = reader->next(rest, true);
  EXPECT_EQ(frame.next, std::size_t{1} << 16);
  EXPECT_TRUE(reader->inside_block());
  rest.remove_prefix(frame.next);
  frame = reader->next(rest, true);
  EXPECT_TRUE(reader->inside_block());
  rest.remove_prefix(frame.next);
  frame = reader->next(rest, true);
  EXPECT_EQ(frame.kind, Frame::Kind::record);
  EXPECT_FALSE(reader->inside_block());
}

TEST(LineReader, YearsAreToldWithMarkZerosAndReturns) {
  const std::string lines = "Dec 31 23:59:00 gw a: x\nJan  1 00:01:00 gw a: x\n";
  std::string returns = lines;
  std::replace(returns.begin(), returns.end(), '\n', '\r');
  for (const std::string& text : {lines, std::string(kUtf8Mark) + lines, std::string(500, '\0') + lines, returns}) {
    const std::unique_ptr<ByteStream> stream = open_memory(text);
    const YearPlan plan = plan_years(*stream, {"messages-20200105", {}, {}, {}});
    ASSERT_EQ(plan.spans.size(), 2U);
    EXPECT_EQ(plan.spans[0].year, 2019);
    EXPECT_EQ(plan.spans[1].year, 2020);
    EXPECT_TRUE(has_yearless(text));
  }
}

// Somebody appended one log to another: what does not fit is damaged, and a notice names what it is and where it
// begins.
TEST(LineReader, AnotherFormatBehindTheFirstIsNamed) {
  std::string access, json, syslog;
  for (int i = 10; i < 30; ++i) {
    access +=
        "192.0.2.1 - - [16/Apr/2020:02:12:" + std::to_string(i) + " +0000] \"GET / HTTP/1.1\" 200 12 \"-\" \"c\"\n";
    json += "{\"time\":\"2020-04-16T02:12:" + std::to_string(i) + "Z\",\"user\":\"a\"}\n";
    syslog += "Apr 16 02:12:" + std::to_string(i) + " gw sshd[1]: x y z\n";
  }
  const auto told = [](const std::string& bytes) {
    const Recognised found = known(bytes);
    std::string out;
    for (const Notice& notice :
         drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::each(100)).notices.sorted()) {
      if (notice.kind == NoticeKind::recognised_not_read)
        out += std::to_string(notice.offset) + " x" + std::to_string(notice.count) + " " + notice.detail + "\n";
    }
    return out;
  };
  const std::string more = access + access;
  const std::size_t line = json.find('\n') + 1;
  EXPECT_EQ(told(more + json),
            std::to_string(more.size() + 4 * line) +
                " x1 lines of another format (JSON, one record a line) begin 4 lines before this one: "
                "they are not read as that; cut the file there and give the parts by themselves\n");
  EXPECT_NE(told(syslog + syslog + json).find("(JSON, one record a line)"), std::string::npos);
  EXPECT_NE(told(json + json + syslog).find("(syslog)"), std::string::npos);
  EXPECT_NE(told(json + json + access).find("(access log)"), std::string::npos);
  EXPECT_EQ(told(more), "");
  // Lines that are of nothing, and too few of another format.
  EXPECT_EQ(told(more + "a\nb\nc\nd\ne\nf\n"), "");
  EXPECT_EQ(told(more + json.substr(0, 4 * line)), "");
}

}  // namespace
}  // namespace assay

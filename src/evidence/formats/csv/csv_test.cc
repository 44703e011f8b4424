#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "evidence/formats/csv/damage.h"
#include "evidence/formats/csv/dates.h"
#include "evidence/formats/csv/table.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

using Order = WrittenDate::Order;

using drain::schemas;

drain::Result run(std::string_view bytes) {
  return drain::run(table_format(), bytes, kOtherTable, schemas(), drain::whole());
}
std::string text(std::string_view bytes) { return drain::text(run(bytes)); }
std::uint64_t count(const drain::Result& result, NoticeKind kind, std::string_view part) {
  std::uint64_t out = 0;
  for (const Notice& notice : result.notices.sorted()) {
    if (notice.kind == kind && notice.detail.find(part) != std::string::npos) out += notice.count;
  }
  return out;
}
Recognition recognised(std::string_view head) { return table_format().recognise(head, true, "x.csv", schemas()); }

TEST(Table, RecognisedByColumnsThatHoldTogether) {
  EXPECT_GT(recognised("time,user,host\n1,2,3\n4,5,6\n").score, 0);
  EXPECT_GT(recognised("time|user|host\n1|2|3\n4|5|6\n").score, 0);
  EXPECT_GT(recognised("sep=;\ntime;user;host\n1;2;3\n4;5;6\n").score, 0);
  EXPECT_GT(recognised("a,b\n1,2\n3,4\n5,6\n7,8\n9,9\n").score, 0);
  for (const std::string_view foreign :
       {"time,user,host\n1,2,3\n",  // one row shows nothing
        "a,b\n1,2\n3,4\n",          // two columns ask for more rows
        "1,2,3\n4,5,6\n7,8,9\n",    // no header
        "a,b,a\n1,2,3\n4,5,6\n",    // names twice
        "a,,b\n1,2,3\n4,5,6\n",     // a column without a name
        "Dear all, first, second\nthis is prose\nand more, of it\n",
        "Apr 16 02:12:07 ns sshd: a, b\nApr 16 02:12:08 ns sshd: c, d\nApr 16 02:12:08 ns sshd: c, d\n",
        "date=2020-04-16,time=02:12:07,a=b\ndate=2020-04-16,time=02:12:08,a=c\ndate=2020-04-16,time=02:12:08,a=c\n",
        "<a>,<b>,<c>\n1,2,3\n4,5,6\n",
        "{\"a\":1,\"b\":2,\"c\":3}\n{\"a\":1,\"b\":2,\"c\":3}\n{\"a\":1,\"b\":2,\"c\":3}\n",
        "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |\n"}) {
    EXPECT_EQ(recognised(foreign).score, 0) << foreign;
  }
}

TEST(Table, TitlesBeforeAHeaderThatNobodyKnows) {
  const std::string table = "time,user,host\n2020-04-16,2,3\n2020-04-17,5,6\n2020-04-18,5,6\n";
  for (const char* title : {"Report of the week\n", "Report of the week\n\nby: the help desk\n", "A\nB\nC\n"})
    EXPECT_GT(recognised(title + table).score, 0) << title;
  EXPECT_EQ(count(run("Report of the week\n\n" + table), NoticeKind::damaged_record, ""), 0U);
  EXPECT_EQ(run("Report of the week\n\n" + table).records.size(), 3U);
  // Lines that have as many cells as the rows are none, and prose is no title of the commas in it.
  EXPECT_EQ(recognised("1,2,3\n" + table).score, 0);
  EXPECT_EQ(recognised("Dear all\nfirst, second, third\nfourth, fifth\nsixth, seventh, eighth\n").score, 0);
  EXPECT_EQ(recognised("# settings\na = 1\nb = 2, 3, 4\nc = 3, 4, 5\n").score, 0);
}

// Two tables in one file: each is read by its own header, and a notice says where the second begins.
TEST(Table, AnotherTableInsideIsReadByItsOwnHeader) {
  const std::string first = "time,user,host\n2020-04-16 01:00:00,a,b\n2020-04-16 02:00:00,c,d\n";
  const std::string known = "TimeCreated,Id,ProviderName,Message\n4/16/2020 2:12:07 AM,1,P,text\n";
  const std::string other = "when,who,what,why,how\n2020-04-17,x,1,2,3\n2020-04-18,y,1,2,3\n2020-04-19,z,1,2,3\n";
  const drain::Result result = run(first + known + other);
  ASSERT_EQ(result.records.size(), 6U) << drain::text(result);
  EXPECT_EQ(count(result, NoticeKind::assumption, "another table begins here"), 2U);
  EXPECT_NE(result.records[2].find("csv-get-winevent-selected"), std::string::npos) << result.records[2];
  EXPECT_NE(result.records[2].find("Id = \"1\""), std::string::npos);
  EXPECT_NE(result.records[5].find("who = \"z\""), std::string::npos);
  for (const std::size_t size : {1U, 7U, 100U}) {
    EXPECT_EQ(drain::text(drain::run(table_format(), first + known + other, kOtherTable, schemas(), drain::each(size))),
              drain::text(result));
  }
  // A row of words is no header.
  const std::string words = "user,action,result\nalice,login,good\nbob,logout,good\ncarol,login,bad\n";
  EXPECT_EQ(run(words).records.size(), 3U);
  EXPECT_EQ(count(run(words), NoticeKind::assumption, ""), 0U);
}

// What nfdump writes behind the flows is known, and no damage.
TEST(Table, TheSummaryOfNfdump) {
  const auto read = [](std::string_view bytes, const drain::Chunks& chunks) {
    return drain::run(table_format(), bytes, "csv-netflow", schemas(), chunks);
  };
  const std::string flows =
      "ts,te,td,sa,da,sp,dp,pr,flg,ipkt,ibyt,smpl\n2020-04-16 02:12:07,2020-04-16 02:12:37,30.0,192.0.2.1,198.51.100.9,"
      "4000,443,TCP,.AP.SF,10,1000,100\n";
  for (const std::string end : {"\n", "\r\n"}) {
    const std::string bytes =
        flows + "Summary" + end + "flows,bytes,packets,avg_bps,avg_pps,avg_bpp" + end + "10,10000,100,1,1,1" + end;
    const drain::Result result = read(bytes, drain::whole());
    EXPECT_EQ(result.damaged, 0U);
    EXPECT_EQ(count(result, NoticeKind::assumption, "the summary behind a table of flows"), 3U);
    EXPECT_EQ(drain::text(read(bytes, drain::each(1))), drain::text(result));
  }
  // Flags of TCP are no history as Zeek writes one, and the rate of sampling has many names.
  const Schema& schema = schemas().at(*schemas().find("csv-netflow"));
  EXPECT_FALSE(schema.knows("@history"));
  for (const char* name : {"smpl", "samplingRate", "SAMPLING_INTERVAL", "sampler_rate"}) {
    const std::vector<PathRule> paths = schema.resolve("@sampling");
    EXPECT_TRUE(std::any_of(paths.begin(), paths.end(), [&](const PathRule& path) { return path.path == name; }))
        << name;
  }
}

TEST(Table, CitesBytesOfTheFileInEveryEncoding) {
  const std::u16string rows = u"Name,Text\n\u00e4,\"x\ny\"\nb,z\nc,d\ne,f\ng,h\ni,j\n";
  for (const bool big : {false, true}) {
    std::string bytes = big ? "\xFE\xFF" : "\xFF\xFE";
    for (const char16_t c : rows) {
      const char low = static_cast<char>(c & 0xff);
      const char high = static_cast<char>(c >> 8);
      bytes += big ? high : low;
      bytes += big ? low : high;
    }
    EXPECT_GT(recognised(bytes).score, 0);
    const drain::Result result = run(bytes);
    ASSERT_EQ(result.records.size(), 6U);
    EXPECT_EQ(result.records[0], "record 22+14 csv-other\n  Name = \"\xC3\xA4\"\n  Text = \"x\\x0ay\"\n");
    EXPECT_EQ(result.records[1], "record 38+6 csv-other\n  Name = \"b\"\n  Text = \"z\"\n");
  }
}

TEST(Table, AQuoteThatDoesNotCloseCostsItsRow) {
  const std::string head = "a,b,c\n1,2,3\n4,5,6\n";
  // Up to the end of the file, and up to another quote.
  EXPECT_EQ(text(head + "x,\"y,z\n7,8,9\n"),
            "record 6+5 csv-other\n  a = \"1\"\n  b = \"2\"\n  c = \"3\"\n"
            "record 12+5 csv-other\n  a = \"4\"\n  b = \"5\"\n  c = \"6\"\n"
            "damaged 18+6\n"
            "record 25+5 csv-other\n  a = \"7\"\n  b = \"8\"\n  c = \"9\"\n");
  const drain::Result mixed = run(head + "x,\"y,z\n7,\"8\",9\n\"7\",8,9\n");
  EXPECT_EQ(mixed.damaged, 1U);
  EXPECT_EQ(mixed.records.size(), 5U);
  // A row over two lines that has another number of cells is none.
  const drain::Result odd = run(head + "x,\"y,z\n7,8\",9,10,11\n1,2,3\n1,2,3\n1,2,3\n1,2,3\n");
  EXPECT_EQ(odd.damaged, 1U);
  EXPECT_EQ(odd.records.size(), 8U);
}

// Quotes placed so that each row looks as if it went on for ever: every byte is looked at twice at most.
TEST(Table, QuotesThatNeverCloseAreNotLookedForAgain) {
  std::string bytes = "a,b,c\n1,2,3\n4,5,6\n";
  for (int i = 0; i < 400'000; ++i) bytes += "\"\"\"\"a\n";
  const drain::Result result = run(bytes);
  EXPECT_EQ(result.broken_promise, "");
  // The last 2 MiB, where no line is a row, are taken for one row that is cut.
  EXPECT_GT(result.records.size(), 300'000U);
  EXPECT_EQ(result.damaged + 2, result.records.size());
}

TEST(Table, ARowLongerThanTheLimitIsSkipped) {
  for (const std::size_t size : {TableRows::kLongestRow - 1, TableRows::kLongestRow, TableRows::kLongestRow * 2 + 3}) {
    std::string row = "x,y," + std::string(size - 4, 'z') + "\n";
    const drain::Result result = run("a,b,c\n1,2,3\n4,5,6\n" + row + "7,8,9\n");
    const bool read = size < TableRows::kLongestRow;
    EXPECT_EQ(result.notices.empty(), read) << size;
    EXPECT_EQ(result.broken_promise, "");
    EXPECT_EQ(result.records.back().substr(result.records.back().find("a =")), "a = \"7\"\n  b = \"8\"\n  c = \"9\"\n");
  }
}

// One byte changed anywhere costs its row and at most the one it joins it to.
TEST(Table, OneBadByteCostsItsRow) {
  std::string bytes = "Time,User,Text\n";
  for (int i = 10; i < 60; ++i)
    bytes += fmt::format("2020-04-16T02:12:{},user{},\"text {}, \"\"quoted\"\"\nand a second line\"\n", i, i, i);
  const drain::Result full = run(bytes);
  ASSERT_EQ(full.records.size(), 50U);
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string broken = bytes;
    const std::size_t at = 15 + random() % (broken.size() - 15);
    const std::string_view likely = "\",\n\r;x\xff";
    broken[at] = round % 2 == 0 ? static_cast<char>(random() & 255) : likely[random() % likely.size()];
    const drain::Result after = run(broken);
    ASSERT_EQ(after.broken_promise, "");
    const std::set<std::string> still(after.records.begin(), after.records.end());
    std::size_t lost = 0;
    for (const std::string& record : full.records) lost += still.contains(record) ? 0U : 1U;
    ASSERT_LE(lost, 2U) << "byte " << at << " round " << round;
  }
}

TEST(Table, DatesAreDecidedByTheirWholeColumn) {
  const auto times = [](std::initializer_list<std::string_view> dates) {
    std::string bytes = "When,User,Host\n";
    for (const std::string_view date : dates) bytes += std::string(date) + " 10:00,a,b\n";
    std::string out;
    const drain::Result result = run(bytes);
    for (const std::string& record : result.records) {
      const std::size_t at = record.find("_time = \"");
      out += at == std::string::npos ? "none " : record.substr(at + 9, 10) + " ";
    }
    return out + std::to_string(count(result, NoticeKind::bad_value, "day/month"));
  };
  EXPECT_EQ(times({"03/04/2020", "04/04/2020", "13/04/2020"}), "2020-04-03 2020-04-04 2020-04-13 0");
  EXPECT_EQ(times({"03/04/2020", "04/04/2020", "04/13/2020"}), "2020-03-04 2020-04-04 2020-04-13 0");
  EXPECT_EQ(times({"03/04/2020", "04/04/2020", "12/04/2020"}), "none 2020-04-04 none 2");
  EXPECT_EQ(times({"03/04/2020", "13/04/2020", "04/13/2020"}), "none 2020-04-13 2020-04-13 1");
}

TEST(Table, WrittenDates) {
  const auto shown = [](std::string_view text, Order order) {
    const auto date = parse_written_date(text);
    if (!date) return std::string("no date");
    const auto time = time_of(*date, order);
    return time ? format_utc(*time) : std::string("no time");
  };
  EXPECT_EQ(shown("16/04/2020 02:12:07", Order::day_first), "2020-04-16T02:12:07Z");
  EXPECT_EQ(shown("16/04/2020 02:12:07", Order::month_first), "no time");
  EXPECT_EQ(shown("4/16/20 12:12:07 AM", Order::month_first), "2020-04-16T00:12:07Z");
  EXPECT_EQ(shown("4/16/2020, 12:12:07 PM", Order::month_first), "2020-04-16T12:12:07Z");
  EXPECT_EQ(shown("16.4.2020 02:12:07,5", Order::day_first), "2020-04-16T02:12:07.5Z");
  EXPECT_EQ(shown("Thu, 16 Apr 2020 02:12:07 GMT", Order::open), "2020-04-16T02:12:07Z");
  EXPECT_EQ(shown("April 16, 2020 2:12 PM", Order::open), "2020-04-16T14:12:00Z");
  EXPECT_EQ(shown("16-Apr-20 02:12:07 +02:00", Order::open), "2020-04-16T00:12:07Z");
  EXPECT_EQ(shown("2020-04-16T02:12:07.1234567Z", Order::open), "2020-04-16T02:12:07.1234567Z");
  EXPECT_EQ(shown("2020-4-6 2:12", Order::open), "2020-04-06T02:12:00Z");
  EXPECT_EQ(shown("05/05/2020", Order::open), "2020-05-05T00:00:00Z");
  for (const std::string_view none :
       {"", "16", "192.168.0.1", "1.2.3.4", "10.04.2020.1", "16/04/2020x", "16/04/2020 25", "1587003127",
        "16/04/2020 02:12:07 maybe", "Apr", "Apr 2020", "a/b/c", "1//2/2020"})
    EXPECT_EQ(shown(none, Order::day_first), "no date") << none;
  EXPECT_EQ(shown("31/02/2020", Order::day_first), "no time");
}

TEST(Table, SpreadsheetDamageIsCounted) {
  std::string bytes = "Id,Bytes,Text\n";
  for (int i = 0; i < 5; ++i) bytes += "0012345678,10,x\n";
  bytes += "12345679,1.59E+12,x\n";                                   // lost zeros, rounded
  bytes += "0012345680,\"12,5\"," + std::string(32'766, 'y') + "\n";  // decimal comma; not cut
  bytes += "0012345681,\"12,500\"," + std::string(32'767, 'y') + "\n";
  bytes += "0012345682,2E+15," + std::string(32'768, 'y') + "\n";
  const drain::Result result = run(bytes);
  EXPECT_EQ(count(result, NoticeKind::bad_value, "leading zeros, in column 'Id'"), 1U);
  EXPECT_EQ(count(result, NoticeKind::bad_value, "rounded (1.59E+12) in column 'Bytes'"), 2U);
  EXPECT_EQ(count(result, NoticeKind::bad_value, "decimal comma in column 'Bytes'"), 1U);
  EXPECT_EQ(count(result, NoticeKind::bad_value, "32,767 characters"), 1U);
  EXPECT_EQ(shown_column("a\x1b[0m", 3), "column number 4");
}

TEST(Table, JsonInCellsIsOpenedWithinBounds) {
  std::string bytes = "When,Data,Host\n1,x,y\n2,x,y\n";
  bytes += "3,\"{\"\"a\"\":{\"\"b\"\":[1,\"\"two\"\"]},\"\"a.c\"\":null}\",y\n";
  EXPECT_NE(text(bytes).find("  Data.a.b = 1\n  Data.a.b = \"two\"\n  Data.a.c = null\n"), std::string::npos);
  const std::string large = "4,\"{\"\"a\"\":\"\"" + std::string(1 << 20, 'x') + "\"\"}\",y\n";
  EXPECT_EQ(count(run(bytes + large), NoticeKind::limit_other, "longer than 1 MiB"), 1U);
  std::string names = "h";
  std::string cells = "v";
  for (int i = 0; i < 18; ++i) {
    names += fmt::format(",j{}", i);
    cells += fmt::format(",{{\"\"x\"\":{}}}", i);
  }
  for (std::size_t at = cells.find("\"\""); at != std::string::npos; at = cells.find("\"\"", at)) cells.erase(at, 1);
  const drain::Result wide = run(names + "\n" + cells + "\n" + cells + "\n");
  EXPECT_EQ(count(wide, NoticeKind::limit_other, "more than 16 columns"), 4U);
}

TEST(Table, EndsInsideARow) {
  EXPECT_EQ(count(run("a,b,c\n1,2,3\n4,5,6\n7,8"), NoticeKind::truncated, "inside a row"), 1U);
  EXPECT_EQ(count(run("a,b,c\n1,2,3\n4,5,6\n7,8,\"9"), NoticeKind::truncated, "inside a row"), 1U);
  EXPECT_EQ(count(run("a,b,c\n1,2,3\n4,5,6\n7,8,9"), NoticeKind::truncated, "inside a row"), 0U);
  EXPECT_EQ(count(run("a,b,c\n1,2,3\n4,5,6\n7,8\n"), NoticeKind::truncated, "inside a row"), 0U);
}

}  // namespace
}  // namespace assay

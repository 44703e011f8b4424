#include "casefile/case.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "casefile/case_json.h"

namespace assay {
namespace {

class CaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "assay-case-test-" + std::to_string(::getpid()) + ".case";
    std::remove(path_.c_str());
  }
  void TearDown() override { std::remove(path_.c_str()); }

  static CaseData sample() {
    CaseData data;
    data.as_of = Time{1594922400 * kSecond};
    data.records_total = 7;
    EvidenceItem item;
    item.id = "E0001";
    item.path = "logs/\"odd\"\nname.log";
    item.kind = "records";
    item.bytes = 700;
    item.sha256 = std::string(64, 'a');
    data.evidence.push_back(item);
    Sighting s;
    s.id = "sgt--1";
    s.finding = 1;
    s.detector_id = "rule";
    s.time = Time{5};
    s.count = 3;
    s.records = {{"E0001", 10, 20}};
    s.fields = {{"a", "b"}, {"c", "\x1b[31m"}};
    data.sightings.push_back(s);
    Table table(TableSpec{"flows", {"item", "hour"}, {"bytes"}, {Merge::sum}});
    table.add({"logs", "3"}, std::vector<std::int64_t>{99});
    data.tables.push_back(table);
    data.notices.push_back({NoticeKind::truncated, "logs", 5, 2, "ends inside a record"});
    return data;
  }

  void sql(const std::string& text) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    char* error = nullptr;
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, &error), SQLITE_OK) << (error ? error : "");
    sqlite3_close(db);
  }

  std::string path_;
};

TEST_F(CaseTest, GivesBackWhatWasStored) {
  auto made = Case::create(path_);
  ASSERT_TRUE(made.ok());
  ASSERT_TRUE((*made)->store(1, sample(), {}, "").ok());
  (*made)->close();
  auto opened = Case::open(path_, true);
  ASSERT_TRUE(opened.ok());
  const auto data = (*opened)->load();
  ASSERT_TRUE(data.ok()) << data.error().text();
  EXPECT_EQ(dump_json(to_json(data->evidence[0])), dump_json(to_json(sample().evidence[0])));
  EXPECT_EQ(dump_json(to_json(data->sightings[0])), dump_json(to_json(sample().sightings[0])));
  EXPECT_EQ(data->tables[0].rows(), sample().tables[0].rows());
  EXPECT_EQ(data->notices, sample().notices);
  EXPECT_EQ(data->records_total, 7u);
}

TEST_F(CaseTest, NeverOverwritesAnExistingFile) {
  ASSERT_TRUE(Case::create(path_).ok());
  const auto again = Case::create(path_);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::bad_usage);
}

TEST_F(CaseTest, OneWriterAtATimeAndReadersAsTheyLike) {
  auto made = Case::create(path_);
  ASSERT_TRUE(made.ok());
  const auto second = Case::open(path_, false);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::bad_usage);
  EXPECT_TRUE(Case::open(path_, true).ok());
  (*made)->close();
  EXPECT_TRUE(Case::open(path_, false).ok());
}

TEST_F(CaseTest, AtRestOneFileIsTheCase) {
  {
    auto made = Case::create(path_);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE((*made)->log("started", "", true, "2020-01-01T00:00:00Z").ok());
  }
  EXPECT_NE(::access((path_ + "-wal").c_str(), F_OK), 0);
  EXPECT_NE(::access((path_ + "-shm").c_str(), F_OK), 0);
}

TEST_F(CaseTest, ResumesAnUnfinishedRunOfTheSameDetectors) {
  auto made = Case::create(path_);
  ASSERT_TRUE(made.ok());
  const auto first = (*made)->start_run("set-a", "{}");
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE((*made)->seal(first->run, "unit", "result", {"chunk0", "chunk1"}).ok());
  ASSERT_TRUE((*made)->commit().ok());
  const auto again = (*made)->start_run("set-a", "{}");
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->resumed);
  EXPECT_EQ(again->sealed_units, 1u);
  EXPECT_EQ((*made)->sealed_chunk("unit", 1), "chunk1");
  const auto other = (*made)->start_run("set-b", "{}");
  ASSERT_TRUE(other.ok());
  EXPECT_FALSE(other->resumed);
  EXPECT_FALSE((*made)->is_sealed("unit"));
}

TEST_F(CaseTest, EveryEditOfSealedRowsIsDetected) {
  std::string head;
  {
    auto made = Case::create(path_);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE((*made)->store(1, sample(), {}, "").ok());
    ASSERT_TRUE((*made)->log("started", "", false, "2020-01-01T00:00:00Z").ok());
    ASSERT_TRUE((*made)->log("finished", "", true, "2020-01-01T00:00:01Z").ok());
    head = (*made)->head();
    EXPECT_TRUE((*made)->verify(head).consistent);
    EXPECT_TRUE((*made)->verify(head).anchored);
    EXPECT_FALSE((*made)->verify("0000").consistent);
    EXPECT_FALSE((*made)->verify("").anchored);
  }
  const auto consistent = [&] {
    auto opened = Case::open(path_, true);
    return opened.ok() && (*opened)->verify(head).consistent;
  };
  ASSERT_TRUE(consistent());
  sql("DROP TRIGGER sighting_no_UPDATE; UPDATE sighting SET body=replace(body, 'rule', 'rulf');");
  EXPECT_FALSE(consistent());
  sql("UPDATE sighting SET body=replace(body, 'rulf', 'rule');");
  ASSERT_TRUE(consistent());
  sql("DROP TRIGGER custody_no_UPDATE; UPDATE custody SET body=replace(body, 'started', 'begun') WHERE seq=1;");
  EXPECT_FALSE(consistent());
  sql("UPDATE custody SET body=replace(body, 'begun', 'started') WHERE seq=1;");
  ASSERT_TRUE(consistent());
  sql("DROP TRIGGER custody_no_DELETE; DELETE FROM custody WHERE seq=2;");
  EXPECT_FALSE(consistent());
}

TEST_F(CaseTest, RowsAreInsertOnly) {
  {
    auto made = Case::create(path_);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE((*made)->store(1, sample(), {}, "").ok());
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  EXPECT_NE(sqlite3_exec(db, "DELETE FROM sighting", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_NE(sqlite3_exec(db, "UPDATE evidence SET body='x'", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

TEST_F(CaseTest, RefusesWhatIsNoCase) {
  FILE* const file = std::fopen(path_.c_str(), "w");
  std::fputs(
      "this is a text file, not a database, and long enough to have a header of its own.............................",
      file);
  std::fclose(file);
  EXPECT_FALSE(Case::open(path_, true).ok());
}

}  // namespace
}  // namespace assay

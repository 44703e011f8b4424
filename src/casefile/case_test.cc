#include "casefile/case.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

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
  EXPECT_EQ(data->tables[0], sample().tables[0]);
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

// Who can write the file can also add lines that seal what they changed. With a head written down before, that shows.
TEST_F(CaseTest, AnEditThatIsSealedAnewIsDetectedByAnEarlierHead) {
  std::string head;
  {
    auto made = Case::create(path_);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE((*made)->start_run("set", "{}").ok());
    ASSERT_TRUE((*made)->store(1, sample(), {}, "").ok());
    ASSERT_TRUE((*made)->store_assessment(1, "{\"first\":1}").ok());
    ASSERT_TRUE((*made)->end_run(1, "finished", "{}").ok());
    ASSERT_TRUE((*made)->log("hunt finished", "", true, "2020-01-01T00:00:01Z").ok());
    head = (*made)->head();
    // What is done later in all honesty leaves the earlier head anchored, and is told.
    ASSERT_TRUE((*made)->store_assessment(1, "{\"second\":1}").ok());
    ASSERT_TRUE((*made)->log("assessed again", "", true, "2020-01-02T00:00:00Z").ok());
    const Case::Verdict verdict = (*made)->verify(head);
    EXPECT_TRUE(verdict.consistent && verdict.anchored);
    EXPECT_EQ(verdict.later, 1U);
    EXPECT_EQ(verdict.later_events, std::vector<std::string>{"assessed again"});
  }
  for (const char* edit : {"DROP TRIGGER sighting_no_UPDATE; UPDATE sighting SET body=replace(body, 'rule', 'rulf');",
                           "DROP TRIGGER assessment_no_DELETE; DELETE FROM assessment WHERE seq=1;",
                           "INSERT INTO sighting VALUES(1, '99999999', '{}');",
                           "UPDATE runs SET body='{\"host\":\"other\"}' WHERE run=1;"}) {
    sql(edit);
    auto opened = Case::open(path_, false);
    ASSERT_TRUE(opened.ok());
    ASSERT_TRUE((*opened)->log("sealed anew", "", true, "2020-01-03T00:00:00Z").ok());
    EXPECT_TRUE((*opened)->verify("").consistent) << edit;  // within itself all fits
    EXPECT_FALSE((*opened)->verify(head).consistent) << edit;
    EXPECT_FALSE((*opened)->verify(head).anchored && (*opened)->verify(head).consistent) << edit;
  }
}

// Ten thousand edits of cells, deletions, and swaps of two rows, in every table: each is found with the head.
TEST_F(CaseTest, RandomEditsCutsAndReordersAreDetected) {
  std::string head;
  {
    auto made = Case::create(path_);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE((*made)->log("hunt started", "", false, "2020-01-01T00:00:00Z").ok());
    ASSERT_TRUE((*made)->start_run("set", "{}").ok());
    CaseData data = sample();
    for (int i = 0; i < 20; ++i) {
      data.evidence.push_back(data.evidence.front());
      data.evidence.back().id = "E1" + std::to_string(100 + i);
      data.sightings.push_back(data.sightings.front());
      data.sightings.back().id = "sgt--" + std::to_string(i);
      data.mentions.push_back({data.evidence.back().id, "advisory", static_cast<std::uint64_t>(i + 1)});
    }
    ASSERT_TRUE((*made)->store(1, data, {"{\"type\":\"bundle\"}"}, "organisation: A").ok());
    ASSERT_TRUE((*made)->store_assessment(1, "{\"a\":1}").ok());
    ASSERT_TRUE((*made)->end_run(1, "finished", "{}").ok());
    ASSERT_TRUE((*made)->log("hunt finished", "", true, "2020-01-01T00:00:01Z").ok());
    head = (*made)->head();
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  const auto run = [&](const std::string& text) {
    ASSERT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << text << sqlite3_errmsg(db);
  };
  run("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;");
  const auto number = [&](const std::string& query) {
    std::int64_t out = -1;
    EXPECT_EQ(sqlite3_exec(
                  db, query.c_str(),
                  [](void* to, int, char** values, char**) {
                    *static_cast<std::int64_t*>(to) = std::stoll(values[0]);
                    return 0;
                  },
                  &out, nullptr),
              SQLITE_OK)
        << query;
    return out;
  };
  struct Edited {
    const char* table;
    const char* key;  // tells its rows apart
    std::vector<const char*> columns;
    std::int64_t rows = 0;
  };
  std::vector<Edited> tables;
  for (const char* name : {"sighting", "evidence", "mention", "tally", "notice", "summary", "advisory"})
    tables.push_back({name, "id", {"run", "body"}});
  tables.push_back({"assessment", "seq", {"run", "body"}});
  tables.push_back({"custody", "seq", {"prev", "body", "hash"}});
  tables.push_back({"runs", "run", {"state", "detector_set", "body"}});
  for (Edited& t : tables) {
    for (const char* what : {"UPDATE", "DELETE"}) run(std::string("DROP TRIGGER IF EXISTS ") + t.table + "_no_" + what);
    t.rows = number(std::string("SELECT count(*) FROM ") + t.table);
    ASSERT_GT(t.rows, 0) << t.table;
    run(fmt::format("CREATE TEMP TABLE kept_{0} AS SELECT * FROM {0}", t.table));
  }
  auto opened = Case::open(path_, true);
  ASSERT_TRUE(opened.ok());
  ASSERT_TRUE((*opened)->verify(head).consistent);
  std::mt19937_64 random(20200716);
  int changed = 0;
  while (changed < 10'000) {
    const Edited& t = tables[random() % tables.size()];
    const auto row = [&] {
      return fmt::format("{0} = (SELECT {0} FROM kept_{1} ORDER BY {0} LIMIT 1 OFFSET {2})", t.key, t.table,
                         random() % static_cast<std::uint64_t>(t.rows));
    };
    std::string edit;
    const char* const column = t.columns[random() % t.columns.size()];
    switch (random() % 3) {
      case 0:  // one character of a cell
        edit = fmt::format("UPDATE {0} SET {1} = substr({1}, 1, {2}) || char({3}) || substr({1}, {2} + 2) WHERE {4}",
                           t.table, column, random() % 60, 33 + random() % 90, row());
        break;
      case 1:  // a cut
        edit = fmt::format("DELETE FROM {} WHERE {}", t.table, row());
        break;
      default:  // the texts of two rows change places
        edit = fmt::format(
            "UPDATE {0} SET body = (SELECT o.body FROM kept_{0} AS o WHERE o.{1} <> {0}.{1} AND (o.{2} OR o.{3})) "
            "WHERE (SELECT count(*) FROM kept_{0} AS o WHERE o.{2} OR o.{3}) = 2 AND ({2} OR {3})",
            t.table, t.key, row(), row());
        break;
    }
    run(edit);
    const std::int64_t differs =
        number(fmt::format("SELECT (SELECT count(*) FROM (SELECT * FROM {0} EXCEPT SELECT * FROM kept_{0})) + "
                           "(SELECT count(*) FROM (SELECT * FROM kept_{0} EXCEPT SELECT * FROM {0}))",
                           t.table));
    const Case::Verdict verdict = (*opened)->verify(head);
    ASSERT_EQ(verdict.consistent, differs == 0) << edit;
    if (differs == 0) continue;
    ++changed;
    run(fmt::format("BEGIN; DELETE FROM {0}; INSERT INTO {0} SELECT * FROM kept_{0}; COMMIT;", t.table));
  }
  EXPECT_TRUE((*opened)->verify(head).consistent);
  sqlite3_close(db);
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

TEST_F(CaseTest, KeepsWhatPeopleSayAndSaysWhetherTheAnswerHadBeenSeen) {
  Disposition judged;
  judged.sighting = "sgt--1";
  judged.finding = 1;
  judged.verdict = Verdict::test;
  judged.reason = "our own \"drill\"\n of May";
  judged.by = "A. Analyst";
  judged.at = *parse_iso8601("2020-07-17T08:00:00Z");
  judged.expires = *parse_iso8601("2020-12-31T00:00:00Z");
  judged.run = 1;
  Statement told;
  told.who = "user";
  told.about = "claim.credential-given";
  told.account = "m.okafor";
  told.time = *parse_iso8601("2020-04-28T09:42:00Z");
  told.reliability = "B2";
  told.text = "typed her password";
  told.by = "A. Analyst";
  told.run = 1;
  {
    auto made = Case::create(path_);
    ASSERT_TRUE(made.ok());
    ASSERT_TRUE((*made)->store(1, sample(), {}, "").ok());
    ASSERT_TRUE((*made)->add(judged).ok());
    ASSERT_TRUE((*made)->add(told).ok());
    ASSERT_TRUE((*made)->log("judged", "", true, "2020-07-17T08:00:00Z").ok());
    EXPECT_TRUE((*made)->verify("").consistent);
    const auto data = (*made)->load();
    ASSERT_TRUE(data.ok());
    ASSERT_EQ(data->dispositions.size(), 1U);
    EXPECT_EQ(dump_json(to_json(data->dispositions[0])), dump_json(to_json(judged)));
    EXPECT_TRUE(data->dispositions[0].after_answer);
    ASSERT_EQ(data->statements.size(), 1U);
    EXPECT_EQ(dump_json(to_json(data->statements[0])), dump_json(to_json(told)));
    EXPECT_EQ(data->statements[0].id, "S1");
    std::string lines;
    ASSERT_TRUE((*made)->export_jsonl([&](std::string_view line) { lines += line; }).ok());
    EXPECT_NE(lines.find("\"kind\":\"disposition\""), std::string::npos);
    EXPECT_NE(lines.find("\"kind\":\"statement\""), std::string::npos);
    // A second run: the judgement was there before its answer.
    ASSERT_TRUE((*made)->store(2, sample(), {}, "").ok());
    EXPECT_FALSE((*made)->load()->dispositions[0].after_answer);
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  EXPECT_NE(sqlite3_exec(db, "DELETE FROM disposition", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_NE(sqlite3_exec(db, "UPDATE statement SET body='x'", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  sql("DROP TRIGGER disposition_no_UPDATE; UPDATE disposition SET body=replace(body, 'test', 'benign');");
  EXPECT_FALSE((*Case::open(path_, true))->verify("").consistent);
  // A case of an earlier version has no such tables.
  sql("DROP TABLE disposition; DROP TABLE statement;");
  auto old = Case::open(path_, true);
  ASSERT_TRUE(old.ok());
  EXPECT_TRUE((*old)->load().ok());
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

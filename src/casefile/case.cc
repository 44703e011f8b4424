#include "casefile/case.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>

#include "casefile/case_json.h"
#include "core/hash.h"

namespace assay {
namespace {

// Kinds of rows, each its own table of (run, id, body). The order is that of the export.
constexpr std::array<const char*, 9> kTables = {"advisory", "evidence", "detector", "not_loaded", "sighting",
                                                "mention",  "notice",   "tally",    "summary"};

constexpr const char* kRunTables = R"(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE runs(run INTEGER PRIMARY KEY, state TEXT NOT NULL, detector_set TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE done(unit TEXT NOT NULL, detector_set TEXT NOT NULL, run INTEGER NOT NULL, PRIMARY KEY(unit, detector_set)) WITHOUT ROWID;
CREATE TABLE spool_result(unit TEXT PRIMARY KEY, result BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE spool_match(unit TEXT NOT NULL, seq INTEGER NOT NULL, chunk BLOB NOT NULL, PRIMARY KEY(unit, seq)) WITHOUT ROWID;
CREATE TABLE assessment(seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE custody(seq INTEGER PRIMARY KEY, prev TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL);
)";

// Tables that cases of earlier versions lack: made when such a case is opened for writing.
constexpr std::array<const char*, 2> kPeopleTables = {"disposition", "statement"};

std::string guard(std::string_view table) {
  std::string sql;
  for (const char* what : {"UPDATE", "DELETE"}) {
    sql += fmt::format(
        "CREATE TRIGGER IF NOT EXISTS {0}_no_{1} BEFORE {1} ON {0} BEGIN SELECT RAISE(ABORT, 'rows of a case are "
        "insert-only'); END;",
        table, what);
  }
  return sql;
}

std::string people_tables() {
  std::string sql;
  for (const char* table : kPeopleTables) {
    sql += fmt::format(
        "CREATE TABLE IF NOT EXISTS {}(seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, body TEXT NOT NULL);", table);
    sql += guard(table);
  }
  return sql;
}

// One prepared statement of SQL; errors surface through ok().
class Query {
 public:
  Query(sqlite3* db, std::string_view sql) : db_(db) {
    ok_ = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) == SQLITE_OK;
  }
  ~Query() { sqlite3_finalize(statement_); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  Query& text(int at, std::string_view value) {
    ok_ = ok_ && sqlite3_bind_text64(statement_, at, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT,
                                     SQLITE_UTF8) == SQLITE_OK;
    return *this;
  }
  Query& blob(int at, std::string_view value) {
    ok_ = ok_ && sqlite3_bind_blob64(statement_, at, value.data() ? value.data() : "", value.size(),
                                     SQLITE_TRANSIENT) == SQLITE_OK;
    return *this;
  }
  Query& integer(int at, std::int64_t value) {
    ok_ = ok_ && sqlite3_bind_int64(statement_, at, value) == SQLITE_OK;
    return *this;
  }
  // True when there is a row.
  bool step() {
    if (!ok_) return false;
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    ok_ = code == SQLITE_DONE;
    return false;
  }
  // Runs a statement that gives no rows; ready for the next values.
  bool run() {
    step();
    sqlite3_reset(statement_);
    return ok_;
  }
  [[nodiscard]] std::string column(int at) const {
    const void* bytes = sqlite3_column_blob(statement_, at);
    return bytes ? std::string(static_cast<const char*>(bytes),
                               static_cast<std::size_t>(sqlite3_column_bytes(statement_, at)))
                 : std::string();
  }
  [[nodiscard]] std::int64_t number(int at) const { return sqlite3_column_int64(statement_, at); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  bool ok_ = false;
};

}  // namespace

struct Case::State {
  sqlite3* db = nullptr;
  std::string path;
  bool read_only = false;
  bool in_transaction = false;
  int lock = -1;  // held by whoever writes, from before the database is opened until after it is closed

  ~State() { shut(); }

  // One writer at a time. The lock is on the file itself and ends with the process; workers do not inherit it, since
  // they are forked by a process that never opens the case.
  [[nodiscard]] Status lock_for_writing(int flags) {
    lock = ::open(path.c_str(), flags | O_RDWR | O_CLOEXEC, 0644);
    if (lock < 0) return error(std::strerror(errno));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
      return Error{ErrorCode::bad_usage, "another assay is writing to this case", path,
                   "wait until it has ended, or name another case with --case"};
    }
    return Ok{};
  }

  [[nodiscard]] Error error(std::string_view doing) const {
    return Error{ErrorCode::io,
                 db ? fmt::format("{}: {}", doing, sqlite3_errmsg(db)) : fmt::format("cannot open the case: {}", doing),
                 path, "check free space and permissions of the folder"};
  }
  bool exec(const std::string& sql) { return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK; }
  bool begin() {
    if (!in_transaction) in_transaction = exec("BEGIN IMMEDIATE");
    return in_transaction;
  }
  bool commit() {
    if (!in_transaction) return true;
    in_transaction = false;
    return exec("COMMIT");
  }
  void shut() {
    if (db != nullptr && !read_only) {
      commit();
      exec("PRAGMA journal_mode=DELETE");
    }
    sqlite3_close(db);
    db = nullptr;
    if (lock >= 0) ::close(lock);
    lock = -1;
  }
  Status insert(const char* table, std::int64_t run, std::string_view body);
  [[nodiscard]] bool has(const char* table) const {
    Query known(db, fmt::format("SELECT 1 FROM sqlite_master WHERE type='table' AND name='{}'", table));
    return known.step();
  }
  // What a seal speaks about: the runs that were finished by then, and the assessments given by then. Later rows do not
  // change it. Without a value: every row.
  struct Upto {
    std::string runs;                                                // "1,2"
    std::int64_t assessments = 0, dispositions = 0, statements = 0;  // by their place in the table
  };
  std::string digest(const std::string& table, const std::optional<Upto>& upto = std::nullopt) {
    Digest digest(HashKind::sha256);
    const bool by_place = table == "assessment" || table == "disposition" || table == "statement";
    const std::string where = !upto                    ? ""
                              : table == "assessment"  ? fmt::format(" WHERE seq<={}", upto->assessments)
                              : table == "disposition" ? fmt::format(" WHERE seq<={}", upto->dispositions)
                              : table == "statement"   ? fmt::format(" WHERE seq<={}", upto->statements)
                                                       : fmt::format(" WHERE run IN ({})", upto->runs);
    const std::string sql =
        by_place          ? "SELECT run, seq, body FROM " + table + where + " ORDER BY seq"
        : table == "done" ? "SELECT run, unit, detector_set FROM done" + where + " ORDER BY unit, detector_set"
        : table == "runs" ? "SELECT run, state, detector_set || body FROM runs" + where + " ORDER BY run"
                          : "SELECT run, id, body FROM " + table + where + " ORDER BY run, id";
    Query rows(db, sql);
    while (rows.step()) {
      for (int c = 0; c < 3; ++c) {
        const std::string value = rows.column(c);
        digest.update(fmt::format("{}:", value.size()));
        digest.update(value);
      }
    }
    return digest.finish_hex();
  }
  [[nodiscard]] Upto now() {
    Upto out;
    Query runs(db, "SELECT run FROM runs WHERE state='finished' ORDER BY run");
    while (runs.step()) out.runs += (out.runs.empty() ? "" : ",") + std::to_string(runs.number(0));
    for (const auto& [table, place] :
         {std::pair("assessment", &out.assessments), std::pair("disposition", &out.dispositions),
          std::pair("statement", &out.statements)}) {
      Query last(db, fmt::format("SELECT max(seq) FROM {}", table));
      if (last.step()) *place = last.number(0);
    }
    return out;
  }
  template <class F>
  static void each_sealed_table(F&& f) {
    for (const char* table : kTables) f(table);
    for (const char* table : {"assessment", "runs", "done", "disposition", "statement"}) f(table);
  }
};

Case::Case(std::unique_ptr<State> state) : state_(std::move(state)) {}
Case::~Case() { close(); }
void Case::close() { state_->shut(); }
const std::string& Case::path() const { return state_->path; }

Result<std::unique_ptr<Case>> Case::create(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    return Error{ErrorCode::bad_usage, "the case file exists already", path,
                 "name another with --case, or open it with another verb"};
  }
  auto state = std::make_unique<State>();
  state->path = path;
  TRY_VOID(state->lock_for_writing(O_CREAT | O_EXCL));
  if (sqlite3_open_v2(path.c_str(), &state->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
    return state->error("cannot create the case");
  }
  std::string sql = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; BEGIN;";
  sql += kRunTables;
  for (const char* table : kTables) {
    sql += fmt::format(
        "CREATE TABLE {0}(run INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(run, id)) WITHOUT "
        "ROWID;",
        table);
  }
  std::vector<std::string> guarded(kTables.begin(), kTables.end());
  guarded.insert(guarded.end(), {"assessment", "custody", "done"});
  for (const std::string& table : guarded) sql += guard(table);
  sql += people_tables();
  sql += fmt::format("INSERT INTO meta VALUES('schema', '{}'); COMMIT;", kSchemaVersion);
  if (!state->exec(sql)) return state->error("cannot create the case");
  return std::unique_ptr<Case>(new Case(std::move(state)));
}

Result<std::unique_ptr<Case>> Case::open(const std::string& path, bool read_only) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) {
    return Error{ErrorCode::not_found, "there is no such case", path, "assay hunt EVIDENCE makes one"};
  }
  if (!S_ISREG(info.st_mode)) {
    return Error{ErrorCode::bad_input, S_ISDIR(info.st_mode) ? "a folder, not a case" : "no file, so no case", path,
                 "name the .case file in it"};
  }
  auto state = std::make_unique<State>();
  state->path = path;
  state->read_only = read_only;
  if (!read_only) TRY_VOID(state->lock_for_writing(0));
  if (sqlite3_open_v2(path.c_str(), &state->db, read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, nullptr) !=
      SQLITE_OK) {
    return state->error("cannot open the case");
  }
  std::string version;
  {
    Query read(state->db, "SELECT value FROM meta WHERE key='schema'");
    if (!read.step())
      return Error{ErrorCode::bad_input, "this is no case of Assay, or it is damaged", path,
                   "name a file that assay hunt wrote"};
    version = read.column(0);
  }
  if (version != std::to_string(kSchemaVersion)) {
    return Error{ErrorCode::unsupported,
                 fmt::format("the case has schema {}, this program knows {}", version, kSchemaVersion), path,
                 "use the version of assay that wrote it"};
  }
  if (!read_only && !state->exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + people_tables()))
    return state->error("cannot open the case for writing");
  return std::unique_ptr<Case>(new Case(std::move(state)));
}

std::vector<RunInfo> Case::runs() {
  std::vector<RunInfo> out;
  Query rows(state_->db, "SELECT run, state, detector_set, body FROM runs ORDER BY run");
  while (rows.step()) out.push_back({rows.number(0), rows.column(1), rows.column(2), rows.column(3)});
  return out;
}

Result<Case::Started> Case::start_run(const std::string& detector_set, const std::string& body) {
  if (!state_->begin()) return state_->error("cannot write to the case");
  Started started;
  const std::vector<RunInfo> before = runs();
  if (!before.empty() && before.back().state != "finished" && before.back().detector_set == detector_set) {
    started.run = before.back().run;
    started.resumed = true;
    started.sealed_units = sealed_units().size();
    Query update(state_->db, "UPDATE runs SET state='running', body=? WHERE run=?");
    if (!update.text(1, body).integer(2, started.run).run()) return state_->error("cannot continue the run");
  } else {
    if (!state_->exec("DELETE FROM spool_result; DELETE FROM spool_match;")) return state_->error("cannot start a run");
    started.run = before.empty() ? 1 : before.back().run + 1;
    Query insert(state_->db, "INSERT INTO runs VALUES(?, 'running', ?, ?)");
    if (!insert.integer(1, started.run).text(2, detector_set).text(3, body).run())
      return state_->error("cannot start a run");
  }
  if (!state_->commit()) return state_->error("cannot start a run");
  return started;
}

Status Case::end_run(std::int64_t run, const std::string& state, const std::string& body) {
  if (!state_->begin()) return state_->error("cannot write to the case");
  Query update(state_->db, "UPDATE runs SET state=?, body=? WHERE run=?");
  if (!update.text(1, state).text(2, body).integer(3, run).run()) return state_->error("cannot end the run");
  if (!state_->commit()) return state_->error("cannot end the run");
  return Ok{};
}

bool Case::is_sealed(const std::string& unit) {
  Query find(state_->db, "SELECT 1 FROM spool_result WHERE unit=?");
  return find.text(1, unit).step();
}

Status Case::seal(std::int64_t run, const std::string& unit, std::string_view result,
                  const std::vector<std::string>& chunks) {
  if (!state_->begin()) return state_->error("cannot write to the case");
  Query match(state_->db, "INSERT OR REPLACE INTO spool_match VALUES(?, ?, ?)");
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    if (!match.text(1, unit).integer(2, static_cast<std::int64_t>(i)).blob(3, chunks[i]).run())
      return state_->error("cannot keep a unit's matches");
  }
  Query insert(state_->db, "INSERT OR REPLACE INTO spool_result VALUES(?, ?)");
  if (!insert.text(1, unit).blob(2, result).run()) return state_->error("cannot keep a unit's result");
  Query done(state_->db, "INSERT OR IGNORE INTO done SELECT ?, detector_set, run FROM runs WHERE run=?");
  if (!done.text(1, unit).integer(2, run).run()) return state_->error("cannot note a unit as done");
  return Ok{};
}

std::optional<std::string> Case::sealed_result(const std::string& unit) {
  Query find(state_->db, "SELECT result FROM spool_result WHERE unit=?");
  if (!find.text(1, unit).step()) return std::nullopt;
  return find.column(0);
}

std::optional<std::string> Case::sealed_chunk(const std::string& unit, std::int64_t index) {
  Query find(state_->db, "SELECT chunk FROM spool_match WHERE unit=? AND seq=?");
  if (!find.text(1, unit).integer(2, index).step()) return std::nullopt;
  return find.column(0);
}

std::vector<std::string> Case::sealed_units() {
  std::vector<std::string> out;
  Query rows(state_->db, "SELECT unit FROM spool_result ORDER BY unit");
  while (rows.step()) out.push_back(rows.column(0));
  return out;
}

Status Case::commit() {
  if (!state_->commit()) return state_->error("cannot write the case");
  return Ok{};
}

Status Case::drop_spool() {
  if (!state_->begin() || !state_->exec("DELETE FROM spool_result; DELETE FROM spool_match;") || !state_->commit()) {
    return state_->error("cannot clear the run's spool");
  }
  state_->exec("VACUUM");
  return Ok{};
}

Status Case::store(std::int64_t run, const CaseData& data, const std::vector<std::string>& bundles,
                   std::string_view profile_yaml) {
  if (!state_->begin()) return state_->error("cannot write to the case");
  const auto put = [&](const char* table, auto&& each) -> Status {
    Query insert(state_->db, fmt::format("INSERT OR IGNORE INTO {} VALUES(?, ?, ?)", table));
    bool good = true;
    each([&](std::string_view id, std::string_view body) {
      good = good && insert.integer(1, run).text(2, id).text(3, body).run();
    });
    if (!good) return state_->error(fmt::format("cannot store {} rows", table));
    return Ok{};
  };
  TRY_VOID(put("advisory", [&](auto&& row) {
    for (std::size_t i = 0; i < bundles.size(); ++i) row(fmt::format("{:04}", i), bundles[i]);
  }));
  TRY_VOID(put("evidence", [&](auto&& row) {
    for (const EvidenceItem& item : data.evidence) row(item.id, dump_json(to_json(item)));
  }));
  TRY_VOID(put("detector", [&](auto&& row) {
    for (std::size_t i = 0; i < data.catalogue.size(); ++i)
      row(fmt::format("{:08}", i), dump_json(to_json(data.catalogue[i])));
  }));
  TRY_VOID(put("not_loaded", [&](auto&& row) {
    std::size_t n = 0;
    for (const auto& [kind, list] :
         {std::pair("not_loaded", &data.not_loaded), std::pair("not_evaluable", &data.not_evaluable),
          std::pair("blind", &data.blind)}) {
      for (const NotLoaded& entry : *list) row(fmt::format("{:08}", n++), dump_json(to_json(entry, kind)));
    }
  }));
  TRY_VOID(put("sighting", [&](auto&& row) {
    std::size_t n = 0;
    for (const Sighting& sighting : data.sightings) row(fmt::format("{:08}", n++), dump_json(to_json(sighting)));
  }));
  TRY_VOID(put("mention", [&](auto&& row) {
    for (const Mention& mention : data.mentions)
      row(mention.evidence + " " + mention.advisory, dump_json(to_json(mention)));
  }));
  TRY_VOID(put("notice", [&](auto&& row) {
    for (std::size_t i = 0; i < data.notices.size(); ++i)
      row(fmt::format("{:08}", i), dump_json(to_json(data.notices[i])));
  }));
  TRY_VOID(put("tally", [&](auto&& row) {
    for (const Table& table : data.tables) {
      row(table.spec().name, dump_json(spec_to_json(table.spec())));
      std::size_t n = 0;
      for (const auto& [key, values] : table.rows())
        row(fmt::format("{} {:010}", table.spec().name, n++), dump_json(row_to_json(key, values)));
    }
  }));
  TRY_VOID(put("summary", [&](auto&& row) {
    row("summary", dump_json(summary_to_json(data)));
    if (!profile_yaml.empty()) row("profile", profile_yaml);
  }));
  if (!state_->commit()) return state_->error("cannot store the run");
  return Ok{};
}

std::int64_t Case::last_run() {
  Query last(state_->db, "SELECT max(run) FROM summary WHERE id='summary'");
  return last.step() ? last.number(0) : 0;
}

Result<CaseData> Case::load() {
  const std::int64_t run = last_run();
  if (run == 0) {
    return Error{ErrorCode::not_found, "the case holds no finished run", state_->path,
                 "continue it: assay hunt --case with the same evidence"};
  }
  CaseData data;
  bool good = true;
  const auto each = [&](const char* table, auto&& f) {
    Query rows(state_->db, fmt::format("SELECT id, body FROM {} WHERE run=? ORDER BY id", table));
    rows.integer(1, run);
    while (rows.step()) {
      const std::string id = rows.column(0);
      const std::string body = rows.column(1);
      good = f(id, body) && good;
    }
    good = good && rows.ok();
  };
  const auto json_rows = [&](const char* table, auto&& f) {
    each(table, [&](const std::string&, const std::string& body) {
      const auto parsed = parse_json(body);
      return parsed.ok() && f(*parsed);
    });
  };
  each("advisory", [&](const std::string&, const std::string& body) {
    auto advisory = read_stix("case", body);
    if (!advisory.ok()) return false;
    data.knowledge.advisories.push_back(std::move(advisory).value());
    return true;
  });
  json_rows("evidence", [&](const Json& j) { return from_json(j, data.evidence.emplace_back()); });
  json_rows("detector", [&](const Json& j) { return from_json(j, data.catalogue.emplace_back()); });
  json_rows("not_loaded", [&](const Json& j) {
    const std::string& kind = j["kind"].as_string();
    return from_json(j, (kind == "blind"           ? data.blind
                         : kind == "not_evaluable" ? data.not_evaluable
                                                   : data.not_loaded)
                            .emplace_back());
  });
  json_rows("sighting", [&](const Json& j) { return from_json(j, data.sightings.emplace_back()); });
  json_rows("mention", [&](const Json& j) { return from_json(j, data.mentions.emplace_back()); });
  json_rows("notice", [&](const Json& j) { return from_json(j, data.notices.emplace_back()); });
  json_rows("tally", [&](const Json& j) {
    if (j.has("keys")) {
      data.tables.emplace_back(spec_from_json(j));
      return true;
    }
    return !data.tables.empty() && row_from_json(j, data.tables.back());
  });
  each("summary", [&](const std::string& id, const std::string& body) {
    if (id == "profile") {
      auto profile = Profile::parse("profile kept in the case", body);
      if (!profile.ok()) return false;
      data.profile = std::move(profile).value();
      return true;
    }
    const auto parsed = parse_json(body);
    return parsed.ok() && summary_from_json(*parsed, data);
  });
  TRY_VOID(load_people(run, data));
  if (!good)
    return Error{ErrorCode::integrity, "rows of the case cannot be read", state_->path,
                 "assay case verify shows where"};
  return data;
}

Status Case::State::insert(const char* table, std::int64_t run, std::string_view body) {
  if (!begin()) return error("cannot write to the case");
  Query row(db, fmt::format("INSERT INTO {}(run, body) VALUES(?, ?)", table));
  if (!row.integer(1, run).text(2, body).run() || !commit()) return error(fmt::format("cannot store a {}", table));
  return Ok{};
}

Status Case::load_people(std::int64_t run, CaseData& data) {
  bool good = true;
  const auto people = [&](const char* table, auto& list) {
    list.clear();
    if (!state_->has(table)) return;
    Query rows(state_->db, fmt::format("SELECT body FROM {} ORDER BY seq", table));
    while (rows.step()) {
      const auto parsed = parse_json(rows.column(0));
      auto& row = list.emplace_back();
      good = parsed.ok() && from_json(*parsed, row) && good;
      row.after_answer = row.run >= run;
    }
    good = good && rows.ok();
  };
  people("disposition", data.dispositions);
  people("statement", data.statements);
  for (std::size_t i = 0; i < data.statements.size(); ++i) data.statements[i].id = fmt::format("S{}", i + 1);
  if (good) return Ok{};
  return Error{ErrorCode::integrity, "judgements or statements of the case cannot be read", state_->path,
               "assay case verify shows where"};
}

Status Case::add(const Disposition& disposition) {
  return state_->insert("disposition", disposition.run, dump_json(to_json(disposition)));
}

Status Case::add(const assay::Statement& statement) {
  return state_->insert("statement", statement.run, dump_json(to_json(statement)));
}

Status Case::store_assessment(std::int64_t run, std::string_view json) {
  return state_->insert("assessment", run, json);
}

Status Case::export_jsonl(const std::function<void(std::string_view)>& sink) {
  const std::int64_t run = last_run();
  for (const char* table : kTables) {
    Query rows(state_->db, fmt::format("SELECT id, body FROM {} WHERE run=? ORDER BY id", table));
    rows.integer(1, run);
    while (rows.step()) {
      const std::string id = rows.column(0);
      const std::string body = rows.column(1);
      // Bundles and the profile stand as they were read, so that their hashes hold.
      const bool raw =
          std::string_view(table) == "advisory" || (std::string_view(table) == "summary" && id == "profile");
      sink(fmt::format("{{\"kind\":{},\"id\":{},\"body\":{}}}\n", json_string(table), json_string(id),
                       raw ? json_string(body) : body));
    }
    if (!rows.ok()) return state_->error("cannot read the case");
  }
  for (const char* table : kPeopleTables) {
    if (!state_->has(table)) continue;
    Query rows(state_->db, fmt::format("SELECT seq, body FROM {} ORDER BY seq", table));
    while (rows.step())
      sink(fmt::format("{{\"kind\":\"{}\",\"id\":\"{}\",\"body\":{}}}\n", table, rows.number(0), rows.column(1)));
    if (!rows.ok()) return state_->error("cannot read the case");
  }
  return Ok{};
}

Status Case::log(std::string_view event, std::string_view detail, bool seal, std::string_view at) {
  if (!state_->begin()) return state_->error("cannot write to the case");
  Json body = Json::object({{"event", event}, {"at", at}, {"detail", detail}});
  if (seal) {
    Json digests = Json::object(), lasting = Json::object();
    const State::Upto upto = state_->now();
    State::each_sealed_table([&](const char* table) {
      digests.add(table, state_->digest(table));
      lasting.add(table, state_->digest(table, upto));
    });
    body.add("digests", std::move(digests));
    body.add("lasting", Json::object({{"runs", upto.runs},
                                      {"assessments", upto.assessments},
                                      {"dispositions", upto.dispositions},
                                      {"statements", upto.statements},
                                      {"digests", lasting}}));
  }
  const std::string prev = head();
  const std::string text = dump_json(body);
  Query insert(state_->db, "INSERT INTO custody(prev, body, hash) VALUES(?, ?, ?)");
  if (!insert.text(1, prev).text(2, text).text(3, sha256_hex(prev + "\n" + text)).run() || !state_->commit()) {
    return state_->error("cannot write the processing log");
  }
  return Ok{};
}

std::vector<CustodyLine> Case::custody() {
  std::vector<CustodyLine> out;
  Query rows(state_->db, "SELECT seq, prev, body, hash FROM custody ORDER BY seq");
  while (rows.step()) out.push_back({rows.number(0), rows.column(1), rows.column(2), rows.column(3)});
  return out;
}

std::string Case::head() {
  Query last(state_->db, "SELECT hash FROM custody ORDER BY seq DESC LIMIT 1");
  return last.step() ? last.column(0) : std::string();
}

Case::Verdict Case::verify(std::string_view expected_head) {
  Verdict verdict;
  std::string prev, last_seal, anchor_seal;
  std::int64_t seq = 0;
  bool seen_expected = false;
  const std::vector<CustodyLine> lines = custody();
  for (const CustodyLine& line : lines) {
    ++seq;
    if (line.seq != seq) verdict.problems.push_back(fmt::format("log line {} is missing", seq));
    seq = line.seq;
    if (line.prev != prev)
      verdict.problems.push_back(fmt::format("log line {} does not follow the one before it", line.seq));
    if (line.hash != sha256_hex(line.prev + "\n" + line.body))
      verdict.problems.push_back(fmt::format("log line {} was changed", line.seq));
    prev = line.hash;
    const auto body = parse_json(line.body);
    if (body.ok() && body->has("digests")) last_seal = line.body;
    if (seen_expected) {
      ++verdict.later;
      verdict.later_events.push_back(body.ok() ? (*body)["event"].as_string() : "?");
    }
    if (line.hash == expected_head) {
      seen_expected = true;
      anchor_seal = last_seal;
    }
  }
  if (lines.empty()) verdict.problems.emplace_back("the processing log is empty");
  if (last_seal.empty()) {
    verdict.problems.emplace_back("nothing was sealed yet");
  } else {
    const auto body = parse_json(last_seal);
    for (const auto& [table, digest] : (*body)["digests"].members()) {
      if (state_->digest(table) != digest.as_string())
        verdict.problems.push_back(fmt::format("rows of \"{}\" differ from the last seal", table));
    }
  }
  // Whoever can write the file can also add lines that seal what they changed: what stood there when the head was
  // written down must stand there still.
  if (seen_expected && !anchor_seal.empty() && anchor_seal != last_seal) {
    const auto body = parse_json(anchor_seal);
    const Json& lasting = (*body)["lasting"];
    const std::string& runs = lasting["runs"].as_string();
    if (runs.find_first_not_of("0123456789,") != std::string::npos) {
      verdict.problems.emplace_back("the seal at that head cannot be read");
    } else {
      for (const auto& [table, digest] : lasting["digests"].members()) {
        if (state_->digest(table, State::Upto{runs, lasting["assessments"].as_int(), lasting["dispositions"].as_int(),
                                              lasting["statements"].as_int()}) != digest.as_string())
          verdict.problems.push_back(fmt::format("rows of \"{}\" differ from what stood there at that head", table));
      }
    }
  } else if (seen_expected && anchor_seal.empty()) {
    verdict.problems.emplace_back("nothing was sealed yet at that head");
  }
  {
    Query check(state_->db, "PRAGMA integrity_check");
    if (!check.step() || check.column(0) != "ok") verdict.problems.emplace_back("the database file is damaged");
  }
  if (!expected_head.empty()) {
    verdict.anchored = seen_expected;
    if (!seen_expected) verdict.problems.emplace_back("the head that was written down is not in this log");
  }
  verdict.consistent = verdict.problems.empty();
  return verdict;
}

}  // namespace assay

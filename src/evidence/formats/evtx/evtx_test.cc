#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "evidence/formats/drain.h"
#include "evidence/formats/evtx/samples.h"
#include "evidence/formats/formats.h"
#include "evidence/route.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
namespace w = evtx_writer;

using drain::schemas;

drain::Result run(std::string_view bytes, const drain::Chunks& chunks = drain::whole(), bool carve = false) {
  return drain::run(
      evtx_format(), bytes, "windows-evtx", schemas(), chunks,
      [](RecordReader& reader, std::string&) {
        EXPECT_TRUE(drain::projection_agrees(reader));
        const std::string words(reader.words(true)), texts(reader.words(false));
        reader.all_fields([&](std::string_view path, Value value) {
          EXPECT_TRUE(is_utf8(path) && is_utf8(value.text));
          std::string run;
          for (const char c : std::string(value.text) + '\x01') {
            if (c >= ' ' && c <= '~') {
              run += c;
              continue;
            }
            EXPECT_NE(words.find(run), std::string::npos) << path << " " << run;
            const bool number = lower(run).find_first_not_of(kNumberCharacters) == std::string::npos;
            EXPECT_TRUE(number || texts.find(run) != std::string::npos) << path << " " << run;
            run.clear();
          }
        });
      },
      carve);
}

std::size_t little16(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) + std::size_t{256} * static_cast<unsigned char>(bytes[at + 1]);
}

std::size_t count(const drain::Result& result) {
  return static_cast<std::size_t>(std::count_if(result.records.begin(), result.records.end(),
                                                [](const std::string& text) { return text.starts_with("record "); }));
}

// The same text whole, byte by byte and in random pieces; equal to the golden.
void golden(const std::string& name, std::string_view bytes) {
  SCOPED_TRACE(name);
  const drain::Result whole = run(bytes);
  EXPECT_EQ(whole.broken_promise, "");
  const std::string text = drain::text(whole);
  EXPECT_EQ(text, drain::text(run(bytes, drain::each(1))));
  std::mt19937 random(5);
  EXPECT_EQ(text, drain::text(run(bytes, [&] { return 1 + random() % 30000; })));
  const fs::path path = fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats/evtx/testdata" / (name + ".out");
  if (std::getenv("ASSAY_UPDATE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ifstream in(path, std::ios::binary);
  const std::string want{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, want);
}

TEST(Evtx, EveryType) { golden("types", w::every_type(false)); }
TEST(Evtx, EveryTypeInArrays) { golden("arrays", w::every_type(true)); }
TEST(Evtx, EveryMarkup) { golden("markup", w::every_markup()); }

TEST(Evtx, ValuesThatDoNotFitTheirTypeAreShownAsBytes) {
  w::Chunk chunk;
  w::Element root{"EventData", {}, {}};
  std::vector<w::Value> values = {{0x08, "abc", {}, {}},
                                  {0x0f, "short", {}, {}},
                                  {0x13, std::string("\x01\x05\x00\x00\x00\x00\x00\x05", 8), {}, {}},
                                  {0x11, "", {}, {}},
                                  {0x01, "odd", {}, {}},
                                  {0x01, std::string("\x00\xd8\x41\x00", 4), {}, {}},
                                  {0x86, "abc", {}, {}},
                                  {0x93, w::sid(5, {18}) + "rest", {}, {}},
                                  {0xa1, "abc", {}, {}},
                                  {0x77, "abc", {}, {}}};
  for (std::size_t i = 0; i < values.size(); ++i)
    root.content.push_back(w::data("v" + std::to_string(i), static_cast<std::uint16_t>(i), values[i].type));
  root.content.push_back(w::data("beyond", 99, 1));
  chunk.record({std::make_shared<w::Template>(w::Template{root}), values});
  golden("misfits", w::file({chunk.bytes()}));
}

TEST(Evtx, IsRecognisedByItsMagic) {
  const std::string file = w::SysmonLog().file_of(1, 2);
  const Recognised found = recognise(std::string_view(file).substr(0, 65536), false, "x", schemas());
  ASSERT_NE(found.format, nullptr);
  EXPECT_EQ(found.format->name(), "evtx");
  EXPECT_EQ(found.recognition.shape, "windows-evtx");
  EXPECT_EQ(found.recognition.score, 100);
  // A chunk by itself, as carving leaves it.
  EXPECT_EQ(count(run(std::string_view(file).substr(4096))), 2u);
}

TEST(Evtx, RoutesAndTimesAreThoseOfWindows) {
  const std::string file = w::SysmonLog().file_of(1, 3);
  std::string routes;
  RouteChooser chooser(schemas().at(*schemas().find("windows-evtx")));
  (void)drain::run(evtx_format(), file, "windows-evtx", schemas(), drain::whole(),
                   [&](RecordReader& reader, std::string&) {
                     FieldTable fields;
                     const Schema& schema = schemas().at(reader.shape());
                     routes += schema.routes[chooser.choose(reader, fields)].name + " ";
                     Projection times;
                     for (const TimeRule& rule : schema.times) times.add(rule.path);
                     fields.reset(times.size());
                     reader.read(times, fields);
                     EXPECT_EQ(fields.first(0).text, "2020-04-16T02:20:34.5678901Z");
                     EXPECT_TRUE(parse_iso8601(fields.first(0).text));
                     EXPECT_EQ(fields.first(1).text, "2020-04-16 02:20:34.567");
                   });
  EXPECT_EQ(routes, "sysmon_process sysmon_connection sysmon_process ");
}

// What a reader learned from one file does not show in the next.
TEST(Evtx, AReaderUsedAgainGivesTheSame) {
  const std::vector<std::string> files = {w::every_markup(), w::SysmonLog().file_of(2, 20), w::every_type(true),
                                          w::every_type(false)};
  const auto fields_of = [](RecordReader& reader, std::string_view file) {
    std::string out;
    while (!file.empty()) {
      const Frame frame = reader.next(file, true);
      Notices notices;
      if (frame.kind == Frame::Kind::record && reader.begin({}, notices))
        reader.all_fields([&](std::string_view path, Value value) {
          out.append(path).append("=").append(drain::show(value)).append("\n");
        });
      file.remove_prefix(frame.next);
    }
    return out;
  };
  const auto shared = evtx_format().open({}, "windows-evtx", schemas());
  std::mt19937 random(9);
  for (int round = 0; round < 20; ++round) {
    const std::string& file = files[random() % files.size()];
    ASSERT_TRUE(shared->reopen(std::string_view(file).substr(0, 128)));
    const auto fresh = evtx_format().open(std::string_view(file).substr(0, 128), "windows-evtx", schemas());
    EXPECT_EQ(fields_of(*shared, file), fields_of(*fresh, file));
  }
}

// Any start of a chunk gives the records from there on.
TEST(Evtx, RangesGiveTheSameRecords) {
  std::string file = w::SysmonLog().file_of(5, 40);
  file.replace(4096 + 3 * 65536, 65536, std::string(65536, '\0'));  // unused
  const drain::Result whole = run(file);
  ASSERT_EQ(count(whole), 160u);
  const Blocks blocks = evtx_format().blocks();
  EXPECT_EQ(blocks.at_or_after(0), 4096u);
  EXPECT_EQ(blocks.at_or_after(4096), 4096u);
  EXPECT_EQ(blocks.at_or_after(4097), 4096u + 65536);
  std::vector<std::string> joined;
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t next = at == 0 ? 4096 : at + 65536;
    const auto reader = evtx_format().open(std::string_view(file).substr(0, 128), "windows-evtx", schemas());
    if (at > 0) reader->start_at(at);
    std::size_t used = at;
    while (used < file.size() && (used < next || reader->inside_block())) {
      const Frame frame = reader->next(std::string_view(file).substr(used), true);
      if (frame.kind == Frame::Kind::record) {
        Notices notices;
        ASSERT_TRUE(reader->begin({}, notices));
        EXPECT_TRUE(notices.empty());
        std::string text = "record " + std::to_string(used) + "+" + std::to_string(frame.end) + " windows-evtx\n";
        reader->all_fields([&](std::string_view path, Value value) {
          text.append("  ").append(path).append(" = ").append(drain::show(value)).append("\n");
        });
        joined.push_back(text);
      }
      used += frame.next;
    }
    EXPECT_EQ(used, next);
    at = next;
  }
  EXPECT_EQ(joined, whole.records);
}

TEST(Evtx, ChecksumsAreHeldAgainstTheBytes) {
  const std::string file = w::SysmonLog().file_of(2, 3);
  EXPECT_TRUE(run(file).notices.empty());
  const auto with = [&](std::size_t at) {
    std::string broken = file;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    const drain::Result result = run(broken);
    EXPECT_EQ(count(result), 6u) << at;
    std::string text;
    for (const Notice& notice : result.notices.sorted())
      text += std::string(name_of(notice.kind)) + " " + std::to_string(notice.offset) + " " + notice.detail + "\n";
    return text;
  };
  EXPECT_EQ(with(24), "damaged_file 4608 the checksum of the file's header does not fit it\n");
  EXPECT_EQ(with(4096 + 60), "damaged_file 4608 chunks whose header does not fit its checksum\n");
  EXPECT_EQ(with(4096 + 512 + 16),
            "damaged_file 4608 chunks whose records do not fit their checksum; what could be read of them was read\n");
  // A writer that makes none says so.
  w::Chunk chunk;
  w::SysmonLog log;
  log.add(chunk, 1);
  EXPECT_TRUE(run(w::file({chunk.bytes(false)}, false)).notices.empty());
}

TEST(Evtx, DirtyAndCutFiles) {
  const std::string file = w::SysmonLog().file_of(3, 10);
  const auto notices = [](const drain::Result& result) {
    std::string out;
    for (const Notice& notice : result.notices.sorted())
      out += std::string(name_of(notice.kind)) + " x" + std::to_string(notice.count) + "\n";
    return out;
  };
  // Copied while it was written: the chunk's header counts six records of ten.
  {
    std::string stale = file;
    std::string chunk = file.substr(4096, 65536);
    std::size_t at = 512;
    for (int i = 0; i < 6; ++i) at += little16(chunk, at + 4);
    w::put(chunk, 48, at, 4);
    w::Chunk::seal(chunk);
    stale.replace(4096, 65536, chunk);
    const drain::Result result = run(stale);
    EXPECT_EQ(count(result), 30u);
    EXPECT_TRUE(result.notices.empty());
  }
  // Records end where the chunk ends, by its header; behind the last one are zeros.
  {
    std::string chunk = file.substr(4096, 65536);
    w::put(chunk, 48, 65536, 4);
    w::Chunk::seal(chunk);
    EXPECT_EQ(drain::text(run(w::file({chunk}))).find("notice"), std::string::npos);
    w::put(chunk, 48, 7, 4);
    EXPECT_EQ(count(run(w::file({chunk}))), 10u);
  }
  // Cut between chunks.
  EXPECT_EQ(notices(run(std::string_view(file).substr(0, 4096 + 65536))), "truncated x2\n");
  // A chunk that is garbage, and bytes lost in the middle: the next chunk is found again.
  {
    std::string broken = file;
    broken.replace(4096 + 65536, 65536, std::string(65536, 'x'));
    EXPECT_EQ(count(run(broken)), 20u);
    EXPECT_EQ(notices(run(broken)), "damaged_file x1\n");
    broken = file;
    broken.erase(4096 + 40000, 1000);
    EXPECT_EQ(count(run(broken)), 20u);
    broken = file.substr(0, 4096 + 65536) + "lost and found" + file.substr(4096 + 65536);
    EXPECT_EQ(count(run(broken)), 30u);
    EXPECT_EQ(notices(run(broken)), "damaged_file x1\n");
  }
  // Made larger in advance: behind the chunks that the header counts stands whatever the disk held. Of a log that was
  // not closed the count may be old.
  {
    std::string larger = file + std::string(std::size_t{2} * 65536, 'x');
    EXPECT_EQ(count(run(larger)), 30u);
    EXPECT_EQ(notices(run(larger)), "");
    w::put(larger, 120, 1, 4);
    EXPECT_EQ(count(run(larger)), 30u);
    EXPECT_EQ(notices(run(larger)), "damaged_file x2\n");
  }
  // A record whose size was overwritten costs itself.
  {
    std::string broken = file;
    std::size_t at = 4096 + 512;
    at += little16(broken, at + 4);
    w::put(broken, at + 4, 0, 4);
    const drain::Result result = run(broken);
    EXPECT_EQ(count(result), 29u);
    EXPECT_EQ(notices(result), "damaged_record x1\ndamaged_file x1\n");
  }
}

// Records that a chunk begun anew no longer counts: only where they are asked for, marked, each with its own values, in
// any pieces.
TEST(Evtx, RecordsOfUnusedSpaceWhenAsked) {
  const std::string file = w::SysmonLog().begun_anew(20, 5);
  EXPECT_EQ(count(run(file)), 5u);
  EXPECT_TRUE(run(file).notices.empty());
  const drain::Result carved = run(file, drain::whole(), true);
  EXPECT_EQ(carved.broken_promise, "");
  EXPECT_EQ(count(carved), 20u);
  EXPECT_TRUE(carved.notices.empty());
  EXPECT_NE(drain::text(carved).find("EventRecordID = 1019\n"), std::string::npos);
  EXPECT_NE(drain::text(carved).find("\"whoami /all 1018\""), std::string::npos);
  EXPECT_EQ(drain::text(carved), drain::text(run(file, drain::each(1), true)));
  std::vector<bool> marks;
  (void)drain::run(
      evtx_format(), file, "windows-evtx", schemas(), drain::whole(),
      [&](RecordReader& reader, std::string&) { marks.push_back(reader.carved()); }, true);
  std::vector<bool> want(20, true);
  std::fill_n(want.begin(), 5, false);
  EXPECT_EQ(marks, want);
  // Where other templates stand now, nothing is read by them: of the event remains what its own template says.
  const drain::Result others = run(w::SysmonLog().begun_anew(20, 5, 4001), drain::whole(), true);
  EXPECT_EQ(others.broken_promise, "");
  std::size_t whole = 0;
  for (const std::string& record : others.records) whole += record.find("Event.EventData.Image") != std::string::npos;
  EXPECT_EQ(whole, 5u);
  EXPECT_EQ(count(others), 19u);
  EXPECT_EQ(others.notices.sorted().size(), 1u);
  EXPECT_EQ(others.notices.sorted().front().count, 14u);
  // A log without any: nothing changes.
  const std::string plain = w::SysmonLog().file_of(3, 10);
  EXPECT_EQ(drain::text(run(plain)), drain::text(run(plain, drain::whole(), true)));
  // Any of its bytes may be wrong.
  std::mt19937 random(12);
  for (int round = 0; round < 300; ++round) {
    std::string broken = file;
    for (int i = 0; i < 8; ++i) broken[4096 + 512 + random() % 16384] = static_cast<char>(random());
    const drain::Result result = run(broken, drain::whole(), true);
    ASSERT_EQ(result.broken_promise, "");
    ASSERT_GE(count(result) + result.damaged, count(run(broken)));
  }
}

TEST(Evtx, CutAtEveryByte) {
  std::string file = w::every_markup();
  const drain::Result full = run(file);
  const std::size_t end = 4096 + 16384;
  for (std::size_t size = 0; size < end; ++size) {
    const drain::Result cut =
        drain::run(evtx_format(), std::string_view(file).substr(0, size), "windows-evtx", schemas(), drain::whole());
    ASSERT_EQ(cut.broken_promise, "") << size;
    for (std::size_t i = 0; i < cut.records.size(); ++i) {
      if (!cut.records[i].starts_with("record ")) continue;
      ASSERT_EQ(cut.records[i], full.records[i]) << size;
    }
    ASSERT_TRUE(size == 0 || count(cut) == count(full) || !cut.notices.empty()) << size;
  }
}

TEST(Evtx, AnyByteOrNumberMayBeWrong) {
  std::mt19937 random(11);
  for (const std::string& file : {w::every_type(false), w::every_type(true), w::every_markup()}) {
    std::size_t used = file.size();
    while (file[used - 1] == '\0') --used;
    for (int round = 0; round < 400; ++round) {
      std::string broken = file;
      for (std::size_t n = 1 + random() % 3; n > 0; --n) {
        const std::size_t at = 4096 + random() % (used - 4096);
        const std::uint64_t values[] = {0, 0xffffffff, 0x7fffffff, at - 4096, 512, random(), 1, 0x21};
        const std::size_t size = std::size_t{1} << random() % 3;
        if (at + size <= used) w::put(broken, at, values[random() % 8], size);
      }
      const drain::Result result = run(std::string_view(broken).substr(0, 4096 + 65536));
      ASSERT_EQ(result.broken_promise, "");
    }
  }
}

// What this process held at most.
long peak_kib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss;
}

// Templates that use themselves or one another without end.
TEST(Evtx, LoopsAreBounded) {
  const auto outer = w::event_template("Larkmoor-Loops", "Larkmoor/Loops");
  // A definition that holds two instances of another; the other's definition is then made to be the first.
  const auto inner = std::make_shared<w::Template>(w::Template{{"Deep", {}, {w::text("x")}}});
  w::Element root{"EventData", {}, {w::Use{inner, {}}, w::Use{inner, {}}, w::Use{inner, {}}}};
  const auto looping = std::make_shared<w::Template>(w::Template{root});
  w::Chunk chunk;
  for (int i = 0; i < 50; ++i)
    chunk.record({outer, w::system_values(2, chunk.next_record(), w::markup({looping, {}}))});
  const std::string good = w::file({chunk.bytes()});
  EXPECT_EQ(count(run(good)), 50u);
  // Every place that names a template, by any of them.
  std::vector<std::size_t> places, definitions;
  for (std::size_t at = 4096 + 512; at + 10 < 4096 + chunk.used(); ++at) {
    if (good[at] != '\x0c' || good[at + 1] != '\x01' ||
        good.substr(at + 4, 2) != w::bytes_of(w::Template::kIds >> 16, 2))
      continue;
    places.push_back(at + 6);
    definitions.push_back(little16(good, at + 6));
  }
  std::size_t bounded = 0;
  [[maybe_unused]] const long before = peak_kib();
  for (std::size_t p = 0; p < 8; ++p) {
    for (std::size_t d = 0; d < 8; ++d) {
      std::string broken = good;
      w::put(broken, places[p], definitions[d], 4);
      const drain::Result result = drain::run(evtx_format(), broken, "windows-evtx", schemas(), drain::whole());
      ASSERT_EQ(result.broken_promise, "");
      for (const Notice& notice : result.notices.sorted())
        bounded += notice.kind == NoticeKind::limit_depth || notice.kind == NoticeKind::limit_other ? 1U : 0U;
    }
  }
  EXPECT_GT(bounded, 0u);
#ifndef __SANITIZE_ADDRESS__  // it keeps what was freed
  EXPECT_LT(peak_kib() - before, 64 << 10);
#endif
}

}  // namespace
}  // namespace assay

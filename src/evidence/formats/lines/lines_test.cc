#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/lines_rule.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using drain::schemas;

std::string shape_of(std::string_view head, const SchemaSet& set = schemas()) {
  return recognise(head, true, "evidence.log", set).recognition.shape;
}

TEST(Lines, FourFifthsOfTheLinesDecide) {
  const std::string good = "time=1 level=info msg=a\n";
  EXPECT_EQ(shape_of(good), "logfmt");
  EXPECT_EQ(shape_of(good + good + good + good + "odd\n"), "logfmt");
  EXPECT_EQ(shape_of(good + good + good + "odd\n"), "");
  EXPECT_EQ(shape_of("level=info\n"), "");
  EXPECT_EQ(shape_of("\n\n"), "");
  EXPECT_EQ(shape_of(good + std::string(1, '\0') + "\n"), "") << "text has no NUL";
  // A head that is cut inside a line: the cut line says nothing.
  const std::string cut = good + "x";
  EXPECT_EQ(recognise(cut, false, "x", schemas()).recognition.shape, "logfmt");
}

TEST(Lines, TheParticularBeatsTheGeneral) {
  EXPECT_EQ(shape_of("date=2020-04-16 time=02:12:07 logid=\"1\" type=\"event\" level=info msg=\"x\"\n"), "fortigate");
}

TEST(Lines, CronTablesAreNotMereSettings) {
  EXPECT_EQ(shape_of("SHELL=/bin/sh\nPATH=/bin\n"), "");
  EXPECT_EQ(shape_of("SHELL=/bin/sh\nPATH=/bin\n* * * * * x\n"), "crontab");
}

// The page on adding a format: its example is this schema, these lines and these fields.
TEST(Lines, AFormatFromASchemaFileAlone) {
  const fs::path page = fs::path(ASSAY_SOURCE_DIR) / "docs/adding-a-format.md";
  std::ifstream in(page);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto block = [&](std::string_view mark) {
    const std::size_t at = text.find("```" + std::string(mark) + "\n");
    EXPECT_NE(at, std::string::npos) << mark;
    const std::size_t from = text.find('\n', at) + 1;
    return text.substr(from, text.find("```", from) - from);
  };
  const fs::path folder = fs::path(::testing::TempDir()) / "assay-adding-a-format";
  fs::create_directories(folder);
  std::ofstream(folder / "door-log.yaml") << block("yaml");
  const std::vector<std::string> folders{folder.string()};
  Result<SchemaSet> loaded = SchemaSet::load(folders);
  fs::remove_all(folder);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  const std::string lines = block("log");
  EXPECT_EQ(shape_of(lines), "");
  const Recognised found = recognise(lines, true, "x", *loaded);
  ASSERT_NE(found.format, nullptr);
  EXPECT_EQ(found.recognition.shape, "door-log");
  EXPECT_EQ(drain::text(drain::run(*found.format, lines, "door-log", *loaded, drain::whole())), block("text"));
}

std::string error_of(std::string_view lines) {
  const Result<Schema> schema = SchemaSet::parse("my.yaml", "shape: x\nformat: lines\n" + std::string(lines));
  return schema.ok() ? "good" : schema.error().text();
}

TEST(Lines, ErrorsNamePlaceAndRemedy) {
  EXPECT_TRUE(error_of("").starts_with("my.yaml:2:9: format lines needs the key 'lines'"));
  EXPECT_EQ(error_of("lines: {patterns: ['(?P<a>x)']}\n"), "good");
  EXPECT_TRUE(error_of("lines: {patterns: ['(?P<a>x']}\n").starts_with("my.yaml:3:20: the pattern cannot be used: "));
  EXPECT_TRUE(error_of("lines: {patterns: ['(?=x)']}\n").find("cannot be used") != std::string::npos);
  EXPECT_TRUE(
      error_of("lines: {colour: red}\n").starts_with("my.yaml:3:9: 'colour' is not a key of lines (known keys: "));
  EXPECT_TRUE(error_of("lines: {}\n").starts_with("my.yaml:3:8: a line is not described"));
  EXPECT_TRUE(error_of("lines: {pairs: {style: words}}\n").find("nothing tells lines") != std::string::npos);
  EXPECT_TRUE(error_of("lines: {pairs: {style: odd, required: [a]}}\n").find("styles: words, cef, marked") !=
              std::string::npos);
  EXPECT_TRUE(error_of("lines: {delimiter: '|'}\n").find("go together") != std::string::npos);
  EXPECT_TRUE(error_of("lines: {delimiter: '||', fields: [a, b]}\n").find("single character") != std::string::npos);
  EXPECT_EQ(error_of("lines: {delimiter: '|', fields: [a, b]}\n"), "good");
  EXPECT_TRUE(error_of("lines: {patterns: [a]}\ntimes: [{path: t, kind: pattern}]\n").find("go together") !=
              std::string::npos);
  EXPECT_TRUE(
      error_of("lines: {patterns: [a]}\ntimes: [{path: t, kind: pattern, pattern: '%Q'}]\n").find("'%Q' is no part") !=
      std::string::npos);
  EXPECT_TRUE(error_of("lines: {patterns: [a]}\nmessages: {by: a}\n").find("needs 'by', 'field' and 'prefix'") !=
              std::string::npos);
}

// Commands look like any text: the name of the file tells a history without times, where nothing else does.
TEST(Lines, ShellHistories) {
  const auto shape = [](std::string_view head, std::string_view name) {
    return recognise(head, true, name, schemas()).recognition.shape;
  };
  const std::string commands = "ls\ncd /tmp\nwget https://files.example.net/a\n";
  for (const char* name :
       {".bash_history", "root_bash_history.txt", ".zsh_history", "ConsoleHost_history.txt", ".sh_history"})
    EXPECT_EQ(shape(commands, name), "shell-history") << name;
  EXPECT_EQ(shape(commands, "notes.txt"), "");
  EXPECT_EQ(shape(std::string("ls\n\1\2\n"), ".bash_history"), "") << "no text";
  EXPECT_EQ(shape("#1587003127\nls\n", ".bash_history"), "bash-history");
  EXPECT_EQ(shape(": 1587003127:0;ls\n: 1587003127:0;w\n", ".zsh_history"), "zsh-history");
  EXPECT_EQ(shape(": 1587003127:0;ls\n: 1587003127:0;w\n", "x"), "zsh-history");
  const Recognised found = recognise(commands, true, ".bash_history", schemas());
  const drain::Result result = drain::run(*found.format, commands, "shell-history", schemas(), drain::whole());
  EXPECT_EQ(result.records.size(), 3U);
  ASSERT_EQ(result.notices.sorted().size(), 1U);
  EXPECT_EQ(result.notices.sorted().front().kind, NoticeKind::no_time);
  EXPECT_EQ(result.notices.sorted().front().count, 3U);
}

TEST(Lines, DelimitedFields) {
  const Result<Schema> schema =
      SchemaSet::parse("my.yaml", "shape: x\nformat: lines\nlines: {delimiter: '|', fields: [a, '-', b]}\n");
  ASSERT_TRUE(schema.ok());
  LinePattern::Sink out;
  LinesRule::Store store;
  ASSERT_TRUE(schema->lines->read("1| 2 |3|4", out, store));
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].second, "1");
  EXPECT_EQ(out[1].second, "3|4");
  EXPECT_FALSE(schema->lines->read("1|2", out, store));
}

// A text cannot make a pattern take long, whatever the pattern: RE2 runs in time that grows with the text alone.
TEST(Lines, HostileTextsEnd) {
  const Result<Schema> schema =
      SchemaSet::parse("my.yaml", "shape: x\nformat: lines\nlines: {patterns: ['(?P<a>(x+x+)+)y']}\n");
  ASSERT_TRUE(schema.ok());
  LinePattern::Sink out;
  LinesRule::Store store;
  EXPECT_FALSE(schema->lines->read(std::string(1 << 20, 'x'), out, store));
  EXPECT_TRUE(schema->lines->read(std::string(1 << 20, 'x') + "y", out, store));
}

TEST(Lines, PairsAreBounded) {
  Pairs pairs;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "k" + std::to_string(i) + "=v ";
  read_pairs(text, PairStyle::words, ' ', pairs);
  EXPECT_EQ(pairs.list.size(), kPairs);
  EXPECT_TRUE(pairs.cut);
}

}  // namespace
}  // namespace assay

#include <gmime/gmime.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/hash.h"
#include "core/limits.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/mail/header.h"
#include "evidence/formats/mail/mbox.h"
#include "evidence/formats/mail/mime.h"
#include "evidence/formats/mail/transfer.h"
#include "text/charset.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

const SchemaSet& schemas() {
  static const SchemaSet kSchemas = [] {
    Result<SchemaSet> loaded = SchemaSet::load({});
    if (!loaded.ok()) {
      ADD_FAILURE() << loaded.error().text();
      std::abort();
    }
    return std::move(loaded).value();
  }();
  return kSchemas;
}

using drain::slurp;

fs::path folder() { return fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats/mail/testdata"; }

std::vector<fs::path> inputs() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder())) {
    if (entry.path().extension() == ".in") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

void show_blobs(RecordReader& reader, std::string& text) {
  reader.blobs([&](const Blob& blob) {
    text += "  blob " + std::to_string(blob.ref.offset) + "+" + std::to_string(blob.ref.length) + " " +
            std::string(blob.type) + " \"" + std::string(blob.name) + "\" " + std::string(blob.sha256.substr(0, 16)) +
            "\n";
  });
}

drain::Result drained(std::string_view bytes, const drain::Chunks& chunks = drain::whole()) {
  return drain::run(mail_format(), bytes, "mail", schemas(), chunks, show_blobs);
}

std::string value(const drain::Result& result, std::string_view path) {
  std::string out;
  for (const std::string& record : result.records) {
    for (const std::string_view line : split(record, '\n')) {
      const std::string prefix = "  " + std::string(path) + " = ";
      if (line.starts_with(prefix)) out += (out.empty() ? "" : " ") + std::string(line.substr(prefix.size()));
    }
  }
  return out;
}

TEST(Mail, Goldens) {
  for (const fs::path& path : inputs()) {
    const std::string bytes = slurp(path);
    EXPECT_GE(recognise(bytes, true, "x", schemas()).recognition.score, 70) << path;
    EXPECT_EQ(recognise(bytes, true, "x", schemas()).format, &mail_format()) << path;
    const std::string got = drain::text(drained(bytes));
    fs::path expected = path;
    expected.replace_extension(".out");
    if (std::getenv("ASSAY_UPDATE_GOLDENS") != nullptr) std::ofstream(expected, std::ios::binary) << got;
    EXPECT_EQ(got, slurp(expected)) << path;
  }
}

TEST(Mail, ProjectionAgrees) {
  for (const fs::path& path : inputs()) {
    const auto result =
        drain::run(mail_format(), slurp(path), "mail", schemas(), drain::whole(),
                   [&](RecordReader& reader, std::string&) { EXPECT_TRUE(drain::projection_agrees(reader)) << path; });
    EXPECT_EQ(result.broken_promise, "");
  }
}

TEST(Mail, TheSameRecordsHoweverTheStreamIsCut) {
  std::mt19937 random(3);
  for (const fs::path& path : inputs()) {
    std::string bytes = slurp(path);
    for (int crlf = 0; crlf < 2; ++crlf) {
      const std::string whole = drain::text(drained(bytes));
      EXPECT_EQ(drain::text(drained(bytes, drain::each(1))), whole) << path;
      EXPECT_EQ(drain::text(drained(bytes, drain::each(7))), whole) << path;
      EXPECT_EQ(drain::text(drained(bytes, [&] { return 1 + random() % 300; })), whole) << path;
      std::string with;
      for (const char c : bytes) with += c == '\n' ? "\r\n"s : std::string(1, c);
      bytes = with;
    }
  }
}

TEST(Mail, LineEndsChangeNoValue) {
  for (const char* name : {"lure.in", "report.in", "box.in"}) {
    const std::string bytes = slurp(folder() / name);
    std::string with;
    for (const char c : bytes) with += c == '\n' ? "\r\n"s : std::string(1, c);
    const auto plain = drained(bytes), crlf = drained(with);
    for (const char* path : {"from.address", "to", "subject", "received.ip", "link.url", "original.link.url",
                             "original.to", "attachment.name", "date"}) {
      EXPECT_EQ(value(plain, path), value(crlf, path)) << name << path;
    }
  }
}

// Cut anywhere: no crash, promises kept, and a message whose multipart lost its end says so.
TEST(Mail, CutAtEveryByte) {
  for (const fs::path& path : inputs()) {
    const std::string bytes = slurp(path);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
      const auto result = drained(std::string_view(bytes).substr(0, cut));
      EXPECT_EQ(result.broken_promise, "");
    }
  }
  const std::string lure = slurp(folder() / "lure.in");
  const std::size_t body = lure.find("--outer\n"), end = lure.rfind("--outer--");
  for (std::size_t cut = body; cut < end; ++cut) {
    EXPECT_NE(drain::text(drained(std::string_view(lure).substr(0, cut))).find("notice truncated"), std::string::npos)
        << cut;
  }
}

TEST(Mail, BrokenBytesKeepEveryPromise) {
  std::mt19937 random(5);
  for (const fs::path& path : inputs()) {
    const std::string bytes = slurp(path);
    for (int i = 0; i < 400; ++i) {
      std::string wrong = bytes;
      for (auto n = random() % 8; n != 0; --n) {
        const std::size_t at = random() % wrong.size();
        switch (random() % 4) {
          case 0:
            wrong[at] = static_cast<char>(random());
            break;
          case 1:
            wrong.erase(at, random() % 40);
            break;
          case 2:
            wrong.insert(at, wrong.substr(random() % wrong.size(), random() % 60));
            break;
          default:
            wrong.insert(at, 1, "\n\r-=\"<>?;:("[random() % 11]);
        }
        if (wrong.empty()) wrong = "x";
      }
      const auto result = drain::run(mail_format(), wrong, "mail", schemas(), drain::whole(),
                                     [&](RecordReader& reader, std::string& text) {
                                       show_blobs(reader, text);
                                       EXPECT_TRUE(drain::projection_agrees(reader));
                                     });
      EXPECT_EQ(result.broken_promise, "");
      EXPECT_EQ(drain::text(result).find("blob 9999999"), std::string::npos);
    }
  }
}

TEST(Mail, ABrokenMessageCostsItselfOnly) {
  const auto result = drained(slurp(folder() / "box.in"));
  EXPECT_EQ(result.damaged, 1U);
  EXPECT_EQ(value(result, "subject"), "\"one\" \"three\"");
  // A message without an end in the middle takes nothing of the next one.
  const std::string open =
      "From a@b Tue Apr 28 09:05:00 2020\nFrom: a@b\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nlost\n\n";
  const auto box = drained(open + open + open);
  EXPECT_EQ(box.records.size(), 3U);
  EXPECT_EQ(value(box, "from.address"), "\"a@b\" \"a@b\" \"a@b\"");
}

TEST(Mail, TheSpanOfAnAttachmentDecodesToItsHash) {
  for (const char* name : {"lure.in", "report.in"}) {
    const std::string bytes = slurp(folder() / name);
    std::size_t seen = 0;
    drain::run(mail_format(), bytes, "mail", schemas(), drain::whole(), [&](RecordReader& reader, std::string&) {
      reader.blobs([&](const Blob& blob) {
        ++seen;
        const std::string_view span = std::string_view(bytes).substr(blob.ref.offset, blob.ref.length);
        const std::string decoded = blob.type == "text" ? std::string(span) : mail::decode_transfer(span, "base64");
        EXPECT_EQ(sha256_hex(decoded), blob.sha256) << blob.name;
        EXPECT_EQ(decoded, blob.bytes);
        EXPECT_TRUE(blob.attachment);
      });
    });
    EXPECT_GE(seen, 1U);
  }
}

TEST(Mail, Recognition) {
  const auto score = [](std::string_view text) { return mail::mail_score(text, true); };
  EXPECT_EQ(score("From a@b Tue Apr 28 09:05:00 2020\nFrom: a\nTo: b\n\n"), 95);
  EXPECT_EQ(score("Received: x\nFrom: a\nSubject: b\n\nhi"), 90);
  EXPECT_EQ(score("\xef\xbb\xbfReceived: x\nFrom: a\nSubject: b\n\nhi"), 90);
  EXPECT_EQ(score("From: a\nTo: b\nSubject: c\n\nhi"), 70);
  EXPECT_EQ(score("From here to there at 10:00 in\nFrom: a\nTo: b\n"), 0);
  EXPECT_EQ(score("HTTP/1.1 200 OK\r\nDate: x\r\nServer: y\r\n\r\n"), 0);
  EXPECT_EQ(score("Date: x\nServer: y\n\n"), 0);
  EXPECT_EQ(score("title: x\nlogsource:\n  product: y\n"), 0);
  EXPECT_EQ(score("From: <Saved by Blink>\nSnapshot-Content-Location: x\nSubject: y\nDate: z\nMIME-Version: 1.0\n\n"),
            0);
  EXPECT_EQ(score("{\"from\": 1}"), 0);
  EXPECT_EQ(score(""), 0);
}

TEST(Mail, Mailboxes) {
  const auto list = [](std::string_view raw) {
    bool more = false;
    std::string out;
    for (const mail::Mailbox& mailbox : mail::parse_mailboxes(raw, more))
      out += "[" + mailbox.name + "|" + mailbox.address + "]";
    return out;
  };
  EXPECT_EQ(list("a@b"), "[|a@b]");
  EXPECT_EQ(list("\"A, B\" <a@b>, c@d (See)"), "[A, B|a@b][See|c@d]");
  EXPECT_EQ(list("=?utf-8?q?=C3=A9?= <a@b>"), "[\xc3\xa9|a@b]");
  EXPECT_EQ(list("a@good.example <b@evil.example>"), "[a@good.example|b@evil.example]");
  EXPECT_EQ(list("<a@b> <c@d>"), "[|a@b][|c@d]");
  EXPECT_EQ(list("Staff: a@b, C <c@d>;, e@f"), "[|a@b][C|c@d][|e@f]");
  EXPECT_EQ(list("undisclosed-recipients:;"), "");
  EXPECT_EQ(list("<@x,@y:a@b>"), "[|a@b]");
  EXPECT_EQ(list("<>"), "");
  EXPECT_EQ(list("a (b (c) d\\) e) @ x"), "[b (c) d) e|a@x]");
  EXPECT_EQ(list("a@b, \"no end <c@d>"), "[|a@b][no end|c@d]");
  EXPECT_EQ(list("Just A Name"), "[Just A Name|]");
  bool more = false;
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "a@b,";
  EXPECT_EQ(mail::parse_mailboxes(many, more).size(), mail::kMailboxes);
  EXPECT_TRUE(more);
}

TEST(Mail, ParametersAndWords) {
  const auto type = mail::parse_parameterised(
      " Text/HTML (c) ; charset=\"utf-8\"; name*0*=iso-8859-1''a%E4; name*1=b; name=plain; x=un quoted; "
      "y=\"a\\\"b\\c\"");
  EXPECT_EQ(type.value, "text/html");
  EXPECT_EQ(type.get("charset"), "utf-8");
  EXPECT_EQ(type.get("name"),
            "a\xc3\xa4"
            "b");
  EXPECT_EQ(type.get("x"), "un quoted");
  EXPECT_EQ(type.get("y"), "a\"b\\c");
  EXPECT_EQ(mail::parse_parameterised("a/b; filename==?utf-8?B?w6Q=?=").get("filename"), "\xc3\xa4");
  EXPECT_EQ(mail::decode_text("=?utf-8?Q?=E2=82?=\r\n =?utf-8?Q?=AC_x?= and =?x"), "\xe2\x82\xac x and =?x");
  EXPECT_EQ(mail::decode_text(" plain \xe9 text "), "plain \xc3\xa9 text");
  EXPECT_EQ(mail::decode_transfer("SGVs\nbG8=IQ==", "base64"), "Hello!");
  EXPECT_EQ(mail::decode_transfer("a=3D=\r\nb= \nc=zz=4", "quoted-printable"), "a=bc=zz=4");
  EXPECT_EQ(mail::decode_transfer("begin 644 x\n#0V%T\n`\nend\n", "x-uuencode"), "Cat");
  EXPECT_EQ(to_utf8("\x82\xa0", "shift_jis"), "\xe3\x81\x82");
  EXPECT_EQ(to_utf8("\xcf\xf0", "windows-1251"), "\xd0\x9f\xd1\x80");
  EXPECT_EQ(to_utf8(std::string("\xff\xfe"
                                "a\0",
                                4),
                    ""),
            "a");
  bool known = true;
  EXPECT_EQ(to_utf8("\xff", "../../tmp/x", &known), "\xc3\xbf");
  EXPECT_FALSE(known);
}

// ---- caps
// --------------------------------------------------------------------------------------------------------------

std::string header() { return "From: a@b\nTo: c@d\nSubject: x\nMIME-Version: 1.0\n"; }

TEST(MailCaps, Nesting) {
  std::string multiparts = header(), messages = header();
  for (int i = 0; i < 100000; ++i) {
    const std::string b = "b" + std::to_string(i);
    multiparts += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n";
    messages += "Content-Type: message/rfc822\n\n";
  }
  for (const std::string& bytes : {multiparts + "\nhttp://deep.example/\n", messages}) {
    const auto result = drained(bytes);
    EXPECT_NE(drain::text(result).find("notice limit_depth"), std::string::npos);
  }
  // Messages in messages, each encoded again.
  std::string nested = header() + "\nhttp://core.example/\n";
  for (int i = 0; i < 12; ++i) {
    std::string encoded;
    static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (nested.size() % 3 != 0) nested += '\n';
    for (std::size_t at = 0; at < nested.size(); at += 3) {
      const std::uint32_t bits = static_cast<std::uint32_t>(static_cast<unsigned char>(nested[at])) << 16 |
                                 static_cast<std::uint32_t>(static_cast<unsigned char>(nested[at + 1])) << 8 |
                                 static_cast<unsigned char>(nested[at + 2]);
      for (int shift = 18; shift >= 0; shift -= 6) encoded += kAlphabet[bits >> shift & 63];
    }
    nested = header() + "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + encoded;
  }
  EXPECT_EQ(value(drained(nested), "original.link.url"), "\"http://core.example/\"");
}

TEST(MailCaps, PartsLinksHeadersAndAddresses) {
  std::string parts = header() + "Content-Type: multipart/mixed; boundary=b\n\n";
  for (int i = 0; i < 10000; ++i)
    parts += "--b\nContent-Disposition: attachment; filename=x" + std::to_string(i) + "\n\nhi\n";
  const auto many = drained(parts + "--b--\n");
  EXPECT_NE(drain::text(many).find("notice limit_other"), std::string::npos);
  EXPECT_NE(value(many, "attachment.name").find("x999\""), std::string::npos);
  EXPECT_EQ(value(many, "attachment.name").find("x1000\""), std::string::npos);

  std::string links = header() + "Content-Type: text/html\n\n";
  for (int i = 0; i < 20000; ++i) links += "<a href=http://a.example/" + std::to_string(i) + ">";
  EXPECT_NE(drain::text(drained(links)).find(": more links"), std::string::npos);

  const auto folds = drained(header() + "X-A: " + [] {
    std::string text;
    for (int i = 0; i < 1000000; ++i) text += "a\n ";
    return text;
  }() + "\n\nbody\n");
  EXPECT_EQ(folds.records.size(), 1U);
  std::string fields = header();
  for (int i = 0; i < 400000; ++i) fields += "X-A: b\n";
  const auto headers = drained(fields + "\nhttp://still.example/\n");
  EXPECT_NE(drain::text(headers).find("a header larger than the limit"), std::string::npos);
  EXPECT_EQ(value(headers, "link.domain"), "\"still.example\"");
  std::string parameters = header() + "Content-Type: text/plain; ";
  for (int i = 0; i < 100000; ++i) parameters += "p" + std::to_string(i) + "*0=x; ";
  EXPECT_EQ(drained(parameters + "\n\nhi\n").records.size(), 1U);
  EXPECT_NE(drain::text(drained("To: " +
                                [] {
                                  std::string text;
                                  for (int i = 0; i < 15000; ++i) text += "a@b,";
                                  return text;
                                }() +
                                "\n" + header() + "\n"))
                .find("more addresses"),
            std::string::npos);
}

TEST(MailCaps, AMessageLongerThanTheLimit) {
  std::string box = "From a@b Tue Apr 28 09:05:00 2020\nFrom: a@b\nSubject: long\n\n";
  while (box.size() < limits::kDocumentBytes + 300000)
    box += "a line of text that goes on and on and says nothing at all, again and again and again\n";
  box += "\nFrom c@d Tue Apr 28 09:06:00 2020\nFrom: c@d\nSubject: short\n\nhi\n";
  for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{777777}, SIZE_MAX}) {
    const auto result = drained(box, drain::each(piece));
    EXPECT_EQ(value(result, "subject"), "\"long\" \"short\"");
    EXPECT_EQ(result.records.size(), 2U);
    EXPECT_NE(drain::text(result).find("notice limit_record"), std::string::npos);
    EXPECT_EQ(result.broken_promise, "");
  }
}

// ---- an independent reader as oracle
// -------------------------------------------------------------------------------------

struct Leaf {
  std::string type, name, content;
  friend bool operator==(const Leaf&, const Leaf&) = default;
};

void gmime_leaves(GMimeObject* object, std::vector<Leaf>& out) {
  if (GMIME_IS_MULTIPART(object)) {
    for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); ++i)
      gmime_leaves(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), out);
  } else if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage* const inside = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (inside != nullptr && g_mime_message_get_mime_part(inside) != nullptr)
      gmime_leaves(g_mime_message_get_mime_part(inside), out);
  } else if (GMIME_IS_PART(object)) {
    Leaf leaf;
    GMimeContentType* const type = g_mime_object_get_content_type(object);
    char* const name = g_mime_content_type_get_mime_type(type);
    leaf.type = lower(name);
    g_free(name);
    const char* const file = g_mime_part_get_filename(GMIME_PART(object));
    leaf.name = file == nullptr ? "" : file;
    GMimeStream* const memory = g_mime_stream_mem_new();
    if (GMimeDataWrapper* const content = g_mime_part_get_content(GMIME_PART(object)))
      g_mime_data_wrapper_write_to_stream(content, memory);
    const GByteArray* const bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
    leaf.content.assign(reinterpret_cast<const char*>(bytes->data), bytes->len);
    g_object_unref(memory);
    out.push_back(std::move(leaf));
  }
}

std::vector<Leaf> by_gmime(const std::string& bytes) {
  static const bool kStarted = [] {
    g_mime_init();
    return true;
  }();
  EXPECT_TRUE(kStarted);
  GMimeStream* const stream = g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size());
  GMimeParser* const parser = g_mime_parser_new_with_stream(stream);
  GMimeMessage* const message = g_mime_parser_construct_message(parser, nullptr);
  std::vector<Leaf> out;
  if (message != nullptr && g_mime_message_get_mime_part(message) != nullptr)
    gmime_leaves(g_mime_message_get_mime_part(message), out);
  if (message != nullptr) g_object_unref(message);
  g_object_unref(parser);
  g_object_unref(stream);
  return out;
}

std::vector<Leaf> by_us(const std::string& bytes) {
  Notices notices;
  const mail::Mime mime = mail::parse_mime(bytes, 0, notices);
  std::vector<Leaf> out;
  for (const mail::Part& part : mime.parts) {
    out.push_back(
        {part.type, part.file_name,
         mail::decode_transfer(std::string_view(bytes).substr(part.begin, part.end - part.begin), part.encoding)});
  }
  return out;
}

std::string random_entity(std::mt19937& random, int depth) {
  static int serial = 0;
  const auto choice = random() % (depth > 3 ? 5 : 8);
  switch (choice) {
    case 0:
      return "Content-Type: text/plain\n\nplain text " + std::to_string(random() % 100) + "\n--not a boundary\n";
    case 1:
      return "Content-Type: Text/HTML; charset=\"utf-8\"\nContent-Transfer-Encoding: "
             "quoted-printable\n\n<p>=C3=A9=\nmore</p>";
    case 2:
      return "Content-Type: application/pdf;\n name=\"a b.pdf\"\nContent-Disposition: attachment;\n\tfilename=\"a "
             "b.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\nAAECAwQ=\n";
    case 3:
      return "Content-Disposition: attachment; filename*=utf-8''%C3%A4.bin\nContent-Type: "
             "application/octet-stream\n\nraw\n\n\n";
    case 4:
      return "\nno header\n";
    case 5:
      return "Content-Type: message/rfc822\n\nFrom: x@y\nSubject: inside\n" + random_entity(random, depth + 1);
    default:
      break;
  }
  const std::string boundary = "b_" + std::to_string(serial++) + (random() % 2 == 0 ? "" : "=_x");
  std::string out = "Content-Type: multipart/" + std::string(choice == 6 ? "mixed" : "alternative") +
                    ";\n boundary=\"" + boundary + "\"\n\n";
  if (random() % 3 == 0) out += "preamble\n";
  const auto parts = 1 + random() % 4;
  for (unsigned i = 0; i < parts; ++i)
    out += "--" + boundary + (random() % 4 == 0 ? "  \n" : "\n") + random_entity(random, depth + 1) + "\n";
  return out + "--" + boundary + "--\n" + (random() % 3 == 0 ? "epilogue\n" : "");
}

TEST(Mail, PartsAreThoseThatGmimeFinds) {
  std::mt19937 random(17);
  std::size_t leaves = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string bytes = "From: a@b\nTo: c@d\nMIME-Version: 1.0\n" + random_entity(random, 0);
    const auto ours = by_us(bytes), theirs = by_gmime(bytes);
    leaves += ours.size();
    ASSERT_EQ(ours.size(), theirs.size()) << bytes;
    for (std::size_t k = 0; k < ours.size(); ++k) {
      EXPECT_EQ(ours[k].type, theirs[k].type) << bytes;
      EXPECT_EQ(ours[k].name, theirs[k].name) << bytes;
      EXPECT_EQ(ours[k].content, theirs[k].content) << bytes;
    }
  }
  EXPECT_GT(leaves, 3000U);
}

}  // namespace
}  // namespace assay

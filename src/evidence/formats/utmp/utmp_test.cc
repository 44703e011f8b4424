#include <gtest/gtest.h>

#include <random>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

using drain::schemas;

void put(std::string& record, std::size_t at, std::uint32_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) record[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
}

std::string record(std::uint32_t type, std::string_view user, std::string_view host = {}) {
  std::string out(384, '\0');
  put(out, 0, type, 2);
  put(out, 4, 4711, 4);
  out.replace(8, 5, "pts/0");
  out.replace(44, user.size(), user);
  out.replace(76, host.size(), host);
  put(out, 340, 1587003127, 4);
  return out;
}

Recognition recognised(std::string_view bytes, std::string_view name = "x", bool whole = true) {
  return utmp_format().recognise(bytes, whole, name, schemas());
}

TEST(Utmp, RecognisedBySizeAndPlausibleRecords) {
  const std::string logon = record(7, "a.ng", "192.0.2.1");
  EXPECT_GT(recognised(logon + logon).score, 80);
  EXPECT_EQ(recognised(logon + logon).shape, "wtmp");
  EXPECT_EQ(recognised(logon + logon + "x").score, 0);
  EXPECT_GT(recognised(logon + logon + "x", "x", false).score, 0);  // the head of a larger file
  EXPECT_EQ(recognised(std::string(384 * 3, '\0')).score, 0);
  for (const std::size_t at : {0U, 2U, 343U, 346U, 45U}) {
    std::string odd = logon;
    odd[at] = '\x1f';
    EXPECT_EQ(recognised(logon + odd).score, 0) << at;
  }
  EXPECT_EQ(recognised(std::string(768, 'a')).score, 0);
}

TEST(Utmp, FailedLogonsByWhatTheyHold) {
  EXPECT_EQ(recognised(record(6, "root") + record(6, "admin")).shape, "btmp");
  EXPECT_EQ(recognised(record(6, "LOGIN") + record(6, "LOGIN")).shape, "wtmp");  // a getty waits
  EXPECT_EQ(recognised(record(6, "root") + record(7, "a.ng")).shape, "wtmp");
  EXPECT_EQ(recognised(record(6, "root") + record(7, "a.ng"), "btmp.1").shape, "btmp");
  EXPECT_EQ(recognised(record(6, "root") + record(2, "reboot"), "btmp").shape, "wtmp");
}

TEST(Utmp, Addresses) {
  const auto address = [](std::string_view bytes) {
    std::string one = record(7, "a");
    one.replace(348, bytes.size(), bytes);
    const drain::Result result = drain::run(utmp_format(), one, "wtmp", schemas(), drain::whole());
    const std::string& text = result.records.front();
    const std::size_t at = text.find("address = \"");
    return at == std::string::npos ? "none" : text.substr(at + 11, text.find('"', at + 11) - at - 11);
  };
  using namespace std::string_view_literals;
  EXPECT_EQ(address(""), "none");
  EXPECT_EQ(address("\xC0\x00\x02\x07"sv), "192.0.2.7");
  EXPECT_EQ(address("\0\0\0\0\0\0\0\0\0\0\xff\xff\xC0\x00\x02\x07"sv), "192.0.2.7");
  EXPECT_EQ(address("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"sv), "2001:db8::7");
  EXPECT_EQ(address("\x20\x01\x0d\xb8\0\x01\0\0\0\x02\0\0\0\0\0\x07"sv), "2001:db8:1:0:2::7");
  EXPECT_EQ(address("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv), "::1");
  EXPECT_EQ(address("\xfe\x80\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0\0"sv), "fe80:1:2:3:4:5:6:0");
}

TEST(Utmp, OneBadRecordCostsItself) {
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += record(7, "user" + std::to_string(i));
  const drain::Result full = drain::run(utmp_format(), bytes, "wtmp", schemas(), drain::whole());
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string broken = bytes;
    const std::size_t at = random() % broken.size();
    broken[at] = static_cast<char>(random() & 255);
    const drain::Result after = drain::run(utmp_format(), broken, "wtmp", schemas(), drain::whole());
    ASSERT_EQ(after.broken_promise, "");
    ASSERT_EQ(after.records.size(), full.records.size());
    for (std::size_t i = 0; i < full.records.size(); ++i) {
      if (i == at / 384) continue;
      ASSERT_EQ(after.records[i], full.records[i]);
    }
  }
  const drain::Result cut = drain::run(utmp_format(), bytes.substr(0, 400), "wtmp", schemas(), drain::each(7));
  EXPECT_EQ(cut.records.back(), "skip 384+16 truncated\n");
}

}  // namespace
}  // namespace assay

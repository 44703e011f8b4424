#include "evidence/binding.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

std::string apply(ValueRule rule, std::string_view text, std::string_view argument = {}) {
  FieldTable store;
  const Value value = apply_rule(rule, argument, {ValueKind::string, text}, store);
  return value.present() ? std::string(value.text) : "absent";
}

TEST(ValueRules, Table) {
  struct Case {
    ValueRule rule;
    const char* argument;
    const char* text;
    const char* want;
  };
  const Case kCases[] = {
      {ValueRule::none, "", "x", "x"},
      {ValueRule::unpad_hex, "", "0x0000000000000010", "0x10"},
      {ValueRule::unpad_hex, "", "0X00AB", "0xab"},
      {ValueRule::unpad_hex, "", "0x0", "0x0"},
      {ValueRule::unpad_hex, "", "0x000", "0x0"},
      {ValueRule::unpad_hex, "", "0x", "0x"},
      {ValueRule::unpad_hex, "", "0xzz", "0xzz"},
      {ValueRule::unpad_hex, "", "16", "16"},
      {ValueRule::hash_of, "SHA256", "SHA1=AA,MD5=bb,SHA256=CcDd,IMPHASH=00", "ccdd"},
      {ValueRule::hash_of, "SHA1", "SHA1=AA,MD5=bb", "aa"},
      {ValueRule::hash_of, "MD5", "sha1=aa, md5=bb", "bb"},
      {ValueRule::hash_of, "SHA256", "SHA1=AA", "absent"},
      {ValueRule::hash_of, "SHA1", "SHA1=not hex", "absent"},
      {ValueRule::hash_of, "SHA", "SHA1=aa", "absent"},
      {ValueRule::hash_of, "MD5", "", "absent"},
      {ValueRule::epoch, "", "1587003127.5", "2020-04-16T02:12:07.5Z"},
      {ValueRule::epoch, "", "yesterday", "absent"},
      {ValueRule::number, "", "1,234,567", "1234567"},
      {ValueRule::number, "", "1'234", "1234"},
      {ValueRule::number, "", "007", "7"},
      {ValueRule::number, "", "000", "0"},
      {ValueRule::number, "", "-12", "-12"},
      {ValueRule::number, "", " 12.50 ", "12.50"},
      {ValueRule::number, "", "1,23", "absent"},
      {ValueRule::number, "", "-", "absent"},
      {ValueRule::number, "", "12 MB", "absent"},
      {ValueRule::sid, "", " {S-1-5-18} ", "S-1-5-18"},
      {ValueRule::address, "", "192.0.2.1:443", "192.0.2.1"},
      {ValueRule::address, "", "192.0.2.1", "192.0.2.1"},
      {ValueRule::address, "", "[2001:db8::1]:443", "2001:db8::1"},
      {ValueRule::address, "", "2001:db8::1", "2001:db8::1"},
      {ValueRule::address, "", "::ffff:192.0.2.1", "192.0.2.1"},
      {ValueRule::address, "", "fe80::1%eth0", "fe80::1"},
      {ValueRule::address, "", "[2001:db8::1", "2001:db8::1"},
      {ValueRule::address, "", "[]:1", "absent"},
      {ValueRule::address, "", ":443", "absent"},
      {ValueRule::unplus, "", "Mozilla/5.0+(X11)", "Mozilla/5.0 (X11)"},
      {ValueRule::unplus, "", "curl/7.68.0", "curl/7.68.0"},
      {ValueRule::basename, "", "C:\\Windows\\cmd.exe", "cmd.exe"},
      {ValueRule::basename, "", "/usr/bin/env", "env"},
      {ValueRule::basename, "", "plain", "plain"},
      {ValueRule::basename, "", "C:\\", "absent"},
      {ValueRule::folder, "", "C:\\Windows\\cmd.exe", "C:\\Windows"},
      {ValueRule::folder, "", "host/opt/.avamar/watchdogd", "host/opt/.avamar"},
      {ValueRule::folder, "", "/init", "/"},
      {ValueRule::folder, "", "C:\\boot.ini", "C:\\"},
      {ValueRule::folder, "", "plain", "absent"},
      {ValueRule::folder, "", "/etc/", "/etc"},
      {ValueRule::url_host, "", "http://user:pw@files.example.net:8080/a?b", "files.example.net"},
      {ValueRule::url_host, "", "https://[2001:db8::1]:443/", "2001:db8::1"},
      {ValueRule::url_host, "", "files.example.net:443", "files.example.net"},
      {ValueRule::url_host, "", "/a/b?u=http://other.example/", "absent"},
      {ValueRule::url_host, "", "//a/b", "absent"},
      {ValueRule::url_host, "", "http://", "absent"},
      {ValueRule::url_path, "", "http://h/a/b?c#d", "/a/b"},
      {ValueRule::url_path, "", "http://h", "/"},
      {ValueRule::url_path, "", "/a?b", "/a"},
      {ValueRule::url_path, "", "//a/b", "//a/b"},
      {ValueRule::url_path, "", "http://h?x", "/"},
      {ValueRule::url_query, "", "/a?b=c&d#e", "b=c&d"},
      {ValueRule::url_query, "", "/a?", ""},
      {ValueRule::url_query, "", "/a", "absent"},
      {ValueRule::before, ":", "host:443", "host"},
      {ValueRule::before, ":", "host", "host"},
      {ValueRule::after, "\\", "DOMAIN\\user", "user"},
      {ValueRule::after, "\\", "user", "absent"},
      {ValueRule::map, "allowed=allowed,DENIED=blocked,*=unknown", "denied", "blocked"},
      {ValueRule::map, "allowed=allowed,*=unknown", "odd", "unknown"},
      {ValueRule::map, "a=b", "odd", "absent"},
      {ValueRule::map, "-=,*=*", "-", "absent"},
      {ValueRule::map, "-=,*=*", "user", "user"},
      {ValueRule::constant, "fixed", "whatever", "fixed"},
  };
  for (const Case& c : kCases) EXPECT_EQ(apply(c.rule, c.text, c.argument), c.want) << c.text << " / " << c.argument;
}

TEST(ValueRules, AbsentAndNullStay) {
  FieldTable store;
  EXPECT_FALSE(apply_rule(ValueRule::number, "", {}, store).present());
  EXPECT_EQ(apply_rule(ValueRule::number, "", {ValueKind::null, {}}, store).kind, ValueKind::null);
  EXPECT_EQ(apply_rule(ValueRule::number, "", {ValueKind::number, "7"}, store).kind, ValueKind::number);
}

Schema schema_with(std::string_view overlay) {
  Result<Schema> parsed =
      SchemaSet::parse("test.yaml", "shape: s\nformat: json\nprefixes: [data.]\noverlay:\n" + std::string(overlay));
  EXPECT_TRUE(parsed.ok()) << (parsed.ok() ? "" : parsed.error().text());
  return std::move(parsed).value();
}

std::string values_of(const Schema& schema, std::string_view name,
                      const std::vector<std::pair<std::string, std::string>>& record) {
  Projection projection;
  const Binding binding = assay::bind(schema, name, projection);
  FieldTable table;
  table.reset(projection.size());
  for (const auto& [path, text] : record) {
    if (const auto slot = projection.find(path)) table.add(*slot, {ValueKind::string, text});
  }
  std::string out;
  std::string first;
  each_value(binding, table, [&](const Value& value) { out += "[" + std::string(value.text) + "]"; });
  const Value one = first_value(binding, table);
  EXPECT_EQ(out.empty(), !one.present());
  if (one.present()) {
    EXPECT_TRUE(out.starts_with("[" + std::string(one.text) + "]"));
  }
  return out;
}

TEST(Binding, FirstPathWithAnyValueWinsAndGivesAll) {
  const Schema schema = schema_with("  n: [a, {path: b, rule: number}, c]\n");
  EXPECT_EQ(values_of(schema, "n", {{"a", "1"}, {"a", "2"}, {"c", "3"}}), "[1][2]");
  EXPECT_EQ(values_of(schema, "n", {{"b", "x"}, {"c", "3"}}), "[3]");
  EXPECT_EQ(values_of(schema, "n", {{"b", "x"}, {"b", "007"}, {"c", "3"}}), "[7]");
  EXPECT_EQ(values_of(schema, "n", {}), "");
}

TEST(Binding, UnknownNamesAreLookedUpBelowThePrefixesThenAtTheTop) {
  const Schema schema = schema_with("  n: a\n");
  EXPECT_EQ(values_of(schema, "Other", {{"data.Other", "below"}, {"Other", "top"}}), "[below]");
  EXPECT_EQ(values_of(schema, "Other", {{"Other", "top"}}), "[top]");
  EXPECT_EQ(values_of(schema, "data.Other", {{"data.Other", "below"}}), "[below]");
}

TEST(Binding, ConcatNeedsEveryPart) {
  const Schema schema =
      schema_with("  u: [{rule: concat, argument: 'http://{host}{uri}'}, uri]\n  k: {constant: 'yes'}\n");
  EXPECT_EQ(values_of(schema, "u", {{"host", "h"}, {"uri", "/x"}}), "[http://h/x]");
  EXPECT_EQ(values_of(schema, "u", {{"uri", "/x"}}), "[/x]");
  EXPECT_EQ(values_of(schema, "k", {}), "[yes]");
}

TEST(Binding, TargetsOfRequestsMakeUrls) {
  const Schema schema = schema_with(
      "  u: {rule: request_url, argument: 'http://{host}{uri}'}\n  v: {rule: request_url, argument: '{host}{uri}'}\n");
  const auto url = [&](const char* name, const char* uri) {
    return values_of(schema, name, {{"host", "h.example"}, {"uri", uri}});
  };
  EXPECT_EQ(url("u", "/x?u=http://a/"), "[http://h.example/x?u=http://a/]");
  EXPECT_EQ(url("u", "http://other.example/x"), "[http://other.example/x]");
  EXPECT_EQ(url("u", "other.example:443"), "[http://other.example:443]");
  EXPECT_EQ(url("v", "other.example:443"), "[other.example:443]");
  EXPECT_EQ(url("v", "/x:1"), "[h.example/x:1]");
  EXPECT_EQ(url("u", "*"), "[http://h.example]");
  EXPECT_EQ(url("u", ""), "[http://h.example]");
  EXPECT_EQ(url("u", "?q"), "[http://h.example?q]");
  EXPECT_EQ(url("u", ".com/x"), "[http://h.example/.com/x]");
  EXPECT_EQ(url("u", "a?b=c://d"), "[http://h.example/a?b=c://d]");
  EXPECT_EQ(values_of(schema, "u", {{"uri", "/x"}}), "");
}

TEST(Binding, NamesShareSlots) {
  const Schema schema = schema_with("  n: a\n  m: [a, b]\n");
  Projection projection;
  (void)assay::bind(schema, "n", projection);
  (void)assay::bind(schema, "m", projection);
  EXPECT_EQ(projection.size(), 2U);
  Projection same;
  same.add("a");
  same.add("b");
  EXPECT_EQ(projection.fingerprint(), same.fingerprint());
  same.add("c");
  EXPECT_NE(projection.fingerprint(), same.fingerprint());
}

}  // namespace
}  // namespace assay

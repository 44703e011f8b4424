// Events that tests and fuzzing write: invented names, documentation addresses.
#pragma once

#include <string>
#include <vector>

#include "evidence/formats/evtx/writer.h"

namespace assay::evtx_writer {

constexpr std::uint64_t kSampleTime = 132314772345678901;  // 2020-04-16T02:20:34.5678901Z

inline Value u8(std::uint8_t v) { return {0x04, bytes_of(v, 1), {}, {}}; }
inline Value u16(std::uint16_t v) { return {0x06, bytes_of(v, 2), {}, {}}; }
inline Value u32(std::uint32_t v) { return {0x08, bytes_of(v, 4), {}, {}}; }
inline Value u64(std::uint64_t v) { return {0x0a, bytes_of(v, 8), {}, {}}; }
inline Value string(std::string_view ascii) { return {0x01, wide(ascii), {}, {}}; }
inline Value hex64(std::uint64_t v) { return {0x15, bytes_of(v, 8), {}, {}}; }
inline Value file_time(std::uint64_t v) { return {0x11, bytes_of(v, 8), {}, {}}; }
inline Value none() { return {}; }
inline Value markup(Use use) { return {0x21, {}, std::make_shared<Use>(std::move(use)), {}}; }

inline Piece leaf(std::string_view name, std::vector<Piece> content,
                  std::vector<std::pair<std::string, std::vector<Piece>>> attributes = {}) {
  return child(Element{std::string(name), std::move(attributes), std::move(content)});
}

// The outer template as Windows writes it: System, then what the provider gave as binary XML.
inline std::shared_ptr<Template> event_template(std::string_view provider, std::string_view channel) {
  const auto sub = [](std::uint16_t id, std::uint8_t type) { return Substitution{id, type, true}; };
  Element system{"System", {}, {}};
  system.content = {
      leaf("Provider", {}, {{"Name", {text(provider)}}, {"Guid", {Substitution{14, 0x0f, true}}}}),
      leaf("EventID", {sub(3, 0x06)}, {{"Qualifiers", {sub(4, 0x06)}}}),
      leaf("Version", {sub(11, 0x04)}),
      leaf("Level", {sub(0, 0x04)}),
      leaf("Task", {sub(2, 0x06)}),
      leaf("Opcode", {sub(1, 0x04)}),
      leaf("Keywords", {sub(5, 0x15)}),
      leaf("TimeCreated", {}, {{"SystemTime", {sub(6, 0x11)}}}),
      leaf("EventRecordID", {sub(10, 0x0a)}),
      leaf("Correlation", {}, {{"ActivityID", {sub(7, 0x0f)}}}),
      leaf("Execution", {}, {{"ProcessID", {sub(8, 0x08)}}, {"ThreadID", {sub(9, 0x08)}}}),
      leaf("Channel", {text(channel)}),
      leaf("Computer", {text("ws-04.larkmoor.example")}),
      leaf("Security", {}, {{"UserID", {sub(12, 0x13)}}}),
  };
  Element event{"Event", {{"xmlns", {text("http://schemas.microsoft.com/win/2004/08/events/event")}}}, {}};
  event.content = {child(std::move(system)), Substitution{13, 0x21, true}};
  return std::make_shared<Template>(Template{std::move(event)});
}

inline std::vector<Value> system_values(std::uint16_t event_id, std::uint64_t record, Value content) {
  return {u8(4),  u8(0),     u16(1),    u16(event_id), none(), hex64(0x8000000000000000),    file_time(kSampleTime),
          none(), u32(1204), u32(1388), u64(record),   u8(5),  {0x13, sid(5, {18}), {}, {}}, std::move(content),
          none()};
}

// <EventData> with one <Data> for each name, filled by substitutions 0, 1, ...
inline std::shared_ptr<Template> data_template(const std::vector<std::pair<std::string, std::uint8_t>>& names) {
  Element root{"EventData", {}, {}};
  for (std::size_t i = 0; i < names.size(); ++i)
    root.content.push_back(data(names[i].first, static_cast<std::uint16_t>(i), names[i].second));
  return std::make_shared<Template>(Template{std::move(root)});
}

// Process creations and connections, as Sysmon has them.
struct SysmonLog {
  std::shared_ptr<Template> outer = event_template("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational");
  std::shared_ptr<Template> process =
      data_template({{"RuleName", 1}, {"UtcTime", 1}, {"ProcessId", 8}, {"Image", 1}, {"CommandLine", 1}, {"User", 1}});
  std::shared_ptr<Template> connection = data_template(
      {{"RuleName", 1}, {"UtcTime", 1}, {"Image", 1}, {"Initiated", 13}, {"DestinationIp", 1}, {"DestinationPort", 6}});

  bool add(Chunk& chunk, std::uint64_t n) const {
    const std::string at = "2020-04-16 02:20:34.567";
    if (n % 3 != 2) {
      Use use{process,
              {string("-"), string(at), u32(static_cast<std::uint32_t>(4000 + n)),
               string("C:\\Windows\\System32\\whoami.exe"), string("whoami /all " + std::to_string(n)),
               string("LARKMOOR\\j.doe")}};
      return chunk.record({outer, system_values(1, n, markup(std::move(use)))}, kSampleTime);
    }
    Use use{connection,
            {string("-"),
             string(at),
             string("C:\\Windows\\System32\\curl.exe"),
             {0x0d, bytes_of(1, 4), {}, {}},
             string("198.51.100." + std::to_string(n % 250)),
             u16(443)}};
    return chunk.record({outer, system_values(3, n, markup(std::move(use)))}, kSampleTime);
  }

  // One chunk begun anew over an old one: `left` records count, from number `first` on; of those of `records` that were
  // there before, from 1000 on, the ones behind them are whole. With 4000 as first all templates stand where they
  // stood.
  [[nodiscard]] std::string begun_anew(std::size_t records, std::size_t left, std::uint64_t first = 4000) const {
    Chunk before(1000), after(first);
    for (std::uint64_t n = 1000; n < 1000 + records; ++n) add(before, n);
    for (std::uint64_t n = first; n < first + left; ++n) add(after, n);
    std::string chunk = after.bytes();
    chunk.replace(after.used(), std::string::npos, before.bytes().substr(after.used()));
    return file({chunk});
  }

  // A file of `chunks` chunks with `records` in each.
  [[nodiscard]] std::string file_of(std::size_t chunks, std::size_t records) const {
    std::vector<std::string> all;
    std::uint64_t n = 1;
    for (std::size_t c = 0; c < chunks; ++c) {
      Chunk chunk(n);
      for (std::size_t r = 0; r < records && add(chunk, n); ++r) ++n;
      all.push_back(chunk.bytes());
    }
    return file(all);
  }
};

// One event for each type that a value can have, alone and as an array.
inline std::string every_type(bool arrays) {
  struct Case {
    const char* name;
    std::uint8_t type;
    std::vector<std::string> values;
  };
  const std::string guid = std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10", 16);
  const auto system_time = [](int year) {
    std::string out;
    for (const int part : {year, 4, 4, 16, 2, 20, 34, 567}) out += bytes_of(static_cast<std::uint64_t>(part), 2);
    return out;
  };
  const std::vector<Case> cases = {
      {"String",
       0x01,
       {wide(u"plain"), wide(u"Gr\u00fc\u00dfe \u20ac \u4f60\u597d"), "", wide(u"\xd83d\xde00"), wide("trailing  ")}},
      {"AnsiString", 0x02, {"plain", "caf\xe9 \x80", "\x81"}},
      {"Int8", 0x03, {bytes_of(0x85, 1), bytes_of(7, 1)}},
      {"UInt8", 0x04, {bytes_of(0x85, 1), bytes_of(0, 1)}},
      {"Int16", 0x05, {bytes_of(0xfffe, 2)}},
      {"UInt16", 0x06, {bytes_of(0xfffe, 2), bytes_of(4624, 2)}},
      {"Int32", 0x07, {bytes_of(0x80000000, 4)}},
      {"UInt32", 0x08, {bytes_of(0x80000000, 4), bytes_of(1, 4)}},
      {"Int64", 0x09, {bytes_of(0x8000000000000000, 8)}},
      {"UInt64", 0x0a, {bytes_of(0xffffffffffffffff, 8)}},
      {"Real32", 0x0b, {bytes_of(0x3fc00000, 4), bytes_of(0x7f800000, 4), bytes_of(0x7fc00000, 4)}},
      {"Real64",
       0x0c,
       {bytes_of(0x3fb999999999999a, 8), bytes_of(0xfff0000000000000, 8), bytes_of(0xc0f86a0000000000, 8)}},
      {"Bool", 0x0d, {bytes_of(0, 4), bytes_of(1, 4), bytes_of(0xffffff00, 4)}},
      {"Guid", 0x0f, {guid}},
      {"SizeT", 0x10, {bytes_of(0x1f4, 8)}},
      {"FileTime",
       0x11,
       {bytes_of(kSampleTime, 8), bytes_of(0, 8), bytes_of(0x7fffffffffffffff, 8), bytes_of(125911584000000000, 8)}},
      {"SysTime", 0x12, {system_time(2020), system_time(1601)}},
      {"Sid",
       0x13,
       {sid(5, {18}), sid(5, {21, 1004336348, 1177238915, 682003330, 512}), sid(0x10000000000, {}), sid(1, {0})}},
      {"HexInt32", 0x14, {bytes_of(0xc000006d, 4), bytes_of(0, 4)}},
      {"HexInt64", 0x15, {bytes_of(0x3e7, 8), bytes_of(0x8020000000000000, 8)}},
  };
  const auto outer = event_template("Larkmoor-Types", "Larkmoor/Types");
  Chunk chunk;
  for (const Case& one : cases) {
    if (arrays) {
      std::string all;
      for (const std::string& value : one.values)
        all += value + (one.type == 1 ? std::string(2, '\0') : one.type == 2 ? std::string(1, '\0') : std::string());
      const auto array = static_cast<std::uint8_t>(one.type | 0x80);
      Element root{"EventData",
                   {},
                   {data("Named", 0, array), data("", 0, array), data("Empty", 1, array),
                    leaf("Joined", {text("<"), Substitution{0, array, false}, text(">")})}};
      Use use{std::make_shared<Template>(Template{std::move(root)}), {{array, all, {}, {}}, {array, "", {}, {}}}};
      chunk.record({outer, system_values(1, chunk.next_record(), markup(std::move(use)))}, kSampleTime);
      continue;
    }
    Element root{"EventData", {{"Name", {text(one.name)}}}, {}};
    Use use;
    for (std::size_t i = 0; i < one.values.size(); ++i) {
      root.content.push_back(data(std::string(one.name) + std::to_string(i), static_cast<std::uint16_t>(i), one.type));
      use.values.push_back({one.type, one.values[i], {}, {}});
    }
    use.definition = std::make_shared<Template>(Template{std::move(root)});
    chunk.record({outer, system_values(1, chunk.next_record(), markup(std::move(use)))}, kSampleTime);
  }
  return file({chunk.bytes()});
}

// What markup can be: pieces of text, names, user data, templates inside one another, elements without a template.
inline std::string every_markup() {
  const auto outer = event_template("Larkmoor-Markup", "Larkmoor/Markup");
  Chunk chunk;
  const auto add = [&](Element root, std::vector<Value> values) {
    Use use{std::make_shared<Template>(Template{std::move(root)}), std::move(values)};
    chunk.record({outer, system_values(2, chunk.next_record(), markup(std::move(use)))}, kSampleTime);
  };
  // Text in pieces.
  add({"EventData",
       {},
       {leaf("Pieces",
             {text("a "), Entity{"lt"}, text("b"), Entity{"gt"}, Entity{"amp"}, Entity{"quot"}, Entity{"apos"},
              Entity{"other"}, Character{0x20ac}, CData{wide("<raw>")}, Instruction{"target", wide("said")}}),
        leaf("Mixed", {text("pid "), Substitution{0, 0x08, false}, text(" of "), Substitution{1, 0x01, true}}),
        leaf("AllAbsent", {Substitution{2, 0x01, true}, Substitution{2, 0x01, true}}),
        leaf("Around", {text("\r\n  "), leaf("Inner", {text("x")}), text("\r\n")}),
        leaf("Said", {text("before"), leaf("Inner", {text("y")}), text("after")}), leaf("Blank", {text("  ")})}},
      {u32(77), string("svc"), none()});
  // Data with and without a name; attributes; what is empty.
  add({"EventData",
       {{"Name", {text("Set")}}},
       {data("", 0, 0x01), data("", 1, 0x01), data("Same", 0, 0x01), data("Same", 1, 0x01),
        data("Absent", 2, 0x01, true), leaf("Data", {text("v")}, {{"Name", {Substitution{0, 0x01, false}}}}),
        leaf("Data", {text("typed")}, {{"Name", {text("Typed")}}, {"Type", {text("t")}}}),
        leaf("Data", {text("w")}, {{"Name", {text("")}}}), child({"Closed", {}, {}, true}), leaf("Open", {}),
        leaf("OnlyAbsent", {}, {{"Code", {Substitution{2, 0x06, true}}}}),
        leaf("OneThere", {}, {{"Code", {Substitution{2, 0x06, true}}}, {"Word", {Substitution{0, 0x01, true}}}}),
        leaf("Binary", {Substitution{3, 0x0e, true}}), leaf("Unknown", {Substitution{4, 0x23, true}})}},
      {string("one"), string("two"), none(), {0x0e, std::string("\x00\xff\x10", 3), {}, {}}, {0x23, "xyz", {}, {}}});
  // User data.
  add({"UserData",
       {},
       {leaf("LogFileCleared",
             {leaf("SubjectUserName", {Substitution{0, 0x01, false}}), leaf("Channel", {Substitution{1, 0x01, false}})},
             {{"xmlns:auto-ns3", {text("http://schemas.microsoft.com/win/2004/08/events")}}})}},
      {string("j.doe"), string("Security")});
  // A template used in content, and one more inside it.
  {
    const auto inner = std::make_shared<Template>(Template{{"Deep", {}, {Substitution{0, 0x01, false}}}});
    Element root{"EventData",
                 {},
                 {leaf("Before", {text("1")}), Use{inner, {string("here")}}, leaf("After", {text("2")}),
                  leaf("Holder", {Substitution{0, 0x21, true}})}};
    Use use{std::make_shared<Template>(Template{std::move(root)}), {markup({inner, {string("there")}})}};
    chunk.record({outer, system_values(2, chunk.next_record(), markup(std::move(use)))}, kSampleTime);
  }
  // An element as a value, without a template; and a record that is one.
  {
    Value value{0x21, {}, {}, std::make_shared<Element>(Element{"EventData", {}, {leaf("Plain", {text("value")})}})};
    chunk.record({outer, system_values(2, chunk.next_record(), std::move(value))}, kSampleTime);
    chunk.record(Element{
        "Event", {}, {leaf("System", {leaf("EventID", {text("9")}), leaf("Channel", {text("Larkmoor/Plain")})})}});
  }
  return file({chunk.bytes()});
}

}  // namespace assay::evtx_writer

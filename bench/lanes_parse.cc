// Reading records: JSON lines with seven projected fields against simdjson's DOM, access and Zeek logs against a count
// of lines.
#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <cstring>

#include "generate.h"
#include "harness.h"
#include "records.h"

namespace assay::bench {
namespace {

constexpr std::size_t kBytes = std::size_t{48} << 20;
constexpr int kRounds = 7;

// What a process rule's plan asks of an event, more or less.
constexpr std::array<std::string_view, 7> kFields = {"Channel", "EventID",     "Hostname",   "@timestamp",
                                                     "Image",   "TargetImage", "CommandLine"};

LaneResult result_of(const Pair& pair, std::size_t bytes, std::uint64_t events, std::string reference,
                     std::string input) {
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(bytes) / 1e6 / pair.ours;
  out.events_per_s_core = static_cast<double>(events) / pair.ours;
  out.bytes_per_event = events == 0 ? 0 : static_cast<double>(bytes) / static_cast<double>(events);
  out.reference = std::move(reference);
  out.ratio = pair.ratio;
  out.peak_mb = pair.peak_mb;
  out.input = std::move(input);
  return out;
}

struct Opened {
  std::unique_ptr<const SchemaSet> schemas;  // the reader keeps its address
  const Format* format = nullptr;
  std::unique_ptr<RecordReader> reader;
  std::string_view body;  // without the prologue
};

Result<Opened> open_bytes(std::string_view bytes, std::string_view name) {
  TRY(SchemaSet schemas, SchemaSet::load({}));
  Opened out;
  out.schemas = std::make_unique<const SchemaSet>(std::move(schemas));
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  const Recognised known = recognise(head, bytes.size() <= head.size(), name, *out.schemas);
  if (known.format == nullptr)
    return Error{ErrorCode::unsupported, "no reader knows the bench's own input", std::string(name)};
  out.format = known.format;
  const std::size_t prologue = known.format->prologue_size(head);
  out.reader = known.format->open(bytes.substr(0, prologue), known.recognition.shape, *out.schemas);
  out.body = bytes.substr(prologue);
  return out;
}

std::uint64_t count_lines(std::string_view bytes) {
  std::uint64_t lines = 0;
  while (!bytes.empty()) {
    const void* at = std::memchr(bytes.data(), '\n', bytes.size());
    if (at == nullptr) break;
    ++lines;
    bytes.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(at) - bytes.data()) + 1);
  }
  return lines;
}

Result<LaneResult> json_lane(const Context& context) {
  std::string bytes, input;
  if (!context.data.empty()) {
    const auto real = read_file(context.data +
                                "/windows-json/LSASS_campaign_01/metasploit_logonpasswords_lsass_memory_dump/"
                                "metasploit_logonpasswords_lsass_memory_dump.json");
    if (real.ok()) {
      bytes = cut_at_line(*real, kBytes);
      input = "real Windows events (LSASS_campaign_01)";
    }
  }
  if (bytes.empty()) {
    bytes = windows_events(kBytes, 1);
    input = "generated Windows events";
  }
  input += fmt::format(", 7 fields of each, {} MiB", bytes.size() >> 20);
  const std::size_t size = bytes.size();
  bytes.resize(size + simdjson::SIMDJSON_PADDING, '\0');
  const std::string_view text(bytes.data(), size);
  TRY(Opened opened, open_bytes(text, "events.json"));
  Projection projection;
  for (const std::string_view field : kFields) projection.add(field);

  FieldTable table;
  RecordCount count;
  std::uint64_t present = 0, parsed = 0;
  simdjson::dom::parser parser;
  const Pair pair = measure(
      kRounds,
      [&] {
        present = 0;
        count = each_record(*opened.format, *opened.reader, opened.body,
                            [&](RecordReader& reader, std::string_view, std::uint64_t) {
                              table.reset(projection.size());
                              reader.read(projection, table);
                              for (Slot slot = 0; slot < projection.size(); ++slot) present += table.has(slot);
                            });
      },
      [&] {
        parsed = 0;
        std::string_view rest = text;
        while (!rest.empty()) {
          const void* at = std::memchr(rest.data(), '\n', rest.size());
          const std::size_t line =
              at == nullptr ? rest.size() : static_cast<std::size_t>(static_cast<const char*>(at) - rest.data());
          if (line > 0) parsed += parser.parse(rest.data(), line, false).error() == simdjson::SUCCESS;
          rest.remove_prefix(std::min(line + 1, rest.size()));
        }
      });
  keep(present);
  if (parsed != count.records) {
    return Error{ErrorCode::integrity, fmt::format("simdjson parsed {} events, our reader {}", parsed, count.records),
                 "json.parse"};
  }
  return result_of(pair, size, count.records, "simdjson DOM parse of each line", input);
}

Result<LaneResult> log_lane(std::string_view name, std::string bytes, std::span<const std::string_view> roles,
                            std::string input) {
  TRY(Opened opened, open_bytes(bytes, name));
  FieldTable table;
  RecordCount count;
  std::uint64_t present = 0, lines = 0;
  // The roles, bound for the shape of the first record: all records of these inputs share it.
  Projection projection;
  bool bound = false;
  const Pair pair = measure(
      kRounds,
      [&] {
        present = 0;
        count = each_record(*opened.format, *opened.reader, opened.body,
                            [&](RecordReader& reader, std::string_view, std::uint64_t) {
                              if (!bound) {
                                bound = true;
                                for (const std::string_view role : roles)
                                  (void)bind(opened.schemas->at(reader.shape()), role, projection);
                              }
                              table.reset(projection.size());
                              reader.read(projection, table);
                              for (Slot slot = 0; slot < projection.size(); ++slot) present += table.has(slot);
                            });
      },
      [&] { lines = count_lines(opened.body); });
  keep(present);
  if (count.records != lines) {
    return Error{ErrorCode::integrity, fmt::format("{} lines, {} records", lines, count.records), std::string(name)};
  }
  return result_of(pair, bytes.size(), count.records, "memchr count of lines", std::move(input));
}

Result<LaneResult> access_lane(const Context&) {
  constexpr std::array<std::string_view, 6> kRoles = {"@src_ip", "@method",   "@url",
                                                      "@status", "@bytes_in", "@user_agent"};
  return log_lane("access.log", access_lines(kBytes, 2), kRoles, "48 MiB of generated combined log, 6 fields");
}

Result<LaneResult> zeek_lane(const Context&) {
  constexpr std::array<std::string_view, 6> kRoles = {"@src_ip",    "@dst_ip",   "@dst_port",
                                                      "@bytes_out", "@bytes_in", "@uid"};
  return log_lane("conn.log", zeek_conn(kBytes, 3), kRoles, "48 MiB of generated Zeek conn.log, 6 fields");
}

Result<LaneResult> syslog_lane(const Context&) {
  constexpr std::array<std::string_view, 4> kRoles = {"time", "@host", "program", "message"};
  return log_lane("messages", syslog_lines(kBytes, 4), kRoles, "48 MiB of generated RFC 3164 syslog, 4 fields");
}

}  // namespace

std::vector<Lane> parse_lanes() {
  return {{"json.parse", json_lane},
          {"access.parse", access_lane},
          {"zeek.parse", zeek_lane},
          {"syslog.parse", syslog_lane}};
}

}  // namespace assay::bench

// utmp, wtmp and btmp of Linux (utmp(5), glibc's struct utmp on x86-64, arm64 and others with 32-bit times in it):
// records of 384 bytes, little endian, without any header. wtmp holds logons, logouts and starts; btmp failed logons in
// the same form: nothing but LOGIN_PROCESS with the names that were tried. Where both fit, the file's name decides.
//
//   0 type (16 bits)   4 pid   8 line (32)   40 id (4)   44 user (32)   76 host (256)   332 exit: termination, exit
//   336 session   340 seconds   344 microseconds   348 address (16, network order)   364 unused (20)
#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

#include "core/ascii.h"
#include "core/time.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

constexpr std::size_t kRecord = 384;
constexpr std::string_view kFailed = "btmp";
constexpr std::array<std::string_view, 10> kTypes = {"EMPTY",        "RUN_LVL",      "BOOT_TIME",     "NEW_TIME",
                                                     "OLD_TIME",     "INIT_PROCESS", "LOGIN_PROCESS", "USER_PROCESS",
                                                     "DEAD_PROCESS", "ACCOUNTING"};
// From 1990 to 2038, where this form's seconds end.
constexpr std::uint32_t kFirst = 631'152'000, kLast = 2'147'483'647;

std::uint32_t little(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = size; i > 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
  return out;
}

// Text up to the first zero.
std::string_view text_at(std::string_view record, std::size_t at, std::size_t size) {
  const std::string_view field = record.substr(at, size);
  return field.substr(0, field.find('\0'));
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

bool zeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

bool plausible(std::string_view record) {
  const std::uint32_t type = little(record, 0, 2);
  if (type >= kTypes.size() || little(record, 2, 2) != 0) return false;
  const std::uint32_t seconds = little(record, 340, 4);
  if (type != 0 && (seconds < kFirst || seconds > kLast)) return false;
  if (little(record, 344, 4) >= 1'000'000) return false;
  return printable(text_at(record, 8, 32)) && printable(text_at(record, 44, 32)) && printable(text_at(record, 76, 256));
}

std::string address_of(std::string_view bytes) {
  if (zeros(bytes)) return {};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  std::string out;
  if (zeros(bytes.substr(4))) {
    for (std::size_t i = 0; i < 4; ++i) out += (i == 0 ? "" : ".") + std::to_string(byte(i));
    return out;
  }
  if (zeros(bytes.substr(0, 10)) && byte(10) == 0xff && byte(11) == 0xff) {  // ::ffff:a.b.c.d
    for (std::size_t i = 12; i < 16; ++i) out += (i == 12 ? "" : ".") + std::to_string(byte(i));
    return out;
  }
  // RFC 5952: the longest run of two zero groups or more is "::".
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(byte(2 * i) << 8 | byte(2 * i + 1));
  std::size_t best = 8;
  std::size_t length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t n = 0;
    while (i + n < 8 && groups[i + n] == 0) ++n;
    if (n > length) {
      best = i;
      length = n;
    }
  }
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += length - 1;
      continue;
    }
    if (!out.empty() && !out.ends_with(':')) out += ':';
    std::string hex = to_hex(std::string_view(bytes).substr(2 * i, 2));
    hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size() - 1));
    out += hex;
  }
  return out;
}

class UtmpReader final : public RecordReader {
 public:
  explicit UtmpReader(ShapeId shape) : shape_(shape) {}

  Frame next(std::string_view window, bool at_end) override {
    if (window.size() >= kRecord) {
      const std::string_view record = window.substr(0, kRecord);
      // An empty slot of a utmp holds nothing.
      const bool empty = zeros(record);
      return {empty ? Frame::Kind::skip : Frame::Kind::record, 0, kRecord, kRecord, NoticeKind::damaged_record, empty};
    }
    if (!at_end) return {};
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    return {Frame::Kind::skip, 0, window.size(), window.size(), NoticeKind::truncated, false};
  }

  bool begin(std::string_view raw, Notices& notices) override {
    fields_.clear();
    store_.clear();
    if (raw.size() != kRecord || !plausible(raw)) return false;
    const auto add = [&](std::string_view name, ValueKind kind, std::string value) {
      if (!value.empty()) fields_.push_back({name, {kind, store_.emplace_back(std::move(value))}});
    };
    std::uint64_t bad = 0;
    const auto words = [&](std::string_view name, std::size_t at, std::size_t size) {
      const std::string_view text = text_at(raw, at, size);
      bad += is_utf8(text) ? 0U : 1U;
      add(name, ValueKind::string, to_valid_utf8(text));
    };
    add("type", ValueKind::string, std::string(kTypes[little(raw, 0, 2)]));
    add("pid", ValueKind::number, std::to_string(little(raw, 4, 4)));
    words("line", 8, 32);
    words("id", 40, 4);
    words("user", 44, 32);
    words("host", 76, 256);
    add("termination", ValueKind::number, std::to_string(little(raw, 332, 2)));
    add("exit", ValueKind::number, std::to_string(little(raw, 334, 2)));
    add("session", ValueKind::number, std::to_string(little(raw, 336, 4)));
    if (const std::uint32_t seconds = little(raw, 340, 4); seconds != 0) {
      add("time", ValueKind::string,
          format_utc(Time{seconds * kSecond + static_cast<std::int64_t>(little(raw, 344, 4)) * 1000}));
    }
    add("address", ValueKind::string, address_of(raw.substr(348, 16)));
    if (bad > 0) notices.add({NoticeKind::not_utf8, "", 0, bad, "utmp names with bytes that are not UTF-8"});
    return true;
  }

  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    for (const auto& [name, value] : fields_) {
      if (const auto slot = projection.find(name)) out.add(*slot, value);
    }
  }
  void all_fields(const FieldSink& sink) override {
    for (const auto& [name, value] : fields_) sink(name, value);
  }

 private:
  ShapeId shape_;
  std::vector<std::pair<std::string_view, Value>> fields_;
  std::deque<std::string> store_;
};

class UtmpFormat final : public Format {
 public:
  [[nodiscard]] std::string_view name() const override { return "utmp"; }
  [[nodiscard]] Split split() const override { return Split::none; }

  // Every record in view is one, and the file is made of whole ones as far as that can be seen.
  [[nodiscard]] Recognition recognise(std::string_view head, bool whole, std::string_view file_name,
                                      const SchemaSet& schemas) const override {
    if (head.size() < kRecord || (whole && head.size() % kRecord != 0)) return {};
    std::size_t told = 0;
    std::size_t tried = 0;
    bool ends = false;  // logouts, starts: no list of failed logons
    for (std::size_t at = 0; at + kRecord <= head.size(); at += kRecord) {
      const std::string_view record = head.substr(at, kRecord);
      if (zeros(record)) continue;
      if (!plausible(record)) return {};
      const std::string_view type = kTypes[little(record, 0, 2)];
      const std::string_view user = text_at(record, 44, 32);
      told += type != "EMPTY" ? 1U : 0U;
      tried += type == "LOGIN_PROCESS" && user != "LOGIN" ? 1U : 0U;
      ends = ends || type == "BOOT_TIME" || type == "RUN_LVL" || type == "DEAD_PROCESS" || user == "LOGIN";
    }
    if (told == 0) return {};
    const bool failed = tried == told || (!ends && contains_icase(file_name, kFailed));
    const std::string shape = failed ? "btmp" : "wtmp";
    if (!schemas.find(shape)) return {};
    return {told > 1 ? 90 : 75, shape, failed ? "failed logons (btmp)" : "logons and starts (utmp, wtmp)"};
  }
  [[nodiscard]] std::unique_ptr<RecordReader> open(std::string_view, std::string_view shape,
                                                   const SchemaSet& schemas) const override {
    return std::make_unique<UtmpReader>(schemas.find(shape == kFailed ? "btmp" : "wtmp").value_or(0));
  }
};

}  // namespace

const Format& utmp_format() {
  static const UtmpFormat kFormat;
  return kFormat;
}

}  // namespace assay

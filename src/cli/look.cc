#include "cli/look.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/binding.h"
#include "evidence/containers/descent.h"
#include "match/reference.h"
#include "report/escape.h"
#include "rules/ir/names.h"
#include "rules/resolve.h"

namespace assay::cli {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{64} << 10;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;
constexpr std::size_t kStages = 8;  // containers inside one another

std::string shown(std::string_view text) { return report::printable(text); }

// The content of a file, through compression and the members that a path chain names ("a.tar.gz!a.tar!x.log").
class Content {
 public:
  ~Content() {
    if (fd_ >= 0) ::close(fd_);
  }
  Content() = default;
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  Status open(const std::string& chain, std::span<const std::string> passwords) {
    std::string path = chain;
    std::vector<std::string> members;
    struct stat info{};
    while (::stat(path.c_str(), &info) != 0) {
      const std::size_t cut = path.rfind('!');
      if (cut == std::string::npos) return Error{ErrorCode::not_found, "no such file", chain};
      members.insert(members.begin(), path.substr(cut + 1));
      path.resize(cut);
    }
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0 || ::fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode))
      return Error{ErrorCode::io, "cannot be read", path, "name a plain file"};
    descent_ = std::make_unique<Descent>(fd_, static_cast<std::uint64_t>(info.st_size), passwords);
    std::size_t next = 0;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      const ContainerKind kind = descent_->kind();
      if (kind == ContainerKind::none) break;
      const bool stream = is_compressed_stream(kind);
      if (!stream && next >= members.size())
        return Error{ErrorCode::bad_usage, "is an archive", chain, "name a member: ARCHIVE!MEMBER"};
      // The chain names what is inside a compressed stream, too; a plain FILE.gz may be named without it.
      const std::string member = next < members.size() ? members[next] : std::string();
      if (!descent_->enter(member)) return Error{ErrorCode::not_found, fmt::format("has no member '{}'", member), path};
      if (next < members.size()) ++next;
    }
    return Ok{};
  }
  std::size_t read(std::span<char> out) { return descent_->top().read(out); }

 private:
  int fd_ = -1;
  std::unique_ptr<Descent> descent_;
};

RouteId route_of(const Schema& schema, RecordReader& reader) {
  Projection wanted;
  std::vector<std::vector<Slot>> slots;
  for (const Route& route : schema.routes) {
    auto& of_route = slots.emplace_back();
    for (const Route::Condition& condition : route.when) of_route.push_back(wanted.add(condition.path));
  }
  FieldTable fields;
  fields.reset(wanted.size());
  reader.read(wanted, fields);
  for (std::size_t r = 0; r < schema.routes.size(); ++r) {
    bool fits = true;
    for (std::size_t c = 0; c < schema.routes[r].when.size() && fits; ++c) {
      const Route::Condition& condition = schema.routes[r].when[c];
      bool any = false;
      fields.each(slots[r][c], [&](const Value& value) {
        any = any || condition.any_of.empty() ||
              std::any_of(condition.any_of.begin(), condition.any_of.end(),
                          [&](const std::string& name) { return equals_icase(name, value.text); });
      });
      fits = any;
    }
    if (fits) return static_cast<RouteId>(r);
  }
  return static_cast<RouteId>(schema.routes.size() - 1);
}

class Values final : public RecordValues {
 public:
  Values(const Schema& schema, LookedAt& record, const std::set<std::string>& names) : record_(record) {
    Projection projection;
    for (const std::string& name : names) bindings_.emplace(name, assay::bind(schema, name, projection));
    fields_.reset(projection.size());
    record.reader->read(projection, fields_);
    line_format_ = schema.format != "json" && schema.format != "evtx";
  }
  void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
    const auto at = bindings_.find(name);
    if (at != bindings_.end()) each_value(at->second, fields_, f);
  }
  void each_any(const std::function<void(const Value&)>& f) const override {
    record_.reader->all_fields([&](std::string_view, Value value) {
      if (value.present() && value.kind != ValueKind::null) f(value);
    });
    if (line_format_) f(Value{ValueKind::string, record_.raw});
  }

 private:
  LookedAt& record_;
  std::map<std::string, Binding, std::less<>> bindings_;
  mutable FieldTable fields_;
  bool line_format_ = false;
};

// The tree of one expression; whether it is met.
std::pair<bool, std::string> tree(const ir::Expr& expr, LookedAt& record, const Schema& schema) {
  RegexSet regexes;
  for (const ir::Atom& atom : expr.atoms) {
    for (const ir::Literal& literal : atom.literals) {
      if (atom.test == ir::Test::regex) (void)regexes.add(literal);
    }
  }
  ir::RegexScratch scratch;
  EvalContext context{&regexes, &scratch, false};
  const Values values(schema, record, ir::names_of(expr));
  std::vector<TraceLine> trace;
  const bool met = evaluate_traced(expr, values, context, trace);
  std::string text = trace_text(trace);
  if (context.gave_up) text += "a regular expression met its step limit; it counts as not met\n";
  return {met, std::move(text)};
}

std::string indented(std::string_view text, std::size_t by) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    out.append(by, ' ');
    out += shown(line);
    out += '\n';
  }
  return out;
}

std::string source_words(const ir::LogSource& source) {
  std::string out;
  const auto part = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", key, value);
  };
  part("product", source.product);
  part("category", source.category);
  part("service", source.service);
  part("class", source.source_class);
  return out.empty() ? "any" : out;
}

bool fits(const ir::LogSource& source, const Route& route) {
  const auto same = [](const std::string& wanted, const std::string& has) {
    return wanted.empty() || equals_icase(wanted, has);
  };
  return same(source.product, route.product) && same(source.service, route.service) &&
         same(source.source_class, route.source_class) &&
         (source.category.empty() ||
          std::any_of(route.categories.begin(), route.categories.end(),
                      [&](const std::string& c) { return equals_icase(c, source.category); }));
}

std::string route_words(const Route& route) {
  ir::LogSource source;
  source.product = route.product;
  source.service = route.service;
  source.source_class = route.source_class;
  for (const std::string& category : route.categories)
    source.category += (source.category.empty() ? "" : " or ") + category;
  return source_words(source);
}

// One rule over one record, and the filters that speak about it.
std::string explain_one(const RuleSet& rules, const ir::LogSource& source, const ir::Expr& expr,
                        const ir::Detector* rule, LookedAt& record, const Schema& schema) {
  const Route& route = schema.routes[record.route];
  const bool here = source == ir::LogSource{} || fits(source, route);
  std::string out =
      fmt::format("  {} logsource {}   [{}]\n", here ? "PASS" : "FAIL", source_words(source), route_words(route));
  const auto [met, text] = tree(expr, record, schema);
  out += indented(text, 2);
  out += met && here ? "  The record meets it.\n"
         : met       ? "  The condition holds, but the record is of another logsource: the rule is not tried on it.\n"
                     : "  The record does not meet it.\n";
  if (rule == nullptr || !met || !here) return out;
  for (const ir::Filter& filter : rules.filters) {
    if (!applies(filter, *rule)) continue;
    const auto [hit, lines] = tree(filter.expr, record, schema);
    out += fmt::format("  filter \"{}\" (reason: {}; author: {}; last day: {})\n", shown(filter.title),
                       filter.reason.empty() ? "not given" : shown(filter.reason),
                       filter.author.empty() ? "not given" : shown(filter.author),
                       filter.expires.known() ? format_date(Time{filter.expires.ns - kDay}) : "not given");
    out += indented(lines, 4);
    out += hit ? "    The filter suppresses it.\n" : "    The filter does not touch it.\n";
  }
  return out;
}

}  // namespace

std::optional<RecordPlace> parse_place(std::string_view text) {
  const std::size_t at = text.find_last_of("@:");
  if (at == std::string_view::npos || at == 0) return std::nullopt;
  std::string digits(text.substr(at + 1));
  std::erase(digits, ',');  // as pages print large numbers
  const auto number = parse_int(digits);
  if (!number || *number < 0 || (text[at] == ':' && *number == 0)) return std::nullopt;
  return RecordPlace{std::string(text.substr(0, at)), static_cast<std::uint64_t>(*number), text[at] == ':'};
}

Result<LookedAt> look_at(const RecordPlace& place, const SchemaSet& schemas, const CaseData* data,
                         std::span<const std::string> passwords) {
  std::string chain = place.item;
  if (data != nullptr) {
    for (const EvidenceItem& item : data->evidence) {
      if (item.id == place.item) chain = item.path;
    }
  }
  Content content;
  TRY_VOID(content.open(chain, passwords));
  std::string window;
  bool ended = false;
  const auto grow = [&] {
    const std::size_t have = window.size();
    window.resize(have + kReadBytes);
    const std::size_t n = content.read(std::span(window).subspan(have));
    window.resize(have + n);
    ended = n == 0;
  };
  while (window.size() < kHeadBytes && !ended) grow();
  const std::string_view head = std::string_view(window).substr(0, kHeadBytes);
  const Recognised known = recognise(head, ended && head.size() == window.size(), last_step(chain, "/!"), schemas);
  if (known.format == nullptr)
    return Error{ErrorCode::unsupported, "no reader knows this content", chain, "assay evidence check says what it is"};
  const std::size_t prologue = known.format->prologue_size(head);
  LookedAt out;
  out.reader = known.format->open(head.substr(0, prologue), known.recognition.shape, schemas);
  out.reader->carve();  // the record may be one of those
  Notices notices;
  std::uint64_t base = 0, line = 1;  // of the window's begin
  std::string_view rest = window;
  const auto drop = [&](std::size_t bytes) {
    line +=
        static_cast<std::uint64_t>(std::count(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(bytes), '\n'));
    base += bytes;
    rest.remove_prefix(bytes);
  };
  while (true) {
    const Frame frame = out.reader->next(rest, ended);
    if (frame.kind == Frame::Kind::done) break;
    if (frame.kind == Frame::Kind::more) {
      if (ended || rest.size() > known.format->frame_limit()) break;
      window.erase(0, window.size() - rest.size());
      grow();
      rest = window;
      continue;
    }
    if (frame.kind == Frame::Kind::record) {
      const std::string_view raw = rest.substr(frame.begin, frame.end - frame.begin);
      const auto lines = [&](std::size_t from, std::size_t to) {
        return static_cast<std::uint64_t>(std::count(rest.begin() + static_cast<std::ptrdiff_t>(from),
                                                     rest.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
      };
      const std::uint64_t first = line + lines(0, frame.begin);
      const bool here = place.line ? place.number >= first && place.number <= first + lines(frame.begin, frame.end)
                                   : place.number >= base + frame.begin && place.number < base + frame.end;
      const bool past = place.line ? first > place.number : base + frame.begin > place.number;
      if (past) break;
      if (here || known.format->split() == Split::none) {
        const bool good = out.reader->begin(raw, notices);
        if (here) {
          if (!good) return Error{ErrorCode::bad_input, "the record is damaged", chain};
          out.raw = raw;
          out.offset = base + frame.begin;
          out.line = first;
          if (!out.reader->begin(out.raw, notices)) return Error{ErrorCode::bad_input, "the record is damaged", chain};
          out.route = route_of(schemas.at(out.reader->shape()), *out.reader);
          return out;
        }
      }
    }
    drop(frame.next);
    if (rest.size() < kHeadBytes && !ended) {
      window.erase(0, window.size() - rest.size());
      grow();
      rest = window;
    }
  }
  return Error{ErrorCode::not_found,
               fmt::format("no record stands at {} {}", place.line ? "line" : "byte", place.number), chain,
               "lines count from 1, bytes from 0, both in the content without its compression"};
}

std::string explain_rule(const RuleSet& rules, const ir::Detector& rule, LookedAt& record, const SchemaSet& schemas) {
  const Schema& schema = schemas.at(record.reader->shape());
  std::string out = fmt::format("Rule {}: {}\n", rule.id, shown(rule.title));
  const auto line = [&](std::string_view what, const std::string& value) {
    if (!value.empty()) out += fmt::format("  {:<16} {}\n", what, shown(value));
  };
  line("level", rule.level.empty() ? std::string() : rule.level + " (its author's word; not a likelihood)");
  line("author", rule.author);
  line("tags", fmt::format("{}", fmt::join(rule.tags, " ")));
  line("false positives", fmt::format("{}", fmt::join(rule.false_positives, "; ")));
  line("read from", rule.origin);
  out += fmt::format("Record: line {}, byte {}, {} bytes, {} / {}\n", record.line, record.offset, record.raw.size(),
                     schema.shape, schema.routes[record.route].name);
  if (!rule.window) return out + explain_one(rules, rule.source, rule.expr, &rule, record, schema);
  const ir::Window& window = *rule.window;
  out += "A correlation: it is met by several records. This record as part of it:\n";
  for (const ir::Base& base : window.bases) {
    if (base.rule.empty()) {
      out +=
          fmt::format("{}\n", shown(base.alias)) + explain_one(rules, base.source, base.expr, nullptr, record, schema);
      continue;
    }
    for (const ir::Detector& below : rules.rules) {
      if (below.id != base.rule && below.name != base.rule) continue;
      if (below.window) {
        out += fmt::format("{} is a correlation itself: explain it by its own id\n", shown(base.rule));
        continue;
      }
      out +=
          fmt::format("{}\n", shown(base.rule)) + explain_one(rules, below.source, below.expr, &below, record, schema);
      std::set<std::string> names(base.group_by.begin(), base.group_by.end());
      names.insert(base.values.begin(), base.values.end());
      if (names.empty()) continue;
      const Values values(schema, record, names);
      for (const std::string& name : names) {
        std::string value;
        values.each(name, [&](const Value& v) {
          if (value.empty() && v.kind != ValueKind::null) value = v.text;
        });
        out += fmt::format("  {} {} = {}\n", value.empty() ? "FAIL" : "PASS", shown(name),
                           value.empty() ? "absent or empty: the record belongs to no group" : shown(value));
      }
    }
  }
  return out;
}

}  // namespace assay::cli

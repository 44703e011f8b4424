#include <algorithm>

#include "core/ascii.h"
#include "hunt/worker_state.h"

namespace assay {
namespace {

constexpr std::size_t kPrologueBytes = std::size_t{1} << 18;  // header lines that go with a range

}  // namespace

void Worker::State::split(const Place& place, const Format& format, const std::string& shape,
                          const std::string& prologue, const YearPlan& years, const std::vector<PathClock>& clocks) {
  std::vector<std::string> prologues;  // one for each range after the first
  if (format.split() == Split::prologue) prologues = find_prologues(place, prologue);
  const bool blocks = format.split() == Split::blocks;
  const auto cut = [&](std::uint64_t at) {
    return std::min(blocks ? format.blocks().at_or_after(at) : at, place.size);
  };
  const auto add = [&](UnitSpec::Kind kind, std::uint64_t begin, std::uint64_t end) {
    UnitSpec u;
    u.kind = kind;
    u.file = unit->file;
    u.chain = place.chain;
    u.parent = place.parent;
    u.tree_path = place.tree_path;
    u.base = place.base;
    u.size = place.size;
    u.begin = begin;
    u.end = end;
    u.mode = place.mode;
    u.modified = place.modified;
    u.depth = place.depth;
    if (kind == UnitSpec::Kind::range) {
      u.format = format.name();
      u.shape = shape;
      for (const PathClock& clock : clocks) u.clocks.emplace_back(clock.path, clock.against, clock.ahead);
      const std::uint64_t nth = blocks ? UINT64_MAX : begin / settings.unit_bytes - 1;
      u.prologue = nth < prologues.size() ? prologues[nth] : prologue;
      if (!years.how.empty()) u.years = years.save(begin, end);
    }
    result.discovered.push_back(std::move(u));
  };
  for (std::uint64_t begin = settings.unit_bytes; begin < place.size; begin += settings.unit_bytes) {
    const std::uint64_t from = cut(begin), to = cut(begin + settings.unit_bytes);
    if (from < to) add(UnitSpec::Kind::range, from, to);
  }
  add(UnitSpec::Kind::hash, 0, place.size);
}

std::vector<std::string> Worker::State::find_prologues(const Place& place, const std::string& first) {
  const auto word_of = [](std::string_view line) {
    std::size_t end = 1;
    while (end < line.size() && (is_alpha(line[end]) || line[end] == '_' || line[end] == '-')) ++end;
    return line.substr(1, end - 1);
  };
  const std::string opening(word_of(first));
  std::vector<std::string> out;
  std::string state;
  const std::unique_ptr<ByteStream> stream = open_range(fd, place.base, place.base + place.size);
  std::string buffer;
  std::uint64_t base = 0;
  bool line_start = true;
  while (true) {
    const std::size_t old = buffer.size();
    buffer.resize(old + kReadBytes);
    const std::size_t n = stream->read(std::span(buffer).subspan(old));
    buffer.resize(old + n);
    std::size_t at = 0;
    while (at < buffer.size()) {
      if (line_start && buffer[at] == '#') {
        const std::size_t end = buffer.find('\n', at);
        if (end == std::string::npos && n > 0 && buffer.size() - at <= kPrologueBytes) break;  // read on
        while ((out.size() + 1) * settings.unit_bytes <= base + at) out.push_back(state);
        const std::size_t stop = end == std::string::npos ? buffer.size() : end + 1;
        const std::string_view line = std::string_view(buffer).substr(at, stop - at);
        const std::string_view word = word_of(line);
        if (!word.empty() && word == opening) state.clear();
        if (!word.empty() && word != "open" && word != "close" && state.size() + line.size() <= kPrologueBytes)
          state += line;
        line_start = end != std::string::npos;
        at = stop;
        continue;
      }
      const std::size_t next = buffer.find('\n', at);
      line_start = next != std::string::npos;
      at = line_start ? next + 1 : buffer.size();
      if (line_start && at < buffer.size() && buffer[at] != '#') {  // on to the next line that matters
        const std::size_t mark = buffer.find("\n#", at);
        line_start = mark != std::string::npos || buffer.back() == '\n';
        at = mark != std::string::npos ? mark + 1 : buffer.size();
      }
    }
    base += at;
    buffer.erase(0, at);
    if (n == 0) break;
  }
  while ((out.size() + 1) * settings.unit_bytes < place.size) out.push_back(state);
  return out;
}

}  // namespace assay

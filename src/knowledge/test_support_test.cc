#include "knowledge/test_support.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace assay {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " | ") + word;
  return out;
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string data_folder() {
  if (const char* const named = std::getenv("ASSAY_DATA")) return named;
  const std::string beside = ASSAY_SOURCE_DIR "/../shared/data";
  return std::filesystem::is_directory(beside + "/knowledge") ? beside : std::string();
}

std::string describe(const Advisory& a) {
  std::string out;
  const auto line = [&]<class... T>(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(out), format, std::forward<T>(values)...);
    out += '\n';
  };
  line("advisory {}", a.id);
  line("name {} {}", a.name, a.version);
  line("publishers {}", join(a.publishers));
  line("published {}", format_date(a.published));
  line("activity {} to {}", format_date(a.activity_from), format_date(a.activity_until));
  line("marking {}", name_of(a.tlp));
  line("hash {}", a.hash);
  line("actor {} ({})", a.actor, join(a.actor_aliases));
  line("malware {}", join(a.malware));
  line("tools {}", join(a.tools));
  line("vulnerabilities {}", join(a.vulnerabilities));
  line("sectors {}", join(a.sectors));
  line("countries {}", join(a.countries));
  for (const AdvisoryTechnique& t : a.techniques) line("technique {} {}", t.id, t.name);
  for (const Claim& c : a.claims) {
    line("claim {} [{}] {} hosts={} sources={} fields={} s={} ({}) window={}..{}", c.id, c.klass, join(c.questions),
         c.hosts, join(c.source_classes), join(c.fields), c.sensitivity, c.sensitivity_source, format_date(c.from),
         format_date(c.until));
    line("  {}", c.text);
  }
  for (const Judgement& j : a.judgements) {
    line("judgement {} {}: \"{}\" {} {}..{} ({})", j.id, j.publisher, j.term, j.scale,
         j.low ? std::to_string(*j.low) : "-", j.high ? std::to_string(*j.high) : "-", j.source);
    line("  {}", j.text);
    for (const std::string& position : j.positions) line("  {}", position);
  }
  for (const Recommendation& r : a.recommendations) line("recommendation {} {} ({})", r.id, r.text, r.source);
  std::vector<std::string> indicators;
  for (const AdvisoryIndicator& i : a.indicators) {
    indicators.push_back(fmt::format(
        "indicator {} {} from={} until={}{} confidence={} indicates={} class={} family={} stage={} claims={}{}{} "
        "source={} ({})",
        i.pattern, i.name, format_date(i.valid_from), format_date(i.valid_until), i.revoked ? " revoked" : "",
        i.confidence, join(i.indicates), i.klass, i.family, i.stage, join(i.claims), i.weightless ? " weightless" : "",
        i.mark.empty() ? "" : " mark=" + i.mark, i.source, i.reliability));
  }
  std::sort(indicators.begin(), indicators.end());
  for (const std::string& indicator : indicators) line("{}", indicator);
  for (const std::string& problem : a.problems) line("problem {}", problem);
  return out;
}

}  // namespace assay

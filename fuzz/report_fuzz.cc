// Any text through the report's escapers and masks. Oracles: what a terminal gets is printable and UTF-8; markup holds
// no character that could end a text or an attribute; JSON stays JSON; a shell command is plain ASCII; masking twice is
// masking once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/ascii.h"
#include "core/json.h"
#include "report/defang.h"
#include "report/escape.h"
#include "report/explain/shell_command.h"
#include "report/names.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_printable(std::string_view text) {
  while (!text.empty()) {
    const assay::report::CodePoint c = assay::report::next_code_point(text);
    require(c.valid && !assay::report::needs_escape(c.code));
    text.remove_prefix(c.size);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  using namespace assay::report;
  if (size > 4096) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);

  const Plain plain = show(text);
  check_printable(plain.text());
  for (const std::size_t columns : {std::size_t{4}, std::size_t{21}, std::size_t{80}}) {
    for (const Plain& line : plain.wrap(columns)) {
      check_printable(line.text());
      require(line.columns() <= columns);
    }
    for (const Plain& line : plain.chop(columns)) check_printable(line.text());
    require(plain.cut(columns).columns() <= columns);
  }

  Html html;
  html.text(text);
  require(html.markup().find_first_of("<>\"'`={}") == std::string::npos);
  check_printable(html.markup());

  const std::string json = harden_json(json_string(text));
  require(parse_json("[" + json + "]").ok());
  check_printable(json);

  CaseData empty;
  Sighting s;
  s.account = text.substr(0, text.find('\n'));
  s.why = text;
  s.fields = {{"url", text}};
  empty.sightings.push_back(s);
  empty.profile.own_domains = {"larkmoor.example"};
  const NameMask mask(empty, nullptr, false);
  const std::string once = mask_personal_numbers(text);
  require(mask_personal_numbers(once) == once);
  (void)mask.text(text);
  (void)Defanger(empty).text(text);

  check_printable(shell_quote(text));
  const ShellCommand command = shell_command(text, size, size);
  check_printable(command.text);
  require(command.text.find('\\' + std::string("x")) == std::string::npos);
  return 0;
}

#include "text/domains.h"

#include <libpsl.h>

#include "core/ascii.h"
#include "text/addresses.h"

namespace assay {
namespace {

constexpr std::size_t kDomainBytes = 253;  // RFC 1035, without the final dot
constexpr std::size_t kLabelBytes = 63;

}  // namespace

bool is_domain(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kDomainBytes) return false;
  std::size_t labels = 0;
  bool number = true;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != '.') {
      if (!is_alnum(text[i]) && text[i] != '-' && text[i] != '_') return false;
      continue;
    }
    const std::string_view label = text.substr(begin, i - begin);
    if (label.empty() || label.size() > kLabelBytes || label.front() == '-' || label.back() == '-') return false;
    number = true;
    for (const char c : label) number = number && is_digit(c);
    ++labels;
    begin = i + 1;
  }
  return labels >= 2 && !number;
}

std::string registrable_domain(std::string_view domain) {
  if (!is_domain(domain) || is_address(domain)) return {};
  if (domain.ends_with('.')) domain.remove_suffix(1);
  const std::string name = lower(domain);
  const psl_ctx_t* const list = psl_builtin();
  if (list == nullptr) return {};
  const char* const found = psl_registrable_domain(list, name.c_str());
  return found == nullptr ? std::string() : std::string(found);
}

std::string registrable_label(std::string_view domain) {
  const std::string name = registrable_domain(domain);
  return name.substr(0, name.find('.'));
}

}  // namespace assay

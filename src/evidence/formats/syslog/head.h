// What syslog puts in front of a line of another format: for readers of such formats.
#pragma once

#include <optional>
#include <string_view>

namespace assay {

struct SyslogHead {
  std::string_view time, host, message;  // as written; the host may be missing
};
// No value: the line has no syslog stamp at its start.
[[nodiscard]] std::optional<SyslogHead> syslog_head(std::string_view line);

}  // namespace assay

// Whether a block of 512 bytes is the header of a tar member: its check sum adds up and its numbers make sense.
#pragma once

#include <string_view>

namespace assay {

[[nodiscard]] bool is_tar_header(std::string_view block);

}  // namespace assay

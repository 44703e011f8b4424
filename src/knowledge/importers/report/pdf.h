// The text of a PDF, by pdftotext (poppler-utils) in a process of its own: never linked, no environment, no files,
// bounded in time, memory and output. A program that crashes on a hostile file costs a message.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace assay {

inline constexpr int kPdfSeconds = 60;                               // of processor time
inline constexpr std::size_t kPdfMemory = std::size_t{1} << 30;      // address space
inline constexpr std::size_t kPdfTextBytes = std::size_t{32} << 20;  // of its output; the rest is dropped and said

// `cut` is set when the output was longer. `program`: "" looks where Debian has it. `layout`: cells of one row on one
// line.
[[nodiscard]] Result<std::string> pdf_to_text(std::string_view bytes, bool layout, bool& cut,
                                              const std::string& program = {});

}  // namespace assay

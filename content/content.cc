#include "content/content.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#define ASSAY_CONTENT(index, name)             \
  extern "C" const char assay_content_##index; \
  extern "C" const char assay_content_##index##_end;
#include "content_table.inc"
#undef ASSAY_CONTENT

namespace assay::content {
namespace {

std::vector<File> make_table() {
  std::vector<File> out;
#define ASSAY_CONTENT(index, name)                    \
  out.push_back(                                      \
      {name, std::string_view(&assay_content_##index, \
                              static_cast<std::size_t>(&assay_content_##index##_end - &assay_content_##index))});
#include "content_table.inc"
#undef ASSAY_CONTENT
  std::sort(out.begin(), out.end(), [](const File& a, const File& b) { return a.name < b.name; });
  return out;
}

const std::vector<File>& table() {
  static const std::vector<File> kTable = make_table();
  return kTable;
}

}  // namespace

std::span<const File> files() { return table(); }

std::string_view find(std::string_view name) {
  for (const File& file : table()) {
    if (file.name == name) return file.bytes;
  }
  return {};
}

}  // namespace assay::content

// Documents that are one object around a list of records: {"Records":[..]}, {"@odata.context":"..","value":[..]}. A
// closed list of such keys, so that no record that merely holds a list is taken apart. Elasticsearch's answer has its
// list one level deeper: {"took":..,"hits":{"total":..,"hits":[..]}}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace assay {

struct JsonWrapper {
  enum class Kind : std::uint8_t { no, yes, more } kind = Kind::no;  // more: the bytes end before it is clear
  std::size_t size = 0;                                              // yes: up to and with the list's bracket
  std::size_t depth = 1;                                             // objects around the list
};
// Bytes in which it must become clear.
inline constexpr std::size_t kJsonWrapperBytes = std::size_t{64} << 10;
// `object` begins with its bracket.
[[nodiscard]] JsonWrapper json_wrapper(std::string_view object);

// What follows the list: up to and with the bracket that closes the wrapper, which is `depth` objects.
struct JsonWrapperTail {
  std::size_t size = 0;     // 0: not in these bytes
  bool holds_more = false;  // lists or objects, which are not read
};
[[nodiscard]] JsonWrapperTail json_wrapper_tail(std::string_view text, std::size_t depth);

}  // namespace assay

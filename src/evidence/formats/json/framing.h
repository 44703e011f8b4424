// Where the records of a JSON document stand: the objects of a list, or objects one after another, pretty-printed or not.
// Brackets are matched outside strings. When an object does not close, the next one is looked for by how objects of this
// document begin, so that one broken record does not take the rest with it. Decisions need a fixed number of bytes in view, so
// the same frames come out however the stream is cut.
#pragma once

#include <string>
#include <string_view>

#include "evidence/format.h"

namespace assay {

class JsonFraming {
 public:
  [[nodiscard]] Frame next(std::string_view window, bool at_end);

 private:
  Frame between(std::string_view window, std::size_t begin, bool at_end);
  Frame take(Frame::Kind kind, std::size_t begin, std::size_t end, NoticeKind why = NoticeKind::damaged_record);

  std::string sign_;            // how the last whole object began: the blanks before it, its bracket, its first key
  std::uint64_t consumed_ = 0;  // bytes of frames handed out
  std::uint64_t wasted_ = 0;    // bytes looked at in vain; bounded by a multiple of consumed_
};

}  // namespace assay

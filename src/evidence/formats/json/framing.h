// Where the records of a JSON document stand: the objects of a list, or objects one after another, pretty-printed or
// not. Brackets are matched outside strings. When an object does not close, the next one is looked for by how objects
// of this document begin, so that one broken record does not take the rest with it. Decisions need a fixed number of
// bytes in view, so the same frames come out however the stream is cut. An object that merely wraps a list of records
// (json/wrapper.h) is passed over; its records are the list's.
#pragma once

#include <string>
#include <string_view>

#include "evidence/format.h"

namespace assay {

class JsonFraming {
 public:
  [[nodiscard]] Frame next(std::string_view window, bool at_end);
  // What the reader found in the last record: one that does not parse makes the next ones suspect of being its inner
  // parts.
  void parsed(bool whole) { lost_ = lost_ || !whole; }

 private:
  Frame look(std::string_view window, bool at_end);
  Frame after_list(std::string_view window, std::size_t begin, bool at_end);
  void note_brackets(std::string_view between);
  Frame pass(std::size_t size);
  Frame between(std::string_view window, std::size_t begin, bool at_end);
  Frame take(Frame::Kind kind, std::size_t begin, std::size_t end, NoticeKind why = NoticeKind::damaged_record);

  [[nodiscard]] std::string anchor() const { return lead_.empty() ? opening_ : lead_ + "{"; }

  // How objects of this document begin: the line end and blanks before them, and bracket and first key.
  std::string lead_, opening_;
  std::size_t wait_ = 0;        // a window shorter than this is not worth another look
  bool in_list_ = false;        // the document's own list: its objects wrap nothing
  bool wrapped_ = false;        // inside the list of a wrapper
  std::size_t depth_ = 1;       // ... which is so many objects
  bool list_closed_ = false;    // ... whose bracket has been seen
  bool lost_ = false;           // after something broken: only what begins like the others is one of them
  std::uint64_t consumed_ = 0;  // bytes of frames handed out
  std::uint64_t wasted_ = 0;    // bytes looked at in vain; bounded by a multiple of consumed_
};

}  // namespace assay

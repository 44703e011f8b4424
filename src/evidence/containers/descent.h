// The way into containers, step by step, to one member: what a path chain names is found again.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/stream.h"

namespace assay {

// Members of one name are told apart: "name", "name#2", in the archive's order. Only files are counted.
class MemberNames {
 public:
  [[nodiscard]] std::string next(const std::string& path) {
    const std::size_t times = ++seen_[path];
    return times == 1 ? path : path + "#" + std::to_string(times);
  }

 private:
  std::map<std::string, std::size_t> seen_;
};

class Descent {
 public:
  // The bytes [0, size) of an open descriptor.
  Descent(int fd, std::uint64_t size, std::span<const std::string> passwords);
  // Of what stands here now.
  [[nodiscard]] ContainerKind kind();
  // Into the member of that name; a compressed stream has one content, whatever its name. False: no such member, or no
  // container.
  [[nodiscard]] bool enter(const std::string& member);
  [[nodiscard]] ByteStream& top() { return *peeks_.back(); }

 private:
  void stand_on(ByteStream& stream, std::unique_ptr<ByteSource> source);

  ExpansionGauge gauge_;
  std::vector<std::unique_ptr<ByteSource>> sources_;  // one for each step; null where there is none
  std::vector<std::unique_ptr<ByteStream>> streams_;
  std::vector<std::unique_ptr<ArchiveReader>> archives_;
  std::vector<std::unique_ptr<PeekStream>> peeks_;
};

}  // namespace assay

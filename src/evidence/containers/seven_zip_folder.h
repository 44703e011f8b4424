// The content of one folder of a 7z archive: one stream that holds its files one after another.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "evidence/containers/checked.h"
#include "evidence/containers/seven_zip_header.h"
#include "evidence/stream.h"

namespace assay {

// Keys made from passwords, kept: making one takes half a million hashes. The work is counted in the gauge.
class SevenZipKeys {
 public:
  explicit SevenZipKeys(ExpansionGauge& gauge) : gauge_(&gauge) {}
  // Empty when the steps are used up.
  [[nodiscard]] const std::string& key(std::string_view salt, std::string_view password, unsigned cycles);

 private:
  ExpansionGauge* gauge_;
  std::map<std::string, std::string> known_;
};

// `first` is what its first file says of itself: a password that does not give that is wrong. A folder that cannot be
// read is an empty stream with its problem.
[[nodiscard]] std::unique_ptr<ByteStream> open_folder(const ByteSource& source, const SevenZipFolder& folder,
                                                      Expected first, ExpansionGauge& gauge, SevenZipKeys& keys);

}  // namespace assay

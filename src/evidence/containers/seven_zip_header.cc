#include "evidence/containers/seven_zip_header.h"

#include <algorithm>

#include "evidence/containers/little.h"
#include "evidence/containers/member_name.h"
#include "evidence/containers/seven_zip_bytes.h"

namespace assay {
namespace {

enum Id : std::uint64_t {
  kEnd = 0x00,
  kHeader = 0x01,
  kArchiveProperties = 0x02,
  kAdditionalStreams = 0x03,
  kMainStreams = 0x04,
  kFiles = 0x05,
  kPackInfo = 0x06,
  kUnpackInfo = 0x07,
  kSubStreams = 0x08,
  kSize = 0x09,
  kCrc = 0x0a,
  kFolder = 0x0b,
  kCodersSize = 0x0c,
  kStreamCount = 0x0d,
  kEmptyStream = 0x0e,
  kEmptyFile = 0x0f,
  kAnti = 0x10,
  kNames = 0x11,
  kModified = 0x14,
  kAttributes = 0x15,
  kEncodedHeader = 0x17,
  kDummy = 0x19,
};

constexpr std::uint64_t kCoders = 32, kPathUnits = 4096;
constexpr std::uint64_t kSignatureBytes = 32;

class Parser : private SevenZipBytes {
 public:
  Parser(std::string_view bytes, std::size_t most) : SevenZipBytes(bytes), most_(most) {}

  SevenZipHeader parse() {
    const std::uint64_t id = number();
    if (id == kEncodedHeader) {
      out_.encoded = true;
      streams_info();
    } else if (id == kHeader) {
      header();
    } else {
      bad_ = true;
    }
    out_.damaged = bad_;
    return std::move(out_);
  }

 private:
  void header() {
    while (!bad_) {
      switch (number()) {
        case kEnd:
          return;
        case kArchiveProperties:
          while (!bad_ && number() != kEnd) take(number());
          break;
        case kAdditionalStreams: {
          SevenZipHeader kept = std::move(out_);
          out_ = {};
          streams_info();
          out_ = std::move(kept);
          break;
        }
        case kMainStreams:
          streams_info();
          break;
        case kFiles:
          files_info();
          break;
        default:
          bad_ = true;
      }
    }
  }

  void streams_info() {
    out_.streams.clear();
    have_streams_ = false;
    while (!bad_) {
      switch (number()) {
        case kEnd:
          finish_streams();
          return;
        case kPackInfo:
          pack_info();
          break;
        case kUnpackInfo:
          unpack_info();
          break;
        case kSubStreams:
          sub_streams();
          break;
        default:
          bad_ = true;
      }
    }
  }

  void pack_info() {
    pack_at_ = number();
    const std::uint64_t packs = count();
    pack_sizes_.clear();
    while (!bad_) {
      switch (number()) {
        case kEnd:
          return;
        case kSize:
          for (std::uint64_t i = 0; i < packs && !bad_; ++i) {
            const std::uint64_t size = number();
            if (pack_sizes_.size() < most_ * 4) pack_sizes_.push_back(size);
          }
          break;
        case kCrc:
          digests(packs, [](std::uint64_t, std::uint32_t) {});
          break;
        default:
          bad_ = true;
      }
    }
  }

  struct Shape {  // of a folder that is not kept
    std::uint64_t outputs = 0, packs = 0;
  };

  // One folder's coders and how they are bound.
  Shape folder(SevenZipFolder& out) {
    const std::uint64_t coders = number();
    if (coders == 0 || coders > kCoders || (coders_ += coders) > 4 * most_) bad_ = true;
    std::uint64_t inputs = 0, outputs = 0;
    std::vector<SevenZipCoder> list;
    for (std::uint64_t i = 0; i < coders && !bad_; ++i) {
      const std::uint8_t flags = byte();
      SevenZipCoder& coder = list.emplace_back();
      coder.method = take(flags & 0x0f);
      std::uint64_t in = 1, made = 1;
      if ((flags & 0x10) != 0) {
        in = number();
        made = number();
        if (in > kCoders || made > kCoders) bad_ = true;
        if (in != 1 || made != 1) out.branched = true;
      }
      if ((flags & 0x20) != 0) coder.properties = take(number());
      if ((flags & 0x80) != 0) bad_ = true;
      inputs += in;
      outputs += made;
    }
    if (bad_ || outputs == 0 || inputs + 1 < outputs) {
      bad_ = true;
      return {};
    }
    std::vector<std::uint64_t> fed_by(static_cast<std::size_t>(inputs), kCoders * kCoders);
    const std::uint64_t bound = outputs - 1;
    for (std::uint64_t i = 0; i < bound && !bad_; ++i) {
      const std::uint64_t in = number(), from = number();
      if (in >= inputs || from >= outputs) {
        bad_ = true;
      } else {
        fed_by[static_cast<std::size_t>(in)] = from;
      }
    }
    const std::uint64_t packs = inputs - bound;
    if (packs > 1) {
      for (std::uint64_t i = 0; i < packs && !bad_; ++i) (void)number();
    }
    if (bad_) return {};
    if (!out.branched) {
      // A chain: from the coder that takes the packed bytes to the one that nobody takes from.
      std::size_t at = 0;
      while (at < fed_by.size() && fed_by[at] < list.size()) ++at;
      std::vector<std::size_t> order;
      while (at < list.size() && order.size() < list.size()) {
        order.push_back(at);
        std::size_t after = 0;
        while (after < fed_by.size() && fed_by[after] != at) ++after;
        at = after;
      }
      if (order.size() != list.size()) {
        bad_ = true;
        return {};
      }
      order_ = order;
      for (const std::size_t i : order) out.coders.push_back(list[i]);
    } else {
      out.coders = list;
      order_.clear();
    }
    return {outputs, packs};
  }

  void unpack_info() {
    std::uint64_t folders = 0, pack = 0;
    out_.folders.clear();
    std::vector<Shape> shapes;
    std::vector<std::vector<std::size_t>> orders;
    std::uint64_t at = kSignatureBytes + pack_at_;
    while (!bad_) {
      switch (number()) {
        case kEnd:
          return;
        case kFolder: {
          folders = count();
          if (byte() != 0) bad_ = true;  // folders that stand in another stream
          for (std::uint64_t i = 0; i < folders && !bad_; ++i) {
            SevenZipFolder one;
            const Shape shape = folder(one);
            if (bad_) break;
            if (shapes.size() >= most_) {  // the sizes of those behind could not be told apart
              out_.more = true;
              bad_ = true;
              break;
            }
            one.packed_at = at;
            one.packed_size = pack < pack_sizes_.size() ? pack_sizes_[static_cast<std::size_t>(pack)] : 0;
            for (std::uint64_t p = 0; p < shape.packs; ++p, ++pack)
              at += pack < pack_sizes_.size() ? pack_sizes_[static_cast<std::size_t>(pack)] : 0;
            shapes.push_back(shape);
            orders.push_back(order_);
            out_.folders.push_back(std::move(one));
          }
          break;
        }
        case kCodersSize:
          for (std::size_t f = 0; f < shapes.size() && !bad_; ++f) {
            SevenZipFolder& one = out_.folders[f];
            std::vector<std::uint64_t> sizes;
            for (std::uint64_t o = 0; o < shapes[f].outputs && !bad_; ++o) sizes.push_back(number());
            if (bad_) break;
            for (std::size_t c = 0; c < orders[f].size(); ++c) one.coders[c].size = sizes[orders[f][c]];
            one.size = one.branched ? *std::max_element(sizes.begin(), sizes.end()) : one.coders.back().size;
          }
          break;
        case kCrc:
          digests(folders, [&](std::uint64_t i, std::uint32_t value) {
            if (i < out_.folders.size()) out_.folders[static_cast<std::size_t>(i)].crc = value;
          });
          break;
        default:
          bad_ = true;
      }
    }
  }

  void add_stream(std::uint32_t folder, std::uint64_t size) {
    if (out_.streams.size() >= most_) {
      out_.more = true;
      return;
    }
    out_.streams.push_back({folder, size, std::nullopt});
  }

  void sub_streams() {
    have_streams_ = true;
    std::uint64_t id = number();
    if (id == kStreamCount) {
      for (SevenZipFolder& one : out_.folders) one.streams = count();
      id = number();
    }
    const bool sized = id == kSize;
    for (std::uint32_t f = 0; f < out_.folders.size() && !bad_; ++f) {
      const SevenZipFolder& one = out_.folders[f];
      std::uint64_t left = one.size;
      for (std::uint64_t s = 0; s < one.streams && !bad_; ++s) {
        const bool last = s + 1 == one.streams;
        const std::uint64_t size = last ? left : sized ? number() : 0;
        if (size > left || (!last && !sized)) {
          bad_ = true;
          break;
        }
        left -= size;
        add_stream(f, size);
      }
    }
    if (sized) id = number();
    while (!bad_ && id != kEnd) {
      if (id != kCrc) {
        bad_ = true;
        return;
      }
      // Only for those that the folder's own check sum does not tell.
      std::vector<std::size_t> unknown;
      std::uint64_t wanted = 0;
      std::size_t at = 0;
      for (const SevenZipFolder& one : out_.folders) {
        for (std::uint64_t s = 0; s < one.streams && s <= all_; ++s, ++at) {
          if (one.streams == 1 && one.crc) {
            if (at < out_.streams.size()) out_.streams[at].crc = one.crc;
            continue;
          }
          ++wanted;
          if (at < out_.streams.size()) unknown.push_back(at);
        }
      }
      digests(wanted, [&](std::uint64_t i, std::uint32_t value) {
        if (i < unknown.size()) out_.streams[unknown[static_cast<std::size_t>(i)]].crc = value;
      });
      id = number();
    }
  }

  void finish_streams() {
    if (have_streams_) return;
    for (std::uint32_t f = 0; f < out_.folders.size(); ++f) {
      add_stream(f, out_.folders[f].size);
      if (!out_.streams.empty()) out_.streams.back().crc = out_.folders[f].crc;
    }
  }

  void files_info() {
    const std::uint64_t files = count();
    out_.more = out_.more || files > most_;
    const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(files, most_));
    out_.files.resize(kept);
    for (SevenZipFile& file : out_.files) file.has_stream = true;
    std::uint64_t empty = 0;
    while (!bad_) {
      const std::uint64_t id = number();
      if (id == kEnd) return;
      const std::uint64_t size = number();
      // Each property stands once; one that did not would be work without end.
      if (size > rest_.size() || (id < 64 && id != kDummy && (properties_ >> id & 1) != 0)) {
        bad_ = true;
        return;
      }
      if (id < 64) properties_ |= std::uint64_t{1} << id;
      const std::string_view after = rest_.substr(static_cast<std::size_t>(size));
      rest_ = rest_.substr(0, static_cast<std::size_t>(size));
      switch (id) {
        case kEmptyStream: {
          const Bits set = bits(files);
          empty = 0;
          for (std::uint64_t i = 0; i < files; ++i) {
            if (!set.at(i)) continue;
            ++empty;
            if (i >= kept) continue;
            out_.files[static_cast<std::size_t>(i)].has_stream = false;
            out_.files[static_cast<std::size_t>(i)].folder = true;
          }
          break;
        }
        case kEmptyFile:
        case kAnti: {
          const Bits set = bits(empty);
          std::uint64_t nth = 0;
          for (SevenZipFile& file : out_.files) {
            if (file.has_stream) continue;
            const bool hit = set.at(nth++);
            if (id == kAnti) {
              file.anti = hit;
            } else if (hit) {
              file.folder = false;
            }
          }
          break;
        }
        case kNames:
          names();
          break;
        case kModified:
          each_defined(files, 8, [](SevenZipFile& file, std::uint64_t value) {
            constexpr std::uint64_t kUnixEpoch = 116444736000000000, kMost = 200000000000000000;
            if (value >= kUnixEpoch && value <= kMost)
              file.modified = {static_cast<std::int64_t>(value - kUnixEpoch) * 100};
          });
          break;
        case kAttributes:
          each_defined(files, 4, [](SevenZipFile& file, std::uint64_t value) {
            file.attributes = static_cast<std::uint32_t>(value);
          });
          break;
        default:
          break;  // other times, padding, what later writers add
      }
      rest_ = after;
    }
  }

  template <typename Set>
  void each_defined(std::uint64_t files, std::size_t width, const Set& set) {
    const Bits defined = defined_bits(files);
    if (byte() != 0) return;  // stands in another stream
    for (std::uint64_t i = 0; i < out_.files.size(); ++i) {
      if (!defined.at(i)) continue;
      const std::string_view value = take(width);
      if (value.size() < width) return;
      set(out_.files[static_cast<std::size_t>(i)], little(value, 0, width));
    }
  }

  void names() {
    if (byte() != 0) return;
    for (SevenZipFile& file : out_.files) {
      std::size_t end = 0;
      while (end + 1 < rest_.size() && (rest_[end] != '\0' || rest_[end + 1] != '\0')) end += 2;
      if (end + 1 >= rest_.size()) {
        bad_ = true;
        return;
      }
      file.name = from_utf16le(rest_.substr(0, std::min<std::size_t>(end, kPathUnits * 2)));
      rest_.remove_prefix(end + 2);
    }
  }

  std::size_t most_;
  SevenZipHeader out_;
  std::vector<std::size_t> order_;
  std::vector<std::uint64_t> pack_sizes_;
  std::uint64_t pack_at_ = 0, coders_ = 0, properties_ = 0;
  bool have_streams_ = false;
};

}  // namespace

SevenZipHeader parse_seven_zip_header(std::string_view bytes, std::size_t most) { return Parser(bytes, most).parse(); }

}  // namespace assay

// What a run's advisories list, held small: a million of them are an everyday list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/time.h"
#include "rules/ir/ir.h"

namespace assay {

// One observable of an advisory. Token-exact (docs/indicators.md says what a token is).
struct Indicator {
  enum class Kind : std::uint8_t {
    ipv4,
    ipv6,
    cidr,
    domain,
    url,
    md5,
    sha1,
    sha256,
    mail_address,
    file_name,
    file_path,
    ja3,
    certificate_sha1
  } kind = Kind::ipv4;
  std::string value;             // normalised: lower case, no dot at the end, CIDR with prefix length
  std::string id;                // STIX id of its indicator object
  std::string advisory;          // advisory id
  std::string title;             // "WellMess C2 address"
  std::string malware;           // "WellMess"
  Time valid_from, valid_until;  // STIX validity; activity window stands in the advisory
  int confidence = -1;           // 0..100, -1 not given
  bool weightless =
      false;         // kept and marked, never weighted: private address, legitimate name, publisher's own link ...
  std::string mark;  // why it is weightless, or other marks ("shared hosting", "sinkhole since 2020-06-01")
  std::vector<std::string> sinkhole_dates;  // [from] RFC 3339 when known
  ir::Meaning meaning;
  friend bool operator==(const Indicator&, const Indicator&) = default;
};

// Indicators by number, in the order in which they were added. Texts stand one after another in blocks, and what many
// have in common (advisory, malware, meaning, mark) stands once: about 60 bytes and the value, the id and the title for
// each. A copy is cheap: it shares everything until one of the two is added to.
class IndicatorList {
 public:
  IndicatorList() = default;
  IndicatorList(std::initializer_list<Indicator> list);

  // Not thread-safe. At most 4,294,967,295 of them.
  void push_back(const Indicator& indicator);
  [[nodiscard]] std::size_t size() const { return store_ == nullptr ? 0 : store_->entries.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }

  // Put together anew.
  [[nodiscard]] Indicator operator[](std::size_t number) const;
  // Views into the list: they live as long as it or a copy of it does.
  [[nodiscard]] Indicator::Kind kind(std::size_t number) const { return store_->entries[number].kind; }
  [[nodiscard]] std::string_view value(std::size_t number) const {
    const Entry& e = store_->entries[number];
    return {e.text, e.value_size};
  }
  [[nodiscard]] std::string_view advisory(std::size_t number) const;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Indicator;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Indicator;
    Iterator(const IndicatorList* list, std::size_t at) : list_(list), at_(at) {}
    Indicator operator*() const { return (*list_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

   private:
    const IndicatorList* list_;
    std::size_t at_;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size()}; }

 private:
  struct Entry {
    const char* text = nullptr;   // the value, then the id
    const char* title = nullptr;  // may be that of the one before
    Time valid_from, valid_until;
    std::uint32_t value_size = 0, id_size = 0, title_size = 0;
    std::uint32_t common = 0;
    Indicator::Kind kind = Indicator::Kind::ipv4;
  };
  struct Store {
    std::vector<Entry> entries;
    std::vector<std::shared_ptr<char[]>> blocks;
    std::size_t block_size = 0, room = 0;  // of the last block; what is left of it, this store's alone
    std::vector<Indicator> commons;        // without what stands in the entries
    std::unordered_map<std::string, std::uint32_t> common_numbers;
    const char* keep(std::string_view a, std::string_view b);
    std::uint32_t common_of(const Indicator& indicator);
  };
  std::shared_ptr<Store> store_;
};

}  // namespace assay

#include "match/line_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/lanes.h"
#include "match/line_classes.h"
#include "rules/indicator/normalise.h"
#include "text/tokens.h"

namespace assay {
namespace {

constexpr std::uint64_t kHostSeed = 0x2545f4914f6cdd1dU, kNameSeed = 0x9fb21c651e98df25U;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kShortestHash = 32;
constexpr std::size_t kLongestRun = 256;   // of characters of hashes
constexpr std::ptrdiff_t kIpv6Colons = 6;  // of an address without "::", which may end in an IPv4 address

bool is_edge(char c) { return c == '.' || c == '-' || c == '_'; }
// Short loops: a label is a few characters, and the library's searches are calls.
bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

// A word that undone defanging may write ("hxxp:", "h**p:"), or a reader ("T" as "true"), where the line has another.
bool may_be_made(std::string_view word) {
  for (const std::string_view made : {"http", "https", "true", "false"}) {
    if (ends_with_icase(word, made)) return true;
  }
  return false;
}

std::string_view last_two_labels(std::string_view host) {
  const std::size_t last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) return host;
  const std::size_t before = host.rfind('.', last - 1);
  return before == std::string_view::npos ? host : host.substr(before + 1);
}

std::uint64_t hash_lower(std::string_view text, std::uint64_t seed) {
  std::array<char, kLongestName> lower;
  lower_into(text, lower.data());
  return hash64({lower.data(), text.size()}, seed);
}

// What a list is looked up by: the last two labels of a word, which end before `end` and are `size` bytes long. Of
// long ones the first eight and the last sixteen. Without case: of the characters of words only letters differ by this
// bit alone.
// PERF NOTE: three loads and a product whatever its length, and no guess at it.
inline std::uint64_t hash_of_end(std::string_view text, std::size_t end, std::size_t size) {
  constexpr std::uint64_t kCase = 0x2020202020202020U;
  char near[16];
  const char* from = text.data() + end - 16;
  if (end < 16) {
    std::memset(near, 0, sizeof near);
    std::memcpy(near + 16 - end, text.data(), end);
    from = near;
  }
  std::uint64_t first = 0, head = 0, tail = 0;
  std::memcpy(&first, from + 16 - std::max<std::size_t>(size, 16), 8);
  std::memcpy(&head, from, 8);
  std::memcpy(&tail, from + 8, 8);
  const std::size_t past = 128 - std::min<std::size_t>(size, 16) * 8;  // bits that are none of it: up to 120
  head = (head | kCase) >> past / 2 >> (past - past / 2);
  tail = (tail | kCase) >> (past > 64 ? past - 64 : 0);
  first = size > 16 ? first | kCase : 0;
  return mixed(head ^ std::rotl(first, 23) ^ kHostSeed, tail ^ kNameSeed ^ size);
}

}  // namespace

LineFilter::LineFilter(const IndicatorList& indicators, const IndicatorIndex& index) : index_(&index) {
  usable_ = !indicators.empty() && lanes() >= Lanes::avx2;
  if (!usable_) return;
  std::size_t ends = 0, names = 0;
  for (std::size_t i = 0; i < indicators.size(); ++i) {
    const Indicator::Kind kind = indicators.kind(i);
    const bool address =
        kind == Indicator::Kind::ipv4 || kind == Indicator::Kind::ipv6 || kind == Indicator::Kind::cidr;
    ends += address || kind == Indicator::Kind::domain || kind == Indicator::Kind::url ? 1U : 0U;
    names += kind == Indicator::Kind::file_name || kind == Indicator::Kind::file_path ? 1U : 0U;
  }
  ends_ = Sieve(ends + names);
  names_ = Sieve(names);
  for (std::size_t i = 0; i < indicators.size() && usable_; ++i) {
    const std::string_view value = indicators.value(i);
    switch (indicators.kind(i)) {
      case Indicator::Kind::domain:
        add_host(value, false);
        break;
      case Indicator::Kind::url: {
        std::string_view host = value.substr(0, value.find('/'));
        if (const std::size_t port = host.rfind(':'); port != std::string_view::npos) host = host.substr(0, port);
        add_host(host, true);
        break;
      }
      case Indicator::Kind::file_name:
      case Indicator::Kind::file_path:
        add_name(value);
        break;
      case Indicator::Kind::mail_address:
        has_mail_ = true;
        break;
      case Indicator::Kind::ipv4:
      case Indicator::Kind::ipv6:
      case Indicator::Kind::cidr:
        add_address(value);
        break;
      default:
        has_hashes_ = true;
        break;
    }
  }
}

void LineFilter::add_address(std::string_view address) {
  const auto network = parse_network(address);
  if (!network) return;
  if (network->prefix != 128) networks_ = true;
  // One in IPv6's form may be an IPv4 address.
  const std::string written = format_network(*network);
  ends_.add(hash_of_end(written, written.size(), written.size()));
}

void LineFilter::add_host(std::string_view host, bool whole) {
  if (host.find('.') == std::string_view::npos || host.size() > kLongestName || is_edge(host.front()) ||
      is_edge(host.back()) || may_be_made(host) || !std::all_of(host.begin(), host.end(), is_word_char)) {
    // Bytes beyond ASCII are left to the matcher wherever they stand.
    if (std::none_of(host.begin(), host.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
      usable_ = false;
    return;
  }
  const std::string_view label = host.substr(host.rfind('.') + 1);
  // A URL at an address is looked up as an address is: nothing stands below it.
  if (whole && parse_address(host)) return ends_.add(hash_of_end(host, host.size(), host.size()));
  if (all_digits(label)) numbers_ = true;
  ends_.add(hash_of_end(host, host.size(), last_two_labels(host).size()));
}

void LineFilter::add_name(std::string_view name) {
  const std::size_t size =
      static_cast<std::size_t>(std::find_if_not(name.rbegin(), name.rend(), is_word_char) - name.rbegin());
  const std::string_view word = name.substr(name.size() - size);
  if (word.empty() || word.size() > kLongestName || may_be_made(word) ||
      std::all_of(word.begin(), word.end(), is_edge)) {
    usable_ = false;
    return;
  }
  const std::size_t dot = word.rfind('.');
  if (dot == std::string_view::npos) undotted_ = true;
  if (dot != std::string_view::npos && all_digits(word.substr(dot + 1))) numbers_ = true;
  ends_.add(hash_of_end(word, word.size(), last_two_labels(word).size()));
  names_.add(hash_lower(word, kNameSeed));
}

// In the run of hexadecimal digits, colons and dashes around `at` stands an IPv6 address, or a hash that may be listed,
// or something that may hide one. `end`: of the run, as far as it was looked at.
bool LineFilter::may_hold_run(std::string_view text, std::size_t at, std::size_t& end) const {
  const auto counts = [](char c) { return is_hex(c) || c == ':' || c == '-'; };
  end = at;
  while (at > 0 && counts(text[at - 1])) {
    if (end - --at > kLongestRun) return true;
  }
  for (; end < text.size() && counts(text[end]); ++end) {
    if (end - at > kLongestRun) return true;
  }
  const std::string_view run = text.substr(at, end - at);
  const std::ptrdiff_t colons = std::count(run.begin(), run.end(), ':');
  if (colons >= kIpv6Colons) return true;
  if (!has_hashes_ || run.size() < kShortestHash) return false;
  const bool alone = (at == 0 || !is_word_char(text[at - 1])) && (end == text.size() || !is_word_char(text[end])) &&
                     !is_edge(run.back());
  if (!alone || colons > 0) return true;
  const std::string digits = normalise_hash(run);
  return !digits.empty() && index_->may_list_hash(digits);
}

// A word whose end the sieve may hold, or that its end alone does not tell about. `address`: it is four numbers.
bool LineFilter::may_hold_word(std::string_view word, bool address) const {
  if (word.size() >= 64) return true;
  if (is_edge(word.front()) || is_edge(word.back())) return !std::all_of(word.begin(), word.end(), is_edge);
  if (address) return index_->may_list_address(word) || index_->may_list_name(word);
  std::array<char, 64> room;
  lower_into(word, room.data());
  const std::string_view lower(room.data(), word.size());
  if (lower.find('.') != std::string_view::npos && index_->may_list_name(lower)) return true;
  return names_.may_hold(hash64(lower, kNameSeed));
}

#if defined(__x86_64__)
namespace {

// Two rows of sixty-four bits, the earlier one in the lower half.
__extension__ using Rows = unsigned __int128;
inline Rows rows(std::uint64_t before, std::uint64_t row) { return static_cast<Rows>(row) << 64 | before; }
inline std::uint64_t later(Rows rows) { return static_cast<std::uint64_t>(rows >> 64); }
// The last bit of each byte that has all its bits.
inline std::uint64_t full_bytes(std::uint64_t row) {
  constexpr std::uint64_t kSeven = 0x7f7f7f7f7f7f7f7fU;
  return ~(((~row & kSeven) + kSeven) | ~row | kSeven);
}
// The sixty-four places that end before place `at` of `row`.
inline std::uint64_t bits_until(std::uint64_t before, std::uint64_t row, unsigned at) {
  return before >> at | (row << 1) << (63 - at);
}

// Ends of words in the later one of two rows: of four numbers, and of those that are asked about besides.
struct Ends {
  std::uint64_t asked, addresses;
};

// Words of a kilobyte.
struct Words {
  static constexpr std::size_t kBlocks = 16;
  static constexpr unsigned kAsk = 128;  // beside a size: whatever the word's end says
  std::size_t count = 0;
  std::array<std::uint16_t, kBlocks * 64 + 4> ends;
  std::array<std::uint8_t, kBlocks * 64> sizes;
  std::array<std::uint64_t, kBlocks * 64> hashes;

  // The ends of block `i`. PERF NOTE: some at once, whether there are so many or not; unrolled it takes longer.
  template <int kAtOnce>
  __attribute__((always_inline)) void add(std::size_t i, std::uint64_t bits) {
    std::uint16_t* to = ends.data() + count;
    count += static_cast<std::size_t>(std::popcount(bits));
    do {
      for (std::uint16_t* const last = to + kAtOnce; to != last;) {
        *to++ = static_cast<std::uint16_t>(i * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
        bits &= bits - 1;
      }
    } while (bits != 0);
  }
};

// PERF NOTE: a bit that is added at the start of a run of ones comes out behind its end, so sums tell the ends of words
// with a dot, of those that end in a number ("5.0", "537.36": nearly all), of addresses.
inline Ends ends_of(const LineClasses& before, const LineClasses& row, bool undotted, bool numbers) {
  const Rows words = rows(before.words, row.words), dots = rows(before.dots, row.dots),
             digits = rows(before.digits, row.digits);
  const std::uint64_t ends = later(words << 1) & ~row.words;
  // Also behind '-', '_' or '.': "_10.9.8.7" says more than its end.
  const Rows one = (digits + (digits & ~(rows(before.solid, row.solid) << 1))) & dots;
  const Rows two = (digits + (digits & one << 1)) & dots;
  const Rows three = (digits + (digits & two << 1)) & dots;
  Ends out;
  out.addresses = later(digits + (digits & three << 1)) & ends & ~row.digits;
  out.asked = undotted ? ends : later(words + dots) & ~row.words;
  if (!numbers) out.asked &= ~(later(digits + (digits & dots << 1)) & ends);
  return out;
}

}  // namespace

template <class Found>
__attribute__((always_inline)) inline void LineFilter::look(std::string_view text, Found&& found_at) const {
  // PERF NOTE: a million indicators do not stay in the second cache and how many words a block has is no guess, so the
  // words of a kilobyte are found first, then all fetched, then looked at.
  constexpr std::size_t kBatch = Words::kBlocks;
  std::array<LineClasses, kBatch + 1> blocks;  // the first one is the last one of the kilobyte before
  Words names, addresses;
  // What stands behind a place that was found is not asked about up to its line's end, and a run is looked at once:
  // what hostile lines are made of.
  std::size_t told_from = 0, told_to = 0, run_end = 0;
  const auto told = [&](std::size_t place) { return told_from <= place && place < told_to; };
  const auto found = [&](std::size_t place) {
    told_from = place;
    told_to = found_at(place);
    return told_to >= text.size();
  };
  std::uint64_t full_before = 0;
  blocks[0] = {};
  const std::size_t all = text.size() / 64 + 1;  // with a block behind a text that fills its last one
  for (std::size_t done = 0; done < all; done += kBatch) {
    const std::size_t count = std::min(kBatch, all - done), from = done * 64;
    classify(text.substr(from), std::span(blocks).subspan(1, count));
    names.count = addresses.count = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const LineClasses& before = blocks.data()[i];
      const LineClasses& row = blocks.data()[i + 1];
      const std::size_t at = from + i * 64;
      std::uint64_t hiding = row.odd | (row.marks & later(rows(before.brackets, row.brackets) << 1)) |
                             (row.colons & later(rows(before.colons, row.colons) << 1));
      if (has_mail_) hiding |= row.ats;
      for (; hiding != 0; hiding &= hiding - 1) {
        const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(hiding));
        if (!told(place) && found(place)) return;
      }
      // A run of 32 covers three bytes in a row, whatever it begins at.
      const Rows full = rows(full_before, full_bytes(row.runs));
      full_before = later(full);
      std::uint64_t runs = has_hashes_ ? later(full & full << 8 & full << 16) : 0;
      if (std::popcount(row.colons) + std::popcount(before.colons) >= kIpv6Colons) runs |= row.colons;
      for (; runs != 0; runs &= runs - 1) {
        const std::size_t place = at + static_cast<std::size_t>(std::countr_zero(runs));
        if (place < run_end || told(place)) continue;
        if (may_hold_run(text, place, run_end) && found(place)) return;
      }
      if (before.words == ~std::uint64_t{0} && !told(at - 1) && found(at - 1))
        return;  // longer than what is seen together
      const Ends words = ends_of(before, row, undotted_, numbers_);
      names.add<4>(i, words.asked);
      addresses.add<2>(i, words.addresses);
    }
    for (std::size_t n = 0; n < addresses.count; ++n) {
      const std::size_t place = addresses.ends.data()[n], i = place / 64, end = from + place;
      const LineClasses* const row = blocks.data() + i;
      const auto size = static_cast<unsigned>(
          std::countl_one(bits_until(row[0].words, row[1].words, static_cast<unsigned>(place % 64))));
      const std::uint64_t hash = hash_of_end(text, end, size);
      ends_.fetch(hash);
      addresses.hashes.data()[n] = hash;
      const bool ask = networks_ || size == 64 || is_edge(text.data()[end - size]);
      addresses.sizes.data()[n] = static_cast<std::uint8_t>(ask ? size | Words::kAsk : size);
    }
    for (std::size_t n = 0; n < names.count; ++n) {
      const std::size_t place = names.ends.data()[n], i = place / 64;
      const auto bit = static_cast<unsigned>(place % 64);
      const LineClasses* const row = blocks.data() + i;
      const auto size = static_cast<unsigned>(std::countl_one(bits_until(row[0].words, row[1].words, bit)));
      std::uint64_t dots = bits_until(row[0].dots, row[1].dots, bit) & ~std::uint64_t{0} << (64 - size);
      dots &= ~((std::uint64_t{1} << 63) >> std::countl_zero(dots | 1U));
      const unsigned two_labels = std::min(size, static_cast<unsigned>(std::countl_zero(dots)));
      const std::uint64_t hash = hash_of_end(text, from + place, two_labels);
      ends_.fetch(hash);
      names.hashes.data()[n] = hash;
      // What has '.', '-' or '_' at its ends is left to the matcher: texts drop them, values of their own have them.
      const std::uint64_t solid = bits_until(row[0].solid, row[1].solid, bit);
      const bool ask = (solid >> 63 & solid >> (64 - size) % 64 & 1U) == 0 || size == 64;
      names.sizes.data()[n] = static_cast<std::uint8_t>(ask ? size | Words::kAsk : size);
    }
    for (const bool address : {true, false}) {
      const Words& words = address ? addresses : names;
      for (std::size_t n = 0; n < words.count; ++n) {
        const std::uint8_t size = words.sizes.data()[n];
        if (!ends_.may_hold(words.hashes.data()[n]) && (size & Words::kAsk) == 0) continue;
        const std::size_t end = from + words.ends.data()[n], length = size & ~Words::kAsk;
        if (told(end - 1)) continue;
        if (may_hold_word(text.substr(end - length, length), address) && found(end - 1)) return;
      }
    }
    blocks[0] = blocks.data()[count];
  }
}

__attribute__((target("bmi,bmi2,lzcnt,popcnt"))) bool LineFilter::may_hold(std::string_view line) const {
  if (!usable_ || line.size() > kLongestLine) return true;
  bool out = false;
  look(line, [&](std::size_t) {
    out = true;
    return line.size();
  });
  return out;
}

__attribute__((target("bmi,bmi2,lzcnt,popcnt"))) void LineFilter::find(std::string_view text,
                                                                       std::vector<std::uint32_t>& places) const {
  places.clear();
  look(text, [&](std::size_t place) {
    places.push_back(static_cast<std::uint32_t>(place));
    const std::size_t end = std::min(text.find('\n', place), text.size() - 1);
    return std::min(text.substr(0, end).find('\0', place), end);  // zeros also end a record
  });
  std::sort(places.begin(), places.end());
}
#else
bool LineFilter::may_hold(std::string_view) const { return true; }
void LineFilter::find(std::string_view, std::vector<std::uint32_t>& places) const { places.clear(); }
#endif

}  // namespace assay

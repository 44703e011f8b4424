#include "match/literal_index.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace assay {
namespace {

// What most paths and command lines are made of: a literal is better filed under a piece that is not in here.
constexpr std::string_view kCommon =
    "c:\\windows\\system32\\svchost.exe -k netsvcs -p -s \\??\\c:\\windows\\system32\\conhost.exe 0xffffffff "
    "-forcev1 c:\\windows\\syswow64\\ \\windows\\microsoft.net\\framework64\\v4.0.30319\\ "
    "c:\\program files (x86)\\microsoft\\edge\\application\\msedge.exe --type=renderer --field-trial-handle= "
    "c:\\program files\\google\\chrome\\application\\chrome.exe --lang=en-us c:\\programdata\\microsoft\\windows "
    "defender\\platform\\ c:\\users\\administrator\\appdata\\local\\temp\\ \\appdata\\roaming\\ "
    "windowspowershell\\v1.0\\powershell.exe -noprofile -executionpolicy bypass -command "
    "hklm\\software\\microsoft\\windows\\currentversion\\ hklm\\system\\currentcontrolset\\services\\ "
    "hku\\s-1-5-21- \\software\\classes\\clsid\\ hkcu\\software\\policies\\ nt authority\\system "
    "cmd.exe /c explorer.exe rundll32.exe .dll .exe .tmp .log http:// https:// .com/ .json .xml .ps1 "
    "microsoft corporation microsoft windows operating system true false 0000000000000000 1.0.0.0 10.0.";

}  // namespace

void LiteralIndex::add(std::string_view lowered, Place place, std::uint32_t id) {
  if (lowered.size() == 1) {
    bytes_.push_back({static_cast<unsigned char>(lowered.front()), place, id});
    return;
  }
  Entry entry;
  entry.id = id;
  entry.begin = static_cast<std::uint32_t>(pool_.size());
  entry.size = static_cast<std::uint32_t>(lowered.size());
  entry.place = place;
  pool_ += lowered;
  entries_.push_back(entry);
}

void LiteralIndex::build() {
  pool_.append(kPadding, '\0');
  std::unordered_map<std::uint32_t, std::uint32_t> cost;  // looked up, never walked
  for (std::size_t i = 0; i + 4 <= kCommon.size(); ++i) cost[load(kCommon.data() + i)] += 1000;
  // A piece that many literals have is filed under another one, where there is a choice.
  for (const Entry& entry : entries_) {
    for (std::uint32_t i = 0; i + 4 <= entry.size; ++i) ++cost[load(pool_.data() + entry.begin + i)];
  }
  std::vector<std::pair<std::uint32_t, Entry>> fours, threes, twos;
  for (Entry& entry : entries_) {
    const char* const text = pool_.data() + entry.begin;
    if (entry.size < 4) {
      (entry.size == 3 ? threes : twos).emplace_back(load(text) & (entry.size == 3 ? 0x00ffffffU : 0x0000ffffU), entry);
      continue;
    }
    entry.head = load(text);
    std::uint32_t best = UINT32_MAX;
    for (std::uint32_t i = 0; i + 4 <= entry.size; ++i) {
      const std::uint32_t one = cost[load(text + i)];
      if (one >= best) continue;
      best = one;
      entry.piece = i;
    }
    fours.emplace_back(load(text + entry.piece), entry);
  }
  std::vector<Entry> entries;
  file(fours_, fours, entries);
  file(threes_, threes, entries);
  file(twos_, twos, entries);
  entries_ = std::move(entries);
}

void LiteralIndex::file(Pieces& pieces, const std::vector<std::pair<std::uint32_t, Entry>>& filed,
                        std::vector<Entry>& entries) {
  pieces.none = filed.empty();
  std::vector<std::pair<std::uint32_t, Entry>> sorted = filed;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(sorted.size() * 2, 4));
  const std::size_t bits = std::bit_ceil(std::clamp<std::size_t>(sorted.size() * 32, 1024, std::size_t{1} << 18));
  pieces.slots.assign(slots, Slot{});
  pieces.bits.assign(bits / 64, 0);
  pieces.slot_shift = 32 - static_cast<unsigned>(std::countr_zero(slots));
  pieces.bit_shift = 32 - static_cast<unsigned>(std::countr_zero(bits));
  for (std::size_t i = 0; i < sorted.size();) {
    const std::uint32_t key = sorted[i].first;
    const std::uint32_t mixed = mix(key);
    pieces.bits[mixed >> pieces.bit_shift >> 6] |= std::uint64_t{1} << (mixed >> pieces.bit_shift & 63);
    std::size_t at = mixed >> pieces.slot_shift;
    while (pieces.slots[at].count != 0) at = (at + 1) & (slots - 1);
    pieces.slots[at] = {key, static_cast<std::uint32_t>(entries.size()), 0};
    for (; i < sorted.size() && sorted[i].first == key; ++i) {
      entries.push_back(sorted[i].second);
      ++pieces.slots[at].count;
    }
  }
}

}  // namespace assay

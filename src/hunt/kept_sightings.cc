#include "hunt/kept_sightings.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace assay {

bool KeptSightings::add(DetectorIndex detector, Sighting sighting) {
  std::vector<Sighting>& list = lists_[detector];
  if (list.size() >= most_) {
    dropped_[detector] += sighting.count;
    return false;
  }
  list.push_back(std::move(sighting));
  if (++total_ > room_) shorten();
  return true;
}

// The largest bound for each detector with which a tenth of the room is free again.
void KeptSightings::shorten() {
  std::vector<std::size_t> sizes;
  for (const auto& [detector, list] : lists_) sizes.push_back(list.size());
  std::sort(sizes.begin(), sizes.end());
  std::size_t room = room_ - room_ / 10, left = sizes.size();
  for (const std::size_t size : sizes) {
    if (size > room / left) break;
    room -= size;
    --left;
  }
  if (left > 0) most_ = std::max<std::size_t>(1, room / left);
  total_ = 0;
  for (auto& [detector, list] : lists_) {
    for (std::size_t i = most_; i < list.size(); ++i) dropped_[detector] += list[i].count;
    if (list.size() > most_) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(most_), list.end());
      list.shrink_to_fit();
    }
    total_ += list.size();
  }
}

std::vector<Sighting> KeptSightings::take() {
  std::vector<Sighting> out;
  out.reserve(total_);
  for (auto& [detector, list] : lists_) {
    std::move(list.begin(), list.end(), std::back_inserter(out));
    list = {};  // never all of them twice
  }
  lists_.clear();
  total_ = 0;
  return out;
}

void KeptSightings::report(const DetectorCatalogue& catalogue, Notices& notices) const {
  for (const auto& [detector, count] : dropped_) {
    notices.add({NoticeKind::limit_matches, "", 0, count,
                 fmt::format("matches of \"{}\" beyond the limit", catalogue[detector].title)});
  }
}

}  // namespace assay

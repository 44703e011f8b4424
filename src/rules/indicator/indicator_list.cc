#include "rules/indicator/indicator_list.h"

#include <algorithm>
#include <cstring>

#include "core/serial.h"

namespace assay {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 18;

bool same_common(const Indicator& a, const Indicator& b) {
  return a.advisory == b.advisory && a.malware == b.malware && a.confidence == b.confidence &&
         a.weightless == b.weightless && a.mark == b.mark && a.sinkhole_dates == b.sinkhole_dates &&
         a.meaning == b.meaning;
}

std::string key_of(const Indicator& one) {
  Writer key;
  for (const std::string* text :
       {&one.advisory, &one.malware, &one.mark, &one.meaning.klass, &one.meaning.family, &one.meaning.stage}) {
    key.str(*text);
  }
  key.var(static_cast<std::uint64_t>(one.confidence + 1));
  key.boolean(one.weightless);
  for (const std::vector<std::string>* list : {&one.sinkhole_dates, &one.meaning.claims}) {
    key.var(list->size());
    for (const std::string& text : *list) key.str(text);
  }
  return key.take();
}

}  // namespace

IndicatorList::IndicatorList(std::initializer_list<Indicator> list) {
  for (const Indicator& one : list) push_back(one);
}

const char* IndicatorList::Store::keep(std::string_view a, std::string_view b) {
  const std::size_t size = a.size() + b.size();
  if (size > room) {
    room = std::max(kBlock, size);
    blocks.push_back(std::make_shared_for_overwrite<char[]>(room));
    block_size = room;
  }
  char* const at = blocks.back().get() + (block_size - room);
  std::copy(a.begin(), a.end(), at);
  std::copy(b.begin(), b.end(), at + a.size());
  room -= size;
  return at;
}

std::uint32_t IndicatorList::Store::common_of(const Indicator& indicator) {
  // Lists hold long runs of the same.
  if (!entries.empty() && same_common(commons[entries.back().common], indicator)) return entries.back().common;
  const auto [at, fresh] = common_numbers.try_emplace(key_of(indicator), static_cast<std::uint32_t>(commons.size()));
  if (fresh) {
    Indicator& common = commons.emplace_back(indicator);
    common.value.clear();
    common.id.clear();
    common.title.clear();
  }
  return at->second;
}

void IndicatorList::push_back(const Indicator& indicator) {
  if (store_ == nullptr) {
    store_ = std::make_shared<Store>();
  } else if (store_.use_count() > 1) {
    store_ = std::make_shared<Store>(*store_);
    store_->room = 0;  // the last block is filled by the other one
  }
  Store& store = *store_;
  Entry e;
  e.common = store.common_of(indicator);
  e.kind = indicator.kind;
  e.valid_from = indicator.valid_from;
  e.valid_until = indicator.valid_until;
  e.value_size = static_cast<std::uint32_t>(indicator.value.size());
  e.id_size = static_cast<std::uint32_t>(indicator.id.size());
  e.title_size = static_cast<std::uint32_t>(indicator.title.size());
  e.text = store.keep(indicator.value, indicator.id);
  const Entry* const before = store.entries.empty() ? nullptr : &store.entries.back();
  const bool again = before != nullptr && std::string_view(before->title, before->title_size) == indicator.title;
  e.title = again ? before->title : store.keep(indicator.title, {});
  store.entries.push_back(e);
}

Indicator IndicatorList::operator[](std::size_t number) const {
  const Entry& e = store_->entries[number];
  Indicator out = store_->commons[e.common];
  out.kind = e.kind;
  out.value.assign(e.text, e.value_size);
  out.id.assign(e.text + e.value_size, e.id_size);
  out.title.assign(e.title, e.title_size);
  out.valid_from = e.valid_from;
  out.valid_until = e.valid_until;
  return out;
}

std::string_view IndicatorList::advisory(std::size_t number) const {
  return store_->commons[store_->entries[number].common].advisory;
}

}  // namespace assay

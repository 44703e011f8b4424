#include "evidence/formats/csv/damage.h"

#include <algorithm>
#include <map>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kMostInCell = 32'767;
constexpr std::size_t kShortestCode = 4, kLongestCode = 128;
constexpr std::size_t kShortestHex = 8;  // shorter ones are words or numbers
constexpr std::size_t kLostZeros = 4;    // a code that lost more of them than that is not told from another number
constexpr std::size_t kEnough = 3;

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

// As a spreadsheet counts: UTF-16 code units.
std::size_t characters(std::string_view text) {
  std::size_t out = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) out += byte >= 0xf0 ? 2 : 1;
  }
  return out;
}

bool rounded(std::string_view text) {
  if (text.size() < 5 || text.size() > 24) return false;
  if (text.front() == '-') text.remove_prefix(1);
  const std::size_t mark = text.find("E+");
  if (mark == std::string_view::npos || mark == 0 || !all_digits(text.substr(mark + 2))) return false;
  const std::string_view number = text.substr(0, mark);
  if (!is_digit(number.front())) return false;
  return number.size() == 1 || ((number[1] == '.' || number[1] == ',') && all_digits(number.substr(2)));
}

bool decimal_comma(std::string_view text, bool groups_possible) {
  if (text.size() < 3 || text.size() > 32) return false;
  if (text.front() == '-') text.remove_prefix(1);
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos || !all_digits(text.substr(0, comma)) || !all_digits(text.substr(comma + 1)))
    return false;
  return !groups_possible || text.size() - comma - 1 != 3;
}

}  // namespace

DamageFinder::DamageFinder(std::size_t columns, char delimiter, const std::vector<std::vector<std::string>>& rows)
    : delimiter_(delimiter), width_(columns, 0) {
  for (std::size_t column = 0; column < columns; ++column) {
    std::map<std::size_t, std::size_t> by_width;
    std::size_t values = 0;
    bool zeros = false;
    bool letters = false;
    for (const auto& row : rows) {
      if (column >= row.size() || row[column].empty()) continue;
      const std::string_view cell = row[column];
      ++values;
      if (cell.size() < kShortestCode || cell.size() > kLongestCode || !std::all_of(cell.begin(), cell.end(), is_hex))
        continue;
      ++by_width[cell.size()];
      zeros = zeros || (cell.front() == '0' && all_digits(cell));
      letters = letters || !all_digits(cell);
    }
    for (const auto& [width, count] : by_width) {
      if (count >= kEnough && count * 3 >= values * 2 && ((letters && width >= kShortestHex) || (zeros && !letters)))
        width_[column] = width;
    }
  }
}

std::optional<CellDamage> DamageFinder::look(std::size_t column, std::string_view cell) const {
  if (cell.size() >= kMostInCell)
    return characters(cell) == kMostInCell ? std::optional(CellDamage::cut) : std::nullopt;
  if (cell.size() > kLongestCode || cell.size() < 3) return std::nullopt;
  if (!is_digit(cell.front()) && cell.front() != '-') return std::nullopt;
  if (rounded(cell)) return CellDamage::rounded;
  if (decimal_comma(cell, delimiter_ != ';')) return CellDamage::decimal_comma;
  if (column < width_.size() && cell.size() < width_[column] && cell.size() + kLostZeros >= width_[column] &&
      cell.front() != '0' && all_digits(cell))
    return CellDamage::lost_zeros;
  return std::nullopt;
}

std::string damage_detail(CellDamage damage, std::string_view column) {
  std::string out;
  switch (damage) {
    case CellDamage::rounded:
      out = "numbers that a spreadsheet rounded (1.59E+12)";
      break;
    case CellDamage::cut:
      out = "values of exactly 32,767 characters, where a spreadsheet cuts,";
      break;
    case CellDamage::decimal_comma:
      out = "numbers with a decimal comma";
      break;
    case CellDamage::lost_zeros:
      out = "codes shorter than the others, as if a spreadsheet took their leading zeros,";
      break;
  }
  return out + " in " + std::string(column);
}

std::string shown_column(std::string_view name, std::size_t index) {
  const bool plain = !name.empty() && name.size() <= 64 &&
                     std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '\''; });
  return plain ? "column '" + std::string(name) + "'" : "column number " + std::to_string(index + 1);
}

}  // namespace assay

// What a spreadsheet does to a table that was opened and saved again. Each trace is one value's notice and names the
// column; the value stays as it is written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class CellDamage : std::uint8_t {
  rounded,        // 1.59E+12
  cut,            // 32,767 characters, the most that a cell of a spreadsheet holds
  decimal_comma,  // 1234,56
  lost_zeros,     // 1234567 in a column of 01234567
};

class DamageFinder {
 public:
  // Learns the codes of fixed width from the table's first rows.
  DamageFinder(std::size_t columns, char delimiter, const std::vector<std::vector<std::string>>& rows);
  [[nodiscard]] std::optional<CellDamage> look(std::size_t column, std::string_view cell) const;

 private:
  char delimiter_;
  std::vector<std::size_t> width_;  // of a column whose values are codes of one width; 0: none
};

// "numbers that a spreadsheet rounded (1.59E+12) in column 'bytes'"
[[nodiscard]] std::string damage_detail(CellDamage damage, std::string_view column);
// The column as a notice may show it: its name when it is plain ASCII, else its number.
[[nodiscard]] std::string shown_column(std::string_view name, std::size_t index);

}  // namespace assay

#include "text/extract/plain_marks.h"

namespace assay {

bool unseen_mark(std::uint32_t code) {
  return code == 0xad || (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

std::string_view plain_mark(std::uint32_t code) {
  std::string_view plain;
  if (code == 0xff1a) plain = ":";
  if (code == 0xff0f) plain = "/";
  if (code == 0xff20) plain = "@";
  if (code == 0xa0 || (code >= 0x2000 && code <= 0x200a) || code == 0x202f || code == 0x3000) plain = " ";
  if (code == 0x2010 || code == 0x2011) plain = "-";
  if (code >= 0x2012 && code <= 0x2015) plain = " - ";
  if (code == 0x2018 || code == 0x2019) plain = "'";
  if (code == 0x201c || code == 0x201d || code == 0x201e || code == 0xab || code == 0xbb || code == 0x300c ||
      code == 0x300d)
    plain = "\"";
  if (code == 0x201a || code == 0x2039 || code == 0x203a) plain = "'";
  if (code == 0x2026) plain = "...";
  if (code == 0xff08) plain = "(";
  if (code == 0xff09) plain = ")";
  if (code == 0xff0c || code == 0x3001) plain = ",";
  // Raised figures are marks of footnotes.
  if (code == 0xb9 || code == 0xb2 || code == 0xb3 || (code >= 0x2070 && code <= 0x209f) || code == 0x2020 ||
      code == 0x2021)
    plain = " ";
  if (code == 0x2192 || code == 0x21d2 || code == 0x2190 || code == 0x27a4 || code == 0x25ba || code == 0xb7)
    plain = " ";
  if (code == 0x2022 || code == 0x25cf || code == 0x25aa || code == 0x25e6 || code == 0x2023) plain = "*";
  if (code == 0x2028 || code == 0x2029) plain = "\n";
  return plain;
}

}  // namespace assay

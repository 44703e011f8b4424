#include "text/extract/neighbours.h"

#include <gtest/gtest.h>

#include <string>

#include "text/extract/prose_words.h"

namespace assay {
namespace {

// Finds each word with a dot as a file name.
std::vector<Found> names_in(std::string_view text) {
  std::vector<Found> out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && std::string_view(" ,\n`()").find(text[end]) == std::string_view::npos) ++end;
    if (text.substr(i, end - i).find('.') != std::string_view::npos && text[end - 1] != '.')
      out.push_back({Observable::file_name, std::string(text.substr(i, end - i)), i, end, 0, false, false});
    i = end + 1;
  }
  return out;
}

TEST(Neighbours, NamesOfOneList) {
  const std::string text = "It has cmd.exe, `fjord.exe` and winword.exe. Then came ostsee.dll";
  const std::vector<Found> found = names_in(text);
  ASSERT_EQ(found.size(), 3U);  // the end of the sentence is no part of a name
  const NamesBeside fjord = names_beside(text, found, 1);
  EXPECT_EQ(fjord.known, 1U);
  EXPECT_EQ(fjord.unknown, 0U);
  EXPECT_EQ(names_beside(text, found, 2).known, 0U);
  // One below the other; a gap between paragraphs ends the list.
  const std::string rows = "fjord.exe\n  cmd.exe\n  winword.exe\n\nostsee.dll";
  EXPECT_EQ(names_beside(rows, names_in(rows), 0).known, 2U);
  EXPECT_EQ(names_beside(rows, names_in(rows), 0).unknown, 0U);
}

TEST(Neighbours, WhatACommandDoesWithItsArgument) {
  for (const std::string_view writes :
       {"curl http://a -o ", "7z a ", "tar czf ", "get-adcomputer | export-csv ", "echo x > ", "reg save \x01\x01\x01 ",
        "copy \x01\x01 ", "rundll32 \x01\x01, minidump 712 ", "cp \"\x01\" \""})
    EXPECT_EQ(command_use(writes), CommandUse::writes) << writes;
  for (const std::string_view looks : {"ls -la ", "$ sha256sum ", "sudo; cat ", "certutil -hashfile "})
    EXPECT_EQ(command_use(looks), CommandUse::looks) << looks;
  for (const std::string_view neither : {"it is called ", "the photocopy ", "they profile ", ""})
    EXPECT_EQ(command_use(neither), CommandUse::none) << neither;
}

TEST(ProseWords, NamesThatSentencesUse) {
  const ProseWords prose(
      "fjord vault is a server. the flaw in fjord vault 3 lets anybody write.\nfjord-vault was told.");
  EXPECT_EQ(prose.times("fjordvault"), 3U);
  EXPECT_TRUE(prose.names("FjordVault", 2));
  EXPECT_TRUE(prose.names("fjord_vault-3.exe", 2));
  EXPECT_FALSE(prose.names("vaultis", 2));
  EXPECT_FALSE(prose.names("was", 1));      // too short to be a name
  EXPECT_EQ(prose.times("serverthe"), 0U);  // over the end of a sentence
}

}  // namespace
}  // namespace assay

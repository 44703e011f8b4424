#include "text/nfc.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(Nfc, LettersAndTheirAccents) {
  EXPECT_EQ(nfc("plain"), "plain");
  EXPECT_EQ(nfc("e\xcc\x81t"), "\xc3\xa9t");
  EXPECT_EQ(nfc("\xc3\xa9"), "\xc3\xa9");
  EXPECT_EQ(nfc(std::string("a\0\xcc\x81", 4)), std::string("a\0\xcc\x81", 4));
}

TEST(Nfc, WhatIsNoUtf8StaysAsItIs) {
  EXPECT_EQ(nfc("a\xff\xcc\x81"), "a\xff\xcc\x81");
  EXPECT_EQ(nfc("\xcc"), "\xcc");
}

}  // namespace
}  // namespace assay

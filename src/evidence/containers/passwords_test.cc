// Passwords: archives that other tools encrypted (7-Zip and Info-ZIP; both hold two files of one line), with the right
// password, none, and wrong ones.
#include <gtest/gtest.h>

#include "core/ascii.h"
#include "evidence/containers/makers.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace makers;

constexpr std::string_view kSevenZip =
    "N3q8ryccAASxpO4JrgAAAAAAAAAgAAAAAAAAAET42A9sCvrR/t0LTEByop7YCIaZsTt/j8lO2mE0GKReUgjfWQrDPC/WPk0bLQjao1GS"
    "YaNdEfyWA98gx8PKYG7vCCtmAACBMweuD9Hy+/1Au5RkOzmkeudqI0XnmO5yRZ6zMJwI2yre2xigE4xOaG2K8rJKWXMv44NRGhJIGerA"
    "gf8PDvao0qyCzhcv3aKzqc1OToMsVGrZJIEAEV8zn4ZZlhbjGzXPPv9rOn6kOrobXKAXBkABCW4ABwsBAAEjAwEBBV0AEAAADH4KAQe3"
    "4qkAAA==";
constexpr std::string_view kSevenZipHidden =
    "N3q8ryccAATcB/MO0AAAAAAAAAA+AAAAAAAAAG80tcAZoyc2jFMPhsnMrBINjTzYmXv7NY6RaU2v+thX9kHvI7juGccAnecMc7MSlmt/"
    "TJqxXdkcqMuE+Gi9g40D5xmZRKxHTm1s+iJZlbNo+RhIXK+gMvHKoTtmm+JHLO/gLCT4C0g0EqXNYWoqXoHU5hvUkTuRLCuFxHUJixlX"
    "pk+r+t1c2Gw9QjRAZHu3MNU6T0Kg+XprFJ4Pa84DqfKQQyltTVq+dkcEvIvWY6Rx7/cYlOWhj/56lCoR7WleHMLJ2n1CuePUKe1ooBn2"
    "Kk3WGtGiFwZAAQmAkAAHCwEAAiQG8QcBElMPazALN3csLUiEY4CpWNtExiMDAQEFXQAQAAABAAyAgYCWCgH6QSVMAAA=";
constexpr std::string_view kZipAes =
    "UEsDBDMAAQBjAJySe10AAAAANgAAABoAAAAHAAsAb25lLmxvZwGZBwACAEFFAwAArDaIqALB6MOGKLDtH1/UKC78SB78sPH040gnziNs"
    "8p5wr3oPQEziF0XgNp1m2JXg6QLQohegUEsDBDMAAQBjAJySe10AAAAAMgAAABYAAAAHAAsAdHdvLmxvZwGZBwACAEFFAwAAogH0QoFH"
    "r/uS0R5IDuIk1EJ83Uxh59LZ5DEe/fnx91DJERqccy+SPU1cHT7/r5W06bFQSwECPwMzAAEAYwCckntdAAAAADYAAAAaAAAABwAvAAAA"
    "AAAAACCApIEAAAAAb25lLmxvZwoAIAAAAAAAAQAYAKWXigqcft0BAAAAAAAAAAAAAAAAAAAAAAGZBwACAEFFAwAAUEsBAj8DMwABAGMA"
    "nJJ7XQAAAAAyAAAAFgAAAAcALwAAAAAAAAAggKSBZgAAAHR3by5sb2cKACAAAAAAAAEAGAAZm4oKnH7dAQAAAAAAAAAAAAAAAAAAAAAB"
    "mQcAAgBBRQMAAFBLBQYAAAAAAgACAMgAAADIAAAAAAA=";
constexpr std::string_view kZipClassic =
    "UEsDBAoACQAAAJuSe10FWpcFJgAAABoAAAAHAAAAb25lLmxvZ6YjKdnAuCWLMZqWEmh9kkUb5yoGanDXhPWtDkHOCVF7DCVgx/CIUEsH"
    "CAValwUmAAAAGgAAAFBLAwQKAAkAAACbkntddAD5oiIAAAAWAAAABwAAAHR3by5sb2eqNAfzOp/kyMNp7M+Qzb+Rgzp89dalm7VoJCOr"
    "vvWNf2pHUEsHCHQA+aIiAAAAFgAAAFBLAQIeAwoACQAAAJuSe10FWpcFJgAAABoAAAAHAAAAAAAAAAEAAACkgQAAAABvbmUubG9nUEsB"
    "Ah4DCgAJAAAAm5J7XXQA+aIiAAAAFgAAAAcAAAAAAAAAAQAAAKSBWwAAAHR3by5sb2dQSwUGAAAAAAIAAgBqAAAAsgAAAAAA";

struct Sealed {
  ContainerKind kind;
  std::string_view base64;
};
constexpr Sealed kSealed[] = {{ContainerKind::seven_zip, kSevenZip},
                              {ContainerKind::seven_zip, kSevenZipHidden},
                              {ContainerKind::zip, kZipAes},
                              {ContainerKind::zip, kZipClassic}};

constexpr std::string_view kContent =
    "file one.log [first file of the archive\n]\nfile two.log [second file, after it\n]\n";

TEST(Passwords, TheRightOneAmongOthers) {
  const std::vector<std::string> passwords = {"", "wrong", "opensesame", "other"};
  for (const Sealed& sealed : kSealed) {
    const std::string bytes = base64_decode(sealed.base64).value();
    for (const std::size_t piece : {1UL, 100UL, 1UL << 20})
      EXPECT_EQ(list(sealed.kind, bytes, passwords, piece), kContent);
  }
}

TEST(Passwords, NoneOrWrongIsTold) {
  const std::string none = "encrypted: encrypted: give its password with --archive-password";
  const std::string wrong = "encrypted: encrypted, and no password given with --archive-password fits";
  std::vector<std::string> many;
  for (int i = 0; i < 600; ++i) many.push_back("guess" + std::to_string(i));  // some fit ZipCrypto's one check byte
  for (const Sealed& sealed : kSealed) {
    const std::string bytes = base64_decode(sealed.base64).value();
    const bool hidden = sealed.base64 == kSevenZipHidden;
    const auto expected = [&](const std::string& why) {
      return hidden ? "encrypted 1: " + why.substr(11) + "\n"
                    : "file one.log [] " + why + "\nfile two.log [] " + why + "\n";
    };
    EXPECT_EQ(list(sealed.kind, bytes), expected(none));
    const std::span<const std::string> some = std::span(many).first(sealed.base64 == kZipClassic ? 600 : 2);
    EXPECT_EQ(list(sealed.kind, bytes, some), expected(wrong));
  }
}

TEST(Passwords, WorkOnKeysIsBounded) {
  const std::string bytes = base64_decode(kSevenZip).value();
  const auto below = open_memory(bytes);
  const auto source = source_of_memory(bytes);
  const std::vector<std::string> passwords = {"opensesame"};
  ExpansionGauge gauge;
  gauge.passwords = passwords;
  gauge.key_steps = (std::uint64_t{1} << 26) - 1;
  const auto reader = open_archive(ContainerKind::seven_zip, *below, source.get(), gauge);
  EXPECT_EQ(list(*reader),
            "file one.log [] limit_other: more work on keys of passwords than the limit\n"
            "file two.log [] limit_other: more work on keys of passwords than the limit\n");
}

TEST(Passwords, ChangedContentIsTold) {
  const std::vector<std::string> passwords = {"opensesame"};
  std::string bytes = base64_decode(kZipAes).value();
  bytes[70] = static_cast<char>(bytes[70] ^ 1);
  EXPECT_NE(list(ContainerKind::zip, bytes, passwords).find("damaged_file: "), std::string::npos);
}

}  // namespace
}  // namespace assay

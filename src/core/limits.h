// Declared limits. Each has a counter (a Notice) where it is reached and a test that reaches it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::limits {

inline constexpr std::size_t kRecordBytes = std::size_t{4} << 20;     // longest record looked at whole -> limit_record
inline constexpr std::size_t kDocumentBytes = std::size_t{64} << 20;  // largest single JSON document, mail or blob
inline constexpr std::size_t kFieldsPerRecord = 4096;                 // -> limit_other
inline constexpr std::size_t kKeyBytes = 1024;
inline constexpr std::size_t kJsonDepth = 256;  // -> limit_depth
inline constexpr std::size_t kYamlDepth = 64;
inline constexpr std::size_t kYamlNodes = 200'000;         // aliases counted when expanded
inline constexpr std::size_t kContainerDepth = 8;          // nested archives -> limit_depth
inline constexpr std::size_t kContainerMembers = 100'000;  // -> limit_members
inline constexpr std::uint64_t kContainerRatio = 1000;     // output : input after the first MiB -> limit_output
inline constexpr std::uint64_t kContainerOutput = std::uint64_t{64} << 30;
inline constexpr std::size_t kMimeParts = 1000;
inline constexpr std::size_t kMimeDepth = 32;
inline constexpr std::size_t kMimeHeaderBytes = std::size_t{1} << 20;
inline constexpr std::size_t kUrlsPerMail = 10'000;
inline constexpr std::size_t kCarriedFieldBytes = 256;  // a field value that travels in a match is cut here
inline constexpr std::size_t kCarriedFields = 12;
inline constexpr std::size_t kRecordsPerSighting = 20;       // references kept, the smallest first
inline constexpr std::size_t kMatchesPerDetector = 100'000;  // kept in full at merge -> limit_matches, count exact
inline constexpr std::size_t kMatchesPerRecord = 1000;
inline constexpr std::size_t kStixObjects = 100'000;
inline constexpr std::size_t kRuleExpansion = 4096;  // values of one item after modifiers
inline constexpr std::size_t kConditionDepth = 64;
inline constexpr std::size_t kRegexSteps = 1'000'000;  // -> rule_limit

// The part of the evidence that one unit covers when a format splits. Boundaries depend on the evidence alone.
inline constexpr std::uint64_t kUnitBytes = std::uint64_t{32} << 20;

}  // namespace assay::limits

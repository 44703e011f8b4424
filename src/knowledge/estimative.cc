#include "knowledge/estimative.h"

#include <array>
#include <span>

#include "core/ascii.h"

namespace assay {
namespace {

// Printed ranges and their order. PHIA: gov.uk "Explaining Uncertainty in UK Intelligence Assessment"; the gaps between
// the printed ranges are intended. ICD 203: ODNI, Analytic Standards, table of likelihood, first row of words.
constexpr std::array<Term, 7> kPhia = {{{"remote chance", 0, 5, 0},
                                        {"highly unlikely", 10, 20, 1},
                                        {"unlikely", 25, 35, 2},
                                        {"realistic possibility", 40, 50, 3},
                                        {"likely", 55, 75, 4},
                                        {"highly likely", 80, 90, 5},
                                        {"almost certain", 95, 100, 6}}};
constexpr std::array<Term, 7> kIcd203 = {{{"almost no chance", 1, 5, 0},
                                          {"very unlikely", 5, 20, 1},
                                          {"unlikely", 20, 45, 2},
                                          {"roughly even chance", 45, 55, 3},
                                          {"likely", 55, 80, 4},
                                          {"very likely", 80, 95, 5},
                                          {"almost certain", 95, 99, 6}}};

// Where one term ends and the next begins, for a computed value. At the three lower cut points the lower term holds, at
// the three upper ones the higher term does (docs/assessment.md).
constexpr std::array<double, 6> kPhiaCuts = {.05, .20, .35, .55, .80, .95};
constexpr std::array<double, 6> kIcd203Cuts = {.05, .20, .45, .55, .80, .95};
constexpr std::size_t kLowerCuts = 3;

struct Synonym {
  std::string_view words;
  int rank;
};
constexpr std::array<Synonym, 8> kPhiaSynonyms = {{{"a remote chance", 0},
                                                   {"remote", 0},
                                                   {"a realistic possibility", 3},
                                                   {"probable", 4},
                                                   {"probably", 4},
                                                   {"highly probable", 5},
                                                   {"highly probably", 5},
                                                   {"almost certainly", 6}}};
constexpr std::array<Synonym, 12> kIcd203Synonyms = {{{"remote", 0},
                                                      {"highly improbable", 1},
                                                      {"improbable", 2},
                                                      {"improbably", 2},
                                                      {"roughly even odds", 3},
                                                      {"roughly even", 3},
                                                      {"probable", 4},
                                                      {"probably", 4},
                                                      {"highly probable", 5},
                                                      {"almost certainly", 6},
                                                      {"nearly certain", 6},
                                                      {"nearly certainly", 6}}};

constexpr Term kNoTerm = {"", 0, 0, -1};

}  // namespace

Term term_for(double probability, Scale scale) {
  const auto& terms = scale == Scale::phia ? kPhia : kIcd203;
  const auto& cuts = scale == Scale::phia ? kPhiaCuts : kIcd203Cuts;
  if (!(probability >= 0 && probability <= 1)) return kNoTerm;  // also not-a-number
  std::size_t rank = 0;
  while (rank < cuts.size() && (rank < kLowerCuts ? probability > cuts[rank] : probability >= cuts[rank])) ++rank;
  return terms[rank];
}

Term term_named(std::string_view words, Scale scale) {
  const auto& terms = scale == Scale::phia ? kPhia : kIcd203;
  words = trim(words);
  for (const Term& term : terms) {
    if (equals_icase(term.words, words)) return term;
  }
  const std::span<const Synonym> synonyms =
      scale == Scale::phia ? std::span<const Synonym>(kPhiaSynonyms) : std::span<const Synonym>(kIcd203Synonyms);
  for (const Synonym& synonym : synonyms) {
    if (equals_icase(synonym.words, words)) return terms[static_cast<std::size_t>(synonym.rank)];
  }
  return kNoTerm;
}

}  // namespace assay

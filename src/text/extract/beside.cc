#include "text/extract/beside.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/extract/records.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kSentence = 160;  // bytes before a value
constexpr std::size_t kTail = 100;
constexpr std::size_t kTold = 300;  // bytes before a value in which its sentence and the one before stand

std::string_view last(std::string_view text, std::size_t n) {
  return text.substr(text.size() > n ? text.size() - n : 0);
}

// What stands of the sentence before the value.
std::string_view sentence_of(std::string_view lead) {
  lead = last(lead, kSentence);
  for (const std::string_view stop : {". ", ".\n", "! ", "? ", "\n\n", "|", ";"}) {
    if (const std::size_t at = lead.rfind(stop); at != lead.npos) lead.remove_prefix(at + stop.size());
  }
  return lead;
}

// Nothing but the label of a hash, and marks.
bool only_label(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (is_alpha(text[i])) {
      static constexpr auto kLabels =
          std::to_array<std::string_view>({"sha-256", "sha256", "sha-1", "sha1", "md5", "sha-512", "sha512", "hash"});
      const auto* const label = std::find_if(kLabels.begin(), kLabels.end(),
                                             [&](std::string_view l) { return text.substr(i).starts_with(l); });
      if (label == kLabels.end()) return false;
      i += label->size();
    } else if (std::string_view(" \n,(:`\"'").find(text[i]) != std::string_view::npos) {
      ++i;
    } else {
      return false;
    }
  }
  return true;
}

constexpr auto kGood = std::to_array<std::string_view>(
    {"fixed", "clean", "patched", "corrected", "legitimate", "genuine", "unmodified", "benign", "harmless", "legitime",
     "l\xc3\xa9gitime", "leg\xc3\xadtim", "legittim", "unver\xc3\xa4nderte"});

}  // namespace

bool called_good_file(std::string_view lead, std::string_view tail) {
  tail = tail.substr(0, kTail);
  while (!tail.empty() && std::string_view("`\"' )").find(tail.front()) != std::string_view::npos)
    tail.remove_prefix(1);
  for (const std::string_view is : {"belongs to ", "is the hash of ", "is that of ", "is of ", "is "}) {
    if (!tail.starts_with(is)) continue;
    std::string_view rest = tail.substr(is.size());
    for (const std::string_view article : {"the hash of ", "the ", "a ", "an "}) {
      if (rest.starts_with(article)) rest.remove_prefix(article.size());
    }
    const std::string_view said = rest.substr(0, rest.find_first_of(".;"));
    if (std::any_of(kGood.begin(), kGood.end(), [&](std::string_view w) { return rest.starts_with(w); }) &&
        !speaks_of_bad(said))
      return true;
  }
  // "a.exe (legitimate, `...`)".
  const std::string_view close = last(lead, kTail);
  if (const std::size_t open = close.rfind('('); open != close.npos) {
    const std::string_view inner = close.substr(open + 1);
    if (inner.find_first_of(")\x01") == inner.npos && !speaks_of_bad(inner) &&
        std::any_of(kGood.begin(), kGood.end(), [&](std::string_view w) { return inner.starts_with(w); }))
      return true;
  }
  const std::string_view sentence = sentence_of(lead);
  static constexpr auto kThings =
      std::to_array<std::string_view>({"version", "release",  "build",   "package", "image",   "installer", "file",
                                       "tarball", "archive",  "binary",  "driver",  "datei",   "programm",  "fichier",
                                       "archivo", "programa", "bestand", "plik",    "library", "executable"});
  std::size_t good = sentence.npos;
  for (const std::string_view word : kGood) {
    const std::size_t at = last_word_start(sentence, word);
    if (at != sentence.npos && (good == sentence.npos || at > good)) good = at;
  }
  if (good == sentence.npos || speaks_of_bad(sentence) || has_word(sentence, "not") || has_word(sentence, "no") ||
      std::none_of(kThings.begin(), kThings.end(), [&](std::string_view w) { return has_word_start(sentence, w); }))
    return false;
  // A file's name may stand between, when the hash stands right behind it.
  const std::size_t value = sentence.find('\x01', good);
  const std::size_t behind = value == sentence.npos ? value : sentence.find_first_not_of('\x01', value);
  return value == sentence.npos || behind == sentence.npos || only_label(sentence.substr(behind));
}

bool helps_victims(std::string_view lead, std::string_view tail) {
  lead = last(lead, kTold);
  if (const std::size_t gap = lead.rfind("\n\n"); gap != lead.npos) lead.remove_prefix(gap + 2);
  tail = tail.substr(0, kTail);
  tail = tail.substr(0, tail.find("\n\n"));
  const auto both = [&](std::string_view word) { return has_word_start(lead, word) || has_word_start(tail, word); };
  const bool tool = both("decryptor") || both("decrypter") || both("decryption tool") || both("recovery tool");
  if (both("test tool") || both("check script") || both("detection script") || both("detection tool")) return true;
  return tool && (both("free") || both("no more ransom") || both("police") || both("europol"));
}

bool told_to_leave(std::string_view tail) {
  tail = tail.substr(0, kTail);
  for (const std::string_view stop : {". ", ".\n", "\n\n", "\x01"}) tail = tail.substr(0, tail.find(stop));
  static constexpr auto kWords = std::to_array<std::string_view>(
      {"do not block it", "don't block it", "do not block this", "don't block this", "do not block the",
       "should not be blocked", "must not be blocked", "is not to be blocked"});
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view w) { return tail.find(w) != tail.npos; });
}

bool numbers_a_key(std::string_view lead) {
  constexpr std::size_t kNear = 40;
  lead = last(lead, kNear);
  lead.remove_prefix(std::min(lead.size(), lead.rfind('\n') == lead.npos ? 0 : lead.rfind('\n') + 1));
  return has_word(lead, "pgp") || has_word(lead, "gpg") || has_word(lead, "openpgp");
}

}  // namespace assay

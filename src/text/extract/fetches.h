// What a command does with a link: gets a tool, or runs what it finds there. For the files of this folder alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace assay {

enum class Fetch : std::uint8_t {
  none,
  repository,  // "git clone", "pip install git+", "docker pull": of a tool, as its makers say
  package,     // "deb", "rpm --import", "helm repo add": where packages are kept
};
// `lead`: the line before the link, in lower case.
[[nodiscard]] Fetch fetch_of(std::string_view lead);
// `rest`: the line behind the link, in lower case: "| bash", "|iex".
[[nodiscard]] bool runs_what_it_gets(std::string_view rest);
// A hash behind `lead` is the number of a commit: "git checkout", "cherry-pick".
[[nodiscard]] bool names_commit(std::string_view lead);
// "AdFind was renamed to" before a file's name, "is a renamed copy of" behind it: it is another's under a new name.
[[nodiscard]] bool says_renamed(std::string_view lead, std::string_view rest);
// "[our report](" is `lead`: a link of Markdown with words of its own, that do not show `site`.
[[nodiscard]] bool behind_words(std::string_view lead, std::string_view site);
// `near` (what stands around a name of a host, in lower case, without values) names it in one to three words:
// "Brix Tuner" and "brix-tuner". `label`: of the name, in lower case.
[[nodiscard]] bool named_in(std::string_view near, std::string_view label);

}  // namespace assay

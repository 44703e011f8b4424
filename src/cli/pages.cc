// assay man, assay completion: the manual page and a shell's completion, made from what the verbs declare, so that they
// cannot fall behind.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/common.h"
#include "cli/verbs.h"

namespace assay::cli {
namespace {

// What a verb declares, written down instead of parsed.
class Declared final : public Options {
 public:
  struct Option {
    std::string name, help;
    bool takes_value = false, repeatable = false;
  };
  void flag(const std::string& name, bool&, const std::string& help) override { options.push_back({name, help}); }
  void value(const std::string& name, std::string&, const std::string& help) override {
    options.push_back({name, help, true});
  }
  void value(const std::string& name, std::int64_t&, const std::string& help) override {
    options.push_back({name, help, true});
  }
  void list(const std::string& name, std::vector<std::string>&, const std::string& help) override {
    options.push_back({name, help, true, true});
  }
  void positional(const std::string& name, std::vector<std::string>&, const std::string& help, bool required) override {
    place = name;
    place_help = help;
    place_required = required;
  }
  std::vector<Option> options;
  std::string place, place_help;
  bool place_required = false;
};

Declared declared(const Verb& verb) {
  Declared out;
  if (verb.declare) verb.declare(out);
  return out;
}

// roff: a backslash, a leading dot or quote and a dash are marks.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string manual(const std::vector<Verb>& verbs) {
  std::string out = fmt::format(
      ".TH ASSAY 1 \"\" \"assay {}\" \"User Commands\"\n.SH NAME\nassay \\- compromise assessment from a published "
      "advisory and your own evidence\n.SH SYNOPSIS\n.B assay\n.I VERB\n[OPTIONS]\n.SH DESCRIPTION\n"
      "Reads advisories and an organisation's evidence (logs, network records, mail, files), and answers questions "
      "about a compromise with a stated probability; every sentence walks back to bytes. Works offline; evidence is "
      "only read. The main job is\n.PP\n.nf\n    assay hunt EVIDENCE... \\-\\-profile FILE \\-\\-report "
      "FILE.html\n.fi\n"
      ".SH VERBS\n",
      version());
  for (const Verb& verb : verbs) {
    if (verb.hidden) continue;
    const Declared d = declared(verb);
    out += fmt::format(".SS assay {}{}\n{}.\n", roff(verb.name),
                       d.place.empty()    ? ""
                       : d.place_required ? " " + roff(d.place) + "..."
                                          : " [" + roff(d.place) + "...]",
                       roff(verb.help));
    if (!d.place.empty()) out += fmt::format(".TP\n.I {}\n{}.\n", roff(d.place), roff(d.place_help));
    for (const Declared::Option& o : d.options)
      out += fmt::format(".TP\n.B {}{}\n{}.\n", roff(o.name), o.takes_value ? " \\fIVALUE\\fR" : "", roff(o.help));
  }
  out +=
      ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nDone, and \\-\\-fail\\-on is met; or something that was to be "
      "verified does not fit.\n.TP\n.B 2\nBad command line, or a named advisory, rule, profile or schema of which "
      "nothing "
      "could be used.\n.TP\n.B 3\nNo evidence could be read; the answer is printed all the same.\n.TP\n.B 130\n"
      "Interrupted; the case goes on where it stopped.\n.SH ENVIRONMENT\n.TP\n.B NO_COLOR\nNo colour.\n.SH FILES\n.TP\n"
      ".I assay\\-N.case\nThe case that a hunt makes in the working folder when none is named.\n";
  return out;
}

std::string words(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& word : list) out += (out.empty() ? "" : " ") + word;
  return out;
}

// "show | verify | export" names the first words that a verb takes.
std::vector<std::string> first_words(const Declared& d) {
  std::vector<std::string> out;
  if (d.place != "what") return out;
  std::string word;
  bool begins = true;
  for (const char c : d.place_help + " |") {
    if (c >= 'a' && c <= 'z' && begins) {
      word += c;
    } else {
      if (!word.empty()) out.push_back(word);
      word.clear();
      begins = c == '|' || (begins && c == ' ');
    }
  }
  return out;
}

std::string completion(const std::vector<Verb>& verbs) {
  std::vector<std::string> names;
  std::string cases;
  for (const Verb& verb : verbs) {
    if (verb.hidden) continue;
    names.push_back(verb.name);
    const Declared d = declared(verb);
    std::vector<std::string> all;
    std::string with_value;
    for (const Declared::Option& o : d.options) {
      all.push_back(o.name);
      if (o.takes_value) with_value += (with_value.empty() ? "" : "|") + o.name;
    }
    cases += fmt::format("    {})\n", verb.name);
    if (!with_value.empty()) cases += fmt::format("      case $before in {}) return ;; esac\n", with_value);
    cases += fmt::format("      words='{}'\n      first='{}' ;;\n", words(all), words(first_words(d)));
  }
  return fmt::format(
      "# bash completion of assay {}: source it, or put it into /etc/bash_completion.d/\n"
      "_assay() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words='' first=''\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W '{}' -- \"$word\")\n"
      "    return\n"
      "  fi\n"
      "  case ${{COMP_WORDS[1]}} in\n{}"
      "  esac\n"
      "  if [[ $word == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "  elif [ \"$COMP_CWORD\" -eq 2 ] && [ -n \"$first\" ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$first\" -- \"$word\")\n"
      "  fi\n"
      "}}\n"
      "complete -o default -F _assay assay\n",
      version(), words(names), cases);
}

}  // namespace

Verb manual_verb(const std::vector<Verb>& verbs) {
  Verb out{"man", "Print the manual page (assay man | man -l -)", [](Options&) {},
           [verbs] {
             print(manual(verbs));
             return 0;
           }};
  out.hidden = true;
  return out;
}

Verb completion_verb(const std::vector<Verb>& verbs) {
  auto shell = std::make_shared<std::vector<std::string>>();
  Verb out{"completion", "Print the completion of a shell: bash",
           [shell](Options& o) { o.positional("shell", *shell, "bash", true); },
           [shell, verbs] {
             if (shell->size() == 1 && shell->front() == "bash") {
               print(completion(verbs));
               return 0;
             }
             complain("completion is there for bash: source <(assay completion bash)");
             return 2;
           }};
  out.hidden = true;
  return out;
}

}  // namespace assay::cli

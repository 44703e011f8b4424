// assay case show|verify|seal|export|judge|add-statement.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "casefile/seal.h"
#include "cli/common.h"
#include "cli/people.h"
#include "cli/verbs.h"
#include "core/hash.h"
#include "core/json.h"
#include "report/escape.h"

namespace assay::cli {
namespace {

struct CaseArguments {
  std::vector<std::string> what;
  std::string case_file, head, key, public_key, seal, out;
  PeopleArguments people;
};

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

// Complains when there is none. Small files only: keys and seals.
std::optional<std::string> read_small(const std::string& path, const char* what) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kPieceBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty() || text.size() > kPieceBytes) {
    complain(Error{ErrorCode::not_found, fmt::format("the {} cannot be read", what), path, "name a file"});
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> hash_of_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  Digest digest(HashKind::sha256);
  std::string piece(kPieceBytes, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())) || in.gcount() > 0)
    digest.update(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
  if (!in.eof()) {
    complain(Error{ErrorCode::io, "the case cannot be read", path, "check its permissions"});
    return std::nullopt;
  }
  return digest.finish_hex();
}

int show(Case& file) {
  // What stands in a case may be anybody's.
  const auto shown = [](std::string_view text) { return report::printable(text, 1024); };
  std::string out = fmt::format("Case {}\n", shown(file.path()));
  for (const RunInfo& run : file.runs()) {
    const auto body = parse_json(run.body);
    out += fmt::format("  run {}: {}", run.run,
                       run.state == "running" ? "interrupted (it did not end by itself)" : shown(run.state));
    if (body.ok()) out += fmt::format(", started {}", shown((*body)["started"].as_string()));
    out += fmt::format(", detectors {}\n", shown(run.detector_set.substr(0, 12)));
  }
  const auto data = file.load();
  if (data.ok()) {
    out +=
        fmt::format("  {} evidence items, {} records ({} copies counted once), {} findings, {} mentions, {} notices\n",
                    data->evidence.size(), data->records_total, data->duplicates_total, data->sightings.size(),
                    data->mentions.size(), data->notices.size());
    for (const Advisory& advisory : data->knowledge.advisories) {
      out += fmt::format("  asked: {} {} ({})\n", shown(advisory.name), shown(advisory.version),
                         format_date(advisory.published));
    }
  } else {
    out += "  " + data.error().text() + "\n";
  }
  out += "Processing log\n";
  for (const CustodyLine& line : file.custody()) {
    const auto body = parse_json(line.body);
    if (!body.ok()) continue;
    out += fmt::format("  {:>3}  {}  {}  {}\n", line.seq, shown((*body)["at"].as_string()),
                       shown((*body)["event"].as_string()), shown(line.hash.substr(0, 16)));
  }
  out += fmt::format("Log head {}\n", file.head());
  print(out);
  return 0;
}

int seal(Case& file, const CaseArguments& args) {
  if (args.key.empty()) {
    complain("case seal needs --key FILE, an Ed25519 private key: openssl genpkey -algorithm ed25519 -out key.pem");
    return 2;
  }
  const auto key = read_small(args.key, "key");
  if (!key) return 2;
  const Case::Verdict verdict = file.verify({});
  if (!verdict.consistent) {
    complain("the case does not verify, so it is not sealed: " + verdict.problems.front());
    return 1;
  }
  const auto hash = hash_of_file(file.path());
  if (!hash) return 2;
  const auto text = make_seal(
      {std::filesystem::path(file.path()).filename().string(), file.head(), file.custody().size(), *hash, now_utc()},
      *key);
  if (!text.ok()) {
    Error error = text.error();
    error.where = args.key;
    complain(error);
    return 2;
  }
  const std::string out = args.out.empty() ? file.path() + ".seal" : args.out;
  if (std::filesystem::exists(out)) {
    complain("the file " + out + " exists already; name another with --out");
    return 2;
  }
  if (!write_file(out, *text)) return 2;
  print(fmt::format("Sealed at log head {}.\nSeal: {}  Keep it apart from the case; signed by key {}.\n", file.head(),
                    out, open_seal(*text, {})->fingerprint.substr(0, 16)));
  return 0;
}

int verify(Case& file, const CaseArguments& args) {
  std::string head = args.head;
  std::optional<OpenedSeal> opened;
  std::string said;
  if (!args.seal.empty()) {
    const auto text = read_small(args.seal, "seal");
    if (!text) return 2;
    std::optional<std::string> key = std::string();
    if (!args.public_key.empty()) key = read_small(args.public_key, "public key");
    if (!key) return 2;
    auto result = open_seal(*text, *key);
    if (!result.ok()) {
      Error error = result.error();
      error.where = args.seal;
      complain(error);
      return error.code == ErrorCode::integrity ? 1 : 2;
    }
    opened = std::move(*result);
    if (!head.empty() && head != opened->facts.head) {
      complain("--head and the seal name two different heads; leave one out");
      return 2;
    }
    head = opened->facts.head;
    said = fmt::format("Sealed {} at log line {} by key {}{}.\n", opened->facts.at, opened->facts.lines,
                       opened->fingerprint.substr(0, 16),
                       args.public_key.empty() ? " (compare it with the signer, or give --public-key)" : "");
  }
  const Case::Verdict verdict = file.verify(head);
  std::string out = said;
  if (!verdict.consistent) {
    out += "The case does NOT verify:\n";
    for (const std::string& problem : verdict.problems) out += "  " + problem + "\n";
    print(out);
    return 1;
  }
  if (!verdict.anchored) {
    out +=
        "The case is internally consistent, not anchored: give the head you wrote down with --head, or a seal with "
        "--seal, to exclude a case made anew.\n";
    print(out);
    return 0;
  }
  out += opened ? "The case is consistent, and the sealed head is in its log.\n"
                : "The case is consistent, and the head you wrote down is in its log.\n";
  if (verdict.later > 0) {
    out += fmt::format("{} log line{} came after it:", verdict.later, verdict.later == 1 ? "" : "s");
    for (const std::string& event : verdict.later_events) out += " " + event + ";";
    out.back() = '\n';
  } else if (opened) {
    const auto hash = hash_of_file(file.path());
    if (!hash) return 2;
    if (*hash != opened->facts.sha256) {
      print(out + "But the file is not, byte for byte, the one that was sealed: bytes outside its rows differ.\n");
      return 1;
    }
    out += "The file is, byte for byte, the one that was sealed.\n";
  }
  print(out);
  return 0;
}

}  // namespace

Verb case_verb() {
  auto args = std::make_shared<CaseArguments>();
  return {"case",
          "Look at a case, judge a finding, add what somebody told: show, verify, seal, export, judge, add-statement",
          [args](Options& o) {
            o.positional("what", args->what, "show | verify | seal | export | judge FINDING | add-statement", true);
            o.value("--case", args->case_file, "Case file (default: the newest assay-N.case here)");
            o.value("--head", args->head, "verify: the log head that was written down");
            o.value("--seal", args->seal, "verify: a seal that assay case seal wrote");
            o.value("--public-key", args->public_key, "verify: the signer's public key (default: the seal's own)");
            o.value("--key", args->key, "seal: an Ed25519 private key in PEM form");
            o.value("--out", args->out, "seal: file to write (default: the case's name with .seal)");
            declare_people(o, args->people);
          },
          [args] {
            const std::string& what = args->what.front();
            if (args->what.size() > (what == "judge" ? 2U : 1U)) {
              complain("\"" + args->what.back() + "\" is one word too many");
              return 2;
            }
            if (what == "judge")
              return judge_finding(args->case_file, args->what.size() > 1 ? args->what[1] : "", args->people);
            if (what == "add-statement") return add_statement(args->case_file, args->people);
            const std::unique_ptr<Case> file = open_case(args->case_file, true);
            if (!file) return 2;
            if (what == "show") return show(*file);
            if (what == "verify") return verify(*file, *args);
            if (what == "seal") return seal(*file, *args);
            if (what == "export") {
              const Status status = file->export_jsonl([](std::string_view line) { print(line); });
              if (status.ok()) return 0;
              complain(status.error());
              return 2;
            }
            complain("case takes show, verify, seal, export, judge or add-statement, not \"" + what + "\"");
            return 2;
          }};
}

}  // namespace assay::cli

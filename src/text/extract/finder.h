// The search for values, one line after the other. For the find*.cc of this folder alone.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "text/extract/find.h"

namespace assay {

[[nodiscard]] inline bool is_high(char c) { return static_cast<unsigned char>(c) >= 0x80; }
[[nodiscard]] inline bool name_char(char c) { return is_alnum(c) || c == '-' || c == '_' || is_high(c); }
[[nodiscard]] inline bool word_char(char c) { return is_alnum(c) || c == '_' || is_high(c); }

class Finder {
 public:
  Finder(const Prepared& in, const std::vector<ReportLine>& lines, std::size_t most)
      : in_(in), text_(in.text), lines_(lines), most_(most) {}

  std::vector<Found> run(std::size_t& left_out);

 private:
  void one_line(const ReportLine& line);
  bool add(Observable kind, std::size_t begin, std::size_t end, bool doubtful = false);
  // A value that begins at `at`: behind it, or `at`. The same holds for all below that give a size.
  std::size_t value(std::size_t at);

  // find_files.cc: names that their place tells.
  [[nodiscard]] static std::size_t label_of_file(std::string_view small);
  [[nodiscard]] std::pair<std::size_t, std::size_t> file_cell(const ReportLine& line) const;
  [[nodiscard]] std::pair<std::size_t, std::size_t> cell_of_file(const ReportLine& line) const;
  [[nodiscard]] std::pair<std::size_t, std::size_t> name_in_label(const ReportLine& line) const;
  void named_file(std::size_t& at);
  std::size_t whole_name(std::size_t at);
  std::size_t hidden_file(std::size_t at);
  std::size_t marked_file(std::size_t at);
  [[nodiscard]] bool names_hash(std::string_view name, std::size_t behind) const;
  [[nodiscard]] bool is_whole_name(std::string_view name) const;
  [[nodiscard]] static bool is_hash_size(std::size_t n) { return n == 32 || n == 40 || n == 64 || n == 128; }

  // find_hosts.cc: addresses, names, URLs, mail.
  struct Host {
    std::size_t end = 0;  // behind the host
    bool address = false, ok = false;
  };
  [[nodiscard]] std::size_t url_end(std::size_t from) const;
  [[nodiscard]] Host host_at(std::size_t at) const;
  [[nodiscard]] static bool plausible_domain(std::string_view name);
  [[nodiscard]] static bool field_of_query(std::string_view name);
  std::size_t url(std::size_t at);
  void bare_host(std::size_t begin, const Host& host);
  std::size_t bracketed6(std::size_t at);
  std::size_t address6(std::size_t at);
  std::size_t mail(std::size_t at);
  std::size_t name(std::size_t at);
  std::size_t address(std::size_t at, const Host& host);
  std::size_t network(std::size_t at, std::size_t end, Observable kind, std::string_view whole);
  void hash_in(std::string_view url, std::size_t begin);
  std::size_t path_behind(std::size_t at, std::size_t host_end);
  [[nodiscard]] bool ends_path_elsewhere(std::string_view word);
  [[nodiscard]] bool as_domain(std::size_t begin, std::size_t end, std::string_view word);

  // find_paths.cc
  [[nodiscard]] std::size_t path_end(std::size_t at, bool backslash) const;
  [[nodiscard]] bool name_goes_on(std::size_t last, std::size_t blank) const;
  [[nodiscard]] std::size_t path_end_of(std::size_t at, std::size_t body) const;
  [[nodiscard]] bool in_pattern(std::size_t at) const;
  std::size_t registry(std::size_t at);
  std::size_t windows_path(std::size_t at);
  std::size_t unix_path(std::size_t at);
  std::size_t relative_path(std::size_t at);
  std::size_t rootless_path(std::size_t at);

  // find_marks.cc: hashes, mutexes, user agents.
  [[nodiscard]] static std::size_t last_mutex_word(std::string_view small);
  [[nodiscard]] static bool speaks_of_mutex(std::string_view small);
  std::size_t mutex(std::size_t at);
  std::size_t quoted_mutex(std::size_t at);
  [[nodiscard]] static bool looks_like_other(std::string_view word);
  void user_agent(std::size_t& at);
  std::size_t fingerprint(std::size_t at);
  std::size_t hash(std::size_t at);

  [[nodiscard]] char before(std::size_t at) const { return at == 0 ? '\n' : text_[at - 1]; }
  [[nodiscard]] char here(std::size_t at) const { return at < limit_ ? text_[at] : '\n'; }
  [[nodiscard]] std::string column_of(const ReportLine& line, std::size_t at) const;

  const Prepared& in_;
  std::string_view text_;
  const std::vector<ReportLine>& lines_;
  std::size_t most_, left_out_ = 0;
  std::size_t line_ = 0, limit_ = 0;
  std::size_t fresh_ = ~std::size_t{0};  // a value may begin here though a letter stands before
  std::string context_;
  bool mutex_ = false, agent_ = false;
  std::pair<std::size_t, std::size_t> cell_;  // of the line, see file_cell
  std::size_t searches_ = 0;                  // of ends_path_elsewhere
  std::size_t file_name_ = 0;                 // where a labelled file name begins in the line
  std::vector<Found> out_;
};

inline constexpr std::size_t kPathBytes = 400;
inline constexpr std::size_t kWordBytes = 300;
inline constexpr std::size_t kLeadBytes = 160;  // before a value, where its label stands
inline constexpr std::size_t kRowBytes = 8192;  // of a row whose cells are counted

}  // namespace assay

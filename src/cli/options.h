// A verb's command line, over CLI11 (kept to one source file: it is slow to compile).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace assay::cli {

class Options {
 public:
  virtual ~Options() = default;
  virtual void flag(const std::string& name, bool& to, const std::string& help) = 0;
  virtual void value(const std::string& name, std::string& to, const std::string& help) = 0;
  virtual void value(const std::string& name, std::int64_t& to, const std::string& help) = 0;
  virtual void list(const std::string& name, std::vector<std::string>& to, const std::string& help) = 0;  // repeatable
  virtual void positional(const std::string& name, std::vector<std::string>& to, const std::string& help,
                          bool required) = 0;
};

// One verb: what it is called, one line of help, its options, and what it does (the exit code).
struct Verb {
  std::string name, help;
  std::function<void(Options&)> declare;
  std::function<int()> run;
  bool hidden = false;
};

// Parses and runs. Exit code 2 with a message on stderr for a bad command line.
int dispatch(int argc, char** argv, const std::vector<Verb>& verbs);

}  // namespace assay::cli

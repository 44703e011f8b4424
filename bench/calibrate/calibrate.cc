#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <string>

#include "attribution_run.h"
#include "knowledge/attack.h"

using namespace assay;
int main(int argc, char** argv) {
  std::ifstream file(argv[argc - 1], std::ios::binary);
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  auto attack = read_attack(argv[1], json);
  if (!attack.ok()) return 1;
  fmt::print("{}", calibrate::attribution_section(*attack, Weights::shipped()));
  const std::string list = calibrate::strike_list(*attack);
  std::ofstream("/tmp/h/calib/strikes.csv") << list;
}

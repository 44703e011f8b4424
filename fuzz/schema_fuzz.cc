// Schema files: any text is a schema or an error with its place; what loads can be bound and its value rules applied.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "evidence/binding.h"
#include "evidence/schema.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<Schema> parsed = SchemaSet::parse("fuzz.yaml", bytes);
  if (!parsed.ok()) {
    if (!parsed.error().where.starts_with("fuzz.yaml:") && !parsed.error().where.starts_with("parts/")) std::abort();
    return 0;
  }
  if (parsed->routes.empty() || !parsed->routes.back().when.empty()) std::abort();
  Projection projection;
  std::vector<Binding> bindings;
  for (const auto& [name, rules] : parsed->overlay) bindings.push_back(assay::bind(*parsed, name, projection));
  FieldTable table;
  table.reset(projection.size());
  for (std::size_t slot = 0; slot < projection.size(); ++slot) {
    for (const std::string_view text : {"0x0010", "SHA1=aa,MD5=bb", "1,234", "http://u@h:1/p?q#f", "[", "", "\xff"}) {
      table.add(static_cast<Slot>(slot), {ValueKind::string, text});
    }
  }
  for (const Binding& binding : bindings) {
    if (binding.paths.empty()) std::abort();
    bool any = false;
    each_value(binding, table, [&](const Value&) { any = true; });
    if (any != first_value(binding, table).present()) std::abort();
  }
  return 0;
}

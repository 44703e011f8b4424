#include "match/compiled.h"

#include <algorithm>
#include <iterator>

#include "core/ascii.h"

namespace assay {
namespace {

bool fits(const ir::LogSource& source, const Route& route) {
  const auto same = [](const std::string& wanted, const std::string& has) {
    return wanted.empty() || equals_icase(wanted, has);
  };
  if (!same(source.product, route.product) || !same(source.service, route.service) ||
      !same(source.source_class, route.source_class))
    return false;
  return source.category.empty() || std::any_of(route.categories.begin(), route.categories.end(),
                                                [&](const std::string& c) { return equals_icase(c, source.category); });
}

}  // namespace

std::set<std::string> needed_names(const ir::Expr& expr, std::uint32_t at) {
  const ir::Node& node = expr.nodes[at];
  std::set<std::string> out;
  switch (node.kind) {
    case ir::Node::Kind::atom: {
      const ir::Atom& atom = expr.atoms[node.atom];
      const bool absence =
          atom.test == ir::Test::is_null || (atom.test == ir::Test::exists && atom.literals.front().text == "false");
      if (!atom.name.empty() && atom.name != ir::kEventTime && !atom.negate && !absence) out.insert(atom.name);
      return out;
    }
    case ir::Node::Kind::all:
      for (const std::uint32_t child : node.children) out.merge(needed_names(expr, child));
      return out;
    case ir::Node::Kind::any: {
      bool first = true;
      for (const std::uint32_t child : node.children) {
        const std::set<std::string> names = needed_names(expr, child);
        if (first) {
          out = names;
        } else {
          std::set<std::string> both;
          std::set_intersection(out.begin(), out.end(), names.begin(), names.end(), std::inserter(both, both.end()));
          out = std::move(both);
        }
        first = false;
      }
      return out;
    }
    default:
      return out;
  }
}

bool covers(const Unit& unit, const Schema& schema, const Route& route) {
  if (*unit.source == ir::LogSource{}) {
    // A pattern without logsource (STIX) goes wherever the shape knows one of its names.
    return std::any_of(unit.expr->atoms.begin(), unit.expr->atoms.end(),
                       [&](const ir::Atom& atom) { return schema.overlay.contains(atom.name); });
  }
  return fits(*unit.source, route);
}

bool may_meet(const IndicatorIndex& index, IndicatorPath::Kind kind) {
  const bool host = index.has_addresses() || index.has_domains();
  switch (kind) {
    case IndicatorPath::Kind::address:
      return index.has_addresses();
    case IndicatorPath::Kind::domain:
      return host;
    case IndicatorPath::Kind::url:
      return host || index.has_urls();
    case IndicatorPath::Kind::hash:
      return index.has_hashes(false);
    case IndicatorPath::Kind::certificate:
      return index.has_hashes(true);
    case IndicatorPath::Kind::mail_address:
      return host || index.has_mail_addresses();
    case IndicatorPath::Kind::file_name:
      return index.has_file_names();
    case IndicatorPath::Kind::file_path:
      return index.has_file_names() || index.has_file_paths();
    case IndicatorPath::Kind::text:
      return true;
  }
  return true;
}

}  // namespace assay

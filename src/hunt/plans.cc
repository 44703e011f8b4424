#include "hunt/plans.h"

#include <algorithm>
#include <set>

#include "core/coverage.h"
#include "hunt/item_ends.h"

namespace assay {
namespace {

bool applies(const std::vector<std::string>& routes, const std::string& route) {
  return routes.empty() || std::find(routes.begin(), routes.end(), route) != routes.end();
}

}  // namespace

TableSpec presence_spec() {
  return {"presence", {"shape", "route", "path"}, {"present", "records"}, {Merge::sum, Merge::sum}};
}
TableSpec sketch_spec() {
  return {"sketch", {"item", "class", "hour"}, {"records", "hashes"}, {Merge::sum, Merge::sum}};
}

Plans::Plans(Engine& engine, const SchemaSet& schemas, const Knowledge& knowledge) {
  tables_ = {coverage_spec(),   field_coverage_spec(), presence_spec(),      sketch_spec(), record_ids_spec(),
             log_clears_spec(), order_spec(),          shared_events_spec(), leases_spec(), item_ends_spec()};
  std::vector<std::size_t> first_table;
  for (const Analytic* analytic : analytics()) {
    first_table.push_back(tables_.size());
    for (TableSpec& spec : analytic->tables()) tables_.push_back(std::move(spec));
  }
  // Fields that claims need, by source class.
  std::set<std::pair<std::string, std::string>> fields;
  for (const Advisory& advisory : knowledge.advisories) {
    for (const Claim& claim : advisory.claims) {
      for (const std::string& klass : claim.source_classes) {
        for (const std::string& field : claim.fields) fields.emplace(klass, field);
      }
    }
  }

  for (std::size_t s = 0; s < schemas.all().size(); ++s) {
    const auto shape = static_cast<ShapeId>(s);
    const Schema& schema = schemas.at(shape);
    ShapePlan& plan = shapes_.emplace_back();
    for (std::size_t r = 0; r < schema.routes.size(); ++r) {
      const Route& route = schema.routes[r];
      RoutePlan& to = plan.routes.emplace_back();
      Projection& projection = to.projection;
      engine.bind(shape, static_cast<RouteId>(r), projection);
      for (const TimeRule& rule : schema.times) {
        if (applies(rule.routes, route.name)) {
          to.times.push_back({projection.add(rule.path),
                              rule.kind,
                              rule.source != "transport",
                              rule.path,
                              rule.pattern,
                              rule.local,
                              {},
                              {}});
          for (const std::string& path : rule.more) to.times.back().more.push_back(projection.add(path));
          for (const std::string& path : rule.unless) to.times.back().unless.push_back(projection.add(path));
        }
      }
      for (const std::string& name : schema.host) to.host.push_back(assay::bind(schema, name, projection));
      for (const std::string& name : schema.account) to.account.push_back(assay::bind(schema, name, projection));
      if (schema.outcome) {
        BoundPath path;
        path.rule = schema.outcome->rule;
        path.argument = schema.outcome->argument;
        if (!schema.outcome->path.empty()) path.slots.push_back(projection.add(schema.outcome->path));
        to.outcome = std::move(path);
      }
      to.src = assay::bind(schema, "@src_ip", projection);
      to.dst = assay::bind(schema, "@dst_ip", projection);
      if (schema.knows("@forwarded_for") && schema.knows("@src_ip")) {
        to.forwarded = assay::bind(schema, "@forwarded_for", projection);
        for (const BoundPath& path : to.src.paths) {
          if (path.slots.size() == 1) to.connecting.push_back(path.slots.front());
        }
      }
      for (std::size_t a = 0; a < analytics().size(); ++a) {
        const Analytic& analytic = *analytics()[a];
        const std::vector<std::string> classes = analytic.source_classes();
        if (!applies(classes, route.source_class)) continue;
        RoutePlan::AnalyticPlan wanted{a, first_table[a], {}};
        for (const std::string& name : analytic.names()) {
          if (!schema.knows(name)) continue;
          wanted.names.emplace_back(name, assay::bind(schema, name, projection));
        }
        to.analytics.push_back(std::move(wanted));
      }
      to.tally = TallyPlan(schema, route, projection);
      for (const auto& [klass, field] : fields) {
        if (klass == route.source_class) to.coverage_fields.emplace_back(field, assay::bind(schema, field, projection));
      }
    }
  }
}

}  // namespace assay

#include "hunt/facts.h"

#include "core/serial.h"

namespace assay {
namespace {

void save(Writer& out, const std::vector<std::string>& list) {
  out.var(list.size());
  for (const std::string& text : list) out.str(text);
}

void load(Reader& in, std::vector<std::string>& list) {
  const std::uint64_t n = in.var();
  for (std::uint64_t i = 0; i < n && in.good(); ++i) list.emplace_back(in.str());
}

void save(Writer& out, const std::vector<NotLoaded>& list) {
  out.var(list.size());
  for (const NotLoaded& entry : list) {
    out.str(entry.path);
    out.str(entry.id);
    out.str(entry.reason);
  }
}

void load(Reader& in, std::vector<NotLoaded>& list) {
  const std::uint64_t n = in.var();
  for (std::uint64_t i = 0; i < n && in.good(); ++i) {
    NotLoaded& entry = list.emplace_back();
    entry.path = in.str();
    entry.id = in.str();
    entry.reason = in.str();
  }
}

void save(Writer& out, const std::vector<DetectorInfo>& list) {
  out.var(list.size());
  for (const DetectorInfo& info : list) {
    out.u8(static_cast<std::uint8_t>(info.kind));
    for (const std::string* text :
         {&info.id, &info.title, &info.level, &info.author, &info.hash, &info.advisory, &info.description,
          &info.meaning.klass, &info.meaning.family, &info.meaning.stage, &info.mark, &info.value}) {
      out.str(*text);
    }
    save(out, info.techniques);
    save(out, info.tags);
    save(out, info.false_positives);
    save(out, info.meaning.claims);
    out.boolean(info.weightless);
  }
}

bool load(Reader& in, std::vector<DetectorInfo>& list) {
  const std::uint64_t infos = in.var();
  for (std::uint64_t i = 0; i < infos && in.good(); ++i) {
    DetectorInfo& info = list.emplace_back();
    const std::uint8_t kind = in.u8();
    if (kind > static_cast<std::uint8_t>(DetectorKind::analytic)) return false;
    info.kind = static_cast<DetectorKind>(kind);
    for (std::string* text :
         {&info.id, &info.title, &info.level, &info.author, &info.hash, &info.advisory, &info.description,
          &info.meaning.klass, &info.meaning.family, &info.meaning.stage, &info.mark, &info.value}) {
      *text = in.str();
    }
    load(in, info.techniques);
    load(in, info.tags);
    load(in, info.false_positives);
    load(in, info.meaning.claims);
    info.weightless = in.boolean();
  }
  return in.good();
}

}  // namespace

EngineFacts facts_of(const Engine& engine, const SchemaSet& schemas) {
  EngineFacts facts;
  facts.catalogue = engine.catalogue();
  facts.not_loaded = engine.not_loaded();
  facts.not_evaluable = engine.not_evaluable();
  for (std::size_t s = 0; s < schemas.all().size(); ++s) {
    const Schema& schema = schemas.all()[s];
    for (std::size_t r = 0; r < schema.routes.size(); ++r) {
      for (const Engine::Need& need : engine.needs(static_cast<ShapeId>(s), static_cast<RouteId>(r))) {
        for (const std::string& name : need.names) {
          EngineFacts::Need& to = facts.needs.emplace_back();
          to.detector = need.detector;
          to.shape = schema.shape;
          to.route = schema.routes[r].name;
          to.name = name;
          for (const PathRule& rule : schema.resolve(name)) {
            if (!rule.path.empty()) to.paths.push_back(rule.path);
          }
        }
      }
    }
  }
  return facts;
}

std::string save_facts(const EngineFacts& facts) {
  Writer out;
  save(out, facts.catalogue.rules());
  save(out, facts.catalogue.yara());
  save(out, facts.not_loaded);
  save(out, facts.not_evaluable);
  out.var(facts.needs.size());
  for (const EngineFacts::Need& need : facts.needs) {
    out.var(need.detector);
    out.str(need.shape);
    out.str(need.route);
    out.str(need.name);
    save(out, need.paths);
  }
  return out.take();
}

bool load_facts(std::string_view bytes, const IndicatorList& indicators, EngineFacts& facts) {
  Reader in(bytes);
  std::vector<DetectorInfo> rules, yara;
  if (!load(in, rules) || !load(in, yara)) return false;
  facts.catalogue = DetectorCatalogue(std::move(rules), indicators, std::move(yara));
  load(in, facts.not_loaded);
  load(in, facts.not_evaluable);
  const std::uint64_t needs = in.var();
  for (std::uint64_t i = 0; i < needs && in.good(); ++i) {
    EngineFacts::Need& need = facts.needs.emplace_back();
    need.detector = static_cast<DetectorIndex>(in.var());
    need.shape = in.str();
    need.route = in.str();
    need.name = in.str();
    load(in, need.paths);
  }
  return in.good() && in.done();
}

}  // namespace assay

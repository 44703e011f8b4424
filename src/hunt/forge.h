// The forge: a single-threaded process that compiles the detectors once and forks workers, which share them. It opens
// no evidence and no case; new rules mean a new forge.
#pragma once

#include <sys/types.h>

#include "hunt/channel.h"
#include "hunt/facts.h"
#include "hunt/worker.h"

namespace assay {

struct EngineInputs {
  const RuleSet* rules = nullptr;
  const SchemaSet* schemas = nullptr;
  const Knowledge* knowledge = nullptr;
  const Profile* profile = nullptr;
  EngineOptions engine;
  HuntSettings hunt;
};

// Forks the forge. Must be called before the caller opens a case or starts a thread. `control` is the caller's end; the
// first frame on it are the engine's facts. -1 when the system refuses.
[[nodiscard]] pid_t start_forge(const EngineInputs& inputs, Channel& control);

// A worker's life on its channel: units in, results out, until the channel closes. Used by the forge's children.
void serve_units(Worker& worker, Channel& channel);

}  // namespace assay

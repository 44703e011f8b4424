#include "hunt/forge.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

#include "core/ascii.h"

namespace assay {
namespace {

#ifdef ASSAY_CHAOS
// Test builds: a worker dies at every k-th unit it is given for the first time (ASSAY_CHAOS_KILL=k).
bool chaos_dies(const UnitSpec& unit, bool first_try) {
  const char* const every = std::getenv("ASSAY_CHAOS_KILL");
  if (every == nullptr || !first_try) return false;
  const std::int64_t k = parse_int(every).value_or(0);
  static std::int64_t count = 0;
  (void)unit;
  return k > 0 && ++count % k == 0;
}
#endif

[[noreturn]] void worker_life(const Engine& engine, const Plans& plans, const EngineInputs& inputs, Channel channel) {
  Worker worker(engine, *inputs.schemas, plans, *inputs.profile, inputs.hunt);
  serve_units(worker, channel);
  ::_exit(0);
}

[[noreturn]] void forge_life(const EngineInputs& inputs, Channel control) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGINT, SIG_IGN);   // the supervisor decides what an interrupt means
  ::signal(SIGCHLD, SIG_IGN);  // the kernel reaps; the supervisor sees a worker's end on its channel
  const std::unique_ptr<Engine> engine =
      Engine::compile(*inputs.rules, *inputs.schemas, *inputs.profile, inputs.engine);
  const Plans plans(*engine, *inputs.schemas, *inputs.knowledge);
  if (!control.send(FrameType::facts, save_facts(facts_of(*engine, *inputs.schemas)))) ::_exit(1);
  FrameType type{};
  std::string body;
  int descriptor = -1;
  while (control.receive(type, body, descriptor)) {
    if (type != FrameType::worker || descriptor < 0) continue;
    const pid_t child = ::fork();
    if (child == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      control.close();
      worker_life(*engine, plans, inputs, Channel(descriptor));
    }
    ::close(descriptor);
  }
  ::_exit(0);
}

}  // namespace

pid_t start_forge(const EngineInputs& inputs, Channel& control) {
  Channel theirs;
  if (!Channel::pair(control, theirs)) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    control.close();
    forge_life(inputs, std::move(theirs));
  }
  return child;
}

void serve_units(Worker& worker, Channel& channel) {
  FrameType type{};
  std::string body;
  int descriptor = -1;
  while (channel.receive(type, body, descriptor)) {
    Reader in(body);
    UnitSpec unit;
    const bool first_try = in.boolean();
    if (type != FrameType::unit || descriptor < 0 || !load(in, unit)) return;
#ifdef ASSAY_CHAOS
    if (chaos_dies(unit, first_try)) ::raise(SIGKILL);
#else
    (void)first_try;
#endif
    std::vector<KeyedMatch> matches;
    const UnitResult result = worker.run(unit, descriptor, matches, [&](std::uint64_t bytes, std::uint64_t records) {
      Writer out;
      out.var(bytes);
      out.var(records);
      channel.send(FrameType::progress, out.bytes());
    });
    ::close(descriptor);
    for (const std::string& chunk : save_run(std::move(matches))) {
      if (!channel.send(FrameType::matches, chunk)) return;
    }
    if (!channel.send(FrameType::result, save_result(result))) return;
  }
}

}  // namespace assay

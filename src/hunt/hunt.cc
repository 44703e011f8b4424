#include "hunt/hunt.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <set>
#include <thread>

#include "core/hash.h"

namespace assay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kCommitBytes = std::size_t{64} << 20;
constexpr auto kCommitEvery = std::chrono::milliseconds(250);
constexpr int kTries = 2;

struct Pending {
  UnitSpec unit;
  int tries = 0;
};

struct Hand {  // one worker as the supervisor sees it
  Channel channel;
  bool busy = false;
  Pending work;
  std::vector<std::string> chunks;
  std::uint64_t bytes = 0, records = 0;  // of the unit in hand
  Clock::time_point heard;
};

int open_evidence(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME | O_NONBLOCK);
  if (fd < 0 && errno == EPERM) fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0 && errno == ELOOP)
    fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a link that discovery followed
  return fd;
}

class Supervisor {
 public:
  Supervisor(const HuntOptions& options, const EngineInputs& inputs, Channel* forge, const EngineFacts& facts,
             Case& file, const std::atomic<bool>& interrupt, const std::function<void(const HuntProgress&)>& progress)
      : options_(options),
        inputs_(inputs),
        forge_(forge),
        facts_(facts),
        file_(file),
        interrupt_(interrupt),
        progress_(progress) {}

  Result<HuntOutcome> run(const std::string& detector_set, const std::string& run_body) {
    TRY(const Case::Started started, file_.start_run(detector_set, run_body));
    outcome_.run = started.run;
    outcome_.resumed = started.resumed;
    files_ = discover(options_.evidence, notices_);
    std::erase_if(files_, [&](const FoundFile& found) {
      return std::any_of(options_.not_evidence.begin(), options_.not_evidence.end(), [&](const std::string& own) {
        std::error_code error;
        return std::filesystem::equivalent(found.open_path, own, error);
      });
    });
    for (std::size_t i = 0; i < files_.size(); ++i) {
      UnitSpec unit;
      unit.file = static_cast<std::uint32_t>(i);
      unit.chain = files_[i].name;
      unit.tree_path = tree_path(files_[i].name);
      unit.size = unit.end = files_[i].size;
      unit.mode = files_[i].mode;
      unit.modified = files_[i].modified;
      seen_.bytes_total += files_[i].size;
      if (files_[i].size > 0) outcome_.anything_read = true;
      TRY_VOID(add(std::move(unit)));
    }
    last_commit_ = Clock::now();
    TRY_VOID(options_.in_process ? run_here() : run_processes());
    if (forge_ != nullptr) forge_->close();  // the detectors are not needed any more, and they take room
    TRY_VOID(file_.commit());
    if (options_.crash_after_units > 0) ::_exit(137);  // more than there are: after the last one
    if (interrupt_) {
      outcome_.interrupted = true;
      return std::move(outcome_);
    }
    changed_files();
    FinishSettings finish = options_.finish;
    finish.complete = finish.complete && !given_up_;
    if (given_up_) {
      finish.reproducible = false;
      finish.not_reproducible_because = "a unit was given up after its worker died or hung twice";
    }
    outcome_.units = units_done_;
    outcome_.data = finish_run(file_, {known_.begin(), known_.end()}, facts_, *inputs_.rules, *inputs_.knowledge,
                               *inputs_.profile, notices_, finish);
    return std::move(outcome_);
  }

 private:
  // The path inside the tree that was given: "evidence/opt/x" -> "/opt/x" for the argument "evidence".
  [[nodiscard]] std::string tree_path(const std::string& name) const {
    std::string best;
    for (std::string argument : options_.evidence) {
      while (argument.size() > 1 && argument.back() == '/') argument.pop_back();
      if (name.size() > argument.size() && name.starts_with(argument) && name[argument.size()] == '/' &&
          argument.size() > best.size())
        best = argument;
    }
    if (!best.empty()) return name.substr(best.size());
    const std::size_t cut = name.find_last_of('/');
    return "/" + (cut == std::string::npos ? name : name.substr(cut + 1));
  }

  // Queues a unit, or takes it as done when the case holds its sealed result.
  Status add(UnitSpec unit) {
    const std::string key = unit.key();
    if (!known_.insert(key).second) return Ok{};
    ++seen_.units_known;
    if (outcome_.resumed && file_.is_sealed(key)) {
      const auto bytes = file_.sealed_result(key);
      UnitResult result;
      if (bytes && load_result(*bytes, result)) {
        ++units_done_;
        for (UnitSpec& found : result.discovered) {
          found.file = unit.file;  // files are counted anew: some may have come or gone since
          TRY_VOID(add_discovered(std::move(found), unit));
        }
        return Ok{};
      }
    }
    queue_.push_back({std::move(unit), 0});
    return Ok{};
  }

  // A worker's word is checked: it may only name parts of the file it was given.
  Status add_discovered(UnitSpec found, const UnitSpec& from) {
    const std::uint64_t file_end = files_[from.file].size;
    if (found.file != from.file || found.base > file_end || found.size > file_end - found.base ||
        found.begin > found.end || found.end > found.size || !found.chain.starts_with(files_[from.file].name) ||
        found.depth > 64) {
      notices_.add({NoticeKind::limit_other, from.chain, 0, 1,
                    "a worker answered with a unit outside its file; it was refused"});
      return Ok{};
    }
    return add(std::move(found));
  }

  [[nodiscard]] Pending take() {
    std::size_t at = 0;
    if (options_.shuffle_seed != 0)
      at = hash64(queue_.front().unit.key(), options_.shuffle_seed + queue_.size()) % queue_.size();
    Pending next = std::move(queue_[at]);
    queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(at));
    return next;
  }

  Status seal(const UnitSpec& unit, std::string_view bytes, const std::vector<std::string>& chunks,
              UnitResult& result) {
    TRY_VOID(file_.seal(outcome_.run, unit.key(), bytes, chunks));
    ++units_done_;
    uncommitted_ += bytes.size();
    for (const std::string& chunk : chunks) uncommitted_ += chunk.size();
    for (UnitSpec& found : result.discovered) TRY_VOID(add_discovered(std::move(found), unit));
    if (uncommitted_ > kCommitBytes || Clock::now() - last_commit_ > kCommitEvery ||
        (options_.crash_after_units > 0 && static_cast<std::int64_t>(units_done_) >= options_.crash_after_units)) {
      TRY_VOID(file_.commit());
      uncommitted_ = 0;
      last_commit_ = Clock::now();
    }
    if (options_.crash_after_units > 0 && static_cast<std::int64_t>(units_done_) >= options_.crash_after_units)
      ::_exit(137);
    return Ok{};
  }

  void give_up(const UnitSpec& unit, std::string why) {
    given_up_ = true;
    notices_.add({NoticeKind::unit_given_up, unit.chain, unit.begin, 1, std::move(why)});
  }

  void report() {
    seen_.units_done = units_done_;
    progress_(seen_);
  }

  [[nodiscard]] int open_file(const UnitSpec& unit) {
    const int fd = open_evidence(files_[unit.file].open_path);
    if (fd < 0) {
      notices_.add(
          {NoticeKind::unreadable, unit.chain, 0, 1, fmt::format("cannot be opened: {}", std::strerror(errno))});
    }
    return fd;
  }

  Status run_here() {
    const std::unique_ptr<Engine> engine =
        Engine::compile(*inputs_.rules, *inputs_.schemas, *inputs_.profile, inputs_.engine);
    const Plans plans(*engine, *inputs_.schemas, *inputs_.knowledge);
    Worker worker(*engine, *inputs_.schemas, plans, *inputs_.profile, inputs_.hunt);
    while (!queue_.empty() && !interrupt_) {
      const Pending next = take();
      const int fd = open_file(next.unit);
      if (fd < 0) continue;
      std::vector<KeyedMatch> matches;
      UnitResult result = worker.run(next.unit, fd, matches, [&](std::uint64_t bytes, std::uint64_t records) {
        seen_.bytes += bytes;
        seen_.records += records;
        report();
      });
      ::close(fd);
      TRY_VOID(seal(next.unit, save_result(result), save_run(std::move(matches)), result));
      report();
    }
    return Ok{};
  }

  bool hire(Hand& hand) {
    Channel theirs;
    if (!Channel::pair(hand.channel, theirs)) return false;
    const bool sent = forge_->send(FrameType::worker, "", theirs.fd());
    hand.busy = false;
    return sent;
  }

  Status died(Hand& hand, std::string_view how) {
    hand.channel.close();
    if (!hand.busy) return Ok{};
    hand.busy = false;
    hand.chunks.clear();
    seen_.bytes -= std::min(seen_.bytes, hand.bytes);
    seen_.records -= std::min(seen_.records, hand.records);
    ++outcome_.retries;
    if (++hand.work.tries >= kTries) {
      give_up(hand.work.unit, fmt::format("not looked at: its worker {} twice", how));
    } else {
      queue_.push_front(std::move(hand.work));
    }
    return Ok{};
  }

  Status run_processes() {
    unsigned jobs = options_.jobs != 0 ? options_.jobs : std::thread::hardware_concurrency();
    if (jobs == 0) jobs = 1;
    std::vector<Hand> hands(jobs);
    seen_.workers = jobs;
    std::size_t refused = 0;
    while (!interrupt_) {
      bool any_busy = false;
      for (Hand& hand : hands) {
        while (!hand.busy && !queue_.empty()) {
          if (!hand.channel.open() && !hire(hand)) {
            if (++refused > 16)
              return Error{ErrorCode::io, "no worker process can be started", "",
                           "free memory or processes, or use --in-process"};
            break;
          }
          Pending next = take();
          const int fd = open_file(next.unit);
          if (fd < 0) continue;
          Writer out;
          out.boolean(next.tries == 0);
          save(out, next.unit);
          hand.work = std::move(next);
          hand.busy = true;
          hand.bytes = hand.records = 0;
          hand.heard = Clock::now();
          const bool sent = hand.channel.send(FrameType::unit, out.bytes(), fd);
          ::close(fd);
          if (!sent) TRY_VOID(died(hand, "died"));
        }
        any_busy = any_busy || hand.busy;
      }
      if (!any_busy && queue_.empty()) return Ok{};
      std::vector<pollfd> polls;
      std::vector<Hand*> who;
      for (Hand& hand : hands) {
        if (!hand.channel.open()) continue;
        polls.push_back({hand.channel.fd(), POLLIN, 0});
        who.push_back(&hand);
      }
      ::poll(polls.data(), polls.size(), 200);
      for (std::size_t i = 0; i < polls.size(); ++i) {
        Hand& hand = *who[i];
        if (polls[i].revents == 0) {
          if (hand.busy && Clock::now() - hand.heard > std::chrono::seconds(options_.stall_seconds))
            TRY_VOID(died(hand, "hung"));
          continue;
        }
        const bool alive = hand.channel.pump();
        TRY_VOID(take_frames(hand));
        if (!alive) TRY_VOID(died(hand, "died"));
      }
      report();
    }
    return Ok{};
  }

  Status take_frames(Hand& hand) {
    FrameType type{};
    std::string body;
    while (hand.channel.open() && hand.channel.next(type, body)) {
      hand.heard = Clock::now();
      if (!hand.busy) continue;
      if (type == FrameType::progress) {
        Reader in(body);
        const std::uint64_t bytes = in.var(), records = in.var();
        hand.bytes += bytes;
        hand.records += records;
        seen_.bytes += bytes;
        seen_.records += records;
      } else if (type == FrameType::matches) {
        hand.chunks.push_back(std::move(body));
      } else if (type == FrameType::result) {
        UnitResult result;
        if (!load_result(body, result) || !sound(result, hand.chunks, hand.work.unit)) {
          TRY_VOID(died(hand, "answered nonsense"));
          return Ok{};
        }
        hand.busy = false;
        TRY_VOID(seal(hand.work.unit, body, hand.chunks, result));
        hand.chunks.clear();
      }
    }
    return Ok{};
  }

  // Everything a result names lies inside the unit's file.
  [[nodiscard]] bool sound(const UnitResult& result, const std::vector<std::string>& chunks,
                           const UnitSpec& unit) const {
    const std::string& name = files_[unit.file].name;
    for (const ItemPart& part : result.items) {
      if (!part.chain.starts_with(name)) return false;
    }
    for (const std::string& chunk : chunks) {
      Reader in(chunk);
      while (!in.done()) {
        KeyedMatch match;
        if (!load(in, match) || match.match.detector >= facts_.catalogue.size() || !match.chain.starts_with(name))
          return false;
      }
    }
    return true;
  }

  void changed_files() {
    for (const FoundFile& file : files_) {
      struct stat now{};
      if (::stat(file.open_path.c_str(), &now) != 0) continue;
      const std::int64_t modified = std::int64_t{now.st_mtim.tv_sec} * kSecond + now.st_mtim.tv_nsec;
      if (static_cast<std::uint64_t>(now.st_size) != file.size || modified != file.modified.ns) {
        notices_.add({NoticeKind::changed_while_read, file.name, 0, 1, "its size or time changed during the run"});
      }
    }
  }

  const HuntOptions& options_;
  const EngineInputs& inputs_;
  Channel* forge_;
  const EngineFacts& facts_;
  Case& file_;
  const std::atomic<bool>& interrupt_;
  const std::function<void(const HuntProgress&)>& progress_;
  HuntOutcome outcome_;
  Notices notices_;
  std::vector<FoundFile> files_;
  std::deque<Pending> queue_;
  std::set<std::string> known_;
  HuntProgress seen_;
  std::uint64_t units_done_ = 0;
  std::size_t uncommitted_ = 0;
  Clock::time_point last_commit_;
  bool given_up_ = false;
};

}  // namespace

Result<HuntOutcome> hunt(const HuntOptions& options, const EngineInputs& inputs, Channel* forge,
                         const EngineFacts& facts, Case& file, const std::string& detector_set,
                         const std::string& run_body, const std::atomic<bool>& interrupt,
                         const std::function<void(const HuntProgress&)>& progress) {
  return Supervisor(options, inputs, forge, facts, file, interrupt, progress).run(detector_set, run_body);
}

}  // namespace assay

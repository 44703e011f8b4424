// Frames over a local socket pair between supervisor, forge and workers: a type byte, a body, and at most one
// descriptor. What arrives is bounded and checked; a peer that sends nonsense is treated as gone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

enum class FrameType : std::uint8_t {
  facts = 'F',     // forge: the engine's facts
  worker = 'W',    // to the forge: fork a worker on the descriptor
  unit = 'U',      // to a worker: a unit, with the file's descriptor
  progress = 'P',  // from a worker: bytes and records since the last
  matches = 'M',   // from a worker: one chunk of the sorted run
  result = 'R',    // from a worker: the rest of the result; the unit is sealed
};

class Channel {
 public:
  Channel() = default;
  explicit Channel(int fd) : fd_(fd) {}
  ~Channel() { close(); }
  Channel(Channel&& other) noexcept : fd_(other.fd_), in_(std::move(other.in_)), passed_(other.passed_) {
    other.fd_ = -1;
    other.passed_ = -1;
  }
  Channel& operator=(Channel&& other) noexcept;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Two ends of a pair; false when the system refuses.
  [[nodiscard]] static bool pair(Channel& a, Channel& b);
  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }
  void close();
  int release();

  // Blocks until all is sent. False: the peer is gone.
  bool send(FrameType type, std::string_view body, int descriptor = -1);
  // Blocks for the next frame. False: the peer is gone. The caller owns `descriptor` (-1: none came).
  bool receive(FrameType& type, std::string& body, int& descriptor);
  // Takes what has arrived without blocking. False: the peer is gone.
  bool pump();
  // The next whole frame of what has arrived.
  bool next(FrameType& type, std::string& body);

 private:
  bool fill(bool block);
  int fd_ = -1;
  std::string in_;
  int passed_ = -1;
};

}  // namespace assay

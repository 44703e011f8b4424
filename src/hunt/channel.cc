#include "hunt/channel.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kHeader = 9;                             // type, length
constexpr std::uint64_t kFrameLimit = std::uint64_t{1} << 32;  // a longer frame is nonsense

}  // namespace

Channel& Channel::operator=(Channel&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    in_ = std::move(other.in_);
    passed_ = std::exchange(other.passed_, -1);
  }
  return *this;
}

bool Channel::pair(Channel& a, Channel& b) {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) return false;
  a = Channel(fds[0]);
  b = Channel(fds[1]);
  return true;
}

void Channel::close() {
  if (fd_ >= 0) ::close(fd_);
  if (passed_ >= 0) ::close(passed_);
  fd_ = passed_ = -1;
}

int Channel::release() { return std::exchange(fd_, -1); }

bool Channel::send(FrameType type, std::string_view body, int descriptor) {
  std::string frame(kHeader, '\0');
  frame[0] = static_cast<char>(type);
  for (std::size_t i = 0; i < 8; ++i) frame[1 + i] = static_cast<char>(body.size() >> (8 * i) & 255);
  frame += body;
  std::size_t sent = 0;
  while (sent < frame.size()) {
    iovec part{frame.data() + sent, frame.size() - sent};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    if (descriptor >= 0 && sent == 0) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* const header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int));
      std::memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    const ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

bool Channel::fill(bool block) {
  std::array<char, 65536> buffer;
  iovec part{buffer.data(), buffer.size()};
  while (true) {
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(fd_, &message, MSG_CMSG_CLOEXEC | (block ? 0 : MSG_DONTWAIT));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (n <= 0) return false;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        if (passed_ >= 0) ::close(passed_);
        std::memcpy(&passed_, CMSG_DATA(header), sizeof(int));
      }
    }
    in_.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
  }
}

bool Channel::pump() { return fill(false); }

bool Channel::next(FrameType& type, std::string& body) {
  if (in_.size() < kHeader) return false;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < 8; ++i)
    size |= static_cast<std::uint64_t>(static_cast<unsigned char>(in_[1 + i])) << (8 * i);
  if (size > kFrameLimit) {
    close();
    in_.clear();
    return false;
  }
  if (in_.size() < kHeader + size) return false;
  type = static_cast<FrameType>(in_[0]);
  body.assign(in_, kHeader, static_cast<std::size_t>(size));
  in_.erase(0, kHeader + static_cast<std::size_t>(size));
  return true;
}

bool Channel::receive(FrameType& type, std::string& body, int& descriptor) {
  while (!next(type, body)) {
    if (fd_ < 0 || !fill(true)) return false;
  }
  descriptor = std::exchange(passed_, -1);
  return true;
}

}  // namespace assay

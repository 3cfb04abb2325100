#pragma once

#include "core/base/fd.hpp"
#include "tests/support/limits.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace pier::apps {

/// A TCP client that sends exactly the bytes it is given.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }

  [[nodiscard]] bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// Reads what there is, waiting at most `limit` for the first byte. False at the end or after the limit.
  bool read_some(std::chrono::milliseconds limit = test::k_hang_limit) {
    pollfd entry{fd_.get(), POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(limit.count())) != 1) {
      return false;
    }
    char buffer[65536];
    const auto count = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    received.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  bool read_until(std::string_view text, std::chrono::milliseconds limit = test::k_hang_limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (received.find(text) == std::string::npos) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !read_some(left)) {
        return received.find(text) != std::string::npos;
      }
    }
    return true;
  }

  /// Everything until the peer closes.
  std::string read_all(std::chrono::milliseconds limit = test::k_hang_limit) {
    while (read_some(limit)) {
    }
    return received;
  }

  /// One response with Content-Length; what follows stays in `received`.
  std::string read_response() {
    if (!read_until("\r\n\r\n")) {
      return received;
    }
    const auto head = received.find("\r\n\r\n") + 4;
    std::size_t length = 0;
    if (const auto at = received.find("Content-Length: "); at != std::string::npos && at < head) {
      length = std::stoul(received.substr(at + 16));
    }
    while (received.size() < head + length && read_some()) {
    }
    auto response = received.substr(0, head + length);
    received.erase(0, head + length);
    return response;
  }

  [[nodiscard]] bool ended() const { return ended_; }

  [[nodiscard]] int fd() const { return fd_.get(); }

  void close() { fd_.reset(); }

  std::string received;

 private:
  UniqueFd fd_;
  bool connected_ = false;
  bool ended_ = false;
};

inline std::string body_of(const std::string& response) {
  const auto at = response.find("\r\n\r\n");
  return at == std::string::npos ? std::string() : response.substr(at + 4);
}

inline int status_of(const std::string& response) {
  return response.size() > 12 ? std::stoi(response.substr(9, 3)) : 0;
}

} // namespace pier::apps

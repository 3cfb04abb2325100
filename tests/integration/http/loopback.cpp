#include "loopback.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace pier::http::testing {

RawConnection::RawConnection(std::uint16_t port)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  // A test that would wait for ever fails instead.
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      return; // the server closed: the test sees it when it reads
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void RawConnection::end_sending() {
  ::shutdown(fd_.get(), SHUT_WR);
}

bool RawConnection::fill() {
  char bytes[64 * 1024];
  const auto count = ::recv(fd_.get(), bytes, sizeof bytes, 0);
  if (count > 0) {
    buffer_.append(bytes, static_cast<std::size_t>(count));
  }
  return count > 0;
}

RawResponse RawConnection::receive(bool is_head) {
  RawResponse response;
  std::size_t end = buffer_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!fill()) {
      return response;
    }
    end = buffer_.find("\r\n\r\n");
  }
  response.head = buffer_.substr(0, end + 2);
  buffer_.erase(0, end + 4);
  response.status = std::atoi(response.head.c_str() + std::string_view("HTTP/1.1 ").size());
  const auto length_at = response.head.find("Content-Length: ");
  const auto length = is_head || length_at == std::string::npos
                          ? 0
                          : std::strtoull(response.head.c_str() + length_at + 16, nullptr, 10);
  while (buffer_.size() < length && fill()) {
  }
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

std::string RawConnection::receive_all() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

RawResponse RawConnection::request(std::string_view bytes) {
  send(bytes);
  return receive();
}

} // namespace pier::http::testing

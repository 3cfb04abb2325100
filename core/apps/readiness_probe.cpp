#include "core/apps/readiness_probe.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace pier::apps {
namespace {

constexpr std::string_view k_question = "HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: pier-readiness\r\n"
                                        "Connection: close\r\n\r\n";
constexpr auto k_answer_within = std::chrono::seconds(10);
constexpr auto k_longest_pause = std::chrono::milliseconds(50);

} // namespace

bool ReadinessProbe::step(Time now) {
  if (!socket_) {
    if (now < next_) {
      return false;
    }
    // Connecting on loopback ends at once, one way or the other.
    if (!connect(false) && !connect(true)) {
      retry(now);
      return false;
    }
    [[maybe_unused]] const auto sent =
        ::send(socket_.get(), k_question.data(), k_question.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    give_up_ = now + k_answer_within;
    next_ = give_up_;
  }
  std::array<char, 16> answer{};
  const auto count = ::recv(socket_.get(), answer.data(), answer.size(), MSG_DONTWAIT);
  if (count > 0 && std::string_view(answer.data(), static_cast<std::size_t>(count)).starts_with("HTTP/")) {
    socket_.reset();
    return true;
  }
  if (count >= 0 || errno != EAGAIN || now >= give_up_) {
    retry(now);
  }
  return false;
}

bool ReadinessProbe::connect(bool ipv6) {
  socket_.reset(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port_);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port_);
  v6.sin6_addr = in6addr_loopback;
  const int connected = ipv6 ? ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&v6), sizeof v6)
                             : ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
  if (connected != 0) {
    socket_.reset();
  }
  return connected == 0;
}

void ReadinessProbe::retry(Time now) {
  socket_.reset();
  // Every few milliseconds at first: the first request of a woken app waits for this.
  next_ = now + std::min<std::chrono::milliseconds>(std::chrono::milliseconds(2 + tries_ / 20), k_longest_pause);
  ++tries_;
}

} // namespace pier::apps

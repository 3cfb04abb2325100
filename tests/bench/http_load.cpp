// A small load generator and a bare server, for honest figures: a client in Python costs more than what it measures.
//
//   http_load get HOST PORT CONNECTIONS SECONDS < REQUEST    keep-alive; prints {"rps", "p50_us", "p99_us", "max_us"}
//   http_load serve BYTES                                    prints its port, answers every request with that many
//   bytes
//
// The request is sent as it stands, so head and body cost nothing to build. Answers need a Content-Length.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

/// Bytes of the whole message (head and body) at the beginning of `bytes`; 0 when the head is not complete.
std::size_t message_size(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) {
    return 0;
  }
  for (const char* name : {"\r\nContent-Length:", "\r\ncontent-length:"}) {
    const auto at = bytes.find(name);
    if (at < end) {
      return end + 4 + std::strtoul(bytes.c_str() + at + std::strlen(name), nullptr, 10);
    }
  }
  return end + 4;
}

void send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0) {
      fail("send");
    }
    sent += static_cast<std::size_t>(count);
  }
}

/// Reads once; false when the peer has closed.
bool receive(int fd, std::string& into) {
  static std::vector<char> buffer(256 * 1024);
  const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (count <= 0) {
    return false;
  }
  into.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

sockaddr_in address_of(const char* host, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

void no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct Connection {
  std::string answer;
  Clock::time_point begin;
};

int get(const char* host, int port, int connections, double seconds) {
  const std::string request(std::istreambuf_iterator<char>(std::cin), {});
  const auto address = address_of(host, port);
  const int poll = ::epoll_create1(0);
  std::map<int, Connection> open;
  for (int i = 0; i < connections; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      fail("connect");
    }
    no_delay(fd);
    epoll_event event{EPOLLIN, {.fd = fd}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    open[fd].begin = Clock::now();
    send_all(fd, request);
  }
  std::vector<double> times;
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (auto now = begin; now < end;) {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll, events, 64, 1000);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      auto& one = open[fd];
      if (!receive(fd, one.answer)) {
        fail("the server closed the connection");
      }
      const auto size = message_size(one.answer);
      if (size == 0 || one.answer.size() < size) {
        continue;
      }
      if (one.answer.compare(9, 1, "2") != 0) {
        std::fprintf(stderr, "%s\n", one.answer.substr(0, 400).c_str());
        return 1;
      }
      now = Clock::now();
      times.push_back(std::chrono::duration<double, std::micro>(now - one.begin).count());
      one.answer.clear();
      one.begin = now;
      send_all(fd, request);
    }
  }
  if (times.empty()) {
    std::fprintf(stderr, "no answer\n");
    return 1;
  }
  const auto elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  std::sort(times.begin(), times.end());
  std::printf("{\"rps\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}\n",
              static_cast<double>(times.size()) / elapsed, times[times.size() / 2], times[times.size() * 99 / 100],
              times.back());
  return 0;
}

int serve(std::size_t bytes) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n" +
      std::string(bytes, 'x');
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  auto address = address_of("127.0.0.1", 0);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener, 128) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("listen");
  }
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  const int poll = ::epoll_create1(0);
  epoll_event event{EPOLLIN, {.fd = listener}};
  ::epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::map<int, std::string> open;
  while (true) {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll, events, 64, -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (fd == listener) {
        const int client = ::accept(listener, nullptr, nullptr);
        no_delay(client);
        epoll_event added{EPOLLIN, {.fd = client}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, client, &added);
        continue;
      }
      auto& request = open[fd];
      if (!receive(fd, request)) {
        open.erase(fd);
        ::close(fd);
        continue;
      }
      if (const auto whole = message_size(request); whole != 0 && request.size() >= whole) {
        request.clear();
        send_all(fd, answer);
      }
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "get" && argc == 6) {
    return get(argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atof(argv[5]));
  }
  if (mode == "serve" && argc == 3) {
    return serve(std::strtoul(argv[2], nullptr, 10));
  }
  std::fprintf(stderr, "usage: http_load get HOST PORT CONNECTIONS SECONDS | serve BYTES\n");
  return 2;
}
